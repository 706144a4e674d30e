"""What a benchmark says, and how it is written down."""

import os
import platform
import sqlite3
import statistics
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

RESULTS = Path(__file__).with_name("RESULTS.md")
PACKAGES = ("Django", "rq", "redis", "requests", "psycopg", "gunicorn")
VERDICTS = {None: "", True: "met", False: "**missed**"}


@dataclass
class Figure:
    """One line of the table.

    goal: as text, empty where nothing is asked. ratio: measured over ideal, the median; spread: its range; both None
    where counts or plain figures are compared. plans: how the database finds what a page asks for.
    """

    name: str
    goal: str
    measured: str
    ratio: float | None = None
    spread: Sequence[float] | None = None
    met: bool | None = None
    database: str = ""
    failed: bool = False
    plans: list[str] = field(default_factory=list)

    def line(self) -> str:
        ratio = "" if self.ratio is None else f"{self.ratio:.2f}"
        spread = "" if self.spread is None else f"{self.spread[0]:.2f} to {self.spread[1]:.2f}"
        name = f"{self.name} ({self.database})" if self.database else self.name
        verdict = "**failed**" if self.failed else VERDICTS[self.met]
        return f"| {name} | {self.goal} | {self.measured} | {ratio} | {spread} | {verdict} |"

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def repeated(measure: Callable[[], float], *, times: int) -> tuple[float, tuple[float, float]]:
    """The median of several measurements, and their range; one more is made first and thrown away."""
    measure()
    values = [measure() for _time in range(times)]
    return statistics.median(values), (min(values), max(values))


def write(results: Sequence[Figure], *, minutes: float) -> str:
    """The table as Markdown, kept in RESULTS.md."""
    packages = ", ".join(f"{name} {version(name)}" for name in PACKAGES)
    lines = [
        "# Results of `make bench`",
        "",
        f"{datetime.now(UTC):%Y-%m-%d}, {machine()}, SQLite {sqlite3.sqlite_version}, {packages}.",
        f"The whole took {minutes:.0f} minutes.",
        "",
        "A ratio is measured over ideal within one run: 1 is the limit. Spread is the range of the repetitions whose",
        "median is told. What each means, and why a goal is missed, says [PERFORMANCE](../docs/PERFORMANCE.md).",
        "",
        "| benchmark | goal | median | ratio | spread | |",
        "| --- | --- | --- | --- | --- | --- |",
        *(result.line() for result in results),
        "",
        *_plans(results),
    ]
    text = "\n".join(lines)
    RESULTS.write_text(text)
    return text


def machine() -> str:
    load = os.getloadavg()[0]
    return (
        f"{platform.machine()}, {_processor()}, {processors()} processors (load {load:.1f} at the end), "
        f"Linux {platform.release()}, Python {platform.python_version()}"
    )


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "unknown")


def processors() -> int:
    return len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1


def _plans(results: Sequence[Figure]) -> list[str]:
    """How each page finds its rows at the largest size, for whoever wants to know why it is slow or quick."""
    lines = ["## Plans of the queries at the largest size", ""]
    for result in results:
        if result.plans:
            lines += [f"**{result.name} ({result.database})**", "", *(f"* {plan}" for plan in result.plans), ""]
    return lines if len(lines) > 2 else []
