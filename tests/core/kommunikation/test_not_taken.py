"""Advoware answers a write with a good status and keeps another value than it was sent.

What was carried nowhere is not taken for agreed, what was deleted stays deleted, and nothing is sent at every run.
"""

from collections.abc import Callable
from dataclasses import replace

import pytest

from syncapp.core.kommunikation.kinds import Medium
from syncapp.core.kommunikation.shapes import (
    Entry,
    Item,
    Link,
    LinkBase,
    PostEntry,
    PutEntry,
    ReportCode,
    TypeChange,
    Variant,
)
from syncapp.core.parts import Direction
from tests.core.kommunikation.planned import plan
from tests.core.kommunikation.test_scenarios import (
    P,
    change_in_espo,
    codes,
    entry_of,
    form,
    marker,
    remark,
    synced,
    values_in_advo,
    values_in_espo,
    variants,
)
from tests.machine.model import World


def keeps(world: World, when: Callable[[PutEntry], bool] = lambda write: True) -> Callable[[], None]:
    """Advoware's PUT leaves the value as it is; what comes back lets it take values again."""
    real = world.advo.put

    def put(write: PutEntry) -> Entry:
        held = world.advo.entries[write.entry_id].tlf or ""
        return real(replace(write, tlf=held) if when(write) else write)

    def heal() -> None:
        world.advo.put = real  # type: ignore[method-assign]

    world.advo.put = put  # type: ignore[method-assign]
    return heal


def with_one_not_taken(value: str) -> tuple[World, int]:
    """Advoware has kept P[0] in this entry, though it was given another value; from now on it takes values."""
    world = synced((P[0], "Office"))
    entry_id = entry_of(world, P[0])
    heal = keeps(world)
    change_in_espo(world, P[0], value)
    world.sync()
    heal()
    return world, entry_id


def is_told_and_silent(world: World) -> bool:
    run = world.sync()
    return run.is_silent and codes(run) == [ReportCode.not_taken]


def told(world: World) -> list[tuple[int | None, str]]:
    """Of which entries the last run said that they do not hold what they were given, and what that was."""
    return [(report.entry_id, report.params["sent"]) for report in world.last.reports]


def told_as_lost(world: World) -> list[tuple[int | None, str]]:
    """What of EspoCRM the next run gives up for Advoware's sake."""
    return [(one.entry_id, one.params["value"]) for one in world.sync().reports if one.code is ReportCode.lost_value]


def test_a_change_that_is_not_taken_fails_is_told_and_is_not_sent_again() -> None:
    world = synced((P[0], "Office"), (P[1], "Office"))
    entry_id, stored = entry_of(world, P[0]), world.espo.stored_hash
    keeps(world)
    change_in_espo(world, P[0], P[2])
    run = world.sync()
    assert run.failed == 1
    assert world.espo.stored_hash == stored
    assert remark(world, entry_id) == marker(P[0], 1), "the marker names no value that Advoware does not hold"
    for _ in range(3):
        assert is_told_and_silent(world)
        assert told(world) == [(entry_id, P[2])]
    assert remark(world, entry_id) == marker(P[0], 1)
    assert (values_in_espo(world), values_in_advo(world)) == ({P[1], P[2]}, {P[0], P[1]})


def test_a_change_that_is_not_taken_is_settled_by_hand() -> None:
    world, entry_id = with_one_not_taken(P[2])
    world.advo.edit(entry_id, tlf="0511 10003")
    assert not codes(world.sync())
    assert remark(world, entry_id) == marker(P[2], 1)
    assert world.sync().is_silent


def test_another_value_is_sent_again() -> None:
    world = synced((P[0], "Office"))
    heal = keeps(world)
    change_in_espo(world, P[0], P[2])
    world.sync()
    heal()
    change_in_espo(world, P[2], P[3])
    assert not codes(world.sync())
    assert (values_in_espo(world), values_in_advo(world)) == ({P[3]}, {P[3]})


def test_back_to_what_advoware_kept() -> None:
    world = synced((P[0], "Office"))
    keeps(world)
    change_in_espo(world, P[0], P[2])
    world.sync()
    change_in_espo(world, P[2], P[0])
    assert not codes(world.sync())
    assert not codes(world.sync())
    assert (values_in_espo(world), values_in_advo(world)) == ({P[0]}, {P[0]})


