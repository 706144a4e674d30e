"""Validate and guard: what stops a plan before anything of it is written.

Invariant: decides by the plan alone what is refused; counts what is about to be changed before it is changed. In
shadow, and for what may not be written, the plan is recorded and the record set aside until the mode changes.
"""

from typing import Any

from syncapp.core.beteiligte.plan import RecordPlan
from syncapp.core.faults.errors import ErrorKind
from syncapp.core.guards import GuardKind
from syncapp.core.sides import Side
from syncapp.core.states import FAILING, Event
from syncapp.engine import guards
from syncapp.engine.rows.requests import RESTING
from syncapp.engine.runs.run import Failed, RunLog
from syncapp.engine.runs.steps import Finished, ReadAgain, RunResult, Step
from syncapp.entities.beteiligte import conflicts
from syncapp.entities.beteiligte.clients import Context
from syncapp.entities.beteiligte.part import Counted, PartResult
from syncapp.entities.beteiligte.parts import PARTS
from syncapp.entities.beteiligte.snapshot import Reading
from syncapp.entities.beteiligte.writing.writes import base_columns, intent_columns
from syncapp.models import Outcome


def check(context: Context, log: RunLog, reading: Reading, plan: RecordPlan) -> Step | None:
    """None: the plan may be carried out."""
    refused = refusal_of(plan, espo_id=context.row.espo_id)
    if refused is not None:
        return _stopped(log, plan, refused)
    if not plan.may_write:
        return Finished(_only_planned(context, log, plan, pending=_is_pending(context, plan)))
    if plan.create is not None and context.is_held(Side.advoware):
        return Finished(_only_planned(context, log, plan, pending=True))
    if context.stand_in is not None and not (plan.is_empty and not plan.conflicts):
        return ReadAgain()  # nothing is counted or written on a list row's word
    blocked = _blocked(context, log, plan)
    return None if blocked is None else _stopped(log, plan, blocked)


def _is_pending(context: Context, plan: RecordPlan) -> bool:
    """Whether a live run would do or find anything. Nor is a pair equal that waits for a decision, whose value the
    other side would not take, or of which a list is left alone; a question that stands open as it is stays one. Nor
    does a record go on to count as failed with which nothing is wrong any more."""
    left_alone = any(part.stopped for part in plan.parts.values())
    was_failing = context.row.status_before in FAILING
    left = not plan.is_empty or bool(plan.held_back) or left_alone or was_failing
    return left or conflicts.differ(context.row, plan.held)


def _stopped(log: RunLog, plan: RecordPlan, why: Failed) -> Finished:
    """The status that tells of the failure is a write of ours: what the signals say is kept before it hides them."""
    if plan.fields is not None and plan.may_write:
        log.columns |= {**base_columns(plan.fields.base), **intent_columns(plan.fields.intents)}
    return Finished(why)


def refusal_of(plan: RecordPlan, *, espo_id: str) -> Failed | None:
    """Why the run would stop, or faults in what it is about to write."""
    if plan.refusal is not None:
        params = dict(plan.refusal.params)
        if plan.refusal.kind is ErrorKind.DUPLICATE_LINK:
            params["record"] = espo_id
        return Failed(plan.refusal.kind, plan.refusal.code, params)
    if plan.faults:
        return Failed(ErrorKind.VALIDATION, "validation", {"faults": [fault.as_json() for fault in plan.all_faults]})
    return None


def _only_planned(context: Context, log: RunLog, plan: RecordPlan, *, pending: bool) -> RunResult:
    return RunResult(
        event=Event.LEFT_OVER if pending else None,
        outcome=Outcome.SHADOW,
        columns={
            **(RESTING if pending else {}),
            **log.columns_seen,
            "reports": reports_of(log, plan),
            **context.set_aside,
        },
        planned=tuple(plan.lines),
    )


def reports_of(log: RunLog, plan: RecordPlan, *results: PartResult) -> list[dict[str, Any]]:
    """What the record's page tells of this run: of the plan, of what happened on the way, of the parts; once each."""
    told: list[dict[str, Any]] = [{"code": one.code, "params": dict(one.params)} for one in plan.reports]
    told += [report for place, report in enumerate(log.reports) if report not in log.reports[:place]]
    return told + [dict(report) for result in results for report in result.reports]


def _blocked(context: Context, log: RunLog, plan: RecordPlan) -> Failed | None:
    """The guards: too much at once, or back and forth."""
    planned = {**plan.to_advoware, **plan.to_espocrm}
    creates = frozenset({("create", None, 0)} if plan.create is not None else ())
    emptied = frozenset(("emptied", None, rank) for rank in range(plan.removals))
    return (
        _counted(context, log, GuardKind.CREATES, "record", creates)
        or _counted(context, log, GuardKind.REMOVALS, "record", emptied)
        or guards.oscillation(context, conflicts=len(plan.conflicts), planned=planned)
        or part_blocked(context, log, plan)
    )


def part_blocked(context: Context, log: RunLog, plan: RecordPlan) -> Failed | None:
    """What its parts would remove, create or give up, where that is too much; each counts once a run."""
    if context.control.held_sides:
        return None  # no part writes anything then
    for part in PARTS:
        counted = part.guarded(plan.parts[part.name])
        blocked = (
            _counted(context, log, GuardKind.REMOVALS, part.name, counted.removals)
            or _counted(context, log, GuardKind.CHILD_CREATES, part.name, counted.creates)
            or guards.oscillation(context, conflicts=counted.lost, planned={})
        )
        if blocked is not None:
            return blocked
    return None


def _counted(context: Context, log: RunLog, sort: GuardKind, part: str, names: frozenset[Counted]) -> Failed | None:
    new = {(f"{part}.{name}", element, rank) for name, element, rank in names} - log.counted
    blocked = guards.admit(context, log, sort=sort, number=len(new))
    log.counted |= new
    return blocked
