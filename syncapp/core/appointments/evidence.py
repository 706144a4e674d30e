"""What has to be read one by one before a pass may decide, and whether the lists can be believed.

Purpose: the pass reads both lists, asks here what is missing, reads that, and only then plans.
Invariant: nothing is asked for that decides nothing; a list that lacks more than half of what it should hold is read
again and then stops the pass, unless single reads explain what is missing.

| missing | read singly |
| --- | --- |
| the Termin of an active row, that is no series | yes |
| the Termin of a series | in the daily pass |
| the Termin of a row about which Google has news, or with a write without an answer | yes, first |
| the Termin of a row that has failed, once it is due | yes, first |
| the Termin of a row that was never carried | in the daily pass |
| the Termin that an event of ours names, or that a person named | yes, first |
| the Termin of a resting row | no |
| the Termin of a row that was read and decided about, of which nothing is new: `_is_settled` | in the daily pass |
| the event of a row, in a complete list | yes |
| the event that an unanswered write may have made, once its Termin is gone, somebody else's or private | yes |

At most 50 of each in a light pass, those that were read longest ago first; all of them in the daily one. To extend:
another occasion is a row here.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TypeVar

from syncapp.core.appointments.pairs.decision_table import may_be_deleted
from syncapp.core.appointments.pairs.lone import named_termin, own_number
from syncapp.core.appointments.pairs.sides import Google, IndexedSnapshot, google_side, perhaps_there
from syncapp.core.appointments.plan_shapes import CalendarSnapshot, HeldEmployee, HoldReason, ReadOutcome
from syncapp.core.appointments.policy import CalendarSide
from syncapp.core.appointments.rows import AppointmentPair, PairStatus

MOST_SINGLE_READS = 50
K = TypeVar("K", int, str)
_NEVER = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Needed:
    """termine, events: what to read singly. read_again: that list first; nothing else then."""

    termine: tuple[int, ...] = ()
    events: tuple[str, ...] = ()
    read_again: CalendarSide | None = None


def needed(snapshot: CalendarSnapshot) -> Needed:
    """What the pass has to read before `plan`."""
    context = IndexedSnapshot(snapshot)
    termine = tuple(dict.fromkeys((*_urgent(context), *_missing_termine(context))))
    events = tuple(_missing_events(context))
    if not snapshot.second_reading and (small := _implausible(context, len(termine), len(events))):
        return Needed(read_again=small)
    if snapshot.daily:
        return Needed(termine, events)
    return Needed(_in_turn(context, termine), _in_turn(context, events))


def _in_turn(context: IndexedSnapshot, keys: tuple[K, ...]) -> tuple[K, ...]:
    """Those that were read longest ago, so that none is kept waiting by the same others; what Google shows just now
    does not wait for its turn."""
    read_at: dict[str | int | None, datetime] = {}
    for pair in context.snapshot.pairs:
        if pair.read_at is not None and pair.google_id not in context.events:
            number = pair.fr_nr or named_termin(pair, pair.waiting)
            read_at |= {pair.google_id: pair.read_at, number: pair.read_at}
    return tuple(sorted(keys, key=lambda key: read_at.get(key, _NEVER))[:MOST_SINGLE_READS])


def _implausible(context: IndexedSnapshot, termine: int, events: int) -> CalendarSide | None:
    """A list that lacks so much that single reads cannot explain it in this pass."""
    for side, missing in ((CalendarSide.advoware, termine), (CalendarSide.google, events)):
        if missing > MOST_SINGLE_READS and list_hold(context, side) is not None:
            return side
    return None


def _urgent(context: IndexedSnapshot) -> Iterator[int]:
    """The Termine about which something is to be decided."""
    for pair in context.snapshot.pairs:
        if pair.fr_nr is None:
            named = named_termin(pair, context.events.get(pair.google_id) or pair.waiting)
            if named is not None and named not in context.termine and not _is_settled(context, pair):
                yield named
        elif pair.fr_nr not in context.termine and _is_to_be_decided(context, pair):
            yield pair.fr_nr
    rows = {pair.google_id for pair in context.snapshot.pairs}
    for event in context.snapshot.events:
        number = None if event.id in rows or event.cancelled else own_number(event)
        if number is not None and number not in context.termine:
            yield number


def _is_to_be_decided(context: IndexedSnapshot, pair: AppointmentPair) -> bool:
    """Without its Termin a row that has failed could be neither tried again nor closed."""
    if pair.intent is not None or (pair.status is PairStatus.failed and context.is_due(pair)):
        return True
    news = google_side(context, pair).state in (Google.changed, Google.deleted, Google.unsupported)
    return news and not _is_settled(context, pair)


def _is_settled(context: IndexedSnapshot, pair: AppointmentPair) -> bool:
    """Read since Google last showed something of it, and decided: the daily pass alone looks whether Advoware has.

    Else what nobody tidies up would cost a call in every pass, and leave none for what has just been deleted.
    """
    snapshot = context.snapshot
    if snapshot.daily or snapshot.force or pair.read_at is None or pair.google_id in context.events:
        return False
    if pair.decided or pair.intent is not None or pair.empty_since is not None:
        return False
    if pair.status is PairStatus.awaiting_removal:
        return context.policy.can_delete is False
    if pair.status is PairStatus.ok:
        # Deleted in Google before the days that count: not made again, and not to be deleted in Advoware either.
        gone = pair.waiting is not None and pair.waiting.cancelled
        return gone and pair.resting and not may_be_deleted(context, pair)
    return pair.status is not PairStatus.failed


def _missing_termine(context: IndexedSnapshot) -> Iterator[int]:
    never_carried = (one for one in context.snapshot.pairs if one.base_advoware is None and not one.resting)
    daily = context.snapshot.daily
    for pair in (*active(context), *(never_carried if daily else ())):
        wanted = not _is_series(pair) or daily
        if wanted and pair.fr_nr is not None and pair.fr_nr not in context.termine:
            yield pair.fr_nr


def _is_series(pair: AppointmentPair) -> bool:
    """By what was agreed last: the row's word for it may be of the time before somebody made a series of it."""
    return pair.base_advoware is not None and pair.base_advoware.rule is not None


