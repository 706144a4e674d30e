"""Which of Advoware's legal forms was meant: its own spelling where a single one is, else the nearest by name."""

import pytest

from syncapp.core.beteiligte.field_table import resolve
from syncapp.core.beteiligte.legal_forms import nearest, spelled
from syncapp.core.beteiligte.validation import in_advowares_spelling

FORMS = frozenset(
    {"AG", "e.K.", "e.V.", "GbR", "GmbH", "GmbH & Co. KG", "KG", "natürliche Person", "OHG", "PartG mbB", "UG"}
)


@pytest.mark.parametrize(
    "typed, meant",
    [
        ("GmbH", "GmbH"),
        ("gmbh", "GmbH"),
        ("GMBH", "GmbH"),
        ("G.m.b.H.", "GmbH"),
        ("G. m. b. H.", "GmbH"),
        ("Gmb H", "GmbH"),
        ("GmbH\u00a0&\u202fCo.\u2009KG", "GmbH & Co. KG"),
        ("GmbH & Co KG", "GmbH & Co. KG"),
        ("gmbh&co.kg", "GmbH & Co. KG"),
        ("eV", "e.V."),
        ("E. V.", "e.V."),
        ("ek", "e.K."),
        ("NATÜRLICHE PERSON", "natürliche Person"),
        ("partg MBB", "PartG mbB"),
        ("A.G.", "AG"),
    ],
)
def test_where_case_blanks_or_dots_alone_differ_the_lists_spelling_is_meant(typed: str, meant: str) -> None:
    assert spelled(typed, FORMS) == meant


@pytest.mark.parametrize("typed", ["GmhB", "GmbH u. Co. KG", "Limited", "Gmb-H", "", "."])
def test_anything_else_stays_as_it_is(typed: str) -> None:
    assert spelled(typed, FORMS) == typed


def test_where_two_forms_could_be_meant_none_is_chosen() -> None:
    two = {"GmbH & Co KG", "GmbH & Co. KG"}
    assert spelled("gmbh & co kg", two) == "gmbh & co kg"
    assert spelled("GmbH & Co KG", two) == "GmbH & Co KG"


@pytest.mark.parametrize(
    "typed, named",
    [
        ("GmhB", ("GmbH",)),
        ("GmbH u. Co. KG", ("GmbH & Co. KG",)),
        ("Gmb-H", ("GmbH",)),
        ("Naturliche Person", ("natürliche Person",)),
        ("OGH", ("OHG",)),
        ("Limited", ()),
        ("", ()),
    ],
)
def test_the_nearest_are_named_the_nearest_first(typed: str, named: tuple[str, ...]) -> None:
    assert nearest(typed, FORMS)[: len(named) or None] == named


def test_no_more_than_three_are_named() -> None:
    assert len(nearest("GmbH1", [f"GmbH{number}" for number in range(2, 9)])) == 3


def test_spelled_is_what_is_written_and_nothing_else_of_it() -> None:
    assert in_advowares_spelling({"name": "x", "rechtsform": "gmbh"}, FORMS) == {"name": "x", "rechtsform": "GmbH"}
    for values in ({"name": "gmbh"}, {"rechtsform": None}):
        assert in_advowares_spelling(values, FORMS) == values
    assert in_advowares_spelling({"rechtsform": "gmbh"}, None) == {"rechtsform": "gmbh"}


@pytest.mark.parametrize("setting", ["GmbH", "G.m.b.H."])
@pytest.mark.parametrize("typed", ["GmbH", "gmbh", "G. m. b. H."])
def test_however_it_is_spelled_it_is_a_company(typed: str, setting: str) -> None:
    field_map = resolve(
        person=False,
        overrides={},
        value_map={},
        company_rechtsformen=frozenset({setting}),
        known_attributes=None,
    )
    assert field_map.is_company({"rechtsform": typed})
    assert not field_map.is_company({"rechtsform": "natürliche Person"})
