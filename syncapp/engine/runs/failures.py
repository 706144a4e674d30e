"""What an error means for the record, the breaker and the people.

Invariant: intents stay as the last write left them. Where the connection is at fault, or a breaker opens, the record
goes back to what it was and no retry is used up.
To extend: a new kind is a row of core/faults/errors.py and a text in syncapp/words/sentences.py.
"""

import logging
import random
from dataclasses import replace
from typing import Any

from django.conf import settings
from django.utils import timezone
from rq.timeouts import BaseTimeoutException

from syncapp.core.faults.errors import ErrorKind, Opens, Then, impersonal, kind_row
from syncapp.core.faults.retry import FailurePlan, RetryLimits, RetryState, after_failure
from syncapp.core.faults.tracebacks import without_values
from syncapp.core.states import Status
from syncapp.engine import breaker, memory
from syncapp.engine.rows import database_errors
from syncapp.engine.rows.notices import Tell
from syncapp.engine.runs import results
from syncapp.engine.runs.run import Failed, RunContext, RunLog
from syncapp.engine.runs.steps import RunResult
from syncapp.models import LeasedRow, Outcome
from syncapp.remotes.http.errors import RemoteError, Transient

log = logging.getLogger("advosync.sync")


def classify(error: Exception) -> Failed:
    """Every exception has a kind; what nobody foresaw is a bug with its traceback (without values)."""
    if isinstance(error, RemoteError):
        return of_remote(error)
    if isinstance(error, BaseTimeoutException):
        return Failed(ErrorKind.TRANSIENT, "job_timeout")
    if isinstance(error, database_errors.PASSING):
        return Failed(ErrorKind.TRANSIENT, "disk_full" if database_errors.note_if_full(error) else "database_away")
    if isinstance(error, MemoryError):
        memory.notice(error)
        return Failed(ErrorKind.TRANSIENT, "out_of_memory")
    return _bug(error)


def _bug(error: Exception) -> Failed:
    return Failed(ErrorKind.BUG, "bug", {"error": type(error).__name__}, traceback=without_values(error))


def of_remote(error: RemoteError) -> Failed:
    """What a remote system answered, or did not."""
    params = {
        "system": error.system,
        "operation": error.operation,
        "status": error.status,
        "reason": error.reason,
        "hint": error.hint,
    }
    kind = ErrorKind.VALIDATION if error.kind == ErrorKind.NOT_FOUND else error.kind
    return Failed(kind, f"remote_{error.kind}", params, error.system, retry_after(error))


def not_found(missing: RemoteError) -> Failed:
    """A write that did not find what the reads of its run have shown. It may have gone in between; where it goes on,
    nobody has changed anything, and the whole system is not disturbed either."""
    return replace(of_remote(missing), kind=ErrorKind.TRANSIENT, system="")


def retry_after(error: BaseException | None) -> float | None:
    """The time that the remote system named, also where the run ends with a word of its own about the failure."""
    return error.retry_after if isinstance(error, Transient) else None


def conclude(context: RunContext[Any, Any], run_log: RunLog, failed: Failed) -> Status:
    """End the run that this error stopped."""
    row = kind_row(failed.kind)
    log.warning("sync_failed", extra={"record": context.row.pk, "kind": failed.kind, "code": failed.code})
    if failed.system and row.opens is not Opens.NOTHING:
        run_log.failed_systems.add(failed.system)
    opened = bool(failed.system) and breaker.failed(
        system=failed.system,
        kind=failed.kind,
        reason=str(failed.params.get("reason", failed.code)),
        hint=str(failed.params.get("hint") or ""),
        answers=lambda: context.entity.answers(failed.system, context.tools),
    )
    if row.then is Then.PUT_BACK or (opened and row.then is Then.RETRY):
        return results.finish(context, run_log, _result(context, run_log, failed, None))
    plan = failure_plan(_state_of(context.row), failed)
    context.entity.show_failure(context, run_log, failed, plan)
    return results.finish(context, run_log, _result(context, run_log, failed, plan))


def conclude_at_least(context: RunContext[Any, Any], error: Exception) -> Status:
    """End a run whose own ending failed: with our own words alone, so that whatever came from outside can do no harm.

    What was proved by answers is committed already; the rest is found by the next run, as after a crash.
    """
    failed = _bug(error) if isinstance(error, RemoteError) else classify(error)
    shown = {"record": context.row.pk, "error": type(error).__name__, "at": without_values(error)}
    log.error("result_failed", extra=shown)
    plan = failure_plan(_state_of(context.row), failed)
    result = RunResult(plan.event, Outcome.FAILED, _columns(plan, failed), kind=failed.kind, fault=failed.fault)
    return results.finish_at_least(context, replace(result, traceback=failed.traceback))


def _result(context: RunContext[Any, Any], run_log: RunLog, failed: Failed, plan: FailurePlan | None) -> RunResult:
    """Without a plan the record is put back as it was."""
    return RunResult(
        event=plan.event if plan else None,
        outcome=Outcome.FAILED if plan else Outcome.PUT_BACK,
        columns=run_log.columns_seen | (_columns(plan, failed) if plan else {}),
        kind=failed.kind,
        fault=failed.fault,
        traceback=failed.traceback,
        notices=(_notices(context.row, failed, plan) if plan else ()) + run_log.news,
    )


def _columns(plan: FailurePlan, failed: Failed) -> dict[str, Any]:
    return {
        "kind": failed.kind,
        "fault": failed.fault,
        "retry_count": plan.state.count,
        "next_retry_at": plan.state.next_retry_at,
        "auto_reset_at": plan.state.auto_reset_at,
    }


def _notices(row: LeasedRow, failed: Failed, plan: FailurePlan) -> tuple[Tell, ...]:
    """Told once: not again of the same fault, nor of a record that an edit tried once more in vain."""
    used_up = plan.status is Status.PERMANENTLY_FAILED and plan.counted
    if not used_up and not (kind_row(failed.kind).tells_user and _is_news(row, failed)):
        return ()
    told = {"kind": failed.kind, "fault": impersonal(failed.fault), "status": plan.status.value}
    return (Tell("failed", told),)


def _is_news(row: LeasedRow, failed: Failed) -> bool:
    """Not what the row has failed with already, unless nobody has heard of it: a shadow finds it and tells nobody."""
    if (row.kind, row.fault) != (failed.kind, failed.fault):
        return True
    if not row.tells_people:
        return False
    told = row.past("notices").filter(event="failed").values_list("params", flat=True)
    return all(params.get("fault") != impersonal(failed.fault) for params in told)


def _state_of(row: LeasedRow) -> RetryState:
    return RetryState(row.retry_count, row.next_retry_at, row.auto_reset_at)


def limits() -> RetryLimits:
    return RetryLimits(
        minutes=tuple(settings.SYNC_BACKOFF_MINUTES),
        max_retries=settings.SYNC_MAX_RETRIES,
        auto_reset_hours=settings.SYNC_AUTO_RESET_HOURS,
    )


def failure_plan(state: RetryState, failed: Failed) -> FailurePlan:
    """Where this failure leaves a row, or one thing in it, by the table of core/faults/retry.py."""
    return after_failure(
        kind=failed.kind,
        state=state,
        now=timezone.now(),
        limits=limits(),
        jitter=random.random(),  # noqa: S311 (spreads retries, guards nothing)  # nosec
        retry_after=failed.retry_after,
    )
