"""The sheet of a month, or of any days: what ran and how it went, as tables that a page shows and a file holds.

    days       which days somebody has chosen, and how fine the lines are
    syncs      runs by day, failures by cause, calls
    work       conflicts by field, and tasks that came, were done, and are open
    others     calendars and other programs, where this installation has them

Invariant: figures come from counters that only grow and from short tables, never from a count of all runs; the newest
line comes first, and where nothing ran there is a dash. To extend: a further table is a line of `built`.
"""

from collections.abc import Callable

from django.conf import settings

from syncapp.operations.calendars import in_use
from syncapp.operations.exports.tables import Table
from syncapp.operations.monitoring import figures
from syncapp.operations.monitoring.sheet import others, syncs, work
from syncapp.operations.monitoring.sheet.days import ChosenDays, chosen_days

__all__ = ["built", "chosen_days"]


def built(days: ChosenDays, *, may: Callable[[str], bool]) -> tuple[Table, ...]:
    """`may`: what the reader has the right to; calendars and calls of other programs need theirs."""
    spans, whole = figures.parts_and_whole(days.begins, days.end)
    tables = [
        syncs.by_day(days, spans, whole),
        syncs.failures(whole),
        syncs.calls(whole),
        work.conflicts(days),
        work.tasks(days),
    ]
    if in_use() and may("syncapp.view_calendaremployee"):
        tables.append(others.calendars(days))
    if settings.PROXY_ENABLED and may("syncapp.view_proxycall"):
        tables.append(others.programs(days))
    return tuple(tables)
