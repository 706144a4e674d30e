"""What people may answer to each case, and that each answer leads to a run that settles it and to one that is still."""

from dataclasses import replace

import pytest

from syncapp.core.adressen.shapes import Address, LetterBlock
from syncapp.core.adressen.sight import Sight
from syncapp.core.child_lists import answers
from syncapp.core.child_lists.decisions import (
    BY_HAND,
    EFFECTS,
    OFFERED,
    CaseAnswer,
    Decision,
    decided,
    offered,
    still_meant,
)
from syncapp.core.child_lists.shapes import HELD, AliasOf, CaseCode, LinkState, PairLink, PendingCreate
from syncapp.core.sides import Side
from tests.core.adressen.test_rows import HERE, paired
from tests.core.adressen.world import World
from tests.core.bankverbindungen import world as bank


def say(world: World, answer: CaseAnswer, *, number: int = 0) -> None:
    """A person answers the first case of the last plan, and the next run takes it up."""
    case = world.plans[-1].cases[0]
    sight = Sight(world.facts)
    said = Decision(case.code, answer, case.espo_id or "", case.entry_id or 0, number, case.params)
    world.links = decided(
        world.links,
        still_meant([said], world.plan().cases),
        items={item.espo_id: item.address for item in world.items.values()},
        entries={entry.id: sight.visible(world._read(entry)) for entry in world.entries.values()},
    )
    world.run()


def say_of_account(world: bank.World, answer: CaseAnswer, *, number: int = 0) -> None:
    case, keep = world.plans[-1].cases[0], world.facts.keeper.keep
    said = Decision(case.code, answer, case.espo_id or "", case.entry_id or 0, number, case.params)
    world.links = decided(
        world.links,
        still_meant([said], world.plan().cases),
        items={item.espo_id: keep(item.account) for item in world.items.values()},
        entries={entry.id: keep(entry.account) for entry in world.entries.values()},
    )
    world.run()


def test_every_case_says_what_it_offers_and_every_question_has_an_answer() -> None:
    assert set(OFFERED) == set(CaseCode)
    assert all(OFFERED[code] for code in HELD)


def test_every_effect_is_offered_and_what_is_offered_has_one() -> None:
    told = {(code, one) for table in (OFFERED, BY_HAND) for code, found in table.items() for one in found}
    assert {pair for pair in told if pair[1] is not CaseAnswer.noted} == set(EFFECTS)


def test_what_only_espocrm_knows_is_not_sent_as_a_new_entry() -> None:
    assert offered(CaseCode.change_in_advoware, row=12) == (CaseAnswer.as_new, CaseAnswer.noted)
    assert offered(CaseCode.change_in_advoware, row=13) == (CaseAnswer.noted,)
    assert offered(CaseCode.change_in_advoware, row=7, readable=False) == (CaseAnswer.done, CaseAnswer.noted)
    assert offered(CaseCode.letter_block, readable=False) == (CaseAnswer.done,)


# --- addresses


def similar() -> World:
    world = World()
    world.item("Hauptstr. 5", **HERE)
    world.entry("Hauptstr. 7", bemerkung="Hinterhaus", **HERE)
    world.run()
    return world


def test_the_same_keeps_both_spellings() -> None:
    world = similar()
    say(world, CaseAnswer.same)
    assert world.streets() == (["Hauptstr. 5"], ["Hauptstr. 7"])
    assert [(link.espo_id, link.entry_id) for link in world.links] == [("i1", 1)]
    assert (world.cases(), world.is_still()) == ([], True)


def test_the_same_takes_no_remark_from_either_side() -> None:
    world = similar()
    world.facts = replace(world.facts, carried=world.facts.carried | {"bemerkung"})
    world.edit_item("i1", bemerkung="Klingel links")
    say(world, CaseAnswer.same)
    assert world.items["i1"].address.bemerkung == "Klingel links"
    assert world.rows() == []


def test_the_same_and_espocrm_s_spelling_goes() -> None:
    world = similar()
    say(world, CaseAnswer.same_send)
    assert world.streets() == (["Hauptstr. 5"], ["Hauptstr. 5"])
    assert world.is_still()


