"""Applying a plan: Advoware's Beteiligter, the parts, then the one PATCH in EspoCRM.

Invariant: nothing here decides what is written; what an answer shows anew goes back into the plan, by the same pure
function. One bad element of a part never blocks the rest: the PATCH goes again without it.
"""

from dataclasses import replace

from django.db import transaction
from django.utils import timezone

from syncapp.core.beteiligte.plan import RecordPlan
from syncapp.core.faults.errors import ErrorKind
from syncapp.core.sides import Side
from syncapp.engine.runs.run import Failed, RunLog
from syncapp.engine.runs.steps import Finished, ReadAgain, Step
from syncapp.entities.beteiligte import conflicts
from syncapp.entities.beteiligte.check import part_blocked
from syncapp.entities.beteiligte.clients import Context
from syncapp.entities.beteiligte.part import PartResult
from syncapp.entities.beteiligte.parts import PARTS
from syncapp.entities.beteiligte.result import DIRECTION, Applied, keep_what_worked
from syncapp.entities.beteiligte.snapshot import Reading
from syncapp.entities.beteiligte.writing import write_advoware, write_espocrm
from syncapp.entities.beteiligte.writing.write_espocrm import PlanAgain, Results, Sent
from syncapp.entities.beteiligte.writing.writes import SyncState


def apply(context: Context, log: RunLog, reading: Reading, plan: RecordPlan) -> Applied | Step:
    """Write by write, in the plan's order."""
    _log_conflicts(context, log, plan, reading)
    state = _master_data(context, log, reading, plan)
    if isinstance(state, Step):
        return state
    state, plan = _with_answer(context, state, plan)
    results: dict[str, PartResult] = {}
    while True:
        blocked = part_blocked(context, log, plan)
        if blocked is not None:
            return Finished(blocked)
        for part in PARTS:
            if part.name in results:
                continue  # written already; its plan says what was to be done then
            result = part.write(
                context, log, state.reading.snapshot.parts[part.name], plan.parts[part.name], plan.around
            )
            if isinstance(result, Step):
                return result
            results[part.name] = result
        now = timezone.now().replace(microsecond=0)
        sent = write_espocrm.write(context, log, state, plan, results, now)
        if isinstance(sent, ReadAgain):
            return sent
        if isinstance(sent, Sent):
            applied = Applied(state, plan, results, sent, now, _is_set_aside(context, plan, results, sent))
            return _failed_or_rest(context, log, applied) or applied
        state, plan = _planned_again(state, plan, sent)
        results = {name: result for name, result in results.items() if name not in sent.parts}


def _log_conflicts(context: Context, log: RunLog, plan: RecordPlan, reading: Reading) -> None:
    """Written under the lease, before the write that settles them."""
    if not plan.conflicts:
        return
    # What the PUT settles no later look can see: the direction of the parts is kept until they are done.
    won = plan.fields is not None and plan.fields.comparison.espo_won
    with transaction.atomic():
        context.renew(**({DIRECTION: True} if won else {}))
        conflicts.supersede_changed(context.row, plan.held)
        conflicts.record_conflicts(context, log, plan, espo=reading.espo, advo=reading.advo)


def _master_data(context: Context, log: RunLog, reading: Reading, plan: RecordPlan) -> SyncState | Step:
    if plan.create is not None:
        return write_advoware.create(context, log, reading, plan.create)
    assert plan.fields is not None  # noqa: S101 - a plan that nothing stops creates or compares
    advo, fields = reading.advo, plan.fields
    if plan.to_advoware and advo is not None and not context.is_held(Side.advoware):
        return write_advoware.change(context, log, reading, advo, plan, fields)
    return SyncState(reading, fields.base, fields.intents, row_id=(advo.row_id or "") if advo else "")


def _with_answer(context: Context, state: SyncState, plan: RecordPlan) -> tuple[SyncState, RecordPlan]:
    """The parts as Advoware's answer shows them; planned anew only where it shows something else."""
    if plan.create is None and state.answer_advo is None:
        return state, plan
    before = state.reading.snapshot.parts
    shown = {part.name: part.updated(before[part.name], advo=state.reading.advo) for part in PARTS}
    changed = {name: snapshot for name, snapshot in shown.items() if snapshot != before[name]}
    return _planned_again(state, plan, PlanAgain(changed)) if changed else (state, plan)


def _planned_again(state: SyncState, plan: RecordPlan, again: PlanAgain) -> tuple[SyncState, RecordPlan]:
    """These parts anew, the others as they were."""
    for name, part in again.parts.items():
        plan = plan.with_part(name, part)
    snapshot = replace(state.reading.snapshot, parts={**state.reading.snapshot.parts, **again.parts})
    reading = replace(state.reading, espo=again.espo or state.reading.espo, snapshot=snapshot)
    return replace(state, reading=reading), plan


def _is_set_aside(context: Context, plan: RecordPlan, results: Results, sent: Sent) -> bool:
    """Something could not be written in the present mode: it waits until the mode changes."""
    held = bool(plan.to_advoware) and context.is_held(Side.advoware)
    return held or sent.set_aside or any(result.set_aside for result in results.values())


def _failed_or_rest(context: Context, log: RunLog, applied: Applied) -> Step | None:
    """The run fails with what a part could not carry, reads again for what was left out with a bad element, or fails
    with the fields that were held back."""
    failures = [result.failure for result in applied.results.values() if result.failure is not None]
    has_rest = any(result.has_rest for result in applied.results.values())
    held_back = applied.plan.held_back
    if not failures and not has_rest and not held_back:
        return None
    unfinished = has_rest or any(result.unfinished for result in applied.results.values())
    keep_what_worked(context, log, applied, unfinished=unfinished)
    if failures:
        return Finished(failures[0])
    if has_rest:
        return ReadAgain(counts=False)
    faults = [fault.as_json() for fault in held_back]
    return Finished(Failed(ErrorKind.VALIDATION, "partly_refused", {"faults": faults}))
