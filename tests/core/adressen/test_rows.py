"""The decision table of addresses: each row by its number, and after each a run that writes nothing."""

from dataclasses import replace

import pytest

from syncapp.core.adressen.shapes import (
    PLACE,
    SIDE_FACTS,
    Address,
    AddressFacts,
    AddressPolicy,
    FixedChange,
    Remove,
    Representation,
)
from syncapp.core.child_lists import answers
from syncapp.core.child_lists.shapes import LinkState, ListStop
from syncapp.core.parts import Around, Direction
from syncapp.core.sides import Side
from tests.core.adressen.world import TODAY, World

HERE = {"plz": "30159", "ort": "Hannover"}
THERE = {"plz": "20095", "ort": "Hamburg"}


def paired(**parts: object) -> tuple[World, str, int]:
    """A world with one pair, settled."""
    world = World()
    espo_id, number = world.item("Hauptstr. 5", **HERE, **parts), world.entry("Hauptstraße 5", **HERE, **parts)
    world.run()
    world.writes.clear()
    return world, espo_id, number


def test_row_1_match() -> None:
    world, espo_id, number = paired()
    assert world.rows() == []
    assert [(link.espo_id, link.entry_id) for link in world.links] == [(espo_id, number)]
    assert world.entries[number].address.strasse == "Hauptstraße 5"
    assert world.is_still()


def test_row_1_own_marker_before_lowest_number() -> None:
    world = World()
    espo_id = world.item("Hauptstr. 5", **HERE)
    world.entry("Hauptstr. 5", **HERE)
    own = world.entry("Hauptstr. 5", bemerkung=f"EspoCRM-ID: {espo_id}", **HERE)
    world.run()
    pairs = [link for link in world.links if link.is_pair]
    assert [(link.espo_id, link.entry_id) for link in pairs] == [(espo_id, own)]


def test_row_1_what_has_not_ended_before_lowest_number() -> None:
    """As the double of an ended entry, the one in use would leave the item with its next change."""
    world = World()
    espo_id = world.item("Hauptstr. 5", **HERE)
    world.entry("Hauptstr. 5", gueltig_bis="2020-01-01", **HERE)
    in_use = world.entry("Hauptstr. 5", **HERE)
    world.run()
    assert [(link.espo_id, link.entry_id) for link in world.links if link.is_pair] == [(espo_id, in_use)]
    assert (world.rows(), world.cases()) == ([], [(5, "double")])
    assert world.is_still()
    world.edit_entry(in_use, strasse="Wall 9")
    world.run()
    assert (9, "put_item") in world.rows()
    assert {espo_id: item.address.strasse for espo_id, item in world.items.items()} == {espo_id: "Wall 9"}
    assert world.is_still()


def test_row_1_an_ended_entry_matches_where_no_other_is_equal() -> None:
    world = World()
    espo_id, ended = world.item("Hauptstr. 5", **HERE), world.entry("Hauptstr. 5", gueltig_bis="2020-01-01", **HERE)
    world.run()
    assert (world.rows(), [(link.espo_id, link.entry_id) for link in world.links]) == ([], [(espo_id, ended)])
    assert world.is_still()


@pytest.mark.parametrize("seen_between", [True, False])
def test_row_1_what_is_entered_again_takes_up_its_entry(seen_between: bool) -> None:
    """A deleted item leaves an entry that waits to be deleted by hand; a POST beside it would double the address."""
    world, espo_id, number = paired()
    del world.items[espo_id]
    if seen_between:
        world.run()
        world.run()
        assert world.cases() == [(14, "delete_in_advoware")]
    again = world.item("Hauptstr. 5", **HERE)
    made = world.run()
    assert (world.rows(), world.cases(), made.removals) == ([], [], 0)
    assert [(link.espo_id, link.entry_id, link.state) for link in world.links] == [(again, number, LinkState.linked)]
    assert world.is_still()
    world.edit_item(again, strasse="Ring 3")
    world.run()
    assert (world.rows(), world.entries[number].address.strasse) == ([(8, "put_entry")], "Ring 3")


def test_row_1_what_is_entered_again_has_its_further_entries_as_doubles() -> None:
    world, espo_id, number = paired()
    second = world.entry("Hauptstr. 5", **HERE)
    world.run()
    del world.items[espo_id]
    world.run()
    world.run()
    assert world.cases() == [(14, "delete_in_advoware")] * 2
    again = world.item("Hauptstr. 5", **HERE)
    world.run()
    assert (world.rows(), world.cases()) == ([], [(5, "double")])
    assert {(link.espo_id, link.entry_id) for link in world.links} == {(again, number), (again, second)}
    assert world.is_still()


def test_row_1_what_has_ended_is_not_taken_up_again() -> None:
    """That is what people were asked to do."""
    world, espo_id, number = paired()
    world.item("Wall 1", **HERE)
    world.run()
    del world.items[espo_id]
    world.run()
    world.edit_entry(number, gueltig_bis="2026-01-31")
    world.run()
    world.item("Hauptstr. 5", **HERE)
    world.run()
    assert world.rows() == [(3, "post_entry")]
    assert world.is_still()


def test_row_1_a_late_write_to_what_is_taken_up_again_is_written_over() -> None:
    world, espo_id, number = paired()
    world.facts = replace(world.facts, late_over=False)
    world.item("Wall 1", **HERE)
    world.run()
    world.edit_item(espo_id, strasse="Ring 3")
    world.run({0: "late"})
    world.edit_item(espo_id, strasse="Hauptstr. 5")
    world.run()
    del world.items[espo_id]
    world.run()
    world.item("Hauptstr. 5", **HERE)
    world.run()
    assert world.rows() == []
    world.land_late()
    world.run()
    assert (world.rows(), world.entries[number].address.strasse) == ([(8, "put_entry")], "Hauptstr. 5")
    assert world.is_still()


def test_row_2_held() -> None:
    world = World()
    espo_id, number = world.item("Hauptstr. 5", **HERE), world.entry("Hauptstr. 7", **HERE)
    world.run()
    assert (world.rows(), world.cases()) == ([], [(2, "same_or_different")])
    assert world.plans[-1].questions[0].params["advo_strasse"] == "Hauptstr. 7"
    assert world.is_still()
    world.links = answers.different(world.links, espo_id=espo_id, entry_id=number)
    world.run()
    assert world.rows() == [(3, "post_entry"), (4, "create_item")]
    assert world.is_still()
    assert world.streets() == (["Hauptstr. 5", "Hauptstr. 7"], ["Hauptstr. 5", "Hauptstr. 7"])


