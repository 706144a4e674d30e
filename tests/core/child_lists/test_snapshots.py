"""Both lists as parts of a record: what the record's plan means for them, and what it may ask theirs."""

from syncapp.core.adressen.snapshot import AddressSnapshot
from syncapp.core.bankverbindungen.snapshot import BankSnapshot
from syncapp.core.child_lists.shapes import ListStop
from syncapp.core.parts import Around, Direction, PartPlan, PartSnapshot
from tests.core.adressen.test_rows import HERE, paired
from tests.core.bankverbindungen import world as bank


def addresses() -> AddressSnapshot:
    world, espo_id, _ = paired()
    world.edit_item(espo_id, strasse="Wall 1")
    world.entry("Ring 3", **HERE)
    items, entries = tuple(world.items.values()), tuple(map(world._read, world.entries.values()))
    return AddressSnapshot(items, entries, world.facts, world.links, world.policy)


def accounts() -> BankSnapshot:
    world = bank.World()
    world.item(bank.A)
    world.entry(bank.B)
    return BankSnapshot(tuple(world.items.values()), tuple(world.entries.values()), world.facts, (), world.policy)


def test_they_are_parts() -> None:
    for snapshot in (addresses(), accounts()):
        part: PartSnapshot = snapshot
        made: PartPlan = part.plan(Around())
        assert (made.stopped, made.is_empty, dict(made.espocrm_values())) == (None, False, {})


def test_what_would_be_written() -> None:
    made = addresses().plan(Around())
    assert made.steps() == ("adressen.put_entry (row 8)", "adressen.create_item (row 4)")
    (put,) = made.advoware_writes()
    assert (put.act, put.target, put.values["strasse"], put.reason) == ("change", "adressen.1", "Wall 1", "row 8")
    (create,) = made.espocrm_writes()
    assert (create.act, create.target, create.values["strasse"]) == ("create", "adressen", "Ring 3")
    other = accounts().plan(Around())
    assert [write.target for write in (*other.advoware_writes(), *other.espocrm_writes())] == ["bankverbindungen"] * 2


def test_the_direction_is_the_record_s() -> None:
    assert addresses().plan(Around(Direction.to_espocrm)).steps() == ("adressen.create_item (row 4)",)
    assert accounts().plan(Around(Direction.to_advoware)).steps() == ("bankverbindungen.post_entry (row 2)",)


def test_a_created_beteiligter_has_none_yet() -> None:
    from dataclasses import replace

    for snapshot in (addresses(), accounts()):
        lacking = replace(snapshot, entries=None, links=())
        assert lacking.plan(Around()).stopped is ListStop.missing_list
        assert lacking.plan(Around(created=True)).stopped is None


def test_a_restored_database_counts_as_a_lost_one() -> None:
    """The edit is no edit any more: both sides are carried as new ones, or asked about."""
    assert addresses().plan(Around(stale_base=True)).steps() == (
        "adressen.post_entry (row 3)",
        *("adressen.create_item (row 4)",) * 2,
    )
