"""A pass over a calendar of 500 appointments without changes: its own time over that of the least anybody has to do."""

import json
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any
from unittest import mock

from benchmarks import calendars
from benchmarks.firm import Bench
from benchmarks.results import Figure

TIMES = 20
GOAL = 5


class Wire:
    """What the answers were, and the processor time that went into fetching their bytes."""

    def __init__(self) -> None:
        self.bodies: list[bytes] = []
        self.processor = 0.0

    @contextmanager
    def watched(self) -> Iterator[None]:
        from syncapp.remotes.http.session import RemoteConnection

        true_send = RemoteConnection.send

        def send(connection: RemoteConnection, *args: Any, **options: Any) -> Any:
            begin = time.thread_time()
            found = true_send(connection, *args, **options)
            self.processor += time.thread_time() - begin
            self.bodies.append(found.body)
            return found

        with mock.patch.object(RemoteConnection, "send", send):
            yield


def passes(bench: Bench) -> Iterator[Figure]:
    """By processor time, since it does not depend on what else the machine does; the naive way in the same seconds."""
    row = calendars.filled(bench)
    with calendars.unhurried():
        bench.sandbox.clear_calls()
        whole = _bodies(row, full=True)
        light = _bodies(row, full=False)
        both = "decoding and comparing both lists whole"
        yield _compared(f"pass without changes, {calendars.APPOINTMENTS} appointments, over {both}", row, whole)
        received = "decoding what it receives, and comparing as much"
        yield _compared("the same, over " + received, row, light, against=whole)
        # Once a night, and it takes nothing for granted: told, no goal.
        daily = _compared(f"daily pass without changes, over {both}", row, whole, full=True)
        yield replace(daily, goal="", met=None)


def _bodies(row: Any, *, full: bool) -> list[bytes]:
    wire = Wire()
    with wire.watched():
        calendars.done(row, full=full)
    return wire.bodies


def _compared(
    name: str, row: Any, bodies: list[bytes], *, against: list[bytes] | None = None, full: bool = False
) -> Figure:
    events = json.loads((against or bodies)[-1])["items"] if against else None
    ours, theirs, queries = [], [], _queries(row, full=full)
    for _time in range(TIMES + 3):
        ours.append(_pass(row, full=full))
        theirs.append(_timed(lambda: naive(bodies, events)))
    ratios = sorted(ours[at] / theirs[at] for at in range(3, len(ours)))
    median = statistics.median(ours[3:]) / statistics.median(theirs[3:])
    measured = f"{statistics.median(ours[3:]) * 1000:.1f} ms, {queries} queries"
    spread = ratios[len(ratios) // 10], ratios[-1 - len(ratios) // 10]
    return Figure(name, f"{GOAL}", measured, median, spread, median <= GOAL)


def _pass(row: Any, *, full: bool) -> float:
    wire = Wire()
    calendars.asked(row, full=full)
    with wire.watched():
        seconds = _timed(lambda: calendars.passed(row))
    return seconds - wire.processor


def _timed(work: Callable[[], object]) -> float:
    begin = time.process_time()
    work()
    return time.process_time() - begin


def naive(bodies: list[bytes], known: list[dict[str, Any]] | None = None) -> int:
    """Decode both, compare them key by key; known: events that are at hand already, decoded."""
    termine = {str(one["frNr"]): one for one in json.loads(bodies[0])}
    events = json.loads(bodies[-1])["items"]
    differing = 0
    for event in known or events:
        termin = termine[event["extendedProperties"]["private"]["advosyncFrNr"]]
        differing += event["summary"] != termin["text"]
        differing += event["location"] != termin["ort"]
        differing += event["description"] != termin["notiz"].replace("\r\n", "\n")
        differing += event["start"]["dateTime"][:16] != termin["datum"][:11] + termin["uhrzeitVon"][:5]
        differing += event["end"]["dateTime"][:16] != termin["datum"][:11] + termin["uhrzeitBis"][:5]
    if differing:
        raise AssertionError(f"{differing} differ")
    return differing


def _queries(row: Any, *, full: bool) -> int:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    calendars.asked(row, full=full)
    with CaptureQueriesContext(connection) as captured:
        calendars.passed(row)
    return sum(q["sql"].startswith(("SELECT", "UPDATE", "INSERT", "DELETE")) for q in captured.captured_queries)
