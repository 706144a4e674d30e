"""Google's events between JSON and the shapes of the plan: reading an event, and the bodies of insert and patch.

Invariants. An event is read as it came; only what it must have to be an event at all is asked for: an id. No body ever
holds guests. A PATCH names both spellings of a time, the one that is not meant as null, since a PATCH keeps what it
does not name; an insert names only what there is.
To extend: a field of CalendarEvent or EventChange is a line in `read_event` or in FIELDS.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from functools import partial

from syncapp.core.appointments.shapes import CalendarEvent, EventChange, GoogleTime
from syncapp.remotes.google_calendar.calendars import Page, read_page
from syncapp.remotes.http.exchange import WrongShape, object_of, text_in

# What every page of every list is asked with: Google binds a sync token to these.
LIST_PARAMS: tuple[tuple[str, str], ...] = (
    ("singleEvents", "false"),
    ("showDeleted", "true"),
    ("eventTypes", "default"),
    ("maxResults", "2500"),
)
LIST_FINGERPRINT = hashlib.sha256(json.dumps(LIST_PARAMS).encode()).hexdigest()[:16]
# Called alike in EventChange and by Google.
FIELDS = ("summary", "location", "description", "visibility")
NO_TIME = GoogleTime()


def read_events(calendar_id: str, value: object) -> Page[CalendarEvent]:
    """One page of `events.list`."""
    page = read_page(partial(read_event, calendar_id=calendar_id), value)
    if not page.next_page and not page.sync_token:
        raise WrongShape("a last page without a sync token")
    return page


def newest(events: Iterable[CalendarEvent]) -> tuple[CalendarEvent, ...]:
    """Each id once: while a list is paged, an event can come twice, and the later `updated` holds. A deleted one may
    have none: then what came later holds, since whatever changes meanwhile moves to the end of the list."""
    found: dict[str, CalendarEvent] = {}
    for event in events:
        known = found.get(event.id)
        if known is None or not _is_older(event, known):
            found[event.id] = event
    return tuple(found.values())


def _is_older(event: CalendarEvent, known: CalendarEvent) -> bool:
    at, before = event.updated.removesuffix("Z"), known.updated.removesuffix("Z")
    return bool(at) and at < before


def read_event(value: object, calendar_id: str = "") -> CalendarEvent:
    raw = object_of(value)
    event_id = text_in(raw, "id")
    if not event_id:
        raise WrongShape("an event without id")
    return CalendarEvent(
        id=event_id,
        status=text_in(raw, "status") or "confirmed",
        etag=text_in(raw, "etag") or "",
        updated=text_in(raw, "updated") or "",
        start=_time(raw.get("start")),
        end=_time(raw.get("end")),
        recurrence=_texts(raw.get("recurrence")),
        summary=text_in(raw, "summary") or "",
        location=text_in(raw, "location") or "",
        description=text_in(raw, "description") or "",
        visibility=text_in(raw, "visibility") or "default",
        recurring_event_id=text_in(raw, "recurringEventId") or "",
        original_start=_time(raw.get("originalStartTime")),
        attendees=_attendees(raw.get("attendees")),
        organised_here=_is_organised_by(raw.get("organizer"), calendar_id),
        event_type=text_in(raw, "eventType") or "default",
        properties=_properties(raw.get("extendedProperties")),
    )


def _is_organised_by(organizer: object, calendar_id: str) -> bool:
    """By its own word, or by the calendar's address; so is an event of which Google names no organizer."""
    if not isinstance(organizer, dict):
        return True
    itself, address = organizer.get("self"), text_in(organizer, "email")
    if isinstance(itself, bool):
        return itself
    return address is None or address.casefold() == calendar_id.casefold()


def event_with(event_id: str, calendar_id: str, value: object) -> CalendarEvent:
    event = read_event(value, calendar_id)
    if event.id != event_id:
        raise WrongShape("another event than the one asked for")
    return event


def body_of(change: EventChange, *, whole: bool) -> dict[str, object]:
    """whole: of an insert; else of a PATCH."""
    body: dict[str, object] = {name: value for name in FIELDS if (value := getattr(change, name)) is not None}
    for name, time in (("start", change.start), ("end", change.end)):
        if time is not None:
            body[name] = _time_body(time, whole=whole)
    if change.recurrence is not None and (change.recurrence or not whole):
        body["recurrence"] = list(change.recurrence)
    if change.properties:
        body["extendedProperties"] = {"private": dict(change.properties)}
    return body


def _time_body(time: GoogleTime, *, whole: bool) -> dict[str, object]:
    named = {"date": time.date or None, "dateTime": time.date_time or None, "timeZone": time.time_zone or None}
    return {name: value for name, value in named.items() if value is not None or not whole}


def _time(value: object) -> GoogleTime:
    if not isinstance(value, dict):
        return NO_TIME
    return GoogleTime(text_in(value, "date") or "", text_in(value, "dateTime") or "", text_in(value, "timeZone") or "")


def _texts(value: object) -> tuple[str, ...]:
    return tuple(item for item in value if isinstance(item, str)) if isinstance(value, list) else ()


def _attendees(value: object) -> tuple[str, ...]:
    """One entry for each guest, also for one without an address: that there are any is what counts."""
    guests = value if isinstance(value, list) else ()
    return tuple(text_in(guest, "email") or "" for guest in guests if isinstance(guest, dict))


def _properties(value: object) -> Mapping[str, str]:
    private = value.get("private") if isinstance(value, dict) else None
    held = private if isinstance(private, dict) else {}
    return {key: text for key, text in held.items() if isinstance(text, str)}
