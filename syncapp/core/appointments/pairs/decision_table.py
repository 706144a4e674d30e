"""The decision table for appointments that have a row: what becomes of a pair, given where its two sides stand.

Purpose: one cell for each combination; the cells are the functions below, and docs render the table from `TABLE`.
Invariant: nothing goes on one side without evidence from the other; whatever cannot be settled now stays in the row
(`waiting`), and a person is asked or told once.

| Advoware \\ Google | same | changed | deleted | unseen | unsupported | absent |
| --- | --- | --- | --- | --- | --- | --- |
| same | carry | carry | deleted_in_google | leave | unsupported | insert |
| changed | carry | carry | make_again | leave | unsupported | insert |
| gone | delete_event | gone_and_changed | close | leave | gone_and_changed | delete_event |
| moved | move | move | close_moved | leave | move | close_moved |
| unseen | leave | leave | leave | leave | unsupported | leave |
| unsupported | unsupported | unsupported | unsupported | unsupported | unsupported | unsupported |

To extend: a new situation is a member of a side's states, its cells, and a test by name for each.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace

from syncapp.core.appointments.pairs import carrying
from syncapp.core.appointments.pairs import situation as shared
from syncapp.core.appointments.pairs.sides import Advoware, Context, Google
from syncapp.core.appointments.pairs.situation import Situation
from syncapp.core.appointments.plan_shapes import PairPlan, QuestionCode, Report, ReportCode, Row
from syncapp.core.appointments.policy import DeleteInAdvoware, GoneAndChanged, Side
from syncapp.core.appointments.rows import Action, Closed, Intent, Pair, Status, Step

Cell = Callable[[Situation], PairPlan]


def decide(context: Context, before: Pair) -> PairPlan:
    """The plan for one linked pair."""
    case = shared.situation(context, before)
    return TABLE[case.advoware.state][case.google.state](case)


def leave(case: Situation) -> PairPlan:
    """No evidence, no decision."""
    return case.plan(Row.unseen)


def insert(case: Situation) -> PairPlan:
    """Committed in an earlier pass, but not there yet: the same id again. Made only where it is to be seen."""
    form = case.advoware.form
    if form is None or not case.context.act.holds(form):
        return case.plan(Row.same)
    return shared.inserted(case, case.pair, Row.new_in_advoware)


def deleted_in_google(case: Situation) -> PairPlan:
    """By CALENDAR_DELETE_IN_ADVOWARE, and only where this employee may write."""
    pair, policy = case.pair, case.context.policy
    if not _may_delete(case):
        return shared.made_again(case, Row.deleted_in_google)
    if policy.can_delete is False:
        told = replace(pair, status=Status.awaiting_removal)
        return case.plan(Row.deleted_in_google, told, reports=(Report(ReportCode.delete_by_hand),))
    step = Step(
        Action.delete_termin,
        Intent(Action.delete_termin),
        pair.google_id,
        fr_nr=pair.fr_nr,
        expects=case.advoware.read,
        removes=True,
        closes=Closed.gone,
    )
    return case.plan(Row.deleted_in_google, steps=(step,))


def _may_delete(case: Situation) -> bool:
    rule, termin = case.context.policy.delete_in_advoware, case.advoware.termin
    if termin is None or case.advoware.masked or not case.context.writable(termin):
        return False
    return rule is DeleteInAdvoware.all or (rule is DeleteInAdvoware.own and case.pair.origin is Side.google)


def make_again(case: Situation) -> PairPlan:
    return shared.made_again(case, Row.changed_and_deleted)


def delete_event(case: Situation) -> PairPlan:
    return shared.event_deleted(case, Row.gone_in_advoware, removes=True)


def gone_and_changed(case: Situation) -> PairPlan:
    """Nothing is lost before somebody decides, or the policy has."""
    policy = case.context.policy
    choice = case.pair.decided.get(QuestionCode.gone_and_changed) or policy.gone_and_changed.value
    if choice == GoneAndChanged.advoware:
        return shared.event_deleted(case, Row.gone_and_changed, removes=True, lost=True)
    writable = case.context.snapshot.employee.write_to_advoware and (case.pair.fr_nr or 0) > 0
    if choice == GoneAndChanged.google and writable and case.google.form is not None:
        return shared.posted(case, replace(case.pair, fr_nr=None, base_advoware=None), Row.gone_and_changed)
    return case.ask(Row.gone_and_changed, QuestionCode.gone_and_changed)


def close(case: Situation) -> PairPlan:
    return case.plan(Row.gone_on_both, case.pair.over(Closed.gone))


def move(case: Situation) -> PairPlan:
    """Deleted here, made there by the other employee's pass. A change that may go to Advoware goes there first."""
    carried = carrying.puts_first(case) if case.google.state is Google.changed else ()
    return shared.event_deleted(case, Row.moved, removes=False, first=carried, lost=not carried)


def close_moved(case: Situation) -> PairPlan:
    return case.plan(Row.moved, case.pair.over(Closed.moved))


def unsupported(case: Situation) -> PairPlan:
    reason = case.advoware.reason or case.google.reason
    pair = replace(case.pair, status=Status.unsupported, reason=reason)
    detail = "" if reason is None else reason.value
    return case.plan(Row.unsupported, pair, reports=(Report(ReportCode.unsupported, detail),))


_ALL_UNSUPPORTED: Mapping[Google, Cell] = dict.fromkeys(Google, unsupported)

TABLE: Mapping[Advoware, Mapping[Google, Cell]] = {
    Advoware.same: {
        Google.same: carrying.carry,
        Google.changed: carrying.carry,
        Google.deleted: deleted_in_google,
        Google.unseen: leave,
        Google.unsupported: unsupported,
        Google.absent: insert,
    },
    Advoware.changed: {
        Google.same: carrying.carry,
        Google.changed: carrying.carry,
        Google.deleted: make_again,
        Google.unseen: leave,
        Google.unsupported: unsupported,
        Google.absent: insert,
    },
    Advoware.gone: {
        Google.same: delete_event,
        Google.changed: gone_and_changed,
        Google.deleted: close,
        Google.unseen: leave,
        Google.unsupported: gone_and_changed,
        Google.absent: delete_event,
    },
    Advoware.moved: {
        Google.same: move,
        Google.changed: move,
        Google.deleted: close_moved,
        Google.unseen: leave,
        Google.unsupported: move,
        Google.absent: close_moved,
    },
    Advoware.unseen: {
        Google.same: leave,
        Google.changed: leave,
        Google.deleted: leave,
        Google.unseen: leave,
        Google.unsupported: unsupported,
        Google.absent: leave,
    },
    Advoware.unsupported: _ALL_UNSUPPORTED,
}
