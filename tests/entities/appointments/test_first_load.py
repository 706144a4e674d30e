"""A first load: in portions, resumed wherever it was stopped, and nothing is made twice."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from syncapp.core.appointments import brakes
from syncapp.core.requests import Hold
from syncapp.core.states import Status
from syncapp.engine import batch, control
from syncapp.entities.appointments import apply, write
from syncapp.models import CalendarEmployee, CalendarMode, Mode
from syncapp.operations.calendars import overview
from tests.support.calendars import Office

TERMINE, PORTION = 12, 5


@pytest.fixture
def told_to_end_after_three(monkeypatch: pytest.MonkeyPatch) -> None:
    """The process is told to end while the first portion is under way."""
    monkeypatch.setattr(batch, "PROCESS_ENDS", type(batch.PROCESS_ENDS)())
    true_send, sent = write.send, []

    def send(*args: Any) -> Any:
        sent.append(args)
        if len(sent) == 3:
            batch.PROCESS_ENDS.set()
        return true_send(*args)

    monkeypatch.setattr(write, "send", send)


def fill(office: Office) -> None:
    office.hire()
    for number in range(TERMINE):
        office.enter(number)
    office.clear()


def test_it_goes_on_where_it_was_stopped(
    office: Office, told_to_end_after_three: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(brakes, "NEW_EVENTS", PORTION)
    fill(office)
    office.sync()
    assert len(office.rows()) == 3
    batch.PROCESS_ENDS.clear()
    left = []
    for _ in range(3):
        office.due()
        office.sync()
        left.append(office.employee().planned["deferred"])
    assert left == [4, 0, 0]  # what is still to be made, for whoever watches
    assert office.counts()["google"]["POST"] == TERMINE
    assert len(office.events()) == len(office.rows()) == TERMINE
    office.is_silent()


@pytest.mark.parametrize("how", ["everything", "shadow", "one side", "this calendar", "this calendar to shadow"])
def test_whoever_stops_it_stops_a_pass_that_goes_on(how: str, office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is in hand ends, nothing more begins; when it may, it goes on, and nothing is made twice."""
    true_send, sent = write.send, []

    def send(*args: Any) -> Any:
        sent.append(args)
        if len(sent) == 3:
            _stop(how)
        return true_send(*args)

    monkeypatch.setattr(write, "send", send)
    fill(office)
    office.sync()
    assert len(sent) == len(office.events()) == 3
    assert office.employee().fault["code"] == "pass_stopped"
    office.due()
    office.sync()
    assert len(sent) == 3
    _let_go_on()
    office.settle()
    assert len(sent) == len(office.events()) == len(office.rows()) == TERMINE
    office.is_silent()


@pytest.mark.usefixtures("told_to_end_after_three")
def test_a_calendar_that_was_given_up_is_not_mended_by_a_pass_that_stops_in_the_middle(office: Office) -> None:
    """Its alert would be over, and begin anew with the next failure."""
    fill(office)
    until = timezone.now() + timedelta(hours=5)
    failed = {"status": Status.PERMANENTLY_FAILED, "retry_count": 5, "auto_reset_at": until}
    CalendarEmployee.objects.update(**failed)
    office.sync()
    stopped = office.employee()
    assert (stopped.fault["code"], stopped.retry_count, stopped.auto_reset_at) == ("pass_stopped", 5, until)
    batch.PROCESS_ENDS.clear()
    office.due()
    office.sync()
    went_well = office.employee()
    assert (went_well.status, went_well.retry_count, went_well.auto_reset_at) == ("clean", 0, None)


def _stop(how: str) -> None:
    match how:
        case "everything":
            control.set_mode(mode=Mode.PAUSED, by="anna")
        case "shadow":
            control.set_mode(mode=Mode.SHADOW, by="anna")
        case "one side":
            control.hold_side(side="google", held=True, by="anna")
        case "this calendar":
            CalendarEmployee.objects.update(hold=Hold.PAUSED)
        case _:
            CalendarEmployee.objects.update(mode=CalendarMode.SHADOW)


def _let_go_on() -> None:
    control.set_mode(mode=Mode.LIVE, by="anna")
    control.hold_side(side="google", held=False, by="anna")
    CalendarEmployee.objects.update(hold="", mode=CalendarMode.LIVE)


def test_how_far_it_is_shows_while_it_goes_on(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also in its last portion, which is a small one; a pass like any other shows nothing."""
    monkeypatch.setattr(brakes, "NEW_EVENTS", PORTION)
    monkeypatch.setattr(apply, "WORTH_WATCHING", PORTION)
    true_send, shown = write.send, []

    def send(*args: Any) -> Any:
        shown.append(overview.first_load(office.employee()))
        return true_send(*args)

    monkeypatch.setattr(write, "send", send)
    office.hire()
    for number in range(TERMINE):
        office.enter(number)
    for _ in range(3):
        office.sync()
    assert shown == [(number, TERMINE) for number in range(TERMINE)]
    office.enter(TERMINE)
    office.sync()
    assert shown[TERMINE:] == [None]
