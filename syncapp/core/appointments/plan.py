"""The plan for one employee: what a pass does to the Termine and the calendar, without I/O, clock or chance.

Purpose: `plan` is the one decision that shadow, preview, page, dry run and live run share.
Invariant: the same snapshot gives the same plan; a plan made from what a plan has left behind writes nothing.
To extend: what becomes of a pair belongs into `decision_table`, of an item without one into `unlinked`; here only what
holds for the employee as a whole.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from syncapp.core.appointments.brakes import with_brakes
from syncapp.core.appointments.forms.canonical import read_event
from syncapp.core.appointments.forms.drafts import Shown
from syncapp.core.appointments.occurrences import list_whole, with_hidden_words
from syncapp.core.appointments.pairs.decision_table import decide
from syncapp.core.appointments.pairs.generations import caught_up
from syncapp.core.appointments.pairs.lone import returned_ids
from syncapp.core.appointments.pairs.origins import named_by
from syncapp.core.appointments.pairs.returning import taken_up
from syncapp.core.appointments.pairs.sides import IndexedSnapshot
from syncapp.core.appointments.pairs.situation import given_up, kind_of
from syncapp.core.appointments.pairs.unlinked import meet
from syncapp.core.appointments.plan_shapes import CalendarSnapshot, PairPlan, PairReport, PairRow, Plan, SingleRead
from syncapp.core.appointments.rows import (
    AppointmentAction,
    AppointmentIntent,
    AppointmentPair,
    PairStatus,
    PlannedStep,
)
from syncapp.core.appointments.shapes import CalendarEvent

ORDER: Mapping[AppointmentAction, int] = {action: rank for rank, action in enumerate(AppointmentAction)}


def plan(snapshot: CalendarSnapshot) -> Plan:
    """Everything one pass does for one employee."""
    stored = snapshot
    if snapshot.whole:
        snapshot = taken_up(IndexedSnapshot(snapshot))
        snapshot = caught_up(IndexedSnapshot(snapshot))
    context = IndexedSnapshot(snapshot)
    plans = [done for pair in snapshot.pairs if (done := _of_row(context, pair)) is not None]
    if snapshot is not stored:
        plans = list(_beside_the_stored(plans, stored))
    if snapshot.whole:
        plans = _with_returned(context, plans + meet(context))
    plans, words_left = with_hidden_words(context, plans)
    worth_it = [one for one in plans if one.steps or one.reports or one.questions or one.changes_row]
    made = with_brakes(context, sorted(worth_it, key=_rank))
    return replace(made, list_whole=list_whole(made.pairs, words_left))


def _beside_the_stored(plans: Iterable[PairPlan], stored: CalendarSnapshot) -> Iterator[PairPlan]:
    """What a plan changes is told by the row as it is stored, not as it was caught up or taken up again."""
    rows = {pair.id: pair for pair in (*stored.pairs, *stored.closed)}
    for one in plans:
        yield one if one.before is None else replace(one, before=rows[one.before.id])


def _rank(planned: PairPlan) -> tuple[int, str]:
    """In the order of the writes' kinds, so that nothing goes before everything else has arrived."""
    return (max((ORDER[step.action] for step in planned.steps), default=-1), planned.pair.google_id)


def _of_row(context: IndexedSnapshot, pair: AppointmentPair) -> PairPlan | None:
    if not pair.is_linked or _is_untouched(context, pair):
        return None
    if not context.is_due(pair):
        return _waiting(context, pair)
    return decide(context, pair)


def _is_untouched(context: IndexedSnapshot, pair: AppointmentPair) -> bool:
    """The short cut for almost all rows: the event is in the version that we know, and the Termin is as it was.

    Its result is that of `decide`; only faster.
    """
    if pair.status is not PairStatus.ok or pair.intent or pair.waiting or pair.decided or pair.empty_since:
        return False
    if pair.shown is not Shown.full or pair.exceptions or not context.snapshot.employee.full_content:
        return False
    if pair.google_id in context.exceptions or not _event_is_untouched(context, pair):
        return False
    termin = context.termine.get(pair.fr_nr or 0)
    if termin is None or termin.privat or termin.anwalt != pair.anwalt or termin.stamp != pair.stamp:
        return False
    reading = context.reading(termin)
    return (
        reading.form is not None
        and reading.form == pair.base_advoware
        and pair.base_google is not None
        and reading.notes <= pair.notes
        and context.belongs(termin)
        and pair.kind is kind_of(pair.fr_nr, reading.form)
        and context.act.holds(reading.form) is not pair.resting
    )


