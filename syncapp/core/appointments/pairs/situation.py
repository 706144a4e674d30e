"""A pair's situation, and the plans that several cells of the table share.

Purpose: the row, its two sides and the context in one value, and what every plan for a pair has in common.
Invariant: what Google showed stays in the row until it is settled; people are told of a state once.
To extend: a plan moves here when a second cell needs it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date

from syncapp.core.appointments.forms import series
from syncapp.core.appointments.forms.canonical import GROUPS, Canonical, Group
from syncapp.core.appointments.forms.drafts import event_change, lossy_groups, shown_in_google, termin_change
from syncapp.core.appointments.forms.google_ids import FR_NR, OWN_ID, google_id
from syncapp.core.appointments.forms.reasons import FormReason
from syncapp.core.appointments.pairs.intents import settle
from syncapp.core.appointments.pairs.sides import (
    Advoware,
    Google,
    GoogleSide,
    IndexedSnapshot,
    TerminSide,
    advoware_side,
    google_side,
    typed_in_google,
    withheld,
)
from syncapp.core.appointments.plan_shapes import (
    Lost,
    PairPlan,
    PairReport,
    PairReportCode,
    PairRow,
    Question,
    QuestionCode,
)
from syncapp.core.appointments.policy import CalendarSide, is_firm_wide
from syncapp.core.appointments.rows import (
    AppointmentAction,
    AppointmentIntent,
    AppointmentPair,
    Closed,
    Kind,
    PairStatus,
    PlannedStep,
    SeriesException,
)
from syncapp.core.appointments.shapes import CalendarEvent, EventChange

ALL = frozenset(GROUPS)
# States rather than events: told once, as long as they hold.
TOLD_ONCE = frozenset(
    {
        PairReportCode.unsupported,
        PairReportCode.only_in_google,
        PairReportCode.orphan,
        PairReportCode.delete_by_hand,
        PairReportCode.exceptions,
    }
)
# Told once for good: whoever types over it again knows.
TOLD_ONCE_FOR_GOOD = frozenset({PairReportCode.typed_over, PairReportCode.typed_kept})
_UNSETTLED = frozenset({Google.changed, Google.deleted, Google.unsupported})


@dataclass(frozen=True, slots=True)
class PairSituation:
    """before: the row as stored. pair: with its intent settled and with what was read."""

    context: IndexedSnapshot
    before: AppointmentPair | None
    pair: AppointmentPair
    advoware: TerminSide
    google: GoogleSide
    reports: tuple[PairReport, ...] = ()

    def plan(
        self,
        row: PairRow,
        pair: AppointmentPair | None = None,
        *,
        steps: tuple[PlannedStep, ...] = (),
        reports: tuple[PairReport, ...] = (),
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

    def ask(self, row: PairRow, question: Question) -> PairPlan:
        return self.plan(row, replace(self.pair, status=PairStatus.ask), questions=(question,))

    def refuse(self, reason: FormReason | None) -> PairPlan:
        """One side cannot hold what the other one says: both stay as they are."""
        pair = replace(self.pair, status=PairStatus.unsupported, reason=reason)
        report = PairReport(PairReportCode.unsupported, "" if reason is None else reason.value)
        return self.plan(PairRow.unsupported, pair, reports=(report,))


def _told(before: frozenset[str], reports: tuple[PairReport, ...]) -> tuple[tuple[PairReport, ...], frozenset[str]]:
    """The reports, those that were given before marked or left out, and what people have been told of now."""
    holds = {report.key for report in reports if report.code in TOLD_ONCE}
    for_good = {report.key for report in reports if report.code in TOLD_ONCE_FOR_GOOD}
    for_good |= {key for key in before if key.partition(":")[0] in TOLD_ONCE_FOR_GOOD}
    fresh = [report for report in reports if report.code not in TOLD_ONCE or report.key not in before]
    given = tuple(replace(one, again=True) if one.key in before and one.key in for_good else one for one in fresh)
    return given, frozenset(holds | for_good)


def situation(context: IndexedSnapshot, before: AppointmentPair) -> PairSituation:
    """Both sides of a pair, after its intent was settled by what they show."""
    pair = before
    advoware, google = advoware_side(context, pair), google_side(context, pair)
    reports: tuple[PairReport, ...] = ()
    if pair.intent is not None:
        pair = settle(pair, advoware=advoware.form, google=google.form)
        if (pair.base_google, pair.base_advoware) != (before.base_google, before.base_advoware):
            reports = (PairReport(PairReportCode.adopted),)
        advoware, google = advoware_side(context, pair), google_side(context, pair)
    if withheld(context, pair, advoware, google):
        advoware = replace(advoware, state=Advoware.withheld)
    pair = as_read(context, pair, advoware, google)
    if pair.exceptions:
        reports = (*reports, PairReport(PairReportCode.exceptions, count=len(pair.exceptions)))
    return PairSituation(context, before, pair, advoware, google, reports)


def as_read(
    context: IndexedSnapshot, pair: AppointmentPair, advoware: TerminSide, google: GoogleSide
) -> AppointmentPair:
    """The row with what this pass has seen of both sides, before anything is decided."""
    termin, event, form = advoware.termin, google.event, advoware.form or pair.base_advoware
    return replace(
        pair,
        waiting=_waiting(pair, google),
        etag=event.etag if event is not None and not event.cancelled else pair.etag,
        anwalt=termin.anwalt if termin is not None and context.belongs(termin) else pair.anwalt,
        stamp=termin.stamp if termin is not None else pair.stamp,
        kind=kind_of(pair.fr_nr, form) if form is not None else pair.kind,
        resting=not context.act.holds(form) if form is not None else pair.resting,
        notes=(advoware.notes if termin is not None else pair.notes)
        | (google.notes if event is not None else pair.notes),
        exceptions=_with_exceptions(
            pair.exceptions, context.exceptions.get(pair.google_id, ()), google.form or pair.base_google
        ),
        empty_since=context.empty_since(pair, pair.fr_nr) if termin is None else None,
        read_at=context.read_singly(pair, pair.fr_nr),
    )


def _waiting(pair: AppointmentPair, google: GoogleSide) -> CalendarEvent | None:
    if google.state is Google.unseen:
        return pair.waiting
    return google.event if google.state in _UNSETTLED else None


def _with_exceptions(
    known: tuple[SeriesException, ...], shown: tuple[SeriesException, ...], form: Canonical | None
) -> tuple[SeriesException, ...]:
    merged = {one.original_start: one for one in (*known, *shown)}
    found = tuple(merged[start] for start in sorted(merged))
    return _without_dropped(found, form) if shown and form is not None else found


def _without_dropped(found: tuple[SeriesException, ...], form: Canonical) -> tuple[SeriesException, ...]:
    """A new start or rule drops exceptions: Google shows them as deleted, and they stand for no occurrence any more."""
    starts = {one: series.original_start(one.original_start, form.when) for one in found if one.cancelled}
    told = sorted(filter(None, starts.values()))
    if not told:
        return found
    first, last = (date.fromisoformat(start[:10]) for start in (told[0], told[-1]))
    there = {"", *(when.start for when in series.occurrences(form.when, form.rule, first=first, last=last))}
    return tuple(one for one in found if starts.get(one, "") in there)


def kind_of(fr_nr: int | None, form: Canonical) -> Kind:
    if fr_nr is not None and fr_nr < 0:
        return Kind.special
    return Kind.single if form.rule is None else Kind.series


def inserted(
    case: PairSituation, pair: AppointmentPair, row: PairRow, *, reports: tuple[PairReport, ...] = ()
) -> PairPlan:
    """The event is made, with the id that the row has."""
    form, fr_nr = case.advoware.form, pair.fr_nr
    if form is None or fr_nr is None:
        raise ValueError("only a Termin that can be read is made in Google")
    shown = case.context.shown(pair, case.advoware)
    wanted = shown_in_google(form, shown)
    body = with_properties(event_change(wanted, ALL), pair.google_id, fr_nr)
    intent = AppointmentIntent(AppointmentAction.insert_event, ALL, sent=wanted, carried=form, shown=shown)
    lost = case.pair.intent if pair.google_id == case.pair.google_id else None
    earlier = lost if lost is not None and lost.action is intent.action else None
    step = PlannedStep(intent, pair.google_id, fr_nr=fr_nr, event=body, earlier=earlier)
    return case.plan(row, replace(pair, status=PairStatus.ok, reason=None), steps=(step,), reports=reports)


def with_properties(body: EventChange, own_id: str, fr_nr: int) -> EventChange:
    return replace(body, properties={OWN_ID: own_id, FR_NR: str(fr_nr)})


def made_again(case: PairSituation, row: PairRow) -> PairPlan:
    """In Google, with the next generation of its id: the old one is burnt. Only where it is to be seen."""
    form = case.advoware.form
    if form is None or not case.context.act.holds(form):
        given_up = case.pair.status is PairStatus.failed  # of a write that is not wanted any more
        return case.plan(row, replace(case.pair, status=PairStatus.ok) if given_up else None)
    pair = next_generation(case.context, case.pair)
    return inserted(case, pair, row, reports=(PairReport(PairReportCode.restored),))


def next_generation(context: IndexedSnapshot, pair: AppointmentPair) -> AppointmentPair:
    """The row with an id that was never used, and that no other row has."""
    generation = pair.generation + 1
    while (fresh := event_id(context, pair.fr_nr or 0, generation)) in context.row_ids:
        generation += 1
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


def event_id(context: IndexedSnapshot, fr_nr: int, generation: int) -> str:
    calendar = context.snapshot.employee.calendar_id
    return google_id(installation=context.policy.installation, calendar_id=calendar, fr_nr=fr_nr, generation=generation)


# What people are told of an event that goes while its Termin stays.
_TOLD_OF: Mapping[Closed, PairReportCode] = {
    Closed.moved: PairReportCode.moved,
    Closed.withheld: PairReportCode.withheld,
}


def event_deleted(
    case: PairSituation, row: PairRow, closes: Closed, *, first: tuple[PlannedStep, ...] = ()
) -> PairPlan:
    """The event goes, under the version that was decided about. What had been changed there and goes nowhere is kept.

    first: what goes to Advoware before.
    """
    pair = replace(case.pair, status=PairStatus.ok, reason=None)
    step = PlannedStep(
        AppointmentIntent(AppointmentAction.delete_event),
        pair.google_id,
        pair.etag,
        removes=closes is not Closed.moved or not _given_away(case),
        closes=closes,
    )
    reports = (PairReport(_TOLD_OF[closes]),) if closes in _TOLD_OF else ()
    if closes is Closed.withheld and pair.exceptions:
        reports = (*reports, PairReport(PairReportCode.exceptions_lost, count=len(pair.exceptions)))
    form, carried = case.google.form, frozenset().union(*(one.groups for one in first))
    if form is not None and pair.base_google is not None and (typed := typed_in_google(pair, form) - carried):
        reports = (*reports, given_up(form, typed))
    return case.plan(row, pair, steps=(*first, step), reports=reports)


def given_up(form: Canonical, groups: frozenset[Group], kept: Canonical | None = None) -> PairReport:
    """What Google shows in these groups goes with its event."""
    stays = {one: None if kept is None else kept.of(one) for one in groups}
    lost = (Lost(one, CalendarSide.google, form.of(one), stays[one]) for one in GROUPS if one in groups)
    return PairReport(PairReportCode.conflict, groups=groups, lost=tuple(lost))


def _given_away(case: PairSituation) -> bool:
    """Whether its Termin is known to be somebody else's. A list that holds it all the same, and a Termin that names
    nobody, may be wrong about every one of them at once: then a move counts for the brake like a removal."""
    termin = case.advoware.termin
    return termin is not None and termin.fr_nr not in case.context.listed and not is_firm_wide(termin.anwalt)


def posted(case: PairSituation, pair: AppointmentPair, row: PairRow, *, said: Canonical | None = None) -> PairPlan:
    """The Termin is made, from what Google shows; what Google showed with a loss, from what Advoware had.

    said: what it is to say, of an event that shows less of another Termin (origins.py).
    That a person let it be made again counts for one POST: if its answer is lost too, somebody is asked again.
    """
    form, had = case.google.form, case.pair.base_advoware
    if form is None:
        raise ValueError("only an event that can be read is made in Advoware")
    sent, carried = said or form, form
    if had is not None:
        shown = shown_in_google(had, case.pair.shown)
        lossy = lossy_groups(had, case.pair.shown)
        sent, carried = form.with_groups_of(had, lossy), form.with_groups_of(shown, lossy)
    body = replace(termin_change(sent, ALL), anwalt=case.context.snapshot.employee.kuerzel)
    intent = AppointmentIntent(AppointmentAction.post_termin, ALL, sent=sent, carried=carried)
    step = PlannedStep(intent, pair.google_id, pair.etag, termin=body)
    decided = {code: chosen for code, chosen in pair.decided.items() if code != QuestionCode.post_outcome_unknown}
    return case.plan(row, replace(pair, status=PairStatus.ok, reason=None, decided=decided), steps=(step,))
