"""What became of writes to one side that were not answered: the intents of master data, one for each unit.

Purpose: a link's `sent` and `late` intents are settled against what that side shows now.
Invariant: a value is taken for ours only on proof (see core/intents.py); what may still land stays in `late` until
nothing of an earlier run can, and where it shows, the other side's value is carried over it.
To extend: what a unit is, is said by its codec; nothing else here knows of addresses or accounts.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Generic

from syncapp.core.base import Base
from syncapp.core.child_lists.shapes import PairLink, V
from syncapp.core.intents import Intent, settle, to_be_confirmed
from syncapp.core.sides import Side

UNIT = "main"


@dataclass(frozen=True)
class Codec(Generic[V]):
    """`text`: the unit as one comparable text. `onto`: a value with the unit that a text says."""

    text: Callable[[V], str]
    onto: Callable[[V, str], V]

    def with_unit_of(self, kept: V | None, shown: V | None) -> V | None:
        """`kept` with the unit of the other, where there are both."""
        return kept if kept is None or shown is None else self.onto(kept, self.text(shown))


def intent_for(*, side: Side, codec: Codec[V], sent: V, before: V, other: V, marker: str | None) -> Intent:
    """To be committed before the PUT. `other`: the other side's value that is being carried."""
    return Intent(
        side=side,
        field=UNIT,
        sent=codec.text(sent),
        before=codec.text(before),
        other=codec.text(other),
        marker=marker,
    )


def settled(
    link: PairLink[V], *, side: Side, now: V, marker_now: str | None, codec: Codec[V], late_over: bool
) -> tuple[PairLink[V], bool]:
    """The link with what this look proved of its writes to `side`, and whether that side shows a late one."""
    mine = tuple(one for one in link.sent if one.side == side)
    late = tuple(one for one in link.late if one.side == side)
    if not mine and not late:
        return link, False
    base = Base(espo=_unit(link.base_espo, codec), advo=_unit(link.base_advo, codec))
    found = settle(
        side=side,
        intents=mine,
        superseded=late,
        values={UNIT: codec.text(now)},
        marker_now=marker_now,
        base=base,
    )
    unanswered = tuple(one for one in mine if one.may_land()) if not found.arrived else ()
    waiting = () if late_over else tuple(dict.fromkeys((*late, *unanswered)))
    others = tuple(one for one in link.late if one.side != side)
    link = replace(
        link,
        base_espo=_onto(link.base_espo, found.base.espo.get(UNIT), codec),
        base_advo=_onto(link.base_advo, found.base.advo.get(UNIT), codec),
        sent=tuple(one for one in link.sent if one.side != side),
        late=others + waiting,
    )
    return link, UNIT in found.late


def answered(
    intents: tuple[Intent, ...], *, shown: V | None, marker: str | None, codec: Codec[V]
) -> tuple[Intent, ...]:
    """The intents after the answer to their write: the next look confirms those whose answer may be an echo."""
    return to_be_confirmed(intents, answer=_unit(shown, codec), marker=marker)


def _unit(value: V | None, codec: Codec[V]) -> dict[str, str | None]:
    return {} if value is None else {UNIT: codec.text(value)}


def _onto(value: V | None, text: str | None, codec: Codec[V]) -> V | None:
    return value if value is None or text is None else codec.onto(value, text)
