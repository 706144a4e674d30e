"""The clock keeps to its table, whatever happens to its entries in Redis."""

import time
from datetime import datetime
from zoneinfo import ZoneInfo

import django_rq
import pytest
import time_machine
from rq.serializers import JSONSerializer

from syncapp.jobs import ScheduledJob
from syncapp.scheduler import QUEUE, SyncScheduler
from syncapp.worker import SyncJob, SyncWorker

pytestmark = pytest.mark.django_db(transaction=True)
RAN: list[str] = []


def note() -> None:
    RAN.append("ran")


def row(seconds: int = 3600) -> ScheduledJob:
    return ScheduledJob("test-note", "tests.project.test_scheduler.note", seconds)


@pytest.fixture
def clock(redis_client) -> SyncScheduler:
    RAN.clear()
    return SyncScheduler(schedule=[row()], connection=django_rq.get_connection(QUEUE))


def queued() -> list[str]:
    return django_rq.get_queue(QUEUE).job_ids


def test_first_poll_registers_and_enqueues(clock: SyncScheduler):
    list(clock.enqueue_jobs())
    assert queued() == ["test-note"]
    assert "test-note" in clock


def test_job_is_json_and_runs(clock: SyncScheduler):
    list(clock.enqueue_jobs())
    queue = django_rq.get_queue(QUEUE)
    assert queue.serializer is JSONSerializer
    SyncWorker([queue], connection=queue.connection, serializer=queue.serializer).work(burst=True)
    assert RAN == ["ran"]


def test_lost_entry_is_back_at_the_next_poll(clock: SyncScheduler, redis_client):
    list(clock.enqueue_jobs())
    redis_client.flushdb()
    list(clock.enqueue_jobs())
    assert queued() == ["test-note"]


def test_emptied_queue_deletes_the_job_and_the_next_polls_bring_it_back(clock: SyncScheduler):
    list(clock.enqueue_jobs())
    django_rq.get_queue(QUEUE).empty()
    clock.connection.zadd(clock.scheduled_jobs_key, {"test-note": 0})
    list(clock.enqueue_jobs())  # finds the entry without its job, and drops it
    list(clock.enqueue_jobs())
    assert queued() == ["test-note"]


def test_a_clock_that_was_an_hour_ahead_puts_nothing_off(clock: SyncScheduler):
    list(clock.enqueue_jobs())
    django_rq.get_queue(QUEUE).empty()
    clock.register([row()])
    clock.connection.zadd(clock.scheduled_jobs_key, {"test-note": time.time() + 2 * 3600})
    list(clock.enqueue_jobs())
    assert queued() == ["test-note"]


@pytest.mark.parametrize("night", ["2026-03-29", "2026-10-25"])
def test_the_nights_of_the_changed_clocks_have_as_many_rounds_as_they_have_hours(clock: SyncScheduler, night: str):
    """The schedule goes by seconds: no round is left out in spring, none comes twice in autumn."""
    midnight = datetime.fromisoformat(f"{night}T00:00").replace(tzinfo=ZoneInfo("Europe/Berlin"))
    rounds = 0
    with time_machine.travel(midnight, tick=False) as traveller:
        for _quarter in range(5 * 4):
            list(clock.enqueue_jobs())
            rounds += len(queued())
            clock.connection.delete(django_rq.get_queue(QUEUE).key)
            traveller.shift(900)
    assert rounds == 5


def test_what_is_not_due_yet_is_not_brought_nearer(clock: SyncScheduler):
    list(clock.enqueue_jobs())
    before = clock.connection.zscore(clock.scheduled_jobs_key, "test-note")
    list(clock.enqueue_jobs())
    assert clock.connection.zscore(clock.scheduled_jobs_key, "test-note") == before


def test_waiting_job_is_not_queued_twice(clock: SyncScheduler):
    list(clock.enqueue_jobs())
    clock.connection.zadd(clock.scheduled_jobs_key, {"test-note": 0})
    list(clock.enqueue_jobs())
    assert queued() == ["test-note"]
    assert clock.connection.zscore(clock.scheduled_jobs_key, "test-note") > datetime.now().timestamp() + 3000


def test_registering_again_adds_nothing(clock: SyncScheduler):
    clock.register([row()])
    clock.register([row()])
    assert clock.count() == 1


def test_entry_of_an_older_table_is_dropped_and_a_strangers_kept(clock: SyncScheduler):
    now = datetime.now()
    clock.schedule(now, "syncapp.jobs.gone", id="old", interval=60, queue_name=QUEUE)
    clock.schedule(now, "othersoft.jobs.theirs", id="theirs", interval=60, queue_name=QUEUE)
    clock.drop_strangers()
    assert "old" not in clock
    assert "theirs" in clock


def test_poll_is_as_short_as_the_shortest_interval(redis_client):
    clock = SyncScheduler(schedule=[row(seconds=3), row()], connection=redis_client)
    assert clock._interval == 3
    assert clock.job_class is SyncJob
