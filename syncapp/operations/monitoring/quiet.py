"""What is snoozed, and whether it still is: a snooze ends with its day, or as soon as it gets worse.

Worse means: of a record, that its status, its kind of error or its cause is another than when it was snoozed; of a
cause, that more than twice as many records fail so as then, and more than five above it. A record that fails otherwise
belongs to another cause, which nobody has snoozed.
Invariant: quiet rows are counted like all others and only set apart; alerts (operations/alerts) never look here, and
what waits unsynced for too long cannot be snoozed at all, so nothing that may be lost grows silent.
To extend: what “worse” means is `is_worse` and `_as_snoozed`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import F, Q, QuerySet, Value
from django.db.models.functions import Coalesce, Left

from syncapp.core.states import FAILING
from syncapp.models import Control, Snooze, SyncRecord
from syncapp.models.cause import Joined
from syncapp.operations.monitoring import partition
from syncapp.operations.monitoring.causes import numbers

FACTOR = 2
ABOVE = 5


@dataclass(frozen=True, slots=True)
class CauseSnooze:
    """A snoozed cause and how it stands now."""

    snooze: Snooze
    number: int
    worse: bool


def is_worse(*, then: int, now: int) -> bool:
    """Whether many more records fail for a reason than when it was snoozed."""
    return now > max(FACTOR * then, then + ABOVE)


def _lasting(now: datetime, way: str = "") -> Q:
    return Q(**{f"{way}until": None}) | Q(**{f"{way}until__gt": now})


def _as_snoozed(now: datetime) -> "QuerySet[Any]":
    """The records with a snooze of their own that stand as they stood."""
    stands = Joined(F("status"), Value("|"), F("kind"), Value("|"), Coalesce("cause", Value("")))
    rows = SyncRecord.objects.filter(_lasting(now, "snooze__"), snooze__isnull=False)
    return rows.annotate(stands=Left(stands, Snooze.SEEN_LONGEST)).filter(snooze__seen=F("stands"))


def of_causes(now: datetime) -> list[CauseSnooze]:
    """Every cause whose day has not come, the worse ones included."""
    rows = list(Snooze.objects.filter(_lasting(now)).exclude(cause=""))
    found = numbers([row.cause for row in rows]) if rows else {}
    return [CauseSnooze(row, found[row.cause], is_worse(then=row.number, now=found[row.cause])) for row in rows]


def records(now: datetime) -> "QuerySet[SyncRecord]":
    causes = [one.snooze.cause for one in of_causes(now) if not one.worse]
    quiet = Q(pk__in=_as_snoozed(now).values("pk"))
    if causes:
        quiet |= Q(status__in=FAILING, hold="", cause__in=causes)
    return SyncRecord.objects.filter(quiet)


def is_quiet(record: SyncRecord, now: datetime) -> bool:
    return records(now).filter(pk=record.pk).exists()


def by_heap(*, now: datetime, switches: Control) -> Mapping[str, int]:
    """{heap: how many in it are quiet}; nothing, at the cost of one look, where nobody has snoozed anything."""
    if not Snooze.objects.exists():
        return {}
    return partition.counted(records=records(now), now=now, switches=switches)


def clear_ended(now: datetime) -> int:
    """Forget what has ended with its day, or stands otherwise by now; how many."""
    over = Snooze.objects.exclude(_lasting(now))
    gone = Snooze.objects.filter(record__isnull=False).exclude(record__in=_as_snoozed(now).values("pk"))
    worse = [one.snooze.pk for one in of_causes(now) if one.worse]
    return int(Snooze.objects.filter(Q(pk__in=over) | Q(pk__in=gone) | Q(pk__in=worse)).delete()[0])
