"""Runs: calls a case, and wall time over that of the remote calls alone."""

import statistics
import time
from collections.abc import Callable, Iterator
from itertools import count
from typing import Any

from benchmarks import calls_alone
from benchmarks.firm import Bench
from benchmarks.naive import CASES as NAIVE
from benchmarks.results import Figure

DELAY = 0.1
GOAL = 1.05
Pair = tuple[float, float]  # seconds of ours and of its calls alone


def calls(bench: Bench) -> Iterator[Figure]:
    """Remote calls by case, beside those of a straightforward implementation."""
    for name, naive in NAIVE.items():
        espo_id, betnr = naive.stage(bench)
        bench.sandbox.clear_calls()
        naive.run(bench, espo_id, betnr)
        straight = sum(sum(by.values()) for by in bench.sandbox.counts().values())
        espo_id, _betnr = naive.stage(bench)
        bench.sandbox.clear_calls()
        sync(record_of(espo_id))
        ours = sum(sum(by.values()) for by in bench.sandbox.counts().values())
        yield Figure(
            f"calls: {name}", f"{naive.allowed}", f"{ours} (straightforward: {straight})", met=ours <= naive.allowed
        )


def latency(bench: Bench) -> Iterator[Figure]:
    """One run with a slow network over its remote calls alone, by turns."""
    ours, alone = bench.pairs(2)
    titles = (f"T{number}" for number in count())

    def update() -> Pair:
        title = next(titles)
        for record in (ours, alone):
            bench.edit(record.espo_id, title)
        record_id = record_of(ours.espo_id)
        return timed(lambda: sync(record_id)), timed(lambda: calls_alone.update(alone.espo_id, alone.betnr))

    def create() -> Pair:
        record_id, other = record_of(bench.new()), bench.new()
        return timed(lambda: sync(record_id)), timed(lambda: calls_alone.create(other))

    for name, measure in (("update", update), ("create", create)):
        with bench.slow(DELAY):
            yield over_calls(f"{name}, 100 ms a call", measure, goal=GOAL, times=15)


def over_calls(title: str, measure: Callable[[], Pair], *, goal: float, times: int) -> Figure:
    """The median of each turn's ratio; the first turn is thrown away."""
    turns = [measure() for _turn in range(times + 1)][1:]
    ratios = [ours / alone for ours, alone in turns]
    ratio = statistics.median(ratios)
    wall, calls = (statistics.median(side) * 1000 for side in zip(*turns, strict=True))
    words = f"{wall:.0f} ms, its calls alone {calls:.0f}"
    return Figure(title, f"{goal}", words, ratio, (min(ratios), max(ratios)), ratio <= goal)


def timed(work: Callable[[], object]) -> float:
    """Seconds."""
    begin = time.perf_counter()
    work()
    return time.perf_counter() - begin


def record_of(espo_id: str) -> int:
    """Our row of an id, made if need be."""
    from syncapp.models import SyncRecord

    return SyncRecord.objects.get_or_create(espo_id=espo_id)[0].pk


def sync(record_id: int, **options: Any) -> None:
    """One run that has to end well."""
    from syncapp.engine.runs.sync_record import Order, sync_record

    result = sync_record(Order(record_id, forced=True, **options))
    if result.status != "clean":
        raise AssertionError(f"not synced: {result}")
