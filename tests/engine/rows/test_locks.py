"""The lock in Redis: whose it is, also where Redis answers late or not at all."""

from datetime import timedelta
from typing import Any

import pytest
import redis
from django.utils import timezone

from syncapp.engine import dispatcher
from syncapp.engine.rows import locks
from syncapp.engine.rows.locks import RecordLock, lock_name
from syncapp.models import SyncRecord


class AnswersGetLost:
    """A connection whose first SET is carried out although its caller hears of a time-out."""

    def __init__(self, server: Any, *, repeats: bool) -> None:
        self.server, self.repeats, self.lost = server, repeats, 0

    def set(self, *arguments: Any, **options: Any) -> Any:
        taken = self.server.set(*arguments, **options)
        if self.lost:
            return taken
        self.lost += 1
        if self.repeats:
            return self.set(*arguments, **options)
        raise redis.TimeoutError("Timeout reading from socket")

    def __getattr__(self, name: str) -> Any:
        return getattr(self.server, name)


@pytest.mark.parametrize("repeats", [False, True], ids=["caller hears of it", "client repeats the command"])
def test_a_lock_whose_answer_was_lost_is_given_back(
    redis_client: Any, monkeypatch: pytest.MonkeyPatch, repeats: bool
) -> None:
    server = AnswersGetLost(redis_client, repeats=repeats)
    monkeypatch.setattr(locks, "connection", lambda url: server)
    lock = RecordLock("late")
    assert lock.acquire()
    assert redis_client.get(lock_name("late")).decode() == lock.token
    lock.release()
    assert redis_client.get(lock_name("late")) is None


def test_a_lock_of_somebody_else_is_neither_taken_nor_given_back(redis_client: Any) -> None:
    first, second = RecordLock("both"), RecordLock("both")
    assert first.acquire()
    assert not second.acquire()
    second.release()
    assert redis_client.get(lock_name("both")).decode() == first.token
    first.release()
    assert redis_client.get(lock_name("both")) is None


def test_a_lock_that_ran_out_and_is_another_s_now_is_left_alone(redis_client: Any) -> None:
    first, second = RecordLock("slow"), RecordLock("slow")
    assert first.acquire()
    redis_client.delete(lock_name("slow"))
    assert second.acquire()
    first.renew()
    first.release()
    assert redis_client.get(lock_name("slow")).decode() == second.token
    second.release()


@pytest.mark.parametrize(
    "age, leased, left",
    [
        pytest.param(locks.ORPHAN_SECONDS, False, False, id="nobody holds the record"),
        pytest.param(locks.ORPHAN_SECONDS, True, True, id="somebody holds the record"),
        pytest.param(0, False, True, id="the lease is about to be taken"),
    ],
)
def test_the_dispatcher_drops_a_lock_that_stands_for_nobody(
    db: None, redis_client: Any, settings: Any, age: int, leased: bool, left: bool
) -> None:
    """Redis was away when it should have been given back: its record must not wait until it runs out."""
    until = timezone.now() + timedelta(minutes=5) if leased else None
    SyncRecord.objects.create(espo_id="left", lease_token="token" if leased else "", lease_expires=until)
    assert RecordLock("cbeteiligte:left").acquire()
    redis_client.expire(lock_name("cbeteiligte:left"), settings.SYNC_LOCK_TTL_SECONDS - age)
    dispatcher.dispatch()
    assert bool(redis_client.exists(lock_name("cbeteiligte:left"))) == left


def test_a_lock_that_needs_no_lease_is_left_alone_and_ends_by_itself(db: None, redis_client: Any) -> None:
    """Two calendars must not write one Termin at a time, however long its calls take."""
    lock = locks.BriefLock("termin:7")
    assert lock.acquire()
    assert 0 < redis_client.ttl(lock.name) <= locks.BRIEF_SECONDS
    redis_client.expire(lock.name, locks.BRIEF_SECONDS - 2 * locks.ORPHAN_SECONDS)
    dispatcher.dispatch()
    assert not locks.BriefLock("termin:7").acquire()
    assert "termin:7" not in locks.names()
    lock.release()
    assert locks.BriefLock("termin:7").acquire()


def test_orphans_are_none_of_a_redis_that_is_away(db: None) -> None:
    assert locks.drop_orphans(dispatcher._leased) == 0
