"""The lease: the right to write for one record, as conditional updates of its row.

Invariant: every write of a run names the record, the fence and the token; a count other than one means that somebody
else has the record, and the run stops without writing anything more. `renew` comes before every remote write, in the
run's own flow. Expiry goes by the database's clock.

| step | condition | changes |
| --- | --- | --- |
| acquire | no lease or expired, due, as seen | syncing, fence + 1, token, expiry; unanswered intents are superseded |
| renew | fence, token, not expired | expiry, the intents of the coming write |
| answered | fence, token | what the answer proved (bases, versions), and the intents it settles |
| commit, put back | fence, token | outcome, lease cleared |
| keep runs away | no lease or expired | token, expiry, a late look: for a write that is no run's, whose status stays |
| let runs come | token | lease and late look cleared; a late look where that write was not answered |
"""

import secrets
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any, Generic, TypeVar

from django.conf import settings
from django.db import transaction
from django.db.models import Case, F, QuerySet, Value, When
from django.db.models.functions import Coalesce, Now
from django.utils import timezone

from syncapp.core.intents import Intent
from syncapp.core.requests import Override
from syncapp.core.states import AT_REST, Event, Status
from syncapp.engine.control import current_epoch
from syncapp.engine.rows import process_signs
from syncapp.engine.rows.due import free, runnable
from syncapp.engine.rows.prepared import Prepared, insert
from syncapp.engine.rows.requests import KNOWN_STATUSES
from syncapp.models import Control, LeasedRow

R = TypeVar("R", bound=LeasedRow)
KNOWN_OVERRIDES = frozenset(Override)
LATE_LOOK = timedelta(minutes=15)
# How the token of a write begins that is no run's.
NO_RUN = "apart:"
NO_LEASE: dict[str, Any] = {"lease_token": "", "lease_expires": None, "lease_holder": "", "lease_since": None}


@dataclass(frozen=True, slots=True)
class _Statements:
    """The conditional statements on one kind of row, each compiled once."""

    standing: Prepared[Any]
    held: Prepared[Any]
    held_now: Prepared[Any]
    held_and_locked: Prepared[Any]


@cache
def _statements(model: type[LeasedRow]) -> _Statements:
    rows, by_lease = model._default_manager, ("record_id", "fence", "token")

    def held(record_id: int, fence: int, token: str) -> "QuerySet[Any]":
        return rows.filter(pk=record_id, fence=fence, lease_token=token)

    return _Statements(
        standing=Prepared(
            lambda record_id: rows.select_for_update().filter(pk=record_id).only("fence", "status"), "record_id"
        ),
        held=Prepared(held, *by_lease),
        held_now=Prepared(lambda **lease: held(**lease).filter(lease_expires__gt=Now()), *by_lease),
        held_and_locked=Prepared(lambda **lease: held(**lease).select_for_update(), *by_lease),
    )


class LeaseLost(Exception):
    """Somebody else holds the record now; this run must not write any more."""


@dataclass(frozen=True, slots=True)
class Lease(Generic[R]):
    """A held lease.

    seen: `requested` when it was taken, which is what the run completes. took_over: from a dead holder.
    """

    model: type[R]
    record_id: int
    fence: int
    token: str
    seen: int
    took_over: bool

    def as_condition(self) -> dict[str, Any]:
        return {"record_id": self.record_id, "fence": self.fence, "token": self.token}


def holder() -> str:
    """Host, process and thread, for the person who asks who holds a lock."""
    return f"{process_signs.process_name()}:{threading.get_ident() % 100000}"


def acquire(
    model: type[R], *, record_id: int, control: Control, forced: bool = False, at_a_glance: LeasedRow | None = None
) -> tuple[Lease[R], R] | None:
    """Take the lease if the record is due and free; the row as it is now, or None.

    at_a_glance: the row as it was a moment ago. Where it still stands so, one statement finds it due and takes it.
    """
    statement = _free_and_due(model, forced, settings.SYNC_RECHECK_HOURS)
    due = {"record_id": record_id, "epoch": current_epoch(control)}
    with transaction.atomic():
        seen, record = at_a_glance, _taken(at_a_glance, statement, due)
        if record is None:
            # Locked, it cannot change any more between the look and the taking.
            seen = _statements(model).standing.first(record_id=record_id)
            record = None if _stands_alike(seen, at_a_glance) else _taken(seen, statement, due)
        if seen is None or record is None:
            return None
        if not is_understood(record):
            transaction.set_rollback(True)
            return None
        took_over = seen.status == Status.SYNCING
        _supersede_unanswered(record)
        cause = "took over an expired lease" if took_over else record.trigger
        step = {"before": seen.status, "after": Status.SYNCING, "event": Event.ACQUIRED, "cause": cause}
        insert(record.history("status_changes", **step))
    return Lease(model, record_id, record.fence, record.lease_token, record.requested, took_over), record


def _stands_alike(one: LeasedRow | None, other: LeasedRow | None) -> bool:
    return one is not None and other is not None and (one.fence, one.status) == (other.fence, other.status)


