"""Calendars to measure: one that is filled by passes, as many more as are wanted as copies of it, and passes over them.

Invariant: a copy is what a pass would have left behind, so that the next one finds nothing to do.
"""

import contextlib
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any
from unittest import mock

from benchmarks.firm import Bench

APPOINTMENTS = 500
DAYS = 300


class NoQuota:
    """Filling a calendar is not what is measured."""

    def take(self, account: str) -> None:
        return

    def slow(self, account: str, seconds: float | None) -> None:
        return


@contextlib.contextmanager
def unhurried() -> Iterator[None]:
    """Without waiting for Google's quota."""
    from syncapp.remotes.google_calendar.quota import RedisQuota

    with mock.patch.multiple(RedisQuota, take=NoQuota.take, slow=NoQuota.slow):
        yield


def employee(bench: Bench, kuerzel: str) -> Any:
    """Somebody with an empty calendar in Google, live."""
    from syncapp.models import CalendarEmployee, CalendarMode
    from syncapp.remotes.registry import google_calendar_client

    made = google_calendar_client().create_calendar(f"Termine {kuerzel}", description=kuerzel)
    return CalendarEmployee.objects.create(
        kuerzel=kuerzel, name=kuerzel, calendar_id=made.id, mode=CalendarMode.LIVE, write_to_advoware=True
    )


def enter(bench: Bench, kuerzel: str, count: int = APPOINTMENTS) -> None:
    """Termine in Advoware, over the coming months."""
    for number in range(count):
        hour = 8 + number % 9
        bench.sandbox.add_termin(
            anwalt=kuerzel,
            datum=(date.today() + timedelta(days=1 + number % DAYS)).isoformat(),
            uhrzeitVon=f"{hour:02}:00:00",
            uhrzeitBis=f"{hour:02}:45:00",
            text=f"Verhandlung {number} ./. Müller",
            ort=f"Landgericht Köln, Saal {number % 40}",
            notiz="Akte mitbringen\nParkplatz im Hof",
        )


def filled(bench: Bench, kuerzel: str = "SB") -> Any:
    """An employee whose appointments are equal on both sides; the row."""
    with unhurried():
        row = employee(bench, kuerzel)
        enter(bench, kuerzel)
        settle(row)
    return row


def settle(row: Any) -> None:
    """Passes until nothing is left to be done."""
    for _number in range(20):
        if done(row) == "clean":
            return
    row.refresh_from_db()
    raise AssertionError(f"not equal: {row.kuerzel}, {row.status}, {row.fault}")


def done(row: Any, *, full: bool = False) -> str:
    """One pass, asked for as the clock does; how it ended."""
    asked(row, full=full)
    return passed(row)


def asked(row: Any, *, full: bool = False) -> None:
    from syncapp.core.requests import Source
    from syncapp.entities.appointments import due_passes

    due_passes.request_passes([row.pk], source=Source.SWEEP, cause="benchmarks", full=full)


def passed(row: Any) -> str:
    """The pass itself."""
    from syncapp.engine.runs.sync_record import Order, sync_record

    return sync_record(Order(row.pk, entity_name="calendars")).status
