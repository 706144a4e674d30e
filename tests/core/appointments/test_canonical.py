"""The tables of `forms`: what either system shows, and what it means; each row by name."""

import json
from dataclasses import replace
from datetime import date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncapp.core.appointments.forms import berlin
from syncapp.core.appointments.forms.canonical import (
    Canonical,
    FormReading,
    Group,
    Value,
    read_event,
    read_termin,
    seen_form,
)
from syncapp.core.appointments.forms.drafts import event_change, termin_change
from syncapp.core.appointments.forms.plain_text import lines, plain
from syncapp.core.appointments.forms.reasons import FormReason, NotRepresentable, SilentNote
from syncapp.core.appointments.forms.series import Freq, SeriesRule, When
from syncapp.core.appointments.shapes import AdvowareTermin, CalendarEvent, GoogleTime
from tests.core.appointments.world import stated, timed, whole_days


def termin(**values: Any) -> AdvowareTermin:
    return AdvowareTermin(1, **values)


def when(reading: FormReading) -> tuple[bool, str, str]:
    assert reading.form is not None, reading.reason
    return (reading.form.when.all_day, reading.form.when.start, reading.form.when.end)


TERMINE: dict[str, tuple[dict[str, Any], tuple[bool, str, str]]] = {
    "datum and times": (
        {"datum": "2026-06-02T00:00:00", "uhrzeit_von": "09:00:00", "uhrzeit_bis": "10:30:00"},
        (False, "2026-06-02T09:00", "2026-06-02T10:30"),
    ),
    "several days are one event": (
        {"datum": "2026-06-02", "datum_bis": "2026-06-04", "uhrzeit_von": "09:00", "uhrzeit_bis": "08:00"},
        (False, "2026-06-02T09:00", "2026-06-04T08:00"),
    ),
    "no end is half an hour": (
        {"datum": "2026-06-02", "uhrzeit_von": "09:00"},
        (False, "2026-06-02T09:00", "2026-06-02T09:30"),
    ),
    "no end over midnight": (
        {"datum": "2026-06-02", "uhrzeit_von": "23:45"},
        (False, "2026-06-02T23:45", "2026-06-03T00:15"),
    ),
    "no end is half an hour on the last day": (
        {"datum": "2026-06-02", "datum_bis": "2026-06-03", "uhrzeit_von": "09:00"},
        (False, "2026-06-02T09:00", "2026-06-03T09:30"),
    ),
    "no start is all-day": ({"datum": "2026-06-02"}, (True, "2026-06-02", "2026-06-02")),
    "00:00 to 23:59": (
        {"datum": "2026-06-02", "uhrzeit_von": "00:00:00", "uhrzeit_bis": "23:59:00"},
        (True, "2026-06-02", "2026-06-02"),
    ),
    "00:00 to 23:59:59 over three days": (
        {"datum": "2026-06-02", "datum_bis": "2026-06-04", "uhrzeit_von": "00:00", "uhrzeit_bis": "23:59:59"},
        (True, "2026-06-02", "2026-06-04"),
    ),
    "00:00 to 00:00": (
        {"datum": "2026-06-02", "uhrzeit_von": "00:00:00", "uhrzeit_bis": "00:00:00"},
        (True, "2026-06-02", "2026-06-02"),
    ),
    "the all-day field": (
        {
            "datum": "2026-06-02",
            "datum_bis": "2026-06-03",
            "uhrzeit_von": "09:00",
            "uhrzeit_bis": "10:00",
            "all_day": True,
        },
        (True, "2026-06-02", "2026-06-03"),
    ),
    "zero length": (
        {"datum": "2026-06-02", "uhrzeit_von": "09:00", "uhrzeit_bis": "09:00"},
        (False, "2026-06-02T09:00", "2026-06-02T09:00"),
    ),
    "datum with its own time": (
        {"datum": "2026-06-02T09:00:00", "uhrzeit_bis": "10:00"},
        (False, "2026-06-02T09:00", "2026-06-02T10:00"),
    ),
    "fractions of a second": (
        {"datum": "2026-06-02", "uhrzeit_von": "09:00:59.999", "uhrzeit_bis": "10:00:01.5"},
        (False, "2026-06-02T09:00", "2026-06-02T10:00"),
    ),
    "a whole date as the time": (
        {"datum": "2026-06-02", "uhrzeit_von": "1899-12-30T09:00:00", "uhrzeit_bis": "1899-12-30T10:00:00"},
        (False, "2026-06-02T09:00", "2026-06-02T10:00"),
    ),
    "a time in UTC on a real day": (
        {"datum": "2026-06-02", "uhrzeit_von": "2026-06-02T07:00:00Z", "uhrzeit_bis": "2026-06-02T08:00:00Z"},
        (False, "2026-06-02T09:00", "2026-06-02T10:00"),
    ),
    "a time with an offset and no real day": (
        {"datum": "2026-06-02", "uhrzeit_von": "1899-12-30T09:00:00Z", "uhrzeit_bis": "10:00+02:00"},
        (False, "2026-06-02T09:00", "2026-06-02T10:00"),
    ),
    "no date as the last day": (
        {"datum": "2026-06-02", "datum_bis": "0001-01-01T00:00:00Z", "uhrzeit_von": "09:00", "uhrzeit_bis": "10:00"},
        (False, "2026-06-02T09:00", "2026-06-02T10:00"),
    ),
    "a time without a day, as .NET has it": (
        {"datum": "2026-06-02", "uhrzeit_von": "0001-01-01T09:00:00", "uhrzeit_bis": "0001-01-01T10:00:00"},
        (False, "2026-06-02T09:00", "2026-06-02T10:00"),
    ),
    "no time, as .NET has it": (
        {"datum": "2026-06-02", "uhrzeit_von": "0001-01-01T00:00:00", "uhrzeit_bis": "0001-01-01"},
        (True, "2026-06-02", "2026-06-02"),
    ),
    "a time with its offset": (
        {"datum": "2026-06-02", "uhrzeit_von": "2026-06-02T09:00:00+02:00", "uhrzeit_bis": "2026-06-02T08:00:00Z"},
        (False, "2026-06-02T09:00", "2026-06-02T10:00"),
    ),
    "a time with the offset of a day that is none": (
        {"datum": "2026-06-02", "uhrzeit_von": "1899-12-30T09:00:00Z", "uhrzeit_bis": "T10:00:00"},
        (False, "2026-06-02T09:00", "2026-06-02T10:00"),
    ),
    "days in UTC are those days": (
        {"datum": "2026-06-02T00:00:00Z", "datum_bis": "2026-06-03T23:59:59.999Z"},
        (True, "2026-06-02", "2026-06-03"),
    ),
    "the end in datumBis": (
        {"datum": "2026-06-02T09:00:00", "datum_bis": "2026-06-03T10:30:00"},
        (False, "2026-06-02T09:00", "2026-06-03T10:30"),
    ),
    "datumBis says no more than datum": (
        {"datum": "2026-06-02T09:00:00", "datum_bis": "2026-06-02T09:00:00.000"},
        (False, "2026-06-02T09:00", "2026-06-02T09:30"),
    ),
    "uhrzeitBis counts more than datumBis": (
        {"datum": "2026-06-02", "datum_bis": "2026-06-02T10:30:00", "uhrzeit_von": "09:00", "uhrzeit_bis": "11:00"},
        (False, "2026-06-02T09:00", "2026-06-02T11:00"),
    ),
    "the end of a day is no end of what began at nine": (
        {"datum": "2026-06-02", "datum_bis": "2026-06-02T23:59:59", "uhrzeit_von": "09:00"},
        (False, "2026-06-02T09:00", "2026-06-02T09:30"),
    ),
    "from midnight to ten": (
        {"datum": "2026-06-02", "uhrzeit_von": "00:00", "uhrzeit_bis": "10:00"},
        (False, "2026-06-02T00:00", "2026-06-02T10:00"),
    ),
    "from nine to the last minute": (
        {"datum": "2026-06-02", "uhrzeit_von": "09:00", "uhrzeit_bis": "23:59"},
        (False, "2026-06-02T09:00", "2026-06-02T23:59"),
    ),
    "whole days with their end in datumBis": (
        {"datum": "2026-06-02", "datum_bis": "2026-06-03T23:59:00", "uhrzeit_von": "00:00"},
        (True, "2026-06-02", "2026-06-03"),
    ),
    "a date in UTC": ({"datum": "2026-06-01T22:00:00Z"}, (True, "2026-06-02", "2026-06-02")),
    "the spring gap is an hour later": (
        {"datum": "2026-03-29", "uhrzeit_von": "02:15", "uhrzeit_bis": "02:45"},
        (False, "2026-03-29T03:15", "2026-03-29T03:45"),
    ),
    "an end right behind the spring gap goes along": (
        {"datum": "2026-03-29", "uhrzeit_von": "02:30", "uhrzeit_bis": "03:00"},
        (False, "2026-03-29T03:30", "2026-03-29T04:00"),
    ),
    "an hour from within the spring gap stays one": (
        {"datum": "2026-03-29", "uhrzeit_von": "02:30", "uhrzeit_bis": "03:30"},
        (False, "2026-03-29T03:30", "2026-03-29T04:30"),
    ),
    "no length in the spring gap": (
        {"datum": "2026-03-29", "uhrzeit_von": "02:30", "uhrzeit_bis": "02:30"},
        (False, "2026-03-29T03:30", "2026-03-29T03:30"),
    ),
    "no end in the spring gap": (
        {"datum": "2026-03-29", "uhrzeit_von": "02:45"},
        (False, "2026-03-29T03:45", "2026-03-29T04:15"),
    ),
    "the doubled hour is the first": (
        {"datum": "2026-10-25", "uhrzeit_von": "02:15", "uhrzeit_bis": "02:45"},
        (False, "2026-10-25T02:15", "2026-10-25T02:45"),
    ),
}


