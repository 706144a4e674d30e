"""What an employee does about an event that went while its Termin stayed, and what hinders it from going."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from syncapp.core.appointments.forms.canonical import Canonical
from syncapp.core.appointments.forms.drafts import Shown
from syncapp.core.appointments.forms.google_ids import FR_NR, OWN_ID
from syncapp.core.appointments.forms.series import When
from syncapp.core.appointments.policy import CalendarSide
from syncapp.core.appointments.rows import AppointmentPair
from syncapp.core.appointments.shapes import CalendarEvent
from syncapp.core.states import Status
from syncapp.engine import control
from syncapp.entities.appointments import configured
from syncapp.entities.appointments.rows import store
from syncapp.models import Appointment, AppointmentChange, AppointmentConflict, CalendarEmployee
from tests.support.calendars import Office

BERLIN = "Europe/Berlin"


def typed_again(office: Office, event: object) -> None:
    """The same event, by hand."""
    times = {name: {"dateTime": getattr(event, name).date_time, "timeZone": BERLIN} for name in ("start", "end")}
    office.in_google("insert", summary="Zahnarzt", **times)


@pytest.mark.parametrize("public_again", [False, True])
def test_a_withheld_termin_that_is_typed_into_google_again(office: Office, public_again: bool) -> None:
    office.settings.CALENDAR_PRIVATE = "skip"
    office.hire()
    fr_nr = office.enter(1, text="Zahnarzt")
    office.sync()
    event = office.events()[0]
    office.edit(fr_nr, privat=1)
    office.sync()
    assert office.events() == []
    if public_again:
        office.edit(fr_nr, privat=0)
    typed_again(office, event)
    office.sync()
    office.sync(full=True)
    assert office.employee().status == Status.CLEAN
    assert Appointment.objects.filter(fr_nr=fr_nr).count() == 1


def test_a_termin_that_comes_back_from_a_colleague_meets_the_event_typed_meanwhile(office: Office) -> None:
    office.hire(write_to_advoware=False)
    fr_nr = office.enter(1, text="Zahnarzt")
    office.sync()
    event = office.events()[0]
    office.edit(fr_nr, anwalt="AI")
    office.sync()
    office.sync(full=True)
    typed_again(office, event)
    office.sync()
    office.edit(fr_nr, anwalt="SB")
    office.sync()
    assert office.employee().status == Status.CLEAN
    assert Appointment.objects.filter(fr_nr=fr_nr).count() == 1
    assert len(office.events()) == 1


@pytest.mark.parametrize("deletes", [True, False])
@pytest.mark.parametrize("first", ["SB", "AI"])
def test_an_event_that_is_moved_in_google_to_a_colleague_s_calendar_keeps_its_termin(
    office: Office, first: str, deletes: bool
) -> None:
    """Made in Google, so its Termin goes with it from the one calendar, or by hand; it was an orphan in the other then,
    and for Advoware it was lost."""
    if not deletes:
        configured.set_can_delete(False)
    office.hire("SB")
    office.hire("AI")
    own = office.type_in()
    office.sync("SB")
    office.sync("AI")
    office.edit(next(iter(office.termine())), ort="Saal 3")
    office.sync("SB")  # from now on the event names its Termin
    office.move(own, "AI")
    for kuerzel in (first, "AI" if first == "SB" else "SB", "AI"):
        office.sync(kuerzel)
    for fr_nr in () if deletes else office.termine():
        assert office.row(fr_nr).status == "awaiting_removal"
        office.remove(fr_nr)
        office.sync(full=True)
    assert (office.termine(), [one["ort"] for one in office.termine("AI").values()]) == ({}, ["Saal 3"])
    assert [one.id for one in office.events("AI")] == [own]
    office.is_silent("AI")
    office.is_silent()


def test_an_event_that_is_moved_on_once_more_waits_for_the_calendar_that_has_its_termin_now(office: Office) -> None:
    """That the first calendar once deleted another Termin with it says nothing of this one: there would be two."""
    for kuerzel in ("SB", "AI", "CD"):
        office.hire(kuerzel)
    own = office.type_in()
    office.sync("SB")
    office.edit(next(iter(office.termine())), ort="Saal 3")
    office.sync("SB")
    for before, after in (("SB", "AI"), ("AI", "CD")):
        office.move(own, after, before)
        if after == "AI":
            for kuerzel in ("SB", "AI"):
                office.sync(kuerzel)
            office.edit(next(iter(office.termine("AI"))), ort="Saal 4")
            office.sync("AI")
    office.sync("CD")
    assert (len(office.termine("AI")), office.termine("CD")) == (1, {})
    for kuerzel in ("AI", "CD"):
        office.sync(kuerzel)
    assert (office.termine("AI"), [one["ort"] for one in office.termine("CD").values()]) == ({}, ["Saal 4"])
    office.is_silent("CD")


@pytest.mark.django_db
def test_a_pass_asks_where_an_event_was_before_only_if_it_is_of_ours_and_lacks_its_termin() -> None:
    """Else each pass over a calendar would read all appointments there are."""
    here, there = (CalendarEmployee.objects.create(kuerzel=kuerzel, name=kuerzel) for kuerzel in ("SB", "AI"))
    gone = Appointment.objects.create(employee=there, google_id="a", fr_nr=7, status="closed")
    AppointmentChange.objects.create(record=there, appointment=gone, action="delete_termin", side="advoware")
    ours = CalendarEvent("a", properties={FR_NR: "7", OWN_ID: "a"})
    linked = AppointmentPair(google_id="a", fr_nr=7, origin=CalendarSide.google)
    somebodys = AppointmentPair(google_id="b", origin=CalendarSide.google, waiting=CalendarEvent("b"))
    with CaptureQueriesContext(connection) as asked:
        assert store.moved_here(here, [linked, somebodys], [ours, CalendarEvent("c")]) == frozenset()
    assert len(asked) == 0
    waiting = AppointmentPair(google_id="a", origin=CalendarSide.google, waiting=ours)
    with CaptureQueriesContext(connection) as asked:
        assert store.moved_here(here, [waiting], []) == store.moved_here(here, [], [ours]) == {"a"}
    assert store.moved_here(there, [], [ours]) == frozenset()
    assert store.moved_here(here, [], [CalendarEvent("a", properties={FR_NR: "8", OWN_ID: "a"})]) == frozenset()
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute(f"EXPLAIN QUERY PLAN {asked[0]['sql']}")
            assert "SCAN syncapp_appointment" not in str(cursor.fetchall())


@pytest.mark.django_db
def test_a_pass_asks_what_other_calendars_know_only_where_an_event_bears_a_number_and_lacks_its_termin() -> None:
    here, there, beyond = (CalendarEmployee.objects.create(kuerzel=one, name=one) for one in ("SB", "AI", "CD"))
    form = Canonical(When(False, "2026-06-02T09:00", "2026-06-02T10:00"), None, "Gericht", "Saal 3", "Akte")
    rows = {"base_advoware": form.to_json(), "fr_nr": 7, "shown": "anonymous", "origin": "google"}
    for number, employee in enumerate((there, beyond, here)):
        at = timezone.now() - timedelta(days=number)
        Appointment.objects.create(employee=employee, google_id=f"of {employee.kuerzel}", **rows)
        Appointment.objects.filter(employee=employee).update(updated_at=at)
    copy = CalendarEvent("copy", properties={FR_NR: "7", OWN_ID: "of AI"})
    linked = AppointmentPair(google_id="copy", fr_nr=9)
    occurrence = replace(copy, id="of AI_20260602T070000Z", recurring_event_id="of AI")
    gone = replace(copy, id="gone", status="cancelled")
    with CaptureQueriesContext(connection) as asked:
        assert store.named(here, [linked], [copy, occurrence, gone, CalendarEvent("c")]) == ()
    assert len(asked) == 0
    with CaptureQueriesContext(connection) as asked:
        found = store.named(here, [], [copy])
    assert [one.google_id for one in found] == ["of CD", "of AI"], "the latest at the end"
    assert {(one.fr_nr, one.shown, one.origin, one.base_advoware, one.base_google) for one in found} == {
        (7, Shown.anonymous, CalendarSide.google, form, None)
    }
    waiting = AppointmentPair(google_id="copy", waiting=copy)
    assert store.named(here, [waiting], []) == found
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute(f"EXPLAIN QUERY PLAN {asked[0]['sql']}")
            assert "SCAN syncapp_appointment" not in str(cursor.fetchall())


@pytest.mark.parametrize("hindered", ["the side is held", "every PUT is refused"])
def test_a_private_text_leaves_google_also_where_its_change_cannot_go_to_advoware(
    office: Office, hindered: str
) -> None:
    office.settings.CALENDAR_PRIVATE = "skip"
    office.hire()
    fr_nr = office.enter(1, text="Zahnarzt")
    office.sync()
    if hindered == "the side is held":
        control.hold_side(side="advoware", held=True, by="tests")
    else:
        path = {"method": "PUT", "path_contains": "Termine"}
        office.sandbox.fault("advoware", "status", status=400, body="{}", count=None, **path)
    office.in_google("change", office.row(fr_nr).google_id, location="Praxis")
    office.edit(fr_nr, privat=1)
    for _times in range(2):
        office.due()
        office.sync(full=True)
    assert office.events() == []
    assert AppointmentConflict.objects.filter(appointment__fr_nr=fr_nr).exists(), "what was typed there is kept"


def test_where_google_keeps_what_is_gone_a_refused_post_is_tried_again(office: Office) -> None:
    office.settings.CALENDAR_GONE_AND_CHANGED = "google"
    office.hire()
    fr_nr = office.enter(1, text="Zahnarzt")
    office.sync()
    office.in_google("change", office.row(fr_nr).google_id, location="Praxis")
    office.remove(fr_nr)
    path = {"method": "POST", "path_contains": "Termine"}
    office.sandbox.fault("advoware", "status", status=400, body="{}", count=1, **path)
    for _times in range(3):
        office.due()
        office.sync(full=True)
    assert office.employee().status == Status.CLEAN
    assert len(office.termine()) == 1
