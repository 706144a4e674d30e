"""What needs a person: true counts over all data, for the landing page; and since when nothing does.

Invariant: every count is one indexed query or part of one; records that somebody holds are no trouble and are counted
apart. Each count leads to a list that shows just what was counted.
To extend: a further count is a field of `Counts` and its tile in admin/pages/home.py.
"""

from collections import Counter as Tally
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import Count, Q, Value
from django.utils import timezone

from syncapp.core.errors import WAITS_FOR_CHANGE, WAITS_FOR_PERSON, ErrorKind
from syncapp.core.states import Status
from syncapp.engine import control
from syncapp.engine.due import unsynced
from syncapp.models import (
    Alert,
    CallOutcome,
    Case,
    Conflict,
    Control,
    DeletionTask,
    Heartbeat,
    ProxyCall,
    SyncRecord,
)

FAILING = (Status.FAILED, Status.PERMANENTLY_FAILED)
DAY = timedelta(days=1)
UNDER_WAY = timedelta(minutes=5)
TROUBLE = "trouble"  # the heartbeat that beats while something needs a person


@dataclass(frozen=True, slots=True)
class Counts:
    """How many records there are, by status and, of those that failed, by kind; and what else is open."""

    by_status: dict[str, int]
    by_kind: dict[str, int]
    held: int
    conflicts: int
    deletions: int
    late: int
    mine: int
    overdue: int
    lost_writes: int  # of other programs, within a day
    oldest: tuple[SyncRecord, ...]

    @property
    def total(self) -> int:
        return sum(self.by_status.values()) + self.held

    @property
    def equal(self) -> int:
        return self.by_status.get(Status.CLEAN, 0)

    @property
    def for_person(self) -> int:
        return sum(number for kind, number in self.by_kind.items() if kind in WAITS_FOR_PERSON)

    @property
    def calm(self) -> bool:
        """Nobody is needed: nothing failed for good or waits for a person, a decision or a deletion."""
        needed = (ErrorKind.BUG, *WAITS_FOR_CHANGE, *WAITS_FOR_PERSON)
        refused = sum(self.by_kind.get(kind, 0) for kind in needed)
        permanently = self.by_status.get(Status.PERMANENTLY_FAILED, 0)
        gone = self.by_status.get(Status.DELETED_IN_ADVOWARE, 0)
        return not (refused or permanently or gone or self.conflicts or self.deletions or self.late or self.lost_writes)


def counted(*, now: datetime, user_id: int | None = None) -> Counts:
    """Six queries, each on an index. `user_id`: whose cases are counted with it."""
    by_status = Tally(dict(SyncRecord.objects.order_by().values_list("status").annotate(Count("pk"))))
    failing = SyncRecord.objects.filter(status__in=FAILING)
    by_kind = Tally(dict(failing.order_by().values_list("kind").annotate(Count("pk"))))
    held = SyncRecord.objects.filter(~Q(hold="")).order_by().values_list("status", "kind").annotate(Count("pk"))
    for status, kind, number in held:
        by_status[status] -= number
        by_kind[kind] -= number if status in FAILING else 0
    late = SyncRecord.objects.filter(waits_too_long(now))
    cases = Case.objects.filter(assignee_id=user_id).exclude(record__status=Status.CLEAN)
    more = _together(
        conflicts=Conflict.objects.filter(open=True),
        deletions=DeletionTask.objects.filter(done_at__isnull=True),
        late=late,
        mine=cases,
        overdue=cases.filter(due__lt=timezone.localdate()),
        lost_writes=ProxyCall.objects.filter(outcome=CallOutcome.UNKNOWN, at__gt=now - DAY, at__lt=now - UNDER_WAY),
    )
    return Counts(
        by_status={status: number for status, number in by_status.items() if number},
        by_kind={kind: number for kind, number in by_kind.items() if number},
        held=sum(number for _status, _kind, number in held),
        oldest=tuple(late.order_by("dirty_since")[:5]) if more["late"] else (),
        **more,
    )


def _together(**rows: Any) -> dict[str, int]:
    """Several counts in one query."""
    counts = [
        found.order_by().annotate(which=Value(name)).values("which").annotate(number=Count("pk"))
        for name, found in rows.items()
    ]
    first, *others = (count.values_list("which", "number") for count in counts)
    return dict.fromkeys(rows, 0) | dict(first.union(*others, all=True))


def waits_too_long(now: datetime) -> Q:
    """Ought to have been synced by now: neither failed nor held, nor set aside, nor waiting for a person."""
    limit = now - timedelta(minutes=settings.ALERT_UNSYNCED_MINUTES)
    return Q(dirty_since__lt=limit) & unsynced(control.switches())


def note_trouble() -> bool:
    """Beat while something needs a person; called every few minutes. Whether something does."""
    now = timezone.now()
    troubled = not counted(now=now).calm or Alert.objects.filter(closed_at__isnull=True).exists()
    if troubled:
        Heartbeat.objects.update_or_create(pk=TROUBLE, defaults={"at": now})
    return troubled


def calm_since(*, switches: Control) -> datetime | None:
    """Since when nobody has been needed: the last sign of trouble, else the going-live moment."""
    last = Heartbeat.objects.filter(pk=TROUBLE).values_list("at", flat=True).first()
    return last or switches.live_since
