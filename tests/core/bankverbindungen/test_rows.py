"""The decision table of bank accounts: each row by its number, kept in plain and kept as a hash alike."""

from dataclasses import replace

import pytest

from syncapp.core.bankverbindungen.shapes import BankChange, BankKeep, BankPolicy
from syncapp.core.child_lists import answers
from syncapp.core.child_lists.shapes import LinkState, ListStop
from syncapp.core.parts import Around, Direction
from tests.core.bankverbindungen.world import WRONG, A, B, C, World, bank_facts

# A further made-up account.
OTHER = "DE68210501700012345678"

each = pytest.mark.parametrize("how", list(BankKeep))


def kept(how: BankKeep) -> World:
    """A world in which Advoware's list can be read."""
    return World(facts=bank_facts(how))


def unreadable(how: BankKeep) -> World:
    return World(facts=bank_facts(how, readable=False))


def paired(world: World, **more: str) -> tuple[str, int]:
    espo_id, number = world.item(A, **more), world.entry(A, **more)
    world.run()
    return espo_id, number


@each
def test_row_1_match(how: BankKeep) -> None:
    world = kept(how)
    world.item("DE89 3704 0044 0532 0130 00", bankname="Commerzbank")
    world.entry(A.lower(), bankname="CoBa")
    world.run()
    assert (world.rows(), world.cases(), len(world.links)) == ([], [], 1)
    assert world.is_still()


@pytest.mark.parametrize("seen_between", [True, False])
@pytest.mark.parametrize("readable", [True, False])
@pytest.mark.parametrize("deleted", [True, False])
@each
def test_row_1_what_is_entered_again_takes_up_its_account(
    how: BankKeep, deleted: bool, readable: bool, seen_between: bool
) -> None:
    """One that was deleted, or put out of use, waits to be deleted in Advoware; a POST beside it would double it."""
    world = kept(how) if readable else unreadable(how)
    world.policy = replace(world.policy, blind_post=True)
    world.item(B)
    espo_id = world.item(A)
    world.run()
    assert len(world.entries) == 2
    if deleted:
        del world.items[espo_id]
    else:
        world.edit_item(espo_id, aktiv=False)
    if seen_between:
        world.run()
        assert world.cases() == [(10, "delete_in_advoware")]
    again = world.item("DE89 3704 0044 0532 0130 00")
    made = world.run()
    assert (world.rows(), made.removals) == ([], 0)
    assert world.cases() == ([] if deleted else [(6, "double")])
    assert (again, LinkState.linked) in {(link.espo_id, link.state) for link in world.links if link.is_pair}
    assert LinkState.tombstone not in {link.state for link in world.links}
    assert world.is_still()
    del world.items[again]
    world.run()
    assert world.cases() == [(10, "delete_in_advoware")]
    assert world.is_still()


@each
def test_row_1_what_is_out_of_use_takes_up_nothing(how: BankKeep) -> None:
    world = kept(how)
    espo_id, _number = paired(world)
    world.edit_item(espo_id, aktiv=False)
    world.item(A, aktiv=False)
    world.run()
    assert (world.rows(), world.cases()) == ([], [(10, "delete_in_advoware")])
    assert world.is_still()


@each
def test_row_1_entered_again_where_it_is_said_to_be_deleted_is_new(how: BankKeep) -> None:
    """Where nobody can read it, a task that was done says that Advoware has it no longer."""
    world = unreadable(how)
    world.policy = replace(world.policy, blind_post=True)
    espo_id = world.item(A)
    world.run()
    (link,) = world.links
    del world.items[espo_id]
    world.item(B)
    world.run()
    world.links = answers.deleted_by_hand(world.links, espo_id=espo_id, entry_id=link.entry_id or 0)
    world.item(A)
    world.run()
    assert world.rows() == [(3, "post_entry")]
    assert world.is_still()


