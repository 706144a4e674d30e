"""Where the calendars stand, in numbers: for the list, the landing page, and the page of a calendar.

Invariant: one query for all calendars, however many; nothing is asked of a remote system. Where Google is not
configured, nothing is counted and nothing shows.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Count, Q

from syncapp.core.appointments.rows import PairStatus
from syncapp.core.faults.errors import WAITS_FOR_PERSON, ErrorKind
from syncapp.core.states import AT_WORK, Status
from syncapp.entities.appointments.due_passes import CALENDAR_GONE, LOOKED_AT_AGAIN, last_full_time, left_alone, synced
from syncapp.entities.appointments.rows.store import FAILING
from syncapp.models import Appointment, CalendarEmployee
from syncapp.operations.calendars import in_use

# A calendar that goes on while single appointments of it were refused: these say so themselves, and are counted.
SOME_FAILED = Q(fault__code="appointments_failed")
# What nobody but a person can put right: a brake, a question, or a calendar that is closed to us.
WAITS = Q(status=Status.FAILED) & (Q(kind__in=WAITS_FOR_PERSON) | (Q(kind=ErrorKind.FORBIDDEN) & ~SOME_FAILED))

# What goes wrong each time, so that a pass alone changes nothing. Not by its status: it is tried again with every pass,
# and waits or is at work meanwhile.
GIVEN_UP = Q(auto_reset_at__isnull=False)


@dataclass(frozen=True, slots=True)
class CalendarTasks:
    """What of the calendars needs somebody."""

    stopped: int = 0
    given_up: int = 0
    asked: int = 0
    failed: int = 0
    by_hand: int = 0

    @property
    def none(self) -> bool:
        return not (self.stopped or self.given_up or self.asked or self.failed or self.by_hand)


def tasks() -> CalendarTasks:
    if not in_use():
        return CalendarTasks()
    counts = Appointment.objects.aggregate(
        asked=Count("pk", filter=Q(status=PairStatus.ask)),
        failed=Count("pk", filter=FAILING),
        by_hand=Count("pk", filter=Q(status=PairStatus.awaiting_removal)),
    )
    calendars = synced().aggregate(stopped=Count("pk", filter=WAITS), given_up=Count("pk", filter=GIVEN_UP))
    return CalendarTasks(**calendars, **counts)


def waiting() -> int:
    """Calendars over which a pass is asked for."""
    return synced().filter(status__in=AT_WORK).count() if in_use() else 0


def numbers(rows: Iterable[CalendarEmployee]) -> Mapping[int, Mapping[str, int]]:
    """calendar → status → how many appointments; those that are over are left out."""
    found: dict[int, dict[str, int]] = defaultdict(dict)
    counted = Appointment.objects.filter(employee__in=[row.pk for row in rows]).exclude(status=PairStatus.closed)
    for employee, status, number in counted.values_list("employee", "status").annotate(n=Count("pk")).order_by():
        found[employee][status] = number
    return found


def first_load(row: CalendarEmployee) -> tuple[int, int] | None:
    """How many appointments are in Google, and how many there are to be, while a first load goes on; else None."""
    whole = row.planned.get("all", 0)
    if not whole or row.status not in AT_WORK or row.hold or left_alone(row):
        return None
    linked = Appointment.objects.filter(employee=row, fr_nr__isnull=False, base_google__isnull=False)
    there = linked.exclude(status=PairStatus.closed).count()
    return (there, whole) if there < whole else None


def next_pass(row: CalendarEmployee, *, now: datetime) -> datetime | None:
    """When the clock looks at this calendar next; None: not by itself."""
    if row.hold or row.waits_for_person or left_alone(row):
        return None
    if row.next_retry_at is not None:
        return row.next_retry_at
    if row.status == Status.FAILED and row.fault.get("code") == CALENDAR_GONE:
        return max(now, (row.last_check or now) + LOOKED_AT_AGAIN)
    if settings.CALENDAR_SYNC_MINUTES:
        since = row.last_check or now
        return max(now, since + timedelta(minutes=settings.CALENDAR_SYNC_MINUTES))
    return last_full_time(now) + timedelta(days=1)
