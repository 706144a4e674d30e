"""When a failed record is tried again: the waiting times, what counts as an attempt, and when it is enough.

Invariant: only an attempt at or after its date counts; a kind that waits for somebody has no date. Which status that is
says the state machine alone.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from syncapp.core.faults.errors import Then, kind_row
from syncapp.core.states import Event, Status, next_status


@dataclass(frozen=True, slots=True)
class RetryLimits:
    """Waiting times in minutes per failure, how many failures are allowed, hours until the automatic reset."""

    minutes: Sequence[int] = (1, 5, 15, 60, 240)
    max_retries: int = 5
    auto_reset_hours: int = 24


@dataclass(frozen=True, slots=True)
class RetryState:
    count: int = 0
    next_retry_at: datetime | None = None
    auto_reset_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class FailurePlan:
    event: Event
    state: RetryState
    counted: bool

    @property
    def status(self) -> Status:
        return next_status(Status.SYNCING, self.event)


# A kind that waits has no further date.
_WAITS = {Then.WAIT_FOR_PERSON: Event.NEEDS_PERSON, Then.WAIT_FOR_CHANGE: Event.NEEDS_CHANGE}


def backoff(attempt: int, *, minutes: Sequence[int], jitter: float) -> timedelta:
    """Waiting time after failure number `attempt` (from 1); `jitter` from 0 to 1 adds up to a tenth."""
    base = minutes[min(attempt, len(minutes)) - 1]
    return timedelta(minutes=base * (1 + 0.1 * jitter))


def after_failure(
    *,
    kind: str,
    state: RetryState,
    now: datetime,
    limits: RetryLimits,
    jitter: float,
    retry_after: float | None = None,
) -> FailurePlan:
    """Where a failed run leaves its record.

    | situation | result |
    | --- | --- |
    | a kind that waits for a person or a change | failed, no further date |
    | tried before its time, because of an edit | as it was, the attempt does not count |
    | tried once because of an edit after the retries were used up | permanently_failed, same reset date |
    | otherwise, count + 1 below the maximum | failed, next date by backoff or by the remote's Retry-After |
    | count + 1 at the maximum | permanently_failed, automatic reset later |
    """
    if waits := _WAITS.get(kind_row(kind).then):
        return FailurePlan(waits, RetryState(count=state.count), counted=False)
    if state.auto_reset_at is not None:
        return FailurePlan(Event.RETRIES_USED_UP, replace(state, next_retry_at=None), counted=False)
    if state.next_retry_at is not None and now < state.next_retry_at:
        return FailurePlan(Event.RETRY_LATER, state, counted=False)
    count = state.count + 1
    if count >= limits.max_retries:
        reset = now + timedelta(hours=limits.auto_reset_hours)
        return FailurePlan(Event.RETRIES_USED_UP, RetryState(count, auto_reset_at=reset), counted=True)
    wait = backoff(count, minutes=limits.minutes, jitter=jitter)
    if retry_after is not None:
        wait = max(wait, timedelta(seconds=retry_after))
    return FailurePlan(Event.RETRY_LATER, RetryState(count, next_retry_at=now + wait), counted=True)