def test_row_2_the_same_and_sent_asks_for_nothing_by_hand() -> None:
    """What Advoware cannot be sent was nobody's edit."""
    world = World()
    espo_id, number = world.item("Hauptstr. 5", **HERE), world.entry("Hauptstr. 7", standard=True, **HERE)
    espo, advo = world.items[espo_id].address, world.entries[number].address
    assert espo.standard is False
    world.links = answers.the_same((), espo_id=espo_id, entry_id=number, espo=espo, advo=advo, send=True)
    world.run()
    assert (world.rows(), world.cases()) == ([(8, "put_entry")], [])
    assert world.is_still()
    assert world.cases() == []


@pytest.mark.parametrize("send", [False, True])
def test_row_2_the_same(send: bool) -> None:
    world = World()
    espo_id, number = world.item("Hauptstr. 5", **HERE), world.entry("Hauptstr. 7", **HERE)
    espo, advo = world.items[espo_id].address, world.entries[number].address
    world.links = answers.the_same((), espo_id=espo_id, entry_id=number, espo=espo, advo=advo, send=send)
    world.run()
    assert world.rows() == ([(8, "put_entry")] if send else [])
    assert world.entries[number].address.strasse == ("Hauptstr. 5" if send else "Hauptstr. 7")
    assert world.is_still()


def test_row_2_the_same_while_the_former_entry_is_missing_ends_no_item() -> None:
    """Both looks would take it for deleted in Advoware, which row 16 carries over."""
    world, espo_id, former = paired()
    del world.entries[former]
    number = world.entry("Hauptstr. 7", **HERE)
    world.links = tuple(replace(link, missing=True) for link in world.links)
    espo, advo = world.items[espo_id].address, world.entries[number].address
    world.links = answers.the_same(world.links, espo_id=espo_id, entry_id=number, espo=espo, advo=advo, send=True)
    world.run()
    world.run()
    assert list(world.items) == [espo_id]
    assert [(link.espo_id, link.entry_id) for link in world.links] == [(espo_id, number)]
    assert world.streets() == (["Hauptstr. 5"], ["Hauptstr. 5"])
    assert world.is_still()


def test_an_entry_at_place_0_is_one_like_any_other() -> None:
    """Where an entry's place in the order is its number, the first may be 0."""
    world = World(next_entry=0)
    assert world.entry("Wall 1", **HERE) == 0
    world.run()
    assert world.streets() == (["Wall 1"], ["Wall 1"])
    world.entry("Wall 1", **HERE)
    world.run()
    assert (world.rows(), len(world.items)) == ([], 1)
    copied = world.item("Wall 1", **HERE)
    world.run()
    assert (world.rows(), len(world.entries)) == ([], 2)
    assert {link.entry_id for link in world.links if link.espo_id == copied} == {0}
    assert world.is_still()


def test_row_3_add() -> None:
    world = World()
    espo_id = world.item("Hauptstr. 5", land="Austria", bemerkung="Hintereingang", **HERE)
    world.run()
    assert world.rows() == [(3, "post_entry")]
    sent = world.entries[1].address
    assert sent.bemerkung == f"[ESPOCRM-ID:{espo_id}] Hintereingang"
    assert (sent.land, sent.standard) == ("Österreich", True)
    assert world.is_still()


def test_row_3_standard_only_for_the_first() -> None:
    world, _, _ = paired()
    world.item("Wall 1", **THERE)
    world.run()
    assert world.rows() == [(3, "post_entry")]
    assert not world.entries[2].address.standard


def test_row_4_bring() -> None:
    world = World()
    number = world.entry("Hauptstr. 5", standard=True, bemerkung="oben", **HERE)
    world.run()
    assert world.rows() == [(4, "create_item")]
    item = world.items["i1"]
    assert (item.entry_number, item.address.standard, item.address.bemerkung) == (number, True, "oben")
    assert world.is_still()


def test_row_5_alias_follows_and_becomes_new_by_its_own_edit() -> None:
    world, espo_id, _ = paired()
    second = world.entry("Hauptstr. 5", **HERE)
    world.run()
    assert (world.rows(), world.cases()) == ([], [(5, "double")])
    world.edit_item(espo_id, strasse="Wall 1")
    world.run()
    assert world.rows() == [(8, "put_entry"), (5, "put_entry")]
    assert world.is_still()
    world.edit_entry(second, strasse="Allee 9")
    world.run()
    assert world.rows() == [(4, "create_item")]
    assert world.is_still()


def test_row_5_alias_takes_the_place_of_its_entry() -> None:
    world, espo_id, number = paired()
    second = world.entry("Hauptstr. 5", **HERE)
    world.run()
    del world.entries[number]
    world.run()
    world.run()
    assert [(link.espo_id, link.entry_id) for link in world.links] == [(espo_id, second)]
    assert world.writes == []


@pytest.mark.parametrize("looks_between", [0, 1, 2])
def test_row_18_a_further_entry_of_what_both_sides_deleted_waits_to_be_deleted_and_brings_nothing_back(
    looks_between: int,
) -> None:
    world, espo_id, number = paired()
    other = world.item("Wall 1", **HERE)
    second = world.entry("Hauptstr. 5", **HERE)
    world.run()
    world.writes.clear()
    del world.entries[number]
    for _ in range(looks_between):
        world.run()
    del world.items[espo_id]
    for _ in range(3):
        world.run()
    assert (world.rows(), list(world.items)) == ([], [other])
    assert world.cases() == [(14, "delete_in_advoware")]
    assert [link.entry_id for link in world.links if link.state is LinkState.tombstone] == [second]
    assert world.is_still()