def test_what_advoware_changes_afterwards_is_carried() -> None:
    world, entry_id = with_one_not_taken(P[2])
    world.advo.edit(entry_id, tlf=P[4])
    assert told_as_lost(world) == [(entry_id, P[2])], "it stands nowhere any more"
    assert (values_in_espo(world), values_in_advo(world)) == ({P[4]}, {P[4]})
    assert not codes(world.sync())


def test_an_address_typed_over_what_advoware_kept_is_carried_and_told() -> None:
    world, entry_id = with_one_not_taken(P[2])
    world.advo.edit(entry_id, tlf="kanzlei@k.example")
    assert told_as_lost(world) == [(entry_id, P[2])]
    assert values_in_espo(world) == values_in_advo(world) == {"kanzlei@k.example"}


@pytest.mark.parametrize("others", [(), ((P[1], "Office"),)], ids=["the last one", "one of two"])
@pytest.mark.parametrize("gone", [False, True], ids=["emptied", "deleted"])
def test_what_advoware_kept_goes_and_the_value_that_it_never_took_stays(
    gone: bool, others: tuple[tuple[str, str], ...]
) -> None:
    """Nobody there can have removed what never stood there."""
    world = synced((P[0], "Office"), *others)
    entry_id = entry_of(world, P[0])
    heal = keeps(world)
    change_in_espo(world, P[0], P[2])
    world.sync()
    heal()
    if gone:
        world.advo.remove(entry_id)
    else:
        world.advo.edit(entry_id, tlf=None)
    world.finish()
    stay = {P[2], *(value for value, _type in others)}
    assert (values_in_espo(world), values_in_advo(world)) == (stay, stay)
    assert world.sync().is_silent
    assert not codes(world.last)


def test_what_advoware_kept_is_entered_there_once_more() -> None:
    """Equal digits are the same number, and not the one that the first entry was given in vain."""
    world = synced((P[0], "Office"))
    heal = keeps(world)
    change_in_espo(world, P[0], P[2])
    world.sync()
    heal()
    second = world.advo.add("0511 10001")
    world.sync()
    assert is_told_and_silent(world)
    assert (values_in_espo(world), values_in_advo(world)) == ({P[0], P[2]}, {P[0], "0511 10001"})
    assert remark(world, second) == marker(P[0], 1)


def test_a_new_value_that_becomes_another_of_the_same_record_is_entered_once() -> None:
    """As where Advoware leaves out an extension, and the number without it stands in EspoCRM, too."""
    world = synced((P[0], "Office"), (P[1], "Office"))
    real = world.advo.post

    def post(write: PostEntry) -> Entry:
        made = replace(real(write), tlf=P[0])
        world.advo.entries[made.id] = made
        return made

    world.advo.post = post  # type: ignore[method-assign]
    world.espo.add(P[2], "Office")
    assert world.sync().failed == 1
    for _ in range(3):
        assert is_told_and_silent(world)
    assert [entry.tlf for entry in world.advo.entries.values()] == [P[0], P[1], P[0]]
    world.espo.remove(form(P[2]))
    world.sync()
    assert not codes(world.last)
    assert (values_in_espo(world), values_in_advo(world)) == ({P[0], P[1]}, {P[0], P[1]})
    assert world.sync().is_silent


def test_what_advoware_kept_is_entered_in_espocrm_again_as_another_type() -> None:
    world = synced((P[0], "Office"))
    heal = keeps(world)
    change_in_espo(world, P[0], P[2])
    world.sync()
    heal()
    world.espo.add(P[0], "Mobile")
    world.sync()
    assert sorted(entry.tlf or "" for entry in world.advo.entries.values()) == sorted([P[0], P[2]]), "each once"
    assert values_in_espo(world) == {P[0], P[2]}
    assert world.sync().is_silent
    assert not codes(world.last)


def test_put_right_by_hand_without_its_plus_it_is_no_difference() -> None:
    world, entry_id = with_one_not_taken("+436641234567")
    world.advo.edit(entry_id, tlf="436641234567")
    assert not codes(world.sync())
    assert not codes(world.sync())


