"""Ending a run: outcome, history and the elements that came meanwhile, in one transaction, under the lease.

Invariant: whatever ends a run ends here; the same transaction writes the outcome, judges the waiting webhook elements
against the new base, and says dirty again where somebody asked meanwhile. The enqueue comes after the commit.
"""

import logging
import random
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from syncapp.core.echoes import Judged
from syncapp.core.requests import Source
from syncapp.core.retry import FailurePlan, RetryLimits, RetryState, after_failure
from syncapp.core.states import DELETED, Event, Status, next_status
from syncapp.core.tracebacks import without_values
from syncapp.engine import job_queue
from syncapp.engine.lease import commit, lock_row
from syncapp.engine.measure import measure_run
from syncapp.engine.notices import Tell, queue_notices
from syncapp.engine.prepared import Prepared, insert
from syncapp.engine.requests import log_change
from syncapp.engine.run import Run
from syncapp.entities.beteiligte import search
from syncapp.entities.beteiligte.intake import ASKING, RESULTS, judged_as, read_element
from syncapp.models import Attempt, FieldChange, InboxElement, Outcome, Result, SyncRecord
from syncapp.words import sentences

log = logging.getLogger("advosync.sync")

RESTING: dict[str, Any] = {
    "kind": "",
    "fault": {},
    "retry_count": 0,
    "next_retry_at": None,
    "auto_reset_at": None,
}
WAITING = Prepared(
    lambda record_id, result: InboxElement.objects.filter(record_id=record_id, result=result).order_by("pk"),
    "record_id",
    "result",
)
# Statuses in which nothing waits to be carried.
SETTLED = frozenset({Status.CLEAN, Status.CONFLICT, *DELETED})


@dataclass(frozen=True, slots=True)
class Ending:
    """How a run ends. `columns` are written with the outcome; `again` asks for one more look at once.

    event: None puts the record back to what it was.
    """

    event: Event | None
    outcome: Outcome
    columns: Mapping[str, Any] = field(default_factory=dict)
    completes: bool = False
    again: bool = False
    kind: str = ""
    fault: Mapping[str, Any] = field(default_factory=dict)
    traceback: str = ""
    notices: tuple[Tell, ...] = ()


def finish(run: Run, ending: Ending) -> Status:
    """Commit the ending; the record's status afterwards. Raises LeaseLost if the record belongs to another run."""
    with transaction.atomic(savepoint=False):
        record = lock_row(run.lease)
        changes = {**ending.columns, **_wishes_since(run, record, ending.columns)}
        for name, value in changes.items():
            setattr(record, name, value)
        target = record.status = _target(run, record, ending)
        judged = _judge_waiting(run, record)
        changes["requested"] = record.requested + sum(one in ASKING for one in judged) + ending.again
        if changes["requested"] > run.lease.seen:
            target, more = _asked_again(record, ending, relinked=Judged.RELINK in judged)
            changes |= more
        changes |= {"status": target} | _completion(run, ending, target)
        if ending.outcome != Outcome.PUT_BACK:
            changes["last_check"] = timezone.now()  # put back, nobody has looked: the re-check is still owed
        commit(run.lease, **changes)
        record.status = Status.SYNCING
        log_change(record, after=target, event=ending.event or Event.PUT_BACK, cause=ending.kind or ending.outcome)
        if run.writes and ending.notices:
            queue_notices(record=record, notices=ending.notices)
            run.has_notices = True
        if not _found_nothing(run, ending):
            search.refresh(record, before=run.found_by)
            _write_attempt(run, ending)
        if target is Status.DIRTY and (changes["requested"] > run.lease.seen or ending.outcome == Outcome.LEFT_OVER):
            job_queue.enqueue_each([record.pk])
    _count(run, ending, record, target)
    return target


def finish_at_least(run: Run, ending: Ending) -> Status:
    """Give the record back and say what happened, and nothing else: the ending for when the full one fails.

    Elements that came meanwhile are not judged here; they count as a wish, and the next run's commit judges them.
    """
    with transaction.atomic():
        record = lock_row(run.lease)
        waiting = InboxElement.objects.filter(record_id=record.pk, result=Result.WAITING).exists()
        requested = record.requested + waiting
        target = record.status = next_status(Status.SYNCING, ending.event or Event.PUT_BACK, linked=record.linked)
        if requested > run.lease.seen:
            target = next_status(target, Event.CHANGED, kind=ending.kind, linked=record.linked)
        commit(run.lease, **ending.columns, status=target, requested=requested, last_check=timezone.now())
        record.status = Status.SYNCING
        record.step(after=target, event=ending.event or Event.PUT_BACK, cause=ending.kind).save()
        Attempt.objects.create(
            record=record,
            espo_id=record.espo_id,
            trigger=run.trigger,
            source=run.source,
            actor=run.actor,
            started_at=run.started_at,
            duration_ms=run.duration_ms,
            outcome=ending.outcome,
            kind=ending.kind,
            fault=dict(ending.fault),
            calls=run.calls.as_json(),
            traceback=ending.traceback,
        )
    return target


def _count(run: Run, ending: Ending, record: SyncRecord, target: Status) -> None:
    """The ending stands: figures that cannot be counted must not look like a run that failed."""
    try:
        _measure(run, ending, record, target)
    except Exception as error:
        log.error("run_not_counted", extra={"record": record.pk, "at": without_values(error)})


