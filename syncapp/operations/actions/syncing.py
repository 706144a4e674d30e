"""Acts that ask for a run: at once, from scratch, or from one side.

Invariant: each raises the record's generation by one with its cause; the run itself decides what is carried.
"""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from syncapp.core.faults.errors import ErrorKind
from syncapp.core.requests import Override, Trigger
from syncapp.core.sides import Side
from syncapp.core.states import Event, Status
from syncapp.engine import control
from syncapp.engine.rows.requests import request_sync
from syncapp.models import Mode, SyncRecord
from syncapp.operations.actions.shapes import ActionBody, ActionContext, ActionRefused

# What only a look at Advoware can settle: asking again would answer nothing.
NEEDS_A_LINK = frozenset({ErrorKind.CREATE_OUTCOME_UNKNOWN, ErrorKind.NEEDS_CONFIRMATION})


def why_not_run(record: SyncRecord, now: datetime) -> str:
    """A run makes sense: nobody holds the record, EspoCRM has it, and nobody is asked “created or not?”."""
    if record.hold:
        return _("The record is held by hand. End that first.")
    if record.status == Status.DELETED_IN_ESPOCRM:
        return _("Deleted in EspoCRM: there is nothing left to sync.")
    if record.status == Status.FAILED and record.kind in NEEDS_A_LINK:
        return _("A person has to look first: choose “Link to betNr” or “Create after all”.")
    return ""


def writes_to_espocrm() -> bool:
    """Whether the mode lets anything be written there, be it by a person's order."""
    switches = control.switches()
    return switches.mode == Mode.LIVE and Side.espocrm not in switches.held_sides


def why_not_compare(record: SyncRecord, now: datetime) -> str:
    """Also that there are two sides to compare: whether Advoware has it again, only a plain run finds out."""
    if not (refusal := why_not_run(record, now)) and record.status == Status.DELETED_IN_ADVOWARE:
        return _("The record is gone in Advoware. Choose “Try again”, or link it to another betNr.")
    return refusal


def why_not_linked(record: SyncRecord, now: datetime) -> str:
    return why_not_compare(record, now) if record.linked else _("The record has no betNr yet.")


def request_run(
    record: SyncRecord, action_context: ActionContext, *, code: str, event: Event = Event.RESET, **columns: Any
) -> None:
    """One more run, whatever the waiting time; the count starts at zero."""
    trigger = columns.pop("trigger", Trigger.SYNC_CHECK)
    asked = request_sync(
        SyncRecord,
        record_id=record.pk,
        event=event,
        trigger=trigger,
        source=action_context.source,
        cause=action_context.cause(code),
        **columns,
    )
    if not asked:
        raise ActionRefused(_("The record is not there any more."))


def at_rest(record_id: int) -> SyncRecord:
    """The record, locked; ActionRefused while a run is at work, which would settle what somebody is deciding."""
    record = SyncRecord.objects.select_for_update().get(pk=record_id)
    if record.status == Status.SYNCING:
        raise ActionRefused(_("A run is at work on the record. Try again in a moment."))
    return record


def requesting_run(code: str, **columns: Any) -> ActionBody:
    """An act that only asks for a run, with these columns set."""

    @transaction.atomic
    def carry_out(record: SyncRecord, action_context: ActionContext) -> str:
        request_run(record, action_context, code=code, **columns)
        return _("sync requested")

    return carry_out


# The versions that let a run look away are forgotten, so that everything is read and compared.
resync = requesting_run("resync", version=None, list_seen={})
take_espocrm = requesting_run("everything_from_espocrm", override=Override.FROM_ESPOCRM)
take_advoware = requesting_run("everything_from_advoware", override=Override.FROM_ADVOWARE)
