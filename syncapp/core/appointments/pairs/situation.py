"""A pair's situation, and the plans that several cells of the table share.

Purpose: the row, its two sides and the context in one value, and what every plan for a pair has in common.
Invariant: what Google showed stays in the row until it is settled; people are told of a state once.
To extend: a plan moves here when a second cell needs it.
"""

from dataclasses import dataclass, replace

from syncapp.core.appointments.forms.canonical import GROUPS, Canonical, Group
from syncapp.core.appointments.forms.drafts import event_change, lossy_groups, shown_in_google, termin_change
from syncapp.core.appointments.forms.google_ids import google_id, properties
from syncapp.core.appointments.pairs.intents import settle
from syncapp.core.appointments.pairs.sides import (
    AdvowareSide,
    Context,
    Google,
    GoogleSide,
    advoware_side,
    google_side,
)
from syncapp.core.appointments.plan_shapes import Lost, PairPlan, Question, QuestionCode, Report, ReportCode, Row
from syncapp.core.appointments.policy import Side
from syncapp.core.appointments.rows import Action, Closed, Intent, Kind, Pair, SeriesException, Status, Step
from syncapp.core.appointments.shapes import EventChange, GoogleEvent

ALL = frozenset(GROUPS)
# States rather than events: told once, as long as they hold.
TOLD_ONCE = frozenset(
    {
        ReportCode.unsupported,
        ReportCode.only_in_google,
        ReportCode.orphan,
        ReportCode.delete_by_hand,
        ReportCode.exceptions,
    }
)
# Told once for good: whoever types over it again knows.
TOLD_ONCE_FOR_GOOD = frozenset({ReportCode.typed_over, ReportCode.typed_kept})
_UNSETTLED = frozenset({Google.changed, Google.deleted, Google.unsupported})


@dataclass(frozen=True, slots=True)
class Situation:
    """before: the row as stored. pair: with its intent settled and with what was read."""

    context: Context
    before: Pair | None
    pair: Pair
    advoware: AdvowareSide
    google: GoogleSide
    reports: tuple[Report, ...] = ()

    def plan(
        self,
        row: Row,
        pair: Pair | None = None,
        *,
        steps: tuple[Step, ...] = (),
        reports: tuple[Report, ...] = (),
        questions: tuple[Question, ...] = (),
    ) -> PairPlan:
        """The plan, with what people have not been told yet, and the row that remembers it."""
        given, told = _told(self.pair.told, (*self.reports, *reports))
        settled = not steps and not questions
        committed = replace(pair or self.pair, told=told)
        if settled and committed.decided:
            committed = replace(committed, decided={})
        put_off = self.pair if steps and (self.before is not None or self.pair.waiting is not None) else None
        return PairPlan(row, self.before, committed, steps, given, questions, put_off)

    def ask(self, row: Row, code: QuestionCode, groups: frozenset[Group] = frozenset()) -> PairPlan:
        return self.plan(row, replace(self.pair, status=Status.ask), questions=(Question(code, groups),))


def _told(before: frozenset[str], reports: tuple[Report, ...]) -> tuple[tuple[Report, ...], frozenset[str]]:
    """The reports, those that were given before marked or left out, and what people have been told of now."""
    holds = {report.key for report in reports if report.code in TOLD_ONCE}
    for_good = {report.key for report in reports if report.code in TOLD_ONCE_FOR_GOOD}
    for_good |= {key for key in before if key.partition(":")[0] in TOLD_ONCE_FOR_GOOD}
    fresh = [report for report in reports if report.code not in TOLD_ONCE or report.key not in before]
    given = tuple(replace(one, again=True) if one.key in before and one.key in for_good else one for one in fresh)
    return given, frozenset(holds | for_good)


def situation(context: Context, before: Pair) -> Situation:
    """Both sides of a pair, after its intent was settled by what they show."""
    pair = before
    advoware, google = advoware_side(context, pair), google_side(context, pair)
    reports: tuple[Report, ...] = ()
    if pair.intent is not None:
        pair = settle(pair, advoware=advoware.form, google=google.form)
        if (pair.base_google, pair.base_advoware) != (before.base_google, before.base_advoware):
            reports = (Report(ReportCode.adopted),)
        advoware, google = advoware_side(context, pair), google_side(context, pair)
    pair = as_read(context, pair, advoware, google)
    if pair.exceptions:
        reports = (*reports, Report(ReportCode.exceptions, count=len(pair.exceptions)))
    return Situation(context, before, pair, advoware, google, reports)


def as_read(context: Context, pair: Pair, advoware: AdvowareSide, google: GoogleSide) -> Pair:
    """The row with what this pass has seen of both sides, before anything is decided."""
    termin, event, form = advoware.termin, google.event, advoware.form or pair.base_advoware
    empty_since = (pair.empty_since or context.snapshot.now) if advoware.empty else None
    return replace(
        pair,
        waiting=_waiting(pair, google),
        etag=event.etag if event is not None and not event.cancelled else pair.etag,
        anwalt=termin.anwalt if termin is not None and context.belongs(termin) else pair.anwalt,
        stamp=termin.stamp if termin is not None else pair.stamp,
        kind=kind_of(pair.fr_nr, form) if form is not None else pair.kind,
        resting=not context.act.holds(form) if form is not None else pair.resting,
        notes=advoware.notes | (google.notes if event is not None else pair.notes),
        exceptions=_with_exceptions(pair.exceptions, context.exceptions.get(pair.google_id, ())),
        empty_since=empty_since,
    )


