"""The base after what has been written so far: what the next comparison starts from.

Invariant: a side's base is what that side itself showed; a write without its answer moves nothing, so that a crash in
between loses no edit. To extend: see core/three_way_merge.py.
"""

from syncapp.core.base import Base
from syncapp.core.fields import Fields
from syncapp.core.sides import Side, Values
from syncapp.core.three_way_merge import UNSETTLED, BothSides, Comparison, FieldResult, MergeCase, MergeOutcome

# Nothing was compared, so nothing is in doubt either: what is unmappable has been.
_NOT_COMPARED = UNSETTLED - {MergeCase.unmappable}
_WRITTEN = {
    MergeOutcome.keep: (),
    MergeOutcome.to_advoware: (Side.advoware,),
    MergeOutcome.to_espocrm: (Side.espocrm,),
    MergeOutcome.to_both: (Side.advoware, Side.espocrm),
}


def next_base(
    *,
    base: Base,
    comparison: Comparison,
    espo: Values,
    advo: Values,
    fieldmap: Fields,
    answer_advo: Values | None = None,
    answer_espo: Values | None = None,
) -> Base:
    """The base after what has been written so far.

    A field that was sent takes the written side's base from the answer (or is what was sent, where the answer lacks
    the key), every other one what was read. An answer of None means that side was not written (yet): its fields, like
    those held or not compared, keep the base they had. A value for both sides moves the base when both have answered.
    """
    answers = {Side.espocrm: answer_espo, Side.advoware: answer_advo}
    moved = {}
    for result in comparison.results:
        key, written = result.field, _WRITTEN.get(result.outcome)
        if result.case in UNSETTLED or written is None or any(answers[side] is None for side in written):
            continue
        held = {Side.espocrm: espo[key], Side.advoware: advo[key]}
        held |= {side: (answers[side] or {}).get(key, _sent(result, held, side)) for side in written}
        moved[key] = (held[Side.espocrm], held[Side.advoware])
    return base.moved(moved, {key: fieldmap.versions[key] for key in moved})


def seen_base(sides: BothSides, comparison: Comparison) -> Base:
    """The base before anything is written: with what both sides show alike, and with what the signals say of fields
    that differ and have none.

    Signals say it once: our own write, be it of a status alone, moves what they rest on. So a side that counts as
    untouched keeps what it shows as its base, and one that changed gets the other's value, from which it is changed
    until both agree. Where the empty side gives way to the other, it is the empty one that counts as untouched.
    """
    base, fieldmap = sides.base, sides.fieldmap
    agreed = next_base(base=base, comparison=comparison, espo=sides.espo, advo=sides.advo, fieldmap=fieldmap)
    moved = {}
    for result in comparison.results:
        key = result.field
        if result.case in _NOT_COMPARED or result.espo == result.advo or base.holds(key, fieldmap):
            continue
        espo_moved, advo_moved = _moved(result, base.touched_without(key, sides.no_base))
        moved[key] = (result.advo if espo_moved else result.espo, result.espo if advo_moved else result.advo)
    return agreed.moved(moved, {key: fieldmap.versions[key] for key in moved})


def _moved(result: FieldResult, touched: tuple[bool, bool]) -> tuple[bool, bool]:
    """Which side is to count as changed: EspoCRM, Advoware."""
    if result.case is MergeCase.unmappable:
        return False, False  # it cannot go over; whoever corrects it, on either side, changes it
    if touched[0] != touched[1]:
        return touched
    filled = None in (result.espo, result.advo) and result.outcome is not MergeOutcome.hold
    return (result.espo is not None, result.advo is not None) if filled else (True, True)


def _sent(result: FieldResult, held: dict[Side, str | None], side: Side) -> str | None:
    return result.instead if result.outcome is MergeOutcome.to_both else held[side.other]
