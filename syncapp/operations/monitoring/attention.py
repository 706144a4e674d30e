"""What needs a person: true counts over all data, for the landing page; and since when nothing does.

Invariant: every count is kept, or one indexed query or part of one; records that somebody holds are no trouble and are
counted apart. Each count leads to a list that shows just what was counted.
To extend: a further heap of records is a row of partition.py; what is no record, a field of `Counts` and its tile in
admin/pages/home.py.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Q, QuerySet
from django.utils import timezone

from syncapp.core.child_lists.shapes import LISTED_ONLY, CaseCode
from syncapp.core.faults.errors import MENDS_ITSELF, WAITS_FOR_CHANGE, WAITS_FOR_PERSON, ErrorKind
from syncapp.core.proxy.grants import CALENDAR_SYNC
from syncapp.core.states import Status
from syncapp.engine import control
from syncapp.models import (
    Alert,
    CallOutcome,
    Case,
    ChildCase,
    Conflict,
    Control,
    DeletionTask,
    Heartbeat,
    ProxyCall,
    ProxyKey,
    SyncRecord,
)
from syncapp.operations.monitoring import partition, quiet
from syncapp.remotes.registry import google_calendar_in_use
from syncapp.words.monitoring.heaps import kind_code

DAY = timedelta(days=1)
A_MONTH = timedelta(days=35)  # also of a program that works once in each
UNDER_WAY = timedelta(minutes=5)
TROUBLE = "trouble"  # the heartbeat that beats while something needs a person
# Heaps with something for a person in them. A lock that lingers is one: nothing else tells that a run hangs.
NEEDS_SOMEBODY = (
    *(kind_code(kind) for kind in (ErrorKind.BUG, *sorted(WAITS_FOR_CHANGE), *sorted(WAITS_FOR_PERSON))),
    *("permanently_failed", "conflict", "stuck", "gone_in_advoware", "late"),
)
# Heaps that a system which is away keeps from going on.
WAITS_FOR_SYSTEM = ("waiting", "late", *(kind_code(kind) for kind in sorted(MENDS_ITSELF)))


@dataclass(frozen=True, slots=True)
class Counts:
    """How many records lie in each heap (partition.py), and what else is open."""

    heaps: Mapping[str, int]
    conflicts: int
    deletions: int
    children: int  # tasks about addresses and bank accounts
    uncarried: int  # what waits until somebody says that it is to be carried; nothing urgent
    mine: int
    overdue: int
    lost_writes: int  # of other programs, within a day
    oldest: tuple[SyncRecord, ...]
    quiet: Mapping[str, int]  # of the heaps: what is snoozed

    @property
    def total(self) -> int:
        return sum(self.heaps.values())

    @property
    def equal(self) -> int:
        return self.heaps["equal"]

    @property
    def waiting(self) -> int:
        """Records that go on by themselves as soon as both systems answer."""
        return sum(self.heaps[code] for code in WAITS_FOR_SYSTEM)

    @property
    def calm(self) -> bool:
        """Nothing is urgent: nothing failed for good or waits for a person, a decision or a deletion.

        What is only to be carried once somebody says so (`uncarried`), and one's own cases, may wait all the same.
        """
        open_work = self.conflicts or self.deletions or self.children or self.lost_writes
        return not (any(self.loud(code) for code in NEEDS_SOMEBODY) or open_work)

    def loud(self, heap: str) -> int:
        """How many of a heap nobody has snoozed."""
        return self.heaps[heap] - self.quiet.get(heap, 0)


def counted(*, now: datetime, switches: Control, user_id: int | None = None) -> Counts:
    """Five queries, each on an index; more only where something is snoozed.

    user_id: whose cases are counted with it.
    """
    heaps = partition.counted(now=now, switches=switches)
    cases = Case.objects.filter(assignee_id=user_id).exclude(record__status=Status.CLEAN)
    more = partition.together(
        conflicts=Conflict.objects.filter(open=True),
        deletions=DeletionTask.objects.filter(done_at__isnull=True),
        children=ChildCase.objects.filter(open_cases()),
        uncarried=ChildCase.objects.filter(waiting_cases()),
        mine=cases,
        overdue=cases.filter(due__lt=timezone.localdate()),
        lost_writes=lost_writes(now),
    )
    late = SyncRecord.objects.filter(partition.waits_too_long(now, switches)).order_by("dirty_since")
    oldest = tuple(late[:5]) if heaps["late"] else ()
    return Counts(heaps=heaps, oldest=oldest, quiet=quiet.by_heap(now=now, switches=switches), **more)


def open_cases() -> Q:
    """Tasks about addresses and bank accounts that nobody has answered, and that somebody has to."""
    return Q(closed_at=None, done_at=None) & ~Q(code__in=sorted(LISTED_ONLY))


def lost_writes(now: datetime) -> "QuerySet[ProxyCall]":
    """Within a day: writes of other programs of which nobody knows whether they were done, and that are over."""
    return ProxyCall.objects.filter(outcome=CallOutcome.UNKNOWN, at__gt=now - DAY, at__lt=now - UNDER_WAY)


def keys_in_use(now: datetime) -> list[ProxyKey]:
    """Keys of other programs that open something: while the proxy is off, those for the calendar trigger alone."""
    return _with_a_door(Q(revoked_at=None, expires_at__gt=now))


def keys_missed(now: datetime) -> list[ProxyKey]:
    """Keys that have ended, and whose programs stand still for it."""
    return _with_a_door(ended_in_use(now))


def ended_in_use(now: datetime) -> Q:
    """Ended, neither revoked nor given a later end, and sent by a program within a month: before its end or since."""
    return Q(revoked_at=None, expires_at__lte=now, last_used_at__gt=now - A_MONTH)


def _with_a_door(which: Q) -> list[ProxyKey]:
    rows = list(ProxyKey.objects.filter(which).order_by("name"))
    if settings.PROXY_ENABLED:
        return rows
    return [row for row in rows if google_calendar_in_use() and CALENDAR_SYNC in row.grants]


def waiting_cases() -> Q:
    """What a first load, or a crowd of new ones, has left until somebody says that it is to be carried."""
    return Q(closed_at=None, done_at=None, code=CaseCode.waiting)


def note_trouble() -> bool:
    """Beat while something needs a person; called every few minutes. Whether something does."""
    now = timezone.now()
    calm = counted(now=now, switches=control.switches()).calm
    troubled = not calm or Alert.objects.filter(closed_at__isnull=True).exists()
    if troubled:
        Heartbeat.objects.update_or_create(pk=TROUBLE, defaults={"at": now})
    return troubled


def calm_since(*, switches: Control) -> datetime | None:
    """Since when nobody has been needed: the last sign of trouble, else the going-live moment."""
    return Heartbeat.last(TROUBLE) or switches.live_since
