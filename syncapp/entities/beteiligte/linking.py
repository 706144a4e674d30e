"""Which Beteiligter belongs to a record: following EspoCRM's betnr, relinking, refusing doubles, allowing creates.

Invariant: one betNr belongs to one record; a Beteiligter is created once, and only where nobody has to confirm it.
"""

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from syncapp.core.errors import ErrorKind
from syncapp.core.states import Event, Status
from syncapp.engine.notices import Tell
from syncapp.engine.run import Run, Stop
from syncapp.entities.beteiligte.apply import claim_betnr, duplicate_link
from syncapp.entities.beteiligte.read import Snapshot, both, read_advoware, relinked_to
from syncapp.models import Conflict, DeletionTask, StatusChange, SyncRecord

FORGOTTEN: dict[str, Any] = {
    "base_espo": {},
    "base_advo": {},
    "base_versions": {},
    "row_id": "",
    "kommunikation_hash": "",
    "contacts_marker": "",
    "contacts_to_advoware": False,
    "open_intents": [],
    "superseded": [],
    "late_look_at": None,
    "decisions": {},
    "retry_count": 0,
    "next_retry_at": None,
    "auto_reset_at": None,
}


def follow_link(run: Run, seen: Snapshot) -> Snapshot:
    """Take over the betNr that somebody has set in EspoCRM, and read that Beteiligter."""
    theirs = relinked_to(run.record, seen)
    if theirs is None:
        return seen
    refuse_duplicate(record=run.record, betnr=theirs)
    relink(run, theirs)
    advo = read_advoware(run.clients, run.record, theirs)
    return both(run, seen.espo, advo)


def forget_link(record: SyncRecord) -> None:
    """The same in a copy of the row that nobody saves."""
    for name, value in FORGOTTEN.items():
        setattr(record, name, value)


def relink(run: Run, betnr: int) -> None:
    """Tie the record to another Beteiligter: everything known of the old one is forgotten."""
    before = run.record.betnr
    columns = {**FORGOTTEN, "espocrm_status": {**run.record.espocrm_status, "betnr": betnr}}
    if before is not None and run.record.last_synced_at is None:
        columns["last_synced_at"] = timezone.now()  # whatever EspoCRM's stamps say, they say it of the other one
    with transaction.atomic():
        claim_betnr(run, betnr, **columns)
        run.record.links.all().delete()
        if before is not None:
            Conflict.objects.filter(record=run.record, open=True).update(open=False, decided_at=timezone.now())
            StatusChange.objects.create(
                record=run.record,
                before=Status.SYNCING,
                after=Status.SYNCING,
                event=Event.RELINKED,
                cause=f"betnr {before} → {betnr}",
            )


def refuse_duplicate(*, record: SyncRecord, betnr: int) -> None:
    """Raise where another record holds this betNr; one that is deleted in EspoCRM gives it up."""
    other = SyncRecord.objects.filter(betnr=betnr).exclude(pk=record.pk).first()
    if other is None:
        return
    if other.status != Status.DELETED_IN_ESPOCRM:
        raise duplicate_link(record, betnr, other)
    with transaction.atomic():
        SyncRecord.objects.filter(pk=other.pk, status=Status.DELETED_IN_ESPOCRM).update(betnr=None)
        # In use again: nobody may be asked any more to delete it by hand.
        DeletionTask.objects.filter(betnr=betnr, done_at__isnull=True).delete()


def allow_create(run: Run, seen: Snapshot) -> None:
    """A create whose outcome is unknown is never repeated; an old record without betNr needs somebody's word."""
    record = run.record
    if record.create_intent is not None:
        raise Stop(ErrorKind.CREATE_OUTCOME_UNKNOWN, "create_outcome_unknown", {"since": record.create_intent["at"]})
    live_since = run.control.live_since
    created = seen.espo.created_at
    is_older = created is None or (live_since is not None and created < live_since.replace(microsecond=0))
    if run.writes and is_older and not record.create_released:
        raise Stop(
            ErrorKind.NEEDS_CONFIRMATION, "needs_confirmation", {"created": created.isoformat() if created else ""}
        )


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


def records_url(record: SyncRecord) -> str:
    """Where a person finds the record in the admin."""
    return f"{settings.PUBLIC_URL.rstrip('/')}/admin/syncapp/syncrecord/{record.pk}/change/"
