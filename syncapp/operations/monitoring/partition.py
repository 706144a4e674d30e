"""Where every record stands: heaps of which each record lies in exactly one.

The tiles of the landing page, the filter “Group” and the result of an act on many records are these heaps, so no record
is counted twice or not at all.
Invariant: the conditions exclude one another and leave nothing out (tests/operations/monitoring/test_partition.py),
and `counted` counts what the conditions select, from the kept counts and a few small ones.
To extend: a further heap is a row of HEAPS (words/monitoring/heaps.py) and of `conditions`; the condition that it is
cut out of excludes it.
"""

from collections import Counter as Tally
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import Count, Q, QuerySet, Value

from syncapp.core.faults.errors import ErrorKind
from syncapp.core.states import WAITING, Status
from syncapp.engine.rows.due import set_aside, unsynced
from syncapp.models import Control, RecordCount, SyncRecord
from syncapp.words import sentences
from syncapp.words.monitoring.heaps import HEAPS, kind_code

FREE = Q(hold="")


def stuck(now: datetime) -> Q:
    """Held by a run for longer than a lease lasts: it died, or it hangs."""
    lease = timedelta(seconds=settings.SYNC_LOCK_TTL_SECONDS)
    return Q(status=Status.SYNCING) & (Q(lease_expires__lt=now) | Q(lease_since__lt=now - lease))


def waits_too_long(now: datetime, switches: Control) -> Q:
    """Ought to have been synced by now: neither failed nor held, nor set aside, nor waiting for a person."""
    limit = now - timedelta(minutes=settings.ALERT_UNSYNCED_MINUTES)
    return Q(dirty_since__lt=limit) & unsynced(switches)


def conditions(now: datetime, switches: Control) -> dict[str, Q]:
    """Which records lie in each heap."""
    late, aside, held_up = waits_too_long(now, switches), set_aside(switches), stuck(now)
    pending = FREE & Q(status__in=WAITING)
    return {
        **{kind_code(kind): FREE & _of_kind(kind) for kind in sentences.KINDS},
        "permanently_failed": FREE & Q(status=Status.PERMANENTLY_FAILED),
        "conflict": FREE & Q(status=Status.CONFLICT),
        "stuck": held_up,
        "gone_in_advoware": FREE & Q(status=Status.DELETED_IN_ADVOWARE),
        "late": pending & late,
        "waiting": pending & ~aside & ~late,
        "aside": pending & aside,
        "syncing": FREE & Q(status=Status.SYNCING) & ~held_up,
        "held": ~FREE & ~held_up,
        "gone_in_espocrm": FREE & Q(status=Status.DELETED_IN_ESPOCRM),
        "equal": FREE & Q(status=Status.CLEAN),
    }


def _of_kind(kind: str) -> Q:
    failed = Q(status=Status.FAILED)
    others = [other for other in sentences.KINDS if other != kind]
    return failed & (~Q(kind__in=others) if kind == ErrorKind.BUG else Q(kind=kind))


def counted(*, now: datetime, switches: Control, records: "QuerySet[SyncRecord] | None" = None) -> dict[str, int]:
    """{code: how many} of all heaps, those without a record included. Two queries.

    records: only these, which are counted one by one; of all together the numbers are kept.
    """
    cuts = conditions(now, switches)
    numbers = Tally(dict.fromkeys(HEAPS, 0))
    rows = RecordCount.objects.standing() if records is None else _by_hand(records)
    pending = 0
    for status, kind, hold, number in rows:
        if status in WAITING and not hold:
            pending += number
        else:
            numbers[_plain(status, kind, hold)] += number
    records = SyncRecord.objects.all() if records is None else records
    cut = together(
        late=records.filter(cuts["late"]),
        aside=records.filter(cuts["aside"]),
        stuck=records.filter(cuts["stuck"] & FREE),
        stuck_and_held=records.filter(cuts["stuck"] & ~FREE),
    )
    numbers.update(late=cut["late"], aside=cut["aside"], waiting=pending - cut["late"] - cut["aside"])
    numbers["syncing"] -= cut["stuck"]
    numbers["held"] -= cut["stuck_and_held"]
    numbers["stuck"] = cut["stuck"] + cut["stuck_and_held"]
    return dict(numbers)


def _by_hand(records: "QuerySet[SyncRecord]") -> Iterable[tuple[str, str, str, int]]:
    return records.order_by().values_list("status", "kind", "hold").annotate(Count("pk"))


BY_STATUS: Mapping[str, str] = {
    Status.PERMANENTLY_FAILED: "permanently_failed",
    Status.CONFLICT: "conflict",
    Status.SYNCING: "syncing",
    Status.CLEAN: "equal",
    Status.DELETED_IN_ADVOWARE: "gone_in_advoware",
    Status.DELETED_IN_ESPOCRM: "gone_in_espocrm",
}


def _plain(status: str, kind: str, hold: str) -> str:
    """The heap as far as status, kind and hold tell it."""
    if hold:
        return "held"
    return kind_code(kind) if status == Status.FAILED else BY_STATUS[status]


def together(**rows: Any) -> dict[str, int]:
    """Several counts in one query."""
    counts = [
        found.order_by().annotate(which=Value(name)).values("which").annotate(number=Count("pk"))
        for name, found in rows.items()
    ]
    first, *others = (count.values_list("which", "number") for count in counts)
    return dict.fromkeys(rows, 0) | dict(first.union(*others, all=True))