@pytest.mark.parametrize("edited", [0, 1])
def test_row_15_of_two_equal_entries_the_edited_one_comes_back_and_the_other_waits_to_be_deleted(edited: int) -> None:
    """People were told to delete what somebody had just entered; or what they had deleted came back."""
    world, espo_id, number = paired()
    world.item("Wall 1", **HERE)
    entries = [number, world.entry("Hauptstr. 5", **HERE)]
    world.run()
    del world.items[espo_id]
    world.edit_entry(entries[edited], strasse="Allee 9")
    world.run()
    assert (world.rows(), world.cases()) == ([(15, "create_item")], [(14, "delete_in_advoware")])
    assert world.plans[-1].cases[0].entry_id == entries[1 - edited]
    assert world.streets()[0] == ["Allee 9", "Wall 1"]
    assert world.is_still()


def test_row_15_both_of_two_equal_entries_were_edited_and_wait_for_the_next_direction() -> None:
    world, espo_id, number = paired()
    world.item("Wall 1", **HERE)
    second = world.entry("Hauptstr. 5", **HERE)
    world.run()
    del world.items[espo_id]
    world.edit_entry(number, strasse="Allee 9")
    world.edit_entry(second, strasse="Ring 3")
    world.direction = Direction.to_advoware
    world.run()
    assert [link.espo_id for link in world.links if link.is_pair].count(espo_id) <= 1
    world.direction = Direction.both
    world.run()
    assert (world.streets()[0], world.cases()) == (["Allee 9", "Ring 3", "Wall 1"], [])
    assert world.is_still()


def test_row_14_an_item_that_comes_back_is_one_pair_whatever_entries_it_has() -> None:
    """Somebody took its deletion back; two pairs of one item cannot be stored, and every run of it would fail."""
    world, espo_id, number = paired()
    world.item("Wall 1", **HERE)
    world.entry("Hauptstr. 5", **HERE)
    world.run()
    deleted = world.items.pop(espo_id)
    world.run()
    world.items[espo_id] = deleted
    world.writes.clear()
    world.run()
    assert [link.entry_id for link in world.links if link.is_pair and link.espo_id == espo_id] == [number]
    assert (world.rows(), world.cases()) == ([], [(5, "double")])
    assert world.is_still()


def test_row_5_alias_that_takes_the_place_and_is_replaced_in_the_same_run_is_not_new_as_well() -> None:
    """As a tombstone and as somebody's pair its entry would be two things, which no row can hold: every run failed."""
    world, espo_id, number = paired()
    second = world.entry("Hauptstr. 5", **HERE)
    world.run()
    world.policy = replace(world.policy, fixed_change=FixedChange.as_new)
    del world.entries[number]
    world.run()
    world.edit_item(espo_id, strasse="Ring 1", plz="1010", ort="Wien", land="Österreich")
    world.edit_entry(second, strasse="Wall 1")
    world.item("Wall 1", **HERE)
    world.run()
    ties = [link.entry_id for link in world.links if link.is_tie]
    assert ties.count(second) == 1
    assert world.is_still()
    assert world.streets() == (["Ring 1", "Wall 1"], ["Ring 1", "Wall 1"])


def test_row_6_alias_item_follows_and_becomes_new_by_its_own_edit() -> None:
    world, _, number = paired()
    second = world.item("Hauptstr. 5", **HERE)
    world.run()
    assert (world.rows(), world.cases()) == ([], [(6, "double")])
    world.edit_entry(number, strasse="Wall 1")
    world.run()
    assert world.rows() == [(9, "put_item"), (6, "put_item")]
    assert world.is_still()
    world.edit_item(second, strasse="Allee 9")
    world.run()
    assert world.rows() == [(3, "post_entry")]
    assert world.is_still()


def test_row_6_alias_takes_the_place_of_its_item() -> None:
    world, espo_id, number = paired()
    second = world.item("Hauptstr. 5", **HERE)
    world.run()
    del world.items[espo_id]
    world.run()
    assert [(link.espo_id, link.entry_id) for link in world.links] == [(second, number)]
    assert world.writes == []


def late_twin(world: World, number: int) -> str:
    """What an unanswered create of ours left behind after it was repeated: the entry's number, and its old address."""
    twin = world.item("Altweg 1", **HERE)
    world.items[twin] = replace(world.items[twin], entry_number=number, is_ours=True)
    return twin


def test_row_6_a_create_that_lands_after_it_was_repeated_is_a_double() -> None:
    world, _, number = paired()
    twin = late_twin(world, number)
    world.run()
    assert (world.rows(), world.cases()) == ([], [(6, "double")])
    world.run()
    assert world.rows() == [(6, "put_item")]
    assert world.is_still()
    world.edit_item(twin, strasse="Allee 9")
    world.run()
    assert world.rows() == [(3, "post_entry")]
    assert world.is_still()


def test_row_6_the_number_of_a_copy_that_people_made_proves_nothing() -> None:
    world, _, number = paired()
    copy = late_twin(world, number)
    world.items[copy] = replace(world.items[copy], is_ours=False)
    world.run()
    assert world.rows() == [(3, "post_entry")]


def test_row_6_a_double_of_ours_without_its_pair_is_new() -> None:
    world = World()
    late_twin(world, 77)
    world.run()
    assert world.rows() == [(3, "post_entry")]


def test_row_7_nothing() -> None:
    world, _, _ = paired()
    assert world.is_still()
    assert world.plans[-1].owed is False


def test_row_8_put() -> None:
    world, espo_id, number = paired()
    world.edit_item(espo_id, strasse="Wall 1", plz="D-30159")
    world.run()
    assert world.rows() == [(8, "put_entry")]
    assert set(world.plans[-1].operations[0].values) == {"strasse", "plz", "ort", "anschrift"}
    assert (world.entries[number].address.strasse, world.entries[number].address.plz) == ("Wall 1", "30159")
    assert world.is_still()


def ignoring_the_town() -> tuple[World, str, int]:
    """Advoware answers a PUT well, and keeps the town that was there."""
    world, espo_id, number = paired()
    edit = world.edit_entry
    world.edit_entry = lambda which, **parts: edit(which, **{k: v for k, v in parts.items() if k != "ort"})
    world.edit_item(espo_id, strasse="Ring 3", plz="20095", ort="Hamburg")
    world.run()
    assert world.rows() == [(8, "put_entry")]
    world.edit_entry = edit
    return world, espo_id, number


