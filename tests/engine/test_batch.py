"""Several records in one job: side by side, each by itself; and the dispatcher that finds what is due."""

import threading
import time
from datetime import timedelta
from typing import Any

import pytest
from django.db import OperationalError, connection
from django.utils import timezone

from syncapp.core.requests import Source, Trigger
from syncapp.engine import control, job_queue
from syncapp.engine.batch import sync_batch
from syncapp.engine.dispatcher import dispatch
from syncapp.engine.rows.requests import request_sync
from syncapp.engine.runs.sync_record import Order
from syncapp.models import Heartbeat, SyncRecord
from tests.support.firm import Firm
from tests.support.meanwhile import Meanwhile

pytestmark = pytest.mark.django_db(transaction=True)


def records(firm: Firm, number: int) -> list[int]:
    ids = [SyncRecord.objects.create(espo_id=firm.new(name=f"Nummer {n}")).pk for n in range(number)]
    for record_id in ids:
        request_sync(SyncRecord, record_id=record_id, trigger=Trigger.SYNC_CHECK, source=Source.SWEEP)
    return ids


def synced(ids: list[int], **bounds: float) -> dict[str, int]:
    return sync_batch([Order(record_id) for record_id in ids], **bounds)


def queued(redis_client: Any, name: str) -> list[list[int]]:
    from rq import Queue

    jobs = Queue(name, connection=redis_client, serializer="rq.serializers.JSONSerializer").jobs
    return [job.args[0] for job in jobs]


def test_every_record_of_a_batch_is_synced(firm: Firm) -> None:
    ids = records(firm, 12)
    assert synced(ids) == {"ran": 12}
    assert SyncRecord.objects.filter(status="clean").count() == 12
    assert len(firm.sandbox.state()["advoware"]) == 12


def test_nothing_to_run_is_no_fault(db: None) -> None:
    """Every record of a page can have been forgotten since its job was enqueued."""
    assert synced([]) == {}


@pytest.mark.parametrize("away", [True, False])
def test_a_database_that_is_away_ends_the_batch(away: bool, db: None, monkeypatch: Any, caplog: Any) -> None:
    """One that is there again, or that was only locked for one record, does not."""
    tried: list[int] = []

    def failing(order: Order) -> None:
        tried.append(order.record_id)
        raise OperationalError("connection refused")

    def connect() -> None:
        if away:
            raise OperationalError("connection refused")

    monkeypatch.setattr("syncapp.engine.batch.sync_record", failing)
    monkeypatch.setattr(type(connection._connections[connection._alias]), "ensure_connection", lambda self: connect())
    assert synced([1, 2, 3]) == {"left": 3}
    assert tried == ([1] if away else [1, 2, 3])
    assert [record.message for record in caplog.records if record.name == "advosync.sync"] == (
        ["database_away"] if away else ["record_failed_outside_its_run"] * 3
    )


def test_a_large_delivery_is_shared_between_workers(db: None, redis_client: Any) -> None:
    job_queue.enqueue_each(range(60))
    assert [len(ids) for ids in queued(redis_client, "webhook")] == [25, 25, 10]


def test_up_to_so_many_run_at_a_time(firm: Firm, meanwhile: Meanwhile) -> None:
    firm.settings.SYNC_PARALLEL = 3
    at_work: set[int] = set()
    most = 0
    door = threading.Condition()

    def come_and_go() -> None:
        nonlocal most
        with door:
            at_work.add(threading.get_ident())
            most = max(most, len(at_work))
            door.notify_all()
            door.wait_for(lambda: most >= 3, timeout=30)
        time.sleep(0.1)  # a fourth one would come now
        with door:
            at_work.discard(threading.get_ident())

    meanwhile.before("advoware", "create", come_and_go, times=99)
    synced(records(firm, 7))
    assert most == 3