@pytest.mark.parametrize("answer", [CaseAnswer.same, CaseAnswer.same_send])
def test_an_edit_after_the_answer_is_asked_about_anew(answer: CaseAnswer) -> None:
    """Else the clerk's new address counted as known to EspoCRM, or was written over, without a word."""
    world = similar()
    world.edit_entry(1, strasse="Hauptstr. 9")
    say(world, answer)
    assert world.streets() == (["Hauptstr. 5"], ["Hauptstr. 9"])
    assert world.cases() == [(2, "same_or_different")]
    say(world, CaseAnswer.same_send)
    assert world.streets() == (["Hauptstr. 5"], ["Hauptstr. 5"])
    assert world.is_still()


def test_different_carries_both() -> None:
    world = similar()
    say(world, CaseAnswer.different)
    assert world.rows() == [(3, "post_entry"), (4, "create_item")]
    assert world.is_still()


def test_an_answer_whose_side_has_gone_changes_nothing() -> None:
    world = similar()
    del world.entries[1]
    say(world, CaseAnswer.same)
    assert world.rows() == [(3, "post_entry")]


def lost_post() -> World:
    world = World()
    world.item("Wall 1", **HERE)
    world.run({0: "late"})
    world.run()
    assert world.cases() == [(22, "outcome_unknown")]
    return world


def test_it_is_there_under_the_number_that_was_found() -> None:
    world = lost_post()
    world.entry("Wall 1 a", **HERE)
    say(world, CaseAnswer.there, number=1)
    assert [(link.espo_id, link.entry_id, link.pending) for link in world.links] == [("i1", 1, None)]
    assert world.rows() == [(9, "put_item")]
    assert world.is_still()


def test_it_is_not_there_and_is_sent_again() -> None:
    world = lost_post()
    world.late.clear()
    say(world, CaseAnswer.not_there)
    assert world.rows() == [(3, "post_entry")]
    assert (world.is_still(), world.streets()) == (True, (["Wall 1"], ["Wall 1"]))


@pytest.mark.parametrize(
    "answer, street", [(CaseAnswer.keep_espocrm, "Hauptstr. 5"), (CaseAnswer.keep_advoware, "Allee 9")]
)
def test_one_side_is_kept_where_nobody_knows_who_changed(answer: CaseAnswer, street: str) -> None:
    world = World()
    espo_id = world.item("Hauptstr. 5", **HERE)
    world.entry("Allee 9", bemerkung=f"[ESPOCRM-ID:{espo_id}]", **HERE)
    world.run()
    assert world.cases() == [(1, "differs")]
    say(world, answer)
    assert world.streets() == ([street], [street])
    assert world.is_still()


def test_carry_carries_this_one_alone() -> None:
    world = World()
    world.policy = replace(world.policy, only_match=True)
    world.facts = replace(world.facts, first_load=True)
    world.item("Wall 1", **HERE)
    world.entry("Ring 3", **HERE)
    world.run()
    world.facts = replace(world.facts, first_load=False)
    assert [code for _, code in world.cases()] == ["waiting", "waiting"]
    say(world, CaseAnswer.carry)
    assert world.rows() == [(4, "create_item")]
    assert [code for _, code in world.cases()] == ["waiting"]


def test_as_a_new_entry_instead() -> None:
    world, espo_id, _number = paired()
    world.edit_item(espo_id, land="Österreich")
    world.run()
    say(world, CaseAnswer.as_new)
    assert ([act for _, act in world.rows()], world.cases()) == (["post_entry"], [(14, "delete_in_advoware")])
    assert world.is_still()


def test_a_checked_letter_block_is_not_asked_about_again() -> None:
    world, espo_id, number = paired()
    world.policy = replace(world.policy, letter_block=LetterBlock.keep)
    world.edit_entry(number, anschrift="An die Kanzlei")
    world.edit_item(espo_id, strasse="Wall 1")
    world.run()
    assert world.cases() == [(8, "letter_block")]
    say(world, CaseAnswer.done)
    assert (world.cases(), world.is_still()) == ([], True)


def test_noted_changes_no_link() -> None:
    links = (PairLink("i1", 1, Address("Wall 1"), Address("Wall 1")),)
    said = Decision(CaseCode.change_in_advoware, CaseAnswer.noted, "i1", 1)
    assert decided(links, [said], items={}, entries={}) == links


# --- accounts


def blind(**more: object) -> bank.World:
    world = bank.World()
    world.facts = replace(world.facts, readable=False)
    world.item(bank.A, **more)
    world.run()
    return world


def test_an_account_that_is_allowed_is_sent() -> None:
    world = blind()
    assert world.cases() == [(3, "allow_post")]
    say_of_account(world, CaseAnswer.allow)
    assert world.rows() == [(3, "post_entry")]
    assert world.is_still()


