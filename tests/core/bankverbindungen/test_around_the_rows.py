"""Accounts around their table: creates that nobody answered, refusals, crowds, directions, what is kept, numbers."""

from dataclasses import replace

import pytest

from syncapp.core.bankverbindungen.fields import ACCOUNT_FIELDS, entry_of
from syncapp.core.bankverbindungen.shapes import Account, BankChange, BankEntry, BankKeep, Keeper, Kept
from syncapp.core.child_lists import answers
from syncapp.core.child_lists.fields import resolved
from syncapp.core.child_lists.shapes import (
    AliasOf,
    CaseCode,
    DeclinedValue,
    LinkState,
    ListStop,
    PairLink,
    PendingCreate,
)
from syncapp.core.parts import Around, Direction
from syncapp.core.sides import Side
from syncapp.core.spelling.iban import LENGTHS, found_by_iban, is_valid, masked
from tests.core.bankverbindungen.test_rows import OTHER, each, kept, paired, unreadable
from tests.core.bankverbindungen.world import A, B, C, World

KEY = b"a key of the test"


def stands(world: World, link: PairLink[Kept], iban: str) -> bool:
    """Whether a pair's bases are this account, on both sides."""
    keeper, account = world.facts.keeper, Account(iban)
    bases = (link.base_espo, link.base_advo)
    return all(base is not None and keeper.same(base, account, frozenset({"iban"})) for base in bases)


# --- creates in EspoCRM that nobody answered


@pytest.mark.parametrize("has_number", [True, False])
@each
def test_a_create_in_espocrm_is_adopted(how: BankKeep, has_number: bool) -> None:
    """By the entry's number, else by the IBAN; what was sent is the base, so that an edit since is seen as one."""
    world = kept(how)
    number = world.entry(A, bankname="Sandbank")
    world.run({0: "lost"})
    (espo_id,) = world.items
    world.items[espo_id] = replace(world.items[espo_id], entry_number=number if has_number else None)
    world.edit_entry(number, bankname="Neue Bank")
    world.run()
    assert world.rows() == [(8, "put_item")]
    assert [(link.espo_id, link.entry_id, link.pending) for link in world.links] == [(espo_id, number, None)]
    assert stands(world, world.links[0], A)
    assert world.items[espo_id].account.bankname == "Neue Bank"
    assert world.is_still()


@each
def test_a_create_in_espocrm_is_found_by_its_number_though_the_account_was_edited(how: BankKeep) -> None:
    world = kept(how)
    number = world.entry(A)
    world.run({0: "lost"})
    (espo_id,) = world.items
    world.edit_item(espo_id, iban=C)
    world.run()
    assert (world.rows(), world.cases()) == ([], [(7, "change_in_advoware")])
    assert [(link.espo_id, link.entry_id) for link in world.links] == [(espo_id, number)]


@each
def test_an_older_item_is_not_taken_for_the_create_of_another_account(how: BankKeep) -> None:
    world = kept(how)
    old = world.item(B)
    number = world.entry(A)
    world.run({0: "lost", 1: "late"})
    world.items[old] = replace(world.items[old], entry_number=number)
    world.late = []
    world.run()
    assert world.rows() == [(5, "create_item")]
    assert world.is_still()
    assert {link.espo_id for link in world.links if link.entry_id == number} == set(world.items) - {old}


@each
def test_a_create_in_espocrm_that_never_arrived_is_planned_anew(how: BankKeep) -> None:
    world = kept(how)
    numbers = {world.entry(A), world.entry(B)}
    world.run({0: "late", 1: "late"})
    world.late = []
    world.run()
    assert world.rows() == [(5, "create_item")] * 2
    assert {link.entry_id for link in world.links} == numbers
    assert world.is_still()


@each
def test_an_adopted_post_has_what_was_sent_as_its_base(how: BankKeep) -> None:
    """Row 13: both sides were edited since, and nobody overwrites either."""
    world = kept(how)
    espo_id = world.item(A)
    world.run({0: "lost"})
    (number,) = world.entries
    world.edit_item(espo_id, bankname="hier")
    world.edit_entry(number, bankname="dort")
    world.run()
    assert (world.rows(), world.cases()) == ([], [(9, "conflict")])
    assert stands(world, world.links[0], A)


