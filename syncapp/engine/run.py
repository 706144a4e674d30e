"""What one run knows: the record it holds, the clients it may call, and what it has done so far.

Invariant: a `Run` belongs to one thread and one lease; it is written to history exactly once, when it ends.
"""

import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from threading import Lock
from typing import Any

from syncapp.core.beteiligte.field_table import FieldMap
from syncapp.core.errors import Opens, kind_row
from syncapp.engine.lease import Lease
from syncapp.engine.locks import RecordLock
from syncapp.models import Control, SyncRecord
from syncapp.remotes.advoware.client import AdvowareClient
from syncapp.remotes.espocrm.client import EspoClient, EspoRecord
from syncapp.remotes.http.exchange import Call


class CallLog:
    """Counts the remote calls of a run; both systems are called from different threads."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._counts: Counter[tuple[str, str]] = Counter()
        self.calls: list[Call] = []
        self.answered: set[str] = set()

    def __call__(self, call: Call) -> None:
        with self._lock:
            self._counts[call.system, call.method] += 1
            self.calls.append(call)
            healthy = call.kind is None or kind_row(call.kind).opens is Opens.NOTHING
            if call.status is not None and healthy:
                self.answered.add(call.system)

    def as_json(self) -> dict[str, dict[str, int]]:
        """{"espocrm": {"GET": 1, "PATCH": 1}, "advoware": {...}}"""
        result: dict[str, dict[str, int]] = {}
        for (system, method), number in sorted(self._counts.items()):
            result.setdefault(system, {})[method] = number
        return result


@dataclass(frozen=True, slots=True)
class Clients:
    """Both remote systems, counted."""

    espocrm: EspoClient
    advoware: AdvowareClient

    def counted_by(self, calls: CallLog) -> "Clients":
        return Clients(self.espocrm.with_observer(calls), self.advoware.with_observer(calls))


class Stop(Exception):
    """The run cannot go on: `kind` decides what happens to the record, `code` and `params` what people are told."""

    def __init__(self, kind: str, code: str, params: Mapping[str, Any] | None = None) -> None:
        super().__init__(f"{kind}: {code}")
        self.kind, self.code, self.params = kind, code, dict(params or {})


class GoneInEspocrm(Exception):
    """EspoCRM says that the record does not exist."""


class GoneInAdvoware(Exception):
    """Advoware does not know this betNr while it knows another one."""


class LookAgain(Exception):
    """EspoCRM refused a write because the record moved: nothing of it was carried."""


class RestToTry(Exception):
    """A part was carried and committed, and less is left than before: the same run looks again for the rest."""


@dataclass(frozen=True, slots=True)
class Written:
    """One value that reached a side."""

    side: str
    field: str
    before: str | None
    after: str | None


@dataclass
class Run:
    """State of one run. `writes` is False in shadow and outside a pilot: then everything is planned only."""

    record: SyncRecord
    lease: Lease[SyncRecord]
    lock: RecordLock
    clients: Clients
    control: Control
    field_map: FieldMap
    calls: CallLog
    started_at: datetime
    writes: bool
    trigger: str
    source: str
    actor: str = ""
    verdict: str = ""
    direction: str = ""
    written: list[Written] = field(default_factory=list)
    planned: list[str] = field(default_factory=list)
    pending_notes: list[Written] = field(default_factory=list)
    summary: dict[str, Any] = field(default_factory=dict)
    reports: list[dict[str, Any]] = field(default_factory=list)
    columns: dict[str, Any] = field(default_factory=dict)
    failed_system: str = ""
    # A list row that stands for EspoCRM's record until something is to be written.
    espo_row: EspoRecord | None = None
    # Removals that the guard has counted: a second look in the same run does not count them again.
    counted: set[tuple[str, int | None, int]] = field(default_factory=set)
    # Something could not be written in the present mode: set aside until the mode changes.
    set_aside: bool = False
    espo_read: EspoRecord | None = None
    has_notices: bool = False
    # The betNr of a POST that was answered when another run had the record already.
    created_late: int | None = None
    # Fields whose conflict this run has written to the log: True where a decision is wanted.
    new_conflicts: dict[str, bool] = field(default_factory=dict)
    # Those of them that show what was there before our write.
    set_back: set[str] = field(default_factory=set)
    # What people are to be told of contact points: event, entry, and what tells two of them apart.
    news: set[tuple[str, int | None, tuple[tuple[str, str], ...]]] = field(default_factory=set)
    # What the record was found by (entities/beteiligte/search.py) when this run took it.
    found_by: list[str] = field(default_factory=list)
    clock: float = field(default_factory=time.monotonic)

    def report(self, code: str, **params: Any) -> None:
        """Something for the record's page that does not stop the run."""
        self.reports.append({"code": code, "params": params})

    def is_held(self, side: str) -> bool:
        """Whether writes to this side are paused."""
        return side in self.control.held_sides

    @property
    def duration_ms(self) -> int:
        return int((time.monotonic() - self.clock) * 1000)
