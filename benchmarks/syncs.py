"""Runs: calls a case, and wall time over the critical path."""

import time
from collections.abc import Iterator
from typing import Any

from benchmarks.firm import Bench
from benchmarks.naive import CASES as NAIVE
from benchmarks.results import Result, repeated

DELAY = 0.1
GOAL = 1.05
STEPS = 3  # read both, write one, write the other


def calls(bench: Bench) -> Iterator[Result]:
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
        yield Result(
            f"calls: {name}", f"{naive.allowed}", f"{ours} (straightforward: {straight})", met=ours <= naive.allowed
        )


def latency(bench: Bench) -> Iterator[Result]:
    """One run with a slow network, over its three steps that cannot overlap."""
    record = bench.pairs(1)[0]
    number = iter(range(1000))

    def update() -> float:
        bench.edit(record.espo_id, f"T{next(number)}")
        return _timed(record.espo_id) / (STEPS * DELAY)

    def create() -> float:
        espo_id = bench.new()
        return _timed(espo_id) / (STEPS * DELAY)

    for name, measure in (("update", update), ("create", create)):
        with bench.slow(DELAY):
            ratio, spread = repeated(measure, times=7)
        measured = f"{ratio * STEPS * DELAY * 1000:.0f} ms of {STEPS * DELAY * 1000:.0f}"
        yield Result(f"{name}, 100 ms a call", f"{GOAL}", measured, ratio, spread, ratio <= GOAL)


def _timed(espo_id: str) -> float:
    record_id = record_of(espo_id)
    begin = time.perf_counter()
    sync(record_id)
    return time.perf_counter() - begin


def record_of(espo_id: str) -> int:
    """Our row of an id, made if need be."""
    from syncapp.entities.beteiligte.links.ensure import ensure_record

    return ensure_record(espo_id=espo_id).pk


def sync(record_id: int, **options: Any) -> None:
    """One run that has to end well."""
    from syncapp.engine.runs.sync_record import sync_record

    result = sync_record(record_id=record_id, forced=True, **options)
    if result.status != "clean":
        raise AssertionError(f"not synced: {result}")
