"""The plan of a pass, with what the history keeps of it.

Invariant: what is planned says core/appointments/plan.py alone, here as in preview.py.
"""

from dataclasses import dataclass

from syncapp.core.appointments.plan import plan as plan_calendar
from syncapp.core.appointments.plan_shapes import Plan
from syncapp.entities.appointments.read import CalendarReading


@dataclass(frozen=True, slots=True)
class PassPlan:
    """verdict: light or full."""

    plan: Plan
    verdict: str
    direction: str = ""


def plan(reading: CalendarReading) -> PassPlan:
    verdict = "full" if reading.snapshot.daily else "light"
    return PassPlan(Plan() if reading.unchanged else plan_calendar(reading.snapshot, reading.policy), verdict)
