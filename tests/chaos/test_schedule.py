"""Two sweeps, two schedulers, and a scheduler that dies: the clock goes on, and nothing is done twice."""

import subprocess
import time
from collections import Counter

import pytest

from syncapp.models import Heartbeat, Sweep, SyncRecord
from syncapp.scheduler import SyncScheduler
from tests.chaos.audit import audit
from tests.chaos.conftest import Close
from tests.chaos.plant import Plant, Process
from tests.support.processes import MANAGE, ROOT

pytestmark = pytest.mark.chaos
RECORDS = 30
TICK_SECONDS = 1
SWEEP_SECONDS = 15 * 60
# rq-scheduler's lock outlives its holder by that much.
LOCK_OF_THE_DEAD_SECONDS = 10


def beats(plant: Plant, seconds: float) -> int:
    """How often the dispatcher shows that it is alive in that time."""
    seen = set()
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        seen |= set(Heartbeat.objects.filter(pk="dispatcher").values_list("at", flat=True))
        time.sleep(0.1)
    return len(seen)


def test_two_sweeps_at_once(plant: Plant, steady: Process, close_books: Close) -> None:
    """Webhooks were lost; two sweeps find the same changes, and each record is carried once."""
    other = plant.begin_worker("sweep")
    pairs = plant.pairs(RECORDS)
    expected = {espo_id: {"titel": f"Prof. {number}"} for espo_id, number in pairs.items()}
    for espo_id, fields in expected.items():
        plant.sandbox.anna.change(espo_id, **fields, syncStatus="dirty")
    plant.ready(other)
    plant.sandbox.clear_calls()
    sweeps = [
        subprocess.Popen([*MANAGE, "sweep"], cwd=ROOT, env=plant.own_environment(), stdout=subprocess.DEVNULL)
        for _ in range(2)
    ]
    assert [sweep.wait(120) for sweep in sweeps] == [0, 0]
    plant.settle()
    assert Sweep.objects.filter(finished_at__isnull=False, fault={}).count() == 2
    writes = Counter((method, path) for _system, method, path in plant.sandbox.calls() if method in ("PUT", "PATCH"))
    assert set(writes.values()) == {1}
    assert len(writes) == 2 * RECORDS
    close_books("two sweeps at once", audit(plant, pairs, expected=expected))


def sweeps() -> int:
    return Sweep.objects.filter(finished_at__isnull=False, fault={}).count()


def pass_a_quarter_of_an_hour(plant: Plant) -> None:
    """For the clock: what it has put off until the next time is due."""
    with plant.redis.client() as client:
        for name in client.zrange(SyncScheduler.scheduled_jobs_key, 0, -1):
            client.zincrby(SyncScheduler.scheduled_jobs_key, -SWEEP_SECONDS, name)


def die_with_the_lock(plant: Plant, scheduler: Process) -> None:
    """kill -9 in the moment when it hands out the jobs, which is the worst one."""
    scheduler.kill()
    with plant.redis.client() as client:
        client.set(SyncScheduler.scheduler_lock_key, "dead", ex=TICK_SECONDS + LOCK_OF_THE_DEAD_SECONDS)


def two_clocks(plant: Plant) -> tuple[Process, Process]:
    """Both at work before anybody works for them: what the second one registers anew is waiting already."""
    one, two = (plant.scheduler(SYNC_DISPATCH_SECONDS=str(TICK_SECONDS)) for _ in range(2))
    plant.worker("schedule")
    plant.until(lambda: sweeps() == 1, "the first sweep")
    return one, two


def lose_a_webhook(plant: Plant) -> str:
    """Only a sweep can find this one."""
    return plant.new(syncStatus="pending_sync")


def until_swept(plant: Plant, espo_id: str) -> None:
    found = SyncRecord.objects.filter(espo_id=espo_id, status="clean")
    plant.until(found.exists, "the sweep has run again, and what it found is done", seconds=60)


def test_two_schedulers_at_once_hand_out_each_job_once(plant: Plant, steady: Process, close_books: Close) -> None:
    clocks = two_clocks(plant)
    assert beats(plant, 6) <= 8
    espo_id = lose_a_webhook(plant)
    pass_a_quarter_of_an_hour(plant)
    until_swept(plant, espo_id)
    assert beats(plant, 4) <= 6
    assert sweeps() == 2
    assert not any(clock.ended for clock in clocks)
    close_books("two schedulers at once", audit(plant, [espo_id]))


def test_killed_scheduler_is_replaced_by_the_next_one(plant: Plant, steady: Process, close_books: Close) -> None:
    """By the one that ran beside it, then by one that is started again: the sweep goes on, nobody lends a hand."""
    one, two = two_clocks(plant)
    die_with_the_lock(plant, one)
    first = lose_a_webhook(plant)
    pass_a_quarter_of_an_hour(plant)
    until_swept(plant, first)
    assert not two.ended
    die_with_the_lock(plant, two)
    second = lose_a_webhook(plant)
    plant.scheduler(SYNC_DISPATCH_SECONDS=str(TICK_SECONDS))
    until_swept(plant, second)
    close_books("scheduler killed", audit(plant, [first, second]), injected=2)
