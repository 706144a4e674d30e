"""Series both ways: each row of the table by name, and every rule that is taken against dateutil."""

from datetime import date, datetime, timedelta
from itertools import islice

import pytest
from dateutil import rrule
from hypothesis import given
from hypothesis import strategies as st

from syncapp.core.appointments.forms.canonical import read_event, read_termin
from syncapp.core.appointments.forms.reasons import FormReason
from syncapp.core.appointments.forms.series import LAST_YEAR, Freq, SeriesRule, When, occurrences, to_google
from syncapp.core.appointments.shapes import AdvowareTermin, CalendarEvent, GoogleTime
from tests.core.appointments.world import timed, whole_days

TUESDAY = ("2026-06-02T09:00", "2026-06-02T10:00")


def event(
    *recurrence: str, start: str = TUESDAY[0], end: str = TUESDAY[1], zone: str = "Europe/Berlin"
) -> CalendarEvent:
    return CalendarEvent("a", recurrence=recurrence, **timed(start, end, zone))


def rule(read: CalendarEvent) -> SeriesRule | None:
    reading = read_event(read)
    assert reading.form is not None, reading.reason
    return reading.form.rule


TAKEN: dict[str, tuple[CalendarEvent, SeriesRule]] = {
    "daily": (event("RRULE:FREQ=DAILY"), SeriesRule(Freq.daily)),
    "weekly": (event("RRULE:FREQ=WEEKLY;INTERVAL=2"), SeriesRule(Freq.weekly, 2)),
    "monthly": (event("RRULE:FREQ=MONTHLY"), SeriesRule(Freq.monthly)),
    "yearly": (event("RRULE:FREQ=YEARLY"), SeriesRule(Freq.yearly)),
    "lower case": (event("rrule:freq=daily"), SeriesRule(Freq.daily)),
    "BYDAY is the start's": (event("RRULE:FREQ=WEEKLY;WKST=MO;BYDAY=TU"), SeriesRule(Freq.weekly)),
    "BYMONTHDAY is the start's": (event("RRULE:FREQ=MONTHLY;BYMONTHDAY=2"), SeriesRule(Freq.monthly)),
    "BYMONTH and BYMONTHDAY are the start's": (
        event("RRULE:FREQ=YEARLY;BYMONTH=6;BYMONTHDAY=2"),
        SeriesRule(Freq.yearly),
    ),
    "COUNT": (event("RRULE:FREQ=WEEKLY;COUNT=3"), SeriesRule(Freq.weekly, 1, "2026-06-16")),
    "COUNT of one": (event("RRULE:FREQ=WEEKLY;COUNT=1"), SeriesRule(Freq.weekly, 1, "2026-06-02")),
    "COUNT with INTERVAL": (event("RRULE:FREQ=MONTHLY;INTERVAL=2;COUNT=4"), SeriesRule(Freq.monthly, 2, "2026-12-02")),
    "COUNT beyond the years": (event("RRULE:FREQ=YEARLY;COUNT=999999999"), SeriesRule(Freq.yearly)),
    "UNTIL in UTC": (event("RRULE:FREQ=DAILY;UNTIL=20260630T215959Z"), SeriesRule(Freq.daily, 1, "2026-06-30")),
    "UNTIL as a date": (event("RRULE:FREQ=DAILY;UNTIL=20260630"), SeriesRule(Freq.daily, 1, "2026-06-30")),
    "UNTIL of the last occurrence": (
        event("RRULE:FREQ=DAILY;UNTIL=20260630T070000Z"),
        SeriesRule(Freq.daily, 1, "2026-06-30"),
    ),
    "UNTIL before that day's occurrence": (
        event("RRULE:FREQ=DAILY;UNTIL=20260630T065959Z"),
        SeriesRule(Freq.daily, 1, "2026-06-29"),
    ),
    "2037 or later is for ever": (event("RRULE:FREQ=DAILY;UNTIL=20370101T225959Z"), SeriesRule(Freq.daily)),
    "a zone with Berlin's time": (event("RRULE:FREQ=DAILY", zone="Europe/Vienna"), SeriesRule(Freq.daily)),
    "the 31st where no month is short": (
        event("RRULE:FREQ=MONTHLY;INTERVAL=12", start="2026-01-31T09:00", end="2026-01-31T10:00"),
        SeriesRule(Freq.monthly, 12),
    ),
    "the 31st that ends in time": (
        event("RRULE:FREQ=MONTHLY;UNTIL=20260901T000000Z", start="2026-07-31T09:00", end="2026-07-31T10:00"),
        SeriesRule(Freq.monthly, 1, "2026-08-31"),
    ),
    "the 31st counted in time": (
        event("RRULE:FREQ=MONTHLY;COUNT=2", start="2026-07-31T09:00", end="2026-07-31T10:00"),
        SeriesRule(Freq.monthly, 1, "2026-08-31"),
    ),
    "weekly from the 31st": (
        event("RRULE:FREQ=WEEKLY;COUNT=9", start="2026-01-31T09:00", end="2026-01-31T10:00"),
        SeriesRule(Freq.weekly, 1, "2026-03-28"),
    ),
    "the 31st counted, and no month in between": (
        event("RRULE:FREQ=MONTHLY;INTERVAL=2;COUNT=2", start="2026-01-31T09:00", end="2026-01-31T10:00"),
        SeriesRule(Freq.monthly, 2, "2026-03-31"),
    ),
    "the 31st that ends before the last day of a month that is too short": (
        event("RRULE:FREQ=MONTHLY;UNTIL=20260929T215959Z", start="2026-08-31T09:00", end="2026-08-31T10:00"),
        SeriesRule(Freq.monthly, 1, "2026-09-29"),
    ),
    "the largest interval": (event("RRULE:FREQ=DAILY;INTERVAL=999"), SeriesRule(Freq.daily, 999)),
    "the largest COUNT": (event("RRULE:FREQ=DAILY;COUNT=1000000000"), SeriesRule(Freq.daily)),
    "COUNT up to the end of 2036": (event("RRULE:FREQ=YEARLY;COUNT=11"), SeriesRule(Freq.yearly, 1, "2036-06-02")),
    "UNTIL by Berlin's clocks, that day's occurrence included": (
        event("RRULE:FREQ=DAILY;UNTIL=20260630T090000"),
        SeriesRule(Freq.daily, 1, "2026-06-30"),
    ),
    "UNTIL by Berlin's clocks, before that day's occurrence": (
        event("RRULE:FREQ=DAILY;UNTIL=20260630T080000"),
        SeriesRule(Freq.daily, 1, "2026-06-29"),
    ),
    "all-day until a time": (
        CalendarEvent(
            "a", recurrence=("RRULE:FREQ=WEEKLY;UNTIL=20260630T000000Z",), **whole_days("2026-06-02", "2026-06-03")
        ),
        SeriesRule(Freq.weekly, 1, "2026-06-30"),
    ),
    "empty parts": (event("RRULE:FREQ=DAILY" + ";" * 490), SeriesRule(Freq.daily)),
    "monthly on the same day of January for ever, until no more years can be written": (
        event("RRULE:FREQ=MONTHLY;INTERVAL=12", start="9990-01-31T09:00", end="9990-01-31T10:00"),
        SeriesRule(Freq.monthly, 12),
    ),
    "counted until no more years can be written": (
        event("RRULE:FREQ=MONTHLY;INTERVAL=12;COUNT=30", start="9990-01-31T09:00", end="9990-01-31T10:00"),
        SeriesRule(Freq.monthly, 12),
    ),
    "all-day": (
        CalendarEvent("a", recurrence=("RRULE:FREQ=WEEKLY;UNTIL=20260630",), **whole_days("2026-06-02", "2026-06-03")),
        SeriesRule(Freq.weekly, 1, "2026-06-30"),
    ),
}


