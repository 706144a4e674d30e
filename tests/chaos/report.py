"""The table at the end of `make chaos`: fault, times injected, records, lost, doubled, stuck.

A pytest plugin (`-p tests.chaos.report`). Each test says what it has done to how many records and what the books say;
the numbers travel with its report, so that test processes side by side add up. A test may add a sentence on what it has
measured (`record_property(MEASURED, …)`), which stands below the table. With CHAOS_REPORT set to a file the rows
are added there, for a table over several sessions.
"""

import json
import os
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import pytest

PROPERTY, MEASURED = "chaos", "measured"
FILE = "CHAOS_REPORT"
COLUMNS = ("fault", "injected", "records", "lost", "doubled", "stuck")


@dataclass(frozen=True)
class Row:
    fault: str
    injected: int
    records: int
    lost: int
    doubled: int
    stuck: int


def added_up(rows: Iterable[Row]) -> list[Row]:
    """One row a fault, in the order in which the faults came up, and one for all of them."""
    sums: dict[str, Row] = {}
    for row in rows:
        for name in (row.fault, "all"):
            before = sums.get(name, Row(name, 0, 0, 0, 0, 0))
            sums[name] = Row(name, *(getattr(before, c) + getattr(row, c) for c in COLUMNS[1:]))
    everything = sums.pop("all", None)
    return [*sums.values(), *([everything] if everything else [])]


def table(rows: Iterable[Row]) -> str:
    lines = [COLUMNS, *(tuple(str(value) for value in asdict(row).values()) for row in added_up(rows))]
    widths = [max(len(line[place]) for line in lines) for place in range(len(COLUMNS))]
    written = []
    for line in lines:
        cells = [line[0].ljust(widths[0]), *(line[place].rjust(widths[place]) for place in range(1, len(COLUMNS)))]
        written.append("  ".join(cells))
    written.insert(1, "-" * len(written[0]))
    written.insert(-1, written[1])
    return "\n".join(written)


def read(path: Path) -> list[Row]:
    return [Row(**json.loads(line)) for line in path.read_text().splitlines()] if path.exists() else []


class Collector:
    def __init__(self) -> None:
        self.rows: list[Row] = []
        self.measured: list[str] = []

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.when == "call":
            self.rows += [Row(**value) for name, value in report.user_properties if name == PROPERTY]
            self.measured += [str(value) for name, value in report.user_properties if name == MEASURED]

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        file = os.environ.get(FILE)
        if file:
            with Path(file).open("a") as output:
                output.writelines(f"{json.dumps(asdict(row))}\n" for row in self.rows)
        elif self.rows:
            terminalreporter.write_sep("=", "faults injected")
            terminalreporter.write_line(table(self.rows))
        for sentence in self.measured:
            terminalreporter.write_line(sentence)


def pytest_configure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
        config.pluginmanager.register(Collector(), "chaos-report")
