"""Ending a run: outcome, history and the elements that came meanwhile, in one transaction, under the lease.

Invariant: whatever ends a run ends here; the same transaction writes the outcome, judges the waiting webhook elements
against the new base, and says dirty again where somebody asked meanwhile. The enqueue comes after the commit.
"""

import logging
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import asdict, replace
from typing import Any

from django.db import transaction
from django.utils import timezone

from syncapp.core.echoes import Judged
from syncapp.core.faults.errors import impersonal
from syncapp.core.faults.tracebacks import without_values
from syncapp.core.requests import Source
from syncapp.core.states import AT_REST, DELETED, WAITING, Event, Status, next_status
from syncapp.engine import job_queue
from syncapp.engine.rows.inbox import ASKING, RESULTS
from syncapp.engine.rows.lease import commit, lock_row
from syncapp.engine.rows.notices import queue_notices
from syncapp.engine.rows.prepared import insert
from syncapp.engine.rows.requests import RESTING, log_change
from syncapp.engine.runs.measure import measure_run
from syncapp.engine.runs.run import RunContext, RunLog
from syncapp.engine.runs.steps import RunResult
from syncapp.models import InboxElement, LeasedRow, Outcome

logger = logging.getLogger("advosync.sync")

# Statuses in which nothing waits to be carried.
SETTLED = frozenset({*AT_REST, *DELETED})


def finish(context: RunContext[Any, Any], log: RunLog, result: RunResult) -> Status:
    """Commit the result; the record's status afterwards. Raises LeaseLost if the record belongs to another run."""
    with transaction.atomic(savepoint=False):
        if result.forget and result.event is not None:
            if _forgotten(context):
                return next_status(Status.SYNCING, result.event)
            result = replace(result, event=None)
        for step in result.along:
            step()
        record = lock_row(context.lease)
        target = _commit_outcome(context, log, result, record)
        if log.may_write(context) and result.notices and record.tells_people:
            queue_notices(record=record, notices=result.notices)
            log.notices_queued.extend(result.notices)
        context.entity.refresh(record, context.as_found or record)  # costs nothing where the row says what it said
        if not _found_nothing(context, log, result):
            _write_attempt(context, log, result)
        for step in result.afterwards:
            step()
    _count(context, log, result, record, target)
    return target


def finish_at_least(context: RunContext[Any, Any], result: RunResult) -> Status:
    """Give the record back and say what happened, and nothing else: the ending for when the full one fails.

    Elements that came meanwhile are not judged here; they count as a wish, and the next run's commit judges them.
    """
    with transaction.atomic():
        record = lock_row(context.lease)
        waiting = bool(context.entity.waiting(record))
        requested = record.requested + waiting
        target = record.status = next_status(Status.SYNCING, result.event or Event.PUT_BACK, linked=record.linked)
        if requested > context.lease.seen:
            target = next_status(target, Event.CHANGED, kind=result.kind, linked=record.linked)
        commit(context.lease, **result.columns, status=target, requested=requested, last_check=timezone.now())
        record.status = Status.SYNCING
        record.step(after=target, event=result.event or Event.PUT_BACK, cause=result.kind).save()
        _history_row(context, result, of=record, fault=dict(result.fault)).save()
    return target


def _history_row(context: RunContext[Any, Any], result: RunResult, *, of: LeasedRow, **more: Any) -> Any:
    """The run as a row of the history, not stored yet."""
    return of.history(
        "attempts",
        **context.as_columns(),
        outcome=result.outcome,
        kind=result.kind,
        call_log=context.calls.as_rows(),
        traceback=result.traceback,
        **more,
    )


def _count(context: RunContext[Any, Any], log: RunLog, result: RunResult, record: LeasedRow, target: Status) -> None:
    """The ending stands: figures that cannot be counted must not look like a run that failed."""
    try:
        equal_since = record.dirty_since if target is Status.CLEAN else None
        measure_run(context, result, verdict=log.verdict, equal_since=equal_since)
    except Exception as error:
        logger.error("run_not_counted", extra={"record": record.pk, "at": without_values(error)})


