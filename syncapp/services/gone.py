"""Gone on one side: deleted in EspoCRM, vanished in Advoware, or back again.

Invariant: nothing is written to either system here. What a person has to do in Advoware becomes an open task.
"""

from typing import Any

from syncapp.clients.errors import RemoteError
from syncapp.core.status import Event, Status
from syncapp.models import DeletionTask, InboxElement, Outcome, Result, SyncRecord
from syncapp.services.conclude import RESTING, Ending, finish
from syncapp.services.lease import lock_row
from syncapp.services.look import read_espocrm
from syncapp.services.notices import Tell
from syncapp.services.request import request_sync
from syncapp.services.run import Clients, GoneInEspocrm, Run


def in_espocrm(run: Run) -> Status:
    """Deleted there, confirmed by a GET: a task for the hands, or nothing at all if the record was never known."""
    record = run.record
    if _never_known(record):
        return _forget(run)
    run.verdict = "deleted_in_espocrm"
    maybe_created = record.create_intent is not None
    has_task = DeletionTask.objects.filter(espo_id=record.espo_id, betnr=record.betnr, done_at__isnull=True).exists()
    notices: tuple[Tell, ...] = ()
    if (record.linked or maybe_created) and not has_task:
        DeletionTask.objects.create(
            record=record, espo_id=record.espo_id, betnr=record.betnr, assigned_user_id=record.assigned_user_id
        )
        notices = (Tell("deleted_in_espocrm", {"betnr": record.betnr}, record_exists=False),)
    columns: dict[str, Any] = {**RESTING, "mirror": {}}
    ending = Ending(event=Event.GONE_IN_ESPOCRM, outcome=Outcome.GONE, columns=columns, completes=True, notices=notices)
    return finish(run, ending)


def _never_known(record: SyncRecord) -> bool:
    """Only a webhook has ever named it: EspoCRM has never shown it to us."""
    return record.betnr is None and record.espo_created_at is None and record.create_intent is None


def _forget(run: Run) -> Status:
    """An id that EspoCRM does not know: the elements are closed and no record, task or history remains."""
    lock_row(run.lease)
    InboxElement.objects.filter(record=run.record).update(result=Result.UNKNOWN)
    SyncRecord.objects.filter(pk=run.record.pk, fence=run.lease.fence, lease_token=run.lease.token).delete()
    return Status.DELETED_IN_ESPOCRM


def in_advoware(run: Run) -> Status:
    """Gone there while another number is readable: the user is told, nothing more until somebody relinks or resets."""
    run.verdict = "deleted_in_advoware"
    notice = Tell("deleted_in_advoware", {"betnr": run.record.betnr})
    columns = {**RESTING, **run.columns}
    ending = Ending(
        event=Event.GONE_IN_ADVOWARE, outcome=Outcome.GONE, columns=columns, completes=True, notices=(notice,)
    )
    return finish(run, ending)


def look_for_restored(*, record_id: int, clients: Clients) -> None:
    """A record that counts as deleted and was asked for: one GET tells whether somebody has restored it."""
    asked = SyncRecord.objects.filter(pk=record_id, status=Status.DELETED_IN_ESPOCRM).first()
    if asked is None or asked.requested <= asked.completed:
        return
    try:
        read_espocrm(clients, asked.espo_id)
    except GoneInEspocrm:
        SyncRecord.objects.filter(pk=record_id, requested=asked.requested).update(completed=asked.requested)
        return
    except RemoteError:
        return
    DeletionTask.objects.filter(espo_id=asked.espo_id, done_at__isnull=True).delete()
    request_sync(record_id=record_id, event=Event.RESTORED, trigger="sync_check", source="webhook", cause="restored")
