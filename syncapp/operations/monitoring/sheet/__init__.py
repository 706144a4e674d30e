"""The sheet of a month, or of any days: what ran and how it went, as tables that a page shows and a file holds.

    days       which days somebody has chosen, and how fine the lines are
    syncs      runs by day, failures by cause, calls
    work       conflicts by field, and tasks that came, were done, and are open
    others     calendars and other programs, where this installation has them

Invariant: figures come from counters that only grow and from short tables, never from a count of all runs; the newest
line comes first, and where nothing ran there is a dash. To extend: a further table is a line of `built`.
"""

from collections.abc import Callable
from dataclasses import dataclass

from django.conf import settings

from syncapp.operations.calendars import in_use
from syncapp.operations.exports.tables import Table
from syncapp.operations.monitoring import figures
from syncapp.operations.monitoring.figures import Span
from syncapp.operations.monitoring.sheet import others, syncs, work
from syncapp.operations.monitoring.sheet.days import ChosenDays, chosen_days

__all__ = ["Sheet", "built", "chosen_days"]


@dataclass(frozen=True, slots=True)
class Sheet:
    """The tables, and their lines as spans, the oldest first."""

    days: ChosenDays
    spans: tuple[Span, ...]
    tables: tuple[Table, ...]


def built(days: ChosenDays, *, may: Callable[[str], bool]) -> Sheet:
    """`may`: what the reader has the right to; calendars and calls of other programs need theirs."""
    spans = tuple(figures.between(days.begins, days.end))
    calendars = in_use()
    tables = [
        syncs.by_day(days, spans, calendars=calendars),
        syncs.failures(spans),
        syncs.calls(spans),
        work.conflicts(days),
        work.tasks(days),
    ]
    if calendars and may("syncapp.view_calendaremployee"):
        tables.append(others.calendars(days))
    if settings.PROXY_ENABLED and may("syncapp.view_proxycall"):
        tables.append(others.programs(days))
    return Sheet(days, spans, tuple(tables))