@pytest.mark.parametrize("name", TERMINE)
def test_a_termin_is(name: str) -> None:
    given_, expected = TERMINE[name]
    assert when(read_termin(termin(**given_))) == expected


DAILY = {"dauertermin": True, "turnus": 1, "turnus_art": 1}
REFUSED_TERMINE: dict[FormReason, dict[str, Any]] = {
    FormReason.no_date: {"datum": ""},
    FormReason.unreadable_date: {"datum": "2026-02-31"},
    FormReason.unreadable_time: {"datum": "2026-06-02", "uhrzeit_von": "25:00"},
    FormReason.end_before_start: {"datum": "2026-06-02", "uhrzeit_von": "10:00", "uhrzeit_bis": "09:00"},
    FormReason.unknown_turnus: {"datum": "2026-06-02", "dauertermin": True, "turnus": 1, "turnus_art": 9},
    FormReason.ends_before_start: {
        "datum": "2026-06-02",
        "datum_bis": "2026-06-01",
        "dauertermin": True,
        "turnus": 1,
        "turnus_art": 1,
    },
    FormReason.leap_day: {"datum": "2028-02-29", "dauertermin": True, "turnus": 1, "turnus_art": 4},
    FormReason.short_months: {"datum": "2026-01-31", "dauertermin": True, "turnus": 1, "turnus_art": 3},
}


