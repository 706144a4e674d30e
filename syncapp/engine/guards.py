"""The guards: counted before the write, confirmed by a person.

Invariant: what is about to be changed is counted in the database before it is changed, so that many workers share one
count, in which a record counts once, with the most that one of its runs was about to change; nothing of a stopped sort
is written until somebody confirms, and other changes go on.
To extend: a new sort is a row of core/guards.py.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import DateTimeField, QuerySet, Sum
from django.utils import timezone

from syncapp.core.faults.errors import ErrorKind
from syncapp.core.guards import RETURNS_WINDOW, WINDOW, Change, GuardKind, Limits, swinging, swings, too_many
from syncapp.core.requests import QueueName, Source
from syncapp.core.states import Event, Status
from syncapp.engine import job_queue, registry
from syncapp.engine.rows.prepared import Prepared, insert_asking
from syncapp.engine.rows.requests import request_sync
from syncapp.engine.runs.run import Failed, RunContext, RunLog
from syncapp.models import Guard, GuardCount, LeasedRow, OperatorLog

CONFIRMED_FOR = timedelta(hours=1)
# What other records have changed in the window; a run that is repeated is not counted against itself.
DONE_BY_OTHERS: Prepared[Any] = Prepared(
    lambda sort, key, since: (
        GuardCount.objects.filter(sort=sort, at__gt=since)
        .exclude(key=key)
        .order_by()
        .values("sort")
        .annotate(total=Sum("number"))
        .values("total")
    ),
    *("sort", "key"),
    since=DateTimeField(),
)
# What earlier runs of the same record count for in the window: tried again, it is the same change.
OWN_BEFORE: Prepared[Any] = Prepared(
    lambda sort, key, since, until: (
        GuardCount.objects.filter(sort=sort, key=key, at__gt=since, at__lt=until)
        .order_by()
        .values("sort")
        .annotate(total=Sum("number"))
        .values("total")
    ),
    *("sort", "key"),
    since=DateTimeField(),
    until=DateTimeField(),
)


def limits() -> Limits:
    """How much is still usual, by the settings."""
    return Limits(
        removals=settings.SYNC_GUARD_MAX_REMOVALS,
        creates=settings.SYNC_GUARD_MAX_CREATES,
        child_creates=settings.SYNC_GUARD_MAX_CHILD_CREATES,
    )


def admit(
    context: RunContext[Any, Any], log: RunLog, *, sort: GuardKind, number: int, planned_too: bool = False
) -> Failed | None:
    """Count what this run is about to change; what stops it where that is too much at once, and then nothing counts.

    planned_too: it has an effect here also where nothing may be written.
    """
    if number <= 0 or not (planned_too or log.may_write(context)):
        return None
    now, key = timezone.now(), context.row.key
    with transaction.atomic():
        # Locked, so that of two runs at the same time the second one sees what the first has counted.
        guard, _created = Guard.objects.select_for_update().get_or_create(sort=sort)
        asked = {"sort": sort.value, "key": key, "since": now - WINDOW, "until": now}
        of_the_run = GuardCount(sort=sort, key=key, number=log.admitted.get(sort, 0) + number)
        counted, (done, before) = insert_asking(of_the_run, DONE_BY_OTHERS, OWN_BEFORE, **asked)
        usual = not too_many(sort=sort, done=int(done or 0), adding=number, limits=limits())
        shut = _is_shut(guard, now)
        if _is_confirmed(guard, now) or (usual and not shut):
            log.admitted[sort] = counted.number
            if before is not None:
                _in_place_of_earlier(counted, before, since=now - WINDOW)
            return None
        GuardCount.objects.filter(pk=counted.pk).delete()
        if not shut:
            Guard.objects.filter(pk=sort).update(blocked_at=now)
    return Failed(ErrorKind.BLOCKED, f"guard_{sort}", {"limit": limits().of(sort), "number": number})


def _in_place_of_earlier(counted: GuardCount, before: int, *, since: datetime) -> None:
    """A record counts with the most that any of its runs was about to change: a run that breaks off and comes again
    would else be counted against all others as often as it comes. What an earlier one had more ends with its time."""
    own = GuardCount.objects.filter(sort=counted.sort, key=counted.key, at__gt=since).exclude(pk=counted.pk)
    oldest = own.order_by("at", "pk").first()
    if oldest is not None and before > counted.number:
        own.filter(pk=oldest.pk).update(number=before - counted.number)
        own = own.exclude(pk=oldest.pk)
    own.delete()


def _is_confirmed(guard: Guard, now: datetime) -> bool:
    return guard.open_until is not None and guard.open_until > now


def _is_shut(guard: Guard, now: datetime) -> bool:
    """What it has stopped stays stopped when the window is over: the next portion would go through unasked. Once
    nothing waits any more, since what was stopped was taken back or is gone, there is nothing to confirm either."""
    if guard.blocked_at is None:
        return False
    sort = GuardKind(guard.sort)
    return guard.blocked_at > now - WINDOW or any(_stopped(entity, sort).exists() for entity in registry.entities())


def remaining(sort: GuardKind) -> int | None:
    """How many changes of this sort may still be made in the window; None where somebody has confirmed them, and 0
    where the guard has stopped them until somebody does."""
    now, guard = timezone.now(), Guard.objects.filter(pk=sort).first()
    if guard is not None and _is_confirmed(guard, now):
        return None
    if guard is not None and _is_shut(guard, now):
        return 0
    recent = GuardCount.objects.filter(sort=sort, at__gt=now - WINDOW)
    return max(0, limits().of(sort) - int(recent.aggregate(total=Sum("number"))["total"] or 0))


def oscillation(context: RunContext[Any, Any], *, conflicts: int, planned: Mapping[str, str | None]) -> Failed | None:
    """What stops a run where a record's values go back and forth. planned: field -> what is about to be written."""
    now = timezone.now()
    since = max(context.row.oscillation_confirmed_at or now - RETURNS_WINDOW, now - RETURNS_WINDOW)
    if conflicts and swings(_conflict_times(context, since), now=now):
        return Failed(ErrorKind.BLOCKED, "oscillation_conflicts")
    field = swinging(_changes(context, since), planned, now=now) if planned else None
    return None if field is None else Failed(ErrorKind.BLOCKED, "oscillation_field", {"field": field})