def _waiting(pair: Pair, google: GoogleSide) -> GoogleEvent | None:
    if google.state is Google.unseen:
        return pair.waiting
    return google.event if google.state in _UNSETTLED else None


def _with_exceptions(
    known: tuple[SeriesException, ...], shown: tuple[SeriesException, ...]
) -> tuple[SeriesException, ...]:
    if not shown:
        return known
    merged = {one.original_start: one for one in (*known, *shown)}
    return tuple(merged[start] for start in sorted(merged))


def kind_of(fr_nr: int | None, form: Canonical) -> Kind:
    if (fr_nr or 0) < 0:
        return Kind.special
    return Kind.single if form.rule is None else Kind.series


def inserted(case: Situation, pair: Pair, row: Row, *, reports: tuple[Report, ...] = ()) -> PairPlan:
    """The event is made, with the id that the row has."""
    form, fr_nr = case.advoware.form, pair.fr_nr
    if form is None or fr_nr is None:
        raise ValueError("only a Termin that can be read is made in Google")
    shown = case.context.shown(pair, case.advoware)
    wanted = shown_in_google(form, shown, case.context.titles)
    body = with_properties(event_change(wanted, ALL), pair.google_id, fr_nr)
    intent = Intent(Action.insert_event, ALL, sent=wanted, carried=form, shown=shown)
    step = Step(Action.insert_event, intent, pair.google_id, fr_nr=fr_nr, event=body)
    return case.plan(row, replace(pair, status=Status.ok, reason=None), steps=(step,), reports=reports)


def with_properties(body: EventChange, own_id: str, fr_nr: int) -> EventChange:
    return replace(body, properties=properties(own_id=own_id, fr_nr=fr_nr))


def made_again(case: Situation, row: Row) -> PairPlan:
    """In Google, with the next generation of its id: the old one is burnt. Only where it is to be seen."""
    form = case.advoware.form
    if form is None or not case.context.act.holds(form):
        return case.plan(row)
    pair = next_generation(case.context, case.pair)
    return inserted(case, pair, row, reports=(Report(ReportCode.restored),))


def next_generation(context: Context, pair: Pair) -> Pair:
    """The row with an id that was never used."""
    generation = pair.generation + 1
    fresh = event_id(context, pair.fr_nr or 0, generation)
    burnt = (*pair.burnt, pair.google_id)
    return replace(
        pair,
        google_id=fresh,
        generation=generation,
        burnt=burnt,
        base_google=None,
        etag="",
        waiting=None,
        exceptions=(),
    )


def event_id(context: Context, fr_nr: int, generation: int) -> str:
    calendar = context.snapshot.employee.calendar_id
    return google_id(installation=context.policy.installation, calendar_id=calendar, fr_nr=fr_nr, generation=generation)


def event_deleted(
    case: Situation, row: Row, *, removes: bool, first: tuple[Step, ...] = (), lost: bool = False
) -> PairPlan:
    """The event goes, under the version that was decided about; `lost`: what had been changed there is kept."""
    pair = replace(case.pair, status=Status.ok, reason=None)
    closes = Closed.gone if removes else Closed.moved
    step = Step(
        Action.delete_event, Intent(Action.delete_event), pair.google_id, pair.etag, removes=removes, closes=closes
    )
    reports = () if removes else (Report(ReportCode.moved),)
    given_up = changes_of_google(case) if lost else ()
    if given_up:
        groups = frozenset(one.group for one in given_up)
        reports = (*reports, Report(ReportCode.conflict, groups=groups, lost=given_up))
    return case.plan(row, pair, steps=(*first, step), reports=reports)


def changes_of_google(case: Situation) -> tuple[Lost, ...]:
    form, base = case.google.form, case.pair.base_google
    if form is None or base is None:
        return ()
    return tuple(Lost(group, Side.google, form.of(group), None) for group in GROUPS if group in form.differing(base))


def posted(case: Situation, pair: Pair, row: Row) -> PairPlan:
    """The Termin is made, from what Google shows; what Google showed with a loss, from what Advoware had."""
    form, had = case.google.form, case.pair.base_advoware
    if form is None:
        raise ValueError("only an event that can be read is made in Advoware")
    sent = carried = form
    if had is not None:
        shown = shown_in_google(had, case.pair.shown, case.context.titles)
        lossy = lossy_groups(had, case.pair.shown, case.context.titles)
        sent = form.with_values({group: had.of(group) for group in lossy})
        carried = form.with_values({group: shown.of(group) for group in lossy})
    body = replace(termin_change(sent, ALL), anwalt=case.context.snapshot.employee.kuerzel)
    intent = Intent(Action.post_termin, ALL, sent=sent, carried=carried)
    step = Step(Action.post_termin, intent, pair.google_id, pair.etag, termin=body)
    return case.plan(row, replace(pair, status=Status.ok, reason=None), steps=(step,))
