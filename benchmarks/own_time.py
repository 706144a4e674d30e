"""What a run costs beside its remote calls, over what a straightforward one costs, by turns; and its statements."""

import statistics
import time
from collections.abc import Callable, Iterator
from threading import Lock
from typing import Any

from benchmarks import straightforward
from benchmarks.firm import Bench
from benchmarks.results import Figure
from benchmarks.syncs import record_of, sync

TIMES = 40
GOAL = 3
# Statements of a run, as far as the issue names them.
STATEMENTS = {"no change": 10, "create": 16}


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


def own_time(bench: Bench) -> Iterator[Figure]:
    """Four kinds of runs, each some forty times over five records."""
    from syncapp.remotes.http.session import RemoteSession

    records = bench.pairs(5)
    original = RemoteSession.call
    try:
        for name, stage, source in run_cases(bench, records):
            pairs = [(measured_run(stage, source), _straight(stage)) for _time in range(TIMES + 3)][3:]
            yield from _results(name, pairs, _queries(stage, source))
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
    record_id = record_of(stage())
    return _measured(lambda: sync(record_id, source=source))


def _straight(stage: Callable[[], str]) -> tuple[float, float]:
    """The same of the straightforward implementation."""
    espo_id = stage()
    record_of(espo_id)
    return _measured(lambda: straightforward.run(espo_id))


def _measured(run: Callable[[], None]) -> tuple[float, float]:
    from syncapp.remotes.http.session import RemoteSession

    outside, original = Outside(), RemoteSession.call
    RemoteSession.call = outside.watched(original)  # type: ignore[method-assign]
    try:
        processor, begin = time.process_time(), time.perf_counter()
        run()
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


Pair = tuple[tuple[float, float], tuple[float, float]]


def _results(name: str, pairs: list[Pair], queries: int) -> Iterator[Figure]:
    """Ratios of medians; the spread is that of quarters of the runs, since a single one says little."""
    for index, sort in enumerate(("wall", "processor")):
        ours, straight = ([run[index] for run in side] for side in zip(*pairs, strict=True))
        ratio = statistics.median(ours) / statistics.median(straight)
        parts = [statistics.median(ours[part::4]) / statistics.median(straight[part::4]) for part in range(4)]
        words = f"{statistics.median(ours):.1f} ms over {statistics.median(straight):.1f}"
        title = f"own time of a run over a straightforward one, {name}, {sort}"
        goal = GOAL if sort == "wall" else None
        met = None if goal is None else ratio <= goal
        yield Figure(title, f"{goal or ''}", words, ratio, (min(parts), max(parts)), met)
    limit = STATEMENTS.get(name)
    met = None if limit is None else queries <= limit
    yield Figure(f"statements of a run, {name}", f"{limit or ''}", f"{queries}", met=met)
