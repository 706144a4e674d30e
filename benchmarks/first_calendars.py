"""The first load of calendars: how much of what Google allows in a minute is used.

On a clock twice as quick as Google's, since a hundred calendars of 500 take an hour and a half at Google's own
pace: what is 600 a minute there is 600 in half a minute here. Each call takes as long as a real one, and the passes
are those of the worker's job.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any
from unittest import mock

from benchmarks import calendars
from benchmarks.firm import Bench
from benchmarks.results import Figure

EMPLOYEES = 10
EACH = 210  # more than one pass makes
WINDOW = 30.0
ALLOWED = 600
DELAY = 0.1
GOAL = 0.95


def first_load(bench: Bench) -> Iterator[Figure]:
    rows = [calendars.employee(bench, f"E{number}") for number in range(EMPLOYEES)]
    for row in rows:
        calendars.enter(bench, row.kuerzel, EACH)
    moments: list[float] = []
    with _quick_minutes(moments):
        bench.sandbox.fault("google", "delay", seconds=DELAY, count=None)
        try:
            seconds = _loaded([row.pk for row in rows])
        finally:
            bench.sandbox.heal()
    used = len(moments) / seconds * WINDOW / ALLOWED
    fullest = max(_within(moments, begin) for begin in moments)
    minutes = 50_000 / (used * ALLOWED)
    words = f"{used * ALLOWED:.0f} of {ALLOWED} a minute, at most {fullest}; 100 × 500 in {minutes:.0f} minutes"
    title = f"first load of calendars at Google's quota, {EMPLOYEES} × {EACH}, minutes of {WINDOW:.0f} s"
    yield Figure(title, f"≥ {GOAL}", words, used, met=used >= GOAL and fullest <= ALLOWED)


@contextmanager
def _quick_minutes(moments: list[float]) -> Iterator[None]:
    """The quota with shorter minutes; `moments`: when its requests left."""
    from syncapp.remotes import registry
    from syncapp.remotes.google_calendar.quota import AT_ONCE, MINUTE_HOLDS, Pace, RedisQuota

    true_take: Callable[..., None] = RedisQuota.take

    def take(quota: RedisQuota, account: str) -> None:
        true_take(quota, account)
        moments.append(time.perf_counter())

    quick = partial(RedisQuota, pace=Pace(WINDOW, MINUTE_HOLDS, AT_ONCE))
    with mock.patch.object(registry, "RedisQuota", quick), mock.patch.object(RedisQuota, "take", take):
        registry.forget()
        yield
    registry.forget()


def _loaded(ids: list[int]) -> float:
    """Jobs for whatever is due, until nothing is."""
    from syncapp import jobs
    from syncapp.core.requests import Source
    from syncapp.entities.appointments import due_passes
    from syncapp.models import CalendarEmployee

    due_passes.request_passes(ids, source=Source.SWEEP, cause="first load")
    begin = time.perf_counter()
    for _job in range(10):
        left: Any = CalendarEmployee.objects.filter(pk__in=ids).exclude(status="clean").values_list("pk", flat=True)
        if not left:
            return time.perf_counter() - begin
        jobs.sync_calendars(list(left))
    raise AssertionError(f"not loaded: {list(left)}")


def _within(moments: list[float], begin: float) -> int:
    return sum(begin <= moment < begin + WINDOW for moment in moments)
