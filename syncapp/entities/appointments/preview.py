"""What the next pass would do, without one: both sides are read, the plan is made, nothing is written anywhere.

Purpose: the dry run, the drift report, the page of a calendar and the question before going live.
Invariant: the plan is that of a pass (`core.appointments.plan`); no lease is taken, no row and no token stored.
"""

from dataclasses import dataclass, replace

from syncapp.core.appointments.plan import plan
from syncapp.core.appointments.plan_shapes import Plan
from syncapp.core.appointments.policy import CalendarSide
from syncapp.engine import control
from syncapp.entities.appointments.clients import Onlooker, configured_clients
from syncapp.entities.appointments.read import CalendarReading, read_sides
from syncapp.models import CalendarEmployee
from syncapp.remotes.http.errors import CalendarGone


@dataclass(frozen=True, slots=True)
class CalendarPreview:
    """in_doubt: the side whose list looks too short to decide anything by it. gone: the calendar cannot be reached."""

    reading: CalendarReading | None
    plan: Plan
    in_doubt: CalendarSide | None = None
    gone: CalendarGone | None = None


def preview(row: CalendarEmployee, *, whole: bool = True) -> CalendarPreview:
    """The plan for this calendar as both sides are now. whole: everything is compared, as by the daily pass.

    Raises RemoteError where a system does not answer.
    """
    if whole:
        row.full_wanted = row.completed + 1  # of this copy alone
    try:
        seen = read_sides(Onlooker(row, configured_clients(), control.switches()))
    except CalendarGone as gone:
        return CalendarPreview(None, Plan(), gone=gone)
    if isinstance(seen, CalendarSide):
        return CalendarPreview(None, Plan(), in_doubt=seen)
    # Which sides are written at the moment is no part of what differs.
    reading = replace(seen, snapshot=replace(seen.snapshot, held_sides=frozenset()))
    planned = plan(reading.snapshot)
    return CalendarPreview(reading, planned, in_doubt=planned.read_again)
