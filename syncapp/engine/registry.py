"""The entities that are synced, and what the engine needs to know of each.

Purpose: the engine runs whatever is registered here and knows none of it by name.
Invariant: an entity registers itself when its module is imported (syncapp/apps.py); names are unique.
To extend: derive from `Entity` in a folder of syncapp/entities and add its module to `ENTITIES` in syncapp/apps.py.
"""

from collections.abc import Callable, Collection, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Any, Protocol

from django.db.models import Q

from syncapp.core.echoes import Judged
from syncapp.core.faults.retry import FailurePlan
from syncapp.core.requests import QueueName
from syncapp.core.systems import System
from syncapp.engine.runs.run import CallLog, Failed, RunContext, RunLog
from syncapp.engine.runs.steps import RunResult, Step
from syncapp.models import Control, InboxElement, LeasedRow
from syncapp.remotes.http.errors import RemoteError

# What only the entity looks into: what it has read, what it plans of it, what it has applied.
Row = Any  # of the entity's own model
Reading = Any
Plan = Any
Applied = Any
Tools = Any


@dataclass(frozen=True, slots=True)
class SweepStep:
    """One thing that every sweep does for a kind of rows. `run` says how many it found; it carries nothing itself.

    name: under which the sweep's row counts it; no other entity's. needs_systems: left out while paused or disturbed.
    """

    name: str
    run: Callable[[], int]
    needs_systems: bool = False


class Entity(Protocol):
    """One kind of row, and what a run does with it. What stands here already is the answer of a kind that has no need.

    First what it is; then, in the order in which they are asked: up to `may_write` by engine/runs/sync_record.py, from
    `read` to `result_of` by engine/runs/pipeline.py; after them what an error, the closing transaction, the dispatcher
    and the sweep ask.
    """

    name: str
    model: type[LeasedRow]
    # The job that runs rows of this kind, as syncapp/jobs.py names it; the queue for what is due, and for what people
    # wait for.
    job: str
    queue: QueueName
    urgent_queue: QueueName
    # Whom a run calls: another system that is down does not hold it up.
    systems: Sequence[System]
    # What its rows have two of; the writes to each can be held. Another side that is held concerns it not.
    sides: Collection[str]
    # What a sweep does for its rows, in this order; nothing where another clock looks after them.
    sweep_steps: Sequence[SweepStep] = ()

    @property
    def in_use(self) -> bool:
        """Whether this installation syncs rows of this kind at all; without it nothing of them happens or shows."""

    def probe(self, system: str) -> RemoteError | None:
        """One harmless GET to a system with an open breaker: what is wrong with it, or None. Raises NobodyToAsk."""

    def session(self) -> AbstractContextManager[None]:
        """Around a whole run: what need be read once only."""
        return nullcontext()

    def equip(self, calls: CallLog) -> Tools:
        """What a run works with: clients that count into `calls`, tables. May ask a remote system, and raise for it."""

    def before_lease(self, row: Row, tools: Tools) -> None:
        """Before the lease is tried: mend what would wrongly keep the row from being due, such as a deletion undone."""
        return None

    def may_write(self, row: Row, switches: Control, tools: Tools) -> bool:
        """Whether a run may write, as far as the row alone tells; the reading knows better."""

    def read(self, context: RunContext[Any, Any], log: RunLog) -> Reading | Step:
        """Both sides as they are now, and what is stored; frozen."""

    def plan(self, reading: Reading) -> Plan:
        """The one plan, by a pure function of core."""

    def check(self, context: RunContext[Any, Any], log: RunLog, reading: Reading, plan: Plan) -> Step | None:
        """Validate and guard; None: go on."""

    def apply(self, context: RunContext[Any, Any], log: RunLog, reading: Reading, plan: Plan) -> Applied | Step:
        """Carry the plan out. Each write lies between a renewed lease with its intents and a committed answer."""

    def result_of(self, context: RunContext[Any, Any], log: RunLog, applied: Applied) -> RunResult:
        """How the run ends, as a value: engine/runs/results.py writes it in the closing transaction."""

    def answers(self, system: str, tools: Tools) -> bool:
        """Whether the system works for others: then a record is at fault, not the system."""

    def show_failure(self, context: RunContext[Any, Any], run_log: RunLog, failed: Failed, plan: FailurePlan) -> None:
        """Let people see it in the remote system, best effort; columns go to the log."""
        return None

    def waiting(self, row: Row) -> Sequence[InboxElement]:
        """The elements that came while a run had the row, in their order."""
        return ()

    def close_inbox(self, row: Row) -> None:
        """The row is about to be deleted, since nobody knows what it was named for: so are its elements."""
        return None

    def judge_waiting(self, row: Row, tools: Tools) -> Sequence[tuple[InboxElement, Judged]]:
        """What each of them means, against the row as it is committed now. Called within the closing transaction."""
        return ()

    def refresh(self, row: Row, as_found: Row) -> None:
        """Keep in step what is derived from the row, in the transaction that changes it."""
        return None

    def also_asked(self) -> Q:
        """Rows that are not due by their status and for which one look is owed all the same."""
        return Q(pk__in=())


_entities: dict[str, Entity] = {}
_usual: list[str] = []


def register(entity: Entity, *, usual: bool = False) -> None:
    """usual: `entity()` without a name returns this one, whatever is imported first."""
    _entities[entity.name] = entity
    if usual:
        _usual[:] = [entity.name]


def entity(name: str = "") -> Entity:
    """The entity of that name; without one the usual."""
    return _entities[name or _usual[0]]


def entities() -> tuple[Entity, ...]:
    """Those that this installation uses."""
    return tuple(one for one in _entities.values() if one.in_use)


def systems_in_use() -> tuple[System, ...]:
    """Every system that a kind of rows of this installation is synced with, in the order of `System`."""
    called = {system for one in entities() for system in one.systems}
    return tuple(system for system in System if system in called)
