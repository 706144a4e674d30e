"""Advoware for other programs: what a call costs over a bare view, and what hanging callers cost the sync."""

import http.client
import os
import statistics
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import requests

from advosync_project.embedded_redis import free_port
from benchmarks.firm import Bench
from benchmarks.results import Figure
from tests.support.processes import running

ROUNDS, GETS = 9, 100
HANGING = 50
SYNCS, TURNS = 15, 5
# Longer than the syncs of one turn take.
LATE = 8
RATE = "1000000"


def proxied(bench: Bench) -> Iterator[Figure]:
    """The same GET through the proxy and through the bare view, by turns, over one kept connection each."""
    number = bench.pairs(1)[0].betnr
    endpoint = f"Beteiligte/{number}"
    with _switched_on(), _bare(bench) as bare, bench.web() as origin:
        ours = _Caller(origin, f"/advoware/proxy?endpoint={endpoint}", _key())
        theirs = _Caller(bare, f"/bare?endpoint={endpoint}", "")
        rounds = [_by_turns(ours, theirs) for _round in range(1 + ROUNDS)][1:]
    ratios = [statistics.median(a) / statistics.median(b) for a, b in rounds]
    ratio, spread = statistics.median(ratios), (min(ratios), max(ratios))
    all_ours, all_theirs = ([taken for pair in rounds for taken in pair[side]] for side in (0, 1))
    p50, p99 = (f"{_ms(all_ours, share)} over {_ms(all_theirs, share)} ms" for share in (50, 99))
    words = f"p50 {p50}, p99 {p99}"
    yield Figure("proxied GET over a bare view with requests", "1.5 at p50", words, ratio, spread, ratio <= 1.5)


def starving(bench: Bench) -> Iterator[Figure]:
    """A sync while fifty callers hang in Advoware, over one while nobody does, by turns."""
    records = bench.pairs(SYNCS)
    rounds = []
    with _switched_on(), bench.web() as origin:
        key = _key()
        _synced(bench, records, "warm")
        for number in range(TURNS):
            alone = _synced(bench, records, f"alone {number}")
            with _hanging(bench, origin, key):
                rounds.append((alone, _synced(bench, records, f"crowded {number}")))
    ratios = [statistics.median(crowded) / statistics.median(alone) for alone, crowded in rounds]
    ratio, spread = statistics.median(ratios), (min(ratios), max(ratios))
    all_alone, all_crowded = ([taken for pair in rounds for taken in pair[side]] for side in (0, 1))
    p50 = f"{_ms(all_crowded, 50)} over {_ms(all_alone, 50)} ms"
    words = f"p50 {p50}, longest {max(all_crowded) * 1000:.0f} over {max(all_alone) * 1000:.0f} ms"
    yield Figure(f"sync beside {HANGING} hanging callers", "1.5", words, ratio, spread, ratio <= 1.5)


def _by_turns(ours: "_Caller", theirs: "_Caller") -> tuple[list[float], list[float]]:
    """One here, one there: whatever else the machine does falls on both."""
    pairs = [(ours.get(), theirs.get()) for _time in range(GETS)]
    return [a for a, _b in pairs], [b for _a, b in pairs]


class _Caller:
    """One program with one kept connection."""

    def __init__(self, origin: str, target: str, key: str) -> None:
        where = urlsplit(origin)
        self._connection = http.client.HTTPConnection(str(where.hostname), where.port, timeout=30)
        self._target, self._headers = target, {"X-Api-Key": key}

    def get(self) -> float:
        """Seconds for one."""
        begin = time.perf_counter()
        self._connection.request("GET", self._target, headers=self._headers)
        answer = self._connection.getresponse()
        body = answer.read()
        if answer.status != 200:
            raise AssertionError(f"{answer.status} {body[:200]!r}")
        return time.perf_counter() - begin


def _ms(taken: list[float], share: int) -> str:
    return f"{statistics.quantiles(taken, n=100)[share - 1] * 1000:.1f}"


def _key() -> str:
    from syncapp.proxy import keys

    grants = ["GET Beteiligte/{int}", "GET Rechtsformen"]
    return keys.make(name=f"bench {free_port()}", grants=grants, by="bench", rate_per_minute=100_000)[1]


@contextmanager
def _switched_on() -> Iterator[None]:
    """For the web process, which reads its environment."""
    os.environ.update(PROXY_ENABLED="true", PROXY_RATE_PER_MINUTE=RATE)
    try:
        yield
    finally:
        del os.environ["PROXY_ENABLED"], os.environ["PROXY_RATE_PER_MINUTE"]


@contextmanager
def _bare(bench: Bench) -> Iterator[str]:
    origin = f"http://127.0.0.1:{free_port()}"
    log: Path = bench.directory / "bare.log"
    os.environ["BENCH_TOKEN"] = bench.sandbox.clerk.token or _token(bench)
    command = [sys.executable, "-m", "gunicorn", "-c", "python:advosync_project.web"]
    command += ["--bind", origin.removeprefix("http://"), "benchmarks.bare:application"]

    def alive() -> bool:
        try:
            return requests.get(f"{origin}/alive", timeout=2).ok
        except requests.RequestException:
            return False

    with running(command, log=log, ready=alive):
        yield origin


def _token(bench: Bench) -> str:
    bench.sandbox.clerk.create(name="Tokenholder")
    return bench.sandbox.clerk.token


def _synced(bench: Bench, records: list[object], title: str) -> list[float]:
    """Seconds for each record's run after an edit in Advoware."""
    from syncapp.engine.batch import sync_batch
    from syncapp.engine.runs.sync_record import Order

    taken = []
    for record in records:
        bench.edit_in_advoware(record, title)
        begin = time.perf_counter()
        sync_batch([Order(record.pk, forced=True)])  # type: ignore[attr-defined]
        taken.append(time.perf_counter() - begin)
    return taken


@contextmanager
def _hanging(bench: Bench, origin: str, key: str) -> Iterator[None]:
    """Fifty programs that ask again and again for something that Advoware is many seconds late with."""
    bench.sandbox.fault("advoware", "delay", path_contains="Rechtsformen", seconds=LATE, count=None)
    over = threading.Event()

    def ask(_number: int) -> None:
        while not over.is_set():
            url = f"{origin}/advoware/api/Rechtsformen"
            answer = requests.get(url, headers={"X-Api-Key": key}, timeout=60)
            over.wait(float(answer.headers.get("Retry-After", 0)))

    with ThreadPoolExecutor(HANGING) as pool:
        for number in range(HANGING):
            pool.submit(ask, number)
        time.sleep(3)
        try:
            yield
        finally:
            over.set()
            bench.sandbox.heal()
