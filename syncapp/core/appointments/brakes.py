"""The brakes: what one pass may do at most, and when an employee waits for a person.

Purpose: a side that suddenly looks empty must not empty the other; a first load must not use up a quota.
Invariant: a brake never deletes and never forgets: what is put off is planned again by the next pass.

| too much | what happens |
| --- | --- |
| removals over 5 and over a tenth of the linked rows in the act window | the employee is held; nothing is written |
| moves of Termine that name nobody, or that this employee's own list still holds | they count as removals |
| a list that lacks more than half of what it should hold | read again after a minute, then the employee is held |
| over 200 new events | the nearest 200; the others in the next pass |
| new events while Google's quota breaker is open | put off |
| over 20 new Termine | a person is asked; the others of the pass go on |
| a side that is held or paused | whatever writes to it is put off |

To extend: another limit is a row here and a function that `with_brakes` or `_stopped` calls.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial

from syncapp.core.appointments.evidence import active, list_hold
from syncapp.core.appointments.pairs.sides import IndexedSnapshot
from syncapp.core.appointments.plan_shapes import HeldEmployee, HoldReason, PairPlan, Plan, Question, QuestionCode
from syncapp.core.appointments.policy import CalendarSide
from syncapp.core.appointments.rows import AppointmentAction, PairStatus

FEW_REMOVALS = 5
REMOVED_SHARE = 10  # one in ten
NEW_EVENTS = 200
NEW_TERMINE = 20


def with_brakes(context: IndexedSnapshot, plans: Sequence[PairPlan]) -> Plan:
    """The plan with every brake on it; where a single pair is decided anew, with those that hold for each write."""
    whole = context.snapshot.whole
    if whole and (stopped := _stopped(context, plans)) is not None:
        return stopped
    kept, deferred = _new_events(context, _without_held_sides(context, plans))
    kept, many = _new_termine(context, kept) if whole else (kept, 0)
    return Plan(tuple(kept), many_new=many, deferred=deferred)


def _stopped(context: IndexedSnapshot, plans: Sequence[PairPlan]) -> Plan | None:
    """The plan of a pass that writes nothing at all."""
    for side in CalendarSide:
        small = list_hold(context, side)
        if small is not None and small.reason.value not in context.snapshot.released:
            return Plan(held=small) if context.snapshot.second_reading else Plan(read_again=side)
    held = too_many_removals(context, plans)
    return None if held is None else Plan(held=held)


def too_many_removals(context: IndexedSnapshot, plans: Sequence[PairPlan]) -> HeldEmployee | None:
    removals = sum(step.removes for planned in plans for step in planned.steps)
    # Those that rest grow in number from year to year: a tenth of them would be the whole of what is to come.
    linked = sum(1 for _pair in active(context))
    allowed = max(FEW_REMOVALS, linked // REMOVED_SHARE)
    if removals <= allowed or HoldReason.too_many_removals.value in context.snapshot.released:
        return None
    return HeldEmployee(HoldReason.too_many_removals, removals, linked)


def _without_held_sides(context: IndexedSnapshot, plans: Sequence[PairPlan]) -> list[PairPlan]:
    held = context.snapshot.held_sides
    return _put_off(plans, lambda one: any(step.action.side in held for step in one.steps))


def _new_events(context: IndexedSnapshot, plans: Sequence[PairPlan]) -> tuple[list[PairPlan], int]:
    """The nearest ones first: what is due next is on the phone first."""
    today = context.snapshot.now.date().isoformat()
    makers = [one for one in plans if _makes(one, AppointmentAction.insert_event)]
    makers.sort(key=partial(_distance, today))
    allowed = NEW_EVENTS if context.policy.create_in_google else 0
    late = {id(one) for one in makers[allowed:]}
    return _put_off(plans, lambda one: id(one) in late), len(late)


def _distance(today: str, planned: PairPlan) -> tuple[bool, str]:
    sent = next(step.intent.sent for step in planned.steps if step.action is AppointmentAction.insert_event)
    start = sent.when.start if sent is not None else ""
    return (start < today, start)


def _new_termine(context: IndexedSnapshot, plans: Sequence[PairPlan]) -> tuple[list[PairPlan], int]:
    many = sum(_makes(one, AppointmentAction.post_termin) for one in plans)
    if many <= NEW_TERMINE or QuestionCode.many_new.value in context.snapshot.released:
        return list(plans), 0
    return [_asked(one) if _makes(one, AppointmentAction.post_termin) else one for one in plans], many


def _asked(planned: PairPlan) -> PairPlan:
    """Nothing is made; the row remembers what Google showed."""
    row = replace(planned.put_off or planned.pair, status=PairStatus.ask, intent=None)
    return replace(planned, pair=row, steps=(), reports=(), questions=(Question(QuestionCode.many_new),), put_off=None)


def _makes(planned: PairPlan, action: AppointmentAction) -> bool:
    return any(step.action is action for step in planned.steps)


def _put_off(plans: Sequence[PairPlan], late: Callable[[PairPlan], bool]) -> list[PairPlan]:
    """The plans, those that are late without their writes: the row then says what was seen, and no more."""
    kept = []
    for planned in plans:
        if not late(planned):
            kept.append(planned)
        elif planned.put_off is not None:
            kept.append(replace(planned, pair=planned.put_off, steps=(), reports=(), put_off=None))
    return kept
