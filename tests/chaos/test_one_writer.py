"""One run at a time for a record: many workers, a holder that sleeps, and clocks that are wrong."""

import itertools
import time
from typing import Any

import pytest

from syncapp.engine.rows import locks
from syncapp.models import Attempt, Outcome
from tests.chaos.audit import audit
from tests.chaos.conftest import Close
from tests.chaos.plant import Plant, Process

pytestmark = pytest.mark.chaos
WORKERS = 20
FIVE_MINUTES = 300


def calls_of(plant: Plant, since: int = 0) -> list[dict[str, Any]]:
    """The record's calls in the order of their arrival (there is one record in these tests)."""
    found = [c for c in plant.sandbox.control.calls(since=since) if "Beteiligte/" in c["path"] and not is_annas(c)]
    return sorted(found, key=lambda call: float(call["at"]))


def is_annas(call: dict[str, Any]) -> bool:
    """What people do with EspoCRM is a PUT, the product sends PATCH."""
    return (call["system"], call["method"]) == ("espocrm", "PUT")


def runs_in(calls: list[dict[str, Any]]) -> list[list[dict[str, Any]]]:
    """The calls by run: each begins with one read of each system, then at most one write to each."""
    runs: list[list[dict[str, Any]]] = []
    for call in calls:
        now = runs[-1] if runs else []
        begins = call["method"] == "GET" and any(
            (c["system"], c["method"]) == (call["system"], "GET") or c["method"] != "GET" for c in now
        )
        if begins or not runs:
            runs.append([])
        runs[-1].append(call)
    return runs


def assert_one_at_a_time(calls: list[dict[str, Any]]) -> int:
    """No two runs overlap; how many there were."""
    runs = runs_in(calls)
    for run in runs:
        # A PATCH that EspoCRM refused, since somebody was faster, has written nothing.
        kinds = [(call["system"], call["method"]) for call in run if call["status"] != 409]
        assert sorted(kinds[:2]) == [("advoware", "GET"), ("espocrm", "GET")], kinds
        assert len(kinds) == len(set(kinds)), kinds
    for before, after in itertools.pairwise(runs):
        assert max(call["done_at"] for call in before) <= after[0]["at"]
    return len(runs)


def race(plant: Plant, workers: int, edits: int) -> str:
    """Everybody wants the same record, which somebody keeps on changing."""
    plant.crowd(workers, "webhook")
    plant.worker("sweep")
    espo_id, _number = plant.pair()
    plant.sandbox.clear_calls()
    plant.sandbox.fault("espocrm", "delay", method="GET", path_contains="CBeteiligte/", seconds=0.15, count=None)
    plant.sandbox.fault("advoware", "delay", method="GET", seconds=0.15, count=None)
    for edit in range(edits):
        plant.let_hour_pass()
        plant.sandbox.anna.change(espo_id, titel=f"Dr. {edit}")
        for _enqueue_now in range(3):
            plant.ask(espo_id)
    plant.settle()
    plant.sandbox.heal()
    return espo_id


@pytest.mark.parametrize("workers, edits", [pytest.param(3, 4, id="3"), pytest.param(WORKERS, 30, id="20")])
def test_workers_on_one_record_run_one_at_a_time(plant: Plant, close_books: Close, workers: int, edits: int) -> None:
    espo_id = race(plant, workers, edits)
    runs = assert_one_at_a_time(calls_of(plant))
    assert runs <= 3 * edits + 1
    expected = {espo_id: {"titel": f"Dr. {edits - 1}"}}
    close_books(f"{workers} workers on one record", audit(plant, [espo_id], expected=expected), injected=3 * edits)


