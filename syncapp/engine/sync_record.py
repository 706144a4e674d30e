"""One run for one record: take it, look, carry, give it back.

Invariant: the order is mode, breaker, lock, lease; then the passes of the entity; then one ending. Every way out is
concluded in engine/results.py; an ending that fails itself falls back to one in which nothing comes from outside. Only
where the database is away is the record found by the next run, through the expired lease. No ending raises.
"""

import logging
from dataclasses import dataclass
from enum import StrEnum

from django.utils import timezone
from structlog.contextvars import bound_contextvars

from syncapp.core.beteiligte.field_table import FieldMap, FieldMapError
from syncapp.core.errors import ErrorKind
from syncapp.core.requests import Trigger
from syncapp.core.states import Status
from syncapp.core.tracebacks import without_values
from syncapp.engine import breaker, control, failures
from syncapp.engine.lease import Lease, LeaseLost, acquire
from syncapp.engine.locks import RecordLock
from syncapp.engine.prepared import Prepared
from syncapp.engine.run import CallLog, Clients, GoneInAdvoware, GoneInEspocrm, Run
from syncapp.entities.beteiligte import gone, remote_metadata, search
from syncapp.entities.beteiligte.passes import look_and_carry
from syncapp.models import Attempt, Control, Mode, Outcome, SyncRecord
from syncapp.operations.notifications import notify
from syncapp.remotes.espocrm.client import EspoRecord
from syncapp.remotes.http.errors import RemoteError
from syncapp.remotes.registry import advoware_client, espocrm_client

log = logging.getLogger("advosync.sync")

AT_A_GLANCE = Prepared(
    lambda record_id: SyncRecord.objects.only("espo_id", "status", "requested", "completed").filter(pk=record_id),
    "record_id",
)


class Ended(StrEnum):
    """What became of a call of `sync_record`."""

    RAN = "ran"
    NOT_DUE = "not_due"
    BUSY = "busy"
    PAUSED = "paused"
    BREAKER_OPEN = "breaker_open"
    LOST = "lost"
    UNFINISHED = "unfinished"  # not even the least of endings could be stored: the lease runs out


@dataclass(frozen=True, slots=True)
class Result:
    """How the call ended, and the record's status afterwards where a run took place."""

    ended: Ended
    status: str = ""
    detail: str = ""
    has_notices: bool = False


@dataclass(frozen=True, slots=True)
class Order:
    """Which record, for whom, and how; see `sync_record`."""

    record_id: int
    source: str
    actor: str
    forced: bool
    espo_row: EspoRecord | None


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
    with bound_contextvars(record_id=record_id):
        return _sync(Order(record_id, source, actor, forced, espo_row))


def _sync(order: Order) -> Result:
    switches, troubled = control.at_the_gate()
    if switches.mode == Mode.PAUSED:
        return Result(Ended.PAUSED, detail=switches.reason)
    gate = breaker.admit(troubled=troubled)
    if gate.open_system:
        return Result(Ended.BREAKER_OPEN, detail=gate.open_system)
    clients = configured_clients()
    try:
        with remote_metadata.at_one_reading():
            result = _admitted(order, switches, gate, clients)
    finally:
        breaker.give_back(gate)
    if result.has_notices:
        _tell(order, clients)
    return result


def _tell(order: Order, clients: Clients) -> None:
    """What the ending has to say; what cannot be sent now, the dispatcher sends."""
    try:
        notify.send_unsent(record_id=order.record_id, clients=clients)
    except Exception as error:
        log.error("notices_not_sent", extra={"record": order.record_id, "at": without_values(error)})


def _admitted(order: Order, switches: Control, gate: breaker.Gate, clients: Clients) -> Result:
    record = AT_A_GLANCE.first(record_id=order.record_id)
    if record is None:
        return Result(Ended.NOT_DUE)
    field_map = _field_map(clients)
    if field_map is None:
        return Result(Ended.BREAKER_OPEN, detail="espocrm")
    lock = RecordLock(record.espo_id)
    if not lock.acquire():
        return Result(Ended.BUSY)
    try:
        gone.look_for_restored(record, clients=clients)
        taken = acquire(SyncRecord, record_id=order.record_id, control=switches, forced=order.forced)
        if taken is None:
            return Result(Ended.NOT_DUE)
        return _run(_prepare(order, taken, lock, switches, clients, field_map), gate)
    finally:
        lock.release()


def _field_map(clients: Clients) -> FieldMap | None:
    """The mapping, from EspoCRM's metadata (kept for a day). Without it nothing can be read; no record is at fault."""
    try:
        return remote_metadata.field_map(espocrm=clients.espocrm)
    except RemoteError as error:
        breaker.failed(system="espocrm", kind=error.kind, reason=error.reason)
    except FieldMapError as error:
        breaker.failed(system="espocrm", kind=ErrorKind.CONFIGURATION, reason=str(error))
    return None


def _prepare(
    order: Order,
    taken: tuple[Lease[SyncRecord], SyncRecord],
    lock: RecordLock,
    switches: Control,
    clients: Clients,
    field_map: FieldMap,
) -> Run:
    lease, record = taken
    calls = CallLog()
    names = (record.name if field_map.person else "", record.base_espo.get("name") or "")
    return Run(
        record=record,
        lease=lease,
        lock=lock,
        clients=clients.counted_by(calls),
        control=switches,
        field_map=field_map,
        calls=calls,
        started_at=timezone.now(),
        writes=control.writes_allowed(control=switches, espo_id=record.espo_id, names=names),
        trigger=record.trigger if not order.source or order.source == record.source else Trigger.SYNC_CHECK,
        source=order.source or record.source,
        actor=order.actor,
        espo_row=order.espo_row,
        found_by=search.parts_of(record),
    )


def _run(run: Run, gate: breaker.Gate) -> Result:
    try:
        return _to_the_end(run, gate)
    except Exception as error:
        shown = {"record": run.record.pk, "error": type(error).__name__, "at": without_values(error)}
        log.error("run_without_an_ending", extra=shown)
        return Result(Ended.UNFINISHED)


def _to_the_end(run: Run, gate: breaker.Gate) -> Result:
    try:
        status = _concluded(run)
    except LeaseLost:
        return _lost(run)
    for system in (run.calls.answered & gate.failing.keys()) - {run.failed_system}:
        breaker.succeeded(system, opens=gate.failing[system])
    log.info("synced", extra={"record": run.record.pk, "status": str(status), "ms": run.duration_ms})
    return Result(Ended.RAN, status=status, has_notices=run.has_notices)


def _concluded(run: Run) -> Status:
    """The passes, and for every way they can end the one ending."""
    try:
        return _ended(run)
    except LeaseLost:
        raise
    except Exception as error:
        return _failed(run, error)


def _failed(run: Run, error: Exception) -> Status:
    """The ending that the error means, or the least there is, where that one cannot be stored."""
    try:
        return failures.conclude(run, error)
    except LeaseLost:
        raise
    except Exception as worse:
        return failures.conclude_at_least(run, worse)


def _ended(run: Run) -> Status:
    try:
        return look_and_carry(run)
    except GoneInEspocrm:
        return gone.in_espocrm(run)
    except GoneInAdvoware:
        return gone.in_advoware(run)


def _lost(run: Run) -> Result:
    """Another run has the record: history only, and no further write anywhere."""
    late = {"code": "created_late", "params": {"betnr": run.created_late}} if run.created_late else {}
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
        fault=late,
        calls=run.calls.as_json(),
    )
    log.warning("lease_lost", extra={"record": run.record.pk})
    return Result(Ended.LOST)