def _conflict_times(context: RunContext[Any, Any], since: datetime) -> set[datetime]:
    """One time a run, however many fields of it were in conflict."""
    times = context.row.past("conflicts").filter(at__gt=since).values_list("attempt_started", flat=True)
    return {time for time in times if time is not None and time != context.started_at}


@cache
def _changes_since(model: type[LeasedRow]) -> Prepared[Any]:
    rows = model.history_model("changes")._default_manager
    columns = ("side", "field", "before", "after", "attempt_id", "at")
    return Prepared(
        lambda record_id, since: rows.only(*columns).filter(record_id=record_id, at__gt=since).order_by("pk"),
        "record_id",
        since=DateTimeField(),
    )


def _changes(context: RunContext[Any, Any], since: datetime) -> list[Change]:
    """What each sync gave to each field; one that had to write a value twice counts once."""
    rows = _changes_since(context.entity.model).rows(record_id=context.row.pk, since=since)
    found = {(row.side, row.field, row.attempt_id): row for row in rows}
    return [Change(row.field, row.before, row.after, row.at) for row in found.values()]


@transaction.atomic
def confirm(*, sort: GuardKind, by: str, reason: str = "") -> int:
    """Let changes of this sort through for an hour; how many blocked records start again."""
    Guard.objects.update_or_create(
        pk=sort,
        defaults={
            "open_until": timezone.now() + CONFIRMED_FOR,
            "confirmed_by": by,
            "reason": reason,
            "blocked_at": None,
        },
    )
    started = sum(_start_again(entity, sort, by) for entity in registry.entities())
    OperatorLog.objects.create(actor=by, action="confirm_guard", target=str(sort), count=started, reason=reason)
    return started


def shorten_confirmations() -> int:
    """After the clock was set back: nothing stays confirmed for longer than it may; how many did."""
    latest = timezone.now() + CONFIRMED_FOR
    return Guard.objects.filter(open_until__gt=latest).update(open_until=latest)


def _stopped(entity: registry.Entity, sort: GuardKind) -> "QuerySet[LeasedRow]":
    """What this guard has stopped, a row that is looked at again at this moment included."""
    return entity.model._default_manager.filter(kind=ErrorKind.BLOCKED, fault__code=f"guard_{sort}")


def _start_again(entity: registry.Entity, sort: GuardKind, by: str) -> int:
    """Ask for a run of all rows of one kind that this guard has stopped; how many."""
    ids = list(_stopped(entity, sort).filter(status=Status.FAILED).values_list("pk", flat=True))
    for row_id in ids:
        request_sync(
            entity.model,
            record_id=row_id,
            event=Event.RESET,
            source=Source.PERSON,
            cause=f"guard: {by}",
        )
    job_queue.enqueue(ids, queue_name=QueueName.BULK, job=entity.job)
    return len(ids)
