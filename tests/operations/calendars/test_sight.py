"""What somebody who decides about an appointment sees: both sides as they are, not as they were."""

import html
from datetime import date

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from django.utils.html import strip_tags

from syncapp.core.appointments.plan_shapes import Plan
from syncapp.core.appointments.policy import CalendarSide
from syncapp.entities.appointments import configured
from syncapp.entities.appointments.preview import CalendarPreview
from syncapp.models import CalendarEmployee
from syncapp.operations.calendars import drift, week
from syncapp.operations.calendars.sight import sight, sight_of
from syncapp.remotes.registry import forget
from tests.support.calendars import Office, day


def asked(office: Office) -> int:
    """A Termin whose subject both sides have changed, so that a person is asked; its frNr."""
    office.settings.CALENDAR_CONFLICT_POLICY = "ask"
    office.hire()
    fr_nr = office.enter(text="Verhandlung")
    office.sync()
    office.edit(fr_nr, text="in Advoware geändert")
    office.in_google("change", office.row(fr_nr).google_id, summary="in Google geändert")
    office.sync()
    assert office.row(fr_nr).status == "ask"
    return fr_nr


def page(name: str, *args: object) -> str:
    client = Client()
    client.force_login(User.objects.get_or_create(username="chefin", is_superuser=True, is_staff=True)[0])
    return " ".join(html.unescape(strip_tags(client.get(reverse(f"admin:{name}", args=args)).text)).split())


def test_both_versions_that_a_decision_is_about(office: Office) -> None:
    """The row's base is what stood there before either change: nobody could decide by that."""
    row = office.row(asked(office))
    text = page("ops_calendar_sides", row.pk)
    assert "in Advoware geändert" in text
    assert "in Google geändert" in text
    assert "So sind beide Seiten in diesem Augenblick" in text


def test_a_termin_without_a_time_is_shown_as_the_passes_read_it(office: Office) -> None:
    """By CALENDAR_MISSING_TIME: two sides that are equal for the passes are equal for whoever looks."""
    office.settings.CALENDAR_MISSING_TIME = "09:00"
    office.hire()
    fr_nr = office.enter(uhrzeitVon="", uhrzeitBis="")
    office.sync()
    seen = sight_of(office.row(fr_nr))
    assert seen.advoware is not None
    assert seen.advoware == seen.google


def test_an_occurrence_that_was_moved_in_google_stands_there_in_the_weeks(office: Office) -> None:
    """After the pass as before it: the two sides at this moment, and as they were stored."""
    row = office.hire()
    fr_nr = office.enter(1, dauertermin=1, turnus=1, turnusArt=2, datumBis=day(60))
    office.sync()
    office.in_google("move_instances", office.row(fr_nr).google_id, number=1)
    monday = week.monday_of(date.fromisoformat(day(1)))
    office.sync()
    for found in (week.stored(row, monday=monday, number=2), sight(office.employee()).appointments):
        days = [each for one in week.weeks(found, monday=monday, number=2) for each in one.days]
        shown = [entry for each in days for entry in each.entries]
        times = [(entry.advoware, entry.google) for entry in shown]
        assert [(one and one.start[11:], other and other.start[11:]) for one, other in times] == [
            ("09:00", "09:15"),
            ("09:00", "09:00"),
        ]
        assert [entry.agreement for entry in shown] == ["differs", "equal"]


def test_what_stands_in_google_alone_has_its_day_and_its_name_everywhere(office: Office) -> None:
    """Also a series by a rule that Advoware does not know: nobody can say when that ends."""
    row = office.hire()
    guests = [{"email": "gast@kanzlei.example"}]
    own = office.type_in(1, summary="Mit Gästen", attendees=guests)
    odd = office.type_in(2, summary="Chor", recurrence=["RRULE:FREQ=MONTHLY;BYDAY=-1FR"])
    office.sync()
    days = {one.google_id: (str(one.starts_on), one.ends_on and str(one.ends_on)) for one in row.appointments.all()}
    assert days == {own: (day(1), day(1)), odd: (day(2), None)}
    text = page("syncapp_appointment_changelist")
    assert "Mit Gästen" in text
    assert "Chor" in text
    stored = week.stored(row, monday=week.monday_of(date.fromisoformat(day(1))), number=2)
    assert [one.google.text for one in stored if one.google] == ["Mit Gästen"]


