"""Who may hold a betNr: following EspoCRM's, refusing doubles, giving a number up, looking again at what was refused.

Invariant: one betNr belongs to one record. It is never refused on what we remember of another record alone: EspoCRM is
asked first, since records are merged and relinked there, and their words reach us in any order. A refusal is looked at
again as soon as the number is given up; a task to delete a Beteiligter that is in use again is withdrawn, and said so.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone

from syncapp.core.faults.errors import ErrorKind
from syncapp.core.requests import Source
from syncapp.core.states import Event, Status
from syncapp.engine import job_queue
from syncapp.engine.rows.notices import Tell, queue_notices
from syncapp.engine.rows.prepared import Prepared
from syncapp.engine.rows.requests import request_sync
from syncapp.engine.runs.run import Failed
from syncapp.engine.runs.steps import Finished
from syncapp.entities.beteiligte import conflicts
from syncapp.entities.beteiligte.clients import Context
from syncapp.entities.beteiligte.parts import PARTS
from syncapp.models import DeletionTask, StatusChange, SyncRecord
from syncapp.remotes.espocrm.client import EspoClient, EspoEntity
from syncapp.remotes.http.errors import Forbidden, NotFound

# What the record knows of one Beteiligter, and what becomes of it with another; the parts add their own.
FORGOTTEN: Mapping[str, Any] = {
    "base_espo": {},
    "base_advo": {},
    "base_versions": {},
    "row_id": "",
    "contacts_to_advoware": False,
    "open_intents": [],
    "unconfirmed": False,
    "refused_values": {},
    "superseded": [],
    "late_look_at": None,
    "decisions": {},
    "override": "",  # ordered of that Beteiligter, before anybody had seen the other one
    "create_released": False,
    "retry_count": 0,
    "next_retry_at": None,
    "auto_reset_at": None,
}

HELD_BY_ANOTHER = Prepared(
    lambda betnr, espo_id: SyncRecord.objects.filter(betnr=betnr).exclude(espo_id=espo_id), "betnr", "espo_id"
)


def forgotten(record: SyncRecord, betnr: int | None, *, shown: int | None = None) -> dict[str, Any]:
    """The columns of a record that is tied to another Beteiligter, `betnr`. shown: the number that EspoCRM shows."""
    columns = dict(FORGOTTEN)
    for part in PARTS:
        columns |= part.forgotten
    if {record.betnr, shown} - {None, betnr} and record.last_synced_at is None:
        columns["last_synced_at"] = timezone.now()  # whatever EspoCRM's stamps say, they say it of the other one
    return columns


def duplicate_link(record: SyncRecord, betnr: int, other: str) -> Failed:
    """Both records by their ids, for whoever has to decide."""
    params = {"betnr": betnr, "record": record.espo_id, "other": other}
    return Failed(ErrorKind.DUPLICATE_LINK, "duplicate_link", params)


def refused(*, record: SyncRecord, betnr: int, espocrm: EspoClient) -> Failed | None:
    """Why the record may not have this betNr; one that has lost it in EspoCRM gives it up here too."""
    other = remembered_holder(record, betnr)
    if other is None:
        return None
    if holds(other, betnr, espocrm):
        return duplicate_link(record, betnr, other.espo_id)
    return take_from(other, betnr, to=record)


def take_from(other: SyncRecord, betnr: int, *, to: SyncRecord) -> Failed | None:
    """Take the number from `other`, which has lost it in EspoCRM; a passing failure while a run holds that record."""
    if give_up(other, betnr, to=to):
        return None
    return Failed(ErrorKind.TRANSIENT, "betnr_moves", {"betnr": betnr, "other": other.espo_id})


def remembered_holder(record: SyncRecord, betnr: int) -> SyncRecord | None:
    """The other record that holds this betNr as far as we know."""
    return HELD_BY_ANOTHER.first(betnr=betnr, espo_id=record.espo_id)


def holds(other: SyncRecord, betnr: int, espocrm: EspoClient) -> bool:
    """Whether it still does, by one GET. What EspoCRM does not let us see counts as held.

    Empty there is somebody's word only if it stood there before: a number that we could not tell EspoCRM is owed to it.
    """
    try:
        shown = espocrm.get(other.espo_id).attributes.get("betnr", betnr)
    except NotFound:
        return False
    except Forbidden:
        return True
    return shown == betnr or (shown is None and other.espocrm_status.get("betnr") != betnr)


def claimant(record: SyncRecord, espocrm: EspoClient) -> SyncRecord | None:
    """A record that was refused this one's betNr and still shows it in EspoCRM."""
    if record.betnr is None:
        return None
    return next((one for one in _refused(record.betnr) if _shows(one, record.betnr, espocrm)), None)


def _shows(record: SyncRecord, betnr: int, espocrm: EspoClient) -> bool:
    try:
        return espocrm.get(record.espo_id).attributes.get("betnr") == betnr
    except (NotFound, Forbidden):
        return False


def was_emptied(record: SyncRecord, espo: EspoEntity) -> bool:
    """Whether somebody took the betNr out of EspoCRM, where it stood."""
    shown = espo.attributes.get("betnr", record.betnr)
    return record.linked and shown is None and record.espocrm_status.get("betnr") == record.betnr