def test_under_to_advoware_such_a_change_goes_back_to_espocrm_s_value() -> None:
    world, entry_id = with_one_not_taken(P[2])
    world.advo.edit(entry_id, tlf=P[4])
    world.sync(Direction.to_advoware)
    assert (values_in_espo(world), values_in_advo(world)) == ({P[2]}, {P[2]})
    assert world.sync().is_silent


@pytest.mark.parametrize("others", [(), ((P[1], "Office"),)], ids=["the last one", "one of two"])
def test_what_was_deleted_does_not_come_back(others: tuple[tuple[str, str], ...]) -> None:
    world = synced((P[0], "Office"), *others)
    entry_id = entry_of(world, P[0])
    heal = keeps(world, lambda write: not write.tlf)
    world.espo.remove(form(P[0]))
    assert world.finish().failed == 1
    assert remark(world, entry_id) == marker(P[0], 1)
    for _ in range(3):
        assert is_told_and_silent(world)
        assert told(world) == [(entry_id, "")]
    assert values_in_espo(world) == {value for value, _type in others}
    heal()
    world.advo.edit(entry_id, tlf=None)
    world.sync()
    assert world.sync().is_silent
    assert values_in_espo(world) == {value for value, _type in others}


def test_deleted_not_emptied_and_another_number_entered() -> None:
    world = synced((P[0], "Office"), (P[1], "Office"))
    heal = keeps(world)
    world.espo.remove(form(P[0]))
    world.sync()
    heal()
    world.espo.add(P[4])
    assert not codes(world.sync())
    assert (values_in_espo(world), values_in_advo(world)) == ({P[1], P[4]}, {P[1], P[4]})


def test_deleted_in_espocrm_changed_in_advoware_and_not_emptied() -> None:
    world = synced((P[0], "Office"), (P[1], "Office"))
    keeps(world)
    world.espo.remove(form(P[0]))
    world.advo.edit(entry_of(world, P[0]), tlf=P[5])
    world.sync()
    assert is_told_and_silent(world)
    assert values_in_espo(world) == {P[1]}
    world.espo.add(P[0])
    assert world.sync().is_silent
    assert codes(world.last) == [ReportCode.not_taken], "two numbers are not equal by having been told so"


def test_what_was_deleted_does_not_come_back_without_our_database() -> None:
    world = synced((P[0], "Office"), (P[1], "Office"))
    keeps(world, lambda write: not write.tlf)
    world.espo.remove(form(P[0]))
    world.sync()
    world.espo.touched = True
    world.lose_database()
    world.sync()
    assert is_told_and_silent(world)
    assert values_in_espo(world) == {P[1]}


def test_a_change_that_was_not_taken_is_not_undone_without_our_database() -> None:
    world = synced((P[0], "Office"), (P[1], "Office"))
    keeps(world)
    change_in_espo(world, P[0], P[2])
    world.sync()
    world.lose_database()
    world.sync()
    assert values_in_espo(world) == {P[1], P[2]}
    assert is_told_and_silent(world)


def test_a_new_value_that_is_cut_is_told_and_does_not_flow_back() -> None:
    world, long = World(), "eine.sehr.lange.adresse@kanzlei.example"
    real = world.advo.post

    def post(write: PostEntry) -> Entry:
        return real(replace(write, tlf=write.tlf[:20]))

    world.advo.post = post  # type: ignore[method-assign]
    world.espo.add(long)
    assert world.sync().failed == 1
    assert is_told_and_silent(world)
    assert world.advo.posts == 1
    assert values_in_espo(world) == {long}
    world.espo.put(replace(world.espo.items[form(long)], value="kurz@k.example"), replaces=form(long))
    assert not codes(world.sync())
    assert values_in_advo(world) == {"kurz@k.example"}


def test_a_slot_that_stays_empty_keeps_the_item_and_serves_no_other() -> None:
    world = synced((P[0], "Office"), (P[1], "Office"))
    world.espo.remove(form(P[0]))
    world.sync()
    keeps(world)
    world.espo.add(P[2])
    assert world.sync().failed == 1
    assert is_told_and_silent(world)
    assert values_in_espo(world) == {P[1], P[2]}
    world.advo.add("0511 10003")
    world.sync()
    assert world.sync().is_silent
    assert not codes(world.last), "another entry holds it"
    assert values_in_espo(world) == {P[1], P[2]}