@each
def test_a_post_is_not_adopted_by_what_was_there_before(how: BankKeep) -> None:
    world = kept(how)
    world.entry(A)
    world.run()
    second = world.item(B)
    seen = tuple(str(number) for number in world.entries)
    sent = PendingCreate(Side.advoware, world.facts.keeper.keep(Account(B)), seen)
    number = world.entry(C)
    world.links = (*world.links, PairLink(second, None, pending=sent))
    world.run()
    assert (13, "outcome_unknown") in world.cases()
    assert number in {link.entry_id for link in world.links}


# --- refusals


@each
def test_row_5_what_espocrm_refused_is_not_sent_again_until_it_changes(how: BankKeep) -> None:
    world = kept(how)
    refused, other = world.entry(A, bankname="<b>"), world.entry(B)
    world.run({0: "refused"})
    assert world.cases() == []
    assert world.is_still()
    (case,) = world.plans[-1].cases
    assert (case.code, case.row, case.espo_id, case.entry_id) == (CaseCode.refused, 5, None, refused)
    assert case.params == {"by": "espocrm", "field": "", "account": "DE…3000"}
    assert world.is_still()
    assert {link.entry_id for link in world.links if link.is_pair} == {other}
    world.edit_entry(refused, bankname="Sandbank")
    world.run()
    assert world.rows() == [(5, "create_item")]
    assert world.is_still()
    assert world.cases() == []


@each
def test_row_2_what_advoware_refused_is_not_sent_again_until_it_changes(how: BankKeep) -> None:
    world = kept(how)
    espo_id = world.item(A)
    world.run({0: "refused"})
    assert world.is_still()
    (case,) = world.plans[-1].cases
    assert (case.code, case.row, case.espo_id) == (CaseCode.refused, 2, espo_id)
    assert case.params == {"by": "advoware", "field": "", "account": "DE…3000"}
    assert world.plans[-1].states == {espo_id: "failed"}
    world.edit_item(espo_id, kontoinhaber="K. Müller")
    world.run()
    assert world.rows() == [(2, "post_entry")]
    assert world.is_still()


@each
def test_a_refused_one_is_forgotten_once_both_sides_are_equal(how: BankKeep) -> None:
    world = kept(how)
    espo_id, number = paired(world)
    world.edit_entry(number, bankname="neu")
    world.run({0: "refused"})
    assert world.is_still()
    assert world.cases() == [(8, "refused")]
    world.edit_item(espo_id, bankname="neu")
    world.run()
    assert (world.cases(), world.links[0].refused) == ([], None)


# --- crowds and directions


@each
def test_more_than_a_handful_of_new_ones_wait(how: BankKeep) -> None:
    world = kept(how)
    world.policy = replace(world.policy, max_posts=2)
    items = [world.item(iban) for iban in (A, B, C, OTHER)]
    world.run()
    assert world.rows() == [(2, "post_entry")] * 2
    waiting = [(case.code, case.row, case.espo_id) for case in world.plans[-1].cases]
    assert waiting == [(CaseCode.waiting, 2, items[2]), (CaseCode.waiting, 2, items[3])]
    assert [case.params for case in world.plans[-1].cases] == [{"espo": "AT…3201"}, {"espo": "DE…5678"}]
    assert world.is_still()
    world.people_say_carry()
    world.run()
    assert world.rows() == [(2, "post_entry")] * 2
    assert world.is_still()


