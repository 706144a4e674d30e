"""Calendars and other programs: passes and writes of each calendar, calls of each key.

Invariant: one query a table and column group, summed by the database; callers are names, never keys.
"""

from collections import defaultdict
from collections.abc import Iterable

from django.db.models import Avg, Count, Max, Q
from django.utils.translation import gettext as _

from syncapp.models import (
    AppointmentChange,
    AppointmentConflict,
    CalendarEmployee,
    CalendarPass,
    CallOutcome,
    Outcome,
    ProxyCall,
    SideChoice,
)
from syncapp.operations.exports.tables import NOTHING, Cell, Table
from syncapp.operations.monitoring.sheet.days import ChosenDays

REFUSED = (CallOutcome.REFUSED, CallOutcome.REFUSED_THERE, CallOutcome.UNAUTHORIZED)


def calendars(days: ChosenDays) -> Table:
    """A line a calendar: its passes, what was written, what gave way."""
    within = Q(at__gte=days.begin, at__lt=days.end)
    numbers: dict[str, dict[int, int]] = defaultdict(dict)
    passes = CalendarPass.objects.filter(started_at__gte=days.begin, started_at__lt=days.end).order_by()
    counted = passes.values_list("record").annotate(n=Count("pk"), wrong=Count("pk", filter=Q(outcome=Outcome.FAILED)))
    for pk, number, wrong in counted:
        numbers["passes"][pk], numbers["failed"][pk] = number, wrong
    written = AppointmentChange.objects.filter(within).order_by().values_list("record", "side").annotate(Count("pk"))
    for pk, side, number in written:
        numbers[side][pk] = number
    gave_way = AppointmentConflict.objects.filter(within).order_by().values_list("record").annotate(Count("pk"))
    numbers["gave_way"].update(dict(gave_way))
    heads = (
        *(_("Calendar"), _("Passes"), _("Of these failed"), _("Written to Google"), _("Written to Advoware")),
        _("Gave way"),
    )
    keys = ("passes", "failed", SideChoice.GOOGLE, SideChoice.ADVOWARE, "gave_way")
    rows = CalendarEmployee.objects.order_by("kuerzel").values_list("pk", "kuerzel", "name")
    lines = [
        (f"{name} ({kuerzel})" if name else kuerzel, *_numbers(numbers[key].get(pk) for key in keys))
        for pk, kuerzel, name in rows
    ]
    note = _("Passes are counted as long as history is kept; a regular one that found nothing to do leaves no entry.")
    return Table(_("Calendars"), heads, lines, note)


def _numbers(found: Iterable[int | None]) -> tuple[Cell, ...]:
    """A dash throughout where nothing ran."""
    numbers = list(found)
    if not any(numbers):
        return tuple([NOTHING] * len(numbers))
    return tuple(number or 0 for number in numbers)


def programs(days: ChosenDays) -> Table:
    """A line a caller: calls, writes, how many failed or are unknown, how long they took."""
    called = ProxyCall.objects.filter(at__gte=days.begin, at__lt=days.end).order_by()
    counted = called.values_list("caller").annotate(
        calls=Count("pk"),
        writes=Count("pk", filter=~Q(method="GET")),
        refused=Count("pk", filter=Q(outcome__in=REFUSED)),
        failed=Count("pk", filter=Q(outcome=CallOutcome.FAILED)),
        unknown=Count("pk", filter=Q(outcome=CallOutcome.UNKNOWN)),
        mean=Avg("duration_ms"),
        slowest=Max("duration_ms"),
    )
    rows = [
        (caller or _("without a key"), *numbers, round(mean or 0), slowest)
        for caller, *numbers, mean, slowest in sorted(counted, key=lambda row: (-row[1], row[0]))
    ]
    heads = (
        *(_("Caller"), _("Calls"), _("Of these writes"), _("Refused"), _("Failed"), _("Outcome unknown")),
        *(_("Mean (ms)"), _("Slowest (ms)")),
    )
    return Table(_("Other programs"), heads, rows, _("Calls are counted as long as history is kept."))
