"""Writes that nobody answered, and that no look has seen arrive: they may land yet.

Invariant: what was sent to make an entry is not sent again as long as it may arrive, since nobody could take a second
one away; what such a write makes of its entry counts as ours until the late look, as it does for master data
(core/intents.py). One that was to leave the value as it was counts only where the base has moved on: as long as its
value is the base there is nothing to set back, and as long as the base is the one from before it is still an edit.
To extend: who else may leave such a write commits it as `pending`; what can tell that it did not leave says so there.
"""

from collections.abc import Iterable

from syncapp.core.kommunikation import markers
from syncapp.core.kommunikation.shapes import Entry, Facts, LateWrite, Link, Pending


def new_late_write(link: Link, entry: Entry, facts: Facts) -> LateWrite | None:
    """The write under way, as one that may land; None where it cannot, or has evidently done so."""
    pending = link.pending
    if pending is None or not pending.lands or _has_landed(pending, entry, facts):
        return None
    is_along = pending.base == link.base
    return LateWrite(pending.tlf, is_along, link.base.espo if is_along and link.base else None)


def _has_landed(pending: Pending, entry: Entry, facts: Facts) -> bool:
    """Its remark stands there, and its value: in a slot somebody may have entered another one since."""
    same_value = facts.form_of(entry.tlf) == facts.form_of(pending.tlf)
    is_slot = markers.parse(pending.bemerkung).slot is not None
    return (same_value or is_slot) and markers.same_remark(pending.bemerkung, entry.bemerkung)


def shows_late_write(link: Link, entry: Entry, facts: Facts) -> bool:
    """Whether the entry holds what a late write gives it, and not what it was synced with."""
    now = facts.form_of(entry.tlf)
    if now == link.base_form or (link.base is not None and (entry.tlf or "") == link.base.advo):
        return False
    return any(facts.form_of(one.tlf) == now and _counts(one, link, facts) for one in link.late)


def _counts(late: LateWrite, link: Link, facts: Facts) -> bool:
    if not late.along:
        return True
    return link.base is not None and link.base_form != facts.form_of(late.base)


def still_awaited(links: Iterable[Link], found: Iterable[Link]) -> tuple[Link, ...]:
    """POSTs without an answer, but for those that an entry of today has proved to be the answer to."""
    arrived = {link.pending.bemerkung for link in found if link.pending and link.pending.lost}
    lost = (link for link in links if link.entry_id is None and link.pending and link.pending.lost)
    return tuple(link for link in lost if link.pending and link.pending.bemerkung not in arrived)


def still_late(link: Link, new: LateWrite | None, facts: Facts) -> tuple[LateWrite, ...]:
    """What the link keeps: the new one always, since nobody has waited for it yet."""
    kept = () if facts.late_over else link.late
    return tuple(dict.fromkeys((*kept, *((new,) if new else ()))))