def test_row_8_what_advoware_did_not_take_is_told_while_it_differs() -> None:
    world, espo_id, number = ignoring_the_town()
    for _ in range(3):
        assert world.is_still()
        assert world.cases() == [(8, "not_taken")]
        assert world.plans[-1].states == {espo_id: "unclean"}
    world.edit_entry(number, ort="Hamburg")
    assert world.is_still()
    assert world.cases() == []


def test_row_8_what_advoware_did_not_take_is_edited_in_espocrm() -> None:
    world, espo_id, number = ignoring_the_town()
    world.edit_item(espo_id, strasse="Ring 5")
    world.run()
    assert (world.rows(), world.entries[number].address.ort) == ([(8, "put_entry")], "Hamburg")
    assert world.is_still()
    assert world.cases() == []


def test_row_8_what_advoware_did_not_take_is_edited_in_advoware() -> None:
    world, espo_id, number = ignoring_the_town()
    world.edit_entry(number, strasse="Wall 1")
    world.run()
    assert (world.rows(), world.items[espo_id].address.ort) == ([(9, "put_item")], "Hannover")
    assert world.is_still()
    assert world.cases() == []


def test_row_3_a_new_one_that_advoware_cut_is_told() -> None:
    world = World()
    post = world._post
    world._post = lambda address: post(replace(address, land=""))
    world.item("Ring 1", plz="1010", ort="Wien", land="Österreich")
    world.run()
    assert world.rows() == [(3, "post_entry")]
    for _ in range(2):
        assert world.is_still()
        assert world.cases() == [(8, "not_taken")]


def test_row_5_a_double_that_advoware_did_not_take_is_not_sent_for_ever() -> None:
    world, espo_id, _number = paired()
    second = world.entry("Hauptstr. 5", **HERE)
    world.run()
    edit = world.edit_entry
    world.edit_entry = lambda which, **parts: edit(which, **({} if which == second else parts))
    world.edit_item(espo_id, strasse="Ring 3")
    world.run()
    assert world.rows() == [(8, "put_entry"), (5, "put_entry")]
    assert world.is_still()
    assert world.cases() == [(5, "double"), (5, "not_taken")]


def test_row_9_take() -> None:
    world, espo_id, number = paired()
    world.edit_entry(number, strasse="Wall 1", land="AT", plz="1010", ort="Wien")
    world.run()
    assert world.rows() == [(9, "put_item")]
    assert world.items[espo_id].address.ort == "Wien"
    assert world.items[espo_id].address.land == "AT"
    assert world.is_still()


def test_row_9_a_place_is_sent_whole_so_that_what_lands_late_mixes_nothing() -> None:
    """Where EspoCRM does not look at versions."""
    world = World()
    number = world.entry("Ring 3", plz="30159", ort="Hannover")
    world.run()
    (espo_id,) = world.items
    world.edit_entry(number, plz="1010", ort="Wien", land="AT")
    world.run({0: "late"})
    world.edit_item(espo_id, strasse="Wall 1")
    world.land_late()
    shown = world.items[espo_id].address
    assert (shown.strasse, shown.plz, shown.ort) == ("Ring 3", "1010", "Wien")
    world.run()
    assert world.is_still()
    assert world.entries[number].address.ort == "Wien"


def test_row_9_expired_in_advoware_ends_the_item() -> None:
    world, espo_id, number = paired()
    world.edit_entry(number, gueltig_bis="2026-01-31")
    world.run()
    assert world.rows() == [(9, "put_item")]
    assert world.items[espo_id].address.aktiv is False
    assert world.cases() == []
    assert world.is_still()


def test_row_10_changed_alike() -> None:
    world, espo_id, number = paired()
    world.edit_item(espo_id, strasse="Wall 1")
    world.edit_entry(number, strasse="wall 1")
    world.run()
    assert world.rows() == []
    world.edit_entry(number, strasse="Allee 9")
    world.run()
    assert world.rows() == [(9, "put_item")]


def test_row_11_espocrm_leads() -> None:
    world, espo_id, number = paired()
    world.edit_item(espo_id, strasse="Wall 1")
    world.edit_entry(number, strasse="Allee 9")
    world.run()
    assert (world.rows(), world.mentions()) == ([(11, "put_entry")], [(11, "lost_value")])
    assert world.plans[-1].reports[0].params["strasse"] == "Allee 9"
    assert world.entries[number].address.strasse == "Wall 1"
    assert world.is_still()


def test_row_12_a_mixed_address_is_never_sent() -> None:
    world, espo_id, number = paired()
    world.edit_item(espo_id, strasse="Ring 1", plz="1010", ort="Wien", land="Österreich")
    world.run()
    assert (world.rows(), world.cases()) == ([], [(12, "change_in_advoware")])
    assert world.plans[-1].cases[0].params["espo_land"] == "Österreich"
    assert world.is_still()
    assert world.cases() == [(12, "change_in_advoware")]
    world.edit_entry(number, strasse="Ring 1", plz="1010", ort="Wien", land="A")
    world.run()
    assert (world.rows(), world.cases()) == ([], [])


def test_row_12_set_back() -> None:
    world, espo_id, _ = paired()
    world.edit_item(espo_id, land="Österreich")
    world.run()
    world.edit_item(espo_id, land="")
    world.run()
    assert (world.rows(), world.cases()) == ([], [])


def test_row_12_postfach_that_espocrm_shows_in_the_street() -> None:
    world = World()
    world.facts = replace(world.facts, carried=frozenset({"strasse", "plz", "ort", "land"}))
    number = world.entry(postfach="12 34", postfach_plz="30001", plz="30159", ort="Hannover")
    world.run()
    assert (world.items["i1"].address.strasse, world.items["i1"].address.plz) == ("Postfach 12 34", "30001")
    assert world.is_still()
    world.edit_item("i1", strasse="Wall 1", plz="30159")
    world.run()
    assert (world.rows(), world.cases()) == ([], [(12, "change_in_advoware")])
    assert world.entries[number].address.strasse == ""


def test_row_12_an_empty_main_part_is_never_sent() -> None:
    """The street beside a Postfach is taken away: by hand, since nobody knows what Advoware makes of an empty one."""
    world, espo_id, number = paired(postfach="1234", postfach_plz="30001")
    world.edit_item(espo_id, strasse="", plz="", ort="")
    world.run()
    assert (world.rows(), world.cases()) == ([], [(12, "change_in_advoware")])
    assert world.is_still()
    world.edit_entry(number, strasse="", plz="", ort="")
    world.run()
    assert (world.rows(), world.cases()) == ([], [])


