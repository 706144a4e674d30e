"""Stories around the rows of addresses: doubles that follow, wait, are owed, or go with their pair.

Not collected by themselves: test_stories.py runs them, and written_plans writes their plans out.
"""

from dataclasses import replace

from syncapp.core.adressen.shapes import Representation
from syncapp.core.parts import Direction
from tests.core.adressen.test_rows import HERE, THERE, paired
from tests.core.adressen.world import World


def doubled(*, items: int = 0, entries: int = 0) -> tuple[World, str, int]:
    world, espo_id, number = paired(land="DE")
    for _ in range(items):
        world.item("Hauptstr. 5", land="D", **HERE)
    world.run()
    for _ in range(entries):
        world.entry("Hauptstr. 5", land="D", **HERE)
    world.run()
    return world, espo_id, number


def test_doubles_go_with_their_deleted_pair() -> None:
    world, espo_id, _ = doubled(entries=2)
    world.edit_entry(3, gueltig_bis="2020-01-01")
    world.run()
    del world.items[espo_id]
    world.run()
    world.run()
    assert world.is_still()
    assert world.cases() == [(14, "delete_in_advoware")] * 2
    assert {str(link.state) for link in world.links} == {"tombstone"}


def test_doubles_wait_with_their_pair() -> None:
    world, espo_id, _ = doubled(items=1, entries=1)
    world.edit_item(espo_id, land="Österreich")
    assert world.is_still()
    assert world.cases() == [(12, "change_in_advoware"), (5, "double"), (6, "double")]
    world.edit_item(espo_id, land="DE")
    assert world.is_still()
    assert world.cases() == [(5, "double"), (6, "double")]


def test_doubles_that_cannot_follow_are_for_people() -> None:
    world, _, number = doubled(entries=1)
    world.edit_entry(number, land="A", plz="1010", ort="Wien")
    world.run()
    assert world.rows() == [(9, "put_item")]
    assert world.cases() == [(12, "change_in_advoware"), (5, "double")]
    assert world.is_still()
    assert world.cases() == [(12, "change_in_advoware"), (5, "double")]
    world.edit_entry(2, land="A", plz="1010", ort="Wien")
    assert world.is_still()
    assert world.cases() == [(5, "double")]


def test_doubles_follow_in_the_direction_of_the_run() -> None:
    world, espo_id, number = doubled(items=1, entries=1)
    world.edit_entry(number, strasse="Wall 1")
    world.direction = Direction.to_espocrm
    world.run()
    assert world.rows() == [(9, "put_item"), (6, "put_item")]
    assert world.plans[-1].owed
    world.direction = Direction.both
    world.run()
    assert world.rows() == [(5, "put_entry")]
    world.edit_item(espo_id, strasse="Allee 9")
    world.direction = Direction.to_advoware
    world.run()
    assert world.rows() == [(8, "put_entry"), (5, "put_entry")]
    assert world.plans[-1].owed
    world.direction = Direction.both
    world.run()
    assert world.rows() == [(6, "put_item")]
    assert world.is_still()


def test_doubles_that_are_gone_are_forgotten() -> None:
    world, _, _ = doubled(items=1, entries=1)
    del world.entries[2], world.items["i2"]
    world.run()
    assert world.is_still()
    assert (len(world.links), world.cases()) == (1, [])


def test_a_double_that_takes_the_new_value_by_itself_stays_one() -> None:
    world, espo_id, _ = doubled(items=1, entries=1)
    world.edit_item(espo_id, strasse="Wall 1")
    world.edit_item("i2", strasse="wall 1")
    world.edit_entry(2, strasse="Wall  1")
    world.run()
    assert world.rows() == [(8, "put_entry")]
    assert world.is_still()
    assert world.cases() == [(5, "double"), (6, "double")]
    world.edit_entry(2, strasse="Ring 3")
    world.edit_item("i2", strasse="Gasse 4")
    world.run()
    assert world.rows() == [(3, "post_entry"), (4, "create_item")]
    assert world.is_still()


def test_a_double_takes_the_place_of_a_deleted_item_and_of_an_entry_that_is_gone() -> None:
    world, espo_id, number = doubled(items=1, entries=1)
    del world.items[espo_id], world.entries[number]
    for _ in range(4):
        world.run()
    assert world.is_still()
    assert world.writes == []


def test_doubles_of_an_entry_that_is_gone() -> None:
    world, _, number = doubled(items=1)
    del world.entries[number]
    for _ in range(5):
        world.run()
    assert world.is_still()
    assert all(item.address.aktiv is False for item in world.items.values()) or len(world.entries) == 1


def test_dates_flags_and_remark_go_to_espocrm() -> None:
    world = World()
    carried = world.facts.carried | {"gueltig_von", "gueltig_bis"}
    world.facts = replace(world.facts, carried=carried)
    world.item("Wall 1", **HERE)
    number = world.entry("Wall 1", **HERE)
    world.run()
    changes = {"standard": True, "bemerkung": "[ESPOCRM-ID:i1] oben", "gueltig_bis": "2026-12-31"}
    world.edit_entry(number, gueltig_von="2026-01-01", **changes)
    world.direction = Direction.to_advoware
    world.run()
    assert (world.rows(), world.plans[-1].owed) == ([], True)
    world.direction = Direction.both
    world.run()
    assert world.rows() == [(9, "put_item")]
    world.edit_item("i1", strasse="Ring 3", gueltig_bis="2027-01-01")
    world.edit_entry(number, bemerkung="unten")
    world.run()
    assert (world.rows(), world.plans[-1].owed) == ([(8, "put_entry")], True)
    assert world.is_still() is False
    assert world.is_still()
    assert world.items["i1"].address.bemerkung == "unten"


def test_a_refused_side_fact_is_frozen() -> None:
    world, _, number = paired()
    world.edit_entry(number, bemerkung="x" * 5000)
    world.run({0: "refused"})
    assert world.is_still()
    assert world.cases() == [(20, "refused")]
    world.edit_entry(number, bemerkung="kurz")
    world.run()
    assert (world.rows(), world.cases()) == ([(9, "put_item")], [])


def test_used_again_where_espocrm_cannot_hold_it() -> None:
    world, espo_id, number = paired()
    del world.items[espo_id]
    world.run()
    world.run()
    world.facts = replace(world.facts, limits={"strasse": 10})
    world.edit_entry(number, strasse="Eine sehr lange Straße 1")
    assert world.is_still()
    assert world.cases() == [(20, "refused")]
    world.facts = replace(world.facts, limits={}, representation=Representation.field)
    assert world.is_still()
    assert world.mentions() == [(15, "only_in_advoware")]
    assert world.is_still()
    assert world.cases() == [(14, "delete_in_advoware")]


def test_a_create_in_espocrm_that_nobody_answered() -> None:
    for number_field in (True, False):
        world = World(number_field=number_field)
        number = world.entry("Wall 1", **HERE)
        world.run({0: "lost"})
        world.edit_entry(number, strasse="Ring 3")
        world.run()
        assert world.rows() == [(9, "put_item")]
        assert world.is_still()
        assert len(world.items) == 1
        world.entry("Allee 9", **THERE)
        world.run({0: "late"})
        world.late = []
        world.run()
        assert world.rows() == [(4, "create_item")]
        assert world.is_still()


def test_an_entry_that_comes_back_after_its_item_was_ended() -> None:
    world, espo_id, number = paired()
    entry = world.entries.pop(number)
    for _ in range(3):
        world.run()
    assert world.items[espo_id].address.aktiv is False
    world.entries[number] = entry
    world.run()
    assert world.items[espo_id].address.aktiv is True
    assert world.is_still()
