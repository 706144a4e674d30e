"""Rows that are over while what they linked is there again: taken up as they were, with everything they know.

Purpose: what comes back on both sides is the pair that it was, and is made a second time on neither.
Invariant: only a row whose event lives and whose Termin no open row has; what has become of either side meanwhile is
decided by the table, against the bases of then.

| over because | taken up again where its event is there, and |
| --- | --- |
| its calendar was taken away (`detached`) | always: the event was in no trash |
| both sides were gone (`gone`) | its Termin is listed too, as this calendar's |

To extend: another way back is a row here and a line of `_is_back`.
"""

from dataclasses import replace

from syncapp.core.appointments.pairs.sides import IndexedSnapshot
from syncapp.core.appointments.plan_shapes import CalendarSnapshot
from syncapp.core.appointments.rows import AppointmentPair, Closed, PairStatus


def taken_up(context: IndexedSnapshot) -> CalendarSnapshot:
    """The snapshot with those rows open again; almost always the very same."""
    snapshot = context.snapshot
    taken = {pair.fr_nr for pair in snapshot.pairs}
    found: dict[int | None, AppointmentPair] = {}
    for pair in snapshot.closed:
        if pair.fr_nr is not None and pair.fr_nr not in taken and _is_back(context, pair):
            found[pair.fr_nr] = pair
    if not found:
        return snapshot
    over = tuple(pair for pair in snapshot.closed if found.get(pair.fr_nr) is not pair)
    return replace(snapshot, pairs=(*snapshot.pairs, *(_opened(context, pair) for pair in found.values())), closed=over)


def _is_back(context: IndexedSnapshot, pair: AppointmentPair) -> bool:
    event = context.events.get(pair.google_id)
    if event is None or event.cancelled:
        return False
    termin = context.termine.get(pair.fr_nr or 0)
    listed = termin is not None and context.belongs(termin)
    return pair.closed is Closed.detached or (pair.closed is Closed.gone and listed)


def _opened(context: IndexedSnapshot, pair: AppointmentPair) -> AppointmentPair:
    """What waits in it is decided about, so that the row is committed whatever that comes to."""
    return replace(
        pair,
        status=PairStatus.ok,
        closed=None,
        waiting=context.events[pair.google_id],
        empty_since=None,
        reopened=False,
        wait_until=None,
    )