@pytest.mark.parametrize("deleted", [False, True], ids=["", "and its item deleted"])
def test_what_is_typed_into_a_slot_that_stayed_empty_is_new(deleted: bool) -> None:
    """It takes nothing from the number that Advoware did not put there."""
    world = synced((P[0], "Office"), (P[1], "Office"))
    entry_id = entry_of(world, P[0])
    world.espo.remove(form(P[0]))
    world.sync()
    heal = keeps(world)
    world.espo.add(P[2])
    world.sync()
    heal()
    world.advo.edit(entry_id, tlf=P[4])
    if deleted:
        world.espo.remove(form(P[2]))
    world.sync()
    stay = {P[1], P[4]} if deleted else {P[1], P[2], P[4]}
    assert (values_in_espo(world), values_in_advo(world)) == (stay, stay)
    assert world.sync().is_silent
    assert not codes(world.last)


def test_a_type_change_whose_entry_is_not_emptied_ends_as_one_that_is_told() -> None:
    world = synced((P[0], "Office"))
    world.policy = replace(world.policy, type_change=TypeChange.recreate)
    keeps(world, lambda write: not write.tlf)
    world.espo.change_type(form(P[0]), "Mobile")
    run = world.sync()
    assert (variants(run)[0], run.failed) == ("type_change", 2)
    assert codes(world.sync()) == [ReportCode.type_change]
    assert world.sync().is_silent
    assert (values_in_espo(world), values_in_advo(world)) == ({P[0]}, {P[0]})


def test_an_edit_that_the_answer_to_a_marker_shows_is_carried() -> None:
    world = World()
    entry_id = world.advo.add("0511 10001")
    real = world.advo.put

    def put(write: PutEntry) -> Entry:
        return real(replace(write, tlf=P[3]))

    world.advo.put = put  # type: ignore[method-assign]
    world.sync()
    world.advo.put = real  # type: ignore[method-assign]
    world.sync()
    assert world.advo.entries[entry_id].tlf == P[3]
    assert values_in_espo(world) == {P[3]}


def test_what_goes_back_to_espocrms_value_has_been_taken_by_then() -> None:
    """Advoware kept another value, then somebody typed a third one there, and EspoCRM wins."""
    base = LinkBase(form(P[0]).medium, form(P[0]).key, espo=P[0], advo=P[1], not_taken=P[0])
    made = plan(
        items=[Item(Medium.phone, P[0], "Office", True)],
        entries=[Entry(1, "row1", P[2], marker(P[0], 1), 0, True)],
        links=[Link(1, 1, base, "Office")],
        direction=Direction.to_advoware,
    )
    (operation,) = made.operations
    assert (operation.variant, operation.write and operation.write.tlf) == (Variant.revert, P[0])
    assert operation.done is not None
    assert operation.done.base == LinkBase(base.medium, base.key, espo=P[0], advo=P[0])


def test_an_entry_that_stays_unemptied_keeps_no_other_of_its_item() -> None:
    """Both stand for an item that EspoCRM has deleted; one of them Advoware did not let be emptied."""
    base = LinkBase(form(P[0]).medium, form(P[0]).key, espo=P[0], advo=P[0])
    made = plan(
        items=[Item(Medium.phone, P[5], "Fax", True)],
        entries=[
            Entry(1, "row1", P[0], marker(P[0], 1), 0, True),
            Entry(2, "row2", P[0], "", 0, True),
            Entry(3, "row3", P[5], marker(P[5], 2), 0, True),
        ],
        links=[
            Link(1, 1, replace(base, not_taken=""), "Office"),
            Link(2, 1, base, "Office", alias=True),
            Link(3, 2, LinkBase(form(P[5]).medium, form(P[5]).key, espo=P[5], advo=P[5]), "Fax"),
        ],
    )
    assert [(one.entry_id, one.variant) for one in made.operations] == [(2, Variant.clear_entry)]
    assert [(report.code, report.entry_id) for report in made.reports] == [(ReportCode.not_taken, 1)]