@pytest.mark.parametrize("wait", [Direction.to_espocrm, Direction.to_advoware])
@each
def test_what_a_direction_leaves_follows(how: BankKeep, wait: Direction) -> None:
    world = kept(how)
    world.policy = replace(world.policy, change=BankChange.post)
    changed, _ = paired(world)
    taken, gone = (world.item(iban) for iban in (B, C))
    numbers = {gone: world.entry(C), taken: world.entry(B)}
    world.run()
    world.direction = wait
    world.edit_item(changed, iban=OTHER)
    world.edit_entry(numbers[taken], bankname="neu")
    del world.entries[numbers[gone]]
    world.run()
    world.run()
    to_advoware = wait is Direction.to_advoware
    owed = {(row, code) for row, code in world.mentions() if code == "owed"}
    assert owed == ({(8, "owed"), (11, "owed")} if to_advoware else {(7, "owed")})
    assert world.plans[-1].owed
    world.direction = Direction.both
    world.run()
    assert world.is_still()
    assert world.items[gone].aktiv is False
    assert world.items[taken].account.bankname == "neu"


@each
def test_a_permitted_one_waits_for_its_direction(how: BankKeep) -> None:
    blind = unreadable(how)
    espo_id = blind.item(A)
    blind.links = answers.allow_post((), espo_id=espo_id)
    blind.direction = Direction.to_espocrm
    assert blind.is_still()
    assert blind.mentions() == [(3, "owed")]
    blind.direction = Direction.both
    blind.run()
    assert blind.rows() == [(3, "post_entry")]


@pytest.mark.parametrize("has_number", [True, False])
@each
def test_row_3_after_a_lost_database_nothing_is_sent_blindly(how: BankKeep, has_number: bool) -> None:
    """Though the setting allows it: what was sent before would be sent a second time."""
    blind = unreadable(how)
    blind.policy = replace(blind.policy, blind_post=True)
    espo_id = blind.item(A)
    blind.run()
    (number,) = blind.entries
    blind.items[espo_id] = replace(blind.items[espo_id], entry_number=number if has_number else None)
    blind.links = ()
    blind.facts = replace(blind.facts, first_load=not has_number)
    blind.run()
    assert (blind.rows(), blind.cases()) == ([], [(3, "assumed_known")])
    blind.facts = replace(blind.facts, first_load=False)
    assert blind.is_still()
    assert blind.cases() == [(3, "assumed_known")]
    blind.links = answers.done_by_hand(blind.links, espo_id=espo_id, value=blind.facts.keeper.keep(Account(A)))
    assert blind.is_still()
    assert (blind.cases(), len(blind.entries)) == ([], 1)


# --- one side has lost it


@each
def test_row_11_changed_meanwhile_it_is_sent_as_a_new_one(how: BankKeep) -> None:
    world = kept(how)
    espo_id, number = paired(world)
    world.item(B)
    world.run()
    del world.entries[number]
    world.run()
    world.edit_item(espo_id, iban=C)
    world.run()
    assert world.rows() == [(2, "post_entry")]
    (report,) = (one for one in world.plans[-1].reports if one.code == "sent_as_new")
    assert (report.row, report.espo_id, report.params) == (11, espo_id, {"account": "AT…3201"})
    assert world.is_still()


@each
def test_after_it_was_gone_an_entry_that_is_back_is_matched_again(how: BankKeep) -> None:
    world = kept(how)
    espo_id, number = paired(world)
    other, _ = world.item(B), world.entry(B)
    world.run()
    gone = world.entries.pop(number)
    world.run()
    world.run()
    assert world.items[espo_id].aktiv is False
    world.entries[number] = gone
    world.edit_item(espo_id, aktiv=True)
    world.run()
    assert world.rows() == []
    assert {(link.espo_id, link.entry_id, link.state) for link in world.links} >= {(espo_id, number, LinkState.linked)}
    assert other in {link.espo_id for link in world.links}
    assert world.is_still()


@each
def test_gone_and_then_deleted_in_espocrm_leaves_nothing(how: BankKeep) -> None:
    world = kept(how)
    espo_id, number = paired(world)
    world.item(B)
    world.run()
    gone = world.entries.pop(number)
    world.run()
    world.run()
    del world.items[espo_id]
    assert world.is_still()
    assert espo_id not in {link.espo_id for link in world.links}
    world.entries[number] = gone
    world.run()
    assert world.rows() == [(5, "create_item")]