@pytest.mark.parametrize("reason", REFUSED_TERMINE)
def test_a_termin_that_google_cannot_hold(reason: FormReason) -> None:
    assert read_termin(termin(**REFUSED_TERMINE[reason])) == FormReading(None, reason)


@pytest.mark.parametrize(
    "given_",
    [
        {"datum": "zweiter Juni"},
        {"datum": "2026-06-02", "datum_bis": "x"},
        {"datum": "9" * 5000},
        {"datum": "2026-06-02T25:00:00"},
    ],
)
def test_dates_that_nobody_can_read(given_: dict[str, str]) -> None:
    assert read_termin(termin(**given_)).reason is FormReason.unreadable_date


@pytest.mark.parametrize("clock", ["2026-02-31T09:00:00Z", "9999-12-31T23:30:00-12:00", "24:00", "09:60", "neun"])
def test_times_that_nobody_can_read(clock: str) -> None:
    assert read_termin(termin(datum="2026-06-02", uhrzeit_von=clock)).reason is FormReason.unreadable_time


def test_whole_days_until_the_last_day_that_there_is() -> None:
    """Some programs say "without end" so; Google's end would be the day after."""
    assert read_termin(termin(datum="2026-06-02", datum_bis="9999-12-31")).reason is FormReason.unreadable_date
    assert when(read_termin(termin(datum="2026-06-02", datum_bis="9999-12-30"))) == (True, "2026-06-02", "9999-12-30")
    event = CalendarEvent("a", **whole_days("9999-12-31", "9999-12-31"))
    assert read_event(event).reason is FormReason.unreadable_date


