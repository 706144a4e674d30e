"""What a benchmark says, and how it is written down."""

import os
import platform
import sqlite3
import statistics
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

RESULTS = Path(__file__).with_name("RESULTS.md")
PACKAGES = ("Django", "rq", "redis", "requests", "psycopg")


@dataclass(frozen=True, slots=True)
class Result:
    """One line of the table. `ratio`: measured over ideal, the median; None where counts are compared."""

    name: str
    goal: str
    measured: str
    ratio: float | None = None
    spread: tuple[float, float] | None = None
    met: bool | None = None

    def line(self) -> str:
        ratio = "" if self.ratio is None else f"{self.ratio:.2f}"
        spread = "" if self.spread is None else f"{self.spread[0]:.2f} to {self.spread[1]:.2f}"
        verdict = {None: "", True: "met", False: "missed"}[self.met]
        return f"| {self.name} | {self.goal} | {self.measured} | {ratio} | {spread} | {verdict} |"


def repeated(measure: Callable[[], float], *, times: int) -> tuple[float, tuple[float, float]]:
    """The median of several measurements, and their range; one more is made first and thrown away."""
    measure()
    values = [measure() for _time in range(times)]
    return statistics.median(values), (min(values), max(values))


def write(results: Sequence[Result]) -> str:
    """The table as Markdown, kept in RESULTS.md."""
    machine = f"{platform.machine()}, {len_cpus()} processors, Python {platform.python_version()}"
    packages = ", ".join(f"{name} {version(name)}" for name in PACKAGES)
    lines = [
        "# Results of `python -m benchmarks`",
        "",
        f"{datetime.now(UTC):%Y-%m-%d}, {machine}, SQLite {sqlite3.sqlite_version}, {packages}.",
        "",
        "Ratios are measured over ideal within one run; a ratio of 1 is the limit. How each is measured stands in the",
        "docstring of its function.",
        "",
        "| what | goal | measured | ratio | spread | goal |",
        "| --- | --- | --- | --- | --- | --- |",
        *(result.line() for result in results),
        "",
    ]
    text = "\n".join(lines)
    RESULTS.write_text(text)
    return text


def len_cpus() -> int:
    return len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1