def test_one_records_trouble_does_not_touch_another(firm: Firm, monkeypatch: pytest.MonkeyPatch) -> None:
    from syncapp.engine import batch

    ids = records(firm, 4)
    real = batch.sync_record

    def broken(order: Order) -> Any:
        if order.record_id == ids[1]:
            raise RuntimeError("outside its run")
        return real(order)

    monkeypatch.setattr(batch, "sync_record", broken)
    assert synced(ids) == {"ran": 3, "left": 1}


def test_a_pause_ends_a_batch_after_the_records_that_are_under_way(firm: Firm, meanwhile: Meanwhile) -> None:
    firm.settings.SYNC_PARALLEL = 1
    ids = records(firm, 5)
    meanwhile.before("advoware", "create", lambda: control.set_mode(mode="paused", by="boss"), skip=1)
    ended = synced(ids)
    assert (ended["ran"], ended["paused"], ended["left"]) == (2, 1, 2)
    assert SyncRecord.objects.filter(status="pending_sync").count() == 3


def test_an_open_breaker_ends_a_batch(firm: Firm) -> None:
    firm.settings.SYNC_PARALLEL = 1
    ids = records(firm, 5)
    firm.sandbox.fault("advoware", "status", status=401, count=99)
    ended = synced(ids)
    assert (ended["ran"], ended["breaker_open"], ended["left"]) == (1, 1, 3)
    assert SyncRecord.objects.filter(status="pending_sync", retry_count=0).count() == 5


def test_a_batch_whose_time_is_over_begins_nothing_new(firm: Firm) -> None:
    firm.settings.SYNC_PARALLEL = 1
    ids = records(firm, 3)
    assert synced(ids, seconds=-1) == {"left": 3}
    assert synced(ids, seconds=600) == {"ran": 3}


# --- the dispatcher


def test_it_enqueues_what_is_due_oldest_first(firm: Firm, redis_client: Any) -> None:
    late, early, failed, stuck, at_rest = records(firm, 5)
    now = timezone.now()
    SyncRecord.objects.filter(pk=late).update(dirty_since=now - timedelta(minutes=1))
    SyncRecord.objects.filter(pk=early).update(dirty_since=now - timedelta(hours=1))
    hours = {"dirty_since": now - timedelta(hours=2)}
    SyncRecord.objects.filter(pk=failed).update(
        status="failed", kind="transient", next_retry_at=now - timedelta(minutes=1), **hours
    )
    SyncRecord.objects.filter(pk=stuck).update(
        status="syncing", lease_token="dead", lease_expires=now - timedelta(minutes=1), **hours
    )
    SyncRecord.objects.filter(pk=at_rest).update(status="clean", last_check=now - timedelta(days=3))
    redis_client.flushdb()
    assert dispatch() == 4
    (batch,) = queued(redis_client, "sweep")
    assert sorted(batch[:2]) == sorted([failed, stuck])
    assert batch[2:] == [early, late]
    assert Heartbeat.objects.get(pk="dispatcher").at > now


def test_it_takes_no_re_checks(firm: Firm) -> None:
    SyncRecord.objects.create(espo_id="a" * 17, betnr=1, status="clean", last_check=timezone.now() - timedelta(days=3))
    assert dispatch() == 0


def test_a_job_takes_up_to_a_hundred(firm: Firm, redis_client: Any) -> None:
    SyncRecord.objects.bulk_create(SyncRecord(espo_id=f"{n:017d}", status="dirty") for n in range(250))
    redis_client.flushdb()
    assert dispatch() == 250
    assert [len(batch) for batch in queued(redis_client, "sweep")] == [100, 100, 50]


def test_what_was_enqueued_twice_is_done_once(firm: Firm) -> None:
    ids = records(firm, 3)
    assert synced([*ids, *ids])["ran"] == 3
    assert len(firm.sandbox.state()["advoware"]) == 3


def test_with_redis_away_it_says_so_and_waits(firm: Firm) -> None:
    records(firm, 1)
    firm.settings.REDIS_URL = "redis://127.0.0.1:1/1"
    assert dispatch() == 0
