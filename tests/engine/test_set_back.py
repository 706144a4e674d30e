"""A clock that was an hour ahead and is set right again: nothing waits for longer than it may, and nothing less."""

from datetime import timedelta

import pytest
from django.utils import timezone

from syncapp.engine import breaker, dispatcher
from syncapp.engine.dispatcher import dispatch
from syncapp.models import Breaker, Guard, Heartbeat, SyncRecord
from syncapp.operations.alerts import silence
from syncapp.operations.monitoring.signs import health
from tests.support.firm import Firm

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)


def beat_ahead(by: timedelta = HOUR, name: str = "dispatcher") -> None:
    dispatcher.beat(name)
    Heartbeat.objects.filter(pk=name).update(at=timezone.now() + by)


def waiting(firm: Firm, *, count: int, wait: timedelta) -> SyncRecord:
    espo_id, _betnr = firm.pair()
    columns = {"status": "failed", "kind": "transient", "retry_count": count}
    SyncRecord.objects.filter(espo_id=espo_id).update(next_retry_at=timezone.now() + wait, **columns)
    return firm.record(espo_id)


def wait_of(record: SyncRecord) -> timedelta:
    record.refresh_from_db()
    assert record.next_retry_at is not None
    return record.next_retry_at - timezone.now()


def test_breakers_and_retries_wait_no_longer_than_they_may(firm: Firm) -> None:
    record = waiting(firm, count=1, wait=HOUR + MINUTE)
    Breaker.objects.create(system="advoware", failures=5, opens=1, open_until=timezone.now() + HOUR + MINUTE)
    Breaker.objects.create(system="espocrm", failures=1, probe_until=timezone.now() + HOUR)
    beat_ahead()
    dispatch()
    assert wait_of(record) < 2 * MINUTE
    assert not breaker.any_open(systems=["advoware"]), "the next round asks it"
    assert not Breaker.objects.filter(probe_until__gt=timezone.now() + HOUR / 2).exists()


def test_what_was_given_up_is_tried_again_after_a_day(firm: Firm) -> None:
    record = waiting(firm, count=5, wait=HOUR)
    year = timezone.now() + timedelta(days=365)
    columns = {"status": "permanently_failed", "next_retry_at": None, "auto_reset_at": year}
    SyncRecord.objects.filter(pk=record.pk).update(**columns)
    beat_ahead()
    dispatch()
    record.refresh_from_db()
    assert record.auto_reset_at is not None
    assert record.auto_reset_at - timezone.now() < timedelta(hours=25)


def test_a_guard_stays_confirmed_for_an_hour_and_no_longer(firm: Firm) -> None:
    Guard.objects.create(sort="removals", open_until=timezone.now() + 24 * HOUR)
    beat_ahead()
    dispatch()
    assert Guard.objects.get().open_until < timezone.now() + HOUR + MINUTE


def test_what_waits_as_it_may_goes_on_waiting(firm: Firm) -> None:
    record = waiting(firm, count=2, wait=4 * MINUTE)
    Breaker.objects.create(system="advoware", failures=5, opens=1, open_until=timezone.now() + MINUTE)
    beat_ahead()
    dispatch()
    assert wait_of(record) > 3 * MINUTE
    assert breaker.any_open(systems=["advoware"])


@pytest.mark.parametrize("ahead", [-HOUR, MINUTE])
def test_a_pause_and_clocks_that_differ_a_little_are_no_jump(firm: Firm, ahead: timedelta) -> None:
    """Somebody's Retry-After may be longer than a wait of ours."""
    record = waiting(firm, count=1, wait=HOUR)
    beat_ahead(ahead)
    dispatch()
    assert wait_of(record) > HOUR / 2


def test_after_the_jump_the_dispatcher_beats_by_the_right_time(firm: Firm) -> None:
    beat_ahead()
    dispatch()
    assert abs(Heartbeat.objects.get(pk="dispatcher").at - timezone.now()) < MINUTE


def test_whoever_died_before_the_jump_does_not_pass_for_alive() -> None:
    beat_ahead()
    assert not health.dispatcher().ok
    assert not silence._dispatcher_runs(timezone.now())


def test_the_turn_to_tell_is_not_lost_for_an_hour() -> None:
    beat_ahead(name=silence.TURN)
    assert silence._my_turn(timezone.now())
    assert not silence._my_turn(timezone.now())
