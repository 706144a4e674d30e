"""Extensions: EspoCRM drops them by default; where it evidently keeps them they tell two numbers apart."""

from typing import Any

import pytest

from syncapp.core.kommunikation.kinds import Medium, espo_spelling, form_of, item_form, shows_extension
from syncapp.core.kommunikation.knowledge import keeps_extensions
from syncapp.core.kommunikation.shapes import Facts, Item, Pending, Variant
from tests.core.kommunikation.test_tables import base, entry, item, link, mark, phones, planned, variants

ALONE, ONE, TWO = "+4951110001", "+4951110001 ext. 12", "+4951110001 ext. 13"
DIALLED = "0511 10001 ext. 12"


def evidently(**given: Any) -> bool:
    return keeps_extensions(**{"items": [], "entries": [], "links": [], "facts": Facts(), **given})


@pytest.mark.parametrize(
    "given",
    [
        {"facts": Facts(extensions=True)},
        {"items": [item(ONE)]},
        {"items": [item(ALONE), item(DIALLED)]},
        {"links": [link(1, ONE)]},
        {"links": [link(None, pending=Pending(base(ONE), DIALLED, mark(ONE)))]},
        {"entries": [entry(1, "0511 10001", f"Zentrale {mark(ONE)}")]},
    ],
    ids=[
        "it was told",
        "it shows one",
        "in whatever spelling",
        "at the last sync",
        "for a write",
        "for a marker",
    ],
)
def test_that_espocrm_keeps_them_is_seen_by_what_it_shows_or_has_shown(given: dict[str, Any]) -> None:
    assert evidently(**given)


@pytest.mark.parametrize(
    "given",
    [
        {"items": [item(ALONE)], "links": [link(1, ALONE)]},
        {"items": [Item(Medium.email, "0511 10001 ext. 12")]},
        {"entries": [entry(1, DIALLED, "ext. 12")]},
    ],
    ids=["none is there", "an e-mail is no number", "what Advoware shows says nothing"],
)
def test_nothing_else_says_so(given: dict[str, Any]) -> None:
    assert not evidently(**given)


def test_a_number_of_the_installation_s_own_region_shows_one_too() -> None:
    assert shows_extension([DIALLED], "DE")
    assert not shows_extension(["0511 10001", "a@example.org"], "DE")


def test_a_text_of_advoware_is_read_without_it_unless_espocrm_keeps_them() -> None:
    assert form_of(DIALLED, "DE") == form_of(ALONE, "DE")
    assert form_of(DIALLED, "DE", extensions=True) == form_of(ONE, "DE", extensions=True) != form_of(ALONE, "DE")
    assert (espo_spelling(DIALLED, "DE"), espo_spelling(DIALLED, "DE", extensions=True)) == (ALONE, ONE)


def test_an_item_of_espocrm_is_what_it_shows() -> None:
    assert item_form(Medium.phone, ONE, "DE") not in (item_form(Medium.phone, one, "DE") for one in (ALONE, TWO))
    assert item_form(Medium.phone, ONE, "DE", extensions=False) == item_form(Medium.phone, ALONE, "DE")


def test_where_it_keeps_them_two_of_one_number_are_two() -> None:
    made = planned([item(ONE)], [entry(1, DIALLED), entry(2, "0511 10001 ext. 13")], [])
    assert variants(made) == [(Variant.match, 1), (Variant.add_item, 2)]
    assert phones(made) == [ONE, TWO]


def test_where_it_drops_them_two_of_one_number_are_one() -> None:
    made = planned([item(ALONE)], [entry(1, DIALLED), entry(2, "0511 10001 ext. 13")], [])
    assert phones(made) is None
    assert {one.base.key for one in made.links_after if one.base} == {ALONE}
