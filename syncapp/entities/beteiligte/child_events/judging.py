"""What an element about an address or an account is to the record that it belongs to.

Invariant: judged from what the inbox keeps of it and from our links alone; nothing is asked. One that nobody can judge
counts as a change, and costs neither its delivery nor a run's ending.
To extend: the table is core/child_lists/echoes.py; what a value means is said by the list (ChildListKind).
"""

import logging
from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from typing import Any

from syncapp.core.child_lists.echoes import ItemElement, KnownItem, judge_item
from syncapp.core.child_lists.fields import ChildMap
from syncapp.core.child_lists.shapes import ItemStatus, LinkState
from syncapp.core.echoes import Judged
from syncapp.core.faults.tracebacks import without_values
from syncapp.core.sides import Side
from syncapp.core.states import Status
from syncapp.entities.beteiligte.parts import CHILD_LISTS, AnyList
from syncapp.entities.beteiligte.parts.child_lists.marks import STAMP, STATUS
from syncapp.entities.beteiligte.probes import remote_metadata
from syncapp.models import ChildLink, InboxElement, SyncRecord

log = logging.getLogger("advosync.webhooks")


def known_names(child: AnyList) -> ChildMap:
    """The field map of the entity, from what is kept of EspoCRM's metadata."""
    return child.names(remote_metadata.child_attributes(child.entity_type()))


def links_of_items(child: AnyList, espo_ids: Iterable[str]) -> dict[str, list[ChildLink]]:
    """Our links that name these items, by item; the pair first, then what follows it."""
    rows = ChildLink.objects.filter(kind=child.kind, espo_id__in=sorted(set(espo_ids))).select_related("record")
    found: dict[str, list[ChildLink]] = {}
    for link in rows.order_by("alias_of", "pk"):
        found.setdefault(link.espo_id or "", []).append(link)
    return found


def is_about(named: str | None, links: Sequence[ChildLink]) -> tuple[str, ...]:
    """The records that an item belongs to: the one it names, and those whose links know it; a move is about both.

    Where it has gone from is over: what waits there to be deleted by hand is none of it, nor a record that is gone.
    """
    living = [link.record.espo_id for link in links if _is_living(link)]
    known = living if named or living else [link.record.espo_id for link in links]
    return tuple(dict.fromkeys((*([named] if named else ()), *known)))


def _is_living(link: ChildLink) -> bool:
    return link.state != LinkState.tombstone and link.record.status != Status.DELETED_IN_ESPOCRM


def judge_for(
    record: SyncRecord,
    action: str,
    kept: Mapping[str, Any],
    *,
    child: AnyList,
    names: ChildMap,
    links: Sequence[ChildLink],
    in_commit: bool = False,
) -> Judged:
    """What the element is to this record. `kept`: what the inbox holds of it. `links`: all that name the item."""
    try:
        said = child.says(kept, names)
        own = next((link for link in links if link.record_id == record.pk), None)
        parent, living = child.parent_in(kept), {link.record.espo_id for link in links if _is_living(link)}
        comes = parent == record.espo_id and parent not in living
        element = ItemElement(
            action,
            has_values=bool(said),
            values_are_base=own is not None and all(child.is_base(name, value, own) for name, value in said.items()),
            # Where it speaks of its record at all, be it to say that there is none any more.
            moved=child.link_attribute() in kept and (comes or not living <= {parent}),
            # A person or a formula says that the item differs; with our stamp it is we who said so.
            asks=kept.get(STATUS) == ItemStatus.unclean and STAMP not in kept,
            has_marks=STATUS in kept or STAMP in kept,
        )
        return judge_item(element, _known(record, links), in_commit=in_commit)
    except Exception as error:
        log.error("element_not_judged", extra={"record": record.pk, "at": without_values(error)})
        return Judged.WAITING if record.status == Status.SYNCING and not in_commit else Judged.COUNTED


def _known(record: SyncRecord, links: Sequence[ChildLink]) -> KnownItem:
    own = [link for link in links if link.record_id == record.pk]
    pair = own[0] if own else None
    at_rest = pair is not None and pair.state == LinkState.linked and not (pair.pending or pair.late or _is_open(pair))
    return KnownItem(record.status, linked=any(link.state != LinkState.tombstone for link in own), at_rest=at_rest)


def _is_open(link: ChildLink) -> bool:
    """Whether a write of ours is unsettled; not one that Advoware has answered, which has a look of its own there."""
    return any((one["side"], one.get("phase")) != (Side.advoware, "answered") for one in link.sent)


def judge_waiting(elements: Sequence[InboxElement], record: SyncRecord) -> list[tuple[InboxElement, Judged]]:
    """Those that came during a run, judged in its commit against the links that it leaves."""
    judged = []
    for child in CHILD_LISTS:
        mine = [one for one in elements if one.kind == child.kind]
        if not mine:
            continue
        names, links = known_names(child), links_of_items(child, (one.espo_id for one in mine))
        judge = partial(judge_for, record, child=child, names=names, in_commit=True)
        judged += [(one, judge(one.action, one.attributes, links=links.get(one.espo_id, ()))) for one in mine]
    return judged
