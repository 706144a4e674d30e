"""Whose pass is due, and asking for it: the light passes through the day, and the daily full one.

Invariant: level-triggered. The table of calendars alone says what is due, so a clock that runs twice, late or not at
all for a while asks for no pass too many. A calendar that waits for a person is left alone; one that is away in Google
is looked at once a day.
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django.conf import settings
from django.db.models import F, Q, QuerySet
from django.db.models.functions import Now
from django.utils import timezone

from syncapp.core.requests import QueueName, Source
from syncapp.core.states import AT_WORK, Event, Status
from syncapp.core.values import BERLIN
from syncapp.engine import job_queue
from syncapp.engine.rows.due import waits_for_person
from syncapp.engine.rows.requests import request_sync
from syncapp.models import CalendarEmployee, CalendarMode
from syncapp.remotes.registry import google_calendar_in_use

JOB = "syncapp.jobs.sync_calendars"
QUEUE = QueueName.CALENDAR
# A look further ahead than clocks of several machines differ was taken before ours was set back.
CLOCKS_APART = timedelta(minutes=2)
# A calendar that is away in Google comes back by somebody's doing, or never.
CALENDAR_GONE = "calendar_gone"
LOOKED_AT_AGAIN = timedelta(hours=24)
# A calendar that Google does not know any more: nothing is wrong where nobody looks for it every few minutes.
IS_GONE = Q(status=Status.FAILED, fault__code=CALENDAR_GONE)
# The next generation, in the statement that makes it.
NEXT = F("requested") + 1


def synced() -> "QuerySet[CalendarEmployee]":
    """The calendars that the clock looks after."""
    return chosen(CalendarEmployee.objects.filter(active=True, hold="").exclude(mode=CalendarMode.OFF))


def chosen(rows: "QuerySet[CalendarEmployee]") -> "QuerySet[CalendarEmployee]":
    """Those of them that CALENDAR_ONLY leaves."""
    only = _only()
    if not only:
        return rows
    return rows.filter(pk__in=[row.pk for row in rows.only("pk", "kuerzel") if row.kuerzel.casefold() in only])


def _only() -> frozenset[str]:
    return frozenset(part.casefold() for part in settings.CALENDAR_ONLY if part)


def left_alone(row: CalendarEmployee) -> str:
    """Why passes do nothing about this calendar, whoever asked for one, as a code; "" where they do."""
    only = _only()
    if only and row.kuerzel.casefold() not in only:
        return "calendar_not_chosen"
    if not row.active:
        return "calendar_set_aside"
    return "calendar_off" if row.mode == CalendarMode.OFF else ""


def is_running(row: CalendarEmployee) -> bool:
    """Whether a pass holds the calendar at this moment."""
    return CalendarEmployee.objects.filter(pk=row.pk, lease_expires__gt=Now()).exclude(lease_token="").exists()


def request_due_passes(now: datetime | None = None) -> int:
    """Ask for every pass that is due; how many."""
    if not google_calendar_in_use():
        return 0
    now = now or timezone.now()
    gone = IS_GONE & Q(last_check__gt=now - LOOKED_AT_AGAIN)
    at_work = Q(status__in=AT_WORK) & Q(requested__gt=F("completed"))
    rows = synced().exclude(waits_for_person() | gone)
    full = Q(last_full_pass__lt=last_full_time(now)) | Q(last_full_pass=None)
    coming = Q(full_wanted__gt=F("completed")) & (
        Q(deferred__lt=F("requested")) | Q(last_check__gte=last_full_time(now))
    )
    full_ids = list(rows.filter(full).exclude(coming).values_list("pk", flat=True))
    light_ids: list[int] = []
    if settings.CALENDAR_SYNC_MINUTES:
        since = now - timedelta(minutes=settings.CALENDAR_SYNC_MINUTES)
        looked_at = Q(last_check__lte=since) | Q(last_check=None) | Q(last_check__gt=now + CLOCKS_APART)
        light = rows.filter(looked_at).exclude(pk__in=full_ids).exclude(at_work & Q(deferred__lt=F("requested")))
        light_ids = list(light.values_list("pk", flat=True))
    request_passes(full_ids, full=True, source=Source.SWEEP, cause="daily pass")
    request_passes(light_ids, source=Source.SWEEP, cause="light pass")
    return len(full_ids) + len(light_ids)


def last_full_time(now: datetime) -> datetime:
    """When the daily pass last became due, by Berlin's clocks: once in the hour that spring leaves out, and once in the
    hour that autumn repeats. Compared as moments, since Python compares two times of one zone by what the clock shows.
    """
    today = now.astimezone(BERLIN).date()
    due = _full_time(today)
    return due if due <= now else _full_time(today - timedelta(days=1))


def _full_time(day: date) -> datetime:
    local = datetime.combine(day, time.fromisoformat(settings.CALENDAR_FULL_SYNC_AT), tzinfo=BERLIN)
    return local.astimezone(UTC)


def request_passes(
    ids: Sequence[int],
    *,
    source: Source,
    cause: str,
    full: bool = False,
    force: bool = False,
    anonymous: bool = False,
    event: Event = Event.CHANGED,
    urgent: bool = False,
) -> list[int]:
    """Ask for a pass over each of these calendars, and enqueue it; which of them there are.

    full, force, anonymous: that pass reads all, ignores waiting times, shows no texts.
    """
    wanted = {"full_wanted": full, "force_wanted": force, "anonymous_wanted": anonymous}
    extra: dict[str, Any] = {name: NEXT for name, chosen in wanted.items() if chosen}
    found = [
        row_id
        for row_id in ids
        if request_sync(
            CalendarEmployee,
            record_id=row_id,
            event=event,
            source=source,
            cause=cause,
            **extra,
        )
    ]
    enqueue(found, urgent=urgent)
    return found


def enqueue(ids: Iterable[int], *, urgent: bool = False) -> None:
    """Those that people wait for in jobs of their own."""
    send = job_queue.enqueue_each if urgent else job_queue.enqueue
    send(ids, queue_name=QUEUE, job=JOB)
