"""Each row of the tables of answers, by name: an answer that falls under it, and the error that it must become."""

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest

from syncapp.core.appointments.shapes import AdvowareTermin, TerminChange
from syncapp.core.systems import System
from syncapp.remotes.advoware import termine
from syncapp.remotes.advoware.wording import LOGIN_TEXTS
from syncapp.remotes.http.answers import COMMON_ROWS, UNKNOWN_STATUS, retry_after, wrong_shape
from syncapp.remotes.http.errors import (
    AuthFailed,
    Duplicate,
    Forbidden,
    Invalid,
    Misconfigured,
    NotFound,
    NotFoundPage,
    OutcomeUnknown,
    RemoteError,
    Transient,
    VersionConflict,
)
from syncapp.remotes.http.exchange import Answer, Request, WrongShape, only_object_of
from syncapp.remotes.registry import ANSWERS

ADVOWARE = ANSWERS[System.ADVOWARE]
# Google's own rows have a table of their own: test_google_answers.py.
ROWS = [*COMMON_ROWS, *(row for system in (System.ESPOCRM, System.ADVOWARE) for row in ANSWERS[system].rows)]
RECORD = "6b020535f2ebfbb01"
HTML = b"<!doctype html><title>Login</title>"
GET = Request("GET", "CBeteiligte/{id}", {"id": RECORD})
LIST = Request("GET", "CBeteiligte")
PATCH = Request("PATCH", "CBeteiligte/{id}", {"id": RECORD}, body={})
POST = Request("POST", "CBeteiligte", body={})
ADVO_GET = Request("GET", "Beteiligte/{betNr}", {"betNr": 7})
ADVO_PUT = Request("PUT", "Beteiligte/{betNr}", {"betNr": 7}, body={})
ADVO_KOMM = Request("PUT", "Beteiligte/{betNr}/Kommunikationen/{id}", {"betNr": 7, "id": 9}, body={})
ADVO_POST = Request("POST", "Beteiligte", body={})
ADVO_TERMIN = Request("GET", "Termine", params=(("frnr", "7"),))
ADVO_TERMIN_DELETE = Request("DELETE", "Termine", params=(("frnr", "7"),))
ADVO_TERMIN_IN_PATH = Request("PUT", "Termine/{frNr}", {"frNr": 7}, body={})
ADVO_TERMIN_IN_BODY = tuple(Request(method, "Termine", body={"frNr": 7}) for method in ("PUT", "DELETE"))
ADVO_TERMINE = Request("GET", "Termine", params=(("kuerzel", "SB"),), may_be_nothing=True)
ADVO_LIST = Request("GET", "Rechtsformen")
TOKEN = Request("POST", "Token", body={}, effect=False)


@dataclass(frozen=True)
class Case:
    row: str
    system: str
    request: Request
    status: int
    error: type[RemoteError]
    body: Any = b""
    headers: dict[str, str] = field(default_factory=dict)
    attributes: dict[str, Any] = field(default_factory=dict)

    @property
    def answer(self) -> Answer:
        body = self.body if isinstance(self.body, bytes) else json.dumps(self.body).encode()
        return Answer(self.status, self.headers, body)


def reason(text: str) -> dict[str, str]:
    return {"x-status-reason": text}


FAULT = "Field validation failure; entityType: CBeteiligte, field: titel, type: maxLength."
FAULT_BODY = {
    "messageTranslation": {
        "label": "validationFailure",
        "scope": None,
        "data": {"field": "titel", "type": "maxLength"},
    }
}
FAULT_FOUND = {"field": "titel", "rule": "maxLength", "reason": "field titel, rule maxLength"}
GONE = f"Record {RECORD} does not exist."

