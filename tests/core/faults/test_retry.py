"""What an error means for its record: the kinds, the waiting times, and which attempts count."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from syncapp.core.faults.errors import KINDS, WAITS_FOR_PERSON, Opens, Then, kind_row
from syncapp.core.faults.retry import RetryLimits, RetryState, after_failure, backoff
from syncapp.core.states import Event, Status

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
LIMITS = RetryLimits()
MINUTES = LIMITS.minutes


@pytest.mark.parametrize(
    "kind, then, opens",
    [
        ("transient", Then.RETRY, Opens.AFTER_FIVE),
        ("validation", Then.WAIT_FOR_CHANGE, Opens.NOTHING),
        ("forbidden", Then.WAIT_FOR_CHANGE, Opens.NOTHING),
        ("auth", Then.PUT_BACK, Opens.AT_ONCE),
        ("configuration", Then.PUT_BACK, Opens.AT_ONCE),
        ("create_outcome_unknown", Then.WAIT_FOR_PERSON, Opens.AFTER_FIVE),
        ("duplicate_link", Then.WAIT_FOR_PERSON, Opens.NOTHING),
        ("blocked", Then.WAIT_FOR_PERSON, Opens.NOTHING),
        ("needs_confirmation", Then.WAIT_FOR_PERSON, Opens.NOTHING),
        ("bug", Then.RETRY, Opens.NOTHING),
    ],
)
def test_kind(kind: str, then: Then, opens: Opens) -> None:
    assert (KINDS[kind].then, KINDS[kind].opens) == (then, opens)


def test_every_kind_has_its_row_above() -> None:
    assert len(KINDS) == 10


def test_any_other_exception_is_a_bug() -> None:
    assert kind_row("never heard of") is KINDS["bug"]


def test_the_kinds_that_wait_for_a_person_are_those_of_the_state_machine() -> None:
    assert {kind for kind, row in KINDS.items() if row.then is Then.WAIT_FOR_PERSON} == WAITS_FOR_PERSON


@pytest.mark.parametrize("failure, minutes", [(1, 1), (2, 5), (3, 15), (4, 60), (5, 240), (6, 240), (40, 240)])
def test_failure_n_waits_the_nth_and_the_last_serves_beyond(failure: int, minutes: int) -> None:
    assert backoff(failure, minutes=MINUTES, jitter=0) == timedelta(minutes=minutes)


def test_jitter_adds_up_to_a_tenth() -> None:
    assert backoff(2, minutes=MINUTES, jitter=0.5) == timedelta(minutes=5.25)
    assert backoff(2, minutes=MINUTES, jitter=1) == timedelta(minutes=5.5)


def fail(state: RetryState = RetryState(), kind: str = "transient", **options: object):  # noqa: B008
    given = {"kind": kind, "state": state, "now": NOW, "limits": LIMITS, "jitter": 0.0, **options}
    return after_failure(**given)  # type: ignore[arg-type]


@pytest.mark.parametrize("kind", ["transient", "bug"])
@pytest.mark.parametrize("count, minutes", [(0, 1), (1, 5), (2, 15), (3, 60)])
def test_a_failure_waits_and_counts(kind: str, count: int, minutes: int) -> None:
    plan = fail(RetryState(count=count), kind)
    assert (plan.status, plan.event, plan.counted) == (Status.FAILED, Event.RETRY_LATER, True)
    assert plan.state == RetryState(count + 1, NOW + timedelta(minutes=minutes), None)


def test_the_fifth_failure_uses_the_retries_up() -> None:
    plan = fail(RetryState(count=4, next_retry_at=NOW))
    assert (plan.status, plan.event, plan.counted) == (Status.PERMANENTLY_FAILED, Event.RETRIES_USED_UP, True)
    assert plan.state == RetryState(5, None, NOW + timedelta(hours=24))


def test_where_more_retries_are_allowed_the_last_figure_serves() -> None:
    plan = fail(RetryState(count=6), limits=RetryLimits(max_retries=8))
    assert plan.state == RetryState(7, NOW + timedelta(minutes=240), None)


def test_retry_after_is_honoured_where_it_is_longer() -> None:
    assert fail(retry_after=600.0).state.next_retry_at == NOW + timedelta(minutes=10)
    assert fail(retry_after=5.0).state.next_retry_at == NOW + timedelta(minutes=1)


@pytest.mark.parametrize("kind", ["validation", "forbidden"])
def test_validation_and_forbidden_have_no_next_date(kind: str) -> None:
    plan = fail(RetryState(count=2, next_retry_at=NOW), kind)
    assert (plan.status, plan.event, plan.counted) == (Status.FAILED, Event.NEEDS_CHANGE, False)
    assert plan.state == RetryState(count=2)


@pytest.mark.parametrize("kind", sorted(WAITS_FOR_PERSON))
def test_kinds_for_a_person_have_no_next_date(kind: str) -> None:
    plan = fail(RetryState(count=1), kind)
    assert (plan.status, plan.event, plan.counted) == (Status.FAILED, Event.NEEDS_PERSON, False)
    assert plan.state == RetryState(count=1)


def test_an_edit_during_the_backoff_gives_a_try_that_does_not_count() -> None:
    state = RetryState(count=3, next_retry_at=NOW + timedelta(minutes=15))
    plan = fail(state)
    assert (plan.status, plan.state, plan.counted) == (Status.FAILED, state, False)


def test_an_attempt_exactly_at_its_time_counts() -> None:
    assert fail(RetryState(count=1, next_retry_at=NOW)).state.count == 2


def test_an_edit_after_the_retries_were_used_up_gives_one_try() -> None:
    state = RetryState(count=5, auto_reset_at=NOW + timedelta(hours=3))
    plan = fail(state)
    assert (plan.status, plan.event) == (Status.PERMANENTLY_FAILED, Event.RETRIES_USED_UP)
    assert (plan.state, plan.counted) == (state, False)
    waiting = replace(state, next_retry_at=NOW - timedelta(minutes=1))
    assert fail(waiting).state == state, "a date that is past would be shown as the next try"


def test_after_the_automatic_reset_there_are_four_more() -> None:
    """Failed, count 1, due at once: the next failure is the second."""
    assert fail(RetryState(count=1, next_retry_at=NOW)).state == RetryState(2, NOW + timedelta(minutes=5), None)