def _event_is_untouched(context: IndexedSnapshot, pair: AppointmentPair) -> bool:
    """Not in a list of changes, or in a list in the very version that the base was read from."""
    event = context.events.get(pair.google_id)
    if event is None:
        return not context.snapshot.full_google
    renamed = named_by(event) not in (None, pair.fr_nr)
    return bool(event.etag) and event.etag == pair.etag and not renamed


def _waiting(context: IndexedSnapshot, pair: AppointmentPair) -> PairPlan:
    """Failed, and not due yet: what Google shows of it meanwhile is remembered."""
    event = context.events.get(pair.google_id)
    return PairPlan(PairRow.unseen, pair, pair if event is None else replace(pair, waiting=event))


def _with_returned(context: IndexedSnapshot, plans: list[PairPlan]) -> list[PairPlan]:
    """Events that came back from Google's trash go again, as the last writes of the row that burnt their ids."""
    returned: dict[int | None, tuple[AppointmentPair, list[CalendarEvent]]] = {}
    for own, pair in returned_ids(context).items():
        event = context.events.get(own)
        if event is not None and not event.cancelled:
            returned.setdefault(pair.id, (pair, []))[1].append(event)
    if not returned:
        return plans
    with_more = []
    for planned in plans:
        # By the row's id: its Termin may have come back in this very pass, under a new id in Google.
        found = returned.pop(planned.pair.id, None)
        with_more.append(planned if found is None else _and_delete(planned, found[1]))
    return with_more + [
        _and_delete(PairPlan(PairRow.returned_from_trash, pair, pair), gone) for pair, gone in returned.values()
    ]


def _and_delete(planned: PairPlan, events: list[CalendarEvent]) -> PairPlan:
    closes = planned.pair.closed
    steps = tuple(
        PlannedStep(AppointmentIntent(AppointmentAction.delete_event), event.id, event.etag, closes=closes)
        for event in events
    )
    put_off = planned.put_off or (planned.pair if not planned.steps else None)
    reports = (*planned.reports, *_given_up(planned.pair, events))
    steps = (*planned.steps, *steps)
    return replace(planned, row=PairRow.returned_from_trash, steps=steps, reports=reports, put_off=put_off)


def _given_up(pair: AppointmentPair, events: Iterable[CalendarEvent]) -> Iterator[PairReport]:
    """What somebody may have typed into an event that came back, before it goes again."""
    base = pair.base_google or pair.base_advoware
    for event in events:
        form = read_event(event).form
        if form is not None and base is not None and (groups := form.differing(base)):
            yield given_up(form, groups, base)


def narrowed(
    snapshot: CalendarSnapshot,
    pair: AppointmentPair,
    *,
    termin: SingleRead | None = None,
    event: CalendarEvent | None = None,
) -> CalendarSnapshot:
    """The snapshot for one pair that is decided anew: with what was read of it since, and without the brakes."""
    listed = [one for one in snapshot.termine if one.fr_nr == pair.fr_nr]
    reads = {number: one for number, one in snapshot.termin_reads.items() if number == pair.fr_nr}
    if termin is not None and pair.fr_nr is not None:
        listed, reads = [], {pair.fr_nr: termin}
    shown = [one for one in snapshot.events if pair.google_id in (one.id, one.recurring_event_id)]
    if event is not None:
        shown = [one for one in shown if one.id != event.id] + [event]
    return replace(
        snapshot,
        pairs=(pair,),
        closed=(),
        termine=listed,
        termin_reads=reads,
        events=shown,
        event_reads={own: one for own, one in snapshot.event_reads.items() if own == pair.google_id},
        whole=False,
    )
