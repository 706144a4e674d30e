"""The lease: the right to write for one record, as conditional updates of its row.

Invariant: every write of a run names the record, the fence and the token; a count other than one means that somebody
else has the record, and the run stops without writing anything more. `renew` comes before every remote write, in the
run's own flow. Expiry goes by the database's clock.

| step | condition | changes |
| --- | --- | --- |
| acquire | no lease or expired, and due | syncing, fence + 1, token, expiry; a dead holder's intents are superseded |
| renew | fence, token, not expired | expiry, the intents of the coming write |
| answered | fence, token | bases, rowId, intents, as the answer says |
| commit, put back | fence, token | outcome, lease cleared |
"""

import secrets
import socket
import threading
from dataclasses import dataclass
from datetime import timedelta
from os import getpid
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Case, F, QuerySet, Value, When
from django.db.models.functions import Now
from django.utils import timezone

from syncapp.core.status import Event, Status
from syncapp.models import Control, StatusChange, SyncRecord
from syncapp.services.due import runnable

LATE_LOOK = timedelta(minutes=15)
NO_LEASE: dict[str, Any] = {"lease_token": "", "lease_expires": None, "lease_holder": "", "lease_since": None}


class LeaseLost(Exception):
    """Somebody else holds the record now; this run must not write any more."""


@dataclass(frozen=True, slots=True)
class Lease:
    """A held lease. `seen` is the generation this run will have dealt with; `took_over` tells of a dead holder."""

    record_id: int
    fence: int
    token: str
    seen: int
    took_over: bool


def holder() -> str:
    """Host, process and thread, for the person who asks who holds a lock."""
    return f"{socket.gethostname()[:60]}:{getpid()}:{threading.get_ident() % 100000}"


def acquire(*, record_id: int, control: Control, forced: bool = False) -> tuple[Lease, SyncRecord] | None:
    """Take the lease if the record is due and free; the row as it is now, or None."""
    free_and_due = SyncRecord.objects.filter(runnable(control, forced=forced), pk=record_id)
    with transaction.atomic():
        record = free_and_due.select_for_update().first()
        if record is None:
            return None
        before, took_over = record.status, record.status == Status.SYNCING
        lease = Lease(record_id, record.fence + 1, secrets.token_hex(16), record.requested, took_over)
        changes = _taken(record, lease)
        if free_and_due.filter(fence=record.fence).update(**{**changes, **_by_database_clock(changes)}) != 1:
            return None
        for name, value in changes.items():
            setattr(record, name, value)
        cause = "took over an expired lease" if took_over else record.trigger
        StatusChange.objects.create(
            record=record, before=before, after=Status.SYNCING, event=Event.ACQUIRED, cause=cause
        )
    return lease, record


def _by_database_clock(changes: dict[str, Any]) -> dict[str, Any]:
    """The times of a lease, as all workers read them."""
    times = {"lease_expires": Now() + timedelta(seconds=settings.SYNC_LOCK_TTL_SECONDS), "lease_since": Now()}
    return times | ({"late_look_at": Now() + LATE_LOOK} if "late_look_at" in changes else {})


def _taken(record: SyncRecord, lease: Lease) -> dict[str, Any]:
    changes: dict[str, Any] = {
        "status": Status.SYNCING,
        "status_before": record.status_before if lease.took_over else record.status,
        "fence": lease.fence,
        "lease_token": lease.token,
        "lease_holder": holder(),
    }
    sent = [intent for intent in record.open_intents if intent.get("phase") == "sent"]
    if lease.took_over and sent:
        changes["superseded"] = [*record.superseded, *sent]
        changes["late_look_at"] = timezone.now() + LATE_LOOK
    return changes


def _held(lease: Lease) -> QuerySet[SyncRecord]:
    return SyncRecord.objects.filter(pk=lease.record_id, fence=lease.fence, lease_token=lease.token)


def renew(lease: Lease, **changes: Any) -> None:
    """Before every remote write: prolong the lease and commit what is about to be written (intents)."""
    renewed = (
        _held(lease)
        .filter(lease_expires__gt=Now())
        .update(lease_expires=Now() + timedelta(seconds=settings.SYNC_LOCK_TTL_SECONDS), **changes)
    )
    if renewed != 1:
        raise LeaseLost


def answered(lease: Lease, **changes: Any) -> None:
    """After every remote answer: commit what it proved. A lost lease asks for one more look by whoever holds it now."""
    if _held(lease).update(**changes) != 1:
        ask_again(lease)
        raise LeaseLost


def ask_again(lease: Lease) -> None:
    """A late answer of a run that lost its lease: the record needs another look."""
    at_rest = [Status.CLEAN, Status.CONFLICT]
    SyncRecord.objects.filter(pk=lease.record_id).update(
        requested=F("requested") + 1,
        status=Case(When(status__in=at_rest, then=Value(Status.DIRTY.value)), default=F("status")),
    )


def commit(lease: Lease, **changes: Any) -> None:
    """Write the outcome and give the lease back."""
    if _held(lease).update(**changes, **NO_LEASE, updated_at=timezone.now()) != 1:
        raise LeaseLost


def lock_row(lease: Lease) -> SyncRecord:
    """The row, locked for the closing transaction; `LeaseLost` if it belongs to another run."""
    record = _held(lease).select_for_update().first()
    if record is None:
        raise LeaseLost
    return record