@pytest.mark.parametrize("side", ["advoware", "google"])
def test_what_is_gone_shows_as_gone(office: Office, side: str) -> None:
    fr_nr = asked(office)
    row = office.row(fr_nr)
    if side == "advoware":
        office.remove(fr_nr)
    else:
        office.in_google("delete", row.google_id)
    seen = sight_of(row)
    assert (seen.advoware is None, seen.google is None) == (side == "advoware", side == "google")


def test_what_cannot_be_shown_is_not_taken_for_gone(office: Office) -> None:
    """Both have no form; only one of them has to be mended, and where is said."""
    row, said = office.row(asked(office)), "Er steht in Advoware, lässt sich hier aber nicht darstellen."
    office.damage(row.fr_nr, dauertermin=1, turnus=1, turnusArt=9)
    assert said in page("ops_calendar_sides", row.pk)
    office.remove(row.fr_nr)
    assert said not in page("ops_calendar_sides", row.pk)


def test_an_event_whose_termin_is_to_be_made_anew_has_none_in_advoware(office: Office) -> None:
    """What the one that is gone said is kept in the row, but it stands nowhere any more."""
    row = office.row(asked(office))
    row.fr_nr = None
    seen = sight_of(row)
    assert (seen.advoware is None, seen.google is None) == (True, False)


def test_where_nobody_answers_the_last_known_stands_there(office: Office) -> None:
    row = office.row(asked(office))
    office.settings.GOOGLE_CALENDAR_API_URL = "http://127.0.0.1:1/calendar/v3"
    forget()
    text = page("ops_calendar_sides", row.pk)
    assert "Google" in text
    assert "So waren beide Seiten nach dem letzten Durchgang" in text
    office.settings.GOOGLE_CALENDAR_API_URL = office.sandbox.google_url
    forget()


def test_what_google_takes_later_is_counted_and_not_said_to_be_equal(office: Office) -> None:
    """Before going live: the numbers hold what the first passes leave to later ones, the brake on new events too."""
    row = office.hire()
    office.enter()
    configured.stop_creates()
    seen = drift.of(row)
    assert (seen.lines, seen.numbers["deferred"], seen.equal) == ((), 1, False)
    text = page("ops_calendar_now", row.pk)
    assert "1 weiterer Termin wird in Google von einem späteren Durchgang angelegt" in text
    assert "Beide Seiten sind gleich" not in text
    configured.allow_creates()


def test_what_a_calendar_that_is_left_alone_would_get_is_not_said_to_come(office: Office) -> None:
    row = office.hire(mode="off")
    office.enter()
    text = page("ops_calendar_now", row.pk)
    assert "Der Kalender ist ausgeschaltet." in text
    assert "Das täte ein Durchgang, wenn der Kalender abgeglichen würde." in text


@pytest.mark.parametrize("side", CalendarSide)
def test_a_list_that_is_too_short_is_told_with_the_system_that_sent_it(side: CalendarSide, office: Office) -> None:
    told = drift.told(office.hire(), CalendarPreview(None, Plan(), in_doubt=side))
    assert side.value.capitalize() in told.fault
    assert not told.equal


def test_a_calendar_that_is_not_in_google_yet_is_not_called_equal(office: Office) -> None:
    office.hire()
    CalendarEmployee.objects.update(calendar_id="")
    text = page("ops_calendar_now", CalendarEmployee.objects.get().pk)
    assert "In Google gibt es noch keinen Kalender." in text
    assert "Beide Seiten sind gleich" not in text


def test_a_calendar_with_something_to_do_by_hand_is_not_called_done(office: Office) -> None:
    office.hire()
    fr_nr = office.enter(text="Verhandlung")
    office.sync()
    row = office.row(fr_nr)
    assert "Beide Seiten sind gleich; es ist nichts zu tun." in page("ops_calendar_now", row.employee_id)
    type(row).objects.update(status="awaiting_removal")
    text = page("ops_calendar_now", row.employee_id)
    assert "Beide Seiten sind gleich" not in text
    assert "einige Termine warten auf jemanden" in text
    type(row).objects.update(status="only_in_google")
    text = page("ops_calendar_now", row.employee_id)
    assert ("warten auf jemanden" in text, "lässt sich nicht übertragen" in text) == (False, True)