@pytest.mark.parametrize("clock", ["", "09:00"])
def test_a_last_day_before_the_first(clock: str) -> None:
    given_ = termin(datum="2026-06-02", datum_bis="2026-06-01", uhrzeit_von=clock)
    assert read_termin(given_).reason is FormReason.end_before_start


def test_the_end_of_the_world_is_no_error() -> None:
    late = {"datum": "9999-12-31", "uhrzeit_von": "23:45"}
    assert read_termin(termin(**late)).reason is FormReason.unreadable_date
    assert read_event(CalendarEvent("a", **timed_at("0001-01-01T00:00:00+14:00"))).reason is FormReason.unreadable_time


def timed_at(moment: str, zone: str = "") -> dict[str, GoogleTime]:
    return {"start": GoogleTime(date_time=moment, time_zone=zone), "end": GoogleTime(date_time=moment, time_zone=zone)}


def test_people_see_of_an_event_what_can_be_read_of_it() -> None:
    """As it is where Advoware could hold it; else without its rule and its note."""
    there = timed("2026-06-02T09:00", "2026-06-02T10:00")
    event = CalendarEvent("a", summary="Chor ", location="Aula\r\n", description="Noten", visibility="private", **there)
    assert seen_form(event) == read_event(event).form
    odd = replace(event, recurrence=("RRULE:FREQ=MONTHLY;BYDAY=-1FR",))
    assert seen_form(odd) == Canonical(
        When(False, "2026-06-02T09:00", "2026-06-02T10:00"), None, "Chor", "Aula", "", privat=True
    )
    assert seen_form(replace(odd, visibility="default")) == replace(seen_form(odd), privat=False)
    assert seen_form(replace(event, start=GoogleTime(date_time="25:00"))) is None


def test_a_missing_time_can_be_a_time() -> None:
    reading = read_termin(termin(datum="2026-06-02"), "09:00")
    assert when(reading) == (False, "2026-06-02T09:00", "2026-06-02T09:30")
    assert reading.notes == {SilentNote.missing_time}


def test_what_was_settled_in_silence_is_noted() -> None:
    assert read_termin(termin(datum="2026-03-29", uhrzeit_von="02:15")).notes == {SilentNote.spring_gap}
    assert read_termin(termin(datum="2026-10-25", uhrzeit_von="02:15")).notes == {SilentNote.doubled_hour}
    assert read_termin(termin(datum="2026-10-26", uhrzeit_von="02:15")).notes == frozenset()
    second = CalendarEvent("a", **timed_at("2026-10-25T02:15:00+01:00"))
    assert read_event(second).notes == {SilentNote.doubled_hour}


