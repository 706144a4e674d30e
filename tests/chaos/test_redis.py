"""Redis flushed, stopped, killed and started again while changes pour in: nobody notices, and nobody has to help."""

import signal
import subprocess
import time
from collections import Counter
from collections.abc import Callable, Iterator

import pytest

from syncapp.engine import worker_signs
from syncapp.models import SyncRecord
from tests.chaos.audit import audit
from tests.chaos.conftest import Close
from tests.chaos.plant import Plant, Process, free_origin
from tests.chaos.pouring import all_equal, pour, webhooks_to
from tests.chaos.whole import at_rest, whole_installation
from tests.support.processes import MANAGE, ROOT

pytestmark = pytest.mark.chaos
RECORDS = 100
CHANGES = 1000
# EspoCRM gives up on a webhook after ten seconds.
WEBHOOK_SECONDS = 5.0


@pytest.fixture(autouse=True)
def redis_for_the_next(plant: Plant) -> Iterator[None]:
    """The server serves all tests of the session."""
    yield
    plant.redis.restore()


@pytest.fixture(params=["flushed", "restarted", "killed", "away for a while"])
def plug(request: pytest.FixtureRequest, plant: Plant) -> dict[int, Callable[[], object]]:
    """What happens to Redis, and before which of the changes."""
    redis = plant.redis
    actions: dict[str, dict[int, Callable[[], object]]] = {
        "flushed": dict.fromkeys(range(100, CHANGES, 100), redis.flush),
        "restarted": dict.fromkeys(range(200, CHANGES, 200), redis.restart),
        "killed": {
            300: lambda: redis.stop(how=signal.SIGKILL),
            350: redis.start,
            700: lambda: redis.stop(how=9),
            750: redis.start,
        },
        "away for a while": {100: redis.stop, 900: redis.start},
    }
    return actions[request.param]


def test_redis_pulled_while_changes_pour_in(
    request: pytest.FixtureRequest, plant: Plant, close_books: Close, plug: dict[int, Callable[[], object]]
) -> None:
    whole_installation(plant)
    ids = [plant.new() for _ in range(RECORDS)]
    plant.until(lambda: SyncRecord.objects.filter(status="clean").count() == RECORDS, "all records are linked")
    expected = pour(plant, ids, CHANGES, at=plug)
    plant.until(lambda: at_rest() and all_equal(plant, expected), "both sides equal, without help")
    plant.until(lambda: plant.redis.locks() == [], "no lock left")
    close_books(
        f"Redis {request.node.callspec.params['plug']}", audit(plant, ids, expected=expected), injected=len(plug)
    )


def test_flushed_with_jobs_waiting(plant: Plant, steady: Process, close_books: Close) -> None:
    """The jobs are gone; the generations in the database bring them back."""
    pairs = plant.pairs(10)
    expected = {espo_id: {"titel": f"Prof. {number}"} for espo_id, number in pairs.items()}
    for espo_id, fields in expected.items():
        plant.sandbox.anna.change(espo_id, **fields)
        plant.ask(espo_id)  # nobody works on this queue
    plant.redis.flush()
    plant.settle()
    close_books("Redis flushed", audit(plant, pairs, expected=expected))


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL])
def test_redis_goes_in_the_middle_of_a_run(plant: Plant, close_books: Close, how: int) -> None:
    """The lease alone serves: the run goes on, writes, and commits."""
    worker = plant.worker("sweep")
    espo_id, _number = plant.pair()
    plant.sandbox.anna.change(espo_id, titel="Prof.")
    plant.sandbox.fault("advoware", "delay", method="GET", seconds=1.5)
    plant.ask(espo_id, queue="sweep")
    plant.until_held()
    plant.redis.stop(how=how)
    plant.until(lambda: plant.record(espo_id).status == "clean", "the run has ended well")
    plant.redis.start()
    plant.until(lambda: plant.redis.locks() == [] or worker.ended, "no lock")
    plant.expire()
    # A Redis that was killed may give back a job that had been taken; the supervisor has a worker for it.
    plant.worker("sweep")
    plant.settle()
    close_books("Redis gone in a run", audit(plant, [espo_id], expected={espo_id: {"titel": "Prof."}}))


def test_without_redis_the_lease_alone_keeps_writers_apart(plant: Plant, steady: Process, close_books: Close) -> None:
    """No lock and no job: three processes want the same records at once, and each record is carried by one of them."""
    pairs = plant.pairs(6)
    expected = {espo_id: {"titel": f"Prof. {number}"} for espo_id, number in pairs.items()}
    plant.redis.stop()
    for espo_id, fields in expected.items():
        plant.sandbox.anna.change(espo_id, **fields)
        plant.ask(espo_id, enqueue=False)
    plant.sandbox.clear_calls()
    plant.sandbox.fault("advoware", "delay", method="GET", seconds=0.5, count=None)
    command = [*MANAGE, "sync", *pairs]
    runners = [
        subprocess.Popen(
            command, cwd=ROOT, env=plant.own_environment(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        for _ in range(3)
    ]
    for runner in runners:
        runner.wait(120)
    plant.sandbox.heal()
    writes = Counter((method, path) for _system, method, path in plant.sandbox.calls() if method in ("PUT", "PATCH"))
    assert set(SyncRecord.objects.values_list("status", flat=True)) == {"clean"}
    assert set(writes.values()) == {1}
    assert len(writes) == 2 * len(pairs)
    plant.redis.start()
    plant.settle()
    close_books("no Redis: three at once", audit(plant, pairs, expected=expected), injected=3 * len(pairs))


@pytest.mark.parametrize("how", ["stopped", "hanging"])
def test_webhooks_are_answered_without_redis(plant: Plant, steady: Process, close_books: Close, how: str) -> None:
    """202 within the time that EspoCRM gives; the worker has waited for Redis and does the rest, without a hand."""
    pairs = plant.pairs(6)
    expected = {espo_id: {"titel": f"Prof. {number}"} for espo_id, number in pairs.items()}
    origin = free_origin()
    plant.web(origin=origin, ESPOCRM_WEBHOOK_SECRETS=webhooks_to(plant, origin, deliver=False))
    {"stopped": plant.redis.stop, "hanging": plant.redis.freeze}[how]()
    for espo_id, fields in expected.items():
        plant.sandbox.anna.change(espo_id, **fields)
        begin = time.monotonic()
        assert plant.sandbox.deliver_webhooks()["statuses"] == [202]
        assert time.monotonic() - begin < WEBHOOK_SECONDS
    assert set(SyncRecord.objects.values_list("status", flat=True)) == {"dirty"}
    plant.redis.restore()
    plant.settle()
    assert not steady.ended
    close_books(f"webhooks while Redis is {how}", audit(plant, pairs, expected=expected), injected=len(pairs))


def test_workers_count_again_after_a_flush_and_not_after_their_death(plant: Plant) -> None:
    """With the real heartbeat, whose seconds this takes: home and doctor read the same signs."""
    worker = plant.worker("sweep")

    def counts() -> bool:
        """This one: the module's steady worker serves the same queue."""
        with plant.redis.client() as client:
            return any(alive for one, alive in worker_signs.known(client) if one.pid == worker.popen.pid)

    plant.until(counts, "the worker counts")
    plant.redis.flush()
    assert not counts()
    plant.until(counts, "it is back after the flush", seconds=3 * worker_signs.BEAT_SECONDS)
    worker.kill()
    plant.until(lambda: not counts(), "a dead one does not count", seconds=2 * worker_signs.LIVES_FOR)
