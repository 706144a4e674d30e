"""A write of another program to something that is synced here: no run is at work on it meanwhile, and it is looked at
again afterwards, as after any edit.

A PUT carries the whole object, in Advoware's API as in this one. A run that had read before such a write and wrote
after it would set it back; so would the run that the write itself has woken, if it came too early.

| written | meanwhile | no run is in between, since |
| --- | --- | --- |
| a Beteiligter, what hangs on it | its record is held by a lease, as by a run | no run writes without the lease |
| each Termin that is named | its lock in Redis is held, as by a pass | a pass reads, writes, reads again within it |

Invariant: whoever cannot have the object to itself in time sends nothing. What was written over the proxy is an edit in
Advoware like any other; no base and no echo knows of it, so the next run carries it to EspoCRM or merges it. If the
process dies in the middle, the lease ends by itself, and the record is looked at then; where merely the answer is
missing, at once, and once more when nothing can land any more.
To extend: a synced kind is a row of KINDS.
"""

import logging
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from typing import TypeVar

from django.db import Error as DatabaseError
from django.db import transaction
from django.db.models import Q

from syncapp.core.proxy.codes import Code, ProxyRefusal
from syncapp.core.proxy.paths import Pairs
from syncapp.core.proxy.resources import Match
from syncapp.core.requests import Source, Trigger
from syncapp.engine import job_queue
from syncapp.engine.rows.lease import keep_runs_away, let_runs_come
from syncapp.engine.rows.requests import request_sync
from syncapp.entities.appointments import due_passes
from syncapp.entities.appointments.rows.store import is_announced
from syncapp.entities.appointments.write import lock_of
from syncapp.models import SyncRecord
from syncapp.proxy import slots
from syncapp.remotes.http.exchange import number_alone
from syncapp.remotes.registry import google_calendar_in_use

log = logging.getLogger("advosync.proxy")
T = TypeVar("T")
# Most runs are over in a second. Between two tries, and what a caller is told to wait.
LONGEST_WAIT, PAUSE, RETRY_AFTER = 10.0, 0.1, 5.0
# Longer than any call can last.
LEASE_SECONDS = 100
CAUSE = "written over the proxy"


@dataclass
class ProxyWrite:
    """What another program is about to write, and what stands in its request.

    until: monotonic seconds, as long as it may wait for its turn. done: it may have changed Advoware. unanswered: if it
    has not, it may do so yet.
    """

    match: Match
    parameters: Pairs
    body: object
    until: float
    done: bool = False
    unanswered: bool = False

    @property
    def bet_nr(self) -> int | None:
        return number_alone(next(iter(self.match.segments[1:]), ""))

    @property
    def fr_nrs(self) -> list[int]:
        """Each Termin that is named, since nobody knows by which of several Advoware goes; for all in one order."""
        numbers = map(number_alone, (*self.match.segments[1:], *self.said("frnr")))
        return sorted({number for number in numbers if number})

    def said(self, name: str) -> list[object]:
        """All that body and query say of it, in whatever case it is written."""
        objects = self.body if isinstance(self.body, list) else [self.body]
        items = (item for held in objects if isinstance(held, Mapping) for item in held.items())
        return [value for key, value in (*items, *self.parameters) if key.lower() == name]


@contextmanager
def apart(write: ProxyWrite) -> Iterator[None]:
    """Around the write; whoever is inside says whether it is `done`, and whether `unanswered`."""
    kind = KINDS.get(write.match.segments[0].lower())
    if kind is None:
        yield
        return
    with kind(write):
        yield


@contextmanager
def _beteiligter(write: ProxyWrite) -> Iterator[None]:
    held = _soon(write, lambda: _held_record(write))
    try:
        yield
    finally:
        with _in_vain_at_worst():
            _wake_record(write, *held)


def _held_record(write: ProxyWrite) -> tuple[int | None, str] | None:
    """The record and the token of its lease, if there is a record; None: somebody else has it."""
    record_id = _record_of(write)
    if record_id is None:
        return None, ""
    token = keep_runs_away(SyncRecord, record_id=record_id, seconds=LEASE_SECONDS)
    return None if token is None else (record_id, token)


def _record_of(write: ProxyWrite) -> int | None:
    rows = SyncRecord.objects.filter(betnr=write.bet_nr, betnr__isnull=False)
    return rows.values_list("pk", flat=True).first()


def _wake_record(write: ProxyWrite, record_id: int | None, token: str) -> None:
    """Give the record back, and ask for a run if it was written to; it may have been linked only meanwhile."""
    asked = False
    with transaction.atomic():
        if record_id is not None:
            let_runs_come(SyncRecord, record_id=record_id, token=token, unanswered=write.unanswered)
        written = (record_id or _record_of(write)) if write.done else None
        if written is not None:
            asked = request_sync(
                SyncRecord, record_id=written, trigger=Trigger.UPDATE, source=Source.PROXY, cause=CAUSE
            )
    if written is not None and asked:
        job_queue.enqueue_each([written])


@contextmanager
def _termin(write: ProxyWrite) -> Iterator[None]:
    try:
        with ExitStack() as held:
            for fr_nr in write.fr_nrs:
                held.enter_context(_alone(write, fr_nr))
            yield
    finally:
        with _in_vain_at_worst():
            _wake_calendars(write)


@contextmanager
def _alone(write: ProxyWrite, fr_nr: int) -> Iterator[None]:
    """Redis may forget the lock: whatever a pass has announced to write is waited for as well."""
    lock = lock_of(fr_nr)
    try:
        _soon(write, lambda: (lock.acquire() and not is_announced(fr_nr)) or None)
        yield
    finally:
        lock.release()


def _wake_calendars(write: ProxyWrite) -> None:
    """The calendars that hold the Termin, and that of the employee whose it is by now."""
    if not (write.done and google_calendar_in_use()):
        return
    whose = Q(appointments__fr_nr__in=write.fr_nrs)
    for anwalt in write.said("anwalt"):
        whose |= Q(kuerzel__iexact=str(anwalt).strip())
    ids = list(due_passes.synced().filter(whose).values_list("pk", flat=True).distinct())
    due_passes.request_passes(ids, source=Source.PROXY, cause=CAUSE, urgent=True)


# By the first part of the path, in lower case: a row of the installation may spell it in another way.
KINDS: Mapping[str, Callable[[ProxyWrite], AbstractContextManager[None]]] = {
    "beteiligte": _beteiligter,
    "termine": _termin,
}


def _soon(write: ProxyWrite, take: Callable[[], T | None]) -> T:
    """What is given as soon as there is something, or a Refusal."""
    if (taken := take()) is not None:
        return taken
    until = min(write.until, time.monotonic() + LONGEST_WAIT)
    with slots.waiting() as may_wait:
        while may_wait and time.monotonic() < until:
            time.sleep(PAUSE)
            if (taken := take()) is not None:
                return taken
    raise ProxyRefusal(Code.LOCKED, retry_after=RETRY_AFTER)


@contextmanager
def _in_vain_at_worst() -> Iterator[None]:
    """Lost, it is made up for by the regular look at Advoware, so it never spoils the answer to the write."""
    try:
        yield
    except (DatabaseError, ValueError) as error:  # the latter: a text that no database can be asked for
        log.error("proxy_write_not_told", extra={"error": type(error).__name__})
