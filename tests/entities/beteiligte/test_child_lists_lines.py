"""Both sides of a child list beside each other: pairs, doubles, what stands alone, what is asked, what is written."""

from syncapp.core.adressen.shapes import Address
from syncapp.core.bankverbindungen.shapes import Account, Kept
from syncapp.core.sides import Side
from syncapp.entities.beteiligte.part import PartLine
from syncapp.entities.beteiligte.parts.child_lists.describing import LineSpelling, changes_of, lines_of
from tests.core.adressen.test_rows import HERE, THERE, paired
from tests.core.adressen.world import World
from tests.core.bankverbindungen import world as bank

ADDRESS: LineSpelling[Address, Address] = LineSpelling(text=lambda one: one.line, kept=lambda one: one.line)
ACCOUNT: LineSpelling[Account, Kept] = LineSpelling(lambda one: one.masked, lambda one: one.tail, lambda one: one.key)


def lines(world: World) -> list[PartLine]:
    items = {item.espo_id: item.address for item in world.items.values()}
    entries = {entry.id: entry.address for entry in world.entries.values()}
    return list(lines_of(items, entries, world.plan(), ADDRESS))


def accounts(world: bank.World) -> list[PartLine]:
    items = {item.espo_id: item.account for item in world.items.values()}
    entries = {entry.id: entry.account for entry in world.entries.values()}
    return list(lines_of(items, entries, world.plan(), ACCOUNT))


def test_a_pair_shows_both_sides_and_what_they_held() -> None:
    world, espo_id, _number = paired()
    world.edit_item(espo_id, strasse="Wall 1")
    (line,) = lines(world)
    assert (line.espocrm, line.advoware) == ("Wall 1, 30159 Hannover", "Hauptstraße 5, 30159 Hannover")
    assert (line.base_espocrm, line.step) == ("Hauptstr. 5, 30159 Hannover", "put_entry")


def test_what_is_asked_about_together_stands_together() -> None:
    world = World()
    world.item("Hauptstr. 5", **HERE)
    world.entry("Hauptstr. 7", **HERE)
    (line,) = lines(world)
    assert (line.espocrm, line.advoware) == ("Hauptstr. 5, 30159 Hannover", "Hauptstr. 7, 30159 Hannover")
    assert (line.cases, line.step) == (("same_or_different",), "")


def test_what_stands_alone_says_where_it_goes() -> None:
    world = World()
    world.item("Wall 1", **HERE)
    world.entry("Ring 3", **THERE)
    found = [(line.espocrm, line.advoware, line.step) for line in lines(world)]
    assert found == [
        (None, "Ring 3, 20095 Hamburg", "create_item"),
        ("Wall 1, 30159 Hannover", None, "post_entry"),
    ]


def test_a_double_stands_beside_the_item_that_it_follows() -> None:
    world, _espo_id, _number = paired()
    world.entry("Hauptstr. 5", **HERE)
    pair, double = lines(world)
    assert (pair.state, double.state, double.cases) == ("", "double_entry", ("double",))
    assert double.espocrm == "Hauptstr. 5, 30159 Hannover"


def test_what_ended_long_ago_is_told_and_what_is_empty_is_not() -> None:
    world = World()
    world.entry("Ring 3", gueltig_bis="2019-12-31", **THERE)
    world.entry("")
    (line,) = lines(world)
    assert (line.advoware, line.report) == ("Ring 3, 20095 Hamburg", "expired")


def test_a_deleted_item_leaves_the_entry_with_its_task() -> None:
    world, espo_id, _number = paired()
    world.item("Wall 1", **THERE)
    world.run()
    del world.items[espo_id]
    tombstone = lines(world)[1]
    assert (tombstone.espocrm, tombstone.state, tombstone.cases) == (None, "tombstone", ("delete_in_advoware",))


def test_an_account_is_shown_in_part_and_hides_the_whole_from_reprs() -> None:
    world = bank.World()
    world.item(bank.A)
    (line,) = accounts(world)
    assert (line.espocrm, line.whole_espocrm, line.step) == ("DE…3000", bank.A, "post_entry")
    assert bank.A not in repr(line)


def test_every_write_is_a_change_with_what_stands_there_before_and_after() -> None:
    world, espo_id, _number = paired()
    world.edit_item(espo_id, strasse="Wall 1")
    world.entry("Ring 3", **THERE)
    items = {item.espo_id: item.address for item in world.items.values()}
    entries = {entry.id: entry.address for entry in world.entries.values()}
    put, create = changes_of(items, entries, world.plan(), ADDRESS)
    assert (put.to, put.espocrm, put.advoware) == (
        Side.advoware,
        "Wall 1, 30159 Hannover",
        "Hauptstraße 5, 30159 Hannover",
    )
    assert (create.what, create.to, create.espocrm, create.advoware) == (
        "adressen",
        Side.espocrm,
        None,
        "Ring 3, 20095 Hamburg",
    )


def test_of_an_account_a_change_shows_a_part_alone() -> None:
    world = bank.World()
    world.item(bank.A)
    world.entry(bank.A)
    world.run()
    world.edit_entry(int(next(iter(world.entries))), iban=bank.B)
    items = {item.espo_id: item.account for item in world.items.values()}
    entries = {entry.id: entry.account for entry in world.entries.values()}
    (change,) = changes_of(items, entries, world.plan(), ACCOUNT)
    assert (change.espocrm, change.advoware) == ("DE…3000", "DE…2051")
