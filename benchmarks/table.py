"""The benchmarks: name, where the function is, and on which databases it runs."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from importlib import import_module

from benchmarks.firm import Bench
from benchmarks.results import Figure

SQLITE, POSTGRESQL = "SQLite", "PostgreSQL"


@dataclass(frozen=True, slots=True)
class Row:
    """One benchmark. `module` is imported only where it runs: it may need a configured Django.

    calendars: the installation that is measured keeps some in Google.
    """

    name: str
    module: str
    function: str
    databases: tuple[str, ...] = (SQLITE,)
    calendars: bool = False

    def load(self) -> Callable[[Bench], Iterable[Figure]]:
        found: Callable[[Bench], Iterable[Figure]] = getattr(import_module(f"benchmarks.{self.module}"), self.function)
        return found


ROWS = (
    Row("calls", "syncs", "calls"),
    Row("latency", "syncs", "latency"),
    Row("window", "window", "window"),
    Row("sweep", "sweeps", "sweep"),
    Row("own-time", "own_time", "own_time", (SQLITE, POSTGRESQL)),
    Row("prepared", "prepared", "prepared", (SQLITE, POSTGRESQL)),
    Row("webhook", "intake", "webhook", (SQLITE, POSTGRESQL)),
    Row("load", "intake", "load", (SQLITE, POSTGRESQL)),
    Row("overhead", "jobs", "overhead"),
    Row("proxied", "proxied", "proxied", (SQLITE, POSTGRESQL)),
    Row("starving", "proxied", "starving"),
    Row("passes", "passes", "passes", (SQLITE, POSTGRESQL), calendars=True),
    Row("rounds", "rounds", "rounds", (SQLITE, POSTGRESQL), calendars=True),
    Row("calendar-load", "first_calendars", "first_load", calendars=True),
    Row("growth", "growth", "growth", (SQLITE, POSTGRESQL)),
    Row("backfill", "backfill", "backfill"),
    Row("slow-load", "backfill", "slow_load"),
    Row("year", "year", "year", (SQLITE, POSTGRESQL)),
    Row("motion", "motion", "motion"),
    Row("scaling", "jobs", "scaling", (SQLITE, POSTGRESQL)),
)
BY_NAME = {row.name: row for row in ROWS}
