"""Intents: what became of a write whose answer was lost, only echoed, or that lands late.

Purpose: before a write, each field's intent is committed; the next look settles it against what is there now.
Invariant: a value is taken for ours only on proof; what could as well be somebody's edit becomes a conflict, which is
logged, and no edit is overwritten in silence. Every intent is settled by the first look that shows its field; what it
proved is in the base that comes back, which has to be committed with, or before, the loss of the intent.
To extend: a new proof is a row of one of these tables and a line in `_after_lost_answer` or `_after_answer`.

The answer was lost (phase `sent`; the marker is the rowId or version that was read before the write):

| the side now shows                    | marker        | settled as  | effect |
| the value from before, or its base    | has not moved | not arrived | base stays: the change is carried again |
| the value from before, or its base    | moved, unknown | conflict   | base: what was sent, and what is there |
| what was sent, or the beginning of it | any           | arrived     | base: what is there, and its source |
| anything else                         | any           | edited      | base stays: compared as any edit |

EspoCRM also shows the time of sync of the last PATCH, which it takes whole or not at all, and which people do not set.
Where that is older than the one that the write carried, the write has not come, whatever moved the marker:

| the side now shows                    | settled as  | effect |
| the value from before, or its base    | not arrived | base stays: the change is carried again |
| what was sent                         | arrived     | somebody typed it: what is there is the base |
| anything else                         | edited      | base stays, also where it is the beginning of what was sent |

Else an edit of anything there would make each field that never came a conflict, and where EspoCRM wins, empty it in
Advoware.

The first look after an answer, which may have been a mere echo (phase `answered`; the marker is the answer's):

| the side now shows                    | marker        | settled as  | effect |
| anything                              | has not moved | arrived     | nobody wrote since: what is there is the base |
| the value from before                 | moved, unknown | conflict   | not taken, or set back: base as above |
| what was sent, or the beginning of it | moved, unknown | arrived    | what is there is the base |
| anything else                         | moved, unknown | edited     | a person's edit |

That the value from before is back can be an answer that was an echo, somebody's undo, or an old form saved over ours:
such a conflict is told as what it may be (`set_back`). It is the first look after the write that counts, which is why
the next sweep looks once at all that was written (`confirmed`): whoever goes back to an old value later is not undone.

An intent of an earlier run that never got its answer (superseded, until its late look is over):

| the side now shows    | settled as | effect |
| exactly what was sent, or the beginning of what a newer intent sent | late | ours: the other side's value is carried |
| anything else         | –          | nothing |

A write of the whole object also carries, as it was read, each field that it was not meant to change (phase `along`;
`before` is the base at that time, which differs from what was read where an edit had not been carried yet). Such an
intent is never settled, and as a superseded one it is late only where the base has moved on from both: as long as its
value is the base there is nothing to set back, and as long as the base is the one from before it is still that edit.

Emptiness is not the beginning of a text: a cleared field is somebody's edit, or the value from before. What cannot be
told apart: a target that shortens what it is sent, and a person who, before the next look, deletes its end.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from dataclasses import field as kept
from enum import StrEnum
from typing import Any, Literal, get_args

from syncapp.core.base import Base
from syncapp.core.sides import Side, Values

Phase = Literal["sent", "answered", "along"]
PHASES, SIDES = frozenset(get_args(Phase)), frozenset(Side)


@dataclass(frozen=True)
class Intent:
    """One field of one write, as it is committed before the write is sent. Its values never stand in a `repr`."""

    side: Side
    field: str
    sent: str | None = kept(repr=False)
    # What that side held when it was read, and the value of the other side that is being carried.
    before: str | None = kept(repr=False)
    other: str | None = kept(repr=False)
    marker: str | None
    phase: Phase = "sent"
    # The time of sync that the write carries, as EspoCRM spells it; None: it carries none that would be shown.
    stamp: str | None = None

    def as_answered(self, marker: str | None) -> "Intent":
        """The same intent once the answer has come, with the rowId or version that the answer brought."""
        return replace(self, phase="answered", marker=marker)

    def may_land(self) -> bool:
        """Whether its write can still change something: it was sent, and no answer has come."""
        return self.phase != "answered"

    def to_json(self) -> dict[str, Any]:
        stored = asdict(self) | {"side": self.side.value}
        return {name: value for name, value in stored.items() if name != "stamp" or value is not None}

    @classmethod
    def can_read(cls, stored: Mapping[str, Any]) -> bool:
        """Whether it is an intent as this version knows them; a newer one may keep more in it."""
        keys = {*stored, "phase", "stamp"}
        return keys == KEYS and stored["side"] in SIDES and stored.get("phase", "sent") in PHASES

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> "Intent":
        return cls(**{**stored, "side": Side(stored["side"])})


KEYS = frozenset(Intent.__dataclass_fields__)


class Fate(StrEnum):
    arrived = "arrived"
    not_arrived = "not_arrived"
    conflict = "conflict"
    edited = "edited"


@dataclass(frozen=True)
class Settled:
    """What the look at one side proved.

    set_back: those conflicts that an answered write left.
    late: fields that show a superseded write (`Case.late_writer` is what had to be corrected of them). open: intents
    whose field the answer did not show, so that they still wait.
    """

    base: Base
    conflicts: frozenset[str] = frozenset()
    set_back: frozenset[str] = frozenset()
    late: frozenset[str] = frozenset()
    arrived: tuple[str, ...] = ()
    open: tuple[Intent, ...] = ()

    def with_late(self, late: frozenset[str]) -> "Settled":
        """With fields that proved to be late once the other side was settled too, and with it the base."""
        late -= set(self.arrived)
        return replace(self, late=self.late | late, conflicts=self.conflicts - late, set_back=self.set_back - late)


def settle(
    *,
    side: Side,
    intents: Iterable[Intent],
    superseded: Iterable[Intent],
    values: Values,
    marker_now: str | None,
    base: Base,
    versions: Mapping[str, str] | None = None,
    stamp_now: str | None = None,
) -> Settled:
    """Settle the intents of one side against what that side shows now; see the module's tables.

    intents: those of a run that ended without an answer, and, on the first look after a lease was taken over, those of
    the worker that lost it: a crash is a lost answer too. superseded: the latter, as long as a late write may land.
    versions: the field map's; a write that arrived where there was no base yet makes one. stamp_now: the time of sync
    that the side shows, "" where it shows none yet; None where it keeps none.
    """
    mine = [intent for intent in intents if intent.side == side and intent.phase != "along"]
    stale = late_fields(side, superseded, values, base)
    fates = {
        intent.field: _away(intent, values[intent.field], base)
        if _is_away(intent, stamp_now)
        else _fate(intent, values[intent.field], marker_now, base, is_stale=intent.field in stale)
        for intent in mine
        if intent.field in values
    }
    settled = _rebased(base, [(intent, fates.get(intent.field)) for intent in mine], values, versions or {})
    arrived = _fields(fates, Fate.arrived)
    late = stale - arrived
    conflicts = _fields(fates, Fate.conflict) - late
    return Settled(
        base=settled,
        conflicts=conflicts,
        set_back=conflicts & {intent.field for intent in mine if not intent.may_land()},
        late=late,
        arrived=tuple(sorted(arrived)),
        open=tuple(intent for intent in mine if intent.field not in values),
    )


def to_be_confirmed(intents: Iterable[Intent], *, answer: Values, marker: str | None) -> tuple[Intent, ...]:
    """The intents of an answered write that the next look has to confirm: those whose answer may be a mere echo.

    A field that the answer shows differently from what was sent is no echo, so that is what the side holds.
    """
    return tuple(
        intent.as_answered(marker) for intent in intents if answer.get(intent.field, intent.sent) == intent.sent
    )


def awaits_look(intents: Iterable[Intent]) -> bool:
    """Whether a write in Advoware was answered and nobody has looked there since."""
    return any(intent.side is Side.advoware and intent.phase == "answered" for intent in intents)


def confirmed(
    *,
    intents: Iterable[Intent],
    superseded: Iterable[Intent],
    values: Values,
    marker_now: str | None,
    base: Base,
    versions: Mapping[str, str],
) -> Settled | None:
    """The confirming look at Advoware: what it proves where all is as we left it; None where a run has to see to it.

    As we left it: every value that was sent is there to the letter, every other one is its base, and no answer is lost.
    """
    waiting = tuple(intents)
    settled = settle(
        side=Side.advoware,
        intents=waiting,
        superseded=superseded,
        values=values,
        marker_now=marker_now,
        base=base,
        versions=versions,
    )
    whole = all(values.get(intent.field, intent.sent) == intent.sent for intent in waiting if not intent.may_land())
    as_left = all(values.get(field, held) == held for field, held in settled.base.advo.items())
    lost = any(intent.phase == "sent" for intent in waiting)
    return None if lost or settled.conflicts or settled.late or not (whole and as_left) else settled


def explained(*, side: Side, sent: Values, values: Values, base: Base) -> bool:
    """Whether a look after a write whose answer had no rowId shows our write and nothing else.

    Only then may the rowId of that look be kept: each field that was sent shows it (or its beginning), each other one
    its base.
    """
    return all(
        _is_ours(sent[key], value) if key in sent else value == base.of(side).get(key) for key, value in values.items()
    )


def _fate(intent: Intent, now: str | None, marker_now: str | None, base: Base, *, is_stale: bool) -> Fate:
    fate = _FATES[intent.phase](intent, now, marker_now, base)
    # An older value of ours that landed late may be the beginning of the newer one: that one did not arrive cut short,
    # it was overwritten.
    overwritten = is_stale and now != intent.sent and not _unmoved(intent, marker_now)
    return Fate.edited if overwritten and fate is Fate.arrived else fate


def _away(intent: Intent, now: str | None, base: Base) -> Fate:
    """The write has certainly not come: what is there is the value from before, or somebody has typed it."""
    if _is_from_before(intent, now, base):
        return Fate.not_arrived
    return Fate.arrived if now == intent.sent else Fate.edited


def _is_from_before(intent: Intent, now: str | None, base: Base) -> bool:
    held = base.of(intent.side).get(intent.field, intent.before)
    return now != intent.sent and now in (intent.before, held)


def _after_lost_answer(intent: Intent, now: str | None, marker_now: str | None, base: Base) -> Fate:
    # Asked first: where the value from before is itself the beginning of what was sent, "it arrived, shortened" would
    # take a lost write for done.
    if _is_from_before(intent, now, base):
        return Fate.not_arrived if _unmoved(intent, marker_now) else Fate.conflict
    return Fate.arrived if _is_ours(intent.sent, now) else Fate.edited


def _after_answer(intent: Intent, now: str | None, marker_now: str | None, base: Base) -> Fate:
    if _unmoved(intent, marker_now) or now == intent.sent:
        return Fate.arrived
    if now == intent.before:
        return Fate.conflict
    return Fate.arrived if _is_ours(intent.sent, now) else Fate.edited


_FATES: Mapping[str, Callable[[Intent, str | None, str | None, Base], Fate]] = {
    "sent": _after_lost_answer,
    "answered": _after_answer,
}


def _unmoved(intent: Intent, marker_now: str | None) -> bool:
    """Certainly nobody has written since: a marker that is not known proves nothing."""
    return intent.marker is not None and intent.marker == marker_now


def _is_away(intent: Intent, stamp_now: str | None) -> bool:
    """Certainly not there: every write since, ours or a person's, leaves the time of sync that this one carries."""
    sent = intent.phase == "sent" and intent.stamp is not None
    return sent and stamp_now is not None and stamp_now < str(intent.stamp)


