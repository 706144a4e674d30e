"""The decision table for appointments that have a row: what becomes of a pair, given where its two sides stand.

Purpose: one cell for each combination, in `TABLE` at the end, which docs render; the cells are the functions before it.
Invariant: nothing goes on one side without evidence from the other; whatever cannot be settled now stays in the row
(`waiting`), and a person is asked or told once.

To extend: a new situation is a member of a side's states, its cells, and a test by name for each.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace

from syncapp.core.appointments.pairs import situation as shared
from syncapp.core.appointments.pairs.linked_pairs import puts_first, write_changes
from syncapp.core.appointments.pairs.sides import Advoware, Google, IndexedSnapshot
from syncapp.core.appointments.pairs.situation import PairSituation
from syncapp.core.appointments.plan_shapes import (
    OnlyInGoogle,
    PairPlan,
    PairReport,
    PairReportCode,
    PairRow,
    Question,
    QuestionCode,
)
from syncapp.core.appointments.policy import CalendarSide, DeleteInAdvoware, GoneAndChanged, is_copy
from syncapp.core.appointments.rows import (
    AppointmentAction,
    AppointmentIntent,
    AppointmentPair,
    Closed,
    Kind,
    PairStatus,
    PlannedStep,
)

Cell = Callable[[PairSituation], PairPlan]


def decide(context: IndexedSnapshot, before: AppointmentPair) -> PairPlan:
    """The plan for one linked pair."""
    return plan_of(shared.situation(context, before))


def plan_of(case: PairSituation) -> PairPlan:
    """What its cell says."""
    return TABLE[case.advoware.state][case.google.state](case)


def leave(case: PairSituation) -> PairPlan:
    """No evidence, no decision: what people were told of, and what they chose, still holds."""
    plan = case.plan(PairRow.unseen)
    kept = replace(plan.pair, told=plan.pair.told | case.pair.told, decided=case.pair.decided)
    return replace(plan, pair=kept)


def insert(case: PairSituation) -> PairPlan:
    """Committed in an earlier pass, but not there yet: the same id again. Made only where it is to be seen."""
    form = case.advoware.form
    if form is None or not case.context.act.holds(form):
        return case.plan(PairRow.same, replace(case.pair, status=PairStatus.ok, reason=None))
    return shared.inserted(case, case.pair, PairRow.new_in_advoware)


def deleted_in_google(case: PairSituation) -> PairPlan:
    """By CALENDAR_DELETE_IN_ADVOWARE, and only where this employee may write."""
    pair, policy = case.pair, case.context.policy
    if not _may_delete(case):
        return shared.made_again(case, PairRow.deleted_in_google)
    if policy.can_delete is False:
        told = replace(pair, status=PairStatus.awaiting_removal)
        return case.plan(PairRow.deleted_in_google, told, reports=(PairReport(PairReportCode.delete_by_hand),))
    step = PlannedStep(
        AppointmentIntent(AppointmentAction.delete_termin),
        pair.google_id,
        fr_nr=pair.fr_nr,
        expects=case.advoware.read,
        removes=True,
        closes=Closed.gone,
    )
    return case.plan(PairRow.deleted_in_google, steps=(step,))


def _may_delete(case: PairSituation) -> bool:
    termin = case.advoware.termin
    if termin is None or case.advoware.masked or not case.context.writable(termin):
        return False
    return may_be_deleted(case.context, case.pair)


def may_be_deleted(context: IndexedSnapshot, pair: AppointmentPair) -> bool:
    """Whether its Termin goes when its event was deleted, for all that the row knows of it."""
    rule, writes = context.policy.delete_in_advoware, context.snapshot.employee.write_to_advoware
    ours = rule is DeleteInAdvoware.own and pair.origin is CalendarSide.google
    return writes and (rule is DeleteInAdvoware.all or ours)


def make_again(case: PairSituation) -> PairPlan:
    return shared.made_again(case, PairRow.changed_and_deleted)


def delete_event(case: PairSituation) -> PairPlan:
    return shared.event_deleted(case, PairRow.gone_in_advoware, Closed.gone)


def gone_and_changed(case: PairSituation) -> PairPlan:
    """Nothing is lost before somebody decides, or the policy has. What was typed into a companion would be put back:
    it goes with its Termin.

    The base stays in the row until the POST is answered: what Google shows with a loss never goes to Advoware.
    """
    policy = case.context.policy
    choice = case.pair.decided.get(QuestionCode.gone_and_changed) or policy.gone_and_changed.value
    if choice == GoneAndChanged.advoware or _was_companion(case):
        return shared.event_deleted(case, PairRow.gone_and_changed, Closed.gone)
    cannot = _why_not_anew(case)
    if choice == GoneAndChanged.google and not cannot:
        return shared.posted(case, replace(case.pair, fr_nr=None, reopened=True), PairRow.gone_and_changed)
    decided = {code: made for code, made in case.pair.decided.items() if code != QuestionCode.gone_and_changed}
    undecided = replace(case, pair=replace(case.pair, decided=decided))
    return undecided.ask(PairRow.gone_and_changed, Question(QuestionCode.gone_and_changed, cannot=cannot))


def _why_not_anew(case: PairSituation) -> str:
    """What keeps the event from being made in Advoware once more; "": nothing."""
    if not case.context.snapshot.employee.write_to_advoware:
        return OnlyInGoogle.not_allowed.value
    if case.google.form is not None:
        return ""
    return (case.google.reason or OnlyInGoogle.not_representable).value


def _was_companion(case: PairSituation) -> bool:
    """Whether Google only showed it, as long as it was here; what an employee made in their own calendar never is."""
    pair, employee = case.pair, case.context.snapshot.employee
    copied = pair.origin is CalendarSide.advoware and is_copy(pair.anwalt, employee)
    return pair.kind is Kind.special or copied


def close(case: PairSituation) -> PairPlan:
    return case.plan(PairRow.gone_on_both, case.pair.over(Closed.gone))


def move(case: PairSituation) -> PairPlan:
    """Deleted here, made there by the other employee's pass. A change that may go to Advoware goes there first."""
    return shared.event_deleted(case, PairRow.moved, Closed.moved, first=_carried_first(case))


