"""Asking for a sync: the generation grows and the status follows the table, in one transaction with its cause.

Invariant: `requested` never grows without the status being what the table says. Callers enqueue after the commit.
"""

from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from syncapp.core.status import Event, Status, next_status
from syncapp.models import StatusChange, SyncRecord
from syncapp.services.prepared import insert

# What only the run that holds the lease may change while there is one.
OF_THE_RUN = frozenset({"betnr", "create_intent", "base_espo", "base_advo", "open_intents"})
STARTS_OVER = frozenset({Event.RESET, Event.RESTORED, Event.DECIDED, Event.RELINKED})


def changes_of(record: SyncRecord, *, event: Event, trigger: str, source: str) -> dict[str, Any]:
    """The columns that a request changes; `record` is the row as locked by the caller."""
    status = next_status(Status(record.status), event, kind=record.kind, linked=record.linked)
    changes: dict[str, Any] = {
        "requested": F("requested") + 1,
        "status": status,
        "trigger": trigger,
        "source": source,
    }
    if status != record.status or record.dirty_since is None:
        changes["dirty_since"] = record.dirty_since or timezone.now()
    if event in STARTS_OVER:
        changes |= {"oscillation_confirmed_at": timezone.now()} if event is Event.RESET else {}
        changes |= {"kind": "", "fault": {}, "retry_count": 0, "next_retry_at": None, "auto_reset_at": None}
    return changes


@transaction.atomic
def request_sync(
    *, record_id: int, event: Event = Event.CHANGED, trigger: str, source: str, cause: str = "", **extra: Any
) -> bool:
    """Ask for a sync of one record; `extra` are columns to set with it.

    False if the record is not there any more, or if a run is at work on what `extra` would take from under it.
    """
    record = SyncRecord.objects.select_for_update().filter(pk=record_id).first()
    if record is None or (record.status == Status.SYNCING and extra.keys() & OF_THE_RUN):
        return False
    if event is Event.RESET and record.status == Status.SYNCING:
        event = Event.CHANGED  # a run holds it; the generation sees to one more
    changes = changes_of(record, event=event, trigger=trigger, source=source)
    SyncRecord.objects.filter(pk=record_id).update(**(changes | extra))
    log_change(record, after=str(changes["status"]), event=event, cause=cause or source)
    return True


def log_change(record: SyncRecord, *, after: str, event: Event, cause: str) -> None:
    """Write the step of the state machine, if it is one."""
    if after != record.status:
        insert(StatusChange(record=record, before=record.status, after=after, event=event, cause=cause[:200]))