def _commit_outcome(context: RunContext[Any, Any], log: RunLog, result: RunResult, record: LeasedRow) -> Status:
    """The row: outcome, generation, lease given back. `record` keeps what it becomes, and its status until now."""
    changes = {**result.columns, **_wishes_since(context, record, result.columns)}
    for name, value in changes.items():
        setattr(record, name, value)
    target = record.status = _target(context, log, record, result)
    judged = _judge_waiting(context, record)
    requested = changes["requested"] = record.requested + sum(one in ASKING for one in judged) + result.again
    asked_again = requested > context.lease.seen
    if asked_again:
        target, more = _asked_again(record, result, relinked=Judged.RELINK in judged)
        changes |= more
    changes |= {"status": target} | _completion(context, record, result, target)
    if result.outcome != Outcome.PUT_BACK:
        changes["last_check"] = timezone.now()  # put back, nobody has looked: the re-check is still owed
    commit(context.lease, **changes)
    record.status = Status.SYNCING
    log_change(record, after=target, event=result.event or Event.PUT_BACK, cause=result.kind or result.outcome)
    if target is Status.DIRTY and (asked_again or result.outcome == Outcome.LEFT_OVER):
        job_queue.enqueue_each([record.pk], queue_name=context.entity.urgent_queue, job=context.entity.job)
    return target


def _forgotten(context: RunContext[Any, Any]) -> bool:
    """An id that nobody knows: the elements are closed and no record, task or history remains.

    False where it was named again while we looked: it may exist by now.
    """
    record = lock_row(context.lease)
    if record.requested > context.lease.seen:
        return False
    context.entity.close_inbox(record)
    record.delete()
    return True


def _target(context: RunContext[Any, Any], log: RunLog, record: LeasedRow, result: RunResult) -> Status:
    """By the state machine; a run that is put back leaves what was there before."""
    before = Status(record.status_before or Status.DIRTY)
    if result.outcome == Outcome.PUT_BACK and (context.lease.took_over or log.conflicts):
        # What was asked for while the dead run went on, or is logged as a conflict by now, no time of rest may hide.
        before = next_status(before, Event.CHANGED, kind=record.kind, linked=record.linked)
    return next_status(Status.SYNCING, result.event or Event.PUT_BACK, linked=record.linked, before=before)


def _asked_again(record: LeasedRow, result: RunResult, *, relinked: bool) -> tuple[Status, dict[str, Any]]:
    """Somebody asked while the run went on: as if the change had come just after it."""
    event = Event.RELINKED if relinked else Event.CHANGED
    target = next_status(Status(record.status), event, kind=result.kind, linked=record.linked)
    return target, (dict(RESTING) if relinked else {})


def _wishes_since(context: RunContext[Any, Any], record: LeasedRow, columns: Mapping[str, Any]) -> dict[str, Any]:
    """What somebody decided or ordered while the run went on is for the next one: it must not be cleared with ours."""
    since: dict[str, Any] = {}
    if "decisions" in columns:
        seen, now = getattr(context.row, "decisions", {}), getattr(record, "decisions", {})
        new = {name: choice for name, choice in now.items() if seen.get(name) != choice}
        since["decisions"] = {**columns["decisions"], **new}
    if "override" in columns and record.override != context.row.override:
        since["override"] = record.override
    return since


def _completion(context: RunContext[Any, Any], record: LeasedRow, result: RunResult, target: Status) -> dict[str, Any]:
    """What only success moves; `dirty_since` is the age of what is still to be carried."""
    changes: dict[str, Any] = {"completed": context.lease.seen} if result.completes else {}
    if target in SETTLED:
        changes["dirty_since"] = None
    elif result.completes or (target in WAITING and record.dirty_since is None):
        changes["dirty_since"] = timezone.now()
    return changes


def _judge_waiting(context: RunContext[Any, Any], record: LeasedRow) -> list[Judged]:
    """Judge the elements that came while the run went on."""
    found = context.entity.judge_waiting(record, context.tools)
    now, ids = timezone.now(), defaultdict[Judged, list[int]](list)
    for element, judged in found:
        ids[judged].append(element.pk)
    for judged, alike in ids.items():
        InboxElement.objects.filter(pk__in=alike).update(result=RESULTS[judged], judged_at=now)
    return [judged for _element, judged in found]


def _found_nothing(context: RunContext[Any, Any], log: RunLog, result: RunResult) -> bool:
    """A re-check without any result is a number, not a row of the history."""
    quiet = not log.written and not log.summary and not result.columns.get("reports")
    return result.outcome == Outcome.DONE and quiet and context.source == Source.SWEEP


def _write_attempt(context: RunContext[Any, Any], log: RunLog, result: RunResult) -> None:
    attempt = _history_row(
        context,
        result,
        of=context.row,
        verdict=result.verdict or log.verdict,
        direction=log.direction,
        fault=impersonal(result.fault),
        fields_changed=[f"{w.side}.{w.field}" for w in log.written] or list(result.planned),
        summary=log.summary,
    )
    insert(attempt)
    changes = [context.row.history("changes", attempt=attempt, **asdict(written)) for written in log.written]
    context.row.history_model("changes")._default_manager.bulk_create(changes)
