"""Addresses as people really type them: handled as the table says, or reported, and never stopping the rest."""

from dataclasses import replace

import pytest

from tests.core.adressen.test_rows import HERE, THERE, paired
from tests.core.adressen.world import World

LONG = "x" * 300


def beside_a_good_one(world: World) -> None:
    """Whatever the odd one comes to, another address is carried in the same run."""
    world.item("Gute Straße 1", **THERE)
    world.run()
    assert (3, "post_entry") in world.rows()
    assert world.is_still()


@pytest.mark.parametrize(
    "street, code, city",
    [
        (LONG, "30159", "Hannover"),
        ("Haus am See\nWall 1", "30159", "Hannover"),
        ("Postfach 12 34", "30001", "Hannover"),
        ("12345678\nPackstation 123", "30159", "Hannover"),
        ("Wall 1", "D-30159", "Hannover"),
        ("Wall 1", "", ""),
        ("", "30159", "Hannover"),
        ("\u00a0Wall\t1 ", " 30 159", "Hannover\u200b"),
    ],
)
def test_an_odd_item_goes_round(street: str, code: str, city: str) -> None:
    world = World()
    espo_id = world.item(street, plz=code, ort=city)
    beside_a_good_one(world)
    (entry,) = [entry for entry in world.entries.values() if f"[ESPOCRM-ID:{espo_id}]" in entry.address.bemerkung]
    assert "\n" not in entry.address.strasse
    world.lose_database()
    assert world.is_still()
    assert world.cases() == []


def test_a_refused_one_stops_no_other() -> None:
    world = World()
    world.item(LONG, **HERE)
    world.item("Wall 1", **THERE)
    world.run({0: "refused"})
    assert len(world.entries) == 1
    assert world.is_still()
    assert world.cases() == [(20, "refused")]


def test_too_long_for_espocrm_is_reported_and_stops_no_other() -> None:
    world = World()
    world.facts = replace(world.facts, limits={"strasse": 255})
    world.entry(LONG, **HERE)
    world.entry("Wall 1", **THERE)
    world.run()
    assert (world.rows(), world.cases()) == ([(4, "create_item")], [(20, "refused")])
    assert world.is_still()


def test_several_lines_do_not_flow_back() -> None:
    world = World()
    espo_id = world.item("c/o Meier\nWall 1", **HERE)
    world.run()
    assert world.entries[1].address.strasse == "c/o Meier, Wall 1"
    assert world.is_still()
    assert world.items[espo_id].address.strasse == "c/o Meier\nWall 1"


@pytest.mark.parametrize("country", ["", "Deutschland", "Germany", "DE", "D", "deu"])
def test_the_home_country_has_many_names_and_none(country: str) -> None:
    world = World()
    world.item("Wall 1", **HERE)
    world.entry("Wall 1", land=country, **HERE)
    world.run()
    assert (world.rows(), world.cases(), len(world.links)) == ([], [], 1)


@pytest.mark.parametrize(
    "form, sent",
    [("as_read", "A"), ("german", "Österreich"), ("iso2", "AT"), ("text", "Austria")],
)
def test_how_a_country_is_sent(form: str, sent: str) -> None:
    from syncapp.core.adressen.shapes import LandForm

    world = World()
    world.policy = replace(world.policy, land_form=LandForm(form))
    world.facts = replace(world.facts, land_spellings={"AT": "A"})
    world.item("Ring 1", plz="1010", ort="Wien", land="Austria")
    world.run()
    assert world.entries[1].address.land == sent
    assert world.is_still()


@pytest.mark.parametrize("form", ["as_read", "german", "iso2"])
def test_a_country_that_nobody_knows_is_sent_as_typed(form: str) -> None:
    from syncapp.core.adressen.shapes import LandForm

    world = World()
    world.policy = replace(world.policy, land_form=LandForm(form))
    world.item("Ring 1", plz="1", ort="Poseidonis", land="Atlantis")
    world.run()
    assert world.entries[1].address.land == "Atlantis"


def test_the_same_address_twice_on_both_sides_is_two_pairs() -> None:
    world = World()
    for _ in range(2):
        world.item("Wall 1", **HERE)
        world.entry("Wall 1", **HERE)
    world.run()
    assert (world.rows(), world.cases()) == ([], [])
    assert sorted((link.espo_id, link.entry_id) for link in world.links) == [("i1", 1), ("i2", 2)]


@pytest.mark.parametrize("side", ["item", "entry"])
def test_the_same_address_three_times_on_one_side_is_one_pair(side: str) -> None:
    world = World()
    for _ in range(3):
        getattr(world, side)("Wall 1", **HERE)
    world.run()
    assert len(world.rows()) == 1
    assert world.plans[-1].owed
    assert world.is_still()
    assert [code for _, code in world.cases()] == ["double", "double"]
    assert not world.plans[-1].owed


@pytest.mark.parametrize("crash", range(6))
@pytest.mark.parametrize("fault", ["dead", "cut", "lost"])
def test_a_crash_at_any_write_ends_as_without_one(crash: int, fault: str) -> None:
    def story() -> World:
        world, espo_id, _ = paired()
        other = world.entry("Allee 9", **THERE)
        world.item("Gasse 4", plz="1", ort="Ulm")
        world.run()
        world.edit_item(espo_id, strasse="Wall 1")
        world.edit_entry(other, strasse="Ring 3")
        world.item("Neue Straße 7", plz="2", ort="Kiel")
        world.entry("Letzter Weg 8", plz="3", ort="Bonn")
        return world

    whole, cut = story(), story()
    whole.run()
    assert len(whole.rows()) == 4
    cut.run({crash: fault})
    pending = [link.espo_id for link in cut.links if link.pending and link.pending.at == "advoware"]
    if fault == "dead" and pending:
        from syncapp.core.child_lists import answers

        cut.run()
        for espo_id in [link.espo_id for link in cut.links if link.pending]:
            cut.links = answers.not_there(cut.links, espo_id=espo_id or "")
    for _ in range(3):
        cut.run()
    assert cut.is_still()
    assert cut.streets() == whole.streets()


@pytest.mark.parametrize("street", ["Wall\x00 1", "Wall \U000fd83d1"])
def test_what_no_system_should_be_given_is_not_carried(street: str) -> None:
    for side in ("item", "entry"):
        world = World()
        getattr(world, side)(street, **HERE)
        world.run()
        assert (world.rows(), world.cases()) == ([], [(20, "refused")])
        assert world.is_still()
    world, espo_id, number = paired()
    for edit, key in ((world.edit_item, espo_id), (world.edit_entry, number)):
        edit(key, strasse=street)
        world.run()
        assert (world.rows(), world.cases()) == ([], [(20, "refused")])
        edit(key, strasse="Hauptstr. 5")


@pytest.mark.parametrize("side, row", [("item", 8), ("entry", 9)])
def test_what_goes_back_and_forth_is_left_alone(side: str, row: int) -> None:
    world, espo_id, number = paired()
    world.edit_item(espo_id, strasse="Wall 1") if side == "item" else world.edit_entry(number, strasse="Wall 1")
    world.facts = replace(world.facts, rewritten=frozenset({espo_id}))
    world.run()
    assert (world.rows(), world.cases()) == ([], [(row, "rewritten")])
    world.facts = replace(world.facts, rewritten=frozenset())
    world.run()
    assert len(world.rows()) == 1
