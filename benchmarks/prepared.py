"""What it earns that a run's statements are compiled once: runs with them, and with Django's own queries, by turns."""

import statistics
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from unittest import mock

from benchmarks.firm import Bench
from benchmarks.own_time import measured_run, run_cases
from benchmarks.results import Figure

TIMES = 40
# Below this the statements would not be worth a module of their own.
WORTH = 1.15


def prepared(bench: Bench) -> Iterator[Figure]:
    """Processor time, since it does not depend on what else the machine does; both ways in the same minute."""
    records = bench.pairs(5)
    for name, stage, source in run_cases(bench, records):
        own, django = [], []
        for _time in range(TIMES + 3):
            own.append(measured_run(stage, source)[1])
            with djangos_queries():
                django.append(measured_run(stage, source)[1])
        ratios = sorted(theirs / ours for ours, theirs in zip(own[3:], django[3:], strict=True))
        ratio = statistics.median(django[3:]) / statistics.median(own[3:])
        yield Figure(
            f"own time with Django's queries over prepared statements, {name}",
            f"≥ {WORTH}",
            f"{ratio:.2f}",
            ratio,
            (ratios[len(ratios) // 10], ratios[-len(ratios) // 10]),
            ratio >= WORTH,
        )


@contextmanager
def djangos_queries() -> Iterator[None]:
    """The same statements, built and compiled by Django each time they are made."""
    from syncapp.engine.rows.prepared import Prepared

    def rows(self: Any, **values: Any) -> list[Any]:
        return list(self._build(**values))

    def update(self: Any, changes: Mapping[str, Any], fixed: Mapping[str, Any] = {}, **values: Any) -> int:
        return int(self._build(**values).update(**changes, **fixed))

    def updated(self: Any, changes: Mapping[str, Any], fixed: Mapping[str, Any] = {}, **values: Any) -> list[Any]:
        # Django has no UPDATE that gives its rows back: locked, changed, and the same said of the objects.
        found = list(self._build(**values).select_for_update())
        update(self, changes, fixed, **values)
        for one in found:
            one.__dict__.update(changes)
        return found

    with mock.patch.multiple(Prepared, rows=rows, update=update, updated=updated):
        yield
