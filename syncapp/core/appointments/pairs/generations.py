"""Rows that are older than the calendar: after a database of yesterday was put back.

Purpose: an event that was deleted and made again since then has an id that the row does not know. It is found by its
number and by counting on from the row's generation, so that it is neither made a third time nor taken for a stranger.
Invariant: a row follows only where its own event is known to be gone, to a living event whose id is its own of a later
generation. Its bases stay: they are the last that both sides are known to have had.
To extend: what else a row can have missed is decided by the table as any edit is.
"""

from collections.abc import Iterator
from dataclasses import replace

from syncapp.core.appointments.pairs.lone import own_number
from syncapp.core.appointments.pairs.sides import Google, IndexedSnapshot, google_side
from syncapp.core.appointments.pairs.situation import next_generation
from syncapp.core.appointments.plan_shapes import CalendarSnapshot
from syncapp.core.appointments.rows import AppointmentPair
from syncapp.core.appointments.shapes import CalendarEvent

# How often somebody may have deleted one event in Google within the age of a backup.
MOST_GENERATIONS = 50


def caught_up(context: IndexedSnapshot) -> CalendarSnapshot:
    """The snapshot with rows that know the events they have by now; almost always the very same."""
    rows = {pair.google_id for pair in context.snapshot.pairs}
    strangers: dict[int | None, CalendarEvent] = {
        number: event for number, event in _ours(context) if event.id not in rows
    }
    if not strangers:
        return context.snapshot
    pairs = [_followed(context, pair, strangers.get(pair.fr_nr)) for pair in context.snapshot.pairs]
    return replace(context.snapshot, pairs=tuple(pairs))


def _ours(context: IndexedSnapshot) -> Iterator[tuple[int, CalendarEvent]]:
    for event in context.events.values():
        if event.properties and not event.cancelled and (number := own_number(event)) is not None:
            yield number, event


def _followed(context: IndexedSnapshot, pair: AppointmentPair, event: CalendarEvent | None) -> AppointmentPair:
    if event is None or google_side(context, pair).state is not Google.deleted:
        return pair
    later = pair
    for _number in range(MOST_GENERATIONS):
        later = next_generation(context, later)
        if later.google_id == event.id:
            return replace(later, base_google=pair.base_google)
    return pair
