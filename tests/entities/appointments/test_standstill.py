"""A pass without changes makes its two list calls and no plan, until anything has changed for anybody."""

from collections.abc import Callable
from typing import Any

import pytest
from django.utils import timezone

from syncapp.core.appointments.rows import PairStatus
from syncapp.core.appointments.standstill import at_rest
from syncapp.entities.appointments import check
from syncapp.entities.appointments.rows import store
from syncapp.entities.appointments.rows.loading import load
from syncapp.models import Appointment, CalendarEmployee
from syncapp.remotes.advoware import termine
from tests.support.calendars import LISTS, Office


@pytest.fixture
def plans(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What passes did: `plan`, and `decode` for a list of Termine."""
    done: list[str] = []

    def noted(name: str, true: Callable[..., Any]) -> Callable[..., Any]:
        def call(*args: Any) -> Any:
            done.append(name)
            return true(*args)

        return call

    monkeypatch.setattr(check, "plan_calendar", noted("plan", check.plan_calendar))
    monkeypatch.setattr(termine, "read_list", noted("decode", termine.read_list))
    return done


def at_standstill(office: Office, plans: list[str], **columns: Any) -> int:
    """Two Termine in both calendars, and a pass that had nothing to do; the first one's number."""
    office.hire(**columns)
    fr_nr = office.enter()
    office.enter(3)
    for _ in range(3):
        office.sync()
    assert office.employee().standstill["rows"] == 2
    plans.clear()
    return fr_nr


def test_two_list_calls_and_nothing_else(office: Office, plans: list[str]) -> None:
    at_standstill(office, plans)
    before = office.employee().last_synced_at
    for _ in range(2):
        office.is_silent()
    assert plans == []
    assert office.employee().last_synced_at > before
    assert office.counts() == LISTS


def test_an_edit_in_advoware_ends_it(office: Office, plans: list[str]) -> None:
    fr_nr = at_standstill(office, plans)
    office.edit(fr_nr, text="Verhandlung")
    office.sync()
    assert office.event(fr_nr).summary == "Verhandlung"
    assert not office.employee().standstill
    office.is_silent()  # finds its own echo, and that nothing is left
    office.is_silent()
    plans.clear()
    office.is_silent()
    assert plans == []


def test_an_edit_in_google_ends_it(office: Office, plans: list[str]) -> None:
    """Advoware's list is the same as before: it is decoded only now."""
    fr_nr = at_standstill(office, plans)
    office.in_google("change", office.row(fr_nr).google_id, summary="Verhandlung")
    office.sync()
    assert office.termine()[fr_nr]["text"] == "Verhandlung"
    assert plans[:2] == ["decode", "plan"]


ENDINGS: dict[str, Callable[[Office, int], Any]] = {
    "a setting": lambda office, fr_nr: setattr(office.settings, "CALENDAR_FUTURE_DAYS", 2),
    "a decision": lambda office, fr_nr: Appointment.objects.filter(fr_nr=fr_nr).update(
        decided={"oscillates:text": "google"}
    ),
    "rows that are gone": lambda office, fr_nr: Appointment.objects.filter(fr_nr=fr_nr).delete(),
    "a list in doubt": lambda office, fr_nr: CalendarEmployee.objects.update(
        doubt={"side": "advoware", "at": timezone.now().isoformat()}
    ),
    "an older version's note": lambda office, fr_nr: CalendarEmployee.objects.update(standstill={"termine": "x"}),
    "a token that is too old": lambda office, fr_nr: office.sandbox.control.tell(
        "google/sync-tokens/expire", calendar=office.calendars["SB"]
    ),
}


@pytest.mark.parametrize("what", ENDINGS)
def test_what_else_ends_it(office: Office, plans: list[str], what: str) -> None:
    fr_nr = at_standstill(office, plans)
    ENDINGS[what](office, fr_nr)
    office.sync()
    assert plans


def test_whoever_wants_more_of_a_pass_gets_it(office: Office, plans: list[str]) -> None:
    at_standstill(office, plans)
    for wanted in ("full", "force", "anonymous"):
        office.sync(**{wanted: True})
        assert plans, wanted
        office.sync()
        plans.clear()


def test_two_lists_are_never_taken_for_granted(office: Office, plans: list[str]) -> None:
    """Where everybody gets copies of what concerns the whole firm, its list is read as well."""
    office.settings.CALENDAR_FIRM_WIDE = "copy"
    office.hire()
    fr_nr = office.enter()
    for _ in range(3):
        office.sync()
    assert not office.employee().standstill
    office.edit(fr_nr, text="Verhandlung")
    office.sync()
    assert office.event(fr_nr).summary == "Verhandlung"


STATES: dict[str, dict[str, Any]] = {
    "at rest": {},
    "alone": {"status": PairStatus.only_in_google},
    "failed": {"status": PairStatus.failed},
    "asked": {"status": PairStatus.ask},
    "a write without an answer": {
        "intent": {"action": "delete_event", "groups": [], "sent": None, "carried": None, "shown": None}
    },
    "decided": {"decided": {"ambiguous": "new"}},
    "empty once": {"empty_since": timezone.now()},
    "waits": {"wait_until": timezone.now()},
}


@pytest.mark.django_db
@pytest.mark.parametrize("state", STATES)
def test_the_database_and_the_plan_mean_the_same_rest(state: str) -> None:
    employee = CalendarEmployee.objects.create(kuerzel="SB")
    Appointment.objects.create(employee=employee, fr_nr=1, google_id="one", **STATES[state])
    (loaded,) = load(employee)
    assert store.all_at_rest(employee, 1) is at_rest(loaded.pair)
    assert not store.all_at_rest(employee, 2)


@pytest.mark.django_db
def test_what_is_over_counts_for_nothing() -> None:
    employee = CalendarEmployee.objects.create(kuerzel="SB")
    Appointment.objects.create(employee=employee, fr_nr=1, google_id="one", status=PairStatus.closed)
    assert store.all_at_rest(employee, 0)
    Appointment.objects.create(employee=employee, fr_nr=2, google_id="two", error_kind="transient")
    assert not store.all_at_rest(employee, 1)
