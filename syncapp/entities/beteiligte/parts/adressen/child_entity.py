"""Addresses as records of their own in EspoCRM, for webhooks, sweep, set-up and doctor.

Invariant: only with ESPOCRM_ADRESSEN=entity; address fields of the record come with the record's own webhooks.
"""

from syncapp.core.adressen.fields import ENTITY_FIELDS
from syncapp.core.adressen.shapes import Address, Representation
from syncapp.entities.beteiligte.parts.adressen import configured
from syncapp.entities.beteiligte.parts.child_lists.child_entity import ChildEntity, carried_in
from syncapp.models import ChildKind, ChildLink


def _is_on() -> bool:
    return configured.representation() is Representation.entity


def _is_base(name: str, value: object, link: ChildLink) -> bool:
    if name == "entry_number":
        return value is None or value == link.entry_id  # a match writes nothing, the number neither
    return link.base_espo is not None and value == getattr(Address.from_json(link.base_espo), name)


CHILD_ENTITY = ChildEntity(
    name="adressen",
    kind=ChildKind.ADRESSEN,
    fields=ENTITY_FIELDS,
    is_on=_is_on,
    entity_type=configured.entity_type,
    link_attribute=configured.link_attribute,
    names=configured.entity_map,
    keeps=lambda attributes, names: attributes,
    says=carried_in,
    is_base=_is_base,
)
