"""The guards end to end: too much at once, or back and forth, stops until somebody has looked."""

import time
from collections import Counter
from collections.abc import Iterable

import pytest

from syncapp.core.guards import GuardKind
from syncapp.engine import control, dispatcher, guards, job_queue
from syncapp.models import Mode, SyncRecord
from tests.chaos.audit import audit
from tests.chaos.conftest import Close
from tests.chaos.plant import Plant, Process
from tests.chaos.scenarios import phone
from tests.support import operator

pytestmark = pytest.mark.chaos
LIMIT = 10
RECORDS = 16
CROWD = 40
ENVIRONMENT = {"SYNC_PARALLEL": "4", "SYNC_GUARD_MAX_REMOVALS": str(LIMIT), "SYNC_GUARD_MAX_CREATES": str(LIMIT)}


def blocked() -> int:
    return SyncRecord.objects.filter(status="failed", kind="blocked").count()


def made(plant: Plant, **attributes: object) -> dict[str, int]:
    """More pairs than the guard allows: somebody has confirmed the creates."""
    guards.confirm(sort=GuardKind.CREATES, by="tests")
    return plant.pairs(RECORDS, **attributes)


def busy(plant: Plant, *queues: str) -> None:
    """More workers beside the steady one, for queues of their own."""
    for worker in [plant.begin_worker(queue) for queue in queues]:
        plant.ready(worker)


def ask_everybody(plant: Plant, espo_ids: Iterable[str], *queues: str) -> None:
    for espo_id in espo_ids:
        for queue in queues:
            plant.ask(espo_id, queue=queue)


def test_mass_create_stops_until_it_is_confirmed(plant: Plant, steady: Process, close_books: Close) -> None:
    """Three workers at once share one count: not one more than allowed."""
    ids = [plant.new() for _ in range(CROWD)]
    busy(plant, "webhook", "bulk")
    ask_everybody(plant, ids, "webhook", "bulk")
    plant.settle()
    assert (len(plant.sandbox.state()["advoware"]), blocked()) == (LIMIT, CROWD - LIMIT)
    guards.confirm(sort=GuardKind.CREATES, by="tests", reason="they are all real")
    plant.settle()
    close_books("more creates than allowed", audit(plant, ids), injected=CROWD)


def test_emptied_fields_stop_until_confirmed(plant: Plant, steady: Process, close_books: Close) -> None:
    pairs = made(plant)
    for espo_id in pairs:
        plant.sandbox.anna.change(espo_id, titel=None)
        plant.ask(espo_id, enqueue=False)
    plant.settle()
    kept = [row for row in plant.sandbox.state()["advoware"] if row["titel"]]
    assert (len(kept), blocked()) == (RECORDS - LIMIT, RECORDS - LIMIT)
    guards.confirm(sort=GuardKind.REMOVALS, by="tests")
    plant.settle()
    close_books("more fields emptied than allowed", audit(plant, pairs, expected={e: {"titel": ""} for e in pairs}))


def test_system_that_suddenly_answers_empty_lists_empties_nothing_en_masse(
    plant: Plant, steady: Process, close_books: Close
) -> None:
    """A list that is empty all at once has to be seen so twice, and the guard counts what it would remove."""
    numbers = iter(range(1000))
    pairs: dict[str, int] = {}
    guards.confirm(sort=GuardKind.CREATES, by="tests")
    for _ in range(RECORDS):
        pairs |= dict([plant.pair(phoneNumberData=[phone(f"+49511{2000000 + next(numbers)}", "Office")])])
    plant.sandbox.advoware(empty_kommunikation=True)
    for _look in range(2):
        for espo_id in pairs:
            plant.ask(espo_id, enqueue=False)
        plant.settle()
    left = [row for row in plant.sandbox.state()["espocrm"] if row["phoneNumberData"]]
    assert len(left) >= RECORDS - LIMIT
    assert blocked() == len(left)
    plant.sandbox.advoware(empty_kommunikation=False)
    for record in SyncRecord.objects.filter(kind="blocked"):
        operator.sync_now(record)
    for espo_id in pairs:
        plant.ask(espo_id, enqueue=False)
    plant.settle()
    state = plant.sandbox.state()["espocrm"]
    assert all(row["phoneNumberData"] for row in state)
    close_books("a system answers empty lists", audit(plant, pairs), injected=RECORDS)


def test_values_that_swing_are_stopped(plant: Plant, steady: Process, close_books: Close) -> None:
    """Back and forth in many records at once, on three workers: each stops by itself, and the others go on."""
    pairs = made(plant)
    busy(plant, "webhook", "bulk")
    swinging, quiet = dict(list(pairs.items())[:6]), dict(list(pairs.items())[6:])
    plant.sandbox.clear_calls()
    for swing in range(6):
        for number in swinging.values():
            plant.sandbox.clerk.change(number, titel=("Prof.", "PD")[swing % 2])
        ask_everybody(plant, swinging, "webhook", "bulk")
        plant.settle()
    written = Counter(path.rpartition("/")[2] for _s, method, path in plant.sandbox.calls() if method == "PATCH")
    assert {plant.record(espo_id).fault.get("code") for espo_id in swinging} == {"oscillation_field"}
    # Two new values, three returns, and once that it is stopped.
    assert all(written[espo_id] <= 6 for espo_id in swinging)
    for espo_id, number in quiet.items():
        plant.sandbox.clerk.change(number, zusatz="ruhig")
        plant.ask(espo_id, enqueue=False)
    plant.settle()
    assert blocked() == len(swinging)
    for espo_id in swinging:
        operator.sync_now(plant.record(espo_id))
    plant.settle()
    expected = {espo_id: {"titel": "PD"} for espo_id in swinging} | {e: {"zusatz": "ruhig"} for e in quiet}
    close_books("values that swing", audit(plant, pairs, expected=expected), injected=6 * len(swinging))


def test_pause_while_running(plant: Plant, steady: Process, close_books: Close) -> None:
    """What is in hand is finished, nothing is begun; what people do meanwhile is kept; then all of it is done."""
    pairs = made(plant)
    expected = {espo_id: {"titel": f"Prof. {number}"} for espo_id, number in pairs.items()}
    for espo_id, fields in expected.items():
        plant.sandbox.anna.change(espo_id, **fields)
        plant.ask(espo_id, enqueue=False)
    plant.sandbox.fault("advoware", "delay", method="GET", seconds=0.4, count=None)
    rows = SyncRecord.objects.filter(espo_id__in=pairs)
    dispatcher.dispatch()
    plant.until(lambda: rows.filter(status="clean").count() >= 2, "some are done")
    control.set_mode(mode=Mode.PAUSED, by="tests", reason="chaos")
    time.sleep(1)  # whoever had passed the gate just before the pause takes its record first
    plant.until(lambda: not rows.exclude(lease_token="").exists(), "what was in hand is finished")
    done = rows.filter(status="clean").count()
    seen = plant.sandbox.control.last_call()
    for espo_id in pairs:
        plant.ask(espo_id, queue="sweep")
    plant.until(lambda: job_queue.waiting("sweep") == 0, "all jobs have been taken")
    dispatcher.dispatch()
    plant.until(lambda: plant.redis.locks() == [], "nobody holds anything")
    assert 2 <= done < RECORDS
    assert plant.sandbox.control.calls(since=seen) == []
    assert set(rows.values_list("status", "retry_count")) == {("dirty", 0)}
    plant.sandbox.heal()
    control.set_mode(mode="live", by="tests")
    plant.settle()
    close_books("paused while running", audit(plant, pairs, expected=expected))
