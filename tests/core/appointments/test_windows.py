"""Windows: entering, leaving, and what a changed setting does."""

from dataclasses import replace
from datetime import timedelta

from tests.core.appointments.firm import calendar, linked, quiet
from tests.core.appointments.world import at


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
