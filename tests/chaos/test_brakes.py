"""The guards end to end: too much at once, or back and forth, stops until somebody has looked."""

import pytest

from syncapp.core.guards import Sort
from syncapp.models import SyncRecord
from syncapp.services import guards, operate
from tests.chaos.audit import audit
from tests.chaos.conftest import Close
from tests.chaos.plant import Plant, Process
from tests.chaos.scenarios import phone

pytestmark = [pytest.mark.chaos, pytest.mark.long]
LIMIT = 10
RECORDS = 16
ENVIRONMENT = {"SYNC_GUARD_MAX_REMOVALS": str(LIMIT), "SYNC_GUARD_MAX_CREATES": str(LIMIT)}


def blocked() -> int:
    return SyncRecord.objects.filter(status="failed", kind="blocked").count()


def made(plant: Plant, **attributes: object) -> dict[str, int]:
    """More pairs than the guard allows: somebody has confirmed the creates."""
    guards.confirm(sort=Sort.CREATES, by="tests")
    return plant.pairs(RECORDS, **attributes)


def test_mass_create_stops_until_it_is_confirmed(plant: Plant, steady: Process, close_books: Close) -> None:
    ids = [plant.new() for _ in range(RECORDS)]
    for espo_id in ids:
        plant.ask(espo_id, ring=False)
    plant.settle()
    assert (len(plant.sandbox.state()["advoware"]), blocked()) == (LIMIT, RECORDS - LIMIT)
    guards.confirm(sort=Sort.CREATES, by="tests", reason="they are all real")
    plant.settle()
    close_books("more creates than allowed", audit(plant, ids))


def test_emptied_fields_stop_until_confirmed(plant: Plant, steady: Process, close_books: Close) -> None:
    pairs = made(plant)
    for espo_id in pairs:
        plant.sandbox.anna.change(espo_id, titel=None)
        plant.ask(espo_id, ring=False)
    plant.settle()
    kept = [row for row in plant.sandbox.state()["advoware"] if row["titel"]]
    assert (len(kept), blocked()) == (RECORDS - LIMIT, RECORDS - LIMIT)
    guards.confirm(sort=Sort.REMOVALS, by="tests")
    plant.settle()
    close_books("more fields emptied than allowed", audit(plant, pairs, expected={e: {"titel": ""} for e in pairs}))


def test_system_that_suddenly_answers_empty_lists_empties_nothing_en_masse(
    plant: Plant, steady: Process, close_books: Close
) -> None:
    """A list that is empty all at once has to be seen so twice, and the guard counts what it would remove."""
    numbers = iter(range(1000))
    pairs: dict[str, int] = {}
    guards.confirm(sort=Sort.CREATES, by="tests")
    for _ in range(RECORDS):
        pairs |= dict([plant.pair(phoneNumberData=[phone(f"+49511{2000000 + next(numbers)}", "Office")])])
    plant.sandbox.advoware(empty_kommunikation=True)
    for _look in range(2):
        for espo_id in pairs:
            plant.ask(espo_id, ring=False)
        plant.settle()
    left = [row for row in plant.sandbox.state()["espocrm"] if row["phoneNumberData"]]
    assert len(left) >= RECORDS - LIMIT
    assert blocked() == len(left)
    plant.sandbox.advoware(empty_kommunikation=False)
    for record in SyncRecord.objects.filter(kind="blocked"):
        operate.reset(record=record, actor="tests")
    for espo_id in pairs:
        plant.ask(espo_id, ring=False)
    plant.settle()
    state = plant.sandbox.state()["espocrm"]
    assert all(row["phoneNumberData"] for row in state)
    close_books("a system answers empty lists", audit(plant, pairs), injected=RECORDS)


def test_values_that_swing_are_stopped(plant: Plant, steady: Process, close_books: Close) -> None:
    """A rule in EspoCRM that takes back what comes from Advoware, again and again."""
    espo_id, number = plant.pair(titel="Dr.")
    swings = 0
    while blocked() == 0 and swings < 10:
        plant.sandbox.clerk.change(number, titel=f"Prof. {swings}")
        plant.ask(espo_id, ring=False)
        plant.settle()
        swings += 1
    assert 3 <= swings <= 5
    record = plant.record(espo_id)
    assert record.fault["code"].startswith("oscillation")
    operate.reset(record=record, actor="tests", reason="looked at it")
    plant.settle()
    close_books("values that swing", audit(plant, [espo_id]), injected=swings)
