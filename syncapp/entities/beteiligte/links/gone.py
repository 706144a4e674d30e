"""Gone on one side: deleted in EspoCRM, vanished in Advoware, or back again.

Invariant: nothing is deleted on the other side, here or anywhere. What a person has to do in Advoware becomes an open
task, and what runs had asked is closed: none would carry an answer, and one that comes later asks anew. Many such
verdicts at once are stopped by the guard like any other mass change.
"""

from collections.abc import Iterable
from datetime import UTC, datetime
from functools import partial

from django.db import transaction
from django.utils import timezone

from syncapp.core.guards import GuardKind
from syncapp.core.requests import Source
from syncapp.core.sides import Side
from syncapp.core.states import Event, Status
from syncapp.engine import guards
from syncapp.engine.rows.notices import Tell
from syncapp.engine.rows.requests import RESTING, request_sync
from syncapp.engine.runs.run import RunLog
from syncapp.engine.runs.steps import Finished, RunResult
from syncapp.entities.beteiligte import conflicts
from syncapp.entities.beteiligte.clients import Clients, Context
from syncapp.entities.beteiligte.links import claims
from syncapp.entities.beteiligte.probes import neutral
from syncapp.entities.beteiligte.writing.espocrm_status import at_a_rest, may_tell, show
from syncapp.entities.beteiligte.writing.messages import gone_message
from syncapp.entities.beteiligte.writing.write_espocrm import status_marks
from syncapp.models import ChildCase, DeletionTask, Outcome, SyncRecord
from syncapp.remotes.http.errors import NotFound, RemoteError

_EVENTS = {Side.espocrm: "deleted_in_espocrm", Side.advoware: "deleted_in_advoware"}
# Where a run has found both sides, or EspoCRM shows again what was deleted.
_THERE = (Event.EQUAL, Event.HELD, Event.LEFT_OVER, Event.RESTORED)
# Since when a notice counts; who resets what is gone in Advoware is answered once more.
_TOLD_SINCE = {Side.espocrm: _THERE, Side.advoware: (*_THERE, Event.RESET)}


def verdict(context: Context, log: RunLog, side: Side) -> Finished:
    """How a run ends whose record is gone on that side."""
    if side is Side.espocrm and _never_known(context.row):
        # Only a webhook has ever named it: no record, task or history remains.
        return Finished(RunResult(event=Event.GONE_IN_ESPOCRM, outcome=Outcome.GONE, forget=True))
    # Also where nothing is written, the first time: the task that it becomes is for somebody's hands.
    is_news = _latest_outcome(context.row) != Outcome.GONE
    number = 0 if _is_told(context.row, side) else 1
    blocked = guards.admit(context, log, sort=GuardKind.REMOVALS, number=number, planned_too=is_news)
    if blocked is not None:
        return Finished(blocked)
    return Finished(_in_espocrm(context, log) if side is Side.espocrm else _in_advoware(context, log))


def _latest_outcome(row: SyncRecord) -> str | None:
    return row.past("attempts").order_by("-pk").values_list("outcome", flat=True).first()


def _in_espocrm(context: Context, log: RunLog) -> RunResult:
    """Deleted there, confirmed by a GET: a task for the hands."""
    row = context.row
    # Merged into another record, which shows the number already: there is nothing to delete by hand.
    in_use = claims.claimant(row, context.tools.clients.espocrm) is not None
    wanted, told = (False, False) if in_use else _task_and_notice(row)
    aside = at_a_rest(context, told=log.may_write(context))
    return RunResult(
        event=Event.GONE_IN_ESPOCRM,
        outcome=Outcome.GONE,
        columns={**RESTING, **aside, "espocrm_status": {}, **({"betnr": None} if in_use else {})},
        completes=True,
        notices=(Tell("deleted_in_espocrm", {"betnr": row.betnr}, record_exists=False),) if told else (),
        verdict=Status.DELETED_IN_ESPOCRM,
        along=(partial(_close_questions, row), *((partial(_make_task, row),) if wanted else ())),
        afterwards=(partial(claims.look_again_at_refused, row.betnr),) if row.linked else (),
    )