@each
def test_row_2_post(how: BankKeep) -> None:
    world = kept(how)
    espo_id = world.item("DE89 3704 0044 0532 0130 00", bic="COBADEFF", kontoinhaber="K. Müller")
    made = world.run()
    assert world.rows() == [(2, "post_entry")]
    assert made.operations[0].values == {
        "iban": A,
        "bic": "COBADEFF",
        "kontoinhaber": "K. Müller",
        "bankname": "",
    }
    assert world.is_still()
    assert world.plans[-1].states == {espo_id: "clean"}


@pytest.mark.parametrize("iban, bic", [(WRONG, ""), (A, "KAPUTT"), (A[:-1], ""), ("DE", "")])
@each
def test_row_2_what_is_wrong_is_not_sent(how: BankKeep, iban: str, bic: str) -> None:
    world = kept(how)
    espo_id = world.item(iban, bic=bic)
    world.run()
    assert (world.rows(), world.cases()) == ([], [(2, "refused")])
    assert world.plans[-1].states == {espo_id: "failed"}
    assert world.is_still()
    world.edit_item(espo_id, iban=B, bic="")
    world.run()
    assert world.rows() == [(2, "post_entry")]


@each
def test_row_2_without_an_iban_it_is_named_and_not_sent(how: BankKeep) -> None:
    """Said of what is in use and holds anything; once the IBAN is there, it is an account like any other."""
    world = kept(how)
    espo_id = world.item("", bankname="Sandbank")
    world.item(" ", kontoinhaber=" ")
    world.item("", bankname="Alte Bank", aktiv=False)
    world.run()
    assert (world.rows(), world.cases(), world.mentions()) == ([], [], [(2, "only_in_espocrm")])
    assert world.plans[-1].reports[0].espo_id == espo_id
    assert world.is_still()
    world.edit_item(espo_id, iban=A)
    world.run()
    assert (world.rows(), world.mentions()) == ([(2, "post_entry")], [])
    world.edit_item(espo_id, iban="")
    world.run()  # the only account gone at once: a second look decides
    world.run()
    assert (world.cases(), world.mentions()) == ([(10, "delete_in_advoware")], [])


@each
def test_row_3_without_a_list_only_what_people_allow(how: BankKeep) -> None:
    blind = unreadable(how)
    new, old = blind.item(A), blind.item(B, is_old=True)
    blind.run()
    assert blind.rows() == []
    assert sorted(blind.cases()) == [(3, "allow_post"), (3, "assumed_known")]
    assert [(link.espo_id, link.state) for link in blind.links] == [(old, LinkState.assumed)]
    blind.links = answers.allow_post(blind.links, espo_id=new)
    blind.run()
    assert blind.rows() == [(3, "post_entry")]
    assert blind.is_still()
    assert blind.cases() == [(3, "assumed_known")]
    account = blind.facts.keeper.keep(blind.items[old].account)
    blind.links = answers.done_by_hand(blind.links, espo_id=old, value=account)
    assert blind.is_still()
    assert blind.cases() == []


@each
def test_row_3_by_setting(how: BankKeep) -> None:
    blind = unreadable(how)
    blind.policy = replace(blind.policy, blind_post=True)
    blind.item(A)
    blind.item(B, is_old=True)
    blind.run()
    assert blind.rows() == [(3, "post_entry")]
    assert blind.cases() == [(3, "assumed_known")]


@each
def test_row_3_what_the_first_look_finds_out_of_use_is_asked_about_once_it_is_used_again(how: BankKeep) -> None:
    """As after the loss of our database: it may stand in Advoware since it was in use before."""
    blind = unreadable(how)
    blind.policy = replace(blind.policy, blind_post=True)
    blind.facts = replace(blind.facts, first_load=True)
    found = blind.item(A, aktiv=False)
    blind.run()
    assert (blind.rows(), blind.cases()) == ([], [])
    blind.facts = replace(blind.facts, first_load=False)
    later = blind.item(B, aktiv=False)
    blind.run()
    assert [(link.espo_id, link.state) for link in blind.links] == [(found, LinkState.assumed)]
    blind.edit_item(found, aktiv=True)
    blind.edit_item(later, aktiv=True)
    blind.run()
    assert (blind.rows(), blind.cases()) == ([(3, "post_entry")], [(3, "assumed_known")])


