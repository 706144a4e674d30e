"""A plan in numbers, as previews of many records show it."""

from dataclasses import replace

from syncapp.core.adressen.plan import plan
from syncapp.core.adressen.shapes import Address, AddressEntry, AddressFacts, AddressItem, AddressPolicy, Initial
from syncapp.core.child_lists.tally import ListCount, tally
from tests.core.adressen.world import TODAY

HERE = Address(strasse="Lindenallee 4", plz="30159", ort="Hannover")
THERE = Address(strasse="Uferstraße 1", plz="20095", ort="Hamburg")
ELSEWHERE = Address(strasse="Kapellenweg 9", plz="48143", ort="Münster")
FIRST = AddressFacts(today=TODAY, first_load=True)


def counted(items: dict[str, Address], entries: dict[int, Address], initial: Initial = Initial.match) -> object:
    made = plan(
        items=[AddressItem(name, address) for name, address in items.items()],
        entries=[AddressEntry(number, address) for number, address in entries.items()],
        links=(),
        facts=FIRST,
        policy=AddressPolicy(initial=initial),
    )
    return tally((), made)


def test_equal_ones_are_matches_and_count_once_they_are_linked_nowhere() -> None:
    assert counted({"a": HERE}, {1: HERE}) == {ListCount.matched: 1}
    made = plan(items=[AddressItem("a", HERE)], entries=[AddressEntry(1, HERE)], links=(), facts=FIRST)
    again = plan(items=[AddressItem("a", HERE)], entries=[AddressEntry(1, HERE)], links=made.kept, facts=FIRST)
    assert tally(made.kept, again) == {}


def test_what_stands_on_one_side_alone_counts_whether_it_waits_or_is_carried() -> None:
    wanted = {ListCount.only_in_espocrm: 1, ListCount.only_in_advoware: 1}
    for initial in Initial:
        assert counted({"a": THERE}, {1: ELSEWHERE}, initial) == wanted


def test_what_looks_alike_is_counted_as_a_question() -> None:
    assert counted({"a": HERE}, {1: replace(HERE, strasse="Lindenallee 4 a")}) == {ListCount.similar: 1}


def test_what_stands_twice_on_a_side_is_a_double() -> None:
    assert counted({"a": HERE}, {1: HERE, 2: HERE}) == {ListCount.matched: 1, ListCount.double: 1}


def test_a_list_that_nobody_showed_is_counted_as_such() -> None:
    made = plan(items=None, entries=[], links=(), facts=FIRST)
    assert tally((), made) == {ListCount.stopped: 1}