@pytest.mark.parametrize("name", TAKEN)
def test_taken(name: str) -> None:
    given_, expected = TAKEN[name]
    assert rule(given_) == expected


REFUSED: dict[str, tuple[CalendarEvent, FormReason]] = {
    "EXDATE": (event("RRULE:FREQ=DAILY", "EXDATE;TZID=Europe/Berlin:20260603T090000"), FormReason.excluded_dates),
    "RDATE": (event("RDATE:20260603T090000Z"), FormReason.excluded_dates),
    "EXRULE": (event("RRULE:FREQ=DAILY", "EXRULE:FREQ=WEEKLY"), FormReason.excluded_dates),
    "a rule and something else": (event("RRULE:FREQ=DAILY", "X-SOMETHING:1"), FormReason.unreadable_rule),
    "a colon in a rule": (event("RRULE:FREQ=DAILY:FREQ=WEEKLY"), FormReason.frequency),
    "INTERVAL that is no number": (event("RRULE:FREQ=DAILY;INTERVAL=x"), FormReason.unreadable_rule),
    "INTERVAL in digits of another script": (event("RRULE:FREQ=DAILY;INTERVAL=٣"), FormReason.unreadable_rule),
    "INTERVAL beyond what Advoware holds": (event("RRULE:FREQ=DAILY;INTERVAL=1000"), FormReason.unreadable_rule),
    "COUNT beyond all counting": (event("RRULE:FREQ=DAILY;COUNT=1000000001"), FormReason.unreadable_rule),
    "a rule that is a little too long": (event("RRULE:FREQ=DAILY" + ";" * 491), FormReason.unreadable_rule),
    "two rules": (event("RRULE:FREQ=DAILY", "RRULE:FREQ=WEEKLY"), FormReason.several_rules),
    "no rule": (event("X-SOMETHING:1"), FormReason.unreadable_rule),
    "not a rule": (event("RRULE:täglich"), FormReason.unreadable_rule),
    "a part twice": (event("RRULE:FREQ=DAILY;FREQ=WEEKLY"), FormReason.unreadable_rule),
    "no frequency": (event("RRULE:INTERVAL=2"), FormReason.frequency),
    "hourly": (event("RRULE:FREQ=HOURLY"), FormReason.frequency),
    "INTERVAL of none": (event("RRULE:FREQ=DAILY;INTERVAL=0"), FormReason.unreadable_rule),
    "COUNT and UNTIL": (event("RRULE:FREQ=DAILY;COUNT=2;UNTIL=20260630"), FormReason.unreadable_rule),
    "UNTIL that is none": (event("RRULE:FREQ=DAILY;UNTIL=20261340"), FormReason.unreadable_rule),
    "several weekdays": (event("RRULE:FREQ=WEEKLY;BYDAY=MO,TU"), FormReason.weekdays),
    "another weekday": (event("RRULE:FREQ=WEEKLY;BYDAY=MO"), FormReason.weekdays),
    "first Tuesday": (event("RRULE:FREQ=MONTHLY;BYDAY=1TU"), FormReason.weekdays),
    "weekdays daily": (event("RRULE:FREQ=DAILY;BYDAY=MO,TU,WE,TH,FR"), FormReason.weekdays),
    "another day of the month": (event("RRULE:FREQ=MONTHLY;BYMONTHDAY=15"), FormReason.day_of_month),
    "last day of the month": (event("RRULE:FREQ=MONTHLY;BYMONTHDAY=-1"), FormReason.day_of_month),
    "every month of a year": (event("RRULE:FREQ=YEARLY;BYMONTHDAY=2"), FormReason.day_of_month),
    "another month": (event("RRULE:FREQ=YEARLY;BYMONTH=7"), FormReason.other_rule_part),
    "BYSETPOS": (event("RRULE:FREQ=MONTHLY;BYSETPOS=1"), FormReason.other_rule_part),
    "over midnight": (event("RRULE:FREQ=DAILY", end="2026-06-03T01:00"), FormReason.occurrence_too_long),
    "of two days": (
        CalendarEvent("a", recurrence=("RRULE:FREQ=WEEKLY",), **whole_days("2026-06-02", "2026-06-04")),
        FormReason.occurrence_too_long,
    ),
    "the 31st": (
        event("RRULE:FREQ=MONTHLY", start="2026-01-31T09:00", end="2026-01-31T10:00"),
        FormReason.short_months,
    ),
    "the 31st of every other month": (
        event("RRULE:FREQ=MONTHLY;INTERVAL=2", start="2026-01-31T09:00", end="2026-01-31T10:00"),
        FormReason.short_months,
    ),
    "the 31st counted": (
        event("RRULE:FREQ=MONTHLY;COUNT=2", start="2026-01-31T09:00", end="2026-01-31T10:00"),
        FormReason.short_months,
    ),
    "the 31st that ends with a month that is too short": (
        event("RRULE:FREQ=MONTHLY;UNTIL=20260930T215959Z", start="2026-08-31T09:00", end="2026-08-31T10:00"),
        FormReason.short_months,
    ),
    "the 29th counted": (
        event("RRULE:FREQ=MONTHLY;COUNT=2", start="2026-01-29T09:00", end="2026-01-29T10:00"),
        FormReason.short_months,
    ),
    "the 29th": (
        event("RRULE:FREQ=MONTHLY", start="2026-01-29T09:00", end="2026-01-29T10:00"),
        FormReason.short_months,
    ),
    "29 February": (event("RRULE:FREQ=YEARLY", start="2028-02-29T09:00", end="2028-02-29T10:00"), FormReason.leap_day),
    "UNTIL before the start": (event("RRULE:FREQ=DAILY;UNTIL=20260601T215959Z"), FormReason.ends_before_start),
    "another zone": (event("RRULE:FREQ=DAILY", zone="Europe/London"), FormReason.series_in_other_zone),
    "a rule without end": (event("RRULE:" + "FREQ=DAILY;X=" + "1" * 600), FormReason.unreadable_rule),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refused(name: str) -> None:
    given_, reason = REFUSED[name]
    assert read_event(given_).reason is reason


def dauertermin(art: int, turnus: int = 1, bis: str = "2026-12-31", **values: str) -> AdvowareTermin:
    times = {"datum": "2026-06-02", "uhrzeit_von": "09:00", "uhrzeit_bis": "10:00", **values}
    return AdvowareTermin(1, datum_bis=bis, dauertermin=True, turnus=turnus, turnus_art=art, **times)


@pytest.mark.parametrize("art, freq", list(enumerate(Freq, start=1)))
def test_turnus_art(art: int, freq: Freq) -> None:
    form = read_termin(dauertermin(art, 3)).form
    assert form is not None
    assert form.rule == SeriesRule(freq, 3, "2026-12-31")
    assert to_google(form.rule, form.when) == (f"RRULE:FREQ={freq.value};INTERVAL=3;UNTIL=20261231T225959Z",)


@pytest.mark.parametrize("bis", ["2037-01-01", "2038-01-19", "", "0001-01-01T00:00:00Z"])
def test_for_ever(bis: str) -> None:
    form = read_termin(dauertermin(2, bis=bis)).form
    assert form is not None
    assert to_google(form.rule, form.when) == ("RRULE:FREQ=WEEKLY;INTERVAL=1",)


def test_all_day_until_is_a_date() -> None:
    form = read_termin(dauertermin(1, uhrzeit_von="", uhrzeit_bis="")).form
    assert form is not None
    assert to_google(form.rule, form.when) == ("RRULE:FREQ=DAILY;INTERVAL=1;UNTIL=20261231",)


def test_the_largest_turnus() -> None:
    form = read_termin(dauertermin(1, 999)).form
    assert form is not None
    assert form.rule == SeriesRule(Freq.daily, 999, "2026-12-31")


@pytest.mark.parametrize("turnus", [0, -1, 1000])
def test_a_turnus_that_is_none(turnus: int) -> None:
    assert read_termin(dauertermin(1, turnus)).reason is FormReason.unknown_turnus


def as_advoware_counts(rule_: SeriesRule, start: datetime, most: int) -> list[datetime]:
    """The occurrences by day of month and calendar arithmetic alone."""
    last = date.fromisoformat(rule_.until) if rule_.until else date(2037, 12, 31)
    found, number = [], 0
    while len(found) < most:
        if rule_.freq in (Freq.daily, Freq.weekly):
            day = start + timedelta(days=number * rule_.interval * (7 if rule_.freq is Freq.weekly else 1))
        else:
            months = number * rule_.interval * (12 if rule_.freq is Freq.yearly else 1) + start.month - 1
            day = start.replace(year=start.year + months // 12, month=months % 12 + 1)
        if day.date() > last:
            break
        found.append(day)
        number += 1
    return found


@given(
    start=st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1)).filter(lambda one: one.hour not in (2,)),
    freq=st.sampled_from(Freq),
    interval=st.integers(1, 5),
    ends=st.one_of(st.just(""), st.integers(1, 30).map(lambda count: f";COUNT={count}"), st.integers(0, 900)),
)
def test_a_rule_that_is_taken_has_the_very_same_occurrences(
    start: datetime, freq: Freq, interval: int, ends: str | int
) -> None:
    start = start.replace(second=0, microsecond=0)
    until = f";UNTIL={start + timedelta(days=ends):%Y%m%dT%H%M%S}" if isinstance(ends, int) else ends
    text = f"FREQ={freq.value};INTERVAL={interval}{until}"
    minute = start.isoformat(timespec="minutes")
    form = read_event(event(f"RRULE:{text}", start=minute, end=minute)).form
    if form is None:
        assert start.day > 28
        return
    if form.when.all_day:
        return
    assert form.rule is not None
    shown = islice(rrule.rrulestr(text, dtstart=start), 40)
    expected = [moment for moment in shown if moment.year <= LAST_YEAR]
    assert as_advoware_counts(form.rule, start, len(expected)) == expected


