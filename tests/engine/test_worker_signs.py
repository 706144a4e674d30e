"""Who counts as a worker: those that have just shown life, also after a flush; nobody who was killed."""

import time
from typing import Any

import pytest
from django.conf import settings
from rq.serializers import JSONSerializer

from syncapp.engine import job_queue, worker_signs
from syncapp.engine.rows.locks import connection
from syncapp.worker import SyncWorker

pytestmark = pytest.mark.django_db


def living() -> dict[str, int]:
    return dict(worker_signs.living(connection(settings.REDIS_URL)))


def born(queue_name: str = "sweep") -> SyncWorker:
    queue = job_queue.queue(queue_name, settings.REDIS_URL)
    worker = SyncWorker([queue], connection=queue.connection, serializer=JSONSerializer)
    worker.register_birth()
    return worker


def test_a_worker_counts_from_its_birth_to_its_end(redis_client: Any) -> None:
    worker = born()
    assert living() == {"sweep": 1}
    worker.register_death()
    assert living() == {}


def test_one_that_was_killed_in_a_job_does_not_count_although_rq_lists_it(redis_client: Any) -> None:
    worker = born()
    redis_client.expire(worker.key, 1860)  # as RQ does for a job of half an hour
    assert 0 < redis_client.ttl(worker_signs.sign_of(worker.name)) <= worker_signs.LIVES_FOR
    redis_client.delete(worker_signs.sign_of(worker.name))  # that time is over
    assert SyncWorker.count(connection=redis_client) == 1
    assert living() == {}


def test_one_that_died_before_the_clock_was_set_back_does_not_count(redis_client: Any) -> None:
    """Redis ends a sign at a moment: set back by an hour, its clock reaches that an hour later."""
    worker = born()
    redis_client.expire(worker_signs.sign_of(worker.name), 3600 + worker_signs.LIVES_FOR)
    assert living() == {}
    worker.show_life()
    assert living() == {"sweep": 1}


def test_after_a_flush_the_next_beat_brings_it_back(redis_client: Any) -> None:
    worker = born()
    redis_client.flushall()
    assert living() == {}
    worker.show_life()
    assert living() == {"sweep": 1}
    assert SyncWorker.count(connection=redis_client) == 1, "for RQ's own pages too"


def flush_and_wait() -> bool:
    """A job: Redis loses everything while it is at work, and it stays at work until its worker counts again."""
    connection(settings.REDIS_URL).flushall()
    deadline = time.monotonic() + 30
    while not living() and time.monotonic() < deadline:
        time.sleep(0.02)
    back.append(living())
    return True


back: list[dict[str, int]] = []


def test_it_beats_in_the_middle_of_a_job(redis_client: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker_signs, "BEAT_SECONDS", 0.05)
    back.clear()
    queue = job_queue.queue("sweep", settings.REDIS_URL)
    queue.enqueue(flush_and_wait)
    SyncWorker([queue], connection=queue.connection, serializer=JSONSerializer).work(
        burst=True, logging_level="WARNING"
    )
    assert back == [{"sweep": 1}]
    assert living() == {}, "and no ghost stays"


def test_each_queue_has_its_own(redis_client: Any) -> None:
    workers = [born("webhook"), born("webhook"), born("bulk")]
    assert living() == {"webhook": 2, "bulk": 1}
    for worker in workers:
        worker.register_death()


def test_whoever_asks_waits_no_longer_afterwards(redis_client: Any) -> None:
    """RQ has new connections of what it is given wait for minutes, and locks and queues share theirs."""
    born()
    shared = connection(settings.REDIS_URL)
    before = dict(shared.connection_pool.connection_kwargs)
    assert living() == {"sweep": 1}
    assert shared.connection_pool.connection_kwargs == before
