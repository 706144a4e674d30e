"""The clock of a machine jumps by an hour, forward or back, while its scheduler and its workers are at work.

What a jump of the database's or of Redis's clock leaves behind: tests/engine, tests/remotes/test_google_quota.py.
"""

import sys
from datetime import timedelta
from pathlib import Path

import pytest
from django.db.models import Q
from django.utils import timezone

from syncapp.models import Breaker, Sweep, SyncRecord
from tests.chaos.audit import audit
from tests.chaos.conftest import Close
from tests.chaos.plant import Plant, Process

pytestmark = pytest.mark.chaos
RECORDS = 12
JUMPING = [sys.executable, "-m", "tests.chaos.jumping"]


class MachineClock:
    """What the processes that are started on it take for the time."""

    def __init__(self, plant: Plant) -> None:
        self.plant = plant
        self.file = plant.directory / "clock"

    def set(self, seconds: int) -> None:
        """So many seconds from the true time."""
        new = Path(f"{self.file}.new")
        new.write_text(str(seconds))
        new.replace(self.file)

    def start(self, *command: str, says: str) -> Process:
        name = "-".join(command)
        return self.plant.start(name, [*JUMPING, str(self.file), *command], lambda process: says in process.said())


def disturbed() -> bool:
    return Breaker.objects.filter(Q(failures__gt=0) | Q(open_until__isnull=False)).exists()


def sweeps() -> int:
    return Sweep.objects.filter(finished_at__isnull=False).count()


@pytest.mark.parametrize("before, after", [pytest.param(0, 3600, id="forward"), pytest.param(3600, 0, id="back")])
def test_the_machine_s_clock_jumps(plant: Plant, close_books: Close, before: int, after: int) -> None:
    """EspoCRM is away just then: a breaker is open, retries and the next rounds are put off by the old time."""
    plant.environment["SYNC_DISPATCH_SECONDS"] = "1"
    clock = MachineClock(plant)
    clock.set(before)
    clock.start("scheduler", says="every")
    for queue in ("schedule", "sweep"):
        clock.start("worker", queue, says="ready, queue")
    ids = [plant.new() for _ in range(RECORDS)]
    for espo_id in ids:
        plant.ask(espo_id, enqueue=False)
    plant.until(lambda: SyncRecord.objects.filter(status="clean").count() == RECORDS, "all are linked")
    expected = {espo_id: {"titel": f"Prof. {number}"} for number, espo_id in enumerate(ids)}
    for espo_id, fields in expected.items():
        plant.sandbox.anna.change(espo_id, **fields)
    plant.sandbox.fault("espocrm", "status", status=503, count=None)
    for espo_id in ids:
        plant.ask(espo_id, enqueue=False)
    plant.until(lambda: Breaker.objects.filter(open_until__isnull=False).exists(), "the breaker opens")
    plant.until(lambda: sweeps() > 0, "the first sweep")
    swept = sweeps()
    clock.set(after)
    jumped = timezone.now() + timedelta(seconds=after)
    plant.sandbox.heal()
    plant.until(lambda: not disturbed(), "the breaker closes")
    assert not SyncRecord.objects.filter(next_retry_at__gt=jumped + timedelta(minutes=3)).exists()
    past = timezone.now() - timedelta(hours=2)
    SyncRecord.objects.filter(next_retry_at__isnull=False).update(next_retry_at=past)
    plant.until(lambda: not SyncRecord.objects.exclude(status="clean").exists(), "all is carried")
    plant.until(lambda: sweeps() > swept, "the schedule goes on")
    fault = f"clock jumps an hour {'forward' if after else 'back'}"
    close_books(fault, audit(plant, ids, expected=expected))