@each
def test_an_alias_that_takes_the_place_of_a_gone_entry_keeps_its_own_base(how: BankKeep) -> None:
    world = kept(how)
    espo_id, number = paired(world)
    second = world.entry(A, bankname="dort")
    world.run()
    del world.entries[number]
    world.run()
    world.run()
    (link,) = world.links
    assert (link.espo_id, link.entry_id, link.missing) == (espo_id, second, False)
    assert link.base_advo is not None
    assert world.facts.keeper.same(link.base_advo, world.entries[second].account, world.facts.carried)


@each
def test_an_inactive_double_does_not_take_the_place_of_its_item(how: BankKeep) -> None:
    world = kept(how)
    espo_id, _ = paired(world)
    double = world.item(A)
    world.run()
    world.edit_item(double, aktiv=False)
    del world.items[espo_id]
    world.run()
    assert world.cases() == [(10, "delete_in_advoware")]


@each
def test_a_double_without_a_list_is_one_while_its_pair_has_the_iban(how: BankKeep) -> None:
    blind = unreadable(how)
    espo_id = blind.item(A)
    blind.links = answers.done_by_hand((), espo_id=espo_id, value=blind.facts.keeper.keep(Account(A)))
    double = blind.item(A)
    assert blind.is_still()
    assert blind.is_still()
    assert blind.cases() == [(6, "double")]
    assert {(link.espo_id, link.alias_of) for link in blind.links} == {(espo_id, None), (double, AliasOf.item)}
    blind.edit_item(espo_id, iban=C)
    blind.run()
    assert {code for _row, code in blind.cases()} == {"change_in_advoware", "allow_post"}


@each
def test_a_double_in_advoware_that_is_edited_is_new(how: BankKeep) -> None:
    world = kept(how)
    paired(world)
    second = world.entry(A)
    world.run()
    world.edit_entry(second, iban=B)
    world.run()
    assert world.rows() == [(5, "create_item")]
    assert world.is_still()
    assert world.cases() == []


# --- matching


@each
def test_row_1_of_two_items_the_one_in_use_is_matched(how: BankKeep) -> None:
    world = kept(how)
    world.item(A, aktiv=False)
    used = world.item(A)
    lone = world.item(C)
    number, second = world.entry(A), world.entry(B)
    world.run()
    assert {(link.espo_id, link.entry_id) for link in world.links if link.is_pair} >= {(used, number)}
    assert world.rows() == [(2, "post_entry"), (5, "create_item")]
    assert {lone} <= {link.espo_id for link in world.links}
    assert second in {link.entry_id for link in world.links}


# --- lists and numbers


def test_a_missing_list_stops_this_list_and_keeps_every_link() -> None:
    world = kept(BankKeep.plain)
    paired(world)
    from syncapp.core.bankverbindungen.plan import BankSnapshot

    for items, entries in ((None, tuple(world.entries.values())), (tuple(world.items.values()), None)):
        made = BankSnapshot(items, entries, world.facts, world.links).plan(Around())
        assert (made.name, made.stopped, made.owed) == ("bankverbindungen", ListStop.missing_list, True)
        assert made.kept == world.links


def test_a_list_that_shrinks_at_once_is_looked_at_twice() -> None:
    world = kept(BankKeep.plain)
    paired(world)
    world.entries = {}
    made = world.run()
    assert (made.name, made.stopped, made.owed) == ("bankverbindungen", ListStop.shrunk_list, True)


@each
def test_entries_without_a_number_of_their_own(how: BankKeep) -> None:
    """A number below zero, which EspoCRM is never told."""
    world = kept(how)
    number = world.facts.keeper.number(Account(A), {})
    world.entries[number] = BankEntry(number, Account(A))
    made = world.run()
    assert number < 0
    assert "entry_number" not in made.operations[0].values
    assert world.is_still()


