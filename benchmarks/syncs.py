"""Runs: calls a case, wall time over the critical path, own time, a sweep over its ideal."""

import time
from collections.abc import Iterator

from benchmarks.firm import Bench
from benchmarks.naive import CASES as NAIVE
from benchmarks.results import Result, repeated

DELAY = 0.1
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
        _sync(espo_id)
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
        yield Result(f"{name}, 100 ms a call", "1.25", measured, ratio, spread, ratio <= 1.25)


def own_time(bench: Bench) -> Iterator[Result]:
    """What a run costs beside its remote calls: wall and processor time."""
    from syncapp.services import run as runs

    records = bench.pairs(5)
    number = iter(range(1000))
    spent: list[tuple[float, float]] = []
    original = runs.CallLog.__call__

    def remember(self: runs.CallLog, call: object) -> None:
        spent.append((time.perf_counter(), call.seconds))  # type: ignore[attr-defined]
        original(self, call)  # type: ignore[arg-type]

    def one() -> tuple[float, float]:
        record = records[next(number) % len(records)]
        bench.edit(record.espo_id, f"T{next(number)}")
        spent.clear()
        processor, begin = time.process_time(), time.perf_counter()
        _sync(record.espo_id)
        wall = time.perf_counter() - begin - _covered(spent)
        return wall * 1000, (time.process_time() - processor) * 1000

    runs.CallLog.__call__ = remember  # type: ignore[method-assign]
    try:
        for index, name in enumerate(("wall", "processor")):
            value, spread = repeated(lambda index=index: one()[index], times=25)  # type: ignore[misc]
            yield Result(
                f"own time a sync, {name}", "10 ms", f"{value:.1f} ms", value / 10, _tenths(spread), value <= 10
            )
    finally:
        runs.CallLog.__call__ = original  # type: ignore[method-assign]


def _tenths(spread: tuple[float, float]) -> tuple[float, float]:
    return spread[0] / 10, spread[1] / 10


def _covered(calls_made: list[tuple[float, float]]) -> float:
    """How long at least one call was under way: overlapping ones count once."""
    total, reached = 0.0, 0.0
    for begin, end in sorted((end - seconds, end) for end, seconds in calls_made):
        total += max(0.0, end - max(begin, reached))
        reached = max(reached, end)
    return total


def sweep(bench: Bench) -> Iterator[Result]:
    """A hundred changed records, ten at a time, and a thousand that nobody touched."""
    from django.conf import settings

    from syncapp.models import SyncRecord
    from syncapp.services import batch, recheck

    records = bench.pairs(100)
    number = iter(range(1000))

    def changed() -> float:
        title = f"T{next(number)}"
        for record in records:
            bench.edit(record.espo_id, title)
        with bench.slow(DELAY):
            begin = time.perf_counter()
            batch.sync_batch(record_ids=[record.pk for record in records], forced=True)
            wall = time.perf_counter() - begin
        return wall / (len(records) / settings.SYNC_PARALLEL * STEPS * DELAY)

    ratio, spread = repeated(changed, times=3)
    ideal = len(records) / settings.SYNC_PARALLEL * STEPS * DELAY
    yield Result(
        "100 changed records, 100 ms, 10 at a time", "1.3", f"{ratio * ideal:.1f} s", ratio, spread, ratio <= 1.3
    )
    everybody = [*records, *bench.pairs(900)]
    ids = list(SyncRecord.objects.filter(pk__in=[r.pk for r in everybody]).values_list("pk", flat=True))
    bench.sandbox.clear_calls()
    begin = time.perf_counter()
    recheck.recheck_records(ids)
    wall = time.perf_counter() - begin
    single = sum(1 for _s, method, path in bench.sandbox.calls("espocrm") if method == "GET" and "/" in path.strip("/"))
    lists = sum(1 for _s, method, _p in bench.sandbox.calls("espocrm") if method == "GET") - single
    measured = f"{single} single GETs, {lists} lists, {wall:.0f} s"
    yield Result(f"{len(ids)} clean records", "0 single GETs", measured, met=single == 0)


def _timed(espo_id: str) -> float:
    begin = time.perf_counter()
    _sync(espo_id)
    return time.perf_counter() - begin


def _sync(espo_id: str) -> None:
    from syncapp.services.ensure import ensure_record
    from syncapp.services.sync_record import sync_record

    result = sync_record(record_id=ensure_record(espo_id=espo_id).pk, forced=True)
    if result.status != "clean":
        raise AssertionError(f"not synced: {result}")
