"""Two versions side by side, for the time of an update: what the newer one writes harms nothing here, and waits for it.

There is one version yet, so the newer one is played by its traces: statuses, orders, tasks, acts, jobs and columns that
this one does not know. What pages make of them: tests/security/test_stored_script.py.
"""

import pytest
import redis
from django.db import connection
from django.utils import timezone
from rq import Queue
from rq.serializers import JSONSerializer

from syncapp.core.states import Event
from syncapp.engine import dispatcher
from syncapp.engine.rows import lease
from syncapp.engine.rows.requests import request_sync
from syncapp.engine.runs.sync_record import Order
from syncapp.models import BulkAction, BulkState, Control, OperatorLog, StatusChange, SyncRecord
from syncapp.operations.actions.bulk import many
from syncapp.operations.actions.child_cases import answers_to
from syncapp.worker import SyncWorker
from tests.admin import rooms

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("live")]
UNKNOWN = "of_tomorrow"


def newer(**columns: object) -> SyncRecord:
    """A record that is due, as a newer version has left it."""
    made = rooms.record("dirty")
    SyncRecord.objects.filter(pk=made.pk).update(**columns)
    made.refresh_from_db()
    return made


@pytest.mark.parametrize("column", ["status", "override", "hold"])
@pytest.mark.parametrize("forced", [False, True])
def test_a_record_with_an_unknown_word_is_left_to_the_newer_version(column: str, forced: bool) -> None:
    made = newer(**{column: UNKNOWN[:8]})
    before = SyncRecord.objects.filter(pk=made.pk).values().get()
    assert lease.acquire(SyncRecord, record_id=made.pk, control=Control.objects.get(), forced=forced) is None
    assert SyncRecord.objects.filter(pk=made.pk).values().get() == before


def test_a_late_look_at_an_unknown_status_is_the_newer_versions() -> None:
    made = newer(status=UNKNOWN, late_look_at=timezone.now())
    assert lease.acquire(SyncRecord, record_id=made.pk, control=Control.objects.get()) is None


@pytest.mark.parametrize("event", [Event.CHANGED, Event.RESET, Event.RELINKED])
def test_a_request_is_counted_and_the_unknown_status_stays(event: Event) -> None:
    made = newer(status=UNKNOWN)
    steps = StatusChange.objects.count()
    assert request_sync(SyncRecord, record_id=made.pk, event=event, trigger="update", source="webhook")
    after = SyncRecord.objects.get(pk=made.pk)
    assert (after.status, after.requested - made.requested, after.dirty_since is None) == (UNKNOWN, 1, False)
    assert StatusChange.objects.count() == steps


def test_the_dispatcher_goes_on_with_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []
    monkeypatch.setattr("syncapp.engine.dispatcher._has_room", lambda entity: True)
    monkeypatch.setattr("syncapp.engine.job_queue.enqueue", lambda ids, **told: asked.extend(ids))
    newer(status=UNKNOWN)
    newer(hold=UNKNOWN[:8])
    known = rooms.record("dirty")
    dispatcher.dispatch()
    assert asked == [known.pk]


def test_an_unknown_act_on_many_waits_for_the_newer_worker() -> None:
    made = rooms.record()
    bulk = BulkAction.objects.create(code=UNKNOWN, actor="anna", ids=[made.pk], total=1, state=BulkState.RUNNING)
    assert many.work(bulk_id=bulk.pk) == 0
    bulk.refresh_from_db()
    assert (bulk.state, bulk.position, bulk.worker) == (BulkState.RUNNING, 0, "")
    assert not OperatorLog.objects.filter(action=UNKNOWN).exists()


@pytest.mark.parametrize("column", ["code", "kind"])
def test_an_unknown_task_is_answered_by_nobody_here(column: str) -> None:
    case = rooms.child_case(**{column: UNKNOWN[:16]})
    assert answers_to(case) == () or column == "kind"


JOBS = {
    "a function that is not there": ("syncapp.jobs.of_tomorrow", ([1],), {}),
    "a module that is not there": ("syncapp.tomorrow.jobs.sync", ([1],), {}),
    "one argument more": ("syncapp.jobs.sync_records", ([1], "fast"), {}),
    "an option": ("syncapp.jobs.sync_records", ([1],), {"fast": True}),
    "ids of another shape": ("syncapp.jobs.sync_records", ([{"id": 1}],), {}),
    "no ids": ("syncapp.jobs.sync_records", (), {}),
}


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("name", JOBS)
def test_a_job_of_unknown_shape_costs_nothing_but_itself(
    name: str, redis_client: redis.Redis, redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    function, args, options = JOBS[name]
    done: list[list[Order]] = []
    monkeypatch.setattr("syncapp.jobs.batch.sync_batch", lambda orders: done.append(orders) or {})
    if name == "ids of another shape":
        monkeypatch.undo()
    made = rooms.record("dirty")
    queue = Queue("sweep", connection=redis_client, serializer=JSONSerializer)
    queue.enqueue_call(function, args=args, kwargs=options)
    after = queue.enqueue_call("json.dumps", args=({},))
    SyncWorker([queue], connection=redis_client, serializer=JSONSerializer).work(burst=True)
    assert queue.count == 0
    assert done == []
    assert after.get_status(refresh=True) == "finished", "the worker did not go on"
    assert SyncRecord.objects.get(pk=made.pk).status == "dirty", "what it was about stays due"


@pytest.mark.parametrize("column", ["tomorrow varchar(20) NULL", "tomorrow integer NOT NULL DEFAULT 7"])
def test_unknown_columns_are_written_around(column: str) -> None:
    """What a newer version's migration adds, as tests/project/test_migrations.py lets it."""
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER TABLE syncapp_syncrecord ADD COLUMN {column}")
    made = rooms.record("dirty")
    taken = lease.acquire(SyncRecord, record_id=made.pk, control=Control.objects.get())
    assert taken is not None
    assert SyncRecord.objects.get(pk=made.pk).status == "syncing"
