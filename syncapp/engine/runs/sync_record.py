"""One run for one record: take it, run the pipeline, give it back.

Invariant: the order is mode, breaker, lock, lease; then engine/runs/pipeline.py; then one result. Every way out is
committed by engine/runs/results.py; an ending that fails itself falls back to one in which nothing comes from outside.
Only where the database is away is the record found by the next run, once its lease has ended. No ending raises.
"""

import logging
from copy import copy
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from django.utils import timezone
from structlog.contextvars import bound_contextvars

from syncapp.core.faults.tracebacks import without_values
from syncapp.core.requests import Trigger
from syncapp.core.states import Status
from syncapp.engine import breaker, control, job_queue, registry, takeover
from syncapp.engine.rows import notices
from syncapp.engine.rows.lease import Lease, LeaseLost, acquire
from syncapp.engine.rows.locks import RecordLock
from syncapp.engine.runs import pipeline
from syncapp.engine.runs.run import CallLog, RunContext, RunLog
from syncapp.models import Control, LeasedRow, Mode, Outcome
from syncapp.remotes.http.errors import RemoteError

log = logging.getLogger("advosync.sync")


class Ended(StrEnum):
    """What became of a call of `sync_record`."""

    RAN = "ran"
    NOT_DUE = "not_due"
    BUSY = "busy"
    PAUSED = "paused"
    BREAKER_OPEN = "breaker_open"
    LOST = "lost"
    UNFINISHED = "unfinished"  # not even the least of endings could be stored: the lease ends when it can


@dataclass(frozen=True, slots=True)
class SyncResult:
    """How the call ended, and the record's status afterwards where a run took place."""

    ended: Ended
    status: str = ""
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Order:
    """Which record, for whom, and how.

    source: webhook, sweep, person or command; empty: as the newest request says. forced: also a record at rest.
    stand_in: a list row that serves in place of the record until something is to be written; not where somebody has
    asked for the record meanwhile. hint: what the first read may go by to ask for more at once; nothing is decided by
    it. entity_name: under which the kind of row is registered; the usual one without it.
    """

    record_id: int
    source: str = ""
    actor: str = ""
    forced: bool = False
    stand_in: Any = None
    hint: Any = None
    entity_name: str = ""


def sync_record(order: Order) -> SyncResult:
    """Run once for one record. No remote call while paused or while a breaker is open.

    Before the lease there may be one: what fields there are (once a day), a probe that is due, or a look for
    a row that counts as deleted.
    """
    entity, record_id = registry.entity(order.entity_name), order.record_id
    switches, troubled, row = control.at_the_gate(entity.model, record_id=record_id)
    if switches.mode == Mode.PAUSED:
        return SyncResult(Ended.PAUSED, detail=switches.reason)
    gate = breaker.admit(troubled=troubled, systems=entity.systems)
    if gate.open_system:
        return SyncResult(Ended.BREAKER_OPEN, detail=gate.open_system)
    run_log = RunLog()
    with bound_contextvars(record_id=record_id):
        try:
            if not breaker.probe(gate, entity.probe):
                return SyncResult(Ended.BREAKER_OPEN, detail=", ".join(gate.probes))
            with job_queue.at_the_end():
                result = SyncResult(Ended.NOT_DUE) if row is None else _admitted(order, row, switches, gate, run_log)
        finally:
            breaker.give_back(gate)
        if run_log.notices_queued:
            _tell(record_id)
    return result


def _tell(record_id: int) -> None:
    """What the ending has to say; what cannot be sent now, the dispatcher sends."""
    try:
        notices.send(record_id=record_id)
    except Exception as error:
        log.error("notices_not_sent", extra={"record": record_id, "at": without_values(error)})