@each
def test_row_3_an_answer_without_a_number_is_all_there_is(how: BankKeep) -> None:
    blind = unreadable(how)

    blind.policy = replace(blind.policy, blind_post=True)
    blind.item(A)
    operation = blind.plan().operations[0]
    link = answers.after_advoware(
        operation,
        entry_id=None,
        shown=None,
        row_id=None,
        same=lambda one, other: one == other,
        is_readable=False,
    )
    assert link == operation.done
    waiting = answers.after_advoware(
        operation, entry_id=None, shown=None, row_id=None, same=lambda one, other: one == other
    )
    assert waiting == operation.intent


@pytest.mark.parametrize("readable", [True, False])
@each
def test_row_2_what_advoware_did_not_take_is_told_while_it_differs(how: BankKeep, readable: bool) -> None:
    world = kept(how) if readable else unreadable(how)
    world.policy = replace(world.policy, blind_post=True)
    entry = world.entry
    world.entry = lambda iban, **more: entry(iban, **{**more, "kontoinhaber": more["kontoinhaber"][:5]})
    espo_id = world.item(A, kontoinhaber="Karl Müller")
    world.run()
    assert world.rows() == [(2 if readable else 3, "post_entry")]
    for _ in range(2):
        assert world.is_still()
        assert world.cases() == [(2, "not_taken")]
    world.edit_item(espo_id, kontoinhaber="Karl ")
    assert world.is_still()
    assert world.cases() == ([] if readable else [(7, "change_in_advoware")])


@each
def test_row_4_inactive(how: BankKeep) -> None:
    world = kept(how)
    world.item(A, aktiv=False)
    world.run()
    assert (world.rows(), world.cases(), world.links) == ([], [], ())


@each
def test_row_5_bring(how: BankKeep) -> None:
    world = kept(how)
    number = world.entry("DE89 3704 0044 0532 0130 00", bankname="Commerzbank", kontoinhaber="K. Müller")
    made = world.run()
    assert world.rows() == [(5, "create_item")]
    values = dict(made.operations[0].values)
    assert (values["iban"], values["name"], values["standard"]) == (A, "Commerzbank", False)
    assert values["entry_number"] == number
    assert world.is_still()


@pytest.mark.parametrize("iban", ["", WRONG, "12345678"])
@each
def test_row_5_what_espocrm_would_refuse_stays_there(how: BankKeep, iban: str) -> None:
    world = kept(how)
    world.entry(iban)
    world.run()
    assert (world.rows(), world.mentions()) == ([], [(5, "wrong_in_advoware")])


@each
def test_row_6_twice_on_one_side(how: BankKeep) -> None:
    world = kept(how)
    paired(world)
    world.entry(A)
    world.run()
    second = world.item(A)
    world.run()
    assert (world.rows(), world.cases()) == ([], [(6, "double"), (6, "double")])
    assert world.is_still()
    world.edit_item(second, iban=B)
    world.run()
    assert world.rows() == [(2, "post_entry")]
    assert world.is_still()


@each
def test_row_6_a_double_whose_pair_has_another_iban_is_an_account_of_its_own(how: BankKeep) -> None:
    """Of two entries with one IBAN the paired one is corrected: EspoCRM still needs both."""
    world = kept(how)
    espo_id, number = paired(world)
    second = world.entry(A)
    world.run()
    assert world.cases() == [(6, "double")]
    world.edit_entry(number, iban=B)
    world.run()
    assert (world.rows(), world.cases()) == ([(5, "create_item"), (8, "put_item")], [])
    assert world.is_still()
    assert world.items[espo_id].account.key == B
    assert {link.entry_id for link in world.links if link.is_pair} == {number, second}


