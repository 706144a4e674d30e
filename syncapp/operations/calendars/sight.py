"""Both sides of a calendar, or of one appointment, as they are at this moment, and what the next pass does: for pages.

Invariant: one reading for both, so that the weeks and the plan speak of the same; nothing is written anywhere.
"""

from dataclasses import dataclass

from django.conf import settings

from syncapp.core.appointments.forms.canonical import Canonical, FormReading, living_form, read_termin
from syncapp.engine import control
from syncapp.entities.appointments.clients import Onlooker, configured_clients
from syncapp.entities.appointments.preview import preview
from syncapp.entities.appointments.read import termin_read
from syncapp.entities.appointments.rows.stored import form_of
from syncapp.models import Appointment, CalendarEmployee
from syncapp.operations.calendars import drift, week
from syncapp.operations.calendars.drift import CalendarDrift
from syncapp.operations.calendars.week import SeenAppointment
from syncapp.remotes.http.errors import NotFound
from syncapp.remotes.registry import google_calendar_client
from syncapp.words.plain_errors import in_words


@dataclass(frozen=True, slots=True)
class CalendarSight:
    """appointments: empty where a list could not be read whole; `drift.fault` says why."""

    drift: CalendarDrift
    appointments: tuple[SeenAppointment, ...] = ()


def sight(row: CalendarEmployee) -> CalendarSight:
    """Raises PlainError where a system does not answer."""
    with in_words():
        seen = preview(row)
    told = drift.told(row, seen)
    if seen.reading is None:
        return CalendarSight(told)
    return CalendarSight(told, tuple(week.as_they_are(seen.reading, seen.plan)))


def sight_of(row: Appointment) -> SeenAppointment:
    """What somebody who has to decide has to see: two single reads; a side is None where it is not there, or in a form
    that the other one cannot hold. Raises PlainError."""
    with in_words():
        termin = _termin(row)
        return SeenAppointment(termin.form, _event(row), unread=termin.reason)


def _termin(row: Appointment) -> FormReading:
    """What Advoware derives from another Termin (a negative number) cannot be read singly."""
    if row.fr_nr is None:
        return FormReading(None)
    if row.fr_nr <= 0:
        return FormReading(form_of(row.base_advoware))
    found = termin_read(Onlooker(row.employee, configured_clients(), control.switches()), row.fr_nr).termin
    return FormReading(None) if found is None else read_termin(found, settings.CALENDAR_MISSING_TIME)


def _event(row: Appointment) -> Canonical | None:
    calendar = row.employee
    if not calendar.calendar_id or not row.google_id:
        return None
    try:
        event = google_calendar_client().for_employee(calendar.kuerzel).event(calendar.calendar_id, row.google_id)
    except NotFound:
        return None
    return living_form(event)