@pytest.mark.parametrize("zone", ["Europe/Berlin", ""])
def test_a_time_that_spring_leaves_out_is_an_hour_later_without_an_offset_too(zone: str) -> None:
    start, end = (GoogleTime(date_time=f"2026-03-29T{clock}:00", time_zone=zone) for clock in ("02:15", "04:00"))
    reading = read_event(CalendarEvent("a", start=start, end=end))
    assert when(reading) == (False, "2026-03-29T03:15", "2026-03-29T04:00")
    assert reading.notes == {SilentNote.spring_gap}
    assert read_event(CalendarEvent("a", **timed_at("2026-03-29T02:15:00+01:00"))).notes == frozenset()


EVENTS: dict[str, tuple[dict[str, Any], tuple[bool, str, str]]] = {
    "a local time": (timed("2026-06-02T09:00", "2026-06-02T10:00"), (False, "2026-06-02T09:00", "2026-06-02T10:00")),
    "another zone": (
        {
            "start": GoogleTime(date_time="2026-06-02T03:00:00-04:00"),
            "end": GoogleTime(date_time="2026-06-02T08:00:00Z"),
        },
        (False, "2026-06-02T09:00", "2026-06-02T10:00"),
    ),
    "a zone beside the time": (
        timed_at("2026-06-02T03:00:00", "America/New_York"),
        (False, "2026-06-02T09:00", "2026-06-02T09:00"),
    ),
    "no zone at all": (timed_at("2026-06-02T03:00:00"), (False, "2026-06-02T03:00", "2026-06-02T03:00")),
    "seconds": (timed_at("2026-06-02T03:00:59+02:00"), (False, "2026-06-02T03:00", "2026-06-02T03:00")),
    "one whole day": (whole_days("2026-06-02", "2026-06-03"), (True, "2026-06-02", "2026-06-02")),
    "three whole days over summer time": (whole_days("2026-03-28", "2026-03-31"), (True, "2026-03-28", "2026-03-30")),
    "a whole day that ends when it starts": (
        whole_days("2026-06-02", "2026-06-02"),
        (True, "2026-06-02", "2026-06-02"),
    ),
    "midnight to midnight": (timed("2026-06-02T00:00", "2026-06-04T00:00"), (True, "2026-06-02", "2026-06-03")),
    "midnight to 23:59": (timed("2026-06-02T00:00", "2026-06-02T23:59"), (True, "2026-06-02", "2026-06-02")),
    "from midnight to ten": (
        timed("2026-06-02T00:00", "2026-06-02T10:00"),
        (False, "2026-06-02T00:00", "2026-06-02T10:00"),
    ),
    "from nine to midnight": (
        timed("2026-06-02T09:00", "2026-06-03T00:00"),
        (False, "2026-06-02T09:00", "2026-06-03T00:00"),
    ),
    "an end in the zone of its start": (
        {
            "start": GoogleTime(date_time="2026-06-02T03:00:00", time_zone="America/New_York"),
            "end": GoogleTime(date_time="2026-06-02T04:00:00"),
        },
        (False, "2026-06-02T09:00", "2026-06-02T10:00"),
    ),
    "seconds are no length": (
        {
            "start": GoogleTime(date_time="2026-06-02T09:00:59+02:00"),
            "end": GoogleTime(date_time="2026-06-02T09:00:01+02:00"),
        },
        (False, "2026-06-02T09:00", "2026-06-02T09:00"),
    ),
    "fractions of seconds are no length": (
        {
            "start": GoogleTime(date_time="2026-06-02T09:00:00.900+02:00"),
            "end": GoogleTime(date_time="2026-06-02T09:00:00.100+02:00"),
        },
        (False, "2026-06-02T09:00", "2026-06-02T09:00"),
    ),
    "midnight alone": (timed("2026-06-02T00:00", "2026-06-02T00:00"), (True, "2026-06-02", "2026-06-02")),
}


@pytest.mark.parametrize("name", EVENTS)
def test_an_event_is(name: str) -> None:
    given_, expected = EVENTS[name]
    assert when(read_event(CalendarEvent("a", **given_))) == expected