def claim_betnr(context: Context, betnr: int | None, **columns: Any) -> Finished | None:
    """Commit the link, or that there is none; finished where another record holds this betNr already."""
    try:
        with transaction.atomic():
            context.answered(betnr=betnr, **columns)
    except IntegrityError:
        other = remembered_holder(context.row, betnr or 0)
        return Finished(duplicate_link(context.row, betnr or 0, other.espo_id if other else ""))
    return None


def relink(context: Context, betnr: int | None, *, taken_from: SyncRecord | None = None) -> Finished | None:
    """Tie the record to another Beteiligter, or to none: everything known of the old one is forgotten.

    taken_from: a record that has lost the number in EspoCRM. Finished: that one is in a run, or another was quicker.
    """
    row, before = context.row, context.row.betnr
    if taken_from is not None and betnr is not None:
        busy = take_from(taken_from, betnr, to=row)
        if busy is not None:
            return Finished(busy)
    columns = {**forgotten(row, betnr), "espocrm_status": {**row.espocrm_status, "betnr": betnr}}
    with transaction.atomic():
        taken = claim_betnr(context, betnr, **columns)
        if taken is not None:
            return taken
        if before is not None or not row.is_of_first_run:
            forget_beteiligter(row, betnr, before=before)
        if before is not None:
            look_again_at_refused(before)
    return None


def forget_in_memory(row: SyncRecord, betnr: int | None) -> None:
    """The same in a copy of the row that nobody saves: for a preview."""
    for name, value in forgotten(row, betnr).items():
        setattr(row, name, value)


def forget_beteiligter(record: SyncRecord, betnr: int | None, *, before: int | None) -> None:
    """What is kept in other tables of a Beteiligter that the record is not tied to any more.

    before: the betNr that it was tied to. A step that changes no status tells of it: see `linked_anew_since`.
    """
    for part in PARTS:
        part.forget(record)
    conflicts.close_unanswered(record)
    if before not in (None, betnr):
        cause = f"betnr {before} → {betnr or '–'}"
        StatusChange.objects.create(
            record=record, before=record.status, after=record.status, event=Event.RELINKED, cause=cause
        )


def linked_anew_since(record: SyncRecord, moment: datetime) -> bool:
    """Whether the record has lost the Beteiligter that it was tied to then, be it to come back to it."""
    return record.status_changes.filter(event=Event.RELINKED, before=F("after"), at__gt=moment).exists()


@transaction.atomic
def give_up(other: SyncRecord, betnr: int, *, to: SyncRecord) -> bool:
    """EspoCRM has spoken, the number goes; the other's next run finds out what became of it. False: it is in a run."""
    columns = {**forgotten(other, None), "betnr": None, "espocrm_status": {**other.espocrm_status, "betnr": None}}
    if other.status == Status.DELETED_IN_ESPOCRM:
        if SyncRecord.objects.filter(pk=other.pk, betnr=betnr, status=other.status).update(**columns) != 1:
            return False
    elif not request_sync(
        SyncRecord,
        record_id=other.pk,
        event=Event.RELINKED,
        source=Source.WEBHOOK,
        cause=f"betnr {betnr} → {to.espo_id}",
        **columns,
    ):
        return False
    else:
        job_queue.enqueue_each([other.pk])
    forget_beteiligter(other, None, before=betnr)
    withdraw_deletions(betnr, used_by=to.espo_id)
    return True


def withdraw_deletions(betnr: int, *, used_by: str) -> None:
    """In use again: nobody may be asked any more to delete it by hand, and who has been asked is told."""
    for task in DeletionTask.objects.filter(betnr=betnr, done_at__isnull=True).select_related("record"):
        DeletionTask.objects.filter(pk=task.pk).update(done_at=timezone.now(), used_by=used_by)
        if task.record is not None:
            exists = task.espo_id == used_by
            told = Tell("deletion_withdrawn", {"betnr": betnr, "record": used_by}, record_exists=exists)
            queue_notices(record=task.record, notices=[told])


@transaction.atomic
def look_again_at_refused(betnr: int | None = None) -> int:
    """Ask for a run of every record that was refused a betNr (this one, or any) that no other living record holds now.

    Called where a number is given up, and by the sweep for what happened in between.
    """
    refused = _refused(betnr)
    holders = SyncRecord.objects.exclude(status=Status.DELETED_IN_ESPOCRM).filter(
        betnr__in={_refused_betnr(one) for one in refused}
    )
    held = {(holder.betnr, holder.pk) for holder in holders.only("betnr")}
    free = [one.pk for one in refused if not any(number == _refused_betnr(one) and pk != one.pk for number, pk in held)]
    for record_id in (
        SyncRecord.objects.select_for_update().filter(pk__in=free, status=Status.FAILED).values_list("pk", flat=True)
    ):
        request_sync(
            SyncRecord,
            record_id=record_id,
            event=Event.RELINKED,
            source=Source.SWEEP,
            cause="the betNr that it was refused is free",
        )
    job_queue.enqueue_each(free)
    return len(free)


def _refused(betnr: int | None) -> list[SyncRecord]:
    """Records that wait because another one holds the betNr (this one, or any) that EspoCRM shows for them."""
    waiting = SyncRecord.objects.filter(status=Status.FAILED, kind=ErrorKind.DUPLICATE_LINK, hold="")
    return [one for one in waiting if betnr in (None, _refused_betnr(one))]


def _refused_betnr(record: SyncRecord) -> int | None:
    number = (record.fault.get("params") or {}).get("betnr")
    return number if isinstance(number, int) else None
