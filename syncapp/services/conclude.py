"""Ending a run: outcome, history and the elements that came meanwhile, in one transaction, under the lease.

Invariant: whatever ends a run ends here; the same transaction writes the outcome, judges the waiting webhook elements
against the new base, and says dirty again where somebody asked meanwhile. The enqueue comes after the commit.
"""

import random
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from syncapp.core.echoes import Judged, judge
from syncapp.core.retry import FailurePlan, RetryLimits, RetryState, after_failure
from syncapp.core.status import DELETED, WAITS_FOR_PERSON, Event, Status, next_status
from syncapp.models import Attempt, FieldChange, InboxElement, Outcome, Result, SyncRecord
from syncapp.services import doorbell
from syncapp.services.counters import count
from syncapp.services.intake import RESULTS, known, read_element
from syncapp.services.lease import commit, lock_row
from syncapp.services.notices import Tell, queue_notices
from syncapp.services.request import log_change
from syncapp.services.run import Run

RESTING: dict[str, Any] = {
    "kind": "",
    "fault": {},
    "retry_count": 0,
    "next_retry_at": None,
    "auto_reset_at": None,
}


@dataclass(frozen=True, slots=True)
class Ending:
    """How a run ends. `columns` are written with the outcome; `again` asks for one more look at once."""

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
    with transaction.atomic():
        record = lock_row(run.lease)
        changes = dict(ending.columns)
        for name, value in changes.items():
            setattr(record, name, value)
        target = _target(record, ending)
        record.status = target
        asked = _judge_waiting(run, record) + (1 if ending.again else 0)
        requested = record.requested + asked
        if requested > run.lease.seen:
            target = _asked_again(target, ending.kind)
        changes |= {"status": target, "requested": requested, "last_check": timezone.now()}
        if ending.completes:
            changes["completed"] = run.lease.seen
        if target in (Status.CLEAN, *DELETED):
            changes["dirty_since"] = None
        commit(run.lease, locked=record, **changes)
        record.status = Status.SYNCING
        log_change(record, after=target, event=ending.event or Event.ACQUIRED, cause=ending.kind or ending.outcome)
        _write_history(run, ending)
        queue_notices(record=record, notices=ending.notices)
        if target is Status.DIRTY and ending.outcome != Outcome.PUT_BACK:
            doorbell.ring_each([record.pk])
    return target


def _target(record: SyncRecord, ending: Ending) -> Status:
    """By the state machine; a run that is put back leaves what was there before."""
    if ending.event is None:
        return Status(record.status_before or Status.DIRTY)
    return next_status(Status.SYNCING, ending.event)


def _asked_again(target: Status, kind: str) -> Status:
    """Somebody asked while the run went on: dirty, except where the outcome waits for a person or is a deletion."""
    waits = target is Status.FAILED and kind in WAITS_FOR_PERSON
    return target if waits or target in (*DELETED, Status.PENDING_SYNC) else Status.DIRTY


def _judge_waiting(run: Run, record: SyncRecord) -> int:
    """Judge the elements that came while the run went on; how many of them ask for one more look."""
    asked = 0
    now = timezone.now()
    for element in InboxElement.objects.filter(record=record, result=Result.WAITING).order_by("pk"):
        read = read_element(element.action, element.attributes, run.field_map, record.base_espo)
        judged = judge(read, known(record), in_commit=True)
        asked += judged in (Judged.COUNTED, Judged.RESET)
        InboxElement.objects.filter(pk=element.pk).update(result=RESULTS[judged], judged_at=now)
    return asked


def _write_history(run: Run, ending: Ending) -> None:
    quiet = ending.outcome == Outcome.DONE and not run.written and run.source == "sweep" and not run.reports
    count("sync", outcome=str(ending.outcome), verdict=run.verdict or "none", trigger=run.trigger or "none")
    if ending.kind:
        count("sync_errors", kind=ending.kind)
    if quiet:
        return  # a re-check that found nothing is a number, not a row
    attempt = Attempt.objects.create(
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
        fault=dict(ending.fault),
        fields_changed=[f"{w.side}.{w.field}" for w in run.written] or run.planned,
        summary=run.summary,
        calls=run.calls.as_json(),
        traceback=ending.traceback,
    )
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
