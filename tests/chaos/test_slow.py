"""Everything takes long: a remote system that answers slowly, and jobs that RQ ends at their limit."""

import pytest

from syncapp.engine import job_queue
from syncapp.models import Attempt, SyncRecord
from tests.chaos.audit import audit
from tests.chaos.conftest import Close
from tests.chaos.plant import Plant, Process
from tests.chaos.scenarios import PATCH, POST, PUT, SCENARIOS, Scenario
from tests.support import operator

pytestmark = pytest.mark.chaos
RECORDS = 24
# What a job may take here, and a call that takes longer than that.
LIMIT, LONGER = 1, 2.5
# What people do in EspoCRM is a PUT; they are as quick as ever.
OURS = (("espocrm", "GET"), ("espocrm", "PATCH"), ("advoware", None))
GET = ("advoware", "GET", "Beteiligte")


@pytest.fixture
def short_jobs(monkeypatch: pytest.MonkeyPatch) -> None:
    """RQ stops the jobs that this process puts on a queue after a second."""
    monkeypatch.setattr(job_queue, "JOB_TIMEOUT", LIMIT)


def test_slow_answers_cost_time_and_nothing_else(plant: Plant, steady: Process, close_books: Close) -> None:
    """Both systems take their time for every call, while two workers carry and people go on editing."""
    other = plant.begin_worker("webhook")
    pairs = plant.pairs(RECORDS)
    plant.ready(other)
    expected: dict[str, dict[str, str]] = {espo_id: {} for espo_id in pairs}
    for system, method in OURS:
        plant.sandbox.fault(system, "delay", method=method, seconds=1.0, count=None)
    for field in ("titel", "zusatz"):
        for espo_id, number in pairs.items():
            expected[espo_id][field] = f"{field} {number}"
            plant.sandbox.anna.change(espo_id, **{field: expected[espo_id][field]})
            plant.ask(espo_id)
    plant.settle()
    plant.sandbox.heal()
    assert not Attempt.objects.exclude(outcome="done").exists()
    close_books("both systems slow", audit(plant, pairs, expected=expected), injected=RECORDS)


CASES = [
    pytest.param(SCENARIOS["update to Advoware"], GET, id="while it reads"),
    pytest.param(SCENARIOS["update to Advoware"], PUT, id="in its PUT"),
    pytest.param(SCENARIOS["update to Advoware"], PATCH, id="in its PATCH"),
    pytest.param(SCENARIOS["create"], POST, id="in its POST"),
]


@pytest.mark.usefixtures("short_jobs")
@pytest.mark.parametrize("scenario, held", CASES)
def test_job_ended_at_its_limit(
    plant: Plant, steady: Process, close_books: Close, scenario: Scenario, held: tuple[str, str, str]
) -> None:
    """The run is over, not dead: lease and lock are given back, and the next run settles what was under way."""
    worker = plant.begin_worker("webhook")
    espo_id = scenario.prepare(plant)
    scenario.edit(plant, espo_id)
    plant.ready(worker)
    system, method, part = held
    plant.sandbox.fault(system, "delay", method=method, path_contains=part, seconds=LONGER)
    plant.ask(espo_id)
    plant.until_held()
    plant.until(lambda: not plant.record(espo_id).lease_token, "the lease is given back", seconds=20)
    plant.until(lambda: plant.redis.locks() == [], "the lock is given back", seconds=20)
    record = plant.record(espo_id)
    assert (record.status, record.kind, record.fault["code"]) == ("failed", "transient", "job_timeout")
    plant.settle()
    if held == POST:
        _link(plant, espo_id)
    plant.pass_late_look(espo_id)
    plant.settle()
    assert not worker.ended
    close_books("job ended at its limit", audit(plant, [espo_id]))


def _link(plant: Plant, espo_id: str) -> None:
    """Whether the POST had its effect nobody knows: it is not repeated, somebody looks and links."""
    record = plant.record(espo_id)
    assert (record.status, record.kind) == ("failed", "create_outcome_unknown")
    (beteiligter,) = plant.sandbox.state()["advoware"]
    operator.link_to_betnr(record, beteiligter["betNr"])
    plant.settle()


@pytest.mark.usefixtures("short_jobs")
def test_batch_ended_at_its_limit(plant: Plant, steady: Process, close_books: Close) -> None:
    """The records in hand are finished, the others stay due, no retry is used up, and the worker goes on."""
    worker = plant.begin_worker("bulk", SYNC_PARALLEL="2")
    pairs = plant.pairs(RECORDS)
    expected = {espo_id: {"titel": f"Prof. {number}"} for espo_id, number in pairs.items()}
    for espo_id, fields in expected.items():
        plant.sandbox.anna.change(espo_id, **fields)
        plant.ask(espo_id, enqueue=False)
    plant.ready(worker)
    plant.sandbox.fault("advoware", "delay", method="GET", seconds=0.4, count=None)
    rows = SyncRecord.objects.filter(espo_id__in=pairs)
    job_queue.enqueue(list(rows.values_list("pk", flat=True)), queue_name="bulk")
    plant.until(lambda: "JobTimeoutException" in worker.said(), "the job is stopped")
    plant.until(lambda: not (rows.exclude(lease_token="").exists() or plant.redis.locks()), "nothing is held")
    done = rows.filter(status="clean").count()
    assert 0 < done < RECORDS
    assert rows.filter(status="dirty", retry_count=0).count() == RECORDS - done
    plant.sandbox.heal()
    plant.settle()
    plant.ask(next(iter(pairs)), queue="bulk")
    plant.until(lambda: not rows.filter(status="dirty").exists(), "the same worker goes on")
    assert not worker.ended
    close_books("batch ended at its limit", audit(plant, pairs, expected=expected))