@each
def test_row_6_a_double_of_espocrm_whose_pair_has_another_iban_is_sent(how: BankKeep) -> None:
    """Only once people have changed the pair's account in Advoware: until then that one has this IBAN."""
    world = kept(how)
    espo_id, number = paired(world)
    second = world.item(A)
    world.run()
    world.edit_item(espo_id, iban=B)
    world.run()
    assert (world.rows(), world.cases()) == ([], [(7, "change_in_advoware"), (6, "double")])
    assert world.is_still()
    world.edit_entry(number, iban=B)
    world.run()
    assert (world.rows(), world.cases()) == ([(2, "post_entry")], [])
    assert world.is_still()
    assert {link.espo_id for link in world.links if link.is_pair} == {espo_id, second}


@each
def test_row_6_a_double_of_what_is_replaced_waits_to_be_deleted_too(how: BankKeep) -> None:
    world = kept(how)
    world.policy = replace(world.policy, change=BankChange.post)
    espo_id, _number = paired(world)
    world.entry(A)
    world.run()
    world.edit_item(espo_id, iban=B)
    world.run()
    assert (world.rows(), world.cases()) == ([(7, "post_entry")], [(10, "delete_in_advoware")] * 2)
    assert world.is_still()


@each
def test_row_6_a_create_that_lands_after_it_was_repeated_is_a_double(how: BankKeep) -> None:
    world = kept(how)
    _, number = paired(world)
    twin = world.item(B)
    world.items[twin] = replace(world.items[twin], entry_number=number, is_ours=True)
    world.run()
    assert (world.rows(), world.cases()) == ([], [(6, "double")])
    assert world.is_still()
    world.edit_item(twin, iban=C)
    world.run()
    assert world.rows() == [(2, "post_entry")]


@pytest.mark.parametrize("side", ["item", "entry"])
@each
def test_row_6_new_ones_at_once_are_one_pair(how: BankKeep, side: str) -> None:
    world = kept(how)
    for _ in range(3):
        getattr(world, side)(A)
    world.run()
    assert (len(world.rows()), world.plans[-1].owed) == (1, True)
    assert world.is_still()
    assert world.cases() == [(6, "double"), (6, "double")]


@pytest.mark.parametrize("entry_too", [False, True])
@pytest.mark.parametrize("looks_between", [0, 1])
@each
def test_row_10_a_further_entry_of_a_deleted_account_does_not_bring_it_back(
    how: BankKeep, looks_between: int, entry_too: bool
) -> None:
    world = kept(how)
    espo_id, number = paired(world)
    other = world.item(B)
    second = world.entry(A)
    for _ in range(2):
        world.run()
    if entry_too:
        del world.entries[number]
    for _ in range(looks_between):
        world.run()
    del world.items[espo_id]
    for _ in range(3):
        world.run()
        assert world.rows() == []
    assert list(world.items) == [other]
    stones = {link.entry_id for link in world.links if link.state is LinkState.tombstone}
    assert stones == ({second} if entry_too else {number, second})
    assert set(world.cases()) == {(10, "delete_in_advoware")}
    assert world.is_still()


@pytest.mark.parametrize("deleted_by_hand", [False, True])
@each
def test_row_10_an_account_that_is_used_again_is_one_pair_whatever_entries_it_has(
    how: BankKeep, deleted_by_hand: bool
) -> None:
    """Each of its entries was a tombstone: two pairs of one item cannot be stored, and every run of it would fail."""
    world = kept(how)
    espo_id, number = paired(world)
    world.item(B)
    second = world.entry(A)
    world.run()
    world.edit_item(espo_id, aktiv=False)
    world.run()
    if deleted_by_hand:
        del world.entries[number]
        world.run()
        world.run()
    world.edit_item(espo_id, aktiv=True)
    world.run()
    assert world.rows() == []
    pairs = [link.entry_id for link in world.links if link.is_pair and link.espo_id == espo_id]
    assert pairs == [second if deleted_by_hand else number]
    assert world.cases() == ([] if deleted_by_hand else [(6, "double")])
    assert world.is_still()


