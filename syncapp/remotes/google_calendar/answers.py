"""What Google's answers mean where they say more than the same answer of any other system.

Invariants. 404 on anything inside a calendar never proves that an event is gone while the calendar was not read too:
an address without an event is a CalendarGone, one with it a NotFound that the caller holds against its last list. The
API refuses in JSON: a web page under such a status comes from what stands before it, and proves nothing at all. 403 is
told apart by its reason: too fast (passes), too much (no creates for hours), not allowed, not set up.
To extend: add a row, a test with its name, and the German of its reason in words/calendars/google_reasons.py.
"""

from collections.abc import Callable

from syncapp.core.systems import System
from syncapp.remotes.google_calendar.wording import SAFE_REASONS, codes, login_hint, named_fault
from syncapp.remotes.http.answers import Answers, ErrorRow, later, simple
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
    QuotaExceeded,
    RemoteError,
    SyncTokenExpired,
    Transient,
    VersionConflict,
)
from syncapp.remotes.http.exchange import Answer, Request

Test = Callable[[Request, Answer], bool]

NO_API = "check GOOGLE_CALENDAR_API_URL, and whether a proxy or filter answers in Google's place"
API_OFF = ("accessNotConfigured", "SERVICE_DISABLED")
SCOPE_MISSING = ("insufficientPermissions", "ACCESS_TOKEN_SCOPE_INSUFFICIENT")
TOO_FAST = ("rateLimitExceeded", "userRateLimitExceeded", "dailyLimitExceeded", "RATE_LIMIT_EXCEEDED")
NO_ACCESS = ("requiredAccessLevel", "forbidden")

# What is said of it, and what somebody has to do.
SWITCHED_OFF = (
    "the Google Calendar API is not switched on",
    "switch on the Google Calendar API for the project of the service account",
)
READ_ONLY = (
    "Google does not let the service account write to this calendar",
    "give the service account the right to change the calendar, or let a new calendar be made",
)
NO_SHARE = (
    "Google refuses to share the calendar with this address",
    "check the address, and whether Google Workspace allows sharing outside of the firm",
)
NO_CALENDAR = (
    "the calendar does not exist any more, or is closed to the service account",
    "look in Google whether somebody deleted it; let a new one be made",
)
GRANT_SCOPES = "grant all three scopes to the service account"
LIMIT = "Google's limit for new calendars and events is reached"
SOMEBODY_ELSES = "the event belongs to somebody else's calendar"
TAKEN = "this id is taken in Google"
READ_AGAIN = "Google wants the whole list to be read again"
CHANGED = "somebody changed the event in Google meanwhile"


def _says(*wanted: str) -> Test:
    return lambda request, answer: not codes(answer).isdisjoint(wanted)


def _asks_for_token(request: Request, answer: Answer) -> bool:
    return not request.effect and answer.status in (400, 401, 403, 422)


def _names_event(request: Request, answer: Answer) -> bool:
    return "eventId" in request.values


def _names_calendar(request: Request, answer: Answer) -> bool:
    return "calendarId" in request.values or request.operation == "POST users/me/calendarList"


def _lists(request: Request, answer: Answer) -> bool:
    return not request.writes and not _names_event(request, answer)


def _goes_on(request: Request, answer: Answer) -> bool:
    return _lists(request, answer) and any(name in ("syncToken", "pageToken") for name, _value in request.params)


def _inserts(request: Request, answer: Answer) -> bool:
    return request.operation == "POST calendars/{calendarId}/events"


def _shares(request: Request, answer: Answer) -> bool:
    return request.operation == "POST calendars/{calendarId}/acl"


def _login(request: Request, answer: Answer, answers: Answers) -> RemoteError:
    return AuthFailed("no token granted", **answers.where(request, answer, hint=login_hint(answer)))


def _content(request: Request, answer: Answer, answers: Answers) -> RemoteError:
    name, rule = named_fault(answer)
    reason = f"field {name}, rule {rule or 'unknown'}" if name else f"Google's rule {rule or 'unknown'}"
    return Invalid(reason, field=name, rule=rule, **answers.where(request, answer))


def _row(name: str, status: str, when: Test, cls: type[RemoteError], reason: str, hint: str = "") -> ErrorRow:
    return ErrorRow(name, status, simple(cls, reason, hint), when=when)


_WEB_PAGE = simple(Misconfigured, "HTML instead of JSON", NO_API)
ROWS: tuple[ErrorRow, ...] = (
    ErrorRow("google_token_refused", "4xx", _login, when=_asks_for_token),
    ErrorRow("google_login_refused", "401", simple(AuthFailed, "login refused", "make a new key file if this goes on")),
    *(ErrorRow(f"google_web_page_{status}", status, _WEB_PAGE, shape="html") for status in ("403", "404", "410")),
    _row("google_api_off", "403", _says(*API_OFF), Misconfigured, *SWITCHED_OFF),
    _row("google_scope_missing", "403", _says(*SCOPE_MISSING), Misconfigured, "a scope is missing", GRANT_SCOPES),
    _row("google_quota_exceeded", "403", _says("quotaExceeded"), QuotaExceeded, LIMIT),
    ErrorRow("google_too_fast", "403", later(Transient, "too many requests"), when=_says(*TOO_FAST)),
    _row("google_not_organizer", "403", _says("forbiddenForNonOrganizer"), NotOrganizer, SOMEBODY_ELSES),
    _row("google_access_lost", "403", _says(*NO_ACCESS), AccessLost, *READ_ONLY),
    _row("google_share_refused", "404", _shares, Forbidden, *NO_SHARE),
    _row("google_event_gone", "404", _names_event, NotFound, "no such object"),
    _row("google_calendar_gone", "404", _names_calendar, CalendarGone, *NO_CALENDAR),
    _row("google_duplicate", "409", _says("duplicate"), Duplicate, TAKEN),
    ErrorRow("google_busy", "409", later(Transient, "the object is locked there"), when=_says("conflict")),
    _row("google_id_taken", "409", _inserts, Duplicate, TAKEN),
    _row("google_sync_token_expired", "410", _lists, SyncTokenExpired, READ_AGAIN),
    _row("google_sync_token_refused", "400", _goes_on, SyncTokenExpired, READ_AGAIN),
    _row("google_event_deleted", "410", _names_event, NotFound, "deleted in Google"),
    ErrorRow("google_changed_meanwhile", "412", simple(VersionConflict, CHANGED)),
    ErrorRow("google_content_refused", "400", _content, writes=True),
)
ANSWERS = Answers(System.GOOGLE_CALENDAR, ROWS, named_fault, SAFE_REASONS)