@pytest.mark.parametrize("by_setting", [True, False])
def test_row_12_as_a_new_entry_instead(by_setting: bool) -> None:
    world, espo_id, number = paired()
    world.edit_item(espo_id, land="Österreich")
    if by_setting:
        world.policy = replace(world.policy, fixed_change=FixedChange.as_new)
    else:
        world.links = answers.as_new_entry(world.links, espo_id=espo_id)
    world.run()
    assert [act for _, act in world.rows()] == ["post_entry"]
    assert world.cases() == [(14, "delete_in_advoware")]
    assert world.is_still()
    del world.entries[number]
    world.run()
    world.run()
    assert world.cases() == []


def test_row_13_side_facts_are_told_and_the_base_is_kept() -> None:
    world, espo_id, number = paired()
    world.edit_item(espo_id, standard=True)
    world.run()
    assert (world.rows(), world.cases()) == ([], [(13, "change_in_advoware")])
    assert world.plans[-1].cases[0].params == {"standard": "True"}
    assert world.is_still()
    assert world.items[espo_id].address.standard is True
    world.edit_entry(number, standard=True)
    world.run()
    assert (world.rows(), world.cases()) == ([], [])
    world.edit_entry(number, standard=False)
    world.run()
    assert world.rows() == [(9, "put_item")]


@pytest.mark.parametrize(
    "name, value, world",
    [
        ("standard", True, {}),
        ("aktiv", False, {}),
        ("bemerkung", "bitte klingeln", {"remark_max": 20}),
        ("bemerkung", "bitte klingeln", {"remark_max": 0}),
        ("gueltig_bis", "2030-12-31", {"post_drops": ("gueltig_bis",)}),
        ("gueltig_von", "2020-01-01", {"post_drops": ("gueltig_von",)}),
    ],
)
@pytest.mark.parametrize("fault", ["", "lost"])
def test_row_13_what_a_new_entry_does_not_hold_is_told_and_the_item_keeps_it(
    name: str, value: object, world: dict[str, object], fault: str
) -> None:
    made = World(facts=AddressFacts(today=TODAY, carried=frozenset({*PLACE, *SIDE_FACTS})), **world)
    made.entry("Wall 1", **HERE, standard=True)
    made.run()
    espo_id = made.item("Allee 9", **THERE, **{name: value})
    made.run({0: fault})
    assert made.rows() == [(3, "post_entry")]
    made.run()
    assert (made.rows(), made.cases()) == ([], [(13, "change_in_advoware")])
    assert made.plans[-1].cases[0].params == {name: str(value)}
    assert made.is_still()
    assert getattr(made.items[espo_id].address, name) == value
    number = next(link.entry_id for link in made.links if link.espo_id == espo_id)
    done = {"gueltig_bis": "2026-01-01"} if name == "aktiv" else {name: value}
    made.edit_entry(number, **done)
    made.run()
    assert made.cases() == []


def test_row_13_what_a_new_entry_does_hold_is_not_told() -> None:
    first = World()
    first.item("Allee 9", **THERE, standard=False)
    first.run()
    assert first.entries[1].address.standard is True
    assert first.is_still()
    assert first.cases() == []
    sent = Address(bemerkung="bitte\nklingeln", standard=False, gueltig_bis="2030-12-31")
    assert sent.as_agreed(replace(sent, bemerkung="bitte\r\nklingeln", standard=None, aktiv=True)) == sent


def test_row_14_tombstone() -> None:
    world, espo_id, number = paired()
    del world.items[espo_id]
    world.facts = replace(world.facts, shrunk_seen=frozenset({"items"}))
    world.run()
    assert (world.rows(), world.cases()) == ([], [(14, "delete_in_advoware")])
    assert world.plans[-1].removals == 1
    assert world.is_still()
    assert world.plans[-1].removals == 0
    assert world.cases() == [(14, "delete_in_advoware")]
    world.edit_entry(number, gueltig_bis="2026-01-31")
    world.run()
    assert (world.rows(), world.cases()) == ([], [])


def test_row_14_emptied() -> None:
    world, espo_id, number = paired()
    world.item("Wall 1", **THERE)
    world.run()
    world.edit_item(espo_id, strasse="", plz="", ort="")
    world.run()
    assert (world.rows(), world.cases()) == ([], [(14, "delete_in_advoware")])
    assert world.entries[number].address.strasse == "Hauptstraße 5"


def test_row_14_the_item_comes_back() -> None:
    world, espo_id, number = paired()
    item = world.items.pop(espo_id)
    world.run()
    world.run()
    world.items[espo_id] = item
    world.run()
    assert (world.rows(), world.cases()) == ([], [])
    assert [(link.espo_id, link.entry_id, link.state) for link in world.links] == [(espo_id, number, LinkState.linked)]


def test_row_15_used_again() -> None:
    world, espo_id, number = paired()
    del world.items[espo_id]
    world.run()
    world.run()
    world.edit_entry(number, strasse="Wall 1")
    world.run()
    assert (world.rows(), world.mentions(), world.cases()) == ([(15, "create_item")], [(15, "used_again")], [])
    assert world.is_still()
    assert world.streets() == (["Wall 1"], ["Wall 1"])


def test_row_15_changed_into_what_another_pair_says_is_its_double() -> None:
    """A second item of one address would be more than anybody has entered."""
    world, espo_id, number = paired()
    other = world.item("Wall 1", **HERE)
    world.run()
    del world.items[espo_id]
    world.run()
    assert world.cases() == [(14, "delete_in_advoware")]
    world.edit_entry(number, strasse="Wall 1")
    world.run()
    assert (world.rows(), world.cases()) == ([], [(5, "double")])
    assert list(world.items) == [other]
    assert world.is_still()


def test_row_15_changed_into_what_a_new_item_says_is_its_entry() -> None:
    world, espo_id, number = paired()
    world.item("Ring 3", **HERE)
    world.run()
    del world.items[espo_id]
    world.run()
    new = world.item("Wall 1", **HERE)
    world.edit_entry(number, strasse="Wall 1")
    world.run()
    assert (world.rows(), world.cases()) == ([], [])
    assert (new, number) in {(link.espo_id, link.entry_id) for link in world.links if link.is_pair}
    assert world.is_still()