@each
def test_row_6_an_alias_takes_the_place_of_its_item(how: BankKeep) -> None:
    world = kept(how)
    espo_id, number = paired(world)
    second = world.item(A)
    world.run()
    del world.items[espo_id]
    world.run()
    assert (world.rows(), world.cases()) == ([], [])
    assert [(link.espo_id, link.entry_id) for link in world.links] == [(second, number)]


@each
def test_row_6_an_alias_takes_the_place_of_its_entry(how: BankKeep) -> None:
    world = kept(how)
    espo_id, number = paired(world)
    second = world.entry(A)
    world.run()
    del world.entries[number]
    world.run()
    world.run()
    assert (world.rows(), world.cases()) == ([], [])
    assert [(link.espo_id, link.entry_id) for link in world.links] == [(espo_id, second)]


@each
def test_row_7_no_write_and_closes_by_itself(how: BankKeep) -> None:
    world = kept(how)
    espo_id, number = paired(world)
    world.edit_item(espo_id, iban=C)
    world.run()
    assert (world.rows(), world.cases()) == ([], [(7, "change_in_advoware")])
    assert world.plans[-1].cases[0].params == {"old": "DE…3000", "new": "AT…3201"}
    assert world.plans[-1].states == {espo_id: "unclean"}
    assert world.is_still()
    world.edit_entry(number, iban=C)
    world.run()
    assert (world.rows(), world.cases()) == ([], [])


@each
def test_row_7_post_by_setting(how: BankKeep) -> None:
    world = kept(how)
    espo_id, _ = paired(world)
    world.policy = replace(world.policy, change=BankChange.post)
    world.edit_item(espo_id, iban=C)
    world.run()
    assert (world.rows(), world.cases()) == ([(7, "post_entry")], [(10, "delete_in_advoware")])
    assert world.is_still()


@each
def test_row_7_one_iban_is_never_posted_twice(how: BankKeep) -> None:
    """Only what stands beside the IBAN was changed: a second account would be the same one again."""
    world = kept(how)
    espo_id, _ = paired(world)
    world.policy = replace(world.policy, change=BankChange.post)
    world.edit_item(espo_id, bankname="Andere Bank")
    world.run()
    assert (world.rows(), world.cases()) == ([], [(7, "change_in_advoware")])
    assert world.is_still()


@each
def test_row_7_a_wrong_one_is_refused(how: BankKeep) -> None:
    world = kept(how)
    espo_id, _ = paired(world)
    world.edit_item(espo_id, iban=WRONG)
    world.run()
    assert (world.rows(), world.cases()) == ([], [(7, "refused")])


@each
def test_row_7_without_a_list_people_say_done(how: BankKeep) -> None:
    blind = unreadable(how)
    blind.policy = replace(blind.policy, blind_post=True)
    espo_id = blind.item(A)
    blind.run()
    blind.edit_item(espo_id, iban=C)
    blind.run()
    assert (blind.rows(), blind.cases()) == ([], [(7, "change_in_advoware")])
    kept = blind.facts.keeper.keep(blind.items[espo_id].account)
    blind.links = answers.done_by_hand(blind.links, espo_id=espo_id, value=kept)
    assert blind.is_still()
    assert blind.cases() == []


