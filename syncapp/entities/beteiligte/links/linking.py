"""Which Beteiligter belongs to a record: following EspoCRM's betnr, relinking, committing a link.

Invariant: one betNr belongs to one record (claims.py says to which).
"""

from collections.abc import Mapping
from typing import Any

from django.db import IntegrityError, transaction

from syncapp.engine.runs.run import RunLog
from syncapp.engine.runs.steps import Finished
from syncapp.entities.beteiligte.clients import Context
from syncapp.entities.beteiligte.links import claims
from syncapp.models import SyncRecord

# By (set back soon after our write, waits for a decision).
NOTICES = {
    (False, False): "conflict_settled",
    (False, True): "conflict_open",
    (True, False): "set_back_settled",
    (True, True): "set_back_open",
}


def claim_betnr(context: Context, betnr: int | None, **columns: Any) -> Finished | None:
    """Commit the link, or that there is none; finished where another record holds this betNr already."""
    try:
        with transaction.atomic():
            context.answered(betnr=betnr, **columns)
    except IntegrityError:
        other = claims.remembered_holder(context.row, betnr or 0)
        return Finished(claims.duplicate_link(context.row, betnr or 0, other.espo_id if other else ""))
    return None


def relink(context: Context, betnr: int | None, *, taken_from: SyncRecord | None = None) -> Finished | None:
    """Tie the record to another Beteiligter, or to none: everything known of the old one is forgotten.

    taken_from: a record that has lost the number in EspoCRM. Finished: that one is in a run, or another was quicker.
    """
    row, before = context.row, context.row.betnr
    if taken_from is not None and betnr is not None:
        busy = claims.take_from(taken_from, betnr, to=row)
        if busy is not None:
            return Finished(busy)
    columns = {**claims.forgotten(row, betnr), "espocrm_status": {**row.espocrm_status, "betnr": betnr}}
    with transaction.atomic():
        taken = claim_betnr(context, betnr, **columns)
        if taken is not None:
            return taken
        if before is not None or not row.is_of_first_run:
            claims.forget_beteiligter(row, betnr, before=before)
        if before is not None:
            claims.look_again_at_refused(before)
    return None


def forget_in_memory(row: SyncRecord, betnr: int | None) -> None:
    """The same in a copy of the row that nobody saves: for a preview."""
    for name, value in claims.forgotten(row, betnr).items():
        setattr(row, name, value)


def tell_conflicts(log: RunLog, new: Mapping[str, bool]) -> None:
    """One notice for the fields where a value was replaced, by whichever side, one for those that want a decision.

    new: fields whose conflict this run has logged; True where it is open. Those that show what was there before our
    write, which may be an old form, are told as that.
    """
    for name, is_open in new.items():
        log.fields_told.setdefault(NOTICES[name in log.set_back, is_open], set()).add(name)