def test_row_15_waits_while_the_same_address_was_sent_without_an_answer() -> None:
    world, espo_id, number = paired()
    world.item("Ring 3", **HERE)
    world.run()
    del world.items[espo_id]
    world.run()
    new = world.item("Wall 1", **HERE)
    world.run({0: "late"})
    world.edit_entry(number, strasse="Wall 1")
    world.run()
    assert (world.rows(), world.cases()) == ([], [(22, "outcome_unknown")])
    assert world.plans[-1].owed
    world.land_late()
    world.run()
    assert (world.rows(), world.cases()) == ([], [(5, "double")])
    assert new in {link.espo_id for link in world.links if link.is_pair}
    assert world.is_still()


def test_row_16_gone_ends_the_item_at_the_second_look() -> None:
    world, espo_id, number = paired()
    world.item("Wall 1", **THERE)
    world.run()
    del world.entries[number]
    world.run()
    assert (world.rows(), world.mentions()) == ([], [(16, "seen_once")])
    assert world.plans[-1].owed
    world.run()
    assert (world.rows(), world.plans[-1].removals) == ([(16, "put_item")], 1)
    assert world.items[espo_id].address.aktiv is False
    assert world.is_still()


@pytest.mark.parametrize("fields", [True, False])
def test_row_16_refused_it_is_not_sent_again(fields: bool) -> None:
    world = in_fields() if fields else World()
    world.item("Weg 5", **HERE)
    world.run()
    world.run()
    world.entries.clear()
    world.run()
    made = world.run({0: "refused"})
    assert [one.row for one in made.operations] == [16]
    for _ in range(2):
        assert world.run().operations == ()
        assert world.cases() == [(20, "refused")]
    world.edit_item("i1", strasse="Allee 9")
    world.run()
    assert [act for _, act in world.rows()] == ["post_entry"]
    assert world.is_still()


@pytest.mark.parametrize("row", [5, 6])
def test_rows_5_and_6_refused_they_are_not_sent_again(row: int) -> None:
    world, espo_id, number = paired()
    if row == 5:
        world.entry("Hauptstr. 5", **HERE)
    else:
        world.item("Hauptstr. 5", **HERE)
    world.run()
    assert world.cases() == [(row, "double")]
    if row == 5:
        world.edit_item(espo_id, strasse="Wall 7")
    else:
        world.edit_entry(number, strasse="Wall 7")
    place = next(place for place, one in enumerate(world.plan().operations) if one.row == row)
    world.run({place: "refused"})
    for _ in range(2):
        assert world.run().operations == ()
        assert (20, "refused") in world.cases()
    if row == 5:
        world.edit_item(espo_id, strasse="Allee 9")
    else:
        world.edit_entry(number, strasse="Allee 9")
    world.run()
    assert row in [row for row, _ in world.rows()]
    assert world.is_still()
    assert world.cases() == [(row, "double")]


def test_row_16_back_after_all() -> None:
    world, _, number = paired()
    entry = world.entries.pop(number)
    world.run()
    world.entries[number] = entry
    world.run()
    assert (world.rows(), world.mentions()) == ([], [])


@pytest.mark.parametrize("remove, acts", [(Remove.task, []), (Remove.delete, [(16, "delete_item")])])
def test_row_16_without_a_flag(remove: Remove, acts: list[tuple[int, str]]) -> None:
    world, _, number = paired()
    world.facts = replace(world.facts, carried=world.facts.carried - {"aktiv"})
    world.policy = replace(world.policy, remove=remove)
    del world.entries[number]
    world.run()
    world.run()
    assert world.rows() == acts
    assert world.cases() == ([] if acts else [(16, "gone_in_advoware")])
    assert world.is_still()


def test_row_16_ended_item_put_into_use_again_is_new() -> None:
    world, espo_id, number = paired()
    del world.entries[number]
    for _ in range(3):
        world.run()
    world.edit_item(espo_id, aktiv=True)
    world.run()
    assert (world.rows(), world.mentions()) == ([(3, "post_entry")], [(17, "sent_as_new")])
    assert world.is_still()


def test_row_17_the_edit_outlives_the_entry() -> None:
    world, espo_id, number = paired()
    del world.entries[number]
    world.edit_item(espo_id, strasse="Wall 1")
    world.run()
    assert world.rows() == []
    world.run()
    assert (world.rows(), world.mentions()) == ([(3, "post_entry")], [(17, "sent_as_new")])
    assert world.is_still()


def test_row_18_nobody_has_it() -> None:
    world, espo_id, number = paired()
    del world.entries[number], world.items[espo_id]
    world.run()
    world.run()
    assert (world.rows(), world.links) == ([], ())


def test_row_19_moved_to_another_beteiligter() -> None:
    old, espo_id, number = paired()
    item = old.items.pop(espo_id)
    old.run()
    old.run()
    assert old.cases() == [(14, "delete_in_advoware")]
    new = World(items={espo_id: item})
    new.run()
    assert new.rows() == [(3, "post_entry")]
    assert new.is_still()
    assert old.entries[number].address.strasse == "Hauptstraße 5"


@pytest.mark.parametrize("side", ["advoware", "espocrm"])
def test_row_20_refused_is_frozen_until_the_value_changes(side: str) -> None:
    world, espo_id, number = paired()
    edit = world.edit_item if side == "advoware" else world.edit_entry
    key = espo_id if side == "advoware" else number
    edit(key, strasse="Wall 1")
    world.run({0: "refused"})
    assert world.is_still()
    assert world.cases() == [(20, "refused")]
    assert world.plans[-1].states[espo_id] == "failed"
    edit(key, strasse="Wall 2")
    world.run()
    assert len(world.rows()) == 1
    assert world.is_still()
    assert world.cases() == []


@pytest.mark.parametrize("side", ["advoware", "espocrm"])
def test_row_20_a_refused_newcomer(side: str) -> None:
    world = World()
    world.item("Wall 1", **HERE) if side == "advoware" else world.entry("Wall 1", **HERE)
    world.run({0: "refused"})
    assert world.is_still()
    assert world.cases() == [(20, "refused")]
    world.edit_item("i1", strasse="Wall 2") if side == "advoware" else world.edit_entry(1, strasse="Wall 2")
    world.run()
    assert len(world.rows()) == 1


