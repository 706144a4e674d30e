"""Which Beteiligter belongs to a record: following EspoCRM's betnr, relinking, allowing creates.

Invariant: one betNr belongs to one record; a Beteiligter is created once, and only where nobody has to confirm it.
"""

from collections.abc import Collection, Mapping

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from syncapp.core.errors import ErrorKind
from syncapp.core.states import Event, Status
from syncapp.engine.notices import Tell
from syncapp.engine.run import Run, Stop
from syncapp.entities.beteiligte import claims
from syncapp.entities.beteiligte.apply import claim_betnr
from syncapp.entities.beteiligte.claims import FORGOTTEN
from syncapp.entities.beteiligte.read import Snapshot, both, read_advoware, relinked_to
from syncapp.models import StatusChange, SyncRecord

# By (set back soon after our write, waits for a decision).
NOTICES = {
    (False, False): "conflict_settled",
    (False, True): "conflict_open",
    (True, False): "set_back_settled",
    (True, True): "set_back_open",
}


def follow_link(run: Run, seen: Snapshot) -> Snapshot:
    """Take over the betNr that somebody has set in EspoCRM, and read that Beteiligter.

    One that somebody took away is written again, unless another record claims it: then it was taken away for that one.
    """
    theirs = relinked_to(run.record, seen)
    if theirs is None:
        return _give_way(run, seen) if claims.was_emptied(run.record, seen.espo) else seen
    claims.refuse_duplicate(record=run.record, betnr=theirs, espocrm=run.clients.espocrm)
    relink(run, theirs)
    advo = read_advoware(run.clients, run.record, theirs)
    return both(run, seen.espo, advo)


def _give_way(run: Run, seen: Snapshot) -> Snapshot:
    if claims.claimant(run.record, run.clients.espocrm) is None:
        return seen
    relink(run, None)
    return Snapshot(seen.espo, None, seen.espo_values, {})


def forget_link(record: SyncRecord) -> None:
    """The same in a copy of the row that nobody saves."""
    for name, value in FORGOTTEN.items():
        setattr(record, name, value)


def relink(run: Run, betnr: int | None) -> None:
    """Tie the record to another Beteiligter, or to none: everything known of the old one is forgotten."""
    before = run.record.betnr
    columns = {**FORGOTTEN, "espocrm_status": {**run.record.espocrm_status, "betnr": betnr}}
    if before is not None and run.record.last_synced_at is None:
        columns["last_synced_at"] = timezone.now()  # whatever EspoCRM's stamps say, they say it of the other one
    with transaction.atomic():
        claim_betnr(run, betnr, **columns)
        claims.forget_beteiligter(run.record)
        if before is not None:
            claims.look_again_at_refused(before)
            StatusChange.objects.create(
                record=run.record,
                before=Status.SYNCING,
                after=Status.SYNCING,
                event=Event.RELINKED,
                cause=f"betnr {before} → {betnr or '–'}",
            )


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


def conflict_notices(new: Mapping[str, bool], set_back: Collection[str]) -> tuple[Tell, ...]:
    """One notice for the fields where a value was replaced, one for those that want a decision.

    new: fields whose conflict this run has logged; True where it is open. set_back: those of them that show what was
    there before our write, which may be an old form: they are told as that.
    """
    told: dict[str, list[str]] = {}
    for name, is_open in sorted(new.items()):
        told.setdefault(NOTICES[name in set_back, is_open], []).append(name)
    return tuple(Tell(event, {"fields": fields}) for event, fields in told.items())


def records_url(record: SyncRecord) -> str:
    """Where a person finds the record in the admin."""
    return f"{settings.PUBLIC_URL.rstrip('/')}/admin/syncapp/syncrecord/{record.pk}/change/"
