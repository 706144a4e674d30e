"""The brakes: how much is too much at once, and when something goes back and forth.

Purpose: one remote system that suddenly shows empty data must not empty the other; a loop must not run for ever.
Invariant: pure counting; what is confirmed, and by whom, is the service's business.
To extend: a new sort of change is a member of GuardKind with its limit, a field of the same name, in `Limits`.

| sort | counts | limit in 15 minutes |
| --- | --- | --- |
| removals | contact points removed, fields emptied, verdicts that a record is gone | SYNC_GUARD_MAX_REMOVALS |
| creates | Beteiligte created in Advoware | SYNC_GUARD_MAX_CREATES |
| child_creates | addresses and bank accounts created, on either side | SYNC_GUARD_MAX_CHILD_CREATES |
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

WINDOW = timedelta(minutes=15)
CONFLICTS_ALLOWED = 3
RETURNS_ALLOWED = 3
RETURNS_WINDOW = timedelta(hours=1)


class GuardKind(StrEnum):
    REMOVALS = "removals"
    CREATES = "creates"
    CHILD_CREATES = "child_creates"


@dataclass(frozen=True, slots=True)
class Limits:
    """How many changes of each sort may happen within WINDOW."""

    removals: int = 20
    creates: int = 200
    child_creates: int = 200

    def of(self, sort: GuardKind) -> int:
        limit: int = getattr(self, sort)
        return limit


def too_many(*, sort: GuardKind, done: int, adding: int, limits: Limits) -> bool:
    """Whether `adding` more, after `done` in the window, is more than allowed. Adding nothing is always allowed."""
    return adding > 0 and done + adding > limits.of(sort)


def emptied(before: Mapping[str, str | None], sent: Mapping[str, str | None]) -> int:
    """How many fields a write would empty."""
    return sum(value is None and before.get(name) is not None for name, value in sent.items())


def swings(conflicts: Iterable[datetime], *, now: datetime) -> bool:
    """More than three conflicts of one record within the window: two systems correct one another."""
    return sum(now - WINDOW < at <= now for at in conflicts) >= CONFLICTS_ALLOWED


@dataclass(frozen=True, slots=True)
class Change:
    """One value that a sync gave to a field, on whichever side; `before` is what that side held until then."""

    field: str
    before: str | None
    after: str | None
    at: datetime


def swinging(changes: Sequence[Change], planned: Mapping[str, str | None], *, now: datetime) -> str | None:
    """The field that would return, for more than the third time within an hour, to a value that it had before.

    changes: oldest first. planned: field -> the value that is about to be written. Many different values in one
    direction are somebody at work: only what comes back counts.
    """
    recent = [change for change in changes if now - RETURNS_WINDOW < change.at <= now]
    return next((name for name in sorted(planned) if _returns(name, recent, planned[name]) > RETURNS_ALLOWED), None)


def _returns(name: str, changes: Iterable[Change], planned: str | None) -> int:
    had: set[str | None] = set()
    returns = 0
    for change in changes:
        if change.field == name:
            had.add(change.before)
            returns += change.after in had
            had.add(change.after)
    return returns + (planned in had)
