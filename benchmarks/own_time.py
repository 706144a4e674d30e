"""What a run costs beside its remote calls: wall and processor time, and queries."""

import statistics
import time
from collections.abc import Callable, Iterator
from threading import Lock
from typing import Any

from benchmarks.firm import Bench
from benchmarks.results import Result
from benchmarks.syncs import record_of, sync

TIMES = 40
GOAL_MS = 10


class Outside:
    """What is spent within remote calls: processor time of all threads, and when at least one was under way."""

    def __init__(self) -> None:
        self._lock = Lock()
        self.processor = 0.0
        self.spans: list[tuple[float, float]] = []

    def watched(self, call: Callable[..., Any]) -> Callable[..., Any]:
        def watched_call(*args: Any, **options: Any) -> Any:
            begin, processor = time.perf_counter(), time.thread_time()
            try:
                return call(*args, **options)
            finally:
                with self._lock:
                    self.processor += time.thread_time() - processor
                    self.spans.append((begin, time.perf_counter()))

        return watched_call

    def covered(self) -> float:
        """Overlapping calls count once."""
        total, reached = 0.0, 0.0
        for begin, end in sorted(self.spans):
            total += max(0.0, end - max(begin, reached))
            reached = max(reached, end)
        return total


def own_time(bench: Bench) -> Iterator[Result]:
    """Four kinds of runs, each some forty times over five records."""
    from syncapp.remotes.http.session import RemoteSession

    records = bench.pairs(5)
    original = RemoteSession.call
    try:
        for name, stage, source in run_cases(bench, records):
            measured = [measured_run(stage, source) for _time in range(TIMES + 3)][3:]
            queries = _queries(stage, source)
            yield from _results(name, measured, queries)
    finally:
        RemoteSession.call = original  # type: ignore[method-assign]


def run_cases(bench: Bench, records: list[Any]) -> Iterator[tuple[str, Callable[[], str], str]]:
    """(name, what makes a record ready and says its id, the source of the run)"""
    numbers = iter(range(1_000_000))

    def to_advoware() -> str:
        number = next(numbers)
        bench.edit(records[number % 5].espo_id, f"T{number}")
        return str(records[number % 5].espo_id)

    def to_espocrm() -> str:
        number = next(numbers)
        bench.edit_in_advoware(records[number % 5], f"T{number}")
        return str(records[number % 5].espo_id)

    yield "no change", lambda: str(records[next(numbers) % 5].espo_id), "webhook"
    yield "update to Advoware", to_advoware, "webhook"
    yield "update to EspoCRM", to_espocrm, "webhook"
    yield "create", bench.new, "webhook"


def measured_run(stage: Callable[[], str], source: str) -> tuple[float, float]:
    """(wall, processor) in milliseconds, without what was spent within the calls."""
    from syncapp.remotes.http.session import RemoteSession

    record_id = record_of(stage())
    outside, original = Outside(), RemoteSession.call
    RemoteSession.call = outside.watched(original)  # type: ignore[method-assign]
    try:
        processor, begin = time.process_time(), time.perf_counter()
        sync(record_id, source=source)
        wall = time.perf_counter() - begin - outside.covered()
        spent = time.process_time() - processor - outside.processor
    finally:
        RemoteSession.call = original  # type: ignore[method-assign]
    return wall * 1000, spent * 1000


def _queries(stage: Callable[[], str], source: str) -> int:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    record_id = record_of(stage())
    with CaptureQueriesContext(connection) as captured:
        sync(record_id, source=source)
    return sum(q["sql"].startswith(("SELECT", "UPDATE", "INSERT", "DELETE")) for q in captured.captured_queries)


def _results(name: str, measured: list[tuple[float, float]], queries: int) -> Iterator[Result]:
    for index, sort in enumerate(("wall", "processor")):
        values = [one[index] for one in measured]
        median = statistics.median(values)
        yield Result(
            f"own time, {name}, {sort}",
            f"{GOAL_MS} ms",
            f"{median:.1f} ms" + (f", {queries} queries" if sort == "processor" else ""),
            median / GOAL_MS,
            (min(values) / GOAL_MS, max(values) / GOAL_MS),
            median <= GOAL_MS,
        )
