"""What both sides are compared with: the base after lost answers are settled, and the signals where there is none.

Invariant: pure. What an older copy of our database remembers proves nothing: without a base everything goes by the
signals. To extend: a further sign of our own writes is a field of `Ancestor`.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from syncapp.core.base import Base, NoBase
from syncapp.core.beteiligte.no_base import NOTHING_KNOWN, base_is_stale, no_base_signals
from syncapp.core.beteiligte.snapshot import AdvowareSide, Snapshot
from syncapp.core.intents import Intent, Settled, late_fields, settle
from syncapp.core.sides import Side, Values


@dataclass(frozen=True)
class Ancestor:
    """See core/three_way_merge.py for what each of these decides.

    is_stale: EspoCRM remembers a later sync than our database. open_intents: writes whose outcome is still unknown.
    """

    base: Base
    signals: NoBase
    conflicts: frozenset[str]
    set_back: frozenset[str]
    late: Mapping[str, Side]
    open_intents: tuple[Intent, ...]
    is_stale: bool


def ancestor_of(snapshot: Snapshot, advo: AdvowareSide) -> Ancestor:
    """For a linked pair."""
    stored = snapshot.stored
    stale = base_is_stale(espo_last_sync=snapshot.espo.last_sync, our_last_sync=stored.last_sync)
    there, here = _settle(snapshot, advo, Base() if stale else stored.base, stale=stale)
    return Ancestor(
        base=here.base,
        signals=_signals(snapshot, advo),
        conflicts=there.conflicts | here.conflicts,
        set_back=there.set_back,
        late=_late(there, here, snapshot.espo.values),
        open_intents=(*there.open, *here.open),
        is_stale=stale,
    )


def _late(there: Settled, here: Settled, espo: Values) -> dict[str, Side]:
    """Which side shows a write of a dead run. Never both: where Advoware does, EspoCRM's value is none if it has been
    agreed on since; else the older one would be carried over it."""
    agreed = {name for name in there.late & here.late if espo.get(name) == here.base.espo.get(name)}
    return dict.fromkeys(there.late, Side.advoware) | dict.fromkeys(here.late - agreed, Side.espocrm)


def _settle(snapshot: Snapshot, advo: AdvowareSide, base: Base, *, stale: bool) -> tuple[Settled, Settled]:
    """Advoware's and EspoCRM's lost answers; what an older copy of our database remembers of them proves nothing."""
    stored = snapshot.stored

    def settled(side: Side, values: Values, marker: str | None, base: Base, stamp: str | None = None) -> Settled:
        return settle(
            side=side,
            intents=() if stale else stored.intents,
            superseded=() if stale else stored.superseded,
            values=values,
            marker_now=marker,
            base=base,
            versions=snapshot.rules.field_map.versions,
            stamp_now=stamp,
        )

    there = settled(Side.advoware, advo.values, advo.row_id, base)
    espo = snapshot.espo
    here = settled(Side.espocrm, espo.values, espo.marker, there.base, espo.stamp)
    # What was carried along is late by the base, and a PATCH that arrived has just moved that.
    late = late_fields(Side.advoware, () if stale else stored.superseded, advo.values, here.base)
    return there.with_late(late), here


def _signals(snapshot: Snapshot, advo: AdvowareSide) -> NoBase:
    """Which side moved since the last sync, for fields without a base.

    EspoCRM's stamps of a record that was tied to another Beteiligter since speak of the one that it left.
    """
    if snapshot.stored.forgotten:
        return NOTHING_KNOWN
    return no_base_signals(
        snapshot.espo,
        advo,
        espo_touched=snapshot.stored.espo_touched,
        own_user_id=snapshot.rules.own_user_id,
        time_zone=snapshot.rules.time_zone,
    )
