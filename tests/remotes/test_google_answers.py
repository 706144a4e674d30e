"""Each row of Google's answers, by name: an answer that falls under it, and the error that it must become.

The table is that of Google's own documentation: what is to be done hangs on the reason, not on the status.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from syncapp.core.faults.errors import ErrorKind
from syncapp.remotes.google_calendar.answers import ANSWERS, ROWS
from syncapp.remotes.google_calendar.wording import LOGIN_HINT, LOGIN_HINTS, codes
from syncapp.remotes.http.errors import (
    AccessLost,
    AuthFailed,
    CalendarGone,
    Duplicate,
    Forbidden,
    Invalid,
    Misconfigured,
    NotFound,
    NotOrganizer,
    OutcomeUnknown,
    QuotaExceeded,
    RemoteError,
    SyncTokenExpired,
    Transient,
    VersionConflict,
)
from syncapp.remotes.http.exchange import Answer, Request

EVENT = "calendars/{calendarId}/events/{eventId}"
IDS = {"calendarId": "c1", "eventId": "e1"}
GET = Request("GET", EVENT, IDS)
PATCH = Request("PATCH", EVENT, IDS, body={})
DELETE = Request("DELETE", EVENT, IDS)
LIST = Request("GET", "calendars/{calendarId}/events", {"calendarId": "c1"})
GOING_ON = replace(LIST, params=(("syncToken", "t"),))
NEXT_PAGE = replace(LIST, params=(("pageToken", "p"),))
INSERT = Request("POST", "calendars/{calendarId}/events", {"calendarId": "c1"}, body={})
CALENDAR = Request("GET", "calendars/{calendarId}", {"calendarId": "c1"})
SHARE = Request("POST", "calendars/{calendarId}/acl", {"calendarId": "c1"}, body={})
LISTED = Request("POST", "users/me/calendarList", body={"id": "c1"})
TOKEN = Request("POST", "token", body=b"", effect=False)


@dataclass(frozen=True)
class Case:
    row: str
    request: Request
    status: int
    error: type[RemoteError]
    reason: str = ""
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)
    page: bytes = b""
    attributes: dict[str, Any] = field(default_factory=dict)

    @property
    def answer(self) -> Answer:
        body = said(self.status, self.reason) if self.body is None else self.body
        return Answer(self.status, self.headers, self.page or json.dumps(body).encode())


def said(status: int, reason: str, **more: str) -> dict[str, Any]:
    """An error in the older form."""
    error = {"domain": "global", "reason": reason, "message": "Termin bei Anna Beispiel", **more}
    return {"error": {"code": status, "message": "Termin bei Anna Beispiel", "errors": [error]}}


def newer(reason: str) -> dict[str, Any]:
    """The same in the newer form."""
    return {"error": {"code": 403, "status": "PERMISSION_DENIED", "details": [{"reason": reason}]}}


def login(error: str, words: str = "") -> dict[str, str]:
    return {"error": error, "error_description": words}


CASES = (
    *(
        Case(
            "google_token_refused",
            TOKEN,
            status,
            AuthFailed,
            body=login("invalid_grant", words),
            attributes={"hint": hint},
        )
        for words, hint in LOGIN_HINTS.items()
        for status in (400, 401)
    ),
    Case("google_token_refused", TOKEN, 403, AuthFailed, body="?", attributes={"hint": LOGIN_HINT}),
    *(Case("google_login_refused", request, 401, AuthFailed, "authError") for request in (GET, PATCH)),
    *(
        Case(f"google_web_page_{status}", request, status, Misconfigured, page=b"<!DOCTYPE html><title>Error</title>")
        for status in (403, 404, 410)
        for request in (GET, PATCH, DELETE, LIST, CALENDAR, SHARE)
    ),
    Case("google_api_off", GET, 403, Misconfigured, "accessNotConfigured"),
    Case("google_api_off", INSERT, 403, Misconfigured, body=newer("SERVICE_DISABLED")),
    Case("google_scope_missing", SHARE, 403, Misconfigured, "insufficientPermissions"),
    Case("google_scope_missing", GET, 403, Misconfigured, body=newer("ACCESS_TOKEN_SCOPE_INSUFFICIENT")),
    Case("google_quota_exceeded", INSERT, 403, QuotaExceeded, "quotaExceeded"),
    *(
        Case(
            "google_too_fast",
            request,
            403,
            Transient,
            reason,
            headers={"retry-after": "7"},
            attributes={"retry_after": 7},
        )
        for reason in ("rateLimitExceeded", "userRateLimitExceeded", "dailyLimitExceeded")
        for request in (LIST, PATCH)
    ),
    Case("too_many_requests", PATCH, 429, Transient, "rateLimitExceeded", attributes={"retry_after": None}),
    Case("google_not_organizer", PATCH, 403, NotOrganizer, "forbiddenForNonOrganizer"),
    Case("google_access_lost", PATCH, 403, AccessLost, "requiredAccessLevel"),
    Case("google_access_lost", LIST, 403, AccessLost, "forbidden"),
    Case("forbidden", PATCH, 403, Forbidden, "aReasonOfTheFuture"),
    Case("google_share_refused", SHARE, 404, Forbidden, "notFound"),
    Case("google_event_gone", GET, 404, NotFound, "notFound"),
    Case("google_event_gone", DELETE, 404, NotFound, "notFound"),
    *(
        Case("google_calendar_gone", request, 404, CalendarGone, "notFound")
        for request in (CALENDAR, LIST, INSERT, LISTED)
    ),
    Case("google_duplicate", INSERT, 409, Duplicate, "duplicate"),
    Case("google_busy", PATCH, 409, Transient, "conflict"),
    Case("google_busy", INSERT, 409, Transient, "conflict"),
    Case("google_id_taken", INSERT, 409, Duplicate, "alreadyExists"),
    Case("google_id_taken", INSERT, 409, Duplicate, body={"error": {"code": 409, "status": "ALREADY_EXISTS"}}),
    Case("google_sync_token_expired", LIST, 410, SyncTokenExpired, "fullSyncRequired"),
    Case("google_sync_token_expired", LIST, 410, SyncTokenExpired, "updatedMinTooLongAgo"),
    Case("google_sync_token_refused", GOING_ON, 400, SyncTokenExpired, "invalid"),
    Case("google_sync_token_refused", NEXT_PAGE, 400, SyncTokenExpired, "invalid"),
    Case("google_event_deleted", DELETE, 410, NotFound, "deleted"),
    Case("google_event_deleted", PATCH, 410, NotFound, "deleted"),
    Case("google_changed_meanwhile", PATCH, 412, VersionConflict, "conditionNotMet"),
    Case(
        "google_content_refused",
        PATCH,
        400,
        Invalid,
        "timeRangeEmpty",
        attributes={"field": None, "rule": "timeRangeEmpty", "reason": "Google's rule timeRangeEmpty"},
    ),
    Case(
        "google_content_refused",
        INSERT,
        400,
        Invalid,
        body=said(400, "invalid", location="start.timeZone"),
        attributes={"field": "timeZone", "rule": "invalid", "reason": "field timeZone, rule invalid"},
    ),
    Case("google_content_refused", INSERT, 400, Invalid, body=[], attributes={"reason": "Google's rule unknown"}),
    Case("asked_wrongly", LIST, 400, Misconfigured, "invalid"),
    *(Case("server_error_read", GET, status, Transient, "backendError") for status in (500, 503)),
    *(Case("server_error_write", INSERT, status, OutcomeUnknown, "backendError") for status in (500, 503)),
)


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.row}-{case.reason}-{case.status}")
def test_row(case: Case) -> None:
    row = ANSWERS.row_for(case.request, case.answer)
    assert row is not None
    assert row.name == case.row
    with pytest.raises(RemoteError) as caught:
        ANSWERS.judge(case.request, case.answer)
    assert type(caught.value) is case.error
    assert caught.value.status == case.status
    assert "Anna" not in f"{caught.value} {caught.value.hint}"
    for name, value in case.attributes.items():
        assert getattr(caught.value, name) == value


def test_each_row_has_a_case() -> None:
    assert {row.name for row in ROWS} <= {case.row for case in CASES}
    assert len({row.name for row in ROWS}) == len(ROWS)


@pytest.mark.parametrize("cls", [VersionConflict, SyncTokenExpired, QuotaExceeded])
def test_what_proves_google_at_work_counts_towards_no_breaker(cls: type[RemoteError]) -> None:
    """Only Transient does; these wait for no recovery."""
    assert cls.kind is ErrorKind.TRANSIENT
    assert not issubclass(cls, Transient)


@pytest.mark.parametrize(
    "body", [None, [], "x", {"error": "x"}, {"error": {"errors": "x"}}, {"error": {"errors": [7, {"reason": "a b"}]}}]
)
def test_odd_errors_have_no_codes(body: object) -> None:
    assert codes(Answer(403, {}, json.dumps(body).encode())) == frozenset()
