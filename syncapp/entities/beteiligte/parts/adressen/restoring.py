"""An address that lost comes back: EspoCRM's address as it has to be written for that.

Invariant: only the place is brought back, to the address that it was linked to; what is about an address stays.
To extend: a further reason why it cannot come back is a member of `Obstacle`, with its sentence in words/obstacles.py.
"""

from collections.abc import Callable
from functools import partial

from syncapp.core.adressen.fields import item_of
from syncapp.core.adressen.shapes import PLACE, Address, Representation
from syncapp.core.parts import Obstacle
from syncapp.entities.beteiligte.clients import Clients
from syncapp.entities.beteiligte.part import LostValue, NotRestorable
from syncapp.entities.beteiligte.parts.adressen import configured
from syncapp.entities.beteiligte.probes import remote_metadata
from syncapp.models import ChildKind, ChildLink, SyncRecord


def restoring(row: SyncRecord, lost: LostValue, *, clients: Clients) -> Callable[[], object]:
    """The write to the address of the pair. Raises NotRestorable; RemoteError where EspoCRM does not show it."""
    address = Address.from_text(lost.value)
    if address is None or address.is_empty:
        raise NotRestorable(Obstacle.DELETION)
    item_id = _item_id(row, lost.field)
    if configured.representation() is Representation.field:
        names = configured.record_map(item_id.partition(":")[2])
        client, shown = clients.espocrm, lost.espo
    else:
        entity_type = configured.entity_type()
        names = configured.entity_map(remote_metadata.child_attributes(entity_type, espocrm=clients.espocrm))
        client = clients.espocrm.of_type(entity_type)
        shown = client.get(item_id)
    held, stood = item_of(item_id, shown.attributes, names).address.of(PLACE), Address.from_text(lost.stands)
    if held == address.of(PLACE):
        raise NotRestorable(Obstacle.PRESENT)
    if stood is not None and held != stood.of(PLACE):
        raise NotRestorable(Obstacle.EDITED)
    return partial(client.patch, shown.id, names.write_espo(address.of(PLACE)), version=shown.version)


def _item_id(row: SyncRecord, field: str) -> str:
    """EspoCRM's address that is linked to the entry which the conflict names."""
    entry = field.partition(".")[2]
    links = ChildLink.objects.filter(record_id=row.pk, kind=ChildKind.ADRESSEN, alias_of="", espo_id__isnull=False)
    link = links.filter(entry_id=int(entry)).first() if entry.isdigit() else None
    if link is None or not link.espo_id:
        raise NotRestorable(Obstacle.NOT_LINKED)
    return link.espo_id
