"""A sweep over its ideal: a hundred changed records, and a thousand that nobody touched."""

import time
from collections.abc import Iterator
from typing import Any

from benchmarks.firm import Bench
from benchmarks.results import Result, repeated
from benchmarks.syncs import DELAY, STEPS

CHANGED = 100
GOAL = 1.08
CLEAN = 1_000


def sweep(bench: Bench) -> Iterator[Result]:
    """Ten at a time, a hundred milliseconds a call."""
    records = bench.pairs(CHANGED)
    yield _changed(bench, records)
    yield _clean(bench, [*records, *bench.pairs(CLEAN - CHANGED)])


def _changed(bench: Bench, records: list[Any]) -> Result:
    from django.conf import settings

    from syncapp.engine import batch

    numbers = iter(range(1000))
    ideal = len(records) / settings.SYNC_PARALLEL * STEPS * DELAY

    def once() -> float:
        title = f"T{next(numbers)}"
        for record in records:
            bench.edit(record.espo_id, title)
        with bench.slow(DELAY):
            begin = time.perf_counter()
            ended = batch.sync_batch(record_ids=[record.pk for record in records], forced=True)
            wall = time.perf_counter() - begin
        if ended != {"ran": len(records)}:
            raise AssertionError(ended)
        return wall / ideal

    ratio, spread = repeated(once, times=5)
    measured = f"{ratio * ideal:.1f} s of {ideal:.1f}"
    return Result("100 changed records, 100 ms a call, 10 at a time", f"{GOAL}", measured, ratio, spread, ratio <= GOAL)


def _clean(bench: Bench, records: list[Any]) -> Result:
    from syncapp.entities.beteiligte.probes import recheck

    bench.sandbox.clear_calls()
    begin = time.perf_counter()
    recheck.recheck_records([record.pk for record in records])
    wall = time.perf_counter() - begin
    reads = [path for _system, method, path in bench.sandbox.calls("espocrm") if method == "GET"]
    lists = sum(path.rstrip("/").endswith("CBeteiligte") for path in reads)
    measured = f"{len(reads) - lists} single GETs, {lists} lists, {wall:.0f} s"
    return Result(f"{len(records)} clean records", "0 single GETs", measured, met=lists == len(reads))
