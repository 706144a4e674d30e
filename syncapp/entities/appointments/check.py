"""Endings of a pass that nothing was carried out in: a list in doubt, a brake, shadow, a calendar that is left alone.

Invariant: none of them stores the sync token, so that the next pass sees all that this one saw.
"""

from collections import Counter
from datetime import timedelta
from typing import Any

from django.utils import timezone

from syncapp.core.appointments.plan_shapes import Plan
from syncapp.core.appointments.policy import CalendarSide
from syncapp.core.faults.errors import ErrorKind
from syncapp.core.states import Event
from syncapp.engine.control import current_epoch
from syncapp.engine.runs.run import Failed, RunLog
from syncapp.engine.runs.steps import Finished, RunResult, Step
from syncapp.entities.appointments.clients import PassContext
from syncapp.models import Outcome

SOON = timedelta(minutes=1)


def soon(code: str, **params: Any) -> dict[str, Any]:
    """The columns of a calendar that is looked at again in a minute; no failed attempt."""
    fault = {"code": code, "params": params}
    return {"kind": ErrorKind.TRANSIENT, "fault": fault, "next_retry_at": timezone.now() + SOON, "auto_reset_at": None}


def doubted(context: PassContext, side: CalendarSide) -> Finished:
    """A list that lacks more than half of what it should hold is read once more, a minute later."""
    since = context.row.doubt.get("at") or timezone.now().isoformat()
    columns = soon("list_in_doubt", side=side.value) | {"doubt": {"side": side.value, "at": since}}
    return Finished(
        RunResult(Event.RETRY_LATER, Outcome.FAILED, columns, kind=ErrorKind.TRANSIENT, fault=columns["fault"])
    )


def left_alone(context: PassContext, code: str) -> Finished:
    """Neither side was asked. Whatever was wanted is kept: it is done when the calendar is synced again."""
    aside = {"deferred": context.lease.seen, "deferred_epoch": current_epoch(context.control)}
    return Finished(RunResult(event=None, outcome=Outcome.PUT_BACK, columns=aside, fault={"code": code, "params": {}}))


def planned_json(plan: Plan) -> dict[str, Any]:
    """The numbers of a plan, for the page, the preview and the question of a brake."""
    of = Counter(step.action.value for step in plan.steps)
    held = plan.held and {"reason": plan.held.reason.value, "planned": plan.held.planned, "of": plan.held.of}
    asked = sum(bool(pair.questions) for pair in plan.pairs)
    return {"of": dict(of), "held": held or {}, "deferred": plan.deferred, "many_new": plan.many_new, "asked": asked}


def stopped(context: PassContext, log: RunLog, plan: Plan, *, writes: bool) -> Step | None:
    """Why the plan is not carried out; None: it is."""
    if plan.read_again is not None:
        return doubted(context, plan.read_again)
    log.columns["planned"] = planned_json(plan)
    if not writes:
        return Finished(_only_planned(context, plan))
    if plan.held is not None:
        numbers = {"planned": plan.held.planned, "of": plan.held.of}
        return Finished(Failed(ErrorKind.NEEDS_CONFIRMATION, plan.held.reason.value, numbers))
    return None


def _only_planned(context: PassContext, plan: Plan) -> RunResult:
    numbers = planned_json(plan)
    return RunResult(
        event=None,
        outcome=Outcome.SHADOW,
        columns={
            "planned": numbers,
            "last_full_pass": context.started_at,
            "doubt": {},
            "deferred": context.lease.seen,
            "deferred_epoch": current_epoch(context.control),
        },
        planned=tuple(f"{action} × {number}" for action, number in sorted(numbers["of"].items())),
    )
