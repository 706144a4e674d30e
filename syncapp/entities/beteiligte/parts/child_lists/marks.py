"""The item's own sync status in EspoCRM (`syncStatus`, `advowareLastSync`), where its entity has these fields.

Invariant: written where it shows something else than holds, both together; an empty status is filled only along with
another write. A status that EspoCRM refuses costs nothing but itself.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime

from django.utils import timezone

from syncapp.core.child_lists.fields import ChildMap
from syncapp.core.child_lists.shapes import Act, ChildOperation, ChildPlan, ItemStatus, PairLink, V
from syncapp.core.sides import Side
from syncapp.entities.beteiligte.clients import Context
from syncapp.entities.beteiligte.parts.child_lists.snapshot import ListSnapshot
from syncapp.remotes.espocrm.client import EspoEntity
from syncapp.remotes.espocrm.times import spelled_time
from syncapp.remotes.http.errors import Forbidden, Invalid, NotFound, VersionConflict

STATUS, STAMP = "syncStatus", "advowareLastSync"


def marks_for(attributes: frozenset[str] | None, status: ItemStatus, now: datetime) -> Mapping[str, object]:
    """What rides along with a write; nothing where EspoCRM has no such fields, or nobody knows."""
    wanted = {STATUS: status.value, STAMP: spelled_time(now)}
    return {name: value for name, value in wanted.items() if attributes is not None and name in attributes}


def with_number(operation: ChildOperation[V]) -> Mapping[str, object]:
    """What an item is sent, together with Advoware's number of its entry, if it has one."""
    link = operation.intent
    number = link.entry_id if link.alias_of is None else None  # a double's number is that of its pair
    return {**operation.values, "entry_number": number} if number is not None and number > 0 else operation.values


def settle_marks(
    context: Context,
    snapshot: ListSnapshot[V],
    plan: ChildPlan[V],
    links: Iterable[PairLink[V]],
    *,
    entity_type: str,
    known: frozenset[str] | None,
) -> None:
    """PATCH each item whose status says something else, and each that was sent: with the number that it has now."""
    now, client = timezone.now(), context.tools.clients.espocrm.of_type(entity_type)
    written = {one.espo_id for one in plan.of_side(Side.espocrm)}
    posted = {one.espo_id for one in plan.operations if one.act is Act.post_entry}
    numbers = {link.espo_id: link.entry_id for link in links if link.is_pair and (link.entry_id or 0) > 0}
    for espo_id, status in plan.states.items():
        item = snapshot.records.get(espo_id)
        if item is None or espo_id in written:
            continue
        number = _number_for(item, snapshot.names, numbers.get(espo_id))
        says_so = item.attributes.get(STATUS) in (None, "", status.value)
        if says_so and not (number and espo_id in posted):
            continue
        attributes = {**marks_for(known, status, now), **number}
        if attributes:
            context.renew()
            try:
                client.patch(espo_id, attributes)
            except (Forbidden, Invalid, NotFound, VersionConflict):
                continue  # what people see there is a courtesy; the record's page says what holds


def _number_for(item: EspoEntity, names: ChildMap, number: int | None) -> dict[str, object]:
    """The number where the item shows another one, or none."""
    shown = names.read_espo(item.attributes).get("entry_number")
    return {} if number is None or shown == number else names.write_espo({"entry_number": number})