CASES = (
    *(
        Case(
            "advoware_login_text",
            "advoware",
            request,
            status,
            AuthFailed,
            f"Fehler: {text} !".encode(),
            {},
            {"hint": hint},
        )
        for text, hint in LOGIN_TEXTS.items()
        for request, status in ((TOKEN, 500), (TOKEN, 200), (ADVO_GET, 404), (ADVO_PUT, 403))
    ),
    *(
        Case("redirect", "espocrm", request, code, Misconfigured)
        for request in (GET, PATCH)
        for code in (301, 302, 307)
    ),
    *(Case("advoware_token_refused", "advoware", TOKEN, status, AuthFailed) for status in (400, 403, 422)),
    *(
        Case("unauthorized", system, request, 401, AuthFailed)
        for system in ("espocrm", "advoware")
        for request in (GET, POST)
    ),
    Case("espocrm_locked_out", "espocrm", GET, 403, AuthFailed, headers={"content-type": "text/html"}),
    Case("espocrm_locked_out", "espocrm", PATCH, 403, AuthFailed, HTML),
    Case(
        "forbidden",
        "espocrm",
        GET,
        403,
        Forbidden,
        headers=reason("No read access."),
        attributes={"reason": "No read access."},
    ),
    Case(
        "forbidden",
        "espocrm",
        GET,
        403,
        Forbidden,
        headers=reason(""),
        attributes={"reason": "error 403 without a text"},
    ),
    Case("forbidden", "advoware", ADVO_PUT, 403, Forbidden, b"Nein"),
    Case(
        "espocrm_record_gone",
        "espocrm",
        GET,
        404,
        NotFound,
        headers=reason(GONE),
        attributes={"reason": GONE},
    ),
    Case("espocrm_record_gone", "espocrm", PATCH, 404, NotFound, headers=reason(f"Record {RECORD} not found.")),
    Case("advoware_object_gone", "advoware", ADVO_GET, 404, NotFound),
    *(
        Case("advoware_object_gone", "advoware", request, 404, NotFound)
        for request in (ADVO_TERMIN, ADVO_TERMIN_DELETE, ADVO_TERMIN_IN_PATH, *ADVO_TERMIN_IN_BODY)
    ),
    *(Case("advoware_object_deleted", "advoware", request, 410, NotFound) for request in (ADVO_TERMIN, ADVO_PUT)),
    *(
        Case(f"advoware_web_page_{status}", "advoware", request, status, NotFoundPage, HTML)
        for request in (ADVO_GET, ADVO_KOMM, ADVO_TERMIN, ADVO_TERMIN_DELETE, ADVO_TERMIN_IN_PATH, *ADVO_TERMIN_IN_BODY)
        for status in (404, 410)
    ),
    *(
        Case(f"advoware_termin_not_shown_{status}", "advoware", ADVO_TERMIN, status, Forbidden, body)
        for status in (400, 422)
        for body in (b"", HTML, {"Message": "x"})
    ),
    Case("content_refused_400", "advoware", ADVO_TERMIN_IN_PATH, 400, Invalid),
    *(Case(f"advoware_no_list_{status}", "advoware", ADVO_TERMINE, status, Forbidden) for status in (400, 404)),
    Case("advoware_deletes_nothing", "advoware", ADVO_TERMIN_DELETE, 405, Forbidden),
    Case("forbidden", "advoware", ADVO_TERMIN_DELETE, 403, Forbidden),
    Case("asked_wrongly", "advoware", ADVO_TERMIN_IN_PATH, 405, Misconfigured),
    Case(
        "advoware_object_gone",
        "advoware",
        ADVO_KOMM,
        404,
        NotFound,
        {"Message": "x"},
    ),
    Case("unknown_address", "espocrm", GET, 404, Misconfigured, HTML),
    Case("unknown_address", "espocrm", GET, 404, Misconfigured, headers=reason("Record another does not exist.")),
    Case(
        "unknown_address",
        "espocrm",
        LIST,
        404,
        Misconfigured,
        headers=reason("Controller 'CBeteiligte' does not exist."),
    ),
    Case("unknown_address", "advoware", ADVO_POST, 404, Misconfigured),
    Case("unknown_address", "advoware", ADVO_LIST, 404, Misconfigured),
    Case("unknown_address", "advoware", TOKEN, 404, Misconfigured),
    Case("timed_out_there_read", "espocrm", GET, 408, Transient),
    Case("timed_out_there_write", "espocrm", PATCH, 408, OutcomeUnknown),
    Case("espocrm_duplicate", "espocrm", POST, 409, Duplicate, [{"id": "a"}, {"id": "b"}], reason("duplicate")),
    Case("espocrm_duplicate", "espocrm", POST, 409, Duplicate, b"", reason("duplicate")),
    Case("espocrm_modified", "espocrm", PATCH, 409, VersionConflict, {"versionNumber": 2}, reason("modified")),
    Case("espocrm_modified", "espocrm", PATCH, 409, VersionConflict, b"", reason("modified")),
    Case("locked_there", "advoware", ADVO_PUT, 423, Transient),
    Case(
        "too_many_requests",
        "advoware",
        ADVO_PUT,
        429,
        Transient,
        headers={"retry-after": "7"},
        attributes={"retry_after": 7.0},
    ),
    Case("too_many_requests", "espocrm", GET, 429, Transient, HTML, attributes={"retry_after": None}),
    Case("content_refused_400", "espocrm", PATCH, 400, Invalid, FAULT_BODY, reason(FAULT), FAULT_FOUND),
    Case("content_refused_400", "espocrm", PATCH, 400, Invalid, b"", reason(FAULT), FAULT_FOUND),
    Case("content_refused_400", "espocrm", PATCH, 400, Invalid, FAULT_BODY, {}, FAULT_FOUND),
    Case(
        "content_refused_400",
        "espocrm",
        PATCH,
        400,
        Invalid,
        b"",
        reason("Bad: Max"),
        {"field": None, "reason": "error 400 with a text of its own", "detail": "Bad: Max"},
    ),
    Case(
        "content_refused_400",
        "advoware",
        ADVO_PUT,
        400,
        Invalid,
        {"ModelState": {"beteiligter.geburtsdatum": ["x"]}},
        {},
        {"field": "geburtsdatum"},
    ),
    Case("content_refused_400", "advoware", ADVO_PUT, 400, Invalid, {"errors": {"Name": ["x"]}}, {}, {"field": "Name"}),
    Case(
        "content_refused_400",
        "advoware",
        ADVO_PUT,
        400,
        Invalid,
        "Name fehlt",
        {},
        {"field": None, "detail": '"Name fehlt"'},
    ),
    Case("content_refused_409", "advoware", ADVO_PUT, 409, Invalid),
    Case("content_refused_409", "espocrm", PATCH, 409, Invalid, headers=reason("a hook's own")),
    Case("content_refused_413", "espocrm", PATCH, 413, Invalid, HTML),
    Case("content_refused_422", "advoware", ADVO_POST, 422, Invalid),
    Case(
        "asked_wrongly",
        "espocrm",
        LIST,
        400,
        Misconfigured,
        headers=reason("order value is bad."),
        attributes={"reason": "order value is bad."},
    ),
    *(
        Case("asked_wrongly", "espocrm", PATCH, status, Misconfigured)
        for status in (402, 405, 406, 410, 411, 414, 415, 418, 431, 451)
    ),
    Case(
        "espocrm_maintenance",
        "espocrm",
        PATCH,
        503,
        Transient,
        {"message": "x"},
        reason("Application is in maintenance mode."),
    ),
    *(
        Case("server_error_read", "advoware", ADVO_GET, status, Transient, HTML)
        for status in (500, 501, 502, 503, 504, 599)
    ),
    *(
        Case("server_error_write", "advoware", ADVO_POST, status, OutcomeUnknown, HTML)
        for status in (500, 502, 503, 504)
    ),
    Case(
        "server_error_write",
        "espocrm",
        PATCH,
        503,
        OutcomeUnknown,
        headers={"retry-after": "3"},
        attributes={"retry_after": 3.0},
    ),
    Case("server_error_read", "advoware", TOKEN, 500, Transient),
    Case("html_read", "espocrm", GET, 200, Misconfigured, HTML, {"content-type": "text/html"}),
    Case("html_write", "espocrm", PATCH, 200, OutcomeUnknown, HTML, {"content-type": "text/html"}),
    Case("empty_read", "advoware", ADVO_GET, 200, Transient),
    Case("empty_read", "advoware", ADVO_GET, 204, Transient),
    Case("empty_read", "advoware", ADVO_TERMINE, 200, Transient),
    Case("empty_write", "advoware", ADVO_POST, 200, OutcomeUnknown),
    Case("empty_write", "advoware", ADVO_PUT, 201, OutcomeUnknown, b" \r\n"),
    Case("broken_read", "espocrm", GET, 200, Transient, b'{"id": "6b0'),
    Case("broken_write", "espocrm", PATCH, 200, OutcomeUnknown, b'{"id": "6b0'),
    Case("broken_write", "espocrm", PATCH, 200, OutcomeUnknown, b"[" * 100_000),
    Case("unknown_status", "espocrm", PATCH, 199, Misconfigured),
    Case("unknown_status", "espocrm", GET, 666, Misconfigured),
)


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.row}-{case.system}-{case.status}")
def test_row(case: Case) -> None:
    row = ANSWERS[System(case.system)].row_for(case.request, case.answer)
    assert row is not None
    assert row.name == case.row
    with pytest.raises(RemoteError) as caught:
        ANSWERS[System(case.system)].judge(case.request, case.answer)
    error = caught.value
    assert type(error) is case.error
    assert (error.system, error.operation, error.status) == (case.system, case.request.operation, case.status)
    assert {name: getattr(error, name) for name in case.attributes} == case.attributes


