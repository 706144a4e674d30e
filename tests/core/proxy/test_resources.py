"""The resource table: what exists for callers, by exact case, and what never does."""

import re

import pytest
from hypothesis import given, reject
from hypothesis import strategies as st

from syncapp.core.proxy.codes import Code, ProxyRefusal
from syncapp.core.proxy.paths import read_path
from syncapp.core.proxy.resources import (
    METHODS,
    NEVER,
    RESOURCES,
    Match,
    Resource,
    blanks_behind,
    matches,
    note_on,
    offered,
    row_of,
)

FOUND = {
    "Beteiligte": ("Beteiligte", ()),
    "Beteiligte/104860": ("Beteiligte/{int}", ("104860",)),
    "Beteiligte/0": ("Beteiligte/{int}", ("0",)),
    "Beteiligte/1/Kommunikationen": ("Beteiligte/{int}/Kommunikationen", ("1",)),
    "Beteiligte/1/Kommunikationen/2": ("Beteiligte/{int}/Kommunikationen/{int}", ("1", "2")),
    "Akten/2026-17": ("Akten/{id}", ("2026-17",)),
    "Termine": ("Termine", ()),
}
NOT_OFFERED = (
    *("BETEILIGTE", "beteiligte", "Beteiligte/01", "Beteiligte/-1", "Beteiligte/1.0", "Beteiligte/one"),
    *("Beteiligte/1/2", "Beteiligte/1/kommunikationen", "Termine/1", "Token", "token", "license/KuerzelForProduct/1"),
    *("Beteiligte/9999999999999999999", "File/1"),
)


def match(table, segments) -> Match:
    """The most exact row."""
    return matches(table, segments)[0]


@pytest.mark.parametrize("path", FOUND)
def test_row(path):
    found = match(RESOURCES, tuple(path.split("/")))
    assert (found.resource.template, found.ids) == FOUND[path]


@pytest.mark.parametrize("path", NOT_OFFERED)
def test_not_offered(path):
    with pytest.raises(ProxyRefusal) as refused:
        match(RESOURCES, tuple(path.split("/")))
    assert refused.value.code == Code.NOT_OFFERED


@pytest.mark.parametrize("name", sorted(NEVER))
def test_never_even_where_everything_is_offered(name):
    table = (*RESOURCES, row_of("GET *"))
    for spelled in (name, name.upper(), name.title()):
        with pytest.raises(ProxyRefusal):
            match(table, (spelled, "1"))
        with pytest.raises(ValueError, match="never"):
            row_of(f"GET {spelled}/{{int}}")


def test_the_row_for_everything_comes_last():
    table = (row_of("GET *"), *RESOURCES)
    assert match(table, ("Termine",)).resource.template == "Termine"
    found = match(table, ("Sachgebiete", "7"))
    assert (found.resource.template, found.ids, found.path) == ("*", ("Sachgebiete", "7"), "{id1}/{id2}")


@pytest.mark.parametrize("row", RESOURCES, ids=lambda row: row.template)
def test_every_row_is_well_formed_and_says_what_it_is(row):
    assert row_of(f"{'+'.join(row.methods)} {row.template}").methods == row.methods
    assert row.note.endswith(".")


def test_a_method_that_the_row_has_not():
    with pytest.raises(ProxyRefusal) as refused:
        offered(matches(RESOURCES, ("Beteiligte", "1")), "DELETE")
    assert refused.value.code == Code.METHOD_NOT_OFFERED
    assert refused.value.hint == "offered: GET, PUT"


