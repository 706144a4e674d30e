"""Pages, searches, selections, alert rules and metrics with ten thousand, a hundred thousand and a million records."""

import statistics
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from benchmarks.databases import Sizes
from benchmarks.firm import Bench
from benchmarks.pages import Visit, addresses, opener
from benchmarks.plans import Plans
from benchmarks.results import Figure

STEPS = 10
TURNS = 7
PAGES, SEARCHES, OTHERS, BARE = 1.3, 1.5, 1.3, 2.5
BARE_LIST = "/admin/auth/permission/"  # of bare_list.py


@dataclass
class Measured:
    """Seconds of one visit by size, a list of the turns, and how its rows are found at the largest."""

    seconds: dict[int, list[float]] = field(default_factory=dict)
    queries: int = 0
    plans: list[str] = field(default_factory=list)

    def best(self, size: int) -> float:
        """The quickest: what others do on the machine makes it slower, nothing makes it quicker."""
        return min(self.seconds[size])

    def ratio(self, larger: int, smaller: int) -> float:
        return self.best(larger) / self.best(smaller)

    def spread(self, larger: int, smaller: int) -> tuple[float, float]:
        """Of the ratios turn by turn."""
        found = [one / other for one, other in zip(self.seconds[larger], self.seconds[smaller], strict=True)]
        return min(found), max(found)


def growth(bench: Bench) -> Iterator[Figure]:
    """The time of each visit at the largest size over that at the smallest, by turns."""
    from django.test import override_settings

    largest = bench.options.records
    sizes = (largest // STEPS**2, largest // STEPS, largest)
    page = opener()
    begin = time.monotonic()
    databases = Sizes(sizes)
    words = f"{time.monotonic() - begin:.0f} s"
    yield Figure(f"filling {largest:,} records, their attempts and search texts", "", words)
    with databases.at(sizes[0]):  # so that each page exists at every size
        pages = {address: page(address) for address in _that_open(page, addresses())}
    with override_settings(ROOT_URLCONF="benchmarks.bare_list"):
        groups = {"page": pages, "search": _searches(page), "other": _others(page)}
        bare = _bare(page, databases, sizes[-1])
        # Of so many pages only both ends.
        ends = (sizes[0], sizes[-1])
        found = {
            name: _measured(visits, databases, ends if name == "page" else sizes) for name, visits in groups.items()
        }
        # Before and after: what else the machine did meanwhile is in neither.
        bare = min(bare, _bare(page, databases, sizes[-1]))
    yield from _pages(found["page"], sizes, bare)
    for group, goal in (("search", SEARCHES), ("other", OTHERS)):
        for name, measured in found[group].items():
            yield _result(name, measured, sizes, goal)


def _bare(page: Any, databases: Sizes, size: int) -> float:
    return _measured({"bare": page(BARE_LIST)}, databases, (size,))["bare"].best(size)


def _that_open(page: Any, paths: list[str]) -> list[str]:
    """Without those that want a POST, a parameter or a part that is not in use here."""
    found = []
    for path in dict.fromkeys(paths):
        try:
            page(path)()
        except AssertionError:
            continue
        found.append(path)
    return found


def _measured(visits: Mapping[str, Visit], databases: Sizes, sizes: tuple[int, ...]) -> dict[str, Measured]:
    return {name: _by_turns(visit, databases, sizes) for name, visit in visits.items()}


def _by_turns(visit: Visit, databases: Sizes, sizes: tuple[int, ...]) -> Measured:
    found = Measured({size: [] for size in sizes})
    for _turn in range(TURNS):
        for size in sizes:
            with databases.at(size):
                visit()  # opens the connection, and reads what is read once
                found.seconds[size].append(_time(visit))
    _explain(found, visit)
    return found


def _explain(measured: Measured, visit: Visit) -> None:
    from django.db import connection

    plans = Plans()
    with connection.execute_wrapper(plans):
        visit()
    measured.queries, measured.plans = plans.queries, plans.explained()


def _time(visit: Visit) -> float:
    begin = time.perf_counter()
    visit()
    return time.perf_counter() - begin


def _pages(found: Mapping[str, Measured], sizes: tuple[int, ...], bare: float) -> Iterator[Figure]:
    """All pages in two rows, by the slowest; each of them stands below."""
    smallest, largest = sizes[0], sizes[-1]
    ratios = {path: measured.ratio(largest, smallest) for path, measured in found.items()}
    over = {path: measured.best(largest) / bare for path, measured in found.items()}
    lines = [
        f"`{path}`: {ratios[path]:.2f}, {over[path]:.2f} of the bare list, {found[path].queries} queries"
        for path in sorted(found, key=lambda path: -ratios[path])
    ]
    title = f"{len(found)} lists and pages of the admin, first and deep page, {largest:,}"
    goals = ((f"{title} over {smallest:,} records", ratios, PAGES), (f"{title} over a bare list", over, BARE))
    for name, numbers, goal in goals:
        worst = max(numbers, key=lambda path: numbers[path])
        missed = sum(ratio > goal for ratio in numbers.values())
        words = f"slowest: {worst}; median {statistics.median(numbers.values()):.2f}; {missed} above"
        values = numbers.values()
        yield Figure(name, f"{goal}", words, max(values), (min(values), max(values)), not missed, plans=lines)
        lines = []
    scans = sorted({line for measured in found.values() for line in measured.plans if line.startswith("reads ")})
    words = f"{len(scans)} queries of pages read a large table whole"
    yield Figure("plans of all pages", "none", words, met=not scans, plans=scans)


def _result(name: str, measured: Measured, sizes: tuple[int, ...], goal: float) -> Figure:
    smallest, largest = sizes[0], sizes[-1]
    times = ", ".join(f"{measured.best(size) * 1000:.1f}" for size in sizes)
    ratio, spread = measured.ratio(largest, smallest), measured.spread(largest, smallest)
    title = f"{name}, {largest:,} over {smallest:,} records"
    words = f"{times} ms; {measured.queries} queries"
    return Figure(title, f"{goal}", words, ratio, spread, ratio <= goal, plans=measured.plans)


def _searches(page: Any) -> dict[str, Visit]:
    def asked(words: str) -> Visit:
        return page(f"/admin/syncapp/syncrecord/?q={words}")

    return {
        "search by name": asked("vorlage+7"),
        "search by a name that many have": asked("mustermann"),
        "search by phone": asked("%2B4922120000777"),
        "search by address": asked("lindenallee+20000777a"),
        "search for a name that is nobody's": asked("vorlgae"),
        "attempts by name": page("/admin/syncapp/attempt/?q=vorlage+7"),
        "Ctrl+K": page("/admin/search/?extended=1&s=vorlage+7"),
    }


def _others(page: Any) -> dict[str, Visit]:
    from syncapp.engine import control
    from syncapp.engine.rows.due import due_for_recheck, due_oldest_first
    from syncapp.entities.beteiligte.probes.recheck import oldest_first
    from syncapp.models import SyncRecord
    from syncapp.operations import alerts
    from syncapp.operations.monitoring import metrics

    def first(rows: Any) -> Visit:
        return lambda: list(rows().values_list("pk", flat=True)[:100])

    return {
        "landing page": page("/admin/"),
        "records by their names": page("/admin/syncapp/syncrecord/?o=1"),
        "what is due": first(lambda: due_oldest_first(SyncRecord, control.switches())),
        "what is to be looked at again": first(lambda: oldest_first(SyncRecord.objects.filter(due_for_recheck()))),
        "alert rules": alerts.evaluate,
        "metrics": metrics.exposition,
    }
