"""Addresses and bank accounts on the wire: what both clients send, and how they read answers of uncertain shape."""

from collections.abc import Callable
from typing import Any

import pytest

from syncapp.remotes.advoware.children import Child, ChildList, children_in
from syncapp.remotes.advoware.client import AdvowareClient
from syncapp.remotes.http.errors import OutcomeUnknown
from tests.remotes import test_advoware as advoware
from tests.remotes import test_espocrm as espocrm
from tests.remotes.scripted import answer

ADRESSEN = ChildList("Adressen", "adressen")
ENTRY = {"id": 5, "rowId": "a1", "strasse": "Wall 1", "land": "D", "unbekannt": [1]}
CURRENT = Child(5, "a1", ENTRY)
BASE = "/api/api/v1/advonet/Beteiligte/7"


@pytest.mark.parametrize(
    "act, answers, line, body",
    [
        (lambda c: c.children(7, ADRESSEN), [ENTRY], f"GET {BASE}/Adressen", None),
        (lambda c: c.create_child(7, ADRESSEN, {"ort": "Ulm"}), ENTRY, f"POST {BASE}/Adressen", {"ort": "Ulm"}),
        (
            lambda c: c.update_child(7, ADRESSEN, CURRENT, {"strasse": "Ring 3"}),
            ENTRY,
            f"PUT {BASE}/Adressen/5",
            {**ENTRY, "strasse": "Ring 3"},
        ),
    ],
)
def test_requests(act: Callable[[AdvowareClient], Any], answers: object, line: str, body: object) -> None:
    exchange, _ = advoware.sent(answer(answers), act)
    assert exchange.line == f"{line} HTTP/1.1"
    assert (exchange.json if exchange.body else None) == body


@pytest.mark.parametrize(
    "answers, number",
    [
        (ENTRY, 5),
        ([ENTRY], 5),
        (5, 5),
        ("5", 5),
        ({"id": 5}, 5),
        ([ENTRY, ENTRY], None),
        ([], None),
        ({"rowId": "x"}, None),
    ],
)
def test_what_a_create_may_answer(answers: object, number: int | None) -> None:
    _, found = advoware.sent(answer(answers), lambda c: c.create_child(7, ADRESSEN, {}))
    assert found.id == number


@pytest.mark.parametrize("status", [200, 201, 204])
def test_a_create_without_content_is_done(status: int) -> None:
    _, found = advoware.sent(answer(b"", status), lambda c: c.create_child(7, ADRESSEN, {}))
    assert found == Child(None, None, {})


def test_a_create_without_content_is_open_where_no_look_will_tell() -> None:
    unseen = ChildList("Bankverbindungen", "")
    error = advoware.failing(answer(b"", 200), lambda c: c.create_child(7, unseen, {}))
    assert isinstance(error, OutcomeUnknown)


@pytest.mark.parametrize("step", [answer([]), answer(b"", 204), answer(b"null")])
def test_a_list_by_its_own_address_may_be_nothing(step: Any) -> None:
    _, found = advoware.sent(step, lambda c: c.children(7, ADRESSEN))
    assert found == ()


@pytest.mark.parametrize("answers", ["text", True, [[1]]])
def test_a_create_that_nobody_understands(answers: object) -> None:
    error = advoware.failing(answer(answers), lambda c: c.create_child(7, ADRESSEN, {}))
    assert isinstance(error, OutcomeUnknown)


@pytest.mark.parametrize(
    "step, row_id",
    [
        (answer({**ENTRY, "rowId": "a2"}), "a2"),
        (answer([{"id": 4, "rowId": "x"}, {**ENTRY, "rowId": "a2"}]), "a2"),
        (answer({"rowId": "a2"}), "a2"),
        (answer(b"", 204), None),
        (answer(b""), None),
        (answer(5), None),
        (answer("5"), None),
        (answer(True), None),
    ],
)
def test_what_an_update_may_answer(step: Any, row_id: str | None) -> None:
    _, found = advoware.sent(step, lambda c: c.update_child(7, ADRESSEN, CURRENT, {}))
    assert (found.id, found.row_id) == (5, row_id)


@pytest.mark.parametrize("answers", [{"id": 6}, [], 6, False, "Fehler"])
def test_an_update_that_answers_another_entry(answers: object) -> None:
    error = advoware.failing(answer(answers), lambda c: c.update_child(7, ADRESSEN, CURRENT, {}))
    assert isinstance(error, OutcomeUnknown)


def test_an_entry_without_a_number_cannot_be_written() -> None:
    with pytest.raises(ValueError, match="number"):
        advoware.sent(answer({}), lambda c: c.update_child(7, ADRESSEN, Child(None, None, {}), {}))


@pytest.mark.parametrize(
    "raw, found",
    [
        ({}, None),
        ({"adressen": None}, ()),
        ({"adressen": []}, ()),
        ({"adressen": "x"}, None),
        ({"adressen": [ENTRY, "x"]}, None),
        ({"adressen": [ENTRY]}, (CURRENT,)),
        ({"adressen": [{"id": "5"}]}, (Child(5, None, {"id": "5"}),)),
        ({"adressen": [{"ort": "Ulm"}]}, (Child(None, None, {"ort": "Ulm"}),)),
    ],
)
def test_a_missing_list_is_not_an_empty_one(raw: dict[str, object], found: object) -> None:
    assert children_in(raw, ADRESSEN) == found


def test_the_number_is_a_setting() -> None:
    by_order = ChildList("Adressen", "adressen", "reihenfolgeIndex")
    entry = {**ENTRY, "reihenfolgeIndex": 2}
    (child,) = children_in({"adressen": [entry]}, by_order) or ()
    exchange, _ = advoware.sent(answer(entry), lambda c: c.update_child(7, by_order, child, {}))
    assert exchange.line == f"PUT {BASE}/Adressen/2 HTTP/1.1"


def test_no_value_in_a_repr() -> None:
    assert "Wall" not in repr(CURRENT)


def test_espocrm_s_children_are_one_request() -> None:
    exchange, found = espocrm.sent(
        {"total": -2, "list": [{"id": "b"}, {"id": "a"}]},
        lambda c: c.of_type("CAdressen").children(link="beteiligteId", parent_id="p1"),
    )
    assert [record.id for record in found] == ["a", "b"]
    assert espocrm.path(exchange) == "GET /api/CAdressen"
    asked = espocrm.query(exchange)
    assert asked["where[0][type]"] == "equals"
    assert (asked["where[0][attribute]"], asked["where[0][value]"]) == ("beteiligteId", "p1")
    assert asked["maxSize"] == "200"


@pytest.mark.parametrize(
    "act, line",
    [
        (lambda c: c.create({"ort": "Ulm"}), "POST /api/CAdressen"),
        (lambda c: c.patch("x", {"ort": "Ulm"}), "PATCH /api/CAdressen/x"),
        (lambda c: c.get("x"), "GET /api/CAdressen/x"),
    ],
)
def test_espocrm_s_other_entity_types(act: Callable[[Any], Any], line: str) -> None:
    exchange, _ = espocrm.sent({"id": "x"}, lambda c: act(c.of_type("CAdressen")))
    assert espocrm.path(exchange) == line
