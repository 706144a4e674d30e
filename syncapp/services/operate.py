"""What a person does to records, from the admin or the command line. Each act is one function and one log row.

Invariant: every function names who acts; nothing here calls a remote system inside a transaction, and what has to be
looked at first (a betNr to link) is looked at before anything is changed.
"""

from django.db import transaction
from django.utils import timezone

from syncapp.clients.errors import NotFound, RemoteError
from syncapp.core.fields import Side
from syncapp.core.status import Event, Status
from syncapp.models import Conflict, DeletionTask, OperatorLog, SyncRecord
from syncapp.services import doorbell, facts
from syncapp.services.linking import FORGOTTEN, refuse_duplicate
from syncapp.services.request import request_sync
from syncapp.services.run import Clients, Stop


class Refused(Exception):
    """The act is not possible; the text says why and what to do instead."""


def log_act(*, actor: str, action: str, record: SyncRecord | None, reason: str = "", result: str = "") -> None:
    OperatorLog.objects.create(
        actor=actor,
        action=action,
        target=record.espo_id if record else "",
        record=record,
        reason=reason,
        result=result,
    )


@transaction.atomic
def sync_now(*, record: SyncRecord, actor: str, source: str = "person") -> None:
    """Ask for a run at once, whatever the waiting time; kinds that wait for a person are judged anew."""
    _reset(record, actor=actor, source=source, action="sync_now")


@transaction.atomic
def reset(*, record: SyncRecord, actor: str, reason: str = "") -> None:
    """Start over with a count of zero, from every status."""
    _reset(record, actor=actor, source="person", action="reset", reason=reason)


def _reset(record: SyncRecord, *, actor: str, source: str, action: str, reason: str = "") -> None:
    request_sync(
        record_id=record.pk, event=Event.RESET, trigger="sync_check", source=source, cause=f"{action}: {actor}"
    )
    log_act(actor=actor, action=action, record=record, reason=reason)
    doorbell.ring_each([record.pk])


@transaction.atomic
def take_everything_from(*, record: SyncRecord, side: Side, actor: str, reason: str = "") -> None:
    """One run in which every differing field comes from one side."""
    request_sync(
        record_id=record.pk,
        event=Event.RESET,
        trigger="sync_check",
        source="person",
        cause=f"everything from {side}: {actor}",
        override=f"everything_from_{side.value}",
    )
    log_act(actor=actor, action=f"everything_from_{side.value}", record=record, reason=reason)
    doorbell.ring_each([record.pk])


@transaction.atomic
def create_after_all(*, record: SyncRecord, actor: str, reason: str = "") -> None:
    """Allow the create: somebody has made sure that the Beteiligter does not exist in Advoware."""
    if record.betnr is not None:
        raise Refused(f"{record.espo_id} is linked to betNr {record.betnr} already: there is nothing to create.")
    request_sync(
        record_id=record.pk,
        event=Event.RESET,
        trigger="create",
        source="person",
        cause=f"create after all: {actor}",
        create_intent=None,
        create_released=True,
    )
    log_act(actor=actor, action="create_after_all", record=record, reason=reason)
    doorbell.ring_each([record.pk])


def link_to_betnr(*, record: SyncRecord, betnr: int, actor: str, clients: Clients, reason: str = "") -> None:
    """Tie the record to a Beteiligter that exists; the next run compares without a base."""
    try:
        clients.advoware.get(betnr)
        refuse_duplicate(record=record, betnr=betnr)
    except NotFound:
        raise Refused(f"Advoware has no betNr {betnr}. Check the number.") from None
    except RemoteError as error:
        raise Refused(f"Advoware cannot be asked at the moment ({error.reason}). Try again later.") from error
    except Stop as stop:
        raise Refused(f"betNr {betnr} already belongs to the EspoCRM record {stop.params['other']}.") from None
    with transaction.atomic():
        record.links.all().delete()
        request_sync(
            record_id=record.pk,
            event=Event.RELINKED,
            trigger="update",
            source="person",
            cause=f"linked to betNr {betnr}: {actor}",
            betnr=betnr,
            create_intent=None,
            kind="",
            fault={},
            **FORGOTTEN,
        )
        log_act(actor=actor, action="link", record=record, reason=reason, result=f"betNr {betnr}")
        doorbell.ring_each([record.pk])


@transaction.atomic
def mark_deletion_done(*, task: DeletionTask, actor: str, user_id: int | None = None) -> None:
    """Tick off a deletion that somebody has done by hand in Advoware."""
    done = DeletionTask.objects.filter(pk=task.pk, done_at__isnull=True).update(
        done_at=timezone.now(), done_by_id=user_id
    )
    if done != 1:
        raise Refused("This deletion was ticked off already.")
    log_act(actor=actor, action="deletion_done", record=task.record, result=f"betNr {task.betnr}")


@transaction.atomic
def resolve_conflict(*, conflict: Conflict, keep: Side, actor: str, user_id: int | None = None) -> None:
    """Decide an open conflict; the decision holds only for the values that were shown."""
    record = SyncRecord.objects.select_for_update().get(pk=conflict.record_id)
    if not conflict.open:
        raise Refused("This conflict has been settled already. Reload the page.")
    choice = {"keep": keep.value, "espo": conflict.espo, "advo": conflict.advo}
    event = Event.DECIDED if record.status == Status.CONFLICT else Event.CHANGED
    request_sync(
        record_id=record.pk,
        event=event,
        trigger="sync_check",
        source="person",
        cause=f"decided {conflict.field}: {actor}",
        decisions={**record.decisions, conflict.field: choice},
    )
    Conflict.objects.filter(pk=conflict.pk).update(
        open=False, kept=keep.value, decided_at=timezone.now(), decided_by_id=user_id
    )
    log_act(actor=actor, action="resolve_conflict", record=record, result=f"{conflict.field}: {keep.value}")
    doorbell.ring_each([record.pk])


def restore_lost(*, conflict: Conflict, actor: str, clients: Clients) -> None:
    """Write the value that lost into EspoCRM, from where the next run carries it like any edit."""
    if conflict.kept not in Side.__members__.values():
        raise Refused("No value lost here.")
    lost = conflict.advo if conflict.kept == Side.espocrm else conflict.espo
    attributes = facts.field_map().to_espo({conflict.field: lost})
    try:
        clients.espocrm.patch(conflict.record.espo_id, attributes)
    except RemoteError as error:
        raise Refused(f"EspoCRM did not take the value ({error.reason}).") from error
    Conflict.objects.filter(pk=conflict.pk).update(restored_at=timezone.now())
    sync_now(record=conflict.record, actor=actor)
