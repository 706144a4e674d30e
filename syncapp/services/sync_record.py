"""One run for one record: take it, look, carry, give it back.

Invariant: the order is mode, breaker, lock, lease; then the passes of services/passes.py; then one ending. Every way
out is concluded in services/conclude.py, or found by the next run through the expired lease.
"""

import logging
from dataclasses import dataclass
from enum import StrEnum

from django.utils import timezone

from syncapp.clients.configured import advoware_client, espocrm_client
from syncapp.clients.espocrm import EspoRecord
from syncapp.core.status import Status
from syncapp.models import Attempt, Control, Mode, Outcome, SyncRecord
from syncapp.services import breaker, control, facts, failure, gone, notify
from syncapp.services.lease import Lease, LeaseLost, acquire
from syncapp.services.locks import RecordLock
from syncapp.services.passes import look_and_carry
from syncapp.services.run import CallLog, Clients, GoneInAdvoware, GoneInEspocrm, Run

log = logging.getLogger("advosync.sync")


class Ended(StrEnum):
    """What became of a call of `sync_record`."""

    RAN = "ran"
    NOT_DUE = "not_due"
    BUSY = "busy"
    PAUSED = "paused"
    BREAKER_OPEN = "breaker_open"
    LOST = "lost"


@dataclass(frozen=True, slots=True)
class Result:
    """How the call ended, and the record's status afterwards where a run took place."""

    ended: Ended
    status: str = ""
    detail: str = ""


def configured_clients() -> Clients:
    return Clients(espocrm_client(), advoware_client())


def sync_record(
    *,
    record_id: int,
    source: str = "",
    actor: str = "",
    forced: bool = False,
    espo_row: EspoRecord | None = None,
) -> Result:
    """Run once for one record. Costs no remote call where the record is busy, done, paused or its system is down.

    source: webhook, sweep, person or command; empty: as the newest request says. forced: also a record at rest.
    espo_row: a list row that stands for EspoCRM's record until something is to be written.
    """
    switches = control.switches()
    if switches.mode == Mode.PAUSED:
        return Result(Ended.PAUSED, detail=switches.reason)
    gate = breaker.admit()
    if gate.open_system:
        return Result(Ended.BREAKER_OPEN, detail=gate.open_system)
    espo_id = SyncRecord.objects.filter(pk=record_id).values_list("espo_id", flat=True).first()
    if espo_id is None:
        return Result(Ended.NOT_DUE)
    lock = RecordLock(espo_id)
    if not lock.acquire():
        return Result(Ended.BUSY)
    try:
        result = _locked(record_id, lock, switches, gate, source, actor, forced, espo_row)
    finally:
        lock.release()
    notify.send_unsent(record_id=record_id, clients=configured_clients())
    return result


def _locked(
    record_id: int,
    lock: RecordLock,
    switches: Control,
    gate: breaker.Gate,
    source: str,
    actor: str,
    forced: bool,
    espo_row: EspoRecord | None,
) -> Result:
    clients = configured_clients()
    gone.look_for_restored(record_id=record_id, clients=clients)
    taken = acquire(record_id=record_id, control=switches, forced=forced)
    if taken is None:
        return Result(Ended.NOT_DUE)
    lease, record = taken
    run = _prepare(record, lease, lock, switches, clients, source, actor)
    run.espo_row = espo_row
    try:
        status = _concluded(run)
    except LeaseLost:
        return _lost(run)
    for system in (run.calls.answered & gate.failing) - {run.failed_system}:
        breaker.succeeded(system)
    log.info("synced", extra={"record": record.pk, "status": str(status), "ms": run.duration_ms})
    return Result(Ended.RAN, status=status)


def _prepare(
    record: SyncRecord, lease: Lease, lock: RecordLock, switches: Control, clients: Clients, source: str, actor: str
) -> Run:
    calls = CallLog()
    return Run(
        record=record,
        lease=lease,
        lock=lock,
        clients=clients.counted_by(calls),
        control=switches,
        field_map=facts.field_map(),
        calls=calls,
        started_at=timezone.now(),
        writes=control.writes_allowed(control=switches, record=record),
        trigger=record.trigger if not source or source == record.source else "sync_check",
        source=source or record.source,
        actor=actor,
    )


def _concluded(run: Run) -> Status:
    """The passes, and for every way they can end the one ending."""
    try:
        return look_and_carry(run)
    except LeaseLost:
        raise
    except GoneInEspocrm:
        return gone.in_espocrm(run)
    except GoneInAdvoware:
        return gone.in_advoware(run)
    except Exception as error:
        return failure.conclude(run, error)


def _lost(run: Run) -> Result:
    """Another run has the record: history only, and no further write anywhere."""
    Attempt.objects.create(
        record_id=run.record.pk,
        espo_id=run.record.espo_id,
        trigger=run.trigger,
        source=run.source,
        actor=run.actor,
        started_at=run.started_at,
        duration_ms=run.duration_ms,
        outcome=Outcome.LOST_LEASE,
        verdict=run.verdict,
        calls=run.calls.as_json(),
    )
    log.warning("lease_lost", extra={"record": run.record.pk})
    return Result(Ended.LOST)