@each
def test_row_7_two_replaced_without_a_list_are_two_tasks(how: BankKeep) -> None:
    """Each is told, and done, by itself, though nobody has read a number of either."""
    blind = unreadable(how)
    items = [blind.item(A), blind.item(B)]
    for espo_id in items:
        known = blind.facts.keeper.keep(blind.items[espo_id].account)
        blind.links = answers.done_by_hand(blind.links, espo_id=espo_id, value=known)
    assert blind.is_still()
    blind.policy = replace(blind.policy, change=BankChange.post)
    blind.edit_item(items[0], iban=C)
    blind.edit_item(items[1], iban=OTHER)
    blind.run()
    assert blind.rows() == [(7, "post_entry")] * 2
    assert sorted(case.params["account"] for case in blind.plans[-1].cases) == ["DE…2051", "DE…3000"]
    assert len({(case.espo_id, case.entry_id) for case in blind.plans[-1].cases}) == 2
    assert blind.is_still()
    first, second = blind.plans[-1].cases
    blind.links = answers.deleted_by_hand(blind.links, espo_id="", entry_id=first.entry_id or 0)
    assert blind.is_still()
    assert blind.plans[-1].cases == (second,)


@each
def test_what_was_known_before_the_list_could_be_read_is_found_in_it(how: BankKeep) -> None:
    """Nothing is doubled, ended or brought back on the day on which the list can be read."""
    blind = unreadable(how)
    items = [blind.item(A), blind.item(B)]
    for espo_id in items:
        known = blind.facts.keeper.keep(blind.items[espo_id].account)
        blind.links = answers.done_by_hand(blind.links, espo_id=espo_id, value=known)
    blind.policy = replace(blind.policy, change=BankChange.post)
    blind.entry(A)
    blind.entry(B)
    blind.edit_item(items[1], iban=C)
    blind.run()
    blind.facts = replace(blind.facts, readable=True)
    assert blind.is_still()
    assert (blind.mentions(), blind.cases()) == ([], [(10, "delete_in_advoware")])
    assert blind.is_still()
    assert all(link.entry_id in blind.entries for link in blind.links)
    assert (len(blind.items), len(blind.entries)) == (2, 3)


@each
def test_row_8_take(how: BankKeep) -> None:
    world = kept(how)
    espo_id, number = paired(world, bankname="Alt")
    world.edit_entry(number, bankname="Neu")
    world.run()
    assert (world.rows(), world.mentions()) == ([(8, "put_item")], [])
    assert world.plans[-1].operations[0].values == {"bankname": "Neu"}
    world.edit_entry(number, iban="AT61 1904 3002 3457 3201")
    world.run()
    assert (world.rows(), world.mentions()) == ([(8, "put_item")], [(8, "payment_changed")])
    assert world.plans[-1].reports[0].params == {"old": "DE…3000", "new": "AT…3201"}
    assert world.items[espo_id].account.iban == C
    assert world.is_still()


@each
def test_row_8_what_espocrm_would_refuse_is_not_sent(how: BankKeep) -> None:
    world = kept(how)
    _, number = paired(world)
    world.edit_entry(number, iban=WRONG)
    world.run()
    assert (world.rows(), world.cases()) == ([], [(8, "refused")])
    assert world.is_still()


@each
def test_row_8_refused_is_frozen(how: BankKeep) -> None:
    world = kept(how)
    _, number = paired(world)
    world.edit_entry(number, bankname="Neu")
    world.run({0: "refused"})
    assert world.is_still()
    assert world.cases() == [(8, "refused")]
    world.edit_entry(number, bankname="Neuer")
    world.run()
    assert world.rows() == [(8, "put_item")]


@each
def test_row_9_conflict(how: BankKeep) -> None:
    world = kept(how)
    espo_id, number = paired(world)
    world.edit_item(espo_id, iban=B)
    world.edit_entry(number, iban=C)
    world.run()
    assert (world.rows(), world.cases()) == ([], [(9, "conflict")])
    assert world.is_still()
    world.edit_item(espo_id, iban=C)
    world.run()
    assert (world.rows(), world.cases()) == ([], [])


