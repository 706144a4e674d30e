"""The plan of a pass, and the endings in which nothing of it is carried out: it wants to read again, a brake, shadow.

Invariant: what is planned says core/appointments/plan.py alone, here as in preview.py. None of the endings stores the
sync token, so that the next pass sees all that this one saw.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from syncapp.core.appointments.plan import plan as plan_calendar
from syncapp.core.appointments.plan_shapes import Plan
from syncapp.core.faults.errors import ErrorKind
from syncapp.engine.runs.run import Failed, RunLog
from syncapp.engine.runs.steps import Finished, RunResult, Step
from syncapp.entities.appointments.clients import PassContext
from syncapp.entities.appointments.read import CalendarReading, doubted
from syncapp.models import Outcome


@dataclass(frozen=True, slots=True)
class PassPlan:
    """The plan, with what the history keeps of it. verdict: light or full."""

    plan: Plan
    verdict: str
    direction: str = ""


def plan(reading: CalendarReading) -> PassPlan:
    verdict = "full" if reading.snapshot.daily else "light"
    return PassPlan(Plan() if reading.unchanged else plan_calendar(reading.snapshot), verdict)


def planned_json(plan: Plan) -> dict[str, Any]:
    """The numbers of a plan, for the page, the preview and the question of a brake."""
    of = Counter(step.action.value for step in plan.steps)
    held = plan.held and {"reason": plan.held.reason.value, "planned": plan.held.planned, "of": plan.held.of}
    asked = sum(bool(pair.questions) for pair in plan.pairs)
    return {"of": dict(of), "held": held or {}, "deferred": plan.deferred, "many_new": plan.many_new, "asked": asked}


def check(context: PassContext, log: RunLog, reading: CalendarReading, plan: PassPlan) -> Step | None:
    """Why the plan is not carried out; None: it is."""
    made = plan.plan
    if made.read_again is not None:
        return doubted(context, made.read_again)
    log.columns["planned"] = planned_json(made)
    if not reading.may_write:
        return Finished(_only_planned(context, log.columns["planned"]))
    if made.held is not None:
        numbers = {"planned": made.held.planned, "of": made.held.of}
        return Finished(Failed(ErrorKind.NEEDS_CONFIRMATION, made.held.reason.value, numbers))
    return None


def _only_planned(context: PassContext, numbers: Mapping[str, Any]) -> RunResult:
    return RunResult(
        event=None,
        outcome=Outcome.SHADOW,
        columns={
            "planned": numbers,
            "last_full_pass": context.started_at,
            "doubt": {},
            **context.set_aside,
        },
        planned=tuple(f"{action} × {number}" for action, number in sorted(numbers["of"].items())),
    )
