"""Gone on one side: deleted in EspoCRM, vanished in Advoware, or back again.

Invariant: nothing is deleted on the other side, here or anywhere. What a person has to do in Advoware becomes an open
task; many such verdicts at once are stopped by the guard like any other mass change.
"""

from typing import Any

from django.db import transaction

from syncapp.core.guards import Sort
from syncapp.core.requests import Source, Trigger
from syncapp.core.states import Event, Status
from syncapp.engine import breaker, guards
from syncapp.engine.lease import lock_row
from syncapp.engine.notices import Tell
from syncapp.engine.requests import request_sync
from syncapp.engine.results import RESTING, Ending, finish
from syncapp.engine.run import Clients, GoneInEspocrm, Run
from syncapp.entities.beteiligte import claims
from syncapp.entities.beteiligte.espocrm_status import espocrm_status
from syncapp.entities.beteiligte.read import read_espocrm
from syncapp.models import DeletionTask, InboxElement, Outcome, Result, SyncRecord
from syncapp.remotes.http.errors import RemoteError
from syncapp.words import sentences


def in_espocrm(run: Run) -> Status:
    """Deleted there, confirmed by a GET: a task for the hands, or nothing at all if the record was never known."""
    record = run.record
    if _never_known(record):
        return _forget(run)
    guards.admit(run, sort=Sort.REMOVALS, number=1)
    run.verdict = "deleted_in_espocrm"
    columns: dict[str, Any] = {**RESTING, "espocrm_status": {}}
    betnr = record.betnr
    # Merged into another record, which shows the number already: there is nothing to delete by hand.
    in_use = claims.claimant(record, run.clients.espocrm) is not None
    with transaction.atomic():
        ending = Ending(
            event=Event.GONE_IN_ESPOCRM,
            outcome=Outcome.GONE,
            columns=columns | ({"betnr": None} if in_use else {}),
            completes=True,
            notices=() if in_use else _task(record),
        )
        status = finish(run, ending)
        if betnr is not None:
            claims.look_again_at_refused(betnr)
        return status


def _task(record: SyncRecord) -> tuple[Tell, ...]:
    """The task to delete the Beteiligter by hand, once; the notice that goes with it."""
    maybe_created = record.create_intent is not None
    has_task = DeletionTask.objects.filter(espo_id=record.espo_id, betnr=record.betnr, done_at__isnull=True).exists()
    if has_task or not (record.linked or maybe_created):
        return ()
    DeletionTask.objects.create(
        record=record, espo_id=record.espo_id, betnr=record.betnr, assigned_user_id=record.assigned_user_id
    )
    return (Tell("deleted_in_espocrm", {"betnr": record.betnr}, record_exists=False),)


def _never_known(record: SyncRecord) -> bool:
    """Only a webhook has ever named it: EspoCRM has never shown it to us."""
    return record.betnr is None and record.espo_created_at is None and record.create_intent is None


def _forget(run: Run) -> Status:
    """An id that EspoCRM does not know: the elements are closed and no record, task or history remains."""
    with transaction.atomic():
        record = lock_row(run.lease)
        if record.requested > run.lease.seen:
            # Named again while we looked: it may exist by now.
            return finish(run, Ending(event=None, outcome=Outcome.GONE))
        InboxElement.objects.filter(record=record).update(result=Result.UNKNOWN)
        record.delete()
    return Status.DELETED_IN_ESPOCRM


def in_advoware(run: Run) -> Status:
    """Gone there while another number is readable: the user is told, nothing more until somebody relinks or resets."""
    guards.admit(run, sort=Sort.REMOVALS, number=1)
    run.verdict = "deleted_in_advoware"
    params = {"betnr": run.record.betnr}
    shown = {
        "syncStatus": Status.DELETED_IN_ADVOWARE.value,
        "syncRetryCount": 0,
        "syncNextRetry": None,
        "syncAutoResetAt": None,
        "syncErrorMessage": sentences.notice_text("deleted_in_advoware", params),
    }
    espocrm_status(run, shown)
    ending = Ending(
        event=Event.GONE_IN_ADVOWARE,
        outcome=Outcome.GONE,
        columns={**RESTING, **run.columns},
        completes=True,
        notices=(Tell("deleted_in_advoware", params),),
    )
    return finish(run, ending)


def look_for_restored(record: SyncRecord, *, clients: Clients) -> None:
    """A record that counts as deleted and was asked for: one GET tells whether somebody has restored it."""
    if record.status != Status.DELETED_IN_ESPOCRM or record.requested <= record.completed:
        return
    try:
        read_espocrm(clients, record.espo_id)
    except GoneInEspocrm:
        SyncRecord.objects.filter(pk=record.pk, requested=record.requested).update(completed=record.requested)
        return
    except RemoteError as error:
        breaker.failed(system=error.system, kind=error.kind, reason=error.reason)
        return  # not known yet: the dispatcher asks again
    with transaction.atomic():
        for task in DeletionTask.objects.filter(espo_id=record.espo_id, betnr__isnull=False, done_at__isnull=True):
            claims.withdraw_deletions(task.betnr or 0, used_by=record.espo_id)
        DeletionTask.objects.filter(espo_id=record.espo_id, done_at__isnull=True).delete()
        request_sync(
            SyncRecord,
            record_id=record.pk,
            event=Event.RESTORED,
            trigger=Trigger.SYNC_CHECK,
            source=Source.WEBHOOK,
            cause="restored",
        )
