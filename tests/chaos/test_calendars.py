"""kill -9 of the worker of the queue `calendar`, before and after each kind of write: nothing lost, nothing doubled."""

from pathlib import Path
from typing import Any

import pytest

from syncapp.core.requests import Source
from syncapp.entities.appointments import cascade
from syncapp.models import CalendarEmployee
from syncapp.remotes.registry import forget
from tests.chaos.plant import Plant, Process
from tests.support.calendars import USER, Office

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


@pytest.fixture
def office(plant: Plant, settings: Any, tmp_path: Path) -> Office:
    settings.GOOGLE_SERVICE_ACCOUNT_FILE = plant.sandbox.google_key(tmp_path)
    settings.GOOGLE_CALENDAR_API_URL = plant.sandbox.google_url
    settings.GOOGLE_DELEGATED_USER = USER
    forget()
    return Office(plant.sandbox, settings)


def worker(plant: Plant, office: Office) -> Process:
    names = ("GOOGLE_SERVICE_ACCOUNT_FILE", "GOOGLE_CALENDAR_API_URL", "GOOGLE_DELEGATED_USER")
    return plant.begin_worker("calendar", **{name: getattr(office.settings, name) for name in names})


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
    cascade.ask([office.employee().pk], source=Source.PERSON, cause="tests", urgent=True)
    plant.until_held()
    victim.kill()
    plant.sandbox.heal()
    assert office.employee().status == "syncing"
    office.expire_lease()
    successor = plant.ready(worker(plant, office))
    cascade.enqueue([office.employee().pk])
    plant.until(lambda: office.employee().status == "clean", "the calendar is equal")
    expected = ["T0 neu", "T1 neu", "neu"]
    assert sorted(event.summary for event in office.events()) == expected
    assert sorted(row["text"] for row in office.termine().values()) == expected
    assert CalendarEmployee.objects.get().lease_token == ""
    successor.kill()
    office.is_silent()
