"""`GET Metadata`: what the installation tells about its entity types, with the switches laid over."""

from functools import reduce
from typing import Any

from sandbox.espocrm import contact_points
from sandbox.espocrm.entities import ENTITY_TYPES, EntityType, FieldDefinition
from sandbox.espocrm.shapes import versioned
from sandbox.switches import switches

DEFAULT_MAX_COUNT = 10


def at(key: str | None) -> Any:
    """The part at the dotted key, or everything; null where there is nothing."""
    tree = _tree()
    if not key:
        return tree
    return reduce(lambda part, step: part.get(step) if isinstance(part, dict) else None, key.split("."), tree)


def _tree() -> Any:
    return {
        "entityDefs": {entity.name: _entity(entity) for entity in ENTITY_TYPES.values()},
        "scopes": {
            entity.name: {"entity": True, "object": True, "type": entity.template, "isCustom": True}
            for entity in ENTITY_TYPES.values()
        },
    }


def _entity(entity: EntityType) -> dict[str, Any]:
    return {
        "fields": {_field_name(row): _field(row) for row in entity.fields if row.type != "id"},
        "links": {
            _field_name(row): {"type": "belongsTo", "entity": row.belongs_to} for row in entity.fields if row.belongs_to
        },
        "collection": {"orderBy": "createdAt", "order": "desc"},
        "optimisticConcurrencyControl": versioned(),
    }


def _field_name(row: FieldDefinition) -> str:
    """A link's field has the name of the link; its key is only an attribute."""
    return row.name.removesuffix("Id") if row.belongs_to else row.name


def _field(row: FieldDefinition) -> dict[str, Any]:
    if row.belongs_to:
        return {"type": "link", "isCustom": True}
    defs: dict[str, Any] = {"type": row.type}
    defs |= {"options": list(row.options)} if row.options else {}
    defs |= {"required": True} if row.required else {}
    defs |= {"default": row.default} if row.default is not None else {}
    defs |= {"maxLength": row.max_length} if row.max_length else {}
    defs |= {"readOnly": True} if row.read_only else {}
    defs |= {"isCustom": True} if row.custom else {}
    return defs | _phone(row)


def _phone(row: FieldDefinition) -> dict[str, Any]:
    """What departs from an installation's defaults is shown; the defaults are not."""
    if row.type != "phone":
        return {}
    defs: dict[str, Any] = {
        "typeList": list(contact_points.phone_types()),
        "defaultType": contact_points.default_phone_type(),
    }
    if switches("espocrm")["max_phones"] != DEFAULT_MAX_COUNT:
        defs["maxCount"] = switches("espocrm")["max_phones"]
    if not switches("espocrm")["international_only"]:
        defs["international"] = False
    return defs