def test_each_row_has_a_case() -> None:
    assert {row.name for row in (*ROWS, UNKNOWN_STATUS)} == {case.row for case in CASES}
    assert len({row.name for row in ROWS}) == len(ROWS)


@pytest.mark.parametrize(
    "request_, status, body, value",
    [
        (GET, 200, b'{"a": 1}', {"a": 1}),
        (POST, 201, b"[]", []),
        (ADVO_PUT, 204, b"", None),
        (ADVO_TERMINE, 204, b"", None),
        *((termine.one(7), status, b"", None) for status in (200, 204)),
        *((termine.deleting(7, number_in), 200, b"OK", None) for number_in in ("query", "path", "body")),
        (termine.updating(AdvowareTermin(7), TerminChange(), "query"), 200, b"", None),
        (ADVO_TERMIN_DELETE, 200, b"", None),
        (GET, 200, b"null", None),
        (ADVO_GET, 200, b"\xef\xbb\xbf{}", {}),
    ],
)
def test_good_answers(request_: Request, status: int, body: bytes, value: object) -> None:
    assert ADVOWARE.judge(request_, Answer(status, {}, body)) == value


def test_a_name_that_looks_like_a_login_text_is_data() -> None:
    assert ADVOWARE.judge(ADVO_GET, Answer(200, {}, b'{"zusatz": "ist nicht registriert"}')) is not None


