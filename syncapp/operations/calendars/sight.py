"""Both sides of a calendar as they are at this moment, and what the next pass does: for pages.

Invariant: one reading for both, so that the weeks and the plan speak of the same; nothing is written anywhere.
"""

from dataclasses import dataclass

from syncapp.entities.appointments.preview import preview
from syncapp.models import CalendarEmployee
from syncapp.operations.calendars import drift, week
from syncapp.operations.calendars.drift import CalendarDrift
from syncapp.operations.calendars.week import SeenAppointment
from syncapp.words.plain_errors import in_words


@dataclass(frozen=True, slots=True)
class CalendarSight:
    """appointments: empty where a list could not be read whole; `drift.fault` says why."""

    drift: CalendarDrift
    appointments: tuple[SeenAppointment, ...] = ()


def sight(row: CalendarEmployee) -> CalendarSight:
    """Raises RemoteTrouble in words where a system does not answer."""
    with in_words():
        seen = preview(row)
    told = drift.told(row, seen)
    if seen.reading is None:
        return CalendarSight(told)
    return CalendarSight(told, tuple(week.as_they_are(seen.reading, seen.plan)))
