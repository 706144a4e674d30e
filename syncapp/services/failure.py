"""What an error means for the record, the breaker and the people.

Invariant: an error that proves nothing was written drops the intents of that write; one that leaves it open keeps them.
Where the connection is at fault, or a breaker opens, the record goes back to what it was and no retry is used up.
To extend: a new kind is a row of core/retry.py and a text in syncapp/texts.py.
"""

import logging
import traceback
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from rq.timeouts import BaseTimeoutException

from syncapp import texts
from syncapp.clients.errors import OutcomeUnknown, RemoteError, Transient
from syncapp.core.retry import FailurePlan, Then, kind_row
from syncapp.core.status import Status
from syncapp.models import Outcome
from syncapp.services import breaker
from syncapp.services.apply import commit_answer, differing, espo_time
from syncapp.services.conclude import Ending, failure_columns, failure_plan, finish
from syncapp.services.lease import renew
from syncapp.services.notices import Tell
from syncapp.services.run import Run, Stop

log = logging.getLogger("advosync.sync")


@dataclass(frozen=True, slots=True)
class Failed:
    """An error as the record will show it. `params` hold field names, numbers and reasons, never values."""

    kind: str
    code: str
    params: Mapping[str, Any] = field(default_factory=dict)
    system: str = ""
    retry_after: float | None = None
    outcome_unknown: bool = False
    traceback: str = ""

    @property
    def fault(self) -> dict[str, Any]:
        return {"code": self.code, "params": dict(self.params)}


def classify(error: Exception) -> Failed:
    """Every exception has a kind; what nobody foresaw is a bug with its traceback (without values)."""
    if isinstance(error, Stop):
        cause = error.__cause__
        system = cause.system if isinstance(cause, RemoteError) else ""
        unknown = isinstance(cause, OutcomeUnknown)
        return Failed(error.kind, error.code, error.params, system, outcome_unknown=unknown)
    if isinstance(error, RemoteError):
        params = {
            "system": error.system,
            "operation": error.operation,
            "status": error.status,
            "reason": error.reason,
            "hint": error.hint,
        }
        after = error.retry_after if isinstance(error, Transient) else None
        kind = "validation" if error.kind == "not_found" else error.kind
        return Failed(kind, f"remote_{error.kind}", params, error.system, after, isinstance(error, OutcomeUnknown))
    if isinstance(error, BaseTimeoutException):
        return Failed("transient", "job_timeout", outcome_unknown=True)
    return Failed("bug", "bug", {"error": type(error).__name__}, traceback=_safe_traceback(error), outcome_unknown=True)


def _safe_traceback(error: Exception) -> str:
    """Where it happened, without the message: messages quote values."""
    frames = traceback.extract_tb(error.__traceback__)
    lines = [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames]
    return "\n".join([*lines, type(error).__name__])


def conclude(run: Run, error: Exception) -> Status:
    """End the run that this error stopped."""
    failed = classify(error)
    run.failed_system = failed.system
    log.warning("sync_failed", extra={"record": run.record.pk, "kind": failed.kind, "code": failed.code})
    opened = bool(failed.system) and breaker.failed(
        system=failed.system, kind=failed.kind, reason=str(failed.params.get("reason", failed.code))
    )
    then = kind_row(failed.kind).then
    columns = {**run.columns, **_intents(run, failed)}
    if then is Then.PUT_BACK or (opened and then is Then.RETRY):
        return finish(run, _ending(failed, Outcome.PUT_BACK, columns))
    plan = failure_plan(run.record, failed.kind, failed.retry_after)
    if not opened:
        _mirror(run, plan, failed)
    columns |= {**failure_columns(plan, failed.kind, failed.fault), "mirror": run.record.mirror}
    return finish(run, _ending(failed, Outcome.FAILED, columns, plan))


def _ending(failed: Failed, outcome: Outcome, columns: Mapping[str, Any], plan: FailurePlan | None = None) -> Ending:
    notices: tuple[Tell, ...] = ()
    if plan is not None and (kind_row(failed.kind).tells_user or plan.status is Status.PERMANENTLY_FAILED):
        notices = (Tell("failed", {"kind": failed.kind, "fault": failed.fault, "status": plan.status.value}),)
    return Ending(
        event=plan.event if plan else None,
        outcome=outcome,
        columns=columns,
        kind=failed.kind,
        fault=failed.fault,
        traceback=failed.traceback,
        notices=notices if (plan is not None and plan.counted) or plan is None or not _repeats(plan) else (),
    )


def _repeats(plan: FailurePlan) -> bool:
    """An uncounted failure of a kind that retries has been told before."""
    return not plan.counted and plan.state.auto_reset_at is not None


def _intents(run: Run, failed: Failed) -> dict[str, Any]:
    """A refused write wrote nothing: its intents go. After a lost answer they stay for the next look."""
    if failed.outcome_unknown or not failed.system:
        return {}
    kept = [i for i in run.record.open_intents if i["phase"] == "answered" or i["side"] != failed.system]
    return {"open_intents": kept}


def _mirror(run: Run, plan: FailurePlan, failed: Failed) -> None:
    """Status and message for the people in EspoCRM; one PATCH, best effort, only if it says something new there."""
    if run.espo_read is None or not run.writes or (failed.system == "espocrm" and failed.kind == "transient"):
        return
    wanted = {
        "syncStatus": plan.status.value,
        "syncRetryCount": plan.state.count,
        "syncNextRetry": espo_time(plan.state.next_retry_at),
        "syncAutoResetAt": espo_time(plan.state.auto_reset_at),
        "syncErrorMessage": texts.for_espocrm(failed.kind, failed.fault),
        "betnr": run.record.betnr,
    }
    news = differing({**run.espo_read.attributes, **run.record.mirror}, wanted)
    if not news:
        return
    renew(run.lease)
    try:
        answer = run.clients.espocrm.patch(run.record.espo_id, news)
    except RemoteError as error:
        log.warning("failure_not_mirrored", extra={"record": run.record.pk, "kind": error.kind})
        return
    read = run.espo_read.version
    known = answer.version if read is not None and answer.version == read + 1 else None
    run.columns["version"] = known
    commit_answer(run, mirror={**run.record.mirror, **news})