@pytest.mark.parametrize("deleted", [True, False])
@each
def test_row_10_tombstone(how: BankKeep, deleted: bool) -> None:
    world = kept(how)
    espo_id, number = paired(world)
    world.item(B)
    world.run()
    if deleted:
        del world.items[espo_id]
    else:
        world.edit_item(espo_id, aktiv=False)
    world.run()
    assert (world.rows(), world.cases()) == ([], [(10, "delete_in_advoware")])
    assert world.plans[-1].removals == 1
    assert world.plans[-1].cases[0].params == {"account": "DE…3000"}
    assert world.is_still()
    assert world.plans[-1].removals == 0
    del world.entries[number]
    world.run()
    world.run()
    assert (world.rows(), world.cases()) == ([], [])


@each
def test_row_10_put_into_use_again(how: BankKeep) -> None:
    world = kept(how)
    espo_id, _ = paired(world)
    world.edit_item(espo_id, aktiv=False)
    world.run()
    world.edit_item(espo_id, aktiv=True)
    world.run()
    assert (world.rows(), world.cases()) == ([], [])


@each
def test_row_10_without_a_list(how: BankKeep) -> None:
    blind = unreadable(how)
    blind.policy = replace(blind.policy, blind_post=True)
    espo_id = blind.item(A)
    blind.run()
    blind.edit_item(espo_id, aktiv=False)
    assert blind.is_still()
    assert blind.cases() == [(10, "delete_in_advoware")]
    blind.links = answers.deleted_by_hand(blind.links, espo_id=espo_id, entry_id=blind.links[0].entry_id or 0)
    assert blind.is_still()
    assert blind.cases() == []


@each
def test_row_11_gone_at_the_second_look(how: BankKeep) -> None:
    world = kept(how)
    espo_id, number = paired(world)
    world.item(B)
    world.run()
    del world.entries[number]
    world.run()
    assert (world.rows(), world.mentions()) == ([], [(11, "seen_once")])
    world.run()
    assert (world.rows(), world.plans[-1].removals) == ([(11, "put_item")], 1)
    assert world.items[espo_id].aktiv is False
    assert world.is_still()
    world.edit_item(espo_id, aktiv=True)
    world.run()
    assert world.rows() == [(2, "post_entry")]
    assert world.is_still()


@each
def test_row_11_without_a_flag_people_are_told(how: BankKeep) -> None:
    world = kept(how)
    world.facts = replace(world.facts, has_active=False)
    _, number = paired(world)
    del world.entries[number]
    world.run()
    world.run()
    assert (world.rows(), world.cases()) == ([], [(11, "gone_in_advoware")])
    assert world.is_still()
    assert world.cases() == [(11, "gone_in_advoware")]


@each
def test_row_12_label_and_default_are_not_carried(how: BankKeep) -> None:
    world = kept(how)
    paired(world)
    sent = {name for plan in world.plans for one in plan.operations for name in one.values}
    assert sent == set()
    world.entry(B)
    made = world.run()
    assert {"name", "standard"} <= set(made.operations[0].values)


@each
def test_row_13_a_lost_answer_is_adopted(how: BankKeep) -> None:
    world = kept(how)
    espo_id = world.item(A)
    world.run({0: "lost"})
    assert world.is_still()
    assert [(link.espo_id, link.pending) for link in world.links] == [(espo_id, None)]


@each
def test_row_13_never_sent_again_by_itself(how: BankKeep) -> None:
    world = kept(how)
    espo_id = world.item(A)
    world.run({0: "late"})
    second = world.item(A)
    assert world.is_still()
    assert (13, "outcome_unknown") in world.cases()
    assert world.plans[-1].states == {espo_id: "failed", second: "unclean"}
    world.land_late()
    assert world.is_still()
    assert (6, "double") in world.cases()


@each
def test_row_14_without_a_list_people_say(how: BankKeep) -> None:
    blind = unreadable(how)
    blind.policy = replace(blind.policy, blind_post=True)
    espo_id = blind.item(A)
    blind.run({0: "lost"})
    assert blind.is_still()
    assert blind.cases() == [(14, "outcome_unknown")]
    blind.links = answers.not_there(blind.links, espo_id=espo_id)
    blind.run()
    assert blind.rows() == [(3, "post_entry")]


# --- around the table


