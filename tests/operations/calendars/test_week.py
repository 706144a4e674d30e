"""The readable week: what stands on which day, in which order, and how the two sides agree."""

from datetime import date
from typing import Any

from syncapp.core.appointments.forms.canonical import Canonical
from syncapp.core.appointments.forms.series import Freq, SeriesRule, When
from syncapp.operations.calendars.week import Agreement, SeenAppointment, monday_of, weeks

MONDAY = date(2026, 11, 30)


def at(day: str, start: str = "09:00", end: str = "10:00", **more: Any) -> Canonical:
    return Canonical(When(False, f"{day}T{start}", f"{day}T{end}"), **more)


def all_day(first: str, last: str) -> Canonical:
    return Canonical(When(True, first, last))


def seen(*found: SeenAppointment, number: int = 1) -> dict[str, list[tuple[str, str]]]:
    """day → (start, agreement) of what is shown, days without anything left out."""
    shown = weeks(found, monday=MONDAY, number=number)
    assert [len(week.days) for week in shown] == [7] * number
    return {
        day.day.isoformat(): [(entry.when.start[11:], entry.agreement.value) for entry in day.entries]
        for week in shown
        for day in week.days
        if day.entries
    }


def both(form: Canonical) -> SeenAppointment:
    return SeenAppointment(form, form)


def test_a_day_begins_with_what_lasts_all_day_and_goes_by_the_clock() -> None:
    late, early, whole = at("2026-12-01", "15:00", "16:00"), at("2026-12-01"), all_day("2026-12-01", "2026-12-01")
    assert seen(both(late), both(early), both(whole)) == {
        "2026-12-01": [("", "equal"), ("09:00", "equal"), ("15:00", "equal")]
    }


def test_several_days_stand_on_each_of_them_and_a_week_shows_its_own() -> None:
    assert list(seen(both(all_day("2026-11-28", "2026-12-01")))) == ["2026-11-30", "2026-12-01"]
    assert list(seen(both(Canonical(When(False, "2026-12-06T22:00", "2026-12-07T02:00"))))) == ["2026-12-06"]


def test_a_series_stands_on_each_of_its_days() -> None:
    rule = SeriesRule(Freq.weekly, 1, "2026-12-10")
    found = seen(both(at("2019-01-02", rule=rule)), number=3)  # a Wednesday, long ago
    assert list(found) == ["2026-12-02", "2026-12-09"]


def test_what_one_side_has_moved_stands_on_both_days_and_says_so() -> None:
    moved = SeenAppointment(at("2026-12-01"), at("2026-12-03"))
    assert seen(moved) == {"2026-12-01": [("09:00", "differs")], "2026-12-03": [("09:00", "differs")]}


def test_one_side_alone() -> None:
    assert seen(SeenAppointment(at("2026-12-01"), None)) == {"2026-12-01": [("09:00", "advoware_only")]}
    assert seen(SeenAppointment(None, at("2026-12-01"))) == {"2026-12-01": [("09:00", "google_only")]}


def test_what_google_hides_on_purpose_is_no_difference() -> None:
    shown, secret = at("2026-12-01", text="Termin"), at("2026-12-01", text="Mandat Müller", ort="Saal 2")
    assert SeenAppointment(secret, shown).agreement is Agreement.differs
    assert SeenAppointment(secret, shown, less=True).agreement is Agreement.equal
    assert SeenAppointment(secret, at("2026-12-02", text="Termin"), less=True).agreement is Agreement.differs


def test_the_week_of_a_day() -> None:
    assert [monday_of(date(2026, 12, day)) for day in (1, 6, 7)] == [MONDAY, MONDAY, date(2026, 12, 7)]