def test_no_refusal_after_a_write_is_taken_for_success_or_repeated_by_itself() -> None:
    for status in range(300, 600):
        with pytest.raises(RemoteError):
            ADVOWARE.judge(ADVO_POST, Answer(status, {}, b"{}"))


@pytest.mark.parametrize(
    "request_, cls",
    [(GET, Misconfigured), (TOKEN, Misconfigured), (PATCH, OutcomeUnknown), (ADVO_POST, OutcomeUnknown)],
)
def test_wrong_shape(request_: Request, cls: type[RemoteError]) -> None:
    with pytest.raises(WrongShape) as caught:
        only_object_of([{"name": "Max"}, {"name": "Moritz"}])
    error = wrong_shape("advoware", request_, 200, str(caught.value))
    assert type(error) is cls
    assert "a list of 2 came" in str(error)
    assert "Max" not in str(error)


NOW = datetime(2026, 11, 21, 20, 0, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    "header, seconds",
    [
        ("120", 120.0),
        ("0", 0.0),
        ("1.5", 1.5),
        ("-5", 0.0),
        ("Sat, 21 Nov 2026 20:02:00 GMT", 120.0),
        ("Sat, 21 Nov 2026 19:00:00 GMT", 0.0),
        ("99999999", 86_400.0),
        ("", None),
        ("soon", None),
        ("nan", None),
        ("inf", None),
    ],
)
def test_retry_after(header: str, seconds: float | None) -> None:
    assert retry_after(header, now=NOW) == seconds


@pytest.mark.parametrize(
    "words, safe",
    [
        ("No read access.", "No read access."),
        ("", "error 403 without a text"),
        ("Herr Müller ist unbekannt", "error 403 with a text of its own"),
        ("No read access. max@example.org", "error 403 with a text of its own"),
    ],
)
def test_only_known_wordings_are_passed_on(words: str, safe: str) -> None:
    assert ANSWERS[System.ESPOCRM].reason(Answer(403, {"x-status-reason": words}, b"")) == safe
