"""The doctor on calendars: each fault made, and nothing at all where they are not set up."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from syncapp.entities.appointments import configured
from syncapp.models import CalendarEmployee
from syncapp.operations.doctor import Light, examine
from syncapp.operations.doctor.calendars import CHECKS
from syncapp.remotes.registry import forget
from syncapp.words.doctor.google_faults import GOOGLE
from tests.commands.conftest import manage
from tests.support.calendars import Office

NAMES = frozenset(check.name for check in CHECKS)


def found() -> dict[str, Light]:
    return {line.code: line.light for line in examine(names=NAMES) if line.code in GOOGLE}


def _bad_key(office: Office) -> None:
    Path(office.settings.GOOGLE_SERVICE_ACCOUNT_FILE).write_text("no JSON")


def _no_such_host(office: Office) -> None:
    office.settings.GOOGLE_CALENDAR_API_URL = "http://127.0.0.1:1/calendar/v3"
    forget()


def _no_list_of_the_firm(office: Office) -> None:
    office.settings.CALENDAR_FIRM_WIDE = "copy"
    office.sandbox.fault("advoware", "status", status=404, method="GET", path_contains="Termine", skip=1, count=None)


CASES: dict[str, Callable[[Office], Any]] = {
    "google_key": _bad_key,
    "google_login": lambda office: office.sandbox.google(api_enabled=False),
    "google_unreachable": _no_such_host,
    "google_calendar": lambda office: office.in_google("remove_calendar"),
    "google_not_shared": lambda office: CalendarEmployee.objects.update(google_address="other@kanzlei.example"),
    "google_no_address": lambda office: CalendarEmployee.objects.update(google_address=""),
    "google_quota": lambda office: configured.stop_creates(),
    "termine_unreadable": lambda office: office.sandbox.fault(
        "advoware", "status", status=403, method="GET", path_contains="Termine", count=None
    ),
    "firm_wide_not_listed": _no_list_of_the_firm,
    "termine_not_deleted": lambda office: configured.set_can_delete(False),
    "employees_unreadable": lambda office: office.sandbox.fault(
        "advoware", "status", status=403, method="GET", path_contains="Mitarbeiter", count=None
    ),
    "kuerzel_unknown": lambda office: office.sandbox.control.tell("advoware/employees", kuerzel="AI", name="Imhof"),
}


@pytest.fixture
def shared(office: Office) -> Office:
    office.hire(google_address="sb@kanzlei.example")
    return office


def test_all_is_well(shared: Office) -> None:
    assert found() == {}
    lines = [line for line in examine(names=NAMES) if line.name in NAMES]
    assert len(lines) == len(CHECKS)


@pytest.mark.parametrize("code", CASES)
def test_fault(shared: Office, code: str) -> None:
    CASES[code](shared)
    assert found()[code] == GOOGLE[code].light


def test_delegation_that_is_not_granted(shared: Office) -> None:
    shared.sandbox.google(delegation=False)
    shared.sandbox.control.tell("google/tokens/revoke")
    forget()
    assert found() == {"google_login": Light.RED}


def test_without_google_no_line_of_it(live: None) -> None:
    said = manage("doctor", "--json")
    assert NAMES & {line["name"] for line in said.json["checks"]} == set()