def test_entries_with_neither_number_nor_iban_stay_apart_and_are_each_told() -> None:
    """By all that they say, in whatever order; none of it can be read from the number."""
    keeper, names = Keeper(KEY), resolved(ACCOUNT_FIELDS)
    raws = [{"konto": "4711", "blz": "25050180"}, {"konto": "4712", "blz": "25050180"}]
    entries = [entry_of(None, raw, names, keeper=keeper) for raw in raws]
    again = entry_of(None, dict(reversed(raws[0].items())), names, keeper=keeper)
    assert again.id == entries[0].id != entries[1].id
    assert all(-(2**62) < entry.id < 0 for entry in entries)
    world = World(entries={entry.id: entry for entry in entries})
    world.run()
    assert (world.rows(), world.mentions()) == ([], [(5, "wrong_in_advoware")] * 2)


def test_a_number_from_the_iban_is_the_same_for_what_was_kept_of_it() -> None:
    keeper = Keeper(KEY)
    account, other = Account("DE89 3704 0044 0532 0130 00"), Account(B)
    assert keeper.number(account, {}) == keeper.number(Account(A), {}) != keeper.number(other, {})
    assert keeper.number(account, {}) < 0
    assert keeper.number(account, {}) > -(2**62)
    for how in BankKeep:
        assert keeper.number_of(keeper.keep(account, how)) == keeper.number(account, {})
    assert keeper.number_of(keeper.keep(Account(""))) == -1


def test_an_account_without_a_flag_is_created_without_one() -> None:
    world = kept(BankKeep.plain)
    world.facts = replace(world.facts, has_active=False)
    world.entry(A)
    assert "aktiv" not in world.run().operations[0].values


# --- what is kept


def test_all_values_of_a_link_become_hashes() -> None:
    plain, hashes = Keeper(KEY), Keeper(KEY, BankKeep.hash)
    one, two, three, four = (plain.keep(Account(iban)) for iban in (A, B, C, OTHER))
    link = PairLink(
        "i1",
        1,
        base_espo=one,
        base_advo=two,
        pending=PendingCreate(Side.advoware, three, ("7",)),
        refused=DeclinedValue(Side.espocrm, four),
    )
    sealed = hashes.resealed_link(link)
    assert sealed.pending is not None
    assert sealed.refused is not None
    found = (sealed.base_espo, sealed.base_advo, sealed.pending.sent, sealed.refused.value)
    assert found == tuple(hashes.keep(Account(iban)) for iban in (A, B, C, OTHER))
    assert (sealed.pending.at, sealed.pending.seen, sealed.refused.by) == (Side.advoware, ("7",), Side.espocrm)
    assert hashes.resealed_link(sealed) == sealed
    bare = PairLink[Kept]("i1", 1)
    assert hashes.resealed_link(bare) == bare


def test_what_is_kept_reads_back() -> None:
    kept_one = Keeper(KEY).keep(Account(A, bic="COBADEFF"))
    assert Kept.from_json(kept_one.to_json()) == kept_one
    assert Kept.from_json({"how": "hash", "tail": "x"}) == Kept(BankKeep.hash, "x")
    assert kept_one.value("nothing") == ""


# --- IBANs


@pytest.mark.parametrize("country, length", sorted(LENGTHS.items()))
def test_the_length_is_the_country_s(country: str, length: int) -> None:
    """Right check digits do not help an IBAN that is too long or too short for its country."""

    def made(size: int) -> str:
        account = "1" * (size - 4)
        digits = "".join(str(int(sign, 36)) for sign in f"{account}{country}00")
        return f"{country}{98 - int(digits) % 97:02d}{account}"

    assert is_valid(made(length))
    assert not is_valid(made(length - 1))
    assert not is_valid(made(length + 1))


def test_the_last_four_find_it() -> None:
    assert found_by_iban("DE89 3704 0044 0532 0130 00") == "iban3000"
    assert found_by_iban("de…3000") == "iban3000"
    assert masked("NO93 8601 1117 947") == "NO…7947"
    assert masked("NO93 8601 1117 94") == "…"


def test_a_head_office_is_its_eight_signs() -> None:
    assert Account(A, bic="COBADEFFXXX").normal("bic") == Account(A, bic="cobadeff").normal("bic")
    assert Account(A, bic="XXX").normal("bic") == "XXX"