REFUSED_EVENTS: dict[FormReason, dict[str, Any]] = {
    FormReason.no_date: {},
    FormReason.unreadable_date: whole_days("2026-02-31", "2026-03-01"),
    FormReason.unreadable_time: timed_at("gestern"),
    FormReason.unknown_zone: timed_at("2026-06-02T09:00:00", "Mars/Olympus"),
    FormReason.end_before_start: timed("2026-06-02T09:00", "2026-06-02T08:00"),
}


@pytest.mark.parametrize("reason", REFUSED_EVENTS)
def test_an_event_that_advoware_cannot_hold(reason: FormReason) -> None:
    assert read_event(CalendarEvent("a", **REFUSED_EVENTS[reason])) == FormReading(None, reason)


@pytest.mark.parametrize(
    "given_, reason",
    [
        ({"start": GoogleTime(date_time="2026-06-02T09:00:00+02:00")}, FormReason.no_date),
        ({"end": GoogleTime(date_time="2026-06-02T09:00:00+02:00")}, FormReason.no_date),
        (whole_days("2026-06-02", "2026-06-01"), FormReason.end_before_start),
    ],
    ids=["no end", "no start", "whole days that end before they begin"],
)
def test_an_event_without_a_beginning_or_an_end(given_: dict[str, Any], reason: FormReason) -> None:
    assert read_event(CalendarEvent("a", **given_)) == FormReading(None, reason)


def test_the_last_day_of_a_form() -> None:
    """Whole days, a time over midnight, a series, a series without end."""
    days, night = When(True, "2026-06-02", "2026-06-04"), When(False, "2026-06-02T22:00", "2026-06-03T01:00")
    assert [Canonical(when).last_day() for when in (days, night)] == ["2026-06-04", "2026-06-03"]
    assert Canonical(night, SeriesRule(Freq.daily, 1, "2026-12-31")).last_day() == "2026-12-31"
    assert Canonical(night, SeriesRule(Freq.daily)).last_day() == ""


@pytest.mark.parametrize(
    "visibility, privat", [("default", False), ("public", False), ("private", True), ("confidential", True)]
)
def test_visibility(visibility: str, privat: bool) -> None:
    reading = read_event(CalendarEvent("a", visibility=visibility, **whole_days("2026-06-02", "2026-06-03")))
    assert reading.form is not None
    assert reading.form.privat is privat


TEXTS: dict[str, tuple[str, str]] = {
    "line ends": ("eins\r\nzwei\rdrei", "eins\nzwei\ndrei"),
    "blanks at the end": ("Text  \n\n", "Text"),
    "blanks at the end of a single line": ("Text  ", "Text"),
    "blanks at the beginning": ("  Text", "  Text"),
    "blanks at the beginning of HTML": (" eins<br>zwei", " eins\nzwei"),
    "many empty lines": ("eins<br><br><br><br>zwei", "eins\n\nzwei"),
    "a script before a text": ("<script>alert(1)</script><p>XML, Akte X</p>", "XML, Akte X"),
    "NUL and its like": ("a\x00b\x1b\ud800c", "abc"),
    "tabulator": ("a\tb", "a\tb"),
    "an ampersand": ("Müller & Co.", "Müller & Co."),
    "an address in brackets": ("Müller <mueller@example.de>", "Müller <mueller@example.de>"),
    "less than": ("a < b und c > d", "a < b und c > d"),
    "breaks": ("eins<br>zwei<br/><br />drei", "eins\nzwei\n\ndrei"),
    "blocks": ("<p>eins</p><p>zwei</p><ul><li>drei</li><li>vier</li></ul>fünf", "eins\nzwei\ndrei\nvier\nfünf"),
    "Google's own wrapper": (
        "<html-blob>Bitte <b>alle</b> Akten<br>mitbringen</html-blob>",
        "Bitte alle Akten\nmitbringen",
    ),
    "entities": ("&lt;b&gt; &amp; &#252;&nbsp;x", "<b> & ü x"),
    "a link": ('siehe <a href="https://example.de">hier</a>', "siehe hier"),
    "nobody sees scripts": ("<p>Text</p><script>alert(1)</script><!-- auch nicht -->", "Text"),
}