def test_occurrences_of_a_week() -> None:
    jour_fixe = When(False, "2026-03-24T09:00", "2026-03-24T10:00")
    found = occurrences(
        jour_fixe, SeriesRule(Freq.weekly, 1, "2026-04-07"), first=date(2026, 3, 28), last=date(2026, 4, 30)
    )
    assert [one.start for one in found] == ["2026-03-31T09:00", "2026-04-07T09:00"]
    single = occurrences(When(True, "2026-03-24", "2026-03-26"), None, first=date(2026, 3, 26), last=date(2026, 3, 30))
    assert [one.end for one in single] == ["2026-03-26"]
    assert not list(occurrences(jour_fixe, None, first=date(2026, 3, 25), last=date(2026, 4, 1)))


JULY = {"first": date(2026, 7, 1), "last": date(2026, 7, 31)}


@pytest.mark.parametrize(
    "when, shown",
    [
        (When(False, "2026-06-30T23:00", "2026-07-01T00:30"), True),
        (When(False, "2026-07-31T23:00", "2026-08-01T01:00"), True),
        (When(False, "2026-06-30T22:00", "2026-06-30T23:59"), False),
        (When(False, "2026-08-01T00:00", "2026-08-01T01:00"), False),
        (When(True, "2026-06-01", "2026-07-01"), True),
        (When(True, "2026-07-31", "2026-08-09"), True),
        (When(True, "2026-06-01", "2026-06-30"), False),
        (When(True, "2026-08-01", "2026-08-01"), False),
    ],
)
def test_one_that_happens_once_is_shown_where_any_of_its_days_is(when: When, shown: bool) -> None:
    assert list(occurrences(when, None, **JULY)) == ([when] if shown else [])


