"""What one run knows and what it has done so far.

Invariant: a context never changes (its row is the run's copy, kept in step with what is committed), and a log only
grows. Both belong to one thread and one lease; the log is written to history exactly once, when the run ends.
"""

import time
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from threading import Lock
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar

from django.db import transaction

from syncapp.core.faults.errors import Opens, kind_row
from syncapp.engine.control import current_epoch
from syncapp.engine.rows.lease import Lease, LeaseLost, answered, ask_again, renew
from syncapp.engine.rows.locks import RecordLock
from syncapp.engine.rows.notices import Tell
from syncapp.models import Control, LeasedRow
from syncapp.remotes.http.exchange import Call

if TYPE_CHECKING:
    from syncapp.engine.registry import Entity

# Of one run, in its history.
MOST_CALLS = 60

T = TypeVar("T")
R = TypeVar("R", bound=LeasedRow)


class CallLog:
    """The remote calls of a run, counted and in their order; both systems are called from different threads."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._begun = time.monotonic()
        self._ended: list[float] = []
        self.calls: list[Call] = []
        self.answered: set[str] = set()

    def __call__(self, call: Call) -> None:
        with self._lock:
            self.calls.append(call)
            self._ended.append(time.monotonic() - self._begun)
            healthy = call.kind is None or kind_row(call.kind).opens is Opens.NOTHING
            if call.status is not None and healthy:
                self.answered.add(call.system)

    def as_json(self) -> dict[str, dict[str, int]]:
        """{system: {method: how many}}"""
        result: dict[str, dict[str, int]] = {}
        for (system, method), number in sorted(Counter((call.system, call.method) for call in self.calls).items()):
            result.setdefault(system, {})[method] = number
        return result

    def as_rows(self) -> list[list[Any]]:
        """Each call as [system, method, path template, status, ms, ms since the run began, kind of error].

        Of a run with very many, the first and all that failed: history says what went wrong, not everything.
        """
        rows: list[list[Any]] = []
        for call, ended in zip(self.calls, self._ended, strict=True):
            if len(rows) < MOST_CALLS or (call.kind and len(rows) < MOST_CALLS * 2):
                # Rounded as end and length, so that rows in the order of their ends also add up to it.
                ms = round(call.seconds * 1000)
                begun = max(0, round(ended * 1000) - ms)
                rows.append([str(call.system), call.method, call.path, call.status, ms, begun, call.kind or ""])
        return rows


@dataclass(frozen=True, slots=True)
class Failed:
    """An error as the record will show it. `params` hold field names, numbers and reasons, of values only the
    one that an error is about, which the history and notices do without (`core.faults.errors.impersonal`)."""

    kind: str
    code: str
    params: Mapping[str, Any] = field(default_factory=dict)
    system: str = ""
    retry_after: float | None = None
    traceback: str = ""

    @property
    def fault(self) -> dict[str, Any]:
        return {"code": self.code, "params": dict(self.params)}


@dataclass(frozen=True, slots=True)
class Written:
    """One value that reached a side."""

    side: str
    field: str
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True)
class RunContext(Generic[T, R]):
    """What a run goes by. `tools` are the entity's own: its clients, counted, and its tables.

    row: the run's copy. as_found: the row as the run found it. stand_in: a list row that serves in place of
    the record until something is to be written. hint: what the first read may ask for ahead, unproved. may_write: as
    far as the row alone tells (see `RunLog.may_write`).
    """

    entity: "Entity"
    row: R
    lease: Lease[Any]
    lock: RecordLock
    control: Control
    tools: T
    calls: CallLog
    started_at: datetime
    trigger: str
    source: str
    actor: str = ""
    may_write: bool = True
    stand_in: Any = None
    hint: Any = None
    as_found: R | None = None
    clock: float = field(default_factory=time.monotonic)

    @property
    def duration_ms(self) -> int:
        return int((time.monotonic() - self.clock) * 1000)

    def as_columns(self) -> dict[str, Any]:
        """What the history keeps of every run, however it ends."""
        return {
            "trigger": self.trigger,
            "source": self.source,
            "actor": self.actor,
            "started_at": self.started_at,
            "duration_ms": self.duration_ms,
            "calls": self.calls.as_json(),
        }

    def is_held(self, side: str) -> bool:
        """Whether writes to this side are paused."""
        return side in self.control.held_sides

    @property
    def set_aside(self) -> dict[str, int]:
        """The columns of what this run could not write: it waits until the switches are others."""
        return {"deferred": self.lease.seen, "deferred_epoch": current_epoch(self.control)}

    def renew(self, **changes: Any) -> None:
        """Before every remote write: prolong lease and lock, and commit what is about to be written."""
        renew(self.lease, **changes)
        self.lock.renew()
        self._keep_in_step(changes)

    def answered(self, **columns: Any) -> None:
        """After every remote answer: commit what it proved."""
        answered(self.lease, **columns)
        self._keep_in_step(columns)

    @contextmanager
    def together(self) -> Iterator[None]:
        """One transaction with what other tables keep of an answer, or of a write to come.

        With a lost lease nothing of it is kept; whoever holds the row now is asked for one more look.
        """
        try:
            with transaction.atomic():
                yield
        except LeaseLost:
            ask_again(self.lease)  # the same request from within went back with the transaction
            raise

    def _keep_in_step(self, columns: Mapping[str, Any]) -> None:
        for name, value in columns.items():
            setattr(self.row, name, value)


class Seen(Protocol):
    """What a read has shown: whether the record may be written, and what the row keeps of it however the run ends."""

    @property
    def may_write(self) -> bool: ...
    @property
    def columns(self) -> Mapping[str, Any]: ...


class Planned(Protocol):
    """What the history keeps of a plan."""

    @property
    def verdict(self) -> str: ...
    @property
    def direction(self) -> str: ...


Counts = Mapping[str, Mapping[str, Any]]


@dataclass(slots=True)
class RunLog:
    """What a run has seen and done. Everything is added to, nothing taken back."""

    seen: list[Seen] = field(default_factory=list)
    plans: list[Planned] = field(default_factory=list)
    written: list[Written] = field(default_factory=list)
    reports: list[dict[str, Any]] = field(default_factory=list)
    # Removals that the guard has counted: a second plan of the same run does not count them again.
    counted: set[tuple[str, int | None, int]] = field(default_factory=set)
    # How much the guards have let through of each sort, all that the run changes of it taken together.
    admitted: dict[str, int] = field(default_factory=dict)
    # Fields whose conflict this run has written to the log: True where a decision is wanted.
    conflicts: dict[str, bool] = field(default_factory=dict)
    # Those of them that show what was there before our write.
    set_back: set[str] = field(default_factory=set)
    # Columns that a write of the run's own has proved, beside what ends it.
    columns: dict[str, Any] = field(default_factory=dict)
    # The record as the leading system last showed it (of the entity's own type): for telling it how the run ends.
    shown: list[Any] = field(default_factory=list)
    # What a write has done that was answered when another run had the record already, as a fault for the history.
    done_too_late: list[dict[str, Any]] = field(default_factory=list)
    failed_systems: set[str] = field(default_factory=set)
    notices_queued: list[Tell] = field(default_factory=list)
    # Fields by the event that is told of them, however the run ends.
    fields_told: dict[str, set[str]] = field(default_factory=dict)
    _news: set[tuple[str, object]] = field(default_factory=set)
    _rounds: list[Counts] = field(default_factory=list)
    _done_at_the_end: list[Mapping[str, int]] = field(default_factory=list)

    def may_write(self, context: RunContext[Any, Any]) -> bool:
        """Whether this run may write: False in shadow and outside a pilot, where everything is planned only."""
        return self.seen[-1].may_write if self.seen else context.may_write

    @property
    def columns_seen(self) -> dict[str, Any]:
        """What the row keeps of the latest read, however the run ends."""
        return {**(self.seen[-1].columns if self.seen else {}), **self.columns}

    @property
    def verdict(self) -> str:
        return self.plans[-1].verdict if self.plans else ""

    @property
    def direction(self) -> str:
        return self.plans[-1].direction if self.plans else ""

    def report(self, code: str, **params: Any) -> None:
        """Something for the record's page that does not stop the run."""
        self.reports.append({"code": code, "params": params})

    def tell(self, event: str, what: object) -> None:
        """News for the responsible user, once for each `what`, however often the run has to plan."""
        self._news.add((event, what))

    @property
    def news(self) -> tuple[Tell, ...]:
        """One notice for each event, with all fields that it names, or with how many news of the kind there are."""
        counts = Counter(event for event, _what in self._news)
        named = (Tell(event, {"fields": sorted(fields)}) for event, fields in sorted(self.fields_told.items()))
        return (*named, *(Tell(event, {"count": counts[event]}) for event in sorted(counts)))

    def add_round(self, counts: Counts) -> None:
        """What one round of writes came to, by step: {"done": n, "failed": n, "status": last}."""
        self._rounds.append(counts)

    def add_done(self, steps: Iterable[str]) -> None:
        """Steps that needed no write of their own and are done with the run."""
        self._done_at_the_end.append(Counter(steps))

    @property
    def summary(self) -> dict[str, dict[str, Any]]:
        """By step: what was done adds up over a run that plans again, what failed is what failed last."""
        summary: dict[str, dict[str, Any]] = {}
        for counts in self._rounds:
            for step, count in counts.items():
                done = summary.get(step, {}).get("done", 0) + count.get("done", 0)
                summary[step] = {**({"done": done} if done else {}), **{k: v for k, v in count.items() if k != "done"}}
        for more in self._done_at_the_end:
            for step, number in more.items():
                counted = summary.setdefault(step, {})
                counted["done"] = counted.get("done", 0) + number
        return summary
