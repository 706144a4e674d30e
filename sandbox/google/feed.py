"""The stand-in's `events.list`: pages, sync tokens and what they refuse, tombstones, and how an event is shown.

A sync token holds the number up to which its reader knows the calendar, the query it belongs to and the calendar's age
of tokens. A list without a token shows no tombstones (unless switched on), since the real one drops them in time; a
cancelled instance of a living series is always shown.
"""

import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from django.core import signing
from django.db.models import Q, QuerySet

from sandbox.google.reasons import GoogleRefusal
from sandbox.models.google import GoogleCalendar, GoogleEvent
from sandbox.switches import switches

SALT = "sandbox.google.feed"
MAX_RESULTS = 2500
WHOLE = -1  # in place of a number: everything is asked for
# What may not stand beside a sync token.
FIRST_ONLY = (
    "iCalUID",
    "orderBy",
    "privateExtendedProperty",
    "q",
    "sharedExtendedProperty",
    "timeMin",
    "timeMax",
    "updatedMin",
)
KNOWN = ("singleEvents", "showDeleted", "eventTypes", "maxResults", "pageToken", "syncToken", "quotaUser", "alt")


def listed(calendar: GoogleCalendar, query: Mapping[str, str]) -> dict[str, object]:
    _check_query(query)
    asked = _fingerprint(query)
    since, upto, after, empty = _place(calendar, query, asked)
    rows = _rows(calendar, since == WHOLE, after, query.get("showDeleted") == "true")
    page = [] if empty else list(rows[: _page_size(query)])
    after = page[-1].change if page else after
    answer: dict[str, object] = {
        "kind": "calendar#events",
        "summary": calendar.summary,
        "timeZone": calendar.time_zone,
        "accessRole": "owner",
        "items": [shown(event, in_feed=True) for event in page],
    }
    if rows.filter(change__gt=after).exists():
        next_empty = bool(switches("google")["empty_pages"]) and not empty
        place = [calendar.pk, since, upto, after, next_empty, asked]
        return {**answer, "nextPageToken": signing.dumps(place, salt=SALT)}
    return {**answer, "nextSyncToken": sync_token(calendar, upto, asked)}


def sync_token(calendar: GoogleCalendar, upto: int, asked: str) -> str:
    return signing.dumps([calendar.pk, calendar.token_age, upto, asked], salt=SALT)


def shown(event: GoogleEvent, *, in_feed: bool = False) -> dict[str, object]:
    """The event as the API answers it. Of a deleted one the feed tells no more than Google promises."""
    head: dict[str, object] = {"kind": "calendar#event", "etag": event.etag, "id": event.event_id}
    exception = {}
    if event.master_id:
        exception = {
            "recurringEventId": event.master_id,
            "originalStartTime": event.body.get("originalStartTime"),
        }
    if event.cancelled and in_feed:
        return {**head, "status": "cancelled", **exception}
    organizer = event.body.get("foreignOrganizer")
    body = {key: value for key, value in event.body.items() if key not in ("foreignOrganizer", "originalStartTime")}
    if body.get("visibility") == "default":
        del body["visibility"]
    return {
        **head,
        "status": "cancelled" if event.cancelled else "confirmed",
        "created": _time(event.created),
        "updated": _time(event.updated),
        "creator": {"email": event.calendar.owner},
        "organizer": {"email": organizer} if organizer else {"email": event.calendar_id, "self": True},
        "eventType": "default",
        "reminders": {"useDefault": True},
        **body,
        **exception,
    }


def _check_query(query: Mapping[str, str]) -> None:
    for name in query:
        if name not in KNOWN and name not in FIRST_ONLY:
            raise GoogleRefusal("invalid", name)
    if query.get("singleEvents", "false") != "false":
        raise GoogleRefusal("invalid", "singleEvents", "The stand-in shows series as series.")
    if "syncToken" in query:
        wrong = next((name for name in FIRST_ONLY if name in query), None)
        if wrong:
            raise GoogleRefusal("invalid", wrong, f"Sync token cannot be used with {wrong}.")
        if query.get("showDeleted") == "false":
            raise GoogleRefusal("invalid", "showDeleted", "Sync token cannot be used with showDeleted set to false.")


def _place(calendar: GoogleCalendar, query: Mapping[str, str], asked: str) -> tuple[int, int, int, bool]:
    """From which number on, the number that the next sync token gets, after which number this page begins, and whether
    it is to be an empty one. Numbers, not offsets: what is changed meanwhile moves to the end and pushes nothing away.
    """
    if page := query.get("pageToken"):
        pk, since, upto, after, empty, of = _opened(page, "pageToken", 6)
        if (pk, of) != (calendar.pk, asked):
            raise GoogleRefusal("invalid", "pageToken")
        return since, upto, after, empty
    if token := query.get("syncToken"):
        pk, age, since, of = _opened(token, "syncToken", 4)
        if (pk, age) != (calendar.pk, calendar.token_age):
            raise GoogleRefusal("fullSyncRequired", "syncToken")
        if of != asked:
            raise GoogleRefusal("invalid", "syncToken", "The query differs from that of the first request.")
        return since, calendar.changes, since, False
    return WHOLE, calendar.changes, WHOLE, False


def _opened(token: str, name: str, length: int) -> list[Any]:
    try:
        found: list[Any] = signing.loads(token, salt=SALT)
    except (signing.BadSignature, ValueError):
        found = []
    if len(found) != length:
        raise GoogleRefusal("fullSyncRequired" if name == "syncToken" else "invalid", name)
    return found


def _rows(calendar: GoogleCalendar, whole: bool, after: int, deleted: bool) -> QuerySet[GoogleEvent]:
    rows = GoogleEvent.objects.filter(calendar=calendar, change__gt=after).select_related("calendar")
    if whole and not (deleted and switches("google")["keeps_tombstones"]):
        living = GoogleEvent.objects.filter(calendar=calendar, cancelled=False).values("event_id")
        rows = rows.filter(Q(cancelled=False) | Q(master_id__in=living))
    return rows


def _page_size(query: Mapping[str, str]) -> int:
    try:
        asked = int(query.get("maxResults", "250"))
    except ValueError:
        raise GoogleRefusal("invalid", "maxResults") from None
    if not 1 <= asked <= MAX_RESULTS:
        raise GoogleRefusal("invalid", "maxResults")
    shorter = switches("google")["page_size"]
    return min(asked, shorter) if isinstance(shorter, int) else asked


def _fingerprint(query: Mapping[str, str]) -> str:
    passing = ("pageToken", "syncToken", "quotaUser", "alt")
    rest = sorted((name, value) for name, value in query.items() if name not in passing)
    return hashlib.sha256(json.dumps(rest).encode()).hexdigest()[:12]


def _time(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
