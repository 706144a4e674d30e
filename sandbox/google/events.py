"""Every write to the stand-in Google's events, by the API or by a person on the page.

Invariants: each write takes the calendar's next number, which is the event's etag and its place in the feed; nothing is
removed, a deleted event stays as cancelled. A changed start or rule of a series drops the exceptions that fit no more.
"""

import re
import secrets
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import F

from sandbox.google import times
from sandbox.google.reasons import GoogleRefusal
from sandbox.models.google import GoogleCalendar, GoogleEvent
from sandbox.switches import switches

ID = re.compile(r"[a-v0-9]{5,1024}")
INSTANCE_ID = re.compile(r"(?P<master>[a-v0-9]{5,1024})_(?P<stamp>\d{8}(T\d{6}Z)?)")
LONGEST_TEXT = {"summary": 1024, "location": 1024, "description": 8192}
VISIBILITIES = ("default", "public", "private", "confidential")
# Never taken from a body: what Google sets itself.
OWN_KEYS = frozenset({"kind", "etag", "htmlLink", "created", "updated", "creator", "organizer", "recurringEventId"})


def insert(calendar: GoogleCalendar, body: Mapping[str, Any]) -> GoogleEvent:
    given = dict(body)
    event_id = given.pop("id", None) or secrets.token_hex(13)
    if not isinstance(event_id, str) or not ID.fullmatch(event_id):
        raise GoogleRefusal("invalid", "id", "Invalid resource id value.")
    content = _content({"iCalUID": f"{event_id}@google.com", "sequence": 0, **given})
    with transaction.atomic(using="sandbox"):
        if GoogleEvent.objects.filter(calendar=calendar, event_id=event_id).exists():
            raise GoogleRefusal("duplicate")
        return _store(GoogleEvent(calendar=calendar, event_id=event_id, body=content))


def change(
    calendar: GoogleCalendar, event_id: str, body: Mapping[str, Any], *, etag: str = "", whole: bool = False
) -> GoogleEvent:
    """PATCH (a merge) or PUT (`whole`) of an event, or of one instance of a series, which then is an exception."""
    with transaction.atomic(using="sandbox"):
        event = get(calendar, event_id)
        if event.cancelled:
            raise GoogleRefusal("deleted")
        _check_etag(event, etag)
        sequence = body.get("sequence")
        if isinstance(sequence, int) and sequence < event.body.get("sequence", 0):
            raise GoogleRefusal("invalid", "sequence", "Invalid sequence value.")
        if body.get("status") == "cancelled":
            return _cancel(event)
        before = dict(event.body)
        kept = {key: before[key] for key in ("iCalUID", "sequence", "originalStartTime") if key in before}
        event.body = _content({**kept, **body} if whole else merged(before, body))
        stored = _store(event)
        if (before.get("start"), before.get("recurrence")) != (stored.body.get("start"), stored.body.get("recurrence")):
            _drop_lost_exceptions(stored)
        return stored


def delete(calendar: GoogleCalendar, event_id: str, *, etag: str = "") -> None:
    with transaction.atomic(using="sandbox"):
        event = get(calendar, event_id)
        if event.cancelled:
            raise GoogleRefusal("deleted")
        _check_etag(event, etag)
        _cancel(event)


def undelete(calendar: GoogleCalendar, event_id: str) -> GoogleEvent:
    """Out of the bin, as a person takes it there."""
    event = get(calendar, event_id)
    event.cancelled = False
    return _store(event)


def copy(calendar: GoogleCalendar, event_id: str) -> GoogleEvent:
    """As a person duplicates an event: everything goes along, private properties too, under an id of its own."""
    body = dict(get(calendar, event_id).body)
    for key in ("iCalUID", "sequence", "originalStartTime"):
        body.pop(key, None)
    return insert(calendar, body)


def split(calendar: GoogleCalendar, event_id: str, changes: Mapping[str, Any]) -> GoogleEvent:
    """What "this and following" does: the old series ends before this instance, a new one with a new id begins here."""
    parts = INSTANCE_ID.fullmatch(event_id)
    if parts is None:
        raise GoogleRefusal("invalid", "eventId")
    with transaction.atomic(using="sandbox"):
        master = get(calendar, parts["master"])
        this = get(calendar, event_id)
        at = times.moment(this.body["originalStartTime"])
        rules = list(master.body["recurrence"])
        following = {
            key: this.body[key] for key in this.body if key not in ("originalStartTime", "iCalUID", "sequence")
        }
        made = insert(calendar, merged({**following, "recurrence": rules}, changes))
        ended = [_ending_before(rule, at, all_day=times.is_all_day(master.body)) for rule in rules]
        change(calendar, master.event_id, {"recurrence": ended})
        return made


def move_instances(calendar: GoogleCalendar, event_id: str, *, number: int) -> None:
    """The first so many of a series begin and end a quarter of an hour later."""
    master = get(calendar, event_id)
    last = times.moment(master.body["start"]) + timedelta(days=20 * 366)
    with transaction.atomic(using="sandbox"):
        for one in untouched(master, last=last)[:number]:
            for side in ("start", "end"):
                one.body[side] = times.shifted(one.body[side], timedelta(minutes=15))
            _store(one)


def get(calendar: GoogleCalendar, event_id: str) -> GoogleEvent:
    """The stored event; of a living series also an instance that nobody has touched, which is not stored."""
    found = GoogleEvent.objects.filter(calendar=calendar, event_id=event_id).first()
    if found is not None:
        return found
    parts = INSTANCE_ID.fullmatch(event_id)
    master = parts and GoogleEvent.objects.filter(calendar=calendar, event_id=parts["master"]).first()
    if not parts or not master or master.cancelled or not master.body.get("recurrence"):
        raise GoogleRefusal("notFound")
    found = next((one for one in untouched(master) if one.event_id == event_id), None)
    if found is None:
        raise GoogleRefusal("notFound")
    return found