def _carried_first(case: PairSituation) -> tuple[PlannedStep, ...]:
    """What was changed in the event that is to go, and may go to Advoware."""
    may_go = case.google.state is Google.changed and not _was_companion(case)
    return puts_first(case) if may_go else ()


def close_moved(case: PairSituation) -> PairPlan:
    return case.plan(PairRow.moved, case.pair.over(Closed.moved))


def withdraw(case: PairSituation) -> PairPlan:
    """Deleted here alone; made again when the Termin is public again. What was changed here goes to Advoware first."""
    held = CalendarSide.advoware in case.context.snapshot.held_sides
    first = () if held or case.pair.status is PairStatus.failed else _carried_first(case)
    return shared.event_deleted(case, PairRow.withheld, Closed.withheld, first=first)


def close_withheld(case: PairSituation) -> PairPlan:
    return case.plan(PairRow.withheld, case.pair.over(Closed.withheld))


def unsupported(case: PairSituation) -> PairPlan:
    return case.refuse(case.advoware.reason or case.google.reason)


# The columns: what Google shows.
COLUMNS = (Google.same, Google.changed, Google.deleted, Google.unseen, Google.unsupported, Google.absent)


def _row(*cells: Cell) -> Mapping[Google, Cell]:
    return dict(zip(COLUMNS, cells, strict=True))


TABLE: Mapping[Advoware, Mapping[Google, Cell]] = {
    Advoware.same: _row(write_changes, write_changes, deleted_in_google, leave, unsupported, insert),
    Advoware.changed: _row(write_changes, write_changes, make_again, leave, unsupported, insert),
    Advoware.gone: _row(delete_event, gone_and_changed, close, leave, gone_and_changed, delete_event),
    Advoware.moved: _row(move, move, close_moved, leave, move, close_moved),
    Advoware.withheld: _row(withdraw, withdraw, close_withheld, leave, unsupported, withdraw),
    Advoware.unseen: _row(leave, leave, leave, leave, unsupported, leave),
    Advoware.unsupported: dict.fromkeys(COLUMNS, unsupported),
}
