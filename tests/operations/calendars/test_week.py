"""The readable week: what stands on which day, in which order, and how the two sides agree."""

from datetime import date
from typing import Any

from syncapp.core.appointments.forms.canonical import Canonical
from syncapp.core.appointments.forms.drafts import Shown, shown_in_google
from syncapp.core.appointments.forms.series import Freq, SeriesRule, When
from syncapp.core.appointments.rows import SeriesException
from syncapp.operations.calendars.week import SeenAppointment, SideAgreement, monday_of, weeks

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


WEDNESDAYS = at("2019-01-02", rule=SeriesRule(Freq.weekly, 1, "2026-12-10"))
DAILY = at("2026-12-01", rule=SeriesRule(Freq.daily, 1, "2026-12-03"))
BOTH_DAYS = {"2026-12-02": [("09:00", "equal")], "2026-12-09": [("09:00", "equal")]}


def differing(form: Canonical, *exceptions: SeriesException) -> dict[str, list[tuple[str, str]]]:
    return seen(SeenAppointment(form, form, exceptions=exceptions), number=2)


def moved(original: str, when: When | None) -> SeriesException:
    return SeriesException(original, when=when)


def test_an_occurrence_that_was_moved_in_google_stands_where_it_is_on_either_side() -> None:
    thursday = moved("2026-12-02T09:00:00+01:00", When(False, "2026-12-03T14:00", "2026-12-03T15:00"))
    assert differing(WEDNESDAYS, thursday) == {
        "2026-12-02": [("09:00", "advoware_only")],
        "2026-12-03": [("14:00", "google_only")],
        "2026-12-09": [("09:00", "equal")],
    }
    later = moved("2026-12-02T08:00:00Z", When(False, "2026-12-02T11:00", "2026-12-02T12:00"))
    assert differing(WEDNESDAYS, later) == BOTH_DAYS | {"2026-12-02": [("09:00", "differs")]}


def test_an_occurrence_that_was_deleted_in_google_stands_in_advoware_alone() -> None:
    gone = SeriesException("2026-12-09T09:00:00+01:00", cancelled=True)
    assert differing(WEDNESDAYS, gone) == BOTH_DAYS | {"2026-12-09": [("09:00", "advoware_only")]}


def test_an_occurrence_may_have_been_moved_to_the_day_of_another_one() -> None:
    second = moved("2026-12-02T09:00:00+01:00", When(False, "2026-12-03T14:00", "2026-12-03T15:00"))
    assert differing(DAILY, second) == {
        "2026-12-01": [("09:00", "equal")],
        "2026-12-02": [("09:00", "advoware_only")],
        "2026-12-03": [("09:00", "equal"), ("14:00", "google_only")],
    }


def test_an_occurrence_may_have_been_moved_into_the_weeks_and_out_of_its_series() -> None:
    ended = at("2026-11-11", rule=SeriesRule(Freq.weekly, 1, "2026-11-18"))
    last = moved("2026-11-18T09:00:00+01:00", When(False, "2026-12-01T09:00", "2026-12-01T10:00"))
    assert differing(ended, last) == {"2026-12-01": [("09:00", "google_only")]}


def test_occurrences_of_whole_days_go_by_their_day_and_early_ones_by_berlins_clock() -> None:
    whole = Canonical(When(True, "2026-12-02", "2026-12-02"), SeriesRule(Freq.weekly, 1, "2026-12-10"))
    assert differing(whole, SeriesException("2026-12-02", cancelled=True))["2026-12-02"] == [("", "advoware_only")]
    early = at("2026-12-02", "01:00", "02:00", rule=SeriesRule(Freq.weekly, 1, "2026-12-10"))
    gone = SeriesException("2026-12-02T00:00:00Z", cancelled=True)
    assert differing(early, gone)["2026-12-02"] == [("01:00", "advoware_only")]


def test_what_stands_for_no_occurrence_or_nobody_knows_where_changes_nothing() -> None:
    """The rule has changed since; the row is older than what is kept of it now; Google has told no start."""
    there = When(False, "2026-12-03T14:00", "2026-12-03T15:00")
    for odd in ("2026-12-01T09:00:00+01:00", "master_20261202T080000Z", ""):
        assert differing(WEDNESDAYS, moved(odd, there)) == BOTH_DAYS
    assert differing(WEDNESDAYS, moved("2026-12-02T09:00:00+01:00", None)) == BOTH_DAYS


def test_what_one_side_has_moved_stands_on_both_days_and_says_so() -> None:
    moved = SeenAppointment(at("2026-12-01"), at("2026-12-03"))
    assert seen(moved) == {"2026-12-01": [("09:00", "differs")], "2026-12-03": [("09:00", "differs")]}


def test_one_side_alone() -> None:
    assert seen(SeenAppointment(at("2026-12-01"), None)) == {"2026-12-01": [("09:00", "advoware_only")]}
    assert seen(SeenAppointment(None, at("2026-12-01"))) == {"2026-12-01": [("09:00", "google_only")]}


def test_what_cannot_be_carried_says_so_whatever_of_it_can_be_shown() -> None:
    for sides in ((None, at("2026-12-01")), (at("2026-12-01"), None), (at("2026-12-01"), at("2026-12-01"))):
        assert seen(SeenAppointment(*sides, status="unsupported")) == {"2026-12-01": [("09:00", "unsupported")]}


def test_what_google_hides_on_purpose_is_no_difference() -> None:
    shown, secret = at("2026-12-01", text="Termin"), at("2026-12-01", text="Mandat Müller", ort="Saal 2")
    assert SeenAppointment(secret, shown).agreement is SideAgreement.differs
    for way in (Shown.busy, Shown.anonymous):
        assert SeenAppointment(secret, shown, shown=way).agreement is SideAgreement.equal
        assert SeenAppointment(secret, at("2026-12-02", text="Termin"), shown=way).agreement is SideAgreement.differs


def test_what_is_too_long_for_google_is_no_difference() -> None:
    whole = at("2026-12-01", notiz="x" * 20_000)
    kept = shown_in_google(whole, Shown.full)
    assert SeenAppointment(whole, kept).agreement is SideAgreement.equal
    assert SeenAppointment(whole, at("2026-12-01", notiz=kept.notiz + "!")).agreement is SideAgreement.differs


def test_the_week_of_a_day() -> None:
    assert [monday_of(date(2026, 12, day)) for day in (1, 6, 7)] == [MONDAY, MONDAY, date(2026, 12, 7)]