def _is_ours(sent: str | None, now: str | None) -> bool:
    """What was sent, or as much of it as the target keeps."""
    return now == sent or (sent is not None and now is not None and sent.startswith(now))


def late_fields(side: Side, superseded: Iterable[Intent], values: Values, base: Base) -> frozenset[str]:
    """The fields of this side that show a superseded write (`Settled.late`), by this base."""
    # Of what was meant to change whatever the base says: settling the other side can still move it, and where both
    # sides agree on the value the comparison finds nothing to correct.
    return frozenset(
        intent.field
        for intent in superseded
        if intent.side == side
        and intent.field in values
        and values[intent.field] == intent.sent
        and (
            intent.phase != "along" or base.of(side).get(intent.field, intent.sent) not in (intent.sent, intent.before)
        )
    )


def _rebased(
    base: Base, judged: Iterable[tuple[Intent, Fate | None]], values: Values, versions: Mapping[str, str]
) -> Base:
    """The base with what arrived, and with every conflict written into it.

    A conflict has to outlive this look: the write that settles it can fail, or wait for a person. So each side's base
    becomes the value that the doubt is about on the other one (here: what was sent; there: what is here), and both
    sides count as changed until they agree.
    """
    moved = {}
    for intent, fate in judged:
        if fate in _BASE_AFTER:
            here, there = _BASE_AFTER[fate](intent, values[intent.field])
            moved[intent.field] = (here, there) if intent.side is Side.espocrm else (there, here)
    # A stored version wins: values that an older mapping read must not pass for a base of the present one.
    known = {key: versions[key] for key in moved if key in versions and key not in base.versions}
    return base.moved(moved, known)


# What each fate leaves as the base of the side written to, and of the other one.
_BASE_AFTER: Mapping[Fate | None, Callable[[Intent, str | None], tuple[str | None, str | None]]] = {
    Fate.arrived: lambda intent, now: (now, intent.other),
    Fate.conflict: lambda intent, now: (intent.sent, now),
}


def _fields(fates: Mapping[str, Fate], fate: Fate) -> frozenset[str]:
    return frozenset(field for field, found in fates.items() if found is fate)
