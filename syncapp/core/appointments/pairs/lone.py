"""Events without a linked row: which there are, and what an event says about itself.

Purpose: what `unlinked.py` decides about, found in one place.
Invariant: an event that was shown once is found again until it is gone: from then on it waits in a row of its own.
To extend: a further sign that an event is ours is read in `own_number`.
"""

from collections.abc import Container, Iterator, Mapping
from dataclasses import replace
from typing import Any

from syncapp.core.appointments.forms.google_ids import OWN_ID
from syncapp.core.appointments.pairs.origins import LONGEST_NUMBER, named_by, origin_of, taken_over
from syncapp.core.appointments.pairs.sides import Advoware, IndexedSnapshot, TerminSide, google_side
from syncapp.core.appointments.pairs.situation import PairSituation
from syncapp.core.appointments.plan_shapes import NEW, QuestionCode
from syncapp.core.appointments.policy import CalendarSide
from syncapp.core.appointments.rows import AppointmentPair, Closed
from syncapp.core.appointments.shapes import CalendarEvent

CHOICES = (QuestionCode.post_outcome_unknown, QuestionCode.ambiguous, QuestionCode.first_meeting_far_away)


class Lone(PairSituation):
    """An event without a Termin, with its row (a new one if there was none)."""

    __slots__ = ()

    @property
    def event(self) -> CalendarEvent:
        if self.google.event is None:
            raise ValueError("an event without a row was shown, or waits in its row")
        return self.google.event

    def with_row(self, **changes: Any) -> "Lone":
        return replace(self, pair=replace(self.pair, **changes))


def lone_events(context: IndexedSnapshot) -> Iterator[Lone]:
    rows = {pair.google_id: pair for pair in context.snapshot.pairs}
    burnt = returned_ids(context).keys()
    for pair in context.snapshot.pairs:
        if not pair.is_linked:
            yield from _as_seen(context, pair, pair)
    for event in context.events.values():
        if event.id not in rows and event.id not in burnt and event.event_type == "default" and not event.cancelled:
            yield from _as_seen(context, None, _row_of(context, event))


def _row_of(context: IndexedSnapshot, event: CalendarEvent) -> AppointmentPair:
    closed = next((pair for pair in context.snapshot.closed if pair.google_id == event.id), None)
    return AppointmentPair(google_id=event.id, origin=CalendarSide.google) if closed is None else _reopened(closed)


def _reopened(closed: AppointmentPair) -> AppointmentPair:
    """The row of an event that came back after its Termin had gone too: it remembers what Google never showed of it.

    One that came back with its whole calendar was in no trash, and a POST of it may still wait for its answer.
    """
    return AppointmentPair(
        google_id=closed.google_id,
        id=closed.id,
        origin=closed.origin,
        base_advoware=closed.base_advoware,
        shown=closed.shown,
        intent=closed.intent,
        reopened=closed.reopened or closed.closed is not Closed.detached,
    )


def returned_ids(context: IndexedSnapshot) -> Mapping[str, AppointmentPair]:
    """The ids whose events must not be there: of earlier generations, of Termine that another calendar has now, and of
    private ones that were taken out of Google."""
    elsewhere = [pair for pair in context.snapshot.closed if pair.closed in (Closed.moved, Closed.withheld)]
    living = [pair for pair in context.snapshot.pairs if pair.is_linked]
    return {own: pair for pair in elsewhere for own in (pair.google_id, *pair.burnt)} | {
        own: pair for pair in living for own in pair.burnt
    }


def _as_seen(context: IndexedSnapshot, before: AppointmentPair | None, pair: AppointmentPair) -> Iterator[Lone]:
    """What of it was shown, and when the Termin was read by which it is decided about.

    One that was moved here in Google is wanted here, whatever its Termin was: to its own calendar it was deleted. What
    Google never showed of it, that calendar's row knows."""
    side = google_side(context, pair)
    event = side.event
    if event is not None:
        moved = event.id in context.snapshot.moved_here
        reopened, read_at = pair.reopened or moved, context.read_singly(pair, named_termin(pair, event))
        known = taken_over(pair, origin_of(context, event)) if moved else pair
        seen = replace(known, waiting=event, etag=event.etag, reopened=reopened, read_at=read_at)
        yield Lone(context, before, seen, TerminSide(Advoware.unseen), side)


def choice(pair: AppointmentPair) -> str:
    """What a person chose for an event without a Termin: a number, `new`, or nothing."""
    return next((pair.decided[code] for code in CHOICES if code in pair.decided), "")


def chosen_number(pair: AppointmentPair) -> int | None:
    chosen = choice(pair)
    return int(chosen) if chosen.isdecimal() and len(chosen) <= LONGEST_NUMBER else None


def named_termin(pair: AppointmentPair, event: CalendarEvent | None) -> int | None:
    """The Termin by which it is decided what becomes of an event without one: a person's choice, or its property."""
    chosen = chosen_number(pair)
    return chosen if chosen is not None or event is None else own_number(event)


def named_number(lone: Lone, living: Container[int] = ()) -> int | None:
    """The Termin that an event of ours stands for; None where it is somebody's event by now. living: Termine without a
    row, that of an event which came back may be there again."""
    number = None if choice(lone.pair) == NEW else own_number(lone.event)
    return None if lone.pair.reopened and number not in living else number


def own_number(event: CalendarEvent) -> int | None:
    """The Termin that an event of ours names; None for everything else, copies of ours too."""
    return named_by(event) if event.properties.get(OWN_ID) == event.id else None