def _target(run: Run, record: SyncRecord, ending: Ending) -> Status:
    """By the state machine; a run that is put back leaves what was there before."""
    before = Status(record.status_before or Status.DIRTY)
    if ending.outcome == Outcome.PUT_BACK and (run.lease.took_over or run.new_conflicts):
        # What was asked for while the dead run went on, or is logged as a conflict by now, no time of rest may hide.
        before = next_status(before, Event.CHANGED, kind=record.kind, linked=record.linked)
    return next_status(Status.SYNCING, ending.event or Event.PUT_BACK, linked=record.linked, before=before)


def _asked_again(record: SyncRecord, ending: Ending, *, relinked: bool) -> tuple[Status, dict[str, Any]]:
    """Somebody asked while the run went on: as if the change had come just after it."""
    event = Event.RELINKED if relinked else Event.CHANGED
    target = next_status(Status(record.status), event, kind=ending.kind, linked=record.linked)
    return target, (dict(RESTING) if relinked else {})


def _wishes_since(run: Run, record: SyncRecord, columns: Mapping[str, Any]) -> dict[str, Any]:
    """What somebody decided or ordered while the run went on is for the next one: it must not be cleared with ours."""
    since: dict[str, Any] = {}
    if "decisions" in columns:
        seen = run.record.decisions
        since["decisions"] = {name: choice for name, choice in record.decisions.items() if seen.get(name) != choice}
    if "override" in columns and record.override != run.record.override:
        since["override"] = record.override
    return since


def _completion(run: Run, ending: Ending, target: Status) -> dict[str, Any]:
    """What only success moves; `dirty_since` is the age of what is still to be carried."""
    changes: dict[str, Any] = {"completed": run.lease.seen} if ending.completes else {}
    if target in SETTLED:
        changes["dirty_since"] = None
    elif ending.completes:
        changes["dirty_since"] = timezone.now()
    return changes


def _judge_waiting(run: Run, record: SyncRecord) -> list[Judged]:
    """Judge the elements that came while the run went on."""
    found = []
    now = timezone.now()
    for element in WAITING.rows(record_id=record.pk, result=Result.WAITING.value):
        said = read_element(element.action, element.attributes, run.field_map)
        judged = judged_as(said, element.attributes, run.field_map, record, in_commit=True)
        found.append(judged)
        InboxElement.objects.filter(pk=element.pk).update(result=RESULTS[judged], judged_at=now)
    return found


def _found_nothing(run: Run, ending: Ending) -> bool:
    """A re-check without any result is a number, not a row of the history."""
    return ending.outcome == Outcome.DONE and not run.written and run.source == Source.SWEEP and not run.reports


def _measure(run: Run, ending: Ending, record: SyncRecord, target: Status) -> None:
    """The figures; the lag only where both sides have become equal."""
    since = record.dirty_since if target is Status.CLEAN else None
    lag = None if since is None else (timezone.now() - since).total_seconds()
    counted = ending.event in (Event.RETRY_LATER, Event.RETRIES_USED_UP)
    measure_run(run, outcome=str(ending.outcome), kind=ending.kind, counted=counted, lag_seconds=lag)


def _write_attempt(run: Run, ending: Ending) -> None:
    attempt = Attempt(
        record=run.record,
        espo_id=run.record.espo_id,
        trigger=run.trigger,
        source=run.source,
        actor=run.actor,
        started_at=run.started_at,
        duration_ms=run.duration_ms,
        outcome=ending.outcome,
        verdict=run.verdict,
        direction=run.direction,
        kind=ending.kind,
        fault=sentences.impersonal(ending.fault),
        fields_changed=[f"{w.side}.{w.field}" for w in run.written] or run.planned,
        summary=run.summary,
        calls=run.calls.as_json(),
        traceback=ending.traceback,
    )
    insert(attempt)
    FieldChange.objects.bulk_create(
        FieldChange(record=run.record, attempt=attempt, **asdict(written)) for written in run.written
    )


def limits() -> RetryLimits:
    return RetryLimits(
        minutes=tuple(settings.SYNC_BACKOFF_MINUTES),
        max_retries=settings.SYNC_MAX_RETRIES,
        auto_reset_hours=settings.SYNC_AUTO_RESET_HOURS,
    )


def failure_plan(record: SyncRecord, kind: str, retry_after: float | None) -> FailurePlan:
    """Where this failure leaves the record, by the table of core/retry.py."""
    return after_failure(
        kind=kind,
        state=RetryState(record.retry_count, record.next_retry_at, record.auto_reset_at),
        now=timezone.now(),
        limits=limits(),
        jitter=random.random(),  # noqa: S311 (spreads retries, guards nothing)
        retry_after=retry_after,
    )


def failure_columns(plan: FailurePlan, kind: str, fault: Mapping[str, Any]) -> dict[str, Any]:
    """The columns of a failed record."""
    return {
        "kind": kind,
        "fault": dict(fault),
        "retry_count": plan.state.count,
        "next_retry_at": plan.state.next_retry_at,
        "auto_reset_at": plan.state.auto_reset_at,
    }