@pytest.mark.parametrize("name", TEXTS)
def test_a_description_says(name: str) -> None:
    given_, expected = TEXTS[name]
    assert plain(given_) == expected


@pytest.mark.parametrize("name", ["line ends", "blanks at the end", "NUL and its like", "tabulator"])
def test_every_text_is_read_alike_on_both_sides(name: str) -> None:
    """Else a second pass would write what the first one has just written."""
    spelled, expected = TEXTS[name]
    here = read_termin(termin(datum="2026-06-02", text=spelled, ort=spelled, notiz=spelled)).form
    day = whole_days("2026-06-02", "2026-06-03")
    there = read_event(CalendarEvent("a", summary=spelled, location=spelled, description=spelled, **day)).form
    assert here == there
    assert here is not None
    assert (here.text, here.ort, here.notiz) == (expected,) * 3


@given(st.text())
def test_a_canonical_text_is_its_own(text: str) -> None:
    assert lines(lines(text)) == lines(text)


def test_html_costs_no_more_than_its_length() -> None:
    assert plain("<div>" * 20_000 + "tief") == "tief"
    assert plain("<b" * 50_000).startswith("<b")


# --- Written and read again ---------------------------------------------------------------------------------------


def _to_the_minute(moment: datetime) -> datetime:
    return moment.replace(second=0, microsecond=0)


DAYS = st.dates(date(2000, 1, 1), date(2036, 12, 31))
MINUTES = st.datetimes(datetime(2000, 1, 1), datetime(2036, 12, 31)).map(
    lambda one: one.replace(second=0, microsecond=0)
)


@st.composite
def whens(draw: st.DrawFn) -> When:
    if draw(st.booleans()):
        first, last = sorted((draw(DAYS), draw(DAYS)))
        return When(True, first.isoformat(), last.isoformat())
    start, end = sorted((draw(MINUTES), draw(MINUTES)))
    event = CalendarEvent("a", **timed(start.isoformat(timespec="minutes"), end.isoformat(timespec="minutes")))
    form = read_event(event).form  # by Berlin's clocks, midnight to midnight as whole days
    return form.when if form is not None else When(True, "2026-01-01", "2026-01-01")


TEXT = st.text(max_size=30).map(lambda text: plain(text).strip()).filter(lambda text: plain(text) == text)
FORMS = st.builds(Canonical, when=whens(), rule=st.none(), text=TEXT, ort=TEXT, notiz=TEXT, privat=st.booleans())
SERIES = st.builds(
    lambda form, day, freq, interval, length: Canonical(
        When(form.when.all_day, *_one_day(form.when)), SeriesRule(freq, interval, _until(form.when, day)), form.text
    ),
    FORMS,
    DAYS,
    st.sampled_from(Freq),
    st.integers(1, 50),
    st.integers(0, 59),
).filter(lambda form: int(form.when.start[8:10]) <= 28 and not form.when.start.endswith("T00:00"))


def _one_day(when: When) -> tuple[str, str]:
    return (when.start, when.start)


def _until(when: When, day: date) -> str:
    return max(day.isoformat(), when.start[:10]) if day.year % 3 else ""


@given(st.one_of(FORMS, SERIES))
def test_what_goes_to_google_reads_the_same(form: Canonical) -> None:
    change = event_change(form, Group)
    event = CalendarEvent(
        "a",
        start=stated(change.start or GoogleTime()),
        end=stated(change.end or GoogleTime()),
        recurrence=change.recurrence or (),
        summary=change.summary or "",
        location=change.location or "",
        description=change.description or "",
        visibility=change.visibility or "",
    )
    assert read_event(event).form == form


@given(st.one_of(FORMS, SERIES))
def test_what_goes_to_advoware_reads_the_same(form: Canonical) -> None:
    change = termin_change(form, Group)
    names = (
        "datum",
        "datum_bis",
        "uhrzeit_von",
        "uhrzeit_bis",
        "text",
        "ort",
        "notiz",
        "privat",
        "dauertermin",
        "turnus",
        "turnus_art",
    )
    assert read_termin(termin(**{name: getattr(change, name) for name in names})).form == form