def untouched(master: GoogleEvent, first: datetime | None = None, last: datetime | None = None) -> list[GoogleEvent]:
    """The instances of a series as its rule makes them, within five years unless told otherwise."""
    start, end = (times.moment(master.body[side]) for side in ("start", "end"))
    length = end.replace(tzinfo=None) - start.replace(tzinfo=None)
    all_day = times.is_all_day(master.body)
    found = []
    for at in times.occurrences(master.body, first or start, last or start + timedelta(days=5 * 366)):
        begins = times.spelled(at, master.body["start"])
        body = {key: value for key, value in master.body.items() if key != "recurrence"}
        body |= {"start": begins, "end": times.shifted(begins, length), "originalStartTime": begins}
        stamp = times.instance_stamp(at, all_day=all_day)
        found.append(
            GoogleEvent(
                calendar=master.calendar,
                event_id=f"{master.event_id}_{stamp}",
                master_id=master.event_id,
                change=master.change,
                created=master.created,
                updated=master.updated,
                body=body,
            )
        )
    return found


def instances(master: GoogleEvent) -> list[GoogleEvent]:
    """Every instance of a series as it is now: touched ones as they were left, cancelled ones too."""
    touched = GoogleEvent.objects.filter(calendar=master.calendar_id, master_id=master.event_id)
    known = {one.event_id: one for one in touched.select_related("calendar")}
    return [known.get(one.event_id, one) for one in untouched(master)]


def merged(before: Mapping[str, Any], patch: Mapping[str, Any]) -> dict[str, Any]:
    """A JSON merge patch: objects are merged, null removes, all else replaces."""
    found = dict(before)
    for key, value in patch.items():
        if value is None:
            found.pop(key, None)
        elif isinstance(value, Mapping):
            held = found.get(key)
            found[key] = merged(held if isinstance(held, Mapping) else {}, value)
        else:
            found[key] = value
    return found


def _content(given: Mapping[str, Any]) -> dict[str, Any]:
    """What is stored of a body, checked and normalised as Google does it."""
    body = {key: value for key, value in given.items() if key not in OWN_KEYS and key != "status"}
    for side in ("start", "end"):
        body[side] = times.normalised(side, body.get(side))
    times.check(body)
    if not body.get("recurrence"):
        body.pop("recurrence", None)
    for key, longest in LONGEST_TEXT.items():
        if key in body:
            body[key] = _text(key, body[key], longest)
    if body.get("visibility", "default") not in VISIBILITIES:
        raise GoogleRefusal("invalid", "visibility")
    _check_properties(body.get("extendedProperties"))
    return body


def _text(key: str, value: object, longest: int) -> str:
    if not isinstance(value, str):
        raise GoogleRefusal("invalid", key)
    text = value.strip()[:longest]
    if key == "description" and switches("google")["html_descriptions"]:
        text = text.replace("\n", "<br>")
    return text


def _check_properties(given: object) -> None:
    private = given.get("private") if isinstance(given, Mapping) else None
    held = private if isinstance(private, Mapping) else {}
    for key, value in held.items():
        if not isinstance(value, str) or len(key) > 44 or len(value) > 1024:
            raise GoogleRefusal("invalid", "extendedProperties.private")
    if len(held) > 300:
        raise GoogleRefusal("invalid", "extendedProperties.private")


def _check_etag(event: GoogleEvent, etag: str) -> None:
    if etag and etag not in ("*", event.etag):
        raise GoogleRefusal("conditionNotMet", "If-Match")


def _store(event: GoogleEvent) -> GoogleEvent:
    """With the calendar's next number, the next sequence where it was there before, and the present time."""
    calendars = GoogleCalendar.objects.filter(pk=event.calendar_id)
    calendars.update(changes=F("changes") + 1)
    event.change = calendars.values_list("changes", flat=True).get()
    event.updated = datetime.now(UTC)
    if event.pk is None and not event.created:
        event.created = event.updated
    elif event.pk is not None:
        event.body["sequence"] = event.body.get("sequence", 0) + 1
    event.save()
    return event


def _cancel(event: GoogleEvent) -> GoogleEvent:
    """A deleted series takes its exceptions along."""
    event.cancelled = True
    stored = _store(event)
    for exception in GoogleEvent.objects.filter(calendar=event.calendar_id, master_id=event.event_id, cancelled=False):
        exception.cancelled = True
        _store(exception)
    return stored


def _drop_lost_exceptions(master: GoogleEvent) -> None:
    exceptions = GoogleEvent.objects.filter(calendar=master.calendar_id, master_id=master.event_id)
    if not exceptions.exists():
        return
    left = {one.event_id for one in untouched(master)} if master.body.get("recurrence") else set()
    for exception in exceptions.filter(cancelled=False).exclude(event_id__in=left):
        exception.cancelled = True
        _store(exception)


def _ending_before(rule: str, at: datetime, *, all_day: bool) -> str:
    """The same RRULE, over a second (a day, if all-day) before that moment."""
    if not rule.startswith("RRULE:"):
        return rule
    parts = [part for part in rule.removeprefix("RRULE:").split(";") if not part.startswith(("UNTIL=", "COUNT="))]
    day_before = (at - timedelta(days=1)).strftime("%Y%m%d")
    until = day_before if all_day else (at - timedelta(seconds=1)).astimezone(UTC).strftime(times.INSTANCE)
    return "RRULE:" + ";".join([*parts, f"UNTIL={until}"])