@each
def test_a_lost_create_in_espocrm_is_found(how: BankKeep) -> None:
    world = kept(how)
    world.entry(A)
    world.run({0: "lost"})
    assert world.is_still()
    assert len(world.items) == 1


@pytest.mark.parametrize(
    "direction, stir, row",
    [
        (Direction.to_espocrm, "item", 2),
        (Direction.to_advoware, "entry", 5),
        (Direction.to_advoware, "changed", 8),
        (Direction.to_advoware, "gone", 11),
    ],
)
@each
def test_direction(how: BankKeep, direction: Direction, stir: str, row: int) -> None:
    world = kept(how)
    _, number = paired(world)
    if stir == "item":
        world.item(B)
    if stir == "entry":
        world.entry(B)
    if stir == "changed":
        world.edit_entry(number, bankname="Neu")
    if stir == "gone":
        del world.entries[number]
        world.run()
    world.direction = direction
    world.run()
    assert (world.rows(), world.plans[-1].owed) == ([], True)
    world.direction = Direction.both
    world.run()
    assert [each for each, _ in world.rows()] == [row]
    assert world.is_still()


@each
def test_a_missing_list_is_not_an_empty_one(how: BankKeep) -> None:
    world = kept(how)
    from syncapp.core.bankverbindungen.plan import BankSnapshot

    paired(world)
    for items, entries in ((None, ()), ((), None)):
        made = BankSnapshot(items, entries, world.facts, world.links).plan(Around())
        assert (made.stopped, made.links_before) == (ListStop.missing_list, world.links)


@each
def test_a_suddenly_empty_list_is_believed_at_the_second_look(how: BankKeep) -> None:
    world = kept(how)
    paired(world)
    world.entries = {}
    world.run()
    assert world.plans[-1].stopped is ListStop.shrunk_list
    world.run()
    assert world.rows() == [(11, "put_item")]


@each
def test_first_load_only_matches(how: BankKeep) -> None:
    world = kept(how)
    world.policy = BankPolicy(only_match=True)
    world.facts = replace(world.facts, first_load=True)
    world.item(A)
    world.entry(B)
    world.run()
    world.facts = replace(world.facts, first_load=False)
    assert world.is_still()
    assert world.cases() == [(5, "waiting"), (2, "waiting")]
    world.people_say_carry()
    world.run()
    assert len(world.rows()) == 2


@each
def test_a_lost_database_is_rebuilt_by_iban(how: BankKeep) -> None:
    world = kept(how)
    paired(world)
    world.item(B)
    world.run()
    world.links = ()
    assert world.is_still()
    assert len(world.links) == 2


@each
def test_nothing_that_is_told_shows_an_account(how: BankKeep) -> None:
    world = kept(how)
    espo_id, number = paired(world, kontoinhaber="Käthe Müller")
    world.edit_item(espo_id, iban=C)
    world.entry(B)
    world.item("GB82 WEST 1234 5698 7654 32")
    world.run()
    world.edit_entry(number, iban=B)
    world.run()
    for made in world.plans:
        told = f"{made!r} {[case.params for case in made.cases]} {[report.params for report in made.reports]}"
        for secret in (A, B, C, "123456987654", "Käthe", "3704"):
            assert secret not in told


@pytest.mark.parametrize("number", [None, 1])
def test_keeping_only_hashes(number: int | None) -> None:
    world = World()
    espo_id, _ = paired(world, kontoinhaber="Käthe Müller")
    sealing = bank_facts(BankKeep.hash)
    world.links = tuple(sealing.keeper.resealed_link(link) for link in world.links)
    world.facts = sealing
    stored = [link.base_espo.to_json() for link in world.links if link.base_espo]
    assert A not in str(stored)
    assert "käthe" not in str(stored)
    assert stored[0]["tail"] == "DE…3000"
    assert world.is_still()
    world.edit_item(espo_id, iban=C)
    world.run()
    assert world.cases() == [(7, "change_in_advoware")]
