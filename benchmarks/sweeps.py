"""A sweep over its ideal: a hundred changed records, and a thousand that nobody touched."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from typing import Any

from benchmarks import calls_alone
from benchmarks.firm import Bench
from benchmarks.results import Figure
from benchmarks.syncs import DELAY, Pair, over_calls, timed

CHANGED = 100
GOAL = 1.08
CLEAN = 1_000


def sweep(bench: Bench) -> Iterator[Figure]:
    """Ten at a time, a hundred milliseconds a call."""
    records, others = bench.pairs(CHANGED), bench.pairs(CHANGED)
    yield _changed(bench, records, others)
    yield _clean(bench, [*records, *bench.pairs(CLEAN - CHANGED)])


def _changed(bench: Bench, records: list[Any], others: list[Any]) -> Figure:
    """By turns with the remote calls alone, of others, as many at a time."""
    from django.conf import settings

    from syncapp.engine import batch
    from syncapp.engine.runs.sync_record import Order

    titles = (f"T{number}" for number in count())
    orders = [Order(record.pk, forced=True) for record in records]

    def run() -> None:
        if (ended := batch.sync_batch(orders)) != {"ran": len(records)}:
            raise AssertionError(ended)

    def alone() -> None:
        with ThreadPoolExecutor(settings.SYNC_PARALLEL) as pool:
            list(pool.map(lambda record: calls_alone.update(record.espo_id, record.betnr), others))

    def once() -> Pair:
        title = next(titles)
        for record in (*records, *others):
            bench.edit(record.espo_id, title)
        with bench.slow(DELAY):
            return timed(run), timed(alone)

    return over_calls("100 changed records, 100 ms a call, 10 at a time", once, goal=GOAL, times=5)


def _clean(bench: Bench, records: list[Any]) -> Figure:
    from syncapp.entities.beteiligte.probes import recheck

    bench.sandbox.clear_calls()
    begin = time.perf_counter()
    recheck.recheck_records([record.pk for record in records])
    wall = time.perf_counter() - begin
    reads = [path for _system, method, path in bench.sandbox.calls("espocrm") if method == "GET"]
    lists = sum(path.rstrip("/").endswith("CBeteiligte") for path in reads)
    measured = f"{len(reads) - lists} single GETs, {lists} lists, {wall:.0f} s"
    return Figure(f"{len(records)} clean records", "0 single GETs", measured, met=lists == len(reads))
