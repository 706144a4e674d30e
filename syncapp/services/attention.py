"""What needs a person: true counts over all data, for the landing page.

Invariant: every count is one indexed query or part of one; each leads to a list that shows just what was counted.
To extend: a further count is a row of the tuple in `counted`.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count

from syncapp.core.status import WAITS_FOR_PERSON, Status
from syncapp.models import Conflict, DeletionTask, SyncRecord

LONG = timedelta(minutes=30)


@dataclass(frozen=True, slots=True)
class Counts:
    """How many records there are, by status and, of those that failed, by kind; and what else is open."""

    by_status: dict[str, int]
    by_kind: dict[str, int]
    conflicts: int
    deletions: int
    late: int
    oldest: datetime | None

    @property
    def total(self) -> int:
        return sum(self.by_status.values())

    @property
    def for_person(self) -> int:
        return sum(number for kind, number in self.by_kind.items() if kind in WAITS_FOR_PERSON)


def counted(*, now: datetime) -> Counts:
    """Six queries, each on an index."""
    by_status = dict(SyncRecord.objects.order_by().values_list("status").annotate(Count("pk")))
    failing = SyncRecord.objects.filter(status__in=[Status.FAILED, Status.PERMANENTLY_FAILED])
    by_kind = dict(failing.order_by().values_list("kind").annotate(Count("pk")))
    unsynced = SyncRecord.objects.filter(dirty_since__isnull=False, hold="")
    return Counts(
        by_status=by_status,
        by_kind=by_kind,
        conflicts=Conflict.objects.filter(open=True).count(),
        deletions=DeletionTask.objects.filter(done_at__isnull=True).count(),
        late=unsynced.filter(dirty_since__lt=now - LONG).count(),
        oldest=unsynced.order_by("dirty_since").values_list("dirty_since", flat=True).first(),
    )