def test_an_old_account_that_is_known_is_not_sent() -> None:
    world = blind(is_old=True)
    assert world.cases() == [(3, "assumed_known")]
    say_of_account(world, CaseAnswer.known)
    assert (world.rows(), world.cases(), world.is_still()) == ([], [], True)


def test_an_old_account_that_advoware_lacks_is_sent() -> None:
    world = blind(is_old=True)
    say_of_account(world, CaseAnswer.allow)
    assert world.rows() == [(3, "post_entry")]


def known_and_edited() -> tuple[bank.World, str]:
    """An account that people say Advoware has, and whose number somebody has changed in EspoCRM since."""
    world = blind(is_old=True)
    say_of_account(world, CaseAnswer.known)
    espo_id = next(iter(world.items))
    world.edit_item(espo_id, iban=bank.B)
    world.run()
    return world, espo_id


def test_done_by_hand_says_nothing_of_an_edit_after_it() -> None:
    """Nobody can read Advoware's list: what is not told to people is never entered there."""
    world, espo_id = known_and_edited()
    world.edit_item(espo_id, iban=bank.C)
    say_of_account(world, CaseAnswer.done)
    assert world.cases() == [(7, "change_in_advoware")]
    say_of_account(world, CaseAnswer.done)
    assert (world.cases(), world.is_still()) == ([], True)


def test_a_change_and_a_deletion_by_hand_where_nobody_can_read_them() -> None:
    world, espo_id = known_and_edited()
    assert world.cases() == [(7, "change_in_advoware")]
    say_of_account(world, CaseAnswer.done)
    assert (world.cases(), world.is_still()) == ([], True)
    del world.items[espo_id]
    world.run()
    assert world.cases() == [(10, "delete_in_advoware")]
    say_of_account(world, CaseAnswer.done)
    assert (world.cases(), world.links) == ([], ())


def test_what_was_sent_blindly_and_stands_there_has_no_number() -> None:
    world = blind()
    world.links = (*world.links, PairLink(next(iter(world.items)), None, state=LinkState.allowed))
    world.run({0: "lost"})
    world.run()
    assert world.cases() == [(14, "outcome_unknown")]
    say_of_account(world, CaseAnswer.there)
    assert (world.cases(), world.is_still()) == ([], True)
    assert [(link.entry_id, link.pending) for link in world.links] == [(None, None)]


# --- a person names an entry, or a pair, that was tied otherwise


TIED = [
    PairLink("i9", 7),
    PairLink(None, 7, state=LinkState.tombstone),
    PairLink("i9", 7, state=LinkState.tombstone),
    PairLink("i9", 7, state=LinkState.gone),
    PairLink(None, 7, pending=PendingCreate(Side.espocrm, Address())),
    PairLink("i9", 7, alias_of=AliasOf.entry),
]


@pytest.mark.parametrize(
    "before", TIED, ids=lambda link: f"{link.espo_id} {link.state} {bool(link.pending)} {link.alias_of}"
)
def test_the_entry_that_people_name_is_tied_to_nothing_else(before: PairLink[Address]) -> None:
    """With both, the entry would be two things: a pair, and what waits to be deleted by hand."""
    post = PairLink("i1", None, pending=PendingCreate(Side.advoware, Address("Wall 1")))
    there = answers.it_is_there([before, post], espo_id="i1", entry_id=7)
    assert [(link.key, link.state, link.pending) for link in there] == [(("i1", 7), LinkState.linked, None)]
    same = answers.the_same([before], espo_id="i1", entry_id=7, espo=Address(), advo=Address())
    assert [(link.key, link.state) for link in same] == [(("i1", 7), LinkState.linked)]


def test_the_item_is_tied_to_nothing_else_and_what_must_not_come_back_does_not() -> None:
    links = [PairLink[Address]("i1", 3, state=LinkState.tombstone), PairLink[Address]("i1", 4), PairLink("i2", 5)]
    same = answers.the_same(links, espo_id="i1", entry_id=7, espo=Address(), advo=Address())
    assert [(link.key, link.state) for link in same] == [
        (("", 3), LinkState.tombstone),
        (("i2", 5), LinkState.linked),
        (("i1", 7), LinkState.linked),
    ]


def test_without_an_open_create_nothing_is_there() -> None:
    links = (PairLink[Address](None, 7, state=LinkState.tombstone),)
    assert answers.it_is_there(links, espo_id="i1", entry_id=7) == links
