"""A field that is read from elsewhere than at the last sync, by another setting or a new field of EspoCRM's entity.

Invariant: that such a field is empty says nothing: taken for emptied, it would empty the other side record by record.
Then this list alone waits, until the field is filled or the setting names the former one. A filled one is an edit.
To extend: what a field is read from is `ChildMap.sources`, kept with the bases (state.py).
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from typing import Any

from syncapp.core.child_lists.shapes import V
from syncapp.core.faults.errors import ErrorKind
from syncapp.core.sides import Side
from syncapp.core.systems import SYSTEM_NAMES, System
from syncapp.engine.runs.run import Failed
from syncapp.entities.beteiligte.parts.child_lists.snapshot import ListSnapshot
from syncapp.entities.beteiligte.parts.child_lists.store import ValueShape


def unless_moved(
    found: ListSnapshot[V], shape: ValueShape[V], *, before: Mapping[str, Mapping[str, str]], entity_type: str
) -> ListSnapshot[V]:
    """The same; without a list to plan by where a field that both sides had now shows nothing."""
    for side, about in ((Side.espocrm, entity_type), (Side.advoware, SYSTEM_NAMES[System.ADVOWARE])):
        moved = found.names.moved(side, before)
        name = next(iter(_emptied(found, shape, side, moved)), "") if moved else ""
        if name:
            params = {"field": found.names.sources[side][name], "former": moved[name], "entity": about}
            trouble = Failed(ErrorKind.TRANSIENT, "child_moved_field", params)
            return replace(found, lists=replace(found.lists, items=None), records={}, trouble=trouble)
    return found


def _emptied(found: ListSnapshot[V], shape: ValueShape[V], side: Side, moved: Collection[str]) -> Iterable[str]:
    """Of the fields `moved`, those that a pair has on record, and that its row of this side shows nothing in."""
    for link in found.links:
        base, shown = (
            (link.base_espo, _read_espo(found, link.espo_id))
            if side is Side.espocrm
            else (link.base_advo, _read_advo(found, link.entry_id))
        )
        if base is not None and shown is not None:
            had = shape.filled(base)
            yield from (name for name in moved if name in had and shown.get(name) in ("", None))


def _read_espo(found: ListSnapshot[Any], espo_id: str | None) -> Mapping[str, object] | None:
    record = found.records.get(espo_id or "")
    return None if record is None else found.names.read_espo(record.attributes)


def _read_advo(found: ListSnapshot[Any], entry_id: int | None) -> Mapping[str, object] | None:
    child = None if entry_id is None else found.children.get(entry_id)
    return None if child is None else found.names.read_advo(child.raw)
