"""Pairs of which both sides are there: what their merge comes to, as writes to either side.

Purpose: the cell of the decision table in which both sides are there.
Invariant: an equal start and an equal rule are not written, so that exceptions of a series survive; what the two sides
together would say can be held by both, or nothing is written.
To extend: a further outcome of the merge is written here.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from syncapp.core.appointments.forms import series
from syncapp.core.appointments.forms.canonical import GROUPS, TEXTS, Canonical, Group
from syncapp.core.appointments.forms.drafts import event_change, lossy_groups, termin_change
from syncapp.core.appointments.forms.reasons import NotRepresentable
from syncapp.core.appointments.pairs.intents import with_bases
from syncapp.core.appointments.pairs.merging import (
    GroupCase,
    GroupOutcome,
    GroupResult,
    Merge,
    Sides,
    merge,
    swing_about,
)
from syncapp.core.appointments.pairs.origins import named_by
from syncapp.core.appointments.pairs.sides import Advoware, Google
from syncapp.core.appointments.pairs.situation import PairSituation, with_properties
from syncapp.core.appointments.plan_shapes import PairPlan, PairReport, PairReportCode, PairRow, Question, QuestionCode
from syncapp.core.appointments.rows import (
    AppointmentAction,
    AppointmentIntent,
    AppointmentPair,
    PairStatus,
    PlannedStep,
)
from syncapp.core.guards import swinging

_ROWS: Mapping[tuple[bool, bool], PairRow] = {
    (False, False): PairRow.same,
    (True, False): PairRow.changed_in_advoware,
    (False, True): PairRow.changed_in_google,
    (True, True): PairRow.changed_in_both,
}
_TOLD: Mapping[GroupCase, PairReportCode] = {
    GroupCase.both_changed: PairReportCode.conflict,
    GroupCase.not_allowed: PairReportCode.put_back,
    GroupCase.private_text_differs: PairReportCode.put_back,
    GroupCase.typed_over: PairReportCode.typed_over,
    GroupCase.typed_kept: PairReportCode.typed_kept,
}


def write_changes(case: PairSituation) -> PairPlan:
    """Both are there: merged group by group, Advoware written before Google."""
    row = _ROWS[case.advoware.state is Advoware.changed, case.google.state is Google.changed]
    sides = _sides(case)
    merged = merge(case.pair, sides, case.context.policy)
    try:
        steps = _steps(case, sides, merged)
    except NotRepresentable as refused:
        return case.refuse(refused.reason)
    if swings := _swinging(case, steps):
        return case.ask(row, Question(QuestionCode.oscillates, swings))
    questions = _questions(case, merged)
    pair = replace(_rebased(case, sides, merged), status=PairStatus.ask if questions else PairStatus.ok, reason=None)
    # Which side counts was said of what is written now, or is equal by now; what comes after it is asked about anew.
    over = {swing_about(group) for group in set(GROUPS) - merged.groups(GroupOutcome.hold)}
    pair = replace(pair, decided={code: side for code, side in pair.decided.items() if code not in over})
    return case.plan(row, pair, steps=steps, reports=_reports(case, merged, steps), questions=questions)


def puts_first(case: PairSituation) -> tuple[PlannedStep, ...]:
    """What goes to Advoware before an event is deleted whose Termin stays: judged by what it has shown until now."""
    if case.advoware.form is None or case.google.form is None:
        return ()
    sides = replace(_sides(case), shown=case.pair.shown)
    merged = merge(case.pair, sides, case.context.policy)
    try:
        return tuple(step for step in _steps(case, sides, merged) if step.action is AppointmentAction.put_termin)
    except NotRepresentable:
        return ()


def _sides(case: PairSituation) -> Sides:
    pair, advoware = case.pair, case.advoware
    google = case.google.form or pair.base_google
    if advoware.form is None or google is None or advoware.termin is None or advoware.read is None:
        raise ValueError("both sides are merged only where both could be read")
    base = pair.base_advoware
    # Its text may be masked: a PUT of the whole object would write the mask.
    hidden = advoware.termin.privat and (base is None or advoware.read.text != base.text)
    return Sides(
        advoware=advoware.form,
        google=google,
        shown=case.context.shown(pair, advoware),
        writable=case.context.writable(advoware.termin),
        put_allowed=not (hidden or advoware.masked),
    )


def _steps(case: PairSituation, sides: Sides, merged: Merge) -> tuple[PlannedStep, ...]:
    to_advoware, to_google = merged.groups(GroupOutcome.to_advoware), merged.groups(GroupOutcome.to_google)
    steps: list[PlannedStep] = []
    if to_advoware:
        steps.append(_put(case, sides, to_advoware))
    if to_google:
        steps.append(_patch(case, sides, merged.wanted, to_google))
    elif _bears_another_number(case, sides):
        steps.append(_patch(case, sides, merged.wanted, frozenset()))
    return tuple(steps)


def _bears_another_number(case: PairSituation, sides: Sides) -> bool:
    """A copy, or one that was moved here, of which Google shows less than there is: the texts of what it was made from
    are not its own any more, and a copy of it would be given those (origins.py)."""
    event = case.google.event
    named = None if event is None else named_by(event)
    return named not in (None, case.pair.fr_nr) and bool(lossy_groups(sides.advoware, sides.shown) & TEXTS)


def _put(case: PairSituation, sides: Sides, groups: frozenset[Group]) -> PlannedStep:
    target = sides.advoware.with_groups_of(sides.google, groups)
    _check(target)
    intent = AppointmentIntent(AppointmentAction.put_termin, groups, sent=target, carried=sides.google)
    body = termin_change(target, groups)
    pair = case.pair
    return PlannedStep(intent, pair.google_id, fr_nr=pair.fr_nr, termin=body, expects=case.advoware.read)


def _patch(case: PairSituation, sides: Sides, wanted: Canonical, groups: frozenset[Group]) -> PlannedStep:
    target = sides.google.with_groups_of(wanted, groups)
    _check(target)
    pair = case.pair
    intent = AppointmentIntent(
        AppointmentAction.patch_event, groups, sent=target, carried=sides.advoware, shown=sides.shown
    )
    body = event_change(target, groups, was=sides.google)
    return PlannedStep(
        intent,
        pair.google_id,
        pair.etag,
        fr_nr=pair.fr_nr,
        event=with_properties(body, pair.google_id, pair.fr_nr or 0),
    )


def _check(target: Canonical) -> None:
    """A new start under an old rule can be what the other side cannot hold."""
    if target.rule is not None:
        series.checked(target.rule, target.when)


def _swinging(case: PairSituation, steps: Sequence[PlannedStep]) -> frozenset[Group]:
    """The groups that would go back and forth, and of which nobody has said which side counts."""
    changes = case.context.snapshot.changes.get(case.pair.google_id, ())
    planned = {group: str(step.intent.sent.of(group)) for step in steps if step.intent.sent for group in step.groups}
    return frozenset(
        group
        for group, value in planned.items()
        if swing_about(group) not in case.pair.decided
        and swinging(changes, {group.value: value}, now=case.context.snapshot.now) is not None
    )


def _rebased(case: PairSituation, sides: Sides, merged: Merge) -> AppointmentPair:
    """The row with the bases of what needs no write, so that a later failure of another group costs nothing."""
    kept, pair = merged.groups(GroupOutcome.keep), case.pair
    if kept:
        pair = with_bases(pair, kept, advoware=sides.advoware, google=sides.google)
    if not merged.groups(GroupOutcome.to_google):
        pair = replace(pair, shown=sides.shown)
    if pair.base_google == sides.google:
        pair = replace(pair, waiting=None)
    return pair


def _questions(case: PairSituation, merged: Merge) -> tuple[Question, ...]:
    held = [result for result in merged.results if result.outcome is GroupOutcome.hold]
    contested = frozenset(result.group for result in held if result.case is GroupCase.both_changed)
    hidden = frozenset(result.group for result in held if result.case is GroupCase.private_text_differs)
    questions = [Question(QuestionCode.conflict, contested)] if contested else []
    # Where only this pass has seen the new text, the next one may write: nobody has to be asked.
    if hidden and case.advoware.masked:
        questions.append(Question(QuestionCode.private_text_differs, hidden))
    return tuple(questions)


def _reports(case: PairSituation, merged: Merge, steps: Sequence[PlannedStep]) -> tuple[PairReport, ...]:
    reports = [_report(case, code, merged.cases(kind)) for kind, code in _TOLD.items()]
    told = [report for report in reports if report is not None]
    lost = len(case.pair.exceptions)
    if lost and any(step.event and (step.event.start or step.event.recurrence is not None) for step in steps):
        told.append(PairReport(PairReportCode.exceptions_lost, count=lost))
    return tuple(told)


def _report(case: PairSituation, code: PairReportCode, results: Sequence[GroupResult]) -> PairReport | None:
    lost = tuple(result.lost for result in results if result.lost is not None)
    if not lost and not (results and code is PairReportCode.typed_kept):
        return None
    if code is PairReportCode.conflict and case.pair.fr_nr in case.context.snapshot.written_by_copies:
        code = PairReportCode.conflict_between_copies
    return PairReport(code, groups=frozenset(result.group for result in results), lost=lost)
