"""A value that lost comes back: the one write to EspoCRM that brings it, from where the next run carries it.

Invariant: made from what EspoCRM shows now; nothing is written before the caller says so, and nothing over an edit that
is newer than the conflict: nobody would have seen that one go.
To extend: a part answers for its own elements (`Part.restoring`).
"""

from collections.abc import Callable
from functools import partial

from syncapp.core.parts import Obstacle
from syncapp.core.sides import Side
from syncapp.entities.beteiligte.clients import Clients
from syncapp.entities.beteiligte.links.claims import linked_anew_since
from syncapp.entities.beteiligte.part import LostValue, NotRestorable
from syncapp.entities.beteiligte.parts import part_of
from syncapp.entities.beteiligte.probes import remote_metadata
from syncapp.entities.beteiligte.snapshot import is_in_pilot
from syncapp.models import Conflict


class NotSynced(Exception):
    """The field of the conflict is none of those that are synced any more."""


def restoring(conflict: Conflict, *, clients: Clients) -> Callable[[], object]:
    """What writes the lost value. Raises NotRestorable, NotSynced, RemoteError."""
    row, field, lost = conflict.record, conflict.field, conflict.lost_value
    if linked_anew_since(row, conflict.at):
        raise NotRestorable(Obstacle.LINKED_ANEW)
    part = part_of(field)
    espo = clients.espocrm.get(row.espo_id)
    field_map = remote_metadata.field_map()
    if not is_in_pilot(espo, field_map):
        raise NotRestorable(Obstacle.OUTSIDE_PILOT)
    values = field_map.read_espo(espo.attributes)
    if part is not None:
        found = LostValue(field, lost, conflict.standing_value, espo)
        return part.restoring(row, found, clients=clients)
    if field not in field_map.espo_names:
        raise NotSynced(field)
    shown = values.get(field, conflict.standing_value)
    if shown != conflict.standing_value and not _is_kept_so(conflict, shown):
        raise NotRestorable(Obstacle.PRESENT if shown == lost else Obstacle.EDITED)
    attributes = field_map.to_espo({field: lost}, company=field_map.is_company({**row.base_espo, **values}))
    return partial(clients.espocrm.patch, row.espo_id, attributes, version=espo.version)


def _is_kept_so(conflict: Conflict, shown: str | None) -> bool:
    """Whether EspoCRM keeps the value that won otherwise than it was sent, and nobody has changed it since."""
    row, field = conflict.record, conflict.field
    last = row.changes.filter(field=field).order_by("-pk").first()
    is_ours = last is not None and (last.side, last.after) == (Side.espocrm, conflict.standing_value)
    return is_ours and row.base_espo.get(field) == shown
