"""Memory runs short: the kernel kills a worker, or a limit lets its allocations fail. Its records go on elsewhere."""

import resource
import time

import psutil
import pytest
from django.conf import settings
from rq.worker import BaseWorker

from syncapp.engine import job_queue, worker_signs
from syncapp.engine.rows import locks
from syncapp.models import SyncRecord
from syncapp.operations.monitoring.jobs.queues import machinery
from syncapp.worker import SyncWorker
from tests.chaos.audit import audit
from tests.chaos.conftest import Close
from tests.chaos.plant import Plant
from tests.chaos.pouring import all_equal
from tests.chaos.whole import at_rest, whole_installation

pytestmark = pytest.mark.chaos
TAKEN_OVER_SECONDS = 45
RECORDS = 12


def workers_of_rq() -> list[BaseWorker]:
    """Everybody whom Redis lists, dead or alive."""
    return [worker for worker, _alive in worker_signs.known(locks.connection(settings.REDIS_URL))]


def shown_at_work() -> set[str]:
    """The workers that the page of jobs, queues and workers shows, but for those that it calls dead."""
    return {row.name for row in machinery().workers if row.state != "dead"}


def living_workers(queue: str) -> list[psutil.Process]:
    """Of this queue, as they have told Redis."""
    pids = [worker.pid for worker in SyncWorker.all(queue=job_queue.queue(queue, settings.REDIS_URL))]
    return [psutil.Process(pid) for pid in pids if pid and psutil.pid_exists(pid)]


def linked(plant: Plant, number: int) -> list[str]:
    ids = [plant.new() for _ in range(number)]
    plant.until(lambda: SyncRecord.objects.filter(status="clean").count() == number, "all records are linked")
    plant.until(at_rest, "nobody is at work")
    return ids


def test_killed_by_the_kernel(plant: Plant, close_books: Close) -> None:
    """SIGKILL in the middle of a write; it is started again, and its record does not wait for that."""
    processes = whole_installation(plant)
    (espo_id,) = linked(plant, 1)
    plant.sandbox.fault("advoware", "delay", method="PUT", seconds=20)
    plant.sandbox.anna.change(espo_id, titel="Prof.")
    plant.until_held()
    held = plant.record(espo_id)
    victim = int(held.lease_holder.split(":")[1].partition(".")[0])
    (name,) = (worker.name for worker in workers_of_rq() if worker.pid == victim)
    psutil.Process(victim).kill()
    plant.sandbox.heal()
    begin = time.monotonic()
    plant.until(lambda: plant.record(espo_id).fence > held.fence, "it is taken over", seconds=TAKEN_OVER_SECONDS)
    assert time.monotonic() - begin < TAKEN_OVER_SECONDS
    plant.until(lambda: name not in shown_at_work(), "nobody is shown it as working", seconds=TAKEN_OVER_SECONDS)
    expected = {espo_id: {"titel": "Prof."}}
    plant.until(lambda: at_rest() and all_equal(plant, expected), "both sides equal, without help")
    assert "starting it again" in processes.said()
    close_books("memory short: killed by the kernel", audit(plant, expected, expected=expected))


def test_allocations_fail(plant: Plant, close_books: Close) -> None:
    """The worker ends by itself after what is in hand, is started anew without a hand, and goes on."""
    processes = whole_installation(plant)
    ids = linked(plant, RECORDS)
    (victim,) = living_workers("bulk")
    expected = {espo_id: {"titel": f"Prof. {number}"} for number, espo_id in enumerate(ids)}
    plant.sandbox.control.tell("webhooks", deliver="manual")
    for espo_id, fields in expected.items():
        plant.sandbox.anna.change(espo_id, **fields)
    victim.rlimit(resource.RLIMIT_AS, (victim.memory_info().vms, resource.RLIM_INFINITY))
    for espo_id in ids:
        plant.ask(espo_id, enqueue=False)
    job_queue.enqueue(list(SyncRecord.objects.values_list("pk", flat=True)), queue_name="bulk")
    plant.until(lambda: not victim.is_running(), "it ends by itself")

    def is_equal() -> bool:
        plant.let_waits_pass()
        return at_rest() and all_equal(plant, expected)

    plant.until(is_equal, "both sides equal, without help")
    plant.until(lambda: bool(living_workers("bulk")) and victim not in living_workers("bulk"), "a new one is at work")
    assert "out_of_memory" in processes.said()
    close_books("memory short: allocations fail", audit(plant, ids, expected=expected))