def _admitted(order: Order, row: LeasedRow, switches: Control, gate: breaker.Gate, run_log: RunLog) -> SyncResult:
    """Mode and breakers allow it: equip, lock, lease, and the pipeline. `row`: as it was at the gate."""
    entity, calls = registry.entity(order.entity_name), CallLog()
    with entity.session():
        try:
            tools = entity.equip(calls)
        except RemoteError as error:
            return _without_tools(error)
        lock = RecordLock(row.key)
        if not lock.acquire():
            return SyncResult(Ended.BUSY)
        context: RunContext[Any, Any] | None = None
        try:
            entity.before_lease(row, tools)
            taken = acquire(
                entity.model, record_id=order.record_id, control=switches, forced=order.forced, at_a_glance=row
            )
            if taken is None:
                return SyncResult(Ended.NOT_DUE)
            context = _context(order, taken, lock, switches, entity, tools, calls)
            status = pipeline.run(context, run_log)
        except LeaseLost:
            return _lost(context, run_log)
        except Exception as error:
            if context is None:
                raise
            return _unfinished(context, error)
        finally:
            lock.release()
    return _ran(context, status, gate, run_log)


def _without_tools(error: RemoteError) -> SyncResult:
    """Nothing can be read without them; no record is at fault."""
    breaker.failed(system=error.system, kind=error.kind, reason=error.reason, hint=error.hint)
    return SyncResult(Ended.BREAKER_OPEN, detail=error.system)


def _unfinished(context: RunContext[Any, Any], error: Exception) -> SyncResult:
    """The next sign of life that reaches the database ends the lease."""
    takeover.LEFT_BEHIND.append(context.lease)
    shown = {"record": context.lease.record_id, "error": type(error).__name__, "at": without_values(error)}
    log.error("run_not_stored", extra=shown)
    return SyncResult(Ended.UNFINISHED)


def _ran(context: RunContext[Any, Any], status: Status, gate: breaker.Gate, run_log: RunLog) -> SyncResult:
    """Systems that had failed others and have answered this run do work."""
    for system in (context.calls.answered & gate.failing.keys()) - run_log.failed_systems:
        breaker.succeeded(system, opens=gate.failing[system])
    log.info("synced", extra={"record": context.row.pk, "status": str(status), "ms": context.duration_ms})
    return SyncResult(Ended.RAN, status=status)


def _context(
    order: Order,
    taken: tuple[Lease[Any], LeasedRow],
    lock: RecordLock,
    switches: Control,
    entity: registry.Entity,
    tools: Any,
    calls: CallLog,
) -> RunContext[Any, Any]:
    lease, row = taken
    return RunContext(
        entity=entity,
        row=row,
        lease=lease,
        lock=lock,
        control=control.of_sides(switches, entity.sides),
        tools=tools,
        calls=calls,
        started_at=timezone.now(),
        may_write=entity.may_write(row, switches, tools),
        trigger=row.trigger if not order.source or order.source == row.source else Trigger.SYNC_CHECK,
        source=order.source or row.source,
        actor=order.actor,
        stand_in=order.stand_in if _is_at_peace(lease, row) else None,
        hint=order.hint,
        as_found=copy(row),
    )


def _is_at_peace(lease: Lease[Any], row: LeasedRow) -> bool:
    """Whether nobody has asked for the row since it was found clean. What was read before somebody did says nothing
    of what that one has seen, and would complete the request all the same."""
    return row.status_before == Status.CLEAN and not lease.took_over and row.requested == row.completed


def _lost(context: RunContext[Any, Any] | None, run_log: RunLog) -> SyncResult:
    """Another run has the record: history only, and no further write anywhere."""
    if context is None:
        return SyncResult(Ended.LOST)
    context.row.history(
        "attempts",
        **context.as_columns(),
        outcome=Outcome.LOST_LEASE,
        verdict=run_log.verdict,
        fault=run_log.done_too_late[-1] if run_log.done_too_late else {},
    ).save()
    log.warning("lease_lost", extra={"record": context.row.pk})
    return SyncResult(Ended.LOST)