@given(st.one_of(FORMS, SERIES))
def test_a_form_is_stored_as_json(form: Canonical) -> None:
    assert Canonical.from_json(json.loads(json.dumps(form.to_json()))) == form


@given(st.text(max_size=30), st.text(max_size=30), st.text(max_size=30))
def test_no_text_of_a_time_raises(datum: str, von: str, bis: str) -> None:
    read_termin(termin(datum=datum, uhrzeit_von=von, uhrzeit_bis=bis))
    read_event(
        CalendarEvent("a", start=GoogleTime(date=datum, date_time=von, time_zone=bis), end=GoogleTime(date_time=bis))
    )


def test_a_stored_form_is_spelled_the_same_in_every_release() -> None:
    """Bases are stored so: another spelling would make every appointment look changed on both sides."""
    night = When(False, "2026-06-02T22:00", "2026-06-02T23:00")
    form = Canonical(night, SeriesRule(Freq.weekly, 2, "2026-12-31"), "Text", "Ort", "Notiz", True)
    stored = {
        "when": [False, "2026-06-02T22:00", "2026-06-02T23:00"],
        "rule": ["WEEKLY", 2, "2026-12-31"],
        "text": "Text",
        "ort": "Ort",
        "notiz": "Notiz",
        "privat": True,
    }
    assert json.loads(json.dumps(form.to_json())) == stored
    assert Canonical.from_json(stored) == form
    single = replace(form, rule=None)
    assert single.to_json() == stored | {"rule": None}
    assert Canonical.from_json(stored | {"rule": None}) == single


def test_everything_that_is_said_is_read() -> None:
    """Of both sides, each text as it is meant."""
    given_ = termin(
        datum="2026-06-02",
        datum_bis="2026-12-31",
        uhrzeit_von="09:00",
        uhrzeit_bis="10:00",
        dauertermin=True,
        turnus=2,
        turnus_art=2,
        text="Text ",
        ort="Ort ",
        notiz="eins\r\nzwei",
        privat=True,
    )
    form = Canonical(
        When(False, "2026-06-02T09:00", "2026-06-02T10:00"),
        SeriesRule(Freq.weekly, 2, "2026-12-31"),
        "Text",
        "Ort",
        "eins\nzwei",
        True,
    )
    assert read_termin(given_) == FormReading(form)
    shown = CalendarEvent(
        "a",
        summary="Text ",
        location="Ort ",
        description="eins<br>zwei",
        visibility="confidential",
        recurrence=("RRULE:FREQ=WEEKLY;INTERVAL=2;UNTIL=20261231T225959Z",),
        **timed("2026-06-02T09:00", "2026-06-02T10:00"),
    )
    assert read_event(shown) == FormReading(form)


def test_forms_are_held_against_each_other_group_by_group() -> None:
    form = Canonical(When(True, "2026-06-02", "2026-06-02"), None, "Text", "Ort", "Notiz")
    values: dict[Group, Value] = {
        Group.when: When(True, "2026-06-03", "2026-06-03"),
        Group.rule: SeriesRule(Freq.daily),
        Group.text: "anders",
        Group.ort: "anderswo",
        Group.notiz: "",
        Group.privat: True,
    }
    for group, value in values.items():
        other = form.with_values({group: value})
        assert other.of(group) == value
        assert form.differing(other) == {group}
    assert form.with_values({}) == form
    assert form.differing(form.with_values(values)) == set(Group)


def test_what_is_refused_says_its_reason() -> None:
    assert str(NotRepresentable(FormReason.leap_day)) == "leap_day"


# --- Zones ---------------------------------------------------------------------------------------------------------


def test_zones_that_keep_berlin_time() -> None:
    assert berlin.keeps_berlin_time("Europe/Vienna", 2026)
    assert berlin.keeps_berlin_time("", 2026)
    assert not berlin.keeps_berlin_time("Europe/London", 2026)
