"""A value that a person enters for a field, as both sides would hold it, or why it cannot be written.

Purpose: "neither: this value instead" of a conflict is checked before anybody waits for a run.
Invariant: pure, and the same rules as for every value that a run writes (validation.py, the value maps).
"""

from datetime import date

from syncapp.core import values as normal
from syncapp.core.beteiligte.field_table import KINDS, FieldMap
from syncapp.core.beteiligte.validation import Fault, in_advowares_spelling, validate
from syncapp.core.sides import Side


def read(
    field: str, entered: str, *, field_map: FieldMap, rechtsformen: frozenset[str] | None, today: date
) -> tuple[str | None, Fault | None]:
    """The canonical value, None for emptiness, and its first fault. A field that is not synced is refused."""
    if field not in field_map.espo_names:
        return None, Fault(field, "refused_there")
    try:
        value = KINDS[field_map.row(field).kind].canonical(entered, field_map.zone)
    except normal.NotAValue:
        return None, Fault(field, "no_real_date")
    value = in_advowares_spelling({field: value}, rechtsformen)[field]
    if field_map.unmappable({field: value}):
        return value, Fault(field, "refused_there")
    faults = validate({field: value}, fieldmap=field_map, side=Side.advoware, rechtsformen=rechtsformen, today=today)
    return value, next(iter(faults), None)
