"""Planning costs little, measured against decoding the same two answers and comparing them key by key, in this run."""

import json
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

from syncapp.core.appointments.plan import plan
from tests.core.appointments.firm import calendar
from tests.core.appointments.world import NOON, Calendar, at

COUNT = 500
MOST = 5
ROUNDS = 7


def filled() -> Calendar:
    one = calendar()
    for index in range(COUNT):
        day = (NOON + timedelta(days=index % 300)).date().isoformat()
        one.advoware.enter(text=f"Gericht {index}", ort="Saal 3", notiz="Akte mitbringen\r\nParkplatz", **at(day))
    while one.sync() or one.last.deferred:
        pass
    return one


def as_answers(one: Calendar) -> tuple[str, str]:
    """What both systems would send for them."""
    termine = [
        {name: getattr(termin, name) for name in termin.__slots__ if name != "raw"}
        for termin in one.advoware.termine.values()
    ]
    events = [
        {
            "kind": "calendar#event",
            "id": event.id,
            "etag": event.etag,
            "status": event.status,
            "htmlLink": f"https://www.google.com/calendar/event?eid={event.id}",
            "created": "2026-05-01T08:00:00.000Z",
            "updated": "2026-05-01T08:00:00.000Z",
            "summary": event.summary,
            "description": event.description,
            "location": event.location,
            "creator": {"email": "kalender@example.de"},
            "organizer": {"email": "sb@calendar", "displayName": "SB", "self": True},
            "start": {"dateTime": event.start.date_time, "timeZone": event.start.time_zone},
            "end": {"dateTime": event.end.date_time, "timeZone": event.end.time_zone},
            "iCalUID": f"{event.id}@google.com",
            "sequence": 0,
            "extendedProperties": {"private": dict(event.properties)},
            "reminders": {"useDefault": True},
            "eventType": "default",
        }
        for event in one.google.alive()
    ]
    return json.dumps(termine), json.dumps({"items": events})


def naive(termine: str, events: str) -> int:
    """The least that anybody has to do: decode both, compare them key by key."""
    by_number: dict[str, Any] = {str(one["fr_nr"]): one for one in json.loads(termine)}
    differing = 0
    for event in json.loads(events)["items"]:
        termin = by_number[event["extendedProperties"]["private"]["advosyncFrNr"]]
        differing += event["summary"] != termin["text"]
        differing += event["location"] != termin["ort"]
        differing += event["description"] != termin["notiz"].replace("\r\n", "\n")
        differing += event["start"]["dateTime"][:16] != termin["datum"][:11] + termin["uhrzeit_von"][:5]
        differing += event["end"]["dateTime"][:16] != termin["datum_bis"][:11] + termin["uhrzeit_bis"][:5]
    return differing


def fastest(work: Callable[[], object]) -> float:
    """By processor time, and the best of several rounds: a busy machine proves nothing."""
    times = []
    for _ in range(ROUNDS):
        begun = time.process_time()
        work()
        times.append(time.process_time() - begun)
    return min(times)


def test_planning_unchanged_pairs_is_cheap() -> None:
    one = filled()
    one.sync()
    termine, events = as_answers(one)
    assert naive(termine, events) == 0
    light, _ = one.snapshot()
    full, _ = one.snapshot(daily=True)
    assert len(full.events) == COUNT
    assert not light.events
    measure = fastest(lambda: naive(termine, events))
    for snapshot in (light, replace(full, now=light.now)):
        assert plan(snapshot).steps == ()
        ratio = fastest(lambda snapshot=snapshot: plan(snapshot)) / measure  # type: ignore[misc]
        assert ratio <= MOST, f"{ratio:.1f} times as long"