def test_the_first_and_the_last_day_are_shown_with_what_happens_at_their_midnights() -> None:
    """Whole days begin at midnight."""
    weekly = When(True, "2026-07-03", "2026-07-03")
    found = occurrences(weekly, SeriesRule(Freq.weekly), first=date(2026, 7, 10), last=date(2026, 7, 24))
    assert list(found) == [When(True, day, day) for day in ("2026-07-10", "2026-07-17", "2026-07-24")]


def test_an_interval_passes_over_what_lies_between() -> None:
    fortnightly = When(False, "2026-07-01T09:00", "2026-07-01T10:30")
    found = occurrences(fortnightly, SeriesRule(Freq.weekly, 2), **JULY)
    assert [(one.all_day, one.start, one.end) for one in found] == [
        (False, f"2026-07-{day}T09:00", f"2026-07-{day}T10:30") for day in ("01", "15", "29")
    ]


def test_a_time_and_a_rule_read_as_people_write_them() -> None:
    assert str(When(True, "2026-07-01", "2026-07-01")) == "2026-07-01"
    assert str(When(False, "2026-07-01T09:00", "2026-07-01T10:00")) == "2026-07-01T09:00 – 2026-07-01T10:00"
    assert str(SeriesRule(Freq.weekly, 2)) == "WEEKLY × 2"
    assert str(SeriesRule(Freq.daily, 1, "2026-12-31")) == "DAILY × 1, 2026-12-31"


def test_a_time_without_zone_is_berlin() -> None:
    bare = CalendarEvent(
        "a",
        recurrence=("RRULE:FREQ=DAILY",),
        start=GoogleTime(date_time="2026-06-02T09:00:00"),
        end=GoogleTime(date_time="2026-06-02T10:00:00"),
    )
    assert rule(bare) == SeriesRule(Freq.daily)
