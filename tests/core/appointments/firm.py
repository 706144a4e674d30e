"""Calendars to begin with: one employee, with or without an appointment that is in both.

Purpose: what the tests of the tables start from.
"""

from typing import Any

from syncapp.core.appointments.policy import CalendarOwner, CalendarPolicy
from tests.core.appointments.world import Calendar, at, timed

DAY = "2026-06-02"
MORNING = timed(f"{DAY}T09:00", f"{DAY}T10:00")
AFTERNOON = timed(f"{DAY}T15:00", f"{DAY}T16:00")


def calendar(write: bool = True, full_content: bool = True, **policy: Any) -> Calendar:
    employee = CalendarOwner("SB", "sb@calendar", full_content=full_content, write_to_advoware=write)
    return Calendar(employee=employee, policy=CalendarPolicy(**policy))


def linked(write: bool = True, full_content: bool = True, **policy: Any) -> tuple[Calendar, int]:
    """A Termin that is in both, made in Advoware."""
    one = calendar(write, full_content, **policy)
    number = one.advoware.enter(text="Gericht", ort="Saal 3", **at(DAY))
    assert one.sync() == 1
    return one, number


def from_google(write: bool = True, **policy: Any) -> tuple[Calendar, int]:
    """An appointment that is in both, made in Google."""
    one = calendar(write, **policy)
    one.google.enter("made-here", summary="Zahnarzt", **MORNING)
    assert one.sync() == 1
    return one, max(one.advoware.termine)


def quiet(one: Calendar) -> None:
    """A further pass writes nothing, the daily one neither."""
    assert one.sync() == 0
    assert one.sync(daily=True) == 0
