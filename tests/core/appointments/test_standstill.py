"""Standstill: what ends it, and that whoever does without a plan there misses nothing (`world` looks in every pass)."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncapp.core.appointments.plan_shapes import Plan, ReadOutcome, SingleRead
from syncapp.core.appointments.policy import CalendarOwner, CalendarPolicy, CalendarSide, DeleteInAdvoware
from syncapp.core.appointments.rows import AppointmentAction, AppointmentIntent, AppointmentPair, PairStatus
from syncapp.core.appointments.standstill import at_rest, circumstances, found_nothing
from tests.core.appointments.firm import calendar, linked
from tests.core.appointments.world import NOON, Calendar, at, timed


def still() -> tuple[Calendar, int]:
    """An appointment in both, and a pass that had nothing to do."""
    one, number = linked()
    one.sync()
    one.sync()
    one.stood_still = 0
    return one, number


def test_a_pass_after_one_that_found_nothing_stands_still() -> None:
    one, _ = still()
    one.sync()
    one.sync()
    assert one.stood_still == 2


ENDINGS: dict[str, Callable[[Calendar, int], Any]] = {
    "the list of Advoware": lambda one, number: one.advoware.change(number, text="anders"),
    "an entry more in Advoware": lambda one, number: one.advoware.enter(text="neu", **at("2026-06-03")),
    "the feed of Google": lambda one, number: one.google.change(one.event(number).id, summary="anders"),
    "the policy": lambda one, number: setattr(
        one, "policy", replace(one.policy, delete_in_advoware=DeleteInAdvoware.never)
    ),
    "the owner": lambda one, number: setattr(one, "employee", replace(one.employee, full_content=False)),
    "another day": lambda one, number: setattr(one, "now", one.now + timedelta(days=1)),
    "a decision": lambda one, number: one.decide(one.row(number), "conflict:text", "google"),
    "a held side": lambda one, number: setattr(one, "held_sides", frozenset({CalendarSide.google})),
    "what somebody has released": lambda one, number: setattr(one, "released", frozenset({"many_new"})),
}


@pytest.mark.parametrize("what", ENDINGS)
def test_what_ends_it(what: str) -> None:
    one, number = still()
    ENDINGS[what](one, number)
    one.sync()
    assert one.stood_still == 0


def test_the_daily_pass_never_stands_still() -> None:
    one, _ = still()
    one.sync(daily=True)
    assert one.stood_still == 0


def test_what_stays_alone_or_unsupported_is_at_rest_too() -> None:
    one = calendar(write=False)
    one.google.enter("private", summary="Zahnarzt", **timed("2026-06-02T09:00", "2026-06-02T10:00"))
    for _ in range(3):
        one.sync()
    assert [pair.status for pair in one.open_rows()] == [PairStatus.only_in_google]
    assert one.stood_still == 1


ROW = AppointmentPair("id", id=1, fr_nr=1)
RESTLESS: dict[str, AppointmentPair] = {
    "failed": replace(ROW, status=PairStatus.failed),
    "asked": replace(ROW, status=PairStatus.ask),
    "a write without an answer": replace(ROW, intent=AppointmentIntent(AppointmentAction.delete_event)),
    "decided": replace(ROW, decided={"conflict:text": "google"}),
    "empty once": replace(ROW, empty_since=NOON),
    "waits": replace(ROW, wait_until=NOON),
}


@pytest.mark.parametrize("why", RESTLESS)
def test_a_row_that_waits_is_not_at_rest(why: str) -> None:
    assert at_rest(ROW)
    assert not at_rest(RESTLESS[why])


PLANS = {"deferred": Plan(deferred=1), "many new": Plan(many_new=21), "again": Plan(read_again=CalendarSide.google)}


@pytest.mark.parametrize("what", PLANS)
def test_a_braked_plan_found_something(what: str) -> None:
    one, _ = still()
    snapshot, _token = one.snapshot()
    assert found_nothing(snapshot, Plan())
    assert not found_nothing(snapshot, PLANS[what])


def test_what_was_read_singly_may_read_otherwise_the_next_time() -> None:
    one, number = still()
    snapshot, _token = one.snapshot()
    gone = SingleRead(ReadOutcome.empty)
    assert not found_nothing(replace(snapshot, termin_reads={number: gone}), Plan())
    assert not found_nothing(replace(snapshot, event_reads={"id": gone}), Plan())
    assert not found_nothing(replace(snapshot, pairs=(RESTLESS["waits"],)), Plan())


@given(hours=st.integers(0, 23), minutes=st.integers(0, 59))
def test_circumstances_hold_for_one_day(hours: int, minutes: int) -> None:
    """By Berlin's days: there it is two hours later."""
    owner, policy = CalendarOwner("SB", "sb@calendar"), CalendarPolicy()
    start = datetime(2026, 5, 31, 22, tzinfo=UTC)
    later = start + timedelta(hours=hours, minutes=minutes)
    assert circumstances(owner, policy, later) == circumstances(owner, policy, start)
    assert circumstances(owner, policy, later + timedelta(days=1)) != circumstances(owner, policy, start)


EDITS = st.sampled_from(
    ["termin", "event", "remove termin", "remove event", "new", "type", "nothing", "night", "put back"]
)


@given(edits=st.lists(EDITS, min_size=1, max_size=8), write=st.booleans())
def test_a_pass_without_a_plan_would_do_the_same(edits: list[str], write: bool) -> None:
    """Passes over a calendar that people edit, also back to what it was; `world` compares both ways in each."""
    one, number = linked(write)
    before = one.advoware.termine[number]
    for count, edit in enumerate(edits):
        _edit(one, edit, count)
        if edit == "put back" and number in one.advoware.termine:
            one.advoware.termine[number] = before
        for _ in range(3):
            one.sync()
    one.sync()
    assert one.stood_still > 0 or one.asked() or any(pair.status is PairStatus.ask for pair in one.open_rows())


def _edit(one: Calendar, edit: str, count: int) -> None:
    numbers = sorted(one.advoware.termine)
    events = sorted(event.id for event in one.google.alive())
    match edit:
        case "termin" if numbers:
            one.advoware.change(numbers[0], text=f"T{count}")
        case "event" if events:
            one.google.change(events[0], summary=f"E{count}")
        case "remove termin" if numbers:
            del one.advoware.termine[numbers[0]]
        case "remove event" if events:
            one.google.remove(events[0])
        case "new":
            one.advoware.enter(text=f"N{count}", **at("2026-06-05"))
        case "type":
            one.google.enter(f"typed{count}", summary=f"G{count}", **timed("2026-06-09T09:00", "2026-06-09T10:00"))
        case "night":
            one.now += timedelta(days=1)
