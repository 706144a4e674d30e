"""A field that is read from elsewhere than at the last sync, by another setting or a new field of EspoCRM's entity.

Invariant: that such a field is empty says nothing: taken for emptied, it would empty the other side record by record.
Then this list alone waits, until the field is filled, empty on both sides, or the setting names the former one. A
filled one is an edit. A pair whose item is not there at that look is asked about, should it come back.
To extend: what a field is read from is `ChildMap.sources`, kept with the bases (state.py).
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from typing import TypeVar

from syncapp.core.child_lists.shapes import PairLink, V
from syncapp.core.faults.errors import ErrorKind
from syncapp.core.sides import Side
from syncapp.core.systems import SYSTEM_NAMES, System
from syncapp.engine.runs.run import Failed
from syncapp.entities.beteiligte.parts.child_lists.kind import ChildListKind
from syncapp.entities.beteiligte.parts.child_lists.snapshot import ListSnapshot

K = TypeVar("K")


def unless_moved(
    found: ListSnapshot[V], kind: ChildListKind[V], *, before: Mapping[str, Mapping[str, str]]
) -> ListSnapshot[V]:
    """The same; without a list to plan by where a field that both sides had now shows nothing."""
    if found.lists is None or found.record_fields:
        return found  # an address field of the record that is read from elsewhere is another item
    for side, about in ((Side.espocrm, kind.entity_type()), (Side.advoware, SYSTEM_NAMES[System.ADVOWARE])):
        moved = found.names.moved(side, before)
        name = next(iter(_emptied(found, kind, side, moved)), "") if moved else ""
        if name:
            params = {"field": found.names.sources[side][name], "former": moved[name], "entity": about}
            trouble = Failed(ErrorKind.TRANSIENT, "child_moved_field", params)
            return replace(found, lists=replace(found.lists, items=None), records={}, trouble=trouble)
    moved = {} if found.lists.items is None else found.names.moved(Side.espocrm, before)
    if not moved:
        return found
    return found.with_links(tuple(_unknown_once(link, found, moved) for link in found.links))


def _emptied(found: ListSnapshot[V], kind: ChildListKind[V], side: Side, moved: Collection[str]) -> Iterable[str]:
    """Of the fields `moved`, those that a pair has on record, that its row of this side shows nothing in, and that the
    other side still has."""
    items, entries = kind.as_kept(found)
    unpaired = [entries[number] for number in sorted(entries.keys() - {link.entry_id for link in found.links})]
    for link in found.links:
        item = _at(items, link.espo_id)
        entry = _at(entries, link.entry_id)
        if side is Side.espocrm:
            base, rows, others = _base_of_item(link), item, entry
        else:
            # A number that is none of Advoware's is made of the IBAN: read from elsewhere, it is another one.
            numberless = link.entry_id is not None and link.entry_id < 0
            base, rows, others = link.base_advo, entry or (unpaired if numberless else []), item
        if base is not None:
            left = [name for name in moved if name in base.filled()]
            emptied = [name for name in left if any(name not in row.filled() for row in rows)]
            yield from (name for name in emptied if all(name in other.filled() for other in others))


def _at(values: Mapping[K, V], key: K | None) -> list[V]:
    return [values[key]] if key is not None and key in values else []


def _base_of_item(link: PairLink[V]) -> V | None:
    """Of a create that nobody has answered, what was sent: it is the base once its entry is found."""
    return link.pending.sent if link.pending else link.base_espo


def _unknown_once(link: PairLink[V], found: ListSnapshot[V], moved: Collection[str]) -> PairLink[V]:
    """Without a base that the next look at its item would take for what is read there by then."""
    known = link.base_espo is not None and any(name in link.base_espo.filled() for name in moved)
    return replace(link, base_espo=None) if known and link.espo_id not in found.records else link
