"""Reading the employees from Advoware: who is new, who left, and who is back."""

from types import SimpleNamespace
from typing import Any

import pytest

from syncapp.models import CalendarEmployee, OperatorLog
from syncapp.operations.actions import ActionContext
from syncapp.operations.calendars import employees
from syncapp.operations.calendars.employees import ImportedEmployees

BY_HAND = ActionContext("tests", "on leave")


@pytest.fixture(autouse=True)
def with_redis(db: None, redis_client: object) -> None:
    """A change asks for a pass."""


def read(monkeypatch: pytest.MonkeyPatch, *kuerzel: str, inactive: str = "") -> ImportedEmployees:
    listed = [SimpleNamespace(kuerzel=one, name=one, email="", active=one != inactive) for one in kuerzel]
    found: Any = SimpleNamespace(employees=lambda: listed)
    monkeypatch.setattr(employees, "advoware_client", lambda: found)
    return employees.read_from_advoware(actor="tests")


def active() -> list[str]:
    return list(CalendarEmployee.objects.filter(active=True).order_by("kuerzel").values_list("kuerzel", flat=True))


def test_whom_one_short_list_lacked_is_taken_up_again_by_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    assert read(monkeypatch, "AI", "RO", "SB").new == ("AI", "RO", "SB")
    short = read(monkeypatch, "AI", "SB", inactive="SB")
    assert (short.left, active()) == (("RO", "SB"), ["AI"])
    whole = read(monkeypatch, "AI", "RO", "SB")
    assert (whole.back, whole.left, active()) == (("RO", "SB"), (), ["AI", "RO", "SB"])
    assert read(monkeypatch, "AI", "RO", "SB").back == ()
    assert OperatorLog.objects.filter(target="RO", reason="in Advoware's list of employees again").exists()
    assert not CalendarEmployee.objects.filter(left_at__isnull=False).exists()


def test_whom_somebody_has_set_aside_stays_so(monkeypatch: pytest.MonkeyPatch) -> None:
    """Before the list lacked them, or after: the person has spoken last."""
    read(monkeypatch, "AI", "RO", "SB")
    employees.change(employees.find("SB"), {"active": False}, action_context=BY_HAND)
    assert read(monkeypatch, "AI").left == ("RO",)
    employees.change(employees.find("RO"), {"active": False}, action_context=BY_HAND)
    assert read(monkeypatch, "AI", "RO", "SB").back == ()
    assert active() == ["AI"]
    employees.change(employees.find("SB"), {"active": True}, action_context=BY_HAND)
    assert active() == ["AI", "SB"]


def test_one_added_by_hand_stays_on_until_a_list_has_named_it(monkeypatch: pytest.MonkeyPatch) -> None:
    read(monkeypatch, "AI")
    employees.add(kuerzel="HK", actor="anna")
    assert (read(monkeypatch, "AI").left, active()) == ((), ["AI", "HK"])
    assert read(monkeypatch, "AI", "HK").left == ()
    assert (read(monkeypatch, "AI").left, active()) == (("HK",), ["AI"])


def test_whom_somebody_takes_up_again_no_list_sets_aside(monkeypatch: pytest.MonkeyPatch) -> None:
    read(monkeypatch, "AI", "RO")
    assert read(monkeypatch, "AI").left == ("RO",)
    employees.change(employees.find("RO"), {"active": True}, action_context=BY_HAND)
    assert (read(monkeypatch, "AI").left, active()) == ((), ["AI", "RO"])