def active(context: IndexedSnapshot) -> Iterator[AppointmentPair]:
    """The rows whose Termin the list should hold."""
    for pair in context.snapshot.pairs:
        base = pair.base_advoware
        if pair.fr_nr is not None and base is not None and context.act.holds(base):
            yield pair


def _missing_events(context: IndexedSnapshot) -> Iterator[str]:
    for pair in context.snapshot.pairs:
        lacks = context.snapshot.full_google and _is_expected(pair) and pair.google_id not in context.events
        if lacks or perhaps_there(context, pair):
            yield pair.google_id


def _is_expected(pair: AppointmentPair) -> bool:
    """Whether a complete list should hold its event; a tombstone that waits says that it should not."""
    return pair.base_google is not None if pair.waiting is None else not pair.waiting.cancelled


def list_hold(context: IndexedSnapshot, side: CalendarSide) -> HeldEmployee | None:
    """Whether that side's list lacks more than half of what it should hold, without a single read that explains it.

    What a single read did not find, or found with somebody else or on another day, is explained.
    """
    if side is CalendarSide.advoware:
        return _small(HoldReason.advoware_list_small, *_count_termine(context))
    if not context.snapshot.full_google:
        return None
    return _small(HoldReason.google_list_small, *_count_events(context))


def _count_termine(context: IndexedSnapshot) -> tuple[int, int]:
    expected = [pair.fr_nr for pair in active(context) if pair.fr_nr is not None and _proves_something(context, pair)]
    missing = sum(number not in context.listed and not _explains(context, number) for number in expected)
    return missing, len(expected)


def _proves_something(context: IndexedSnapshot, pair: AppointmentPair) -> bool:
    """Whether the list is wrong without its Termin. A series, or a Termin of weeks, that began before the days asked
    for may never be in it, if Advoware lists by the first day."""
    base = pair.base_advoware
    return base is not None and not _is_series(pair) and base.when.start[:10] >= context.read.first


def _explains(context: IndexedSnapshot, number: int) -> bool:
    """Whether a single read says why the list lacks it; one that finds it in its place says that the list is wrong."""
    single = context.snapshot.termin_reads.get(number)
    if single is None or single.outcome is ReadOutcome.refused:
        return False
    if single.termin is None or not context.belongs(single.termin):
        return True
    form = context.reading(single.termin).form
    return form is not None and not context.read.holds(form)


def _count_events(context: IndexedSnapshot) -> tuple[int, int]:
    reads = context.snapshot.event_reads
    gone = {own for own, single in reads.items() if single.outcome is ReadOutcome.gone}
    listed = {event.id for event in context.snapshot.events}
    expected = [pair.google_id for pair in context.snapshot.pairs if _is_expected(pair)]
    return sum(own not in listed and own not in gone for own in expected), len(expected)


def _small(reason: HoldReason, missing: int, expected: int) -> HeldEmployee | None:
    return HeldEmployee(reason, missing, expected) if missing * 2 > expected else None
