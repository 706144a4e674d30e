"""What became of writes to one side that were not answered: the intents of master data, one for each unit.

Purpose: a link's `sent` and `late` intents are settled against what that side shows now.
Invariant: a value is taken for ours only on proof (see core/intents.py); what may still land stays in `late` until
nothing of an earlier run can, and where it shows, the other side's value is carried over it.
To extend: what a unit is, is said by the value (`HeldValue`); nothing here knows of addresses or accounts.
"""

from dataclasses import replace

from syncapp.core.base import Base
from syncapp.core.child_lists.shapes import PairLink, V
from syncapp.core.intents import Intent, settle, to_be_confirmed
from syncapp.core.sides import Side

UNIT = "main"


def intent_for(*, side: Side, sent: V, before: V, other: V, marker: str | None) -> Intent:
    """To be committed before the PUT. `other`: the other side's value that is being carried."""
    return Intent(side=side, field=UNIT, sent=sent.unit, before=before.unit, other=other.unit, marker=marker)


def settled(
    link: PairLink[V], *, side: Side, now: V, marker_now: str | None, late_over: bool
) -> tuple[PairLink[V], bool]:
    """The link with what this look proved of its writes to `side`, and whether that side shows a late one."""
    mine = tuple(one for one in link.sent if one.side == side)
    late = tuple(one for one in link.late if one.side == side)
    if not mine and not late:
        return link, False
    base = Base(espo=_unit(link.base_espo), advo=_unit(link.base_advo))
    found = settle(
        side=side,
        intents=mine,
        superseded=late,
        values={UNIT: now.unit},
        marker_now=marker_now,
        base=base,
    )
    unanswered = tuple(one for one in mine if one.may_land()) if not found.arrived else ()
    waiting = () if late_over else tuple(dict.fromkeys((*late, *unanswered)))
    others = tuple(one for one in link.late if one.side != side)
    link = replace(
        link,
        base_espo=_with_unit(link.base_espo, found.base.espo.get(UNIT)),
        base_advo=_with_unit(link.base_advo, found.base.advo.get(UNIT)),
        sent=tuple(one for one in link.sent if one.side != side),
        late=others + waiting,
    )
    return link, UNIT in found.late


def answered(intents: tuple[Intent, ...], *, shown: V | None, marker: str | None) -> tuple[Intent, ...]:
    """The intents after the answer to their write: the next look confirms those whose answer may be an echo."""
    return to_be_confirmed(intents, answer=_unit(shown), marker=marker)


def with_unit_of(kept: V | None, shown: V | None) -> V | None:
    """`kept` with the unit of the other, where there are both."""
    return _with_unit(kept, None if shown is None else shown.unit)


def _unit(value: V | None) -> dict[str, str | None]:
    return {} if value is None else {UNIT: value.unit}


def _with_unit(value: V | None, text: str | None) -> V | None:
    return value if value is None or text is None else value.with_unit(text)
