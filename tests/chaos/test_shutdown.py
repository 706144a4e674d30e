"""SIGTERM: the records in hand are finished, the rest of the batch stays due, nothing is held by anybody."""

import pytest

from advosync_project.supervision import STOP_SECONDS
from syncapp.engine import job_queue
from syncapp.models import SyncRecord
from tests.chaos.audit import audit
from tests.chaos.conftest import Close
from tests.chaos.plant import Plant, Process

pytestmark = pytest.mark.chaos
RECORDS = 24


def test_sigterm_finishes_the_records_in_hand_and_leaves_the_rest_due(
    plant: Plant, steady: Process, close_books: Close
) -> None:
    worker = plant.begin_worker("bulk", SYNC_PARALLEL="2")
    pairs = plant.pairs(RECORDS)
    expected = {espo_id: {"titel": f"Prof. {number}"} for espo_id, number in pairs.items()}
    for espo_id, fields in expected.items():
        plant.sandbox.anna.change(espo_id, **fields)
        plant.ask(espo_id, enqueue=False)
    plant.ready(worker)
    plant.sandbox.fault("advoware", "delay", method="GET", seconds=0.3, count=None)
    rows = SyncRecord.objects.filter(espo_id__in=pairs)
    job_queue.enqueue(list(rows.values_list("pk", flat=True)), queue_name="bulk")
    plant.until(lambda: rows.filter(status="clean").count() >= 4, "some records are done")
    assert worker.terminate(seconds=STOP_SECONDS) == 0
    done = rows.filter(status="clean").count()
    assert 4 <= done < RECORDS
    assert rows.filter(status="dirty", retry_count=0).count() == RECORDS - done
    assert not rows.exclude(lease_token="").exists()
    assert plant.redis.locks() == []
    plant.sandbox.heal()
    plant.settle()
    close_books("SIGTERM in a batch", audit(plant, pairs, expected=expected))
