"""The first load: records a second, and whether its memory grows with their number.

The stand-ins are filled by copying rows in their database; the load is the command itself, in a process of its own
whose memory the operating system accounts for.
"""

import json
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from benchmarks import calls_alone
from benchmarks.firm import Bench
from benchmarks.results import Figure
from tests.support.processes import MANAGE, ROOT

SMALLER = 3  # the smaller load is a third of the larger
FLAT = 1.25
SLOW_RECORDS, DELAY = 600, 0.1
# Of the ideal.
SHARE = 0.92
WATCHED = """
import resource, subprocess, sys, json
code = subprocess.call(json.loads(sys.argv[1]), stdout=subprocess.DEVNULL)
print(json.dumps([code, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss]))
"""


def backfill(bench: Bench) -> Iterator[Figure]:
    """Pairs that an earlier system has linked: each is read on both sides, compared, and marked as clean."""
    larger = bench.options.load
    smaller = larger // SMALLER
    template = bench.pairs(1)[0]
    _multiply(bench.directory / "stand-ins.sqlite3", template.espo_id, template.betnr, smaller)
    seconds, before = _loaded(smaller)
    _multiply(bench.directory / "stand-ins.sqlite3", template.espo_id, template.betnr, larger, begin=smaller)
    again, after = _loaded(larger, "--restart")
    rate = larger / again
    yield Figure(
        f"first load of {larger:,} linked records", "", f"{rate:.0f} records a second", smaller / seconds / rate
    )
    grown = after / before
    words = f"{before} and {after} MB"
    title = f"peak memory of a first load, {larger:,} over {smaller:,} records"
    yield Figure(title, f"{FLAT:.2f} (flat)", words, grown, met=grown <= FLAT)


def slow_load(bench: Bench) -> Iterator[Figure]:
    """Ten at a time with a slow network, over the same calls alone, as many at a time, before and after the load."""
    from syncapp.models import SyncRecord

    template = bench.pairs(1)[0]
    _multiply(bench.directory / "stand-ins.sqlite3", template.espo_id, template.betnr, SLOW_RECORDS)
    copies = [(f"bench{number:012}", template.betnr + 1 + number) for number in range(SLOW_RECORDS)]
    with bench.slow(DELAY):
        yield _slow_load(bench, "equal and shown", copies, told=False)
        SyncRecord.objects.filter(espo_id__startswith="bench").delete()
        yield _slow_load(bench, "equal, to be shown", copies, told=True)


def _slow_load(bench: Bench, what: str, copies: Sequence[tuple[str, int]], *, told: bool) -> Figure:
    """told: each record's status has to be written to EspoCRM, as in a real first load."""
    from django.conf import settings

    parallel = settings.SYNC_PARALLEL

    def alone() -> None:
        with ThreadPoolExecutor(parallel) as beside, ThreadPoolExecutor(parallel) as pool:
            list(pool.map(lambda pair: calls_alone.first_load(*pair, told=told, beside=beside), copies))

    before, _reads, _writes = _on_the_wire(bench, alone)
    wall, reads, writes = _on_the_wire(bench, lambda: _loaded(len(copies)))
    after, _reads, _writes = _on_the_wire(bench, alone)
    ideal = (before + after) / 2
    title = f"first load, {len(copies)} records, {what}, {DELAY * 1000:.0f} ms a call, {parallel} at a time"
    words = f"{wall:.1f} s, its calls alone {before:.1f} and {after:.1f}; {reads} reads, {writes} writes"
    spread = (before / wall, after / wall)
    return Figure(title, f"≥ {SHARE}", words, ideal / wall, sorted(spread), ideal / wall >= SHARE)


def _on_the_wire(bench: Bench, work: Callable[[], object]) -> tuple[float, int, int]:
    """(seconds from the first call for a record to the end of the last, how many of them read, how many wrote)"""
    bench.sandbox.clear_calls()
    work()
    calls = [call for call in bench.sandbox.control.calls() if _of_a_record(call)]
    times = [float(call["at"]) for call in calls]
    writes = sum(call["method"] == "PATCH" for call in calls)
    return max(times) - min(times) + DELAY, len(calls) - writes, writes


def _of_a_record(call: dict[str, Any]) -> bool:
    """A single read, or a write; no list and no token."""
    return "Beteiligte/" in call["path"] or call["method"] == "PATCH"


def _loaded(records: int, *options: str) -> tuple[float, int]:
    """(seconds, peak memory in MB) of one load."""
    command = [*MANAGE, "backfill", "--per-minute", "10000000", *options]
    begin = time.perf_counter()
    watched = [sys.executable, "-c", WATCHED, json.dumps(command)]
    done = subprocess.run(watched, cwd=ROOT, capture_output=True, text=True, check=True)
    code, kilobytes = json.loads(done.stdout)
    clean = _clean()
    if code or clean < records:
        raise AssertionError(f"backfill ended with {code}, {clean} of {records} records are clean\n{done.stderr}")
    return time.perf_counter() - begin, kilobytes // 1024


def _clean() -> int:
    from syncapp.models import SyncRecord

    return SyncRecord.objects.filter(status="clean").count()


def _multiply(database: Path, espo_id: str, betnr: int, end: int, *, begin: int = 0) -> None:
    """Copies of one pair on both sides, linked with one another, each a second younger than the one before."""
    espocrm = {
        "id": "printf('bench%012d', n.i)",
        "betnr": f"{betnr} + 1 + n.i",
        "name": "s.name || ' ' || n.i",
        "created_at": "strftime('%Y-%m-%d %H:%M:%S', s.created_at, (n.i + 1) || ' seconds')",
    }
    advoware = {
        "bet_nr": f"{betnr} + 1 + n.i",
        "fields": "json_set(s.fields, '$.name', json_extract(s.fields, '$.name') || ' ' || n.i)",
    }
    with sqlite3.connect(database) as stand_ins:
        _copy(stand_ins, "sandbox_esporecord", "id", espo_id, espocrm, (begin, end))
        _copy(stand_ins, "sandbox_beteiligter", "bet_nr", betnr, advoware, (begin, end))


def _copy(
    stand_ins: sqlite3.Connection, table: str, key: str, value: object, own: dict[str, str], span: tuple[int, int]
) -> None:
    columns = [row[1] for row in stand_ins.execute(f"PRAGMA table_info({table})")]
    chosen = ", ".join(own.get(column, f"s.{column}") for column in columns)
    rows = "WITH RECURSIVE n(i) AS (SELECT ? UNION ALL SELECT i + 1 FROM n WHERE i + 1 < ?)"
    copied = f"SELECT {chosen} FROM n JOIN {table} s ON s.{key} = ?"  # noqa: S608 (names of ours)
    stand_ins.execute(f"{rows} INSERT INTO {table} ({', '.join(columns)}) {copied}", (*span, value))
