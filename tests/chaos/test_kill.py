"""kill -9 of the worker before and after every remote write of every scenario: the same end as without the kill."""

import pytest

from syncapp.models import Attempt, Outcome, StatusChange
from tests.chaos import plant as plants
from tests.chaos.audit import audit, portrait
from tests.chaos.conftest import Close
from tests.chaos.plant import Plant, Process
from tests.chaos.scenarios import POST, SCENARIOS, Scenario
from tests.support import operator

pytestmark = pytest.mark.chaos
BEFORE, AFTER = "before", "after"
# Holds the call open for longer than the test needs to kill its worker.
HOLDS = {BEFORE: "hold_cut", AFTER: "delay"}
HOLD_SECONDS = 20
_undisturbed: dict[str, object] = {}


def every_write() -> list[object]:
    cases = []
    for scenario in SCENARIOS.values():
        for place, (_system, method, part) in enumerate(scenario.writes):
            for moment in (BEFORE, AFTER):
                name = f"{scenario.name}: {moment} {place + 1}. {method} {part}"
                cases.append(pytest.param(scenario, place, moment, id=name))
    return cases


def writes(plant: Plant) -> list[tuple[str, str, str]]:
    """The record's writes so far, as the table of a scenario names them."""
    found = []
    for system, method, path in plant.sandbox.calls():
        part = next((p for p in ("Kommunikationen", "CBeteiligte", "Beteiligte") if p in path), "")
        if method != "GET" and part:
            found.append((system, method, part))
    return found


def undisturbed(plant: Plant, scenario: Scenario) -> object:
    """The end of this scenario where nobody is killed; found once, on a record of its own."""
    if scenario.name not in _undisturbed:
        espo_id = scenario.prepare(plant)
        scenario.edit(plant, espo_id)
        plant.sandbox.clear_calls()
        plant.ask(espo_id)
        plant.settle()
        assert writes(plant) == list(scenario.writes)
        _undisturbed[scenario.name] = portrait(plant, espo_id)
        plant.sandbox.reset()
        plant.forget_all()
        plants.begin(plant)
    return _undisturbed[scenario.name]


@pytest.mark.parametrize("scenario, place, moment", every_write())
def test_killed(plant: Plant, steady: Process, close_books: Close, scenario: Scenario, place: int, moment: str) -> None:
    victim = plant.begin_worker("webhook")
    expected = undisturbed(plant, scenario)
    espo_id = scenario.prepare(plant)
    scenario.edit(plant, espo_id)
    system, method, _part = scenario.writes[place]
    plant.ready(victim)
    plant.sandbox.fault(
        system,
        HOLDS[moment],
        method=method,
        path_contains="Beteiligte",
        skip=scenario.skip(place),
        seconds=HOLD_SECONDS,
    )
    plant.ask(espo_id)
    plant.until_held()
    victim.kill()
    plant.sandbox.heal()
    plant.expire()
    plant.settle()
    if scenario.writes[place] == POST:
        _outcome_is_unknown(plant, espo_id, made=moment == AFTER)
    assert portrait(plant, espo_id) == expected
    assert _history(espo_id) == [Outcome.DONE]
    _is_silent(plant, espo_id)
    close_books(f"kill -9 {moment} a remote write", audit(plant, [espo_id]))


def _outcome_is_unknown(plant: Plant, espo_id: str, *, made: bool) -> None:
    """A create is never repeated by itself: somebody looks, and links it or lets it be created."""
    record = plant.record(espo_id)
    assert (record.status, record.kind, record.betnr) == ("failed", "create_outcome_unknown", None)
    numbers = [row["betNr"] for row in plant.sandbox.state()["advoware"]]
    assert len(numbers) == made
    if made:
        operator.link_to_betnr(record, numbers[0])
    else:
        operator.create_after_all(record)
    plant.settle()


def _history(espo_id: str) -> list[str]:
    """How the attempts since the kill ended, without those that waited for a person; and the take-over is named."""
    changes = StatusChange.objects.filter(record__espo_id=espo_id, event="acquired")
    assert changes.filter(cause="took over an expired lease").exists()
    attempts = Attempt.objects.filter(espo_id=espo_id).order_by("-pk")
    return [str(outcome) for outcome in attempts.values_list("outcome", flat=True)[:1]]


def _is_silent(plant: Plant, espo_id: str) -> None:
    """One more look when the late look is due, and then none; neither writes anything."""
    plant.sandbox.clear_calls()
    plant.pass_late_look(espo_id)
    plant.settle()
    plant.ask(espo_id, queue="sweep")
    plant.settle()
    assert writes(plant) == []
    assert plant.record(espo_id).superseded == []