def _task_and_notice(row: SyncRecord) -> tuple[bool, bool]:
    """Whether to make the task, once and only where there is or may be something to delete; and whether to tell of it.

    What a run has found that was to tell nobody has made the task already; somebody may have done it by now.
    """
    tasks = DeletionTask.objects.filter(espo_id=row.espo_id, betnr=row.betnr)
    done = tasks.filter(done_at__gt=_latest(row, _THERE), used_by="")
    is_open = tasks.filter(done_at__isnull=True).exists()
    wanted = not is_open and (row.linked or row.create_intent is not None) and not done.exists()
    return wanted, wanted or (is_open and not _is_told(row, Side.espocrm))


def _is_told(row: SyncRecord, side: Side) -> bool:
    """Whether a notice says so of this number since it was last there: once, however often it is found."""
    notices = row.past("notices").filter(event=_EVENTS[side], created_at__gt=_latest(row, _TOLD_SINCE[side]))
    return any(params.get("betnr") == row.betnr for params in notices.values_list("params", flat=True))


def _latest(row: SyncRecord, events: Iterable[Event]) -> datetime:
    times = row.past("status_changes").filter(event__in=events).order_by("-at").values_list("at", flat=True)
    return times.first() or datetime.min.replace(tzinfo=UTC)


def _close_questions(row: SyncRecord) -> None:
    """What nobody has decided or done so far."""
    conflicts.close_unanswered(row)
    ChildCase.objects.filter(record=row, closed_at=None, done_at=None).update(closed_at=timezone.now())


def _make_task(row: SyncRecord) -> None:
    DeletionTask.objects.create(record=row, espo_id=row.espo_id, betnr=row.betnr, assigned_user_id=row.assigned_user_id)


def _never_known(row: SyncRecord) -> bool:
    """EspoCRM has never shown it to us."""
    return row.betnr is None and row.espo_created_at is None and row.create_intent is None


def _in_advoware(context: Context, log: RunLog) -> RunResult:
    """Gone there while another number is readable: the user is told, nothing more until somebody relinks or resets."""
    params, told = {"betnr": context.row.betnr}, may_tell(context, log)
    show(context, log, status_marks(Status.DELETED_IN_ADVOWARE, message=gone_message(params)))
    return RunResult(
        event=Event.GONE_IN_ADVOWARE,
        outcome=Outcome.GONE,
        columns={**RESTING, **at_a_rest(context, told=told), **log.columns_seen},
        completes=True,
        notices=() if not told or _is_told(context.row, Side.advoware) else (Tell("deleted_in_advoware", params),),
        verdict=Status.DELETED_IN_ADVOWARE,
        along=(partial(_close_questions, context.row),),
    )


def look_for_restored(row: SyncRecord, *, clients: Clients) -> None:
    """A record that counts as deleted and was asked for: one GET tells whether somebody has restored it."""
    if row.status != Status.DELETED_IN_ESPOCRM or row.requested <= row.completed:
        return
    try:
        clients.espocrm.get(row.espo_id)
    except NotFound:
        SyncRecord.objects.filter(pk=row.pk, requested=row.requested).update(completed=row.requested)
        return
    except RemoteError as error:
        neutral.count_failure(error, clients)
        return  # not known yet: the dispatcher asks again
    with transaction.atomic():
        for task in DeletionTask.objects.filter(espo_id=row.espo_id, betnr__isnull=False, done_at__isnull=True):
            claims.withdraw_deletions(task.betnr or 0, used_by=row.espo_id)
        DeletionTask.objects.filter(espo_id=row.espo_id, done_at__isnull=True).delete()
        request_sync(
            SyncRecord,
            record_id=row.pk,
            event=Event.RESTORED,
            source=Source.WEBHOOK,
            cause="restored",
        )
