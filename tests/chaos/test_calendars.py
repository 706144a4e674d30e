"""kill -9 of the worker of the queue `calendar`, before and after each kind of write: nothing lost, nothing doubled."""

import pytest
from django.utils import timezone

from syncapp.core.requests import Source
from syncapp.engine import dispatcher
from syncapp.engine.rows import locks
from syncapp.entities.appointments import due_passes
from syncapp.models import CalendarEmployee
from tests.chaos.calendars import worker
from tests.chaos.plant import Plant
from tests.support.calendars import Office

pytestmark = pytest.mark.chaos
HOLDS = {"before": "hold_cut", "after": "delay"}
HOLD_SECONDS = 20
# action -> (system, method, part of the address)
WRITES = {
    "insert": ("google", "POST", "/events"),
    "patch": ("google", "PATCH", "/events"),
    "delete": ("google", "DELETE", "/events"),
    "put": ("advoware", "PUT", "Termine"),
}


def equal_by_the_clock(plant: Plant, office: Office) -> bool:
    """Whether the calendar is equal; what is left for the next minute is asked for at once, as by the clock."""
    row = office.employee()
    dispatcher.dispatch()
    plant.let_brief_locks_end()  # that on a frNr, which the dead worker has left
    if row.next_retry_at is not None and row.next_retry_at > timezone.now():
        office.due()
        due_passes.enqueue([row.pk])
    return row.status == "clean" and not locks.names()


@pytest.mark.parametrize("moment", HOLDS)
@pytest.mark.parametrize("write", WRITES)
def test_killed(plant: Plant, office: Office, write: str, moment: str) -> None:
    victim = worker(plant, office)
    office.hire()
    changed_there, changed_here, gone = (office.enter(number + 1, text=f"T{number}") for number in range(3))
    office.sync()
    office.enter(9, text="neu")
    office.edit(changed_there, text="T0 neu")
    office.in_google("change", office.row(changed_here).google_id, summary="T1 neu")
    office.remove(gone)
    plant.ready(victim)
    system, method, part = WRITES[write]
    plant.sandbox.fault(system, HOLDS[moment], method=method, path_contains=part, seconds=HOLD_SECONDS)
    due_passes.request_passes([office.employee().pk], source=Source.PERSON, cause="tests", urgent=True)
    plant.until_held()
    victim.kill()
    plant.sandbox.heal()
    assert office.employee().status == "syncing"
    office.expire_lease()
    successor = plant.ready(worker(plant, office))
    due_passes.enqueue([office.employee().pk])
    plant.until(lambda: equal_by_the_clock(plant, office), "the calendar is equal")
    expected = ["T0 neu", "T1 neu", "neu"]
    assert sorted(event.summary for event in office.events()) == expected
    assert sorted(row["text"] for row in office.termine().values()) == expected
    assert CalendarEmployee.objects.get().lease_token == ""
    successor.kill()
    office.is_silent()
