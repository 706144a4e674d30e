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

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from syncapp.core.appointments.forms.canonical import PRIVATE, TEXTS, Group
from syncapp.core.appointments.forms.drafts import SHOWS_ALL, Shown, shown_in_google
from syncapp.core.appointments.forms.plain_text import lines, plain
from syncapp.core.appointments.pairs.sides import IndexedSnapshot, advoware_side
from syncapp.core.appointments.plan_shapes import Lost, PairPlan, PairReport, PairReportCode
from syncapp.core.appointments.policy import CalendarSide
from syncapp.core.appointments.rows import AppointmentAction, AppointmentIntent, AppointmentPair, PlannedStep
from syncapp.core.appointments.shapes import CalendarEvent, EventChange

Texts = Mapping[Group, str]


def with_hidden_words(context: IndexedSnapshot, plans: Iterable[PairPlan]) -> Iterator[PairPlan]:
    """The plans, with the occurrences whose words go after the series' own; a later pass sees to one that fails."""
    moved: dict[str, list[CalendarEvent]] = {}
    for event in context.snapshot.events:
        if event.recurring_event_id and not event.cancelled:
            moved.setdefault(event.recurring_event_id, []).append(event)
    for planned in plans:
        found = moved.get(planned.pair.google_id, ())
        goes = any(step.closes for step in planned.steps) or not planned.pair.is_open
        yield _hiding(context, planned, found) if found and not goes and context.is_due(planned.pair) else planned


def unseen(context: IndexedSnapshot, pairs: Iterable[AppointmentPair]) -> bool:
    """Whether a series shows less from now on and has occurrences that this list of changes does not hold: only the
    whole list shows what they say."""
    if context.snapshot.full_google:
        return False
    return any(
        pair.shown in SHOWS_ALL
        and any(not one.cancelled for one in pair.exceptions)
        and shown_from_now_on(context, pair) not in SHOWS_ALL
        for pair in pairs
    )


def shown_from_now_on(context: IndexedSnapshot, pair: AppointmentPair) -> Shown:
    """As the row says where nobody has seen its Termin."""
    side = advoware_side(context, pair)
    shown = context.shown(pair, side)
    return pair.shown if side.form is None and shown in SHOWS_ALL else shown


def _hiding(context: IndexedSnapshot, planned: PairPlan, found: Iterable[CalendarEvent]) -> PairPlan:
    pair, shown = planned.pair, shown_from_now_on(context, planned.pair)
    rows = (pair, planned.before or pair)
    forms = (
        *(base for row in rows for base in (row.base_advoware, row.base_google)),
        advoware_side(context, pair).form,
    )
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
    return replace(planned, steps=(*planned.steps, *steps), reports=(*planned.reports, *reports))


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
