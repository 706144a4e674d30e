"""A plan in numbers, as previews of many records show it."""

from dataclasses import replace

from syncapp.core.adressen.plan import AddressSnapshot
from syncapp.core.adressen.shapes import Address, AddressEntry, AddressFacts, AddressItem, AddressPolicy
from syncapp.core.child_lists.tally import ListCount, tally
from syncapp.core.parts import Around
from tests.core.adressen.world import TODAY

HERE = Address(strasse="Lindenallee 4", plz="30159", ort="Hannover")
THERE = Address(strasse="Uferstraße 1", plz="20095", ort="Hamburg")
ELSEWHERE = Address(strasse="Kapellenweg 9", plz="48143", ort="Münster")
FIRST = AddressFacts(today=TODAY, first_load=True)


def counted(items: dict[str, Address], entries: dict[int, Address], *, only_match: bool = True) -> object:
    shown = tuple(AddressItem(name, address) for name, address in items.items())
    there = tuple(AddressEntry(number, address) for number, address in entries.items())
    lists = AddressSnapshot(shown, there, FIRST, policy=AddressPolicy(only_match=only_match))
    return tally((), lists.plan(Around()))


def test_equal_ones_are_matches_and_count_once_they_are_linked_nowhere() -> None:
    assert counted({"a": HERE}, {1: HERE}) == {ListCount.matched: 1}
    lists = AddressSnapshot((AddressItem("a", HERE),), (AddressEntry(1, HERE),), FIRST)
    made = lists.plan(Around())
    again = replace(lists, links=made.kept).plan(Around())
    assert tally(made.kept, again) == {}


def test_what_stands_on_one_side_alone_counts_whether_it_waits_or_is_carried() -> None:
    wanted = {ListCount.only_in_espocrm: 1, ListCount.only_in_advoware: 1}
    for only_match in (True, False):
        assert counted({"a": THERE}, {1: ELSEWHERE}, only_match=only_match) == wanted


def test_what_looks_alike_is_counted_as_a_question() -> None:
    assert counted({"a": HERE}, {1: replace(HERE, strasse="Lindenallee 4 a")}) == {ListCount.similar: 1}


def test_what_stands_twice_on_a_side_is_a_double() -> None:
    assert counted({"a": HERE}, {1: HERE, 2: HERE}) == {ListCount.matched: 1, ListCount.double: 1}


def test_a_list_that_nobody_showed_is_counted_as_such() -> None:
    made = AddressSnapshot(None, (), FIRST).plan(Around())
    assert tally((), made) == {ListCount.stopped: 1}
