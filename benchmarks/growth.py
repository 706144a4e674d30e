"""Pages, selections and metrics with a thousand, ten thousand and a hundred thousand records."""

import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any

from benchmarks.filling import Filling
from benchmarks.firm import Bench
from benchmarks.plans import Plans
from benchmarks.results import Result, repeated

STEPS = 10
HISTORY = 1_000_000
# From a thousand to a hundred thousand: what is flat stays at 1, what is logarithmic comes to 1.7.
FLAT = 2.0
# What takes no longer than this is quick, however its few milliseconds compare with fewer.
QUICK_MS = 20
METRICS_MS = 50


@dataclass
class Measured:
    """What one look took at each size, in seconds, and its queries at the largest."""

    seconds: list[float] = field(default_factory=list)
    queries: int = 0
    plans: list[str] = field(default_factory=list)


def growth(bench: Bench) -> Iterator[Result]:
    """Time and queries of each look, how the time grows, and how the database finds the rows."""
    largest = bench.options.records
    sizes = (largest // STEPS**2, largest // STEPS, largest)
    filling = Filling()
    found: dict[str, Measured] = {}
    for size in sizes:
        filling.grow(size)
        for name, look in _looks(bench).items():
            _measure(found.setdefault(name, Measured()), look)
    for name, measured in found.items():
        yield _result(name, measured, sizes)
    yield from _history(filling)


def _measure(measured: Measured, look: Callable[[], object]) -> None:
    from django.db import connection

    plans = Plans()
    with connection.execute_wrapper(plans):
        look()
    seconds, _spread = repeated(lambda: _time(look), times=5)
    measured.seconds.append(seconds)
    measured.queries, measured.plans = plans.queries, plans.explained()


def _result(name: str, measured: Measured, sizes: tuple[int, ...]) -> Result:
    times = ", ".join(f"{seconds * 1000:.0f}" for seconds in measured.seconds)
    ratio = measured.seconds[-1] / measured.seconds[0]
    words = f"{times} ms; {measured.queries} queries"
    title = f"{name}, {sizes[0]:,} to {sizes[-1]:,} records"
    met = ratio <= FLAT or measured.seconds[-1] * 1000 <= QUICK_MS
    goal = f"{FLAT:.0f} (flat), or {QUICK_MS} ms"
    return Result(title, goal, words, ratio, met=met, plans=measured.plans)


def _time(look: Callable[[], object]) -> float:
    begin = time.perf_counter()
    look()
    return time.perf_counter() - begin


class Spent:
    """How long the queries took."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self, execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        begin = time.perf_counter()
        try:
            return execute(sql, params, many, context)
        finally:
            self.seconds += time.perf_counter() - begin


def _history(filling: Filling) -> Iterator[Result]:
    """A scrape beside a million attempts: the time of its queries alone."""
    from django.db import connection

    from syncapp.operations.monitoring import metrics

    def queries() -> float:
        spent = Spent()
        wrapper: AbstractContextManager[None] = connection.execute_wrapper(spent)
        with wrapper:
            metrics.exposition()
        return spent.seconds * 1000

    filling.history(HISTORY)
    milliseconds, spread = repeated(queries, times=9)
    words = f"{milliseconds:.1f} ms ({spread[0]:.1f} to {spread[1]:.1f})"
    title = f"queries of a scrape, {filling.size:,} records, {HISTORY:,} attempts"
    yield Result(title, f"{METRICS_MS} ms", words, milliseconds / METRICS_MS, met=milliseconds <= METRICS_MS)


def _looks(bench: Bench) -> dict[str, Callable[[], object]]:
    from syncapp.engine import control
    from syncapp.engine.rows.due import due_for_recheck, due_oldest_first
    from syncapp.entities.beteiligte.probes.recheck import oldest_first
    from syncapp.models import SyncRecord
    from syncapp.operations import alerts
    from syncapp.operations.monitoring import metrics

    page, one = _pages(), SyncRecord.objects.order_by("-pk").values_list("pk", flat=True)[0]

    def first(rows: Any) -> Callable[[], object]:
        return lambda: list(rows().values_list("pk", flat=True)[:100])

    records = SyncRecord.objects
    return {
        "landing page": page("/admin/"),
        "list of records": page("/admin/syncapp/syncrecord/"),
        "list of failed records": page("/admin/syncapp/syncrecord/?status__exact=failed"),
        "search by name": page("/admin/syncapp/syncrecord/?q=vorlage+7"),
        "search for a name that is nobody's": page("/admin/syncapp/syncrecord/?q=vorlgae"),
        "attempts by name": page("/admin/syncapp/attempt/?q=vorlage+7"),
        "Ctrl+K": page("/admin/search/?extended=1&s=vorlage+7"),
        "records in the order of names": page("/admin/syncapp/syncrecord/?o=1"),
        "one record": page(f"/admin/syncapp/syncrecord/{one}/change/"),
        "list of attempts": page("/admin/syncapp/attempt/"),
        "what is due": first(lambda: due_oldest_first(SyncRecord, control.switches())),
        "what is to be looked at again": first(lambda: oldest_first(records.filter(due_for_recheck()))),
        "alert rules": alerts.evaluate,
        "metrics": metrics.exposition,
    }


def _pages() -> Callable[[str], Callable[[], object]]:
    from django.contrib.auth import get_user_model
    from django.test import Client

    people = get_user_model().objects
    client = Client()
    client.force_login(people.filter(username="bench").first() or people.create_superuser("bench", password="bench"))

    def page(path: str) -> Callable[[], object]:
        def get() -> object:
            answer = client.get(path, headers={"Host": "127.0.0.1"})
            if answer.status_code != 200:
                raise AssertionError(f"{path}: {answer.status_code}")
            return answer

        return get

    return page
