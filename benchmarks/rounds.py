"""A round over a hundred calendars, by a real worker: wall time over that of its calls alone, and its memory.

The answers are those of the stand-ins, replayed: see replay.py.
"""

import json
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psutil

from advosync_project.embedded_redis import free_port
from benchmarks import calendars
from benchmarks.firm import Bench
from benchmarks.passes import Wire
from benchmarks.results import Figure, repeated
from tests.support.processes import MANAGE, running, wait_until

EMPLOYEES = 100
DELAY = 0.1
PARALLEL = 10
CALLS = 2  # the two lists, one after the other
IDEAL = EMPLOYEES * CALLS * DELAY / PARALLEL
TIMES = 5
GOAL = 1.3
FLAT = 1.1
FEED = json.dumps({"kind": "calendar#events", "items": [], "nextSyncToken": "next"})
# What no plan looks at: with another number in it, it is another list.
FIELD = '"nr": 0'
TITLE = f"round over {EMPLOYEES} × {calendars.APPOINTMENTS}, {DELAY * 1000:.0f} ms a call, {PARALLEL} at a time"


def rounds(bench: Bench) -> Iterator[Figure]:
    """Where nothing has come since the last one, and where every list is another one that changes nothing."""
    template = calendars.filled(bench)
    termine = _recorded(template)
    ids = _copies(template)
    other = termine.replace(FIELD, FIELD.replace("0", "#"), 1)
    for name, listed in (("nothing has come", termine), ("every list to be compared", other)):
        with _worker(bench, {"Termine": listed, "events": FEED}) as worker:
            _round(ids)
            before = worker.memory_info().rss
            ratio, spread = repeated(lambda: _round(ids) / IDEAL, times=TIMES)
            grown = worker.memory_info().rss / before
        measured, asked = f"{ratio * IDEAL:.2f} s of {IDEAL:.1f}", listed == termine
        met = ratio <= GOAL if asked else None  # with every list another one: told, no goal
        yield Figure(f"{TITLE}: {name}", f"{GOAL}" if asked else "", measured, ratio, spread, met)
        words = f"{before >> 20} MB, after {(TIMES + 1) * EMPLOYEES} passes more {int(before * grown) >> 20}"
        yield Figure(f"memory of its worker: {name}", f"{FLAT} (flat)", words, grown, met=grown <= FLAT)


def _recorded(template: Any) -> str:
    """The list of Termine as the stand-in gives it; @ for the kuerzel."""
    wire = Wire()
    with wire.watched(), calendars.unhurried():
        calendars.done(template, full=True)
    return wire.bodies[0].decode().replace(f'"anwalt": "{template.kuerzel}"', '"anwalt": "@"')


def _copies(template: Any) -> list[int]:
    """As many calendars with the same appointments, as passes would have left them."""
    from syncapp.models import Appointment, CalendarEmployee

    template.refresh_from_db()
    rows = list(Appointment.objects.filter(employee=template))
    found = []
    for number in range(EMPLOYEES):
        kuerzel = f"K{number:02}"
        template.pk, template.kuerzel, template.calendar_id = None, kuerzel, f"calendar-{number}"
        template._state.adding, template.standstill = True, {}
        template.save()
        found.append(template.pk)
        for row in rows:
            row.pk, row.employee_id, row.anwalt = None, template.pk, kuerzel
        Appointment.objects.bulk_create(rows)
    if CalendarEmployee.objects.filter(pk__in=found).count() != EMPLOYEES:
        raise AssertionError("the calendars were not copied")
    return found


@contextmanager
def _worker(bench: Bench, answers: dict[str, str]) -> Iterator[psutil.Process]:
    """The worker of calendars, in front of a server that replays."""
    port, recorded = free_port(), bench.directory / "recorded.json"
    recorded.write_text(json.dumps(answers))
    replay = [sys.executable, "-m", "benchmarks.replay", str(port), str(DELAY), str(recorded)]
    address = f"http://127.0.0.1:{port}"
    told = {"ADVOWARE_API_BASE_URL": address, "GOOGLE_CALENDAR_API_URL": address, "SYNC_PARALLEL": str(PARALLEL)}
    served, log = bench.directory / "replay.log", bench.directory / "worker.log"
    with (
        running(replay, log=served, ready=lambda: b"ready" in served.read_bytes()),
        running(
            [*MANAGE, "worker", "calendar"], log=log, environment=told, ready=lambda: b"ready" in log.read_bytes()
        ) as process,
    ):
        yield psutil.Process(process.pid)


def _round(ids: list[int]) -> float:
    """Seconds from the moment at which the clock has asked for all of them, a quarter of an hour after the last."""
    import redis
    from django.conf import settings

    from syncapp.core.requests import Source
    from syncapp.entities.appointments import due_passes

    with redis.Redis.from_url(settings.REDIS_URL) as quota:
        for name in quota.scan_iter("google_calendar:quota:*"):
            quota.delete(name)
    due_passes.request_passes(ids, source=Source.SWEEP, cause="light pass")
    begin = time.perf_counter()
    wait_until(lambda: not _left(ids), seconds=120)
    return time.perf_counter() - begin


def _left(ids: list[int]) -> bool:
    from django.db.models import F

    from syncapp.models import CalendarEmployee

    return CalendarEmployee.objects.filter(pk__in=ids, completed__lt=F("requested")).exists()