def test_row_20_what_espocrm_would_refuse_is_not_sent() -> None:
    world, _, number = paired()
    world.facts = replace(world.facts, limits={"ort": 100}, plain=frozenset({"ort"}))
    world.edit_entry(number, ort="x" * 101)
    world.run()
    assert (world.rows(), world.cases()) == ([], [(20, "refused")])
    world.edit_entry(number, ort="<Hannover>")
    world.run()
    assert (world.rows(), world.cases()) == ([], [(20, "refused")])
    world.edit_entry(number, ort="x" * 100)
    world.run()
    assert world.rows() == [(9, "put_item")]


def test_row_21_empty_ones_are_ignored() -> None:
    world = World()
    world.item("  ", land="Deutschland")
    world.entry(" ", land="D", bemerkung="leer")
    world.run()
    assert (world.rows(), world.cases(), world.plans[-1].states) == ([], [], {})


def test_row_22_unknown_outcome_is_never_sent_again_by_itself() -> None:
    world = World()
    espo_id = world.item("Wall 1", **HERE)
    world.run({0: "late"})
    second = world.item("Wall 1", **HERE)
    assert world.is_still()
    assert (22, "outcome_unknown") in world.cases()
    assert world.plans[-1].states == {espo_id: "failed", second: "unclean"}
    world.land_late()
    world.run()
    assert world.rows() == []
    assert [link.entry_id for link in world.links if link.espo_id == espo_id] == [1]
    assert world.is_still()


def test_row_22_an_edit_of_the_entry_meanwhile_is_seen() -> None:
    world = World()
    world.item("Wall 1", **HERE)
    world.run({0: "lost"})
    world.edit_entry(1, strasse="Allee 9")
    world.run()
    assert world.rows() == [(9, "put_item")]
    assert world.is_still()


def test_row_22_without_its_marker_adopted_by_equality() -> None:
    world = World(remark_max=0)
    world.item("Wall 1", **HERE)
    world.run({0: "lost"})
    world.run()
    assert [report.code for report in world.plans[-1].reports] == ["remark_cut"]
    assert world.is_still()
    assert world.plans[-1].reports == ()
    assert [(link.espo_id, link.entry_id) for link in world.links] == [("i1", 1)]


def test_row_22_people_answer_take_number() -> None:
    world = World()
    espo_id = world.item("Wall 1", **HERE)
    world.run({0: "late"})
    number = world.entry("Wall  1 (hinten)", **HERE)
    world.links = answers.it_is_there(world.links, espo_id=espo_id, entry_id=number)
    world.run()
    assert world.rows() == [(9, "put_item")]


def test_row_22_a_post_that_lands_after_not_there_is_shown_and_not_multiplied() -> None:
    world = World()
    espo_id = world.item("Wall 1", **HERE)
    world.run({0: "late"})
    world.links = answers.not_there(world.links, espo_id=espo_id)
    world.run()
    assert world.rows() == [(3, "post_entry")]
    world.land_late()
    assert world.is_still()
    assert world.cases() == [(5, "double")]
    assert (len(world.items), len(world.entries)) == (1, 2)


# --- direction


@pytest.mark.parametrize(
    "direction, waiting",
    [(Direction.to_advoware, {4, 9, 15, 16}), (Direction.to_espocrm, {3, 8, 11, 17})],
)
def test_direction(direction: Direction, waiting: set[int]) -> None:
    for row in (3, 4, 8, 9, 11, 15, 16, 17):
        world, espo_id, number = paired()
        other = world.item("Ring 3", **THERE)
        world.run()
        _stir(world, row, espo_id, number)
        if row in (15, 16, 17):
            world.run()
        world.direction = direction
        world.run()
        assert (world.rows() == []) == (row in waiting), row
        assert world.plans[-1].owed or row not in waiting, row
        world.direction = Direction.both
        world.run()
        assert (world.rows() != []) == (row in waiting), row
        assert world.is_still()
        assert other in world.items


def _stir(world: World, row: int, espo_id: str, number: int) -> None:
    if row == 3:
        world.item("Wall 1", plz="1", ort="Ulm")
    if row == 4:
        world.entry("Wall 1", plz="1", ort="Ulm")
    if row in (8, 11, 17):
        world.edit_item(espo_id, strasse="Wall 1")
    if row in (9, 11):
        world.edit_entry(number, strasse="Allee 9")
    if row in (16, 17):
        del world.entries[number]
    if row == 15:
        del world.items[espo_id]
        world.run()
        world.edit_entry(number, strasse="Allee 9")
        world.direction = Direction.to_advoware


# --- lists


def test_a_missing_list_is_not_an_empty_one() -> None:
    from syncapp.core.adressen.plan import AddressSnapshot

    world, _, _ = paired()
    for items, entries in ((None, ()), ((), None)):
        made = AddressSnapshot(items, entries, world.facts, world.links).plan(Around())
        assert (made.stopped, made.is_empty, made.links_before) == (ListStop.missing_list, True, world.links)


def test_a_suddenly_empty_list_is_believed_at_the_second_look() -> None:
    world, espo_id, number = paired()
    entries, world.entries = world.entries, {}
    world.run()
    assert world.plans[-1].stopped is ListStop.shrunk_list
    world.entries = entries
    world.run()
    assert (world.rows(), world.plans[-1].shrunk) == ([], frozenset())
    world.entries = {}
    world.run()
    world.run()
    assert world.rows() == [(16, "put_item")]
    assert number not in world.entries
    assert world.items[espo_id].address.aktiv is False


def test_a_list_that_lost_half_of_it_waits_for_a_second_look() -> None:
    world = World()
    for street in ("Wall", "Allee", "Ring", "Gasse"):
        world.item(f"{street} 1", **HERE)
    world.run()
    del world.items["i1"], world.items["i2"]
    world.run()
    assert world.plans[-1].stopped is ListStop.shrunk_list
    world.run()
    assert world.plans[-1].removals == 2


# --- first load and crowds


