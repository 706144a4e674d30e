"""Two sweeps, two schedulers, and a scheduler that dies: the clock goes on, and nothing is done twice."""

import subprocess
import time
from collections import Counter

import pytest

from syncapp.models import Heartbeat, Sweep, SyncRecord
from tests.chaos.audit import audit
from tests.chaos.conftest import Close
from tests.chaos.plant import Plant, Process
from tests.support.processes import MANAGE, ROOT

pytestmark = pytest.mark.chaos
RECORDS = 30


def beats(plant: Plant, seconds: float) -> int:
    """How often the dispatcher shows that it is alive in that time."""
    seen = set()
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        seen |= set(Heartbeat.objects.filter(pk="dispatcher").values_list("at", flat=True))
        time.sleep(0.1)
    return len(seen)


@pytest.mark.long
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


@pytest.mark.long
def test_two_schedulers_at_once_and_one_is_killed(plant: Plant, steady: Process, close_books: Close) -> None:
    plant.worker("schedule")
    one, two = (plant.scheduler(SYNC_DISPATCH_SECONDS="1") for _ in range(2))
    plant.until(lambda: Heartbeat.objects.filter(pk="dispatcher").exists(), "a first round")
    assert beats(plant, 6) <= 8
    one.kill()
    # The lock of a dead holder lasts for its interval and ten seconds more.
    plant.until(lambda: beats(plant, 3) >= 2, "the other one has taken over", seconds=60)
    assert not two.ended
    espo_id = plant.new()
    plant.ask(espo_id, ring=False)
    plant.until(lambda: plant.record(espo_id).status == "clean", "the clock has rung for it")
    two.kill()
    plant.scheduler(SYNC_DISPATCH_SECONDS="1")
    plant.until(lambda: beats(plant, 3) >= 2, "one that is started again goes on", seconds=60)
    close_books("scheduler killed", audit(plant, SyncRecord.objects.values_list("espo_id", flat=True)), injected=2)
