"""kill -9 of the worker of the queue `calendar`, before and after each kind of write: nothing lost, nothing doubled."""

import pytest

from syncapp.models import Appointment, PairStatusChoice
from syncapp.operations.actions import ActionContext
from syncapp.operations.calendars import decisions
from tests.chaos.calendars import WRITES, ask, books, move_on, until_equal, worker
from tests.chaos.conftest import Close
from tests.chaos.plant import Plant
from tests.support.calendars import LEFT, Office, every_kind_of_write

pytestmark = pytest.mark.chaos
HOLDS = {"before": "hold_cut", "after": "delay"}
HOLD_SECONDS = 20
OUTCOME_UNKNOWN = "post_outcome_unknown"


@pytest.mark.parametrize("moment", HOLDS)
@pytest.mark.parametrize("write", WRITES)
def test_killed(plant: Plant, office: Office, close_books: Close, write: str, moment: str) -> None:
    victim = worker(plant, office)
    every_kind_of_write(office)
    plant.ready(victim)
    system, method, part = WRITES[write]
    plant.sandbox.fault(system, HOLDS[moment], method=method, path_contains=part, seconds=HOLD_SECONDS)
    ask(office)
    plant.until_held()
    victim.kill()
    plant.sandbox.heal()
    assert office.employee().status == "syncing"
    office.expire_lease()
    successor = plant.ready(worker(plant, office))
    if (write, moment) == ("post", "before"):
        _a_person_lets_it_be_made(plant, office)
    until_equal(plant, office)
    successor.terminate()
    close_books(f"kill -9 {moment} a write of calendars", books(office, LEFT))
    office.is_silent()


def _a_person_lets_it_be_made(plant: Plant, office: Office) -> None:
    """Nobody can know whether the POST arrived: a person is asked, and nothing is made meanwhile."""
    asked = Appointment.objects.filter(status=PairStatusChoice.ASK)

    def is_asked() -> bool:
        move_on(plant, office)
        return office.employee().status == "conflict" and asked.exists()

    plant.until(is_asked, "a person is asked")
    assert sorted(row["text"] for row in office.termine().values()) == sorted({*LEFT} - {"neu hier"})
    row = asked.get()
    assert [one["code"] for one in row.questions] == [OUTCOME_UNKNOWN]
    decisions.decide(row, code=OUTCOME_UNKNOWN, choice="new", action_context=ActionContext("tests"))
