"""Both lists as parts of a record: what the record's plan means for them, and what it may ask theirs."""

from dataclasses import replace

import pytest

from syncapp.core.adressen.plan import AddressSnapshot
from syncapp.core.adressen.shapes import Address
from syncapp.core.bankverbindungen.plan import BankSnapshot
from syncapp.core.child_lists.shapes import CaseCode, ListStop, PairLink, PendingCreate
from syncapp.core.intents import Intent
from syncapp.core.parts import Around, Direction, PartPlan, PartSnapshot
from syncapp.core.sides import Side
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


@pytest.mark.parametrize("with_edited_pair", [True, False])
def test_what_was_sent_to_advoware_is_not_sent_again_whatever_database_is_restored(with_edited_pair: bool) -> None:
    """A rebuild that dies while it sends: what it had found is found again, what it had sent is on its way."""
    around = Around(stale_base=True)
    there = addresses()
    (item,) = there.items or ()
    sent = PairLink(item.espo_id, None, pending=PendingCreate(Side.advoware, item.address, ("1", "2")))
    made = replace(there, links=(*(there.links if with_edited_pair else ()), sent)).plan(around)
    assert [case.code for case in made.cases] == [CaseCode.outcome_unknown]
    assert made.steps() == ("adressen.create_item (row 4)",) * 2

    konten = accounts()
    (account,) = konten.items or ()
    kept = konten.facts.keeper.keep(account.account)
    pending = PairLink(account.espo_id, None, pending=PendingCreate(Side.advoware, kept, ("1",)))
    found = replace(konten, links=(pending,)).plan(around)
    assert [case.code for case in found.cases] == [CaseCode.outcome_unknown]
    assert "bankverbindungen.post_entry (row 2)" not in found.steps()


def test_a_rebuild_ties_by_marker_also_while_something_is_on_its_way() -> None:
    world, espo_id, number = paired()
    world.edit_item(espo_id, strasse="Wall 1")
    other = world.item("Ring 3", **HERE)
    entries = tuple(map(world._read, world.entries.values()))
    marked = tuple(
        replace(entry, address=replace(entry.address, bemerkung=f"[ESPOCRM-ID:{espo_id}]")) for entry in entries
    )
    pending = PendingCreate(Side.advoware, world.items[other].address, (str(number),))
    snapshot = AddressSnapshot(
        tuple(world.items.values()), marked, world.facts, (PairLink(other, None, pending=pending),), world.policy
    )
    made = snapshot.plan(Around(stale_base=True))
    assert sorted(case.code for case in made.cases) == [CaseCode.differs, CaseCode.outcome_unknown]
    assert made.steps() == ()


def test_a_late_put_counts_for_more_than_an_unanswered_write_that_has_been_agreed_on_since() -> None:
    world, espo_id, number = paired()
    (link,) = world.links
    item, older = world.items[espo_id], "Wall 1"
    world.edit_entry(number, strasse=older)
    (entry,) = map(world._read, world.entries.values())

    def unanswered(side: Side, address: Address) -> Intent:
        text = address.unit
        return Intent(side=side, field="main", sent=text, before=None, other=text, marker="old")

    late = (unanswered(Side.espocrm, item.address), unanswered(Side.advoware, entry.address))
    snapshot = AddressSnapshot((item,), (entry,), world.facts, (replace(link, late=late),), world.policy)
    assert snapshot.plan(Around()).steps() == ("adressen.put_entry (row 8)",)
