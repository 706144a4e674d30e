"""Which Beteiligter belongs to a record: following EspoCRM's betnr, relinking, refusing doubles.

Invariant: one betNr belongs to one record; one that is deleted in EspoCRM gives it up.
"""

from collections.abc import Mapping
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from syncapp.core.errors import ErrorKind
from syncapp.core.states import Event, Status
from syncapp.engine.notices import Tell
from syncapp.engine.run import Failed
from syncapp.engine.steps import Finished
from syncapp.entities.beteiligte.clients import Context
from syncapp.entities.beteiligte.parts import PARTS
from syncapp.models import Conflict, DeletionTask, StatusChange, SyncRecord

# What the record knows of one Beteiligter, and what becomes of it with another; the parts add their own.
FORGOTTEN: Mapping[str, Any] = {
    "base_espo": {},
    "base_advo": {},
    "base_versions": {},
    "row_id": "",
    "contacts_to_advoware": False,
    "open_intents": [],
    "superseded": [],
    "late_look_at": None,
    "decisions": {},
    "retry_count": 0,
    "next_retry_at": None,
    "auto_reset_at": None,
}


def forgotten() -> dict[str, Any]:
    """The columns of a record that is tied to another Beteiligter."""
    columns = dict(FORGOTTEN)
    for part in PARTS:
        columns |= part.forgotten
    return columns


def forget_parts(row: SyncRecord) -> None:
    """What the parts keep in tables of their own."""
    for part in PARTS:
        part.forget(row)


def holder_of(betnr: int, *, but: SyncRecord) -> SyncRecord | None:
    """The other record that has this betNr, if any."""
    return SyncRecord.objects.filter(betnr=betnr).exclude(pk=but.pk).first()


def claim_betnr(context: Context, betnr: int, **columns: Any) -> Finished | None:
    """Commit the link; finished where another record holds this betNr already."""
    try:
        with transaction.atomic():
            context.answered(betnr=betnr, **columns)
    except IntegrityError:
        other = holder_of(betnr, but=context.row)
        return Finished(duplicate_link(context.row, betnr, other.espo_id if other else ""))
    return None


def duplicate_link(row: SyncRecord, betnr: int, other: str) -> Failed:
    """Both records by their ids, for whoever has to decide."""
    params = {"betnr": betnr, "record": row.espo_id, "other": other}
    return Failed(ErrorKind.DUPLICATE_LINK, "duplicate_link", params)


def relink(context: Context, betnr: int) -> Finished | None:
    """Tie the record to another Beteiligter: everything known of the old one is forgotten.

    Finished where that one has just been given to another record.
    """
    row, before = context.row, context.row.betnr
    columns = {**forgotten(), "espocrm_status": {**row.espocrm_status, "betnr": betnr}}
    if before is not None and row.last_synced_at is None:
        columns["last_synced_at"] = timezone.now()  # whatever EspoCRM's stamps say, they say it of the other one
    release_betnr(betnr, but=row)
    with transaction.atomic():
        taken = claim_betnr(context, betnr, **columns)
        if taken is not None:
            return taken
        forget_parts(row)
        if before is not None:
            Conflict.objects.filter(record=row, open=True).update(open=False, decided_at=timezone.now())
            StatusChange.objects.create(
                record=row,
                before=Status.SYNCING,
                after=Status.SYNCING,
                event=Event.RELINKED,
                cause=f"betnr {before} → {betnr}",
            )
    return None


@transaction.atomic
def release_betnr(betnr: int, *, but: SyncRecord) -> None:
    """A record that is deleted in EspoCRM gives its betNr up."""
    gone = SyncRecord.objects.filter(betnr=betnr, status=Status.DELETED_IN_ESPOCRM).exclude(pk=but.pk)
    if gone.update(betnr=None):
        # In use again: nobody may be asked any more to delete it by hand.
        DeletionTask.objects.filter(betnr=betnr, done_at__isnull=True).delete()


def forget_in_memory(row: SyncRecord) -> None:
    """The same in a copy of the row that nobody saves: for a preview."""
    for name, value in forgotten().items():
        setattr(row, name, value)


def conflict_notices(new: Mapping[str, bool]) -> tuple[Tell, ...]:
    """One notice for the fields where a value was replaced, one for those that want a decision.

    new: fields whose conflict this run has logged; True where it is open.
    """
    told = (("conflict_settled", False), ("conflict_open", True))
    return tuple(
        Tell(event, {"fields": sorted(fields)})
        for event, is_open in told
        if (fields := [name for name, value in new.items() if value is is_open])
    )
