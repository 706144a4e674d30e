"""One queue is paused: its workers take no further job, none is lost, and the others go on."""

import threading
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import django_rq
import pytest
from django.db import OperationalError, connection
from django.utils import timezone
from rq import Queue

from syncapp.engine import dispatcher, job_queue, queue_pauses
from syncapp.models import BulkAction, BulkState, OperatorLog, QueuePause
from syncapp.operations.actions.bulk import many
from syncapp.worker import SyncWorker
from tests.admin import rooms
from tests.support.processes import wait_until

pytestmark = pytest.mark.django_db(transaction=True)
DONE: list[str] = []


def note(name: str) -> None:
    DONE.append(name)


def note_and_pause(name: str) -> None:
    DONE.append(name)
    pause("sweep")


@pytest.fixture(autouse=True)
def _forget() -> Iterator[None]:
    DONE.clear()
    yield
    connection.close()


def pause(queue: str, **options: Any) -> QueuePause:
    return queue_pauses.pause(queue=queue, by="jan.peters", reason="Advoware is slow", **options)


def filled(name: str, *jobs: str, function: str = "note") -> Queue:
    queue = django_rq.get_queue(name)
    for job in jobs:
        queue.enqueue(f"{__name__}.{function}", job)
    return queue


def burst(queue: Queue) -> None:
    SyncWorker([queue], connection=queue.connection, serializer=queue.serializer).work(burst=True)


def test_a_paused_queue_keeps_its_jobs_in_their_order_and_the_others_go_on(redis_client: Any) -> None:
    sweep, bulk = filled("sweep", "first", "second"), filled("bulk", "other")
    before = sweep.job_ids
    pause("sweep")
    burst(sweep)
    burst(bulk)
    assert DONE == ["other"]
    assert sweep.job_ids == before
    assert redis_client.llen(sweep.intermediate_queue_key) == 0  # else RQ's maintenance would take it for lost
    queue_pauses.resume(queue="sweep", by="jan.peters")
    burst(sweep)
    assert DONE == ["other", "first", "second"]


def test_the_job_in_hand_is_finished_and_the_next_one_waits(redis_client: Any) -> None:
    queue = filled("sweep", "first", "second", function="note_and_pause")
    burst(queue)
    assert DONE == ["first"]
    assert queue.count == 1


def test_a_worker_that_waits_for_jobs_stands_by_and_goes_on(redis_client: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr("syncapp.worker.STAND_BY_SECONDS", 0.02)
    pause("sweep")
    queue = filled("sweep", "later")
    worker = SyncWorker([queue], connection=queue.connection, serializer=queue.serializer)
    states: list[Any] = []

    def resume_once_it_stands_by() -> None:
        wait_until(lambda: worker.get_state() == "suspended", seconds=10)
        states.append((worker.get_state(), tuple(DONE), queue.count))
        queue_pauses.resume(queue="sweep", by="jan.peters")
        connection.close()

    person = threading.Thread(target=resume_once_it_stands_by)
    person.start()
    worker.work(max_jobs=1)
    person.join()
    assert states == [("suspended", (), 1)]
    assert DONE == ["later"]


def test_without_a_database_no_job_is_begun_and_none_is_lost(redis_client: Any, monkeypatch: Any) -> None:
    """Else a worker would take one after the other, and all of them would wait for the dispatcher."""
    monkeypatch.setattr("syncapp.worker.STAND_BY_SECONDS", 0.02)
    queue = filled("sweep", "first", "second")
    asked: list[str] = []

    def away(execute: Any, sql: str, *rest: Any) -> Any:
        if "syncapp_queuepause" in sql and len(asked) < 3:
            asked.append("away")
            raise OperationalError("connection refused")
        return execute(sql, *rest)

    with connection.execute_wrapper(away):
        burst(queue)
        assert (DONE, queue.count) == ([], 2)
        SyncWorker([queue], connection=queue.connection, serializer=queue.serializer).work(max_jobs=2)
    assert DONE == ["first", "second"]
    assert len(asked) == 3


def test_a_pause_ends_by_itself(redis_client: Any) -> None:
    queue = filled("sweep", "job")
    pause("sweep", until=timezone.now() - timedelta(seconds=1))
    assert queue_pauses.paused() == {}
    burst(queue)
    assert DONE == ["job"]


def test_a_flush_of_redis_resumes_nothing(redis_client: Any) -> None:
    pause("sweep")
    redis_client.flushdb()
    burst(filled("sweep", "job"))
    assert DONE == []


@pytest.mark.parametrize("queue", ["schedule", "no_such_queue"])
def test_the_clock_and_what_does_not_exist_cannot_be_paused(queue: str) -> None:
    with pytest.raises(queue_pauses.UnknownQueue):
        pause(queue)
    assert not QueuePause.objects.exists()


def test_who_did_it_is_logged_and_a_second_resume_is_nothing() -> None:
    pause("bulk")
    assert [queue_pauses.resume(queue="bulk", by="sabine") for _time in range(2)] == [True, False]
    logged = OperatorLog.objects.order_by("pk").values_list("actor", "action", "target", "reason")
    assert list(logged) == [
        ("jan.peters", "queue_pause", "bulk", "Advoware is slow"),
        ("sabine", "queue_resume", "bulk", ""),
    ]


def test_the_rounds_of_the_clock_pile_nothing_up(redis_client: Any, live: None) -> None:
    """What is due stays due in the database; it is there when the queue goes on."""
    rooms.record("dirty", next_retry_at=timezone.now())
    pause("sweep")
    job_queue.enqueue([1, 2], queue_name="sweep")
    assert dispatcher.dispatch() == 0
    assert job_queue.waiting("sweep") == 0
    queue_pauses.resume(queue="sweep", by="jan.peters")
    assert dispatcher.dispatch() == 1
    assert job_queue.waiting("sweep") == 1


def test_a_mass_action_stops_before_its_next_portion_and_goes_on(redis_client: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr(many, "PORTION", 1)
    ids = [rooms.record().pk for _number in range(3)]
    bulk = BulkAction.objects.create(code="pause", ids=ids, total=3, actor="anna", state=BulkState.RUNNING)
    dealt = many.work(bulk_id=bulk.pk, pausable=True, seen=lambda position: pause("bulk") and None)
    assert dealt == 1
    queue_pauses.resume(queue="bulk", by="anna")
    assert many.work(bulk_id=bulk.pk, pausable=True) == 2
