"""The demo with thousands of records in motion, looked at in a browser: do pages come as they do at rest?

The demo itself: web, workers, scheduler, both stand-ins and Redis on this machine, all of them busy with creating every
record in Advoware and with what comes back as webhooks. The pages are opened in Chromium, by the demo's own user.
"""

import statistics
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any

import requests

from advosync_project.embedded_redis import free_port
from benchmarks.firm import Bench
from benchmarks.results import Figure
from tests.support import chromium
from tests.support.processes import running, wait_until

PEOPLE = 5000
# Seconds until everything has been carried, and nothing but the clock is at work.
UNTIL_REST = 900
GOAL = 2
UNDER_WAY = ("pending_sync", "dirty", "syncing")
TIMES = 15
PAGES = {
    "landing page": "/admin/",
    "records": "/admin/syncapp/syncrecord/",
    "search by name": "/admin/syncapp/syncrecord/?q=mann",
    "one record": "/admin/syncapp/syncrecord/1/change/",
}


def motion(bench: Bench) -> Iterator[Figure]:
    """Each page some times while the records are being created, in turn, and again when all have been."""
    port = free_port()
    origin = f"http://127.0.0.1:{port}"
    command = [sys.executable, "-m", "demo", "--people", str(PEOPLE), "--port", str(port)]
    with running(command, log=bench.directory / "demo.log", ready=_at_work(origin), seconds=400):
        moving, rate = _watched(origin)
        wait_until(lambda: _waiting(origin) == 0, seconds=UNTIL_REST)
        resting, _none = _watched(origin)
    if not rate:
        raise AssertionError("nothing was in motion")
    for name, taken in moving.items():
        at_rest, median = statistics.median(resting[name]), statistics.median(taken)
        spread = (min(taken) / at_rest, max(taken) / at_rest)
        words = f"{median * 1000:.0f} ms over {at_rest * 1000:.0f} at rest"
        title = f"demo with {PEOPLE:,} records in motion ({rate:.0f} syncs a second): {name}"
        yield Figure(title, f"{GOAL}", words, median / at_rest, spread, median <= GOAL * at_rest)


def _waiting(origin: str) -> float:
    """Records that a run is still to come for. What is looked at again by the clock goes on at rest too."""
    return _total(origin, tuple(f'sync_records{{status="{status}"}}' for status in UNDER_WAY))


def _watched(origin: str) -> tuple[dict[str, list[float]], float]:
    """(seconds of each opening of each page, syncs a second meanwhile)"""
    from playwright.sync_api import sync_playwright

    seconds: dict[str, list[float]] = {name: [] for name in PAGES}
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=chromium.path(), args=["--no-sandbox"])
        page = _logged_in(browser.new_page(), origin)
        begin, before = time.monotonic(), _synced(origin)
        for _round in range(TIMES):
            for name, address in PAGES.items():
                seconds[name].append(_opened(page, origin + address))
        rate = (_synced(origin) - before) / (time.monotonic() - begin)
        browser.close()
    return seconds, rate


def _at_work(origin: str) -> Callable[[], bool]:
    def answers() -> bool:
        try:
            return _synced(origin) > 0
        except requests.RequestException:
            return False

    return answers


def _synced(origin: str) -> int:
    """How many runs have ended."""
    return int(_total(origin, ("sync_total{",)))


def _total(origin: str, beginnings: tuple[str, ...]) -> float:
    """The sum of these lines of the metrics."""
    lines = requests.get(f"{origin}/metrics", timeout=10).text.splitlines()
    return sum(float(line.split()[-1]) for line in lines if line.startswith(beginnings))


def _logged_in(page: Any, origin: str) -> Any:
    page.goto(f"{origin}/admin/login/")
    page.fill("input[name=username]", "demo")
    page.fill("input[name=password]", "demo")
    page.press("input[name=password]", "Enter")
    page.wait_for_url(f"{origin}/admin/**")
    return page


def _opened(page: Any, address: str) -> float:
    """Until the page is there and its scripts have run; what it loads afterwards from the systems does not count."""
    begin = time.perf_counter()
    answer = page.goto(address, wait_until="load")
    if answer.status != 200:
        raise AssertionError(f"{address}: {answer.status}")
    return time.perf_counter() - begin