MORE = (
    *("GET *", "GET Akten/suche", "PUT Akten/{int}", "DELETE Beteiligte/{int}/Adressen/{int}"),
    *("GET Termine/{id}", "DELETE Termine/{int}"),
)
# what is asked -> the row that answers
FITS = {
    "a method that only the row for everything has": ("GET Beteiligte/1/Adressen", "*"),
    "a method that an added row gives to a path of ours": (
        "DELETE Beteiligte/1/Adressen/2",
        "Beteiligte/{int}/Adressen/{int}",
    ),
    "a method of ours stays ours": ("PUT Beteiligte/1/Adressen/2", "Beteiligte/{int}/Adressen/{int}"),
    "a name before any part": ("GET Akten/suche", "Akten/suche"),
    "any part, where the name is another": ("GET Akten/such", "Akten/{id}"),
    "any part, where the number has not the method": ("GET Akten/7", "Akten/{id}"),
    "a number before any part": ("PUT Akten/7", "Akten/{int}"),
    "anything at all": ("GET Sachgebiete/7", "*"),
}


@pytest.mark.parametrize("name", FITS)
@pytest.mark.parametrize("ours_first", [True, False])
def test_the_most_exact_row_that_has_the_method(name, ours_first):
    asked, template = FITS[name]
    method, path = asked.split()
    added = tuple(row_of(text) for text in MORE)
    table = (*RESOURCES, *added) if ours_first else (*added, *RESOURCES)
    assert offered(matches(table, tuple(path.split("/"))), method).resource.template == template


def test_what_no_row_that_fits_has():
    table = (*RESOURCES, *map(row_of, MORE))
    with pytest.raises(ProxyRefusal) as refused:
        offered(matches(table, ("Beteiligte", "1", "Adressen")), "DELETE")
    assert (refused.value.code, refused.value.hint) == (Code.METHOD_NOT_OFFERED, "offered: GET, POST")


@pytest.mark.parametrize("template", ["Termine", "Termine/{int}", "Termine/{id}", "termine/{int}"])
def test_what_belongs_to_owners_does_so_in_an_added_row_too(template):
    assert row_of(f"{'+'.join(METHODS)} {template}").owner is not None
    assert row_of(f"GET {template}/Akten").owner is None


@st.composite
def paths(draw):
    """Mostly one that a row has, with numbers and names filled in; a part may have been changed."""
    parts = draw(st.sampled_from(RESOURCES)).template.split("/")
    filled = [draw(st.sampled_from(["1", "104860", "x", "Akten"])) if part.startswith("{") else part for part in parts]
    return "/".join(filled)


@given(paths())
def test_what_matches_is_the_row_filled_with_the_path_s_own_parts(text):
    try:
        found = match(RESOURCES, read_path(text))
    except ProxyRefusal:
        reject()
    assert found.path.format(**found.values) == text
    assert re.sub(r"\{id\d\}", "{}", found.path) == re.sub(r"\{(int|id)\}", "{}", found.resource.template)


@pytest.mark.parametrize(
    "text",
    ["", "GET", "GET a b", "PATCH a", "GET+GET a", "get a", "GET a//b", "GET /a", "GET ../a", "GET a/%41", "GET {id}",
     "GET a/{betNr}", "GET a/*", "GET +POST"],
)  # fmt: skip
def test_a_row_that_makes_no_sense_is_refused(text):
    with pytest.raises(ValueError, match=r"."):
        row_of(text)


@pytest.mark.parametrize(
    "template, places",
    [
        ("Beteiligte/{int}", (0,)),
        ("beteiligte/{id}/Adressen/{int}", (0,)),
        ("Akten/{id}/Beteiligte/{int}", (1,)),
        ("Beteiligte", ()),
        ("Akten/{id}", ()),
        ("*", ()),
    ],
)
def test_which_blanks_stand_behind_a_name(template, places):
    assert blanks_behind(template, "Beteiligte") == places


NOTES = {
    "known": (("from", "frnr"), ""),
    "wrong case": (("frNr",), "frNr (meant: frnr)"),
    "unknown": (("limit",), "limit"),
}


@pytest.mark.parametrize("name", NOTES)
def test_note_on_parameters(name):
    given, words = NOTES[name]
    note = note_on(match(RESOURCES, ("Termine",)).resource, given)
    assert note.endswith(words)
    assert bool(note) is bool(words)


def test_no_note_where_no_parameter_is_known():
    assert note_on(Resource("Akten", ("GET",)), ["anything"]) == ""