def _taken(seen: LeasedRow | None, statement: Prepared[R], due: Mapping[str, int]) -> R | None:
    """The row, taken, if it is due, free, and stands as it was seen: nobody has had it since."""
    if seen is None or seen.status not in KNOWN_STATUSES:
        return None
    changes: dict[str, Any] = {
        "status": Status.SYNCING,
        "fence": seen.fence + 1,
        "lease_token": secrets.token_hex(16),
        "lease_holder": holder(),
    }
    if seen.status != Status.SYNCING:
        changes["status_before"] = seen.status
    times = _times_of_a_lease(settings.SYNC_LOCK_TTL_SECONDS)
    return next(iter(statement.updated(changes, times, **due, fence=seen.fence, status=seen.status)), None)


def is_understood(record: LeasedRow) -> bool:
    """Not where a newer version, at work beside this one during an update, has put or ordered what is unknown here."""
    known = record.status in KNOWN_STATUSES and (not record.override or record.override in KNOWN_OVERRIDES)
    return known and all(map(Intent.can_read, (*record.open_intents, *record.superseded)))


def _supersede_unanswered(record: LeasedRow) -> None:
    """Sent and not answered: whether its sender died or gave up waiting, it can still land."""
    unanswered = [intent for intent in record.open_intents if Intent.from_json(intent).may_land()]
    if not unanswered:
        return
    superseded = record.superseded + [one for one in unanswered if one not in record.superseded]
    type(record)._default_manager.filter(pk=record.pk).update(superseded=superseded, late_look_at=Now() + LATE_LOOK)
    record.superseded, record.late_look_at = superseded, timezone.now() + LATE_LOOK


@cache
def _free_and_due(model: type[R], forced: bool, recheck_hours: int) -> Prepared[R]:
    """The row of a record as it was seen, if a run may have it. `recheck_hours` is read from the settings in
    `runnable`."""
    del recheck_hours
    return Prepared(
        lambda record_id, epoch, fence, status: model._default_manager.filter(
            runnable(epoch, forced=forced), pk=record_id, fence=fence, status=status
        ),
        *("record_id", "epoch", "fence", "status"),
    )


@cache
def _times_of_a_lease(seconds: int) -> dict[str, Any]:
    """By the database's clock, as all workers read it."""
    return {"lease_expires": Now() + timedelta(seconds=seconds), "lease_since": Now()}


@cache
def _prolonged(seconds: int) -> dict[str, Any]:
    return {"lease_expires": Now() + timedelta(seconds=seconds)}


def renew(lease: Lease[R], **changes: Any) -> None:
    """Before every remote write: prolong the lease and commit what is about to be written (intents)."""
    prolonged = _prolonged(settings.SYNC_LOCK_TTL_SECONDS)
    if _statements(lease.model).held_now.update(changes, prolonged, **lease.as_condition()) != 1:
        raise LeaseLost


def answered(lease: Lease[R], **changes: Any) -> None:
    """After every remote answer: commit what it proved. A lost lease asks for one more look by whoever holds it now."""
    if _statements(lease.model).held.update(changes, **lease.as_condition()) != 1:
        ask_again(lease)
        raise LeaseLost


def ask_again(lease: Lease[Any]) -> None:
    """A late answer of a run that lost its lease: the record needs another look."""
    lease.model._default_manager.filter(pk=lease.record_id).update(
        requested=F("requested") + 1,
        status=Case(When(status__in=AT_REST, then=Value(Status.DIRTY.value)), default=F("status")),
    )


def commit(lease: Lease[R], **changes: Any) -> None:
    """Write the outcome and give the lease back."""
    given_back = {**changes, **NO_LEASE, "updated_at": timezone.now()}
    if _statements(lease.model).held.update(given_back, **lease.as_condition()) != 1:
        raise LeaseLost


def lock_row(lease: Lease[R]) -> R:
    """The row, locked for the closing transaction; `LeaseLost` if it belongs to another run."""
    record: R | None = _statements(lease.model).held_and_locked.first(**lease.as_condition())
    if record is None:
        raise LeaseLost
    return record


def keep_runs_away(model: type[LeasedRow], *, record_id: int, seconds: float) -> str | None:
    """Have the record to oneself for a write that is no run's; the token to give back, None while somebody has it.

    A run that has outslept its lease finds it gone at its next renewal. Should whoever writes die, the record, if it
    is at rest, is looked at when this lease ends; any other is due as it was.
    """
    token, ends = f"{NO_RUN}{secrets.token_hex(16)}", Now() + timedelta(seconds=seconds)
    taken = model._default_manager.filter(free(), pk=record_id).update(
        lease_token=token,
        lease_holder=holder(),
        lease_since=Now(),
        lease_expires=ends,
        late_look_at=Coalesce("late_look_at", ends),
    )
    return token if taken else None


def keeps_runs_away(row: LeasedRow, now: datetime) -> bool:
    """Whether a write that is no run's has the row. What a dead run has left is no sign of it: the status stays."""
    return row.lease_token.startswith(NO_RUN) and row.lease_expires is not None and row.lease_expires > now


def let_runs_come(model: type[LeasedRow], *, record_id: int, token: str, unanswered: bool = False) -> None:
    """Give it back. What a dead run has left stays to be taken over; a late look of another's stays as well.

    unanswered: the write may land yet, as a run's may, so that it gets a late look, too.
    """
    as_it_was = Case(When(late_look_at=F("lease_expires"), then=None), default=F("late_look_at"))
    model._default_manager.filter(pk=record_id, lease_token=token).update(
        lease_token="",
        lease_holder="",
        lease_since=None,
        lease_expires=Case(When(status=Status.SYNCING, then=Now()), default=None),
        late_look_at=Now() + LATE_LOOK if unanswered else as_it_was,
    )
