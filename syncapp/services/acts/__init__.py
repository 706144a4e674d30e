"""What a person does to records, from the admin or the command line. One row an act, one log row each time.

    shapes     Act, Doing, Refused: the words of this package
    table      ACTS: every act on a record with its right, its explanation and its function
    syncing    run now, retry, reset, compare from scratch, everything from one side
    binding    create after all, link, unlink
    holding    pause, ignore, resume, release the lock
    conflicts  decide, restore
    tasks      deletions done by hand, cases
    others     acts on many conflicts or tasks
    many       one act on many records, in the background, with progress

Invariant: every act names who acts; nothing here calls a remote system inside a transaction; what cannot be done is
refused with a sentence that says what to do instead.
"""

from django.utils import timezone

from syncapp.models import SyncRecord
from syncapp.services import doorbell
from syncapp.services.acts.shapes import Act, Doing, Refused, log_act
from syncapp.services.acts.table import ACTS

__all__ = ["ACTS", "Act", "Doing", "Refused", "carry_out", "log_act", "perform"]


def perform(*, code: str, record: SyncRecord, doing: Doing) -> str:
    """One act on one record, with its log row, and the doorbell where a run is asked for. Raises Refused."""
    act = ACTS[code]
    result = carry_out(act, record=record, doing=doing)
    log_act(doing=doing, action=code, record=record, result=result)
    if act.rings:
        doorbell.ring_each([record.pk])
    return result


def carry_out(act: Act, *, record: SyncRecord, doing: Doing) -> str:
    """The act alone; the caller logs and rings."""
    refusal = act.fits(record, timezone.now())
    if refusal:
        raise Refused(refusal)
    return act.carry_out(record, doing)
