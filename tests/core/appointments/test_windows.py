"""Windows: which days they are, entering, leaving, and what a changed setting does."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from syncapp.core.appointments.forms.canonical import Canonical
from syncapp.core.appointments.forms.series import Freq, SeriesRule, When
from syncapp.core.appointments.policy import CalendarPolicy
from syncapp.core.appointments.windows import Window, act_window, read_window
from tests.core.appointments.firm import calendar, linked, quiet
from tests.core.appointments.world import at


def test_the_act_window_lies_in_the_read_window_a_week_each_side() -> None:
    policy = CalendarPolicy(past_days=30, future_days=365)
    noon = datetime(2026, 6, 1, 10, 0, tzinfo=UTC)
    assert act_window(noon, policy) == Window("2026-05-02", "2027-06-01")
    assert read_window(noon, policy) == Window("2026-04-25", "2027-06-08")


@pytest.mark.parametrize("hour, today", [(21, "2026-06-01"), (22, "2026-06-02")])
def test_a_day_begins_at_midnight_in_berlin(hour: int, today: str) -> None:
    policy = CalendarPolicy(past_days=0, future_days=0)
    now = datetime(2026, 6, 1, hour, 0, tzinfo=UTC)
    assert act_window(now, policy) == Window(today, today)
    week = timedelta(days=7)
    days = [(datetime.fromisoformat(today) + moved).date().isoformat() for moved in (-week, week)]
    assert read_window(now, policy) == Window(*days)


@pytest.mark.parametrize(
    "when, rule, held",
    [
        (When(False, "2026-06-30T22:00", "2026-07-01T00:30"), None, True),
        (When(False, "2026-06-30T22:00", "2026-06-30T23:59"), None, False),
        (When(False, "2026-07-31T23:00", "2026-08-01T01:00"), None, True),
        (When(False, "2026-08-01T00:00", "2026-08-01T01:00"), None, False),
        (When(True, "2026-06-01", "2026-12-31"), None, True),
        (When(False, "2019-01-07T09:00", "2019-01-07T10:00"), SeriesRule(Freq.weekly, 1, "2026-07-01"), True),
        (When(False, "2019-01-07T09:00", "2019-01-07T10:00"), SeriesRule(Freq.weekly, 1, "2026-06-30"), False),
        (When(False, "2019-01-07T09:00", "2019-01-07T10:00"), SeriesRule(Freq.weekly), True),
        (When(False, "2026-08-03T09:00", "2026-08-03T10:00"), SeriesRule(Freq.weekly), False),
    ],
)
def test_a_window_holds_what_happens_on_any_of_its_days(when: When, rule: SeriesRule | None, held: bool) -> None:
    """A series counts from its start to its last day."""
    assert Window("2026-07-01", "2026-07-31").holds(Canonical(when, rule)) is held


def test_entering_the_window_makes_it() -> None:
    one = calendar()
    one.advoware.enter(text="fern", **at("2027-06-10"))
    assert one.sync() == 0
    one.now += timedelta(days=20)
    assert one.sync() == 1
    quiet(one)


def test_leaving_the_window_deletes_nothing() -> None:
    one, number = linked()
    for _ in range(50):
        one.now += timedelta(days=1)
        assert one.sync(daily=True) == 0
    assert one.row(number).resting
    assert len(one.google.alive()) == 1
    one.google.change(one.event(number).id, location="Archiv")  # still synced when a side shows a change
    one.sync()
    assert one.advoware.termine[number].ort == "Archiv"


def test_a_changed_setting_deletes_nothing() -> None:
    one, _ = linked()
    one.policy = replace(one.policy, past_days=0, future_days=0)
    assert one.sync(daily=True) == 0
    assert len(one.google.alive()) == 1


def test_a_series_counts_from_its_start_to_its_end() -> None:
    one = calendar()
    weekly = {**at("2019-01-07"), "dauertermin": True, "turnus": 1, "turnus_art": 2}
    one.advoware.enter(text="läuft", **(weekly | {"datum_bis": "2026-05-10"}))
    one.advoware.enter(text="vorbei", **(weekly | {"datum_bis": "2026-04-30"}))
    assert one.sync() == 1
    assert [event.summary for event in one.google.alive()] == ["läuft"]


def test_deleted_in_google_outside_the_window_stays_away() -> None:
    one, number = linked()
    one.now += timedelta(days=60)
    one.google.remove(one.event(number).id)
    assert one.sync(daily=True) == 0
    assert not one.google.alive()
    assert number in one.advoware.termine
    quiet(one)