def test_workers_on_one_record_without_redis_locks(
    plant: Plant, close_books: Close, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The lease alone: somebody keeps deleting the lock in Redis."""
    remove = locks.remove
    sandbox_change = plant.sandbox.anna.change

    def change(espo_id: str, **fields: object) -> Any:
        remove(f"cbeteiligte:{espo_id}")
        return sandbox_change(espo_id, **fields)

    monkeypatch.setattr(plant.sandbox.anna, "change", change)
    espo_id = race(plant, 6, 20)
    assert_one_at_a_time(calls_of(plant))
    close_books("lock deleted while it is held", audit(plant, [espo_id]), injected=20)


def test_events_during_a_run_cause_one_more_run(plant: Plant, steady: Process, close_books: Close) -> None:
    worker = plant.begin_worker("webhook")
    espo_id, _number = plant.pair()
    plant.ready(worker)
    plant.sandbox.clear_calls()
    plant.sandbox.fault("advoware", "delay", method="GET", seconds=1.5)
    plant.ask(espo_id)
    plant.until_held()
    for _event in range(10):
        plant.ask(espo_id)
    plant.until(lambda: plant.record(espo_id).status == "clean", "clean again")
    plant.settle()
    assert assert_one_at_a_time(calls_of(plant)) == 2
    record = plant.record(espo_id)
    assert record.requested == record.completed
    close_books("10 events during a run", audit(plant, [espo_id]), injected=10)


@pytest.mark.parametrize("held", ["GET", "PUT"])
def test_holder_that_sleeps_past_its_lease_writes_nothing(
    plant: Plant, steady: Process, close_books: Close, held: str
) -> None:
    """Frozen while its read, or its write, is under way; another one finishes the record; then it wakes up."""
    sleeper = plant.begin_worker("webhook")
    espo_id, _number = plant.pair()
    plant.sandbox.anna.change(espo_id, titel="Prof.")
    plant.ready(sleeper)
    plant.sandbox.fault("advoware", "delay", method=held, seconds=1.0)
    plant.ask(espo_id)
    plant.until_held()
    sleeper.freeze()
    plant.expire()
    plant.settle()
    assert plant.record(espo_id).status == "clean"
    seen = plant.sandbox.control.last_call()
    sleeper.thaw()
    lost = Attempt.objects.filter(espo_id=espo_id, outcome=Outcome.LOST_LEASE)
    plant.until(lost.exists, "the sleeper has seen that it lost its lease")
    time.sleep(0.3)
    assert [c["method"] for c in calls_of(plant, since=seen) if c["method"] != "GET"] == []
    plant.settle()
    close_books("holder sleeps past its lease", audit(plant, [espo_id], expected={espo_id: {"titel": "Prof."}}))


def test_write_that_lands_after_the_take_over_is_put_right(plant: Plant, steady: Process, close_books: Close) -> None:
    """A PUT that Advoware applies only after another worker has carried a newer value."""
    victim = plant.begin_worker("webhook")
    espo_id, _number = plant.pair()
    plant.sandbox.anna.change(espo_id, titel="Prof. alt")
    plant.ready(victim)
    plant.sandbox.fault("advoware", "delay_before", method="PUT", seconds=6)
    plant.ask(espo_id)
    held = plant.until_held()
    victim.kill()
    plant.expire()
    plant.sandbox.anna.change(espo_id, titel="Prof. neu")
    plant.ask(espo_id, enqueue=False)
    plant.settle()
    assert plant.record(espo_id).superseded != []
    plant.until(
        lambda: any(c["n"] == held["n"] and c["done_at"] for c in plant.sandbox.control.calls()),
        "the late write landed",
    )
    plant.pass_late_look(espo_id)
    plant.settle()
    assert plant.record(espo_id).superseded == []
    expected = {espo_id: {"titel": "Prof. neu"}}
    close_books("write lands after the take-over", audit(plant, [espo_id], expected=expected))


@pytest.mark.parametrize("off", [FIVE_MINUTES + 10, -FIVE_MINUTES - 10])
def test_wrong_clock_takes_no_lease_from_its_holder(plant: Plant, close_books: Close, off: int) -> None:
    """The clock of one worker is wrong by more than a lease lasts; the lock in Redis is gone as well."""
    right = plant.worker("webhook")
    wrong = plant.worker("sweep", clock_off=off)
    espo_id, _number = plant.pair()
    plant.sandbox.anna.change(espo_id, titel="Prof.")
    plant.sandbox.clear_calls()
    plant.sandbox.fault("advoware", "delay", method="GET", seconds=2)
    plant.ask(espo_id)
    plant.until_held()
    locks.remove(f"cbeteiligte:{espo_id}")
    plant.ask(espo_id, queue="sweep")
    plant.until(lambda: plant.record(espo_id).status == "clean", "clean again")
    plant.settle()
    assert_one_at_a_time(calls_of(plant))
    assert not right.ended
    assert not wrong.ended
    close_books("clock 5 minutes off", audit(plant, [espo_id], expected={espo_id: {"titel": "Prof."}}))


def test_clocks_that_disagree_by_ten_minutes_lose_no_edit(plant: Plant, close_books: Close) -> None:
    plant.worker("webhook", clock_off=FIVE_MINUTES)
    plant.worker("sweep", clock_off=-FIVE_MINUTES)
    pairs = plant.pairs(4)
    expected: dict[str, dict[str, str]] = {}
    for turn in range(4):
        plant.let_hour_pass()
        for espo_id, number in pairs.items():
            plant.sandbox.anna.change(espo_id, titel=f"Dr. {turn}")
            plant.sandbox.clerk.change(number, zusatz=f"Zimmer {turn}")
            expected[espo_id] = {"titel": f"Dr. {turn}", "zusatz": f"Zimmer {turn}"}
            plant.ask(espo_id, queue=("webhook", "sweep")[turn % 2])
        plant.settle()
    books = audit(plant, pairs, expected=expected)
    plant.sandbox.clear_calls()
    for espo_id in pairs:
        plant.ask(espo_id)
    plant.settle()
    assert {method for _system, method, _path in plant.sandbox.calls()} == {"GET"}
    close_books("clock 5 minutes off", books, injected=16)