def test_first_load_only_matches_until_people_say_carry() -> None:
    world = World(policy=AddressPolicy(only_match=True))
    world.facts = replace(world.facts, first_load=True)
    world.item("Wall 1", **HERE)
    world.entry("Allee 9", **THERE)
    world.run()
    world.facts = replace(world.facts, first_load=False)
    assert world.is_still()
    assert world.cases() == [(4, "waiting"), (3, "waiting")]
    world.entry("Wall 1", **HERE)
    world.run()
    assert world.cases() == [(4, "waiting")]
    world.people_say_carry()
    world.run()
    assert world.rows() == [(4, "create_item")]


def test_more_than_five_new_ones_wait() -> None:
    world = World()
    for number in range(7):
        world.item(f"Straße {chr(65 + number)}", plz=str(number), ort="Ulm")
    world.run()
    assert (len(world.rows()), world.cases()) == (5, [(3, "waiting")] * 2)
    assert world.is_still()


def test_expired_entries_are_not_carried_but_match() -> None:
    world = World()
    world.entry("Wall 1", gueltig_bis="2020-12-31", **HERE)
    world.run()
    assert (world.rows(), world.mentions()) == ([], [(4, "expired")])
    world.item("Wall 1", **HERE)
    world.run()
    assert (world.rows(), len(world.links)) == ([], 1)


# --- a lost database


@pytest.mark.parametrize("by", ["number", "marker"])
def test_lost_database_equal_pairs_are_found(by: str) -> None:
    world = World(number_field=by == "number")
    world.item("Wall 1", **HERE)
    world.entry("Allee 9", **THERE)
    world.run()
    world.lose_database()
    assert world.is_still()
    assert len(world.links) == 2


@pytest.mark.parametrize("keep, street", [("espocrm", "Ring 3"), ("advoware", "Wall 1")])
def test_lost_database_with_different_values_asks(keep: str, street: str) -> None:
    world = World()
    espo_id = world.item("Wall 1", **HERE)
    world.run()
    world.edit_item(espo_id, strasse="Ring 3")
    world.lose_database()
    world.run()
    assert (world.rows(), world.cases()) == ([], [(1, "differs")])
    assert world.is_still()
    espo, advo = world.items[espo_id].address, world.entries[1].address
    world.links = answers.keep_side(world.links, espo_id=espo_id, entry_id=1, side=Side(keep), espo=espo, advo=advo)
    world.run()
    assert len(world.rows()) == 1
    assert world.streets() == ([street], [street])
    assert world.is_still()


def test_lost_database_and_keep_espocrm_asks_for_nothing_by_hand() -> None:
    """The item is not the default, the entry is: nobody has changed that, and nobody is sent to Advoware for it."""
    world = World()
    espo_id = world.item("Wall 1", **HERE)
    world.run()
    assert (world.items[espo_id].address.standard, world.entries[1].address.standard) == (False, True)
    world.edit_item(espo_id, strasse="Ring 3")
    world.lose_database()
    world.run()
    espo, advo = world.items[espo_id].address, world.entries[1].address
    world.links = answers.keep_side(world.links, espo_id=espo_id, entry_id=1, side=Side.espocrm, espo=espo, advo=advo)
    world.run()
    assert (world.rows(), world.cases()) == ([(8, "put_entry")], [])
    assert world.is_still()
    assert world.cases() == []


def test_a_copied_marker_proves_nothing() -> None:
    world = World()
    world.item("Wall 1", **HERE)
    world.run()
    world.entry("Allee 9", bemerkung=world.entries[1].address.bemerkung, **THERE)
    world.run()
    assert world.rows() == [(4, "create_item")]
    assert world.is_still()


# --- the field representation


def in_fields(*empty: str) -> World:
    world = World()
    carried = frozenset({"strasse", "plz", "ort", "land"})
    world.facts = replace(
        world.facts, carried=carried, representation=Representation.field, empty_fields=empty, first_load=True
    )
    return world


@pytest.mark.parametrize("standard", [True, False])
def test_field_takes_the_one_that_is_meant(standard: bool) -> None:
    world = in_fields("billingAddress", "shippingAddress")
    world.entry("Wall 1", standard=standard, **HERE)
    if standard:
        world.entry("Allee 9", **THERE)
    made = world.run()
    assert [(one.row, one.act, one.espo_id) for one in made.operations] == [(4, "put_item", "billingAddress")]
    assert world.mentions() == ([(4, "only_in_advoware")] if standard else [])


def test_row_2_field_asks_before_an_empty_field_takes_what_is_similar() -> None:
    """It stands in another field already, perhaps: as a second address it would be sent to Advoware once more."""
    world = in_fields("shippingAddress")
    world.item("Hauptstr. 5", **HERE)
    world.entry("Hauptstr. 5a", standard=True, **HERE)
    world.run()
    assert (world.rows(), world.cases()) == ([], [(2, "same_or_different")])


def test_row_5_field_an_empty_field_takes_no_double() -> None:
    world = in_fields("shippingAddress")
    world.item("Hauptstr. 5", **HERE)
    world.entry("Hauptstr. 5", **HERE)
    world.entry("Hauptstr. 5", standard=True, **HERE)
    world.run()
    assert (world.rows(), world.cases()) == ([], [(5, "double")])


@pytest.mark.parametrize("standard", [True, False])
def test_row_4_field_the_only_entry_is_that_of_all(standard: bool) -> None:
    """The one that is left once others are matched is meant by nobody."""
    world = in_fields("shippingAddress")
    world.item("Hauptstr. 5", **HERE)
    world.entry("Hauptstr. 5", standard=standard, **HERE)
    world.entry("Altweg 9", **HERE)
    world.run()
    assert (world.rows(), world.mentions()) == ([], [(4, "only_in_advoware")])


def test_field_does_not_guess() -> None:
    world = in_fields("billingAddress")
    world.entry("Wall 1", **HERE)
    world.entry("Allee 9", **THERE)
    world.run()
    assert (world.rows(), world.mentions()) == ([], [(4, "only_in_advoware")] * 2)


def test_field_is_emptied_when_the_entry_is_gone() -> None:
    world = in_fields()
    world.item("Wall 1", **HERE)
    world.run()
    world.run()
    world.entries.clear()
    world.run()
    made = world.run()
    assert (world.rows(), made.removals) == ([(16, "put_item")], 1)
    assert world.items["i1"].address.is_empty
    assert world.is_still()
