"""Single appointments of a series that were moved in Google: their words go where the series shows none any more.

Purpose: an occurrence that differs from its series holds texts of its own, which a PATCH of the series may leave.
Invariant: when it happens is never touched. Of a private series an occurrence loses the words that Advoware has given
it; what the employee has typed there stays, as in the series itself. In a calendar without texts all go, and what was
typed is told as given way.

| the series is shown as | words of Advoware's in an occurrence | words typed there | visibility |
| --- | --- | --- | --- |
| full, open | stay | stay | stays |
| busy | go | stay | private |
| anonymous | go | go, told | stays |

To extend: another way to show a series is a row here.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from syncapp.core.appointments.forms.canonical import PRIVATE, TEXTS, Group
from syncapp.core.appointments.forms.drafts import SHOWS_ALL, Shown, shown_in_google
from syncapp.core.appointments.forms.plain_text import lines, plain
from syncapp.core.appointments.pairs.sides import IndexedSnapshot, TerminSide, advoware_side
from syncapp.core.appointments.plan_shapes import Lost, PairPlan, PairReport, PairReportCode
from syncapp.core.appointments.policy import CalendarSide
from syncapp.core.appointments.rows import (
    AppointmentAction,
    AppointmentIntent,
    AppointmentPair,
    PairStatus,
    PlannedStep,
)
from syncapp.core.appointments.shapes import CalendarEvent, EventChange

Texts = Mapping[Group, str]


def with_hidden_words(context: IndexedSnapshot, plans: Iterable[PairPlan]) -> tuple[list[PairPlan], frozenset[str]]:
    """The plans, with the occurrences whose words go; and the series of which some are left for the next pass.

    They wait where the series itself has something to be written: its PATCH may give them another version. What no
    answer has settled is not touched.
    """
    moved: dict[str, list[CalendarEvent]] = {}
    for event in context.snapshot.events:
        if event.recurring_event_id and not event.cancelled:
            moved.setdefault(event.recurring_event_id, []).append(event)
    made, left = [], set()
    for planned in plans:
        done = _hiding(context, planned, moved.get(planned.pair.google_id, ()))
        waits = planned.steps and (done is not planned or _shows_less(planned))
        if waits or _comes_again(context, planned):
            left.add(planned.pair.google_id)
        made.append(planned if planned.steps else done)
    return made, frozenset(left)


def list_whole(plans: Iterable[PairPlan], left: frozenset[str]) -> bool:
    """Whether the next pass has to list the whole calendar, since a list of changes does not show what is left. plans:
    with the brakes on them."""
    return any(planned.pair.google_id in left and (planned.steps or _has_failed(planned.before)) for planned in plans)


def _shows_less(planned: PairPlan) -> bool:
    """Whether the series shows less from now on, and has occurrences of its own."""
    before = planned.before
    hides = any(step.intent.shown is not None and step.intent.shown not in SHOWS_ALL for step in planned.steps)
    return hides and before is not None and before.shown in SHOWS_ALL and _has_moved_ones(before)


def _comes_again(context: IndexedSnapshot, planned: PairPlan) -> bool:
    """Whether a write of a series without words has failed, and is tried again without all being listed: it may have
    been that of an occurrence."""
    pair = planned.before
    if pair is None or not _has_failed(pair) or context.snapshot.full_google or not context.is_due(pair):
        return False
    return _has_moved_ones(pair) and pair.shown not in SHOWS_ALL


def _has_failed(pair: AppointmentPair | None) -> bool:
    return pair is not None and pair.status is PairStatus.failed


def _has_moved_ones(pair: AppointmentPair) -> bool:
    return any(not one.cancelled for one in pair.exceptions)


def _shown_from_now_on(context: IndexedSnapshot, pair: AppointmentPair, side: TerminSide) -> Shown:
    """As the row says where nobody has seen its Termin."""
    shown = context.shown(pair, side)
    return pair.shown if side.form is None and shown in SHOWS_ALL else shown


def _hiding(context: IndexedSnapshot, planned: PairPlan, found: Sequence[CalendarEvent]) -> PairPlan:
    """The same plan where there is nothing to hide."""
    pair = planned.pair
    goes_away = any(step.closes for step in planned.steps) or not pair.is_open
    if not found or goes_away or pair.intent is not None or not context.is_due(pair):
        return planned
    side = advoware_side(context, pair)
    shown = _shown_from_now_on(context, pair, side)
    rows = (pair, planned.before or pair)
    forms = (*(base for row in rows for base in (row.base_advoware, row.base_google)), side.form)
    known = [shown_in_google(form, Shown.full) for form in forms if form is not None]
    if shown in SHOWS_ALL or not known:
        return planned
    instead = {group: str(shown_in_google(known[0], shown).of(group)) for group in TEXTS}
    steps, reports = [], []
    for event in found:
        said = _words(event)
        typed = {group for group in TEXTS if said[group] and all(said[group] != one.of(group) for one in known)}
        goes = {group for group in TEXTS - (typed if shown is Shown.busy else set()) if said[group] != instead[group]}
        if goes or (shown is Shown.busy and event.visibility not in PRIVATE):
            steps.append(_step(event, instead, goes, shown))
        if lost := sorted(typed & goes):
            reports.append(_given_way(said, instead, lost))
    if not steps:
        return planned
    # Where Google may not be written, what was read of the series is kept all the same.
    row = planned.put_off or pair
    return replace(planned, steps=tuple(steps), reports=(*planned.reports, *reports), put_off=row)


def _words(event: CalendarEvent) -> Texts:
    return {Group.text: lines(event.summary), Group.ort: lines(event.location), Group.notiz: plain(event.description)}


def _step(event: CalendarEvent, instead: Texts, goes: Iterable[Group], shown: Shown) -> PlannedStep:
    said = {group: instead[group] for group in goes}
    change = EventChange(
        summary=said.get(Group.text),
        location=said.get(Group.ort),
        description=said.get(Group.notiz),
        visibility="private" if shown is Shown.busy else None,
    )
    return PlannedStep(AppointmentIntent(AppointmentAction.reword_event), event.id, event.etag, event=change)


def _given_way(said: Texts, instead: Texts, groups: Iterable[Group]) -> PairReport:
    lost = tuple(Lost(group, CalendarSide.google, said[group], instead[group]) for group in groups)
    return PairReport(PairReportCode.typed_over, groups=frozenset(one.group for one in lost), lost=lost)
