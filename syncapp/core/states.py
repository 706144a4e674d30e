"""The state machine of a record, as one table.

Invariant: a status changes only by a row of `TRANSITIONS`; anything else raises `UnknownTransition`.
To extend: add the event to `Event`, its rows to `TRANSITIONS`, and the test of the same name.
"""

from dataclasses import dataclass
from enum import StrEnum

from syncapp.core.faults.errors import WAITS_FOR_PERSON


class Status(StrEnum):
    PENDING_SYNC = "pending_sync"
    DIRTY = "dirty"
    SYNCING = "syncing"
    CLEAN = "clean"
    FAILED = "failed"
    PERMANENTLY_FAILED = "permanently_failed"
    CONFLICT = "conflict"
    DELETED_IN_ADVOWARE = "deleted_in_advoware"
    DELETED_IN_ESPOCRM = "deleted_in_espocrm"


class Event(StrEnum):
    ACQUIRED = "acquired"
    EQUAL = "equal"
    LEFT_OVER = "left_over"
    HELD = "held"
    RETRY_LATER = "retry_later"
    RETRIES_USED_UP = "retries_used_up"
    NEEDS_CHANGE = "needs_change"
    NEEDS_PERSON = "needs_person"
    PUT_BACK = "put_back"
    GONE_IN_ADVOWARE = "gone_in_advoware"
    GONE_IN_ESPOCRM = "gone_in_espocrm"
    CHANGED = "changed"
    DECIDED = "decided"
    AUTO_RESET = "auto_reset"
    RELINKED = "relinked"
    RESTORED = "restored"
    RESET = "reset"
    MAY_WRITE = "may_write"


class UnknownTransition(Exception):
    """No row of the table allows this event in this status."""

    def __init__(self, status: Status, event: Event) -> None:
        super().__init__(f"no transition from {status} by {event}")
        self.status, self.event = status, event


class Keep(StrEnum):
    """Targets that are no status of their own."""

    PRESENT = "present"  # the request is kept, the status stays
    BEFORE = "before"  # what the record was before the run


S, E = Status, Event
EVERY = frozenset(Status)
DELETED = frozenset({S.DELETED_IN_ADVOWARE, S.DELETED_IN_ESPOCRM})
# The groups that queries, filters and pages ask for; each stands here alone.
WAITING = (S.PENDING_SYNC, S.DIRTY)
AT_WORK = (*WAITING, S.SYNCING)
AT_REST = (S.CLEAN, S.CONFLICT)
FAILING = (S.FAILED, S.PERMANENTLY_FAILED)


@dataclass(frozen=True, slots=True)
class Transition:
    """One row: in any of `sources`, `event` leads to `target`."""

    sources: frozenset[Status]
    event: Event
    target: Status | Keep
    cause: str


def row(sources: frozenset[Status] | set[Status], event: Event, target: Status | Keep, cause: str) -> Transition:
    return Transition(frozenset(sources), event, target, cause)


TRANSITIONS: tuple[Transition, ...] = (
    row(EVERY - DELETED, E.ACQUIRED, S.SYNCING, "a run took the lease of a record that was due"),
    row({S.SYNCING}, E.EQUAL, S.CLEAN, "both sides are equal"),
    row({S.SYNCING}, E.LEFT_OVER, S.DIRTY, "EspoCRM moved meanwhile, or something is left for the next run"),
    row({S.SYNCING}, E.HELD, S.CONFLICT, "a field waits for a decision"),
    row({S.SYNCING}, E.RETRY_LATER, S.FAILED, "a passing error; tried again later"),
    row({S.SYNCING}, E.RETRIES_USED_UP, S.PERMANENTLY_FAILED, "the last retry failed"),
    row({S.SYNCING}, E.NEEDS_CHANGE, S.FAILED, "refused; tried again when the record changes or somebody resets it"),
    row({S.SYNCING}, E.NEEDS_PERSON, S.FAILED, "waits for a person"),
    row({S.SYNCING}, E.PUT_BACK, Keep.BEFORE, "nothing was written: breaker, pause or shadow"),
    row({S.SYNCING}, E.GONE_IN_ADVOWARE, S.DELETED_IN_ADVOWARE, "the Beteiligter is gone in Advoware"),
    row({S.SYNCING}, E.GONE_IN_ESPOCRM, S.DELETED_IN_ESPOCRM, "the record is gone in EspoCRM"),
    row({S.CLEAN, S.DIRTY, S.CONFLICT, S.FAILED, S.PERMANENTLY_FAILED}, E.CHANGED, S.DIRTY, "a change was seen"),
    row({S.PENDING_SYNC}, E.CHANGED, S.PENDING_SYNC, "a change was seen before the first sync"),
    row({S.SYNCING} | DELETED, E.CHANGED, Keep.PRESENT, "a change was seen; the request is kept"),
    row({S.CONFLICT}, E.DECIDED, S.DIRTY, "somebody decided the conflict"),
    row({S.PERMANENTLY_FAILED}, E.AUTO_RESET, S.FAILED, "a day has passed; one more round of retries"),
    row(EVERY, E.RELINKED, S.DIRTY, "linked to another Beteiligter"),
    row({S.DELETED_IN_ESPOCRM}, E.RESTORED, S.DIRTY, "the record is back in EspoCRM"),
    row(EVERY, E.RESET, S.DIRTY, "reset by a person"),
    row({S.FAILED} | DELETED, E.MAY_WRITE, S.DIRTY, "found while nothing was written, which has changed"),
)

# A record that was never linked is still new after these.
UNFINISHED = frozenset({E.CHANGED, E.LEFT_OVER})


def next_status(
    status: Status, event: Event, *, kind: str = "", linked: bool = True, before: Status = Status.DIRTY
) -> Status:
    """The status after `event`.

    kind: the record's present error kind. linked: whether it ever had a betNr. before: its status before the run.
    """
    if event is E.CHANGED and status is S.FAILED and kind in WAITS_FOR_PERSON:
        return status
    for transition in TRANSITIONS:
        if transition.event is event and status in transition.sources:
            if isinstance(transition.target, Keep):
                return before if transition.target is Keep.BEFORE else status
            never_synced = transition.target is S.DIRTY and event in UNFINISHED and not linked
            return S.PENDING_SYNC if never_synced else transition.target
    raise UnknownTransition(status, event)
