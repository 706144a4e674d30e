"""What an error means for the record, the breaker and the people.

Invariant: intents stay as the last write left them. Where the connection is at fault, or a breaker opens, the record
goes back to what it was and no retry is used up.
To extend: a new kind is a row of core/errors.py and a text in syncapp/words/sentences.py.
"""

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from rq.timeouts import BaseTimeoutException

from syncapp.core.errors import ErrorKind, Opens, Then, kind_row
from syncapp.core.retry import FailurePlan
from syncapp.core.states import Status
from syncapp.core.tracebacks import without_values
from syncapp.engine import breaker
from syncapp.engine.notices import Tell
from syncapp.engine.results import Ending, failure_columns, failure_plan, finish, finish_at_least
from syncapp.engine.run import Run, Stop
from syncapp.entities.beteiligte.apply import espo_time
from syncapp.entities.beteiligte.espocrm_status import espocrm_status
from syncapp.entities.beteiligte.parts.kommunikation import notices_of
from syncapp.models import Outcome
from syncapp.remotes.http.errors import RemoteError, Transient
from syncapp.words import sentences

log = logging.getLogger("advosync.sync")


@dataclass(frozen=True, slots=True)
class Failed:
    """An error as the record will show it. `params` hold field names, numbers and reasons, of values a contact point's
    alone, which the history and notices do without (`sentences.impersonal`)."""

    kind: str
    code: str
    params: Mapping[str, Any] = field(default_factory=dict)
    system: str = ""
    retry_after: float | None = None
    traceback: str = ""

    @property
    def fault(self) -> dict[str, Any]:
        return {"code": self.code, "params": dict(self.params)}


def classify(error: Exception) -> Failed:
    """Every exception has a kind; what nobody foresaw is a bug with its traceback (without values)."""
    if isinstance(error, Stop):
        cause = error.__cause__
        system = cause.system if isinstance(cause, RemoteError) else ""
        return Failed(error.kind, error.code, error.params, system, _retry_after(cause))
    if isinstance(error, RemoteError):
        params = {
            "system": error.system,
            "operation": error.operation,
            "status": error.status,
            "reason": error.reason,
            "hint": error.hint,
        }
        kind = ErrorKind.VALIDATION if error.kind == ErrorKind.NOT_FOUND else error.kind
        return Failed(kind, f"remote_{error.kind}", params, error.system, _retry_after(error))
    if isinstance(error, BaseTimeoutException):
        return Failed(ErrorKind.TRANSIENT, "job_timeout")
    return Failed(ErrorKind.BUG, "bug", {"error": type(error).__name__}, traceback=without_values(error))


def _retry_after(error: BaseException | None) -> float | None:
    """The time that the remote system named, also where the run ends with a word of its own about the failure."""
    return error.retry_after if isinstance(error, Transient) else None


def conclude(run: Run, error: Exception) -> Status:
    """End the run that this error stopped."""
    failed = classify(error)
    row = kind_row(failed.kind)
    run.failed_system = failed.system if row.opens is not Opens.NOTHING else ""
    log.warning("sync_failed", extra={"record": run.record.pk, "kind": failed.kind, "code": failed.code})
    opened = bool(failed.system) and breaker.failed(
        system=failed.system, kind=failed.kind, reason=str(failed.params.get("reason", failed.code))
    )
    if row.then is Then.PUT_BACK or (opened and row.then is Then.RETRY):
        return finish(run, _ending(run, failed, None))
    plan = failure_plan(run.record, failed.kind, failed.retry_after)
    if not (failed.system == "espocrm" and failed.kind == ErrorKind.TRANSIENT):
        _show_in_espocrm(run, plan, failed)
    return finish(run, _ending(run, failed, plan))


def conclude_at_least(run: Run, error: Exception) -> Status:
    """End a run whose own ending failed: with our own words alone, so that whatever came from outside can do no harm.

    What was proved by answers is committed already; the rest is found by the next run, as after a crash.
    """
    failed = classify(error)
    if not isinstance(error, BaseTimeoutException):
        failed = Failed(ErrorKind.BUG, "bug", {"error": type(error).__name__}, traceback=without_values(error))
    log.error("ending_failed", extra={"record": run.record.pk, "error": type(error).__name__, "at": failed.traceback})
    plan = failure_plan(run.record, failed.kind, None)
    columns = failure_columns(plan, failed.kind, failed.fault)
    ending = Ending(plan.event, Outcome.FAILED, columns, kind=failed.kind, fault=failed.fault)
    return finish_at_least(run, replace(ending, traceback=failed.traceback))


def _ending(run: Run, failed: Failed, plan: FailurePlan | None) -> Ending:
    """Without a plan the record is put back as it was."""
    return Ending(
        event=plan.event if plan else None,
        outcome=Outcome.FAILED if plan else Outcome.PUT_BACK,
        columns=run.columns | (failure_columns(plan, failed.kind, failed.fault) if plan else {}),
        kind=failed.kind,
        fault=failed.fault,
        traceback=failed.traceback,
        notices=(_notices(run, failed, plan) if plan else ()) + notices_of(run),
    )


def _notices(run: Run, failed: Failed, plan: FailurePlan) -> tuple[Tell, ...]:
    """Told once: not again of the same fault, nor of a record that an edit tried once more in vain."""
    used_up = plan.status is Status.PERMANENTLY_FAILED and plan.counted
    new = (run.record.kind, run.record.fault) != (failed.kind, failed.fault)
    if not used_up and not (kind_row(failed.kind).tells_user and new):
        return ()
    told = {"kind": failed.kind, "fault": sentences.impersonal(failed.fault), "status": plan.status.value}
    return (Tell("failed", told),)


def _show_in_espocrm(run: Run, plan: FailurePlan, failed: Failed) -> None:
    """Status and message for the people in EspoCRM, and a betNr that it does not have yet."""
    wanted = {
        "syncStatus": plan.status.value,
        "syncRetryCount": plan.state.count,
        "syncNextRetry": espo_time(plan.state.next_retry_at),
        "syncAutoResetAt": espo_time(plan.state.auto_reset_at),
        "syncErrorMessage": sentences.for_espocrm(failed.kind, failed.fault).strip(),
    }
    if run.espo_read is not None and run.espo_read.attributes.get("betnr") is None:
        wanted["betnr"] = run.record.betnr
    espocrm_status(run, wanted)
