"""EspoCRM's own status fields apart from a success: what people there see of a run that goes on, or has failed.

Invariant: one PATCH, best effort, only if it says something new, and never where a lost answer still has to be proved
by EspoCRM's version. A run that succeeds sends the same attributes with its data (write_espocrm.py).
"""

import logging
from collections.abc import Mapping

from syncapp.core.beteiligte.field_table import FieldMap
from syncapp.core.beteiligte.no_base import touched_in_espocrm
from syncapp.core.faults.errors import ErrorKind
from syncapp.core.faults.retry import FailurePlan
from syncapp.core.sides import Side
from syncapp.core.states import Status
from syncapp.engine import breaker
from syncapp.engine.runs.run import Failed, RunLog
from syncapp.engine.runs.steps import ReadAgain
from syncapp.entities.beteiligte.clients import Context
from syncapp.entities.beteiligte.probes import remote_metadata
from syncapp.entities.beteiligte.snapshot import Reading, espocrm_side
from syncapp.entities.beteiligte.writing.messages import failure_message
from syncapp.entities.beteiligte.writing.write_espocrm import (
    differing,
    moved_meanwhile,
    note_answer,
    patch_tolerantly,
    status_marks,
)
from syncapp.entities.beteiligte.writing.writes import awaits_proof
from syncapp.remotes.espocrm.client import EspoEntity
from syncapp.remotes.espocrm.times import spelled_time
from syncapp.remotes.http.errors import Invalid, NotFound, RemoteError, VersionConflict

log = logging.getLogger("advosync.sync")


def may_tell(context: Context, run_log: RunLog) -> bool:
    """Whether people in EspoCRM can be told what this run has found."""
    return run_log.may_write(context) and not context.is_held(Side.espocrm)


def at_a_rest(context: Context, *, told: bool) -> dict[str, int]:
    """The columns of a record at which no run begins by itself any more. Who has not been told is told by the look
    that follows once the switches are others (sweep_steps.py)."""
    return {"deferred_epoch": 0} if told else context.set_aside


def show_failure(context: Context, run_log: RunLog, failed: Failed, plan: FailurePlan) -> None:
    """Status and message for the people in EspoCRM, and a betNr that it does not have yet."""
    if plan.status is Status.FAILED and plan.state.next_retry_at is None:
        run_log.columns |= at_a_rest(context, told=may_tell(context, run_log))
    if failed.system == Side.espocrm and failed.kind == ErrorKind.TRANSIENT:
        return
    wanted = status_marks(plan.status, plan.state, failure_message(failed.kind, failed.fault))
    if run_log.shown and run_log.shown[-1].attributes.get("betnr") is None:
        wanted["betnr"] = context.row.betnr
    show(context, run_log, wanted)


def show(context: Context, run_log: RunLog, wanted: Mapping[str, object]) -> None:
    """Show `wanted` in EspoCRM; what that proves goes to the columns of the run's log."""
    shown: EspoEntity | None = run_log.shown[-1] if run_log.shown else None
    row = context.row
    if shown is None or not may_tell(context, run_log) or awaits_proof(row, Side.espocrm):
        return
    marks = differing(shown.attributes, wanted)
    if not marks or breaker.any_open(systems=[Side.espocrm]):
        return
    context.renew(espo_touched=_touched(context, shown))
    try:
        answer = patch_tolerantly(context, run_log, data={}, marks=marks, version=None)
    except RemoteError as error:
        log.warning("status_not_shown", extra={"record": row.pk, "kind": error.kind})
        return
    if answer is None:
        return
    alone = shown.version is not None and answer.version == shown.version + 1
    if shown.version is not None and not alone:
        run_log.columns["espo_touched"] = True  # somebody edited it while we were at work
    run_log.columns["version"] = answer.version if alone else None
    if alone:
        # What the sweep will find there is what this run has read, and our own word on it: no news.
        run_log.columns["list_seen"] = state_of(answer, context.tools.field_map)
    if alone and row.contacts_marker == str(shown.version):
        run_log.columns["contacts_marker"] = str(answer.version)


def show_syncing(context: Context, run_log: RunLog, reading: Reading) -> EspoEntity | ReadAgain:
    """Where the firm wants to see `syncing` in EspoCRM: one more PATCH at the start of a run."""
    espo = reading.espo
    marks = differing(espo.attributes, {"syncStatus": Status.SYNCING.value})
    if not marks or awaits_proof(context.row, Side.espocrm):
        return espo
    if context.stand_in is not None:
        return ReadAgain()
    context.renew(espo_touched=_touched(context, espo))
    try:
        answer = context.tools.clients.espocrm.patch(context.row.espo_id, marks, version=espo.version)
    except (VersionConflict, NotFound):
        return ReadAgain()
    except Invalid:
        run_log.report("bookkeeping_refused", field="syncStatus")
        return espo
    note_answer(context, run_log, answer, marks)
    if moved_meanwhile(reading, answer, (), context.tools.field_map.read_espo(answer.attributes)):
        return ReadAgain()
    shown = EspoEntity(answer.id, {**espo.attributes, **answer.attributes})
    if context.row.contacts_marker == espo.marker:
        context.row.contacts_marker = shown.marker or ""
    return shown


def _touched(context: Context, shown: EspoEntity) -> bool | None:
    """What the PATCH of a status is about to hide: whether EspoCRM's record was edited since the last sync."""
    espo = espocrm_side(shown, context.tools.field_map)
    return touched_in_espocrm(espo, before=context.row.espo_touched, own_user_id=_own_user_id(context))


def _own_user_id(context: Context) -> str | None:
    try:
        return remote_metadata.own_user_id(espocrm=context.tools.clients.espocrm)
    except RemoteError:
        return None


def state_of(row: EspoEntity, field_map: FieldMap) -> dict[str, object]:
    """What makes this state of the row unlike another."""
    return {
        "version": row.version,
        "modified": spelled_time(row.modified_at),
        "status": row.attributes.get("syncStatus"),
        "values": dict(field_map.read_espo(row.attributes)),
    }
