"""What an error means for the record: one row per kind, and the waiting times.

Invariant: every kind that a service can raise has a row in `KINDS`; an unknown kind is treated as `bug`.
To extend: add the row, its texts in `syncapp/words/sentences.py`, and the test of the same name.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from syncapp.core.states import Event, Status


class Then(StrEnum):
    """What happens to the record after an error."""

    RETRY = "retry"  # failed, tried again by itself after a wait
    WAIT_FOR_CHANGE = "wait_for_change"  # failed, until the record changes or somebody resets it
    WAIT_FOR_PERSON = "wait_for_person"  # failed, until somebody decides
    PUT_BACK = "put_back"  # the connection is at fault, not the record


class Opens(StrEnum):
    """What an error does to the breaker of the system that caused it."""

    NOTHING = "nothing"
    AFTER_FIVE = "after_five"
    AT_ONCE = "at_once"


@dataclass(frozen=True, slots=True)
class KindRow:
    kind: str
    then: Then
    opens: Opens
    tells_user: bool


KINDS: dict[str, KindRow] = {
    r.kind: r
    for r in (
        KindRow("transient", Then.RETRY, Opens.AFTER_FIVE, tells_user=False),
        KindRow("bug", Then.RETRY, Opens.NOTHING, tells_user=False),
        KindRow("validation", Then.WAIT_FOR_CHANGE, Opens.NOTHING, tells_user=True),
        KindRow("forbidden", Then.WAIT_FOR_CHANGE, Opens.NOTHING, tells_user=False),
        KindRow("auth", Then.PUT_BACK, Opens.AT_ONCE, tells_user=False),
        KindRow("configuration", Then.PUT_BACK, Opens.AT_ONCE, tells_user=False),
        KindRow("create_outcome_unknown", Then.WAIT_FOR_PERSON, Opens.AFTER_FIVE, tells_user=False),
        KindRow("duplicate_link", Then.WAIT_FOR_PERSON, Opens.NOTHING, tells_user=True),
        KindRow("blocked", Then.WAIT_FOR_PERSON, Opens.NOTHING, tells_user=False),
        KindRow("needs_confirmation", Then.WAIT_FOR_PERSON, Opens.NOTHING, tells_user=False),
    )
}


def kind_row(kind: str) -> KindRow:
    return KINDS.get(kind, KINDS["bug"])


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
    status: Status
    state: RetryState
    counted: bool


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
    then = kind_row(kind).then
    if then is Then.WAIT_FOR_PERSON:
        return FailurePlan(Event.NEEDS_PERSON, Status.FAILED, RetryState(count=state.count), counted=False)
    if then is Then.WAIT_FOR_CHANGE:
        return FailurePlan(Event.NEEDS_CHANGE, Status.FAILED, RetryState(count=state.count), counted=False)
    if state.auto_reset_at is not None:
        return FailurePlan(Event.RETRIES_USED_UP, Status.PERMANENTLY_FAILED, state, counted=False)
    if state.next_retry_at is not None and now < state.next_retry_at:
        return FailurePlan(Event.RETRY_LATER, Status.FAILED, state, counted=False)
    count = state.count + 1
    if count >= limits.max_retries:
        reset = now + timedelta(hours=limits.auto_reset_hours)
        return FailurePlan(
            Event.RETRIES_USED_UP, Status.PERMANENTLY_FAILED, RetryState(count, None, reset), counted=True
        )
    wait = backoff(count, minutes=limits.minutes, jitter=jitter)
    if retry_after is not None:
        wait = max(wait, timedelta(seconds=retry_after))
    return FailurePlan(Event.RETRY_LATER, Status.FAILED, RetryState(count, now + wait, None), counted=True)
