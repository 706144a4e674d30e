"""The item's own sync status in EspoCRM (`syncStatus`, `advowareLastSync`), where its entity has these fields.

Invariant: written where it shows something else than holds, both together; an empty status is filled only along with
another write. A status that EspoCRM refuses costs nothing but itself.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime

from django.utils import timezone

from syncapp.core.child_lists.shapes import ChildPlan, ItemStatus, V
from syncapp.entities.beteiligte.clients import Context
from syncapp.entities.beteiligte.parts.child_lists.snapshot import ListSnapshot
from syncapp.remotes.espocrm.client import spelled_time
from syncapp.remotes.http.errors import Forbidden, Invalid, NotFound, VersionConflict

STATUS, STAMP = "syncStatus", "advowareLastSync"


def marks_for(attributes: frozenset[str] | None, status: ItemStatus, now: datetime) -> Mapping[str, object]:
    """What rides along with a write; nothing where EspoCRM has no such fields, or nobody knows."""
    wanted = {STATUS: status.value, STAMP: spelled_time(now)}
    return {name: value for name, value in wanted.items() if attributes is not None and name in attributes}


def settle_marks(
    context: Context,
    snapshot: ListSnapshot[V],
    plan: ChildPlan[V],
    *,
    entity_type: str,
    attributes: frozenset[str] | None,
    written: Iterable[str],
) -> None:
    """PATCH each item whose status says something else. written: items that this run has written anyway."""
    written, now = set(written), timezone.now()
    client = context.tools.clients.espocrm.of_type(entity_type)
    for espo_id, status in plan.states.items():
        shown = snapshot.records[espo_id].attributes.get(STATUS) if espo_id in snapshot.records else None
        if espo_id in written or shown in (None, "", status.value):
            continue
        marks = marks_for(attributes, status, now)
        if marks:
            context.renew()
            try:
                client.patch(espo_id, marks)
            except (Forbidden, Invalid, NotFound, VersionConflict):
                continue  # what people see there is a courtesy; the record's page says what holds
