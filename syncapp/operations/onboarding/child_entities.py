"""Entities of EspoCRM whose records belong to ours (addresses, bank accounts): what they must have, and how to make it.

Invariant: pure; the same table serves `doctor` (faults), `setup_espocrm` (files, formula) and the documents. Of an
entity that the firm has already only what the sync cannot do without, and our own fields, are added. A file replaces
the one of an earlier day, so it says again what that one said: whatever it added stays.
To extend: a field is a row of DEFINITIONS, whose name is one of the field table in core; a label a row of
LIST_LABELS.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from django.utils.translation import gettext_lazy as _

from syncapp.core.child_lists.shapes import ItemStatus
from syncapp.entities.beteiligte.parts import AnyList
from syncapp.entities.beteiligte.parts.child_lists.marks import STAMP, STATUS
from syncapp.entities.beteiligte.probes.remote_metadata import attribute_definitions
from syncapp.operations.onboarding.entity import FieldFault, as_made_here
from syncapp.operations.onboarding.labels import MODULE, RESOURCES, in_each_language
from syncapp.words.onboarding.labels import LIST_LABELS, MARK_LABELS, OPTION_LABELS

Definition = Mapping[str, Any]
NOTHING: Definition = MappingProxyType({})
NUMBER = "entry_number"
TYPES = {"text": ("varchar", "text", "enum"), "flag": ("bool",), "day": ("date",), "number": ("int", "varchar")}


def _text(length: int) -> Definition:
    return {"type": "varchar", "maxLength": length}


# How an entity that is missing is made: of each list, its fields by our own names.
DEFINITIONS: Mapping[str, Mapping[str, Definition]] = {
    "adressen": {
        "strasse": _text(255),
        "plz": _text(40),
        "ort": _text(100),
        "land": _text(100),
        "postfach": _text(100),
        "postfach_plz": _text(40),
        "standard": {"type": "bool"},
        "aktiv": {"type": "bool", "default": True},
        "gueltig_von": {"type": "date"},
        "gueltig_bis": {"type": "date"},
        "bemerkung": {"type": "text"},
        NUMBER: {"type": "int", "disableFormatting": True, "duplicateIgnore": True},
    },
    "bankverbindungen": {
        "iban": _text(34),
        "bic": _text(11),
        "kontoinhaber": _text(255),
        "bankname": _text(255),
        "standard": {"type": "bool"},
        "aktiv": {"type": "bool", "default": True},
        NUMBER: {**_text(36), "duplicateIgnore": True},
    },
}
MARKS: Mapping[str, Definition] = {
    STATUS: {
        "type": "enum",
        "options": [one.value for one in ItemStatus],
        "default": ItemStatus.unclean.value,
        "duplicateIgnore": True,
    },
    STAMP: {"type": "datetime", "duplicateIgnore": True},
}


@dataclass(frozen=True)
class ChildWork:
    """`metadata`: the entityDefs file. `is_new`: the entity itself is missing. `is_ours`: it is made by these files,
    now or on an earlier day. `links_of_parent`: how the record's entity names it then."""

    faults: tuple[FieldFault, ...]
    metadata: Definition
    formula: str
    is_new: bool = False
    is_ours: bool = False
    links_of_parent: Definition = field(default_factory=dict)


def faults(child: AnyList, fields: Mapping[str, Any]) -> Iterator[FieldFault]:
    """What keeps the list from being carried, and what makes it less safe (`number`). `fields`: of the metadata."""
    if not fields:
        yield FieldFault(child.entity_type(), "no_entity")
        return
    known = attribute_definitions(fields)
    names = child.names(known)
    rows = {row.name: row for row in names.rows}
    for name in names.missing:
        yield FieldFault(rows[name].espo[0], "missing", wanted=TYPES[rows[name].kind][0])
    if child.link_attribute() not in known:
        yield FieldFault(child.link_attribute(), "missing", wanted="link")
    for name, attribute in names.attributes.items():
        if attribute not in known:
            yield FieldFault(attribute, "missing", wanted=TYPES[rows[name].kind][0])
        elif (found := str(known[attribute].get("type", ""))) and found not in TYPES[rows[name].kind]:
            yield FieldFault(attribute, "type", found, " / ".join(TYPES[rows[name].kind]))
    if NUMBER not in names.attributes:
        yield FieldFault(rows[NUMBER].espo[0], "number", wanted=DEFINITIONS[child.name][NUMBER]["type"])


def _link_of(child: AnyList) -> str:
    return child.link_attribute().removesuffix("Id")


def made_for(
    child: AnyList, fields: Mapping[str, Any], *, parent: str, links: Mapping[str, Any] = NOTHING
) -> ChildWork:
    """What the files have to say, and the script. Raises ChildMapError where the settings name unknown fields.

    links: the entity's, as the metadata show them; those that an earlier file has made are made again.
    """
    found, wanted, link = tuple(faults(child, fields)), _whole(child), _link_of(child)
    is_new = not fields
    missing = {fault.name for fault in found if fault.problem in ("missing", "number")}
    missing |= {link} if child.link_attribute() in missing else set()
    ours = {_attribute_of(child, NUMBER), *MARKS}
    said = {"type": "belongsTo", "entity": parent, "foreign": child.name}
    kept = {name for name, one in wanted.items() if name not in ours and as_made_here(one, fields.get(name))}
    kept -= set() if _says(links.get(link), said) else {link}
    kept |= {name for name in ours if _ours(fields, name)}
    is_ours = is_new or {"name", link} <= kept  # an entity of the firm's has a name of its own
    added = {name: one for name, one in wanted.items() if is_ours or name in missing or name in kept}
    metadata: dict[str, Any] = {"fields": added}
    metadata |= {"links": {link: said}} if link in added else {}
    metadata |= {"optimisticConcurrencyControl": True} if is_ours else {}
    foreign = {child.name: {"type": "hasMany", "entity": child.entity_type(), "foreign": link}} if link in added else {}
    known = child.names(attribute_definitions({**fields, **added}))
    return ChildWork(found, metadata, formula(tuple(known.attributes.values())), is_new, is_ours, foreign)


def _whole(child: AnyList) -> dict[str, Definition]:
    """All fields of an entity that the files make, by EspoCRM's names."""
    named = {_attribute_of(child, name): one for name, one in DEFINITIONS[child.name].items()}
    whole = {**named, **MARKS, "name": _text(255), _link_of(child): {"type": "link"}}
    return {name: {**one, "isCustom": True} for name, one in whole.items()}


def _attribute_of(child: AnyList, name: str) -> str:
    return next(row.espo[0] for row in child.fields if row.name == name)


def _says(found: object, wanted: Definition) -> bool:
    """Of a link: the very names count, since another name on the record's side would be a second link there."""
    return isinstance(found, Mapping) and all(found.get(key) == value for key, value in wanted.items())


def _ours(fields: Mapping[str, Any], name: str) -> bool:
    """Missing, or as this file made it earlier."""
    found = fields.get(name)
    return found is None or (isinstance(found, Mapping) and bool(found.get("duplicateIgnore")))


def formula(attributes: tuple[str, ...]) -> str:
    """The before-save script: an item that somebody else than the sync has changed says that it differs."""
    changed = " ||\n        ".join(f"entity\\isAttributeChanged('{name}')" for name in dict.fromkeys(attributes))
    return f"""\
// Advosync: marks an item when it was changed by somebody else than the sync itself.
// The sync writes {STAMP} with everything it saves; then nothing is marked.
if (
    !entity\\isNew() &&
    entity\\isAttributeNotChanged('{STAMP}') &&
    (
        {changed}
    )
) {{
    {STATUS} = '{ItemStatus.unclean.value}';
}}
"""


def files_of(child: AnyList, made: ChildWork) -> dict[str, Mapping[str, Any] | str]:
    """The module's files by path; of an entity that they make also what makes it one."""
    name = child.entity_type()
    files: dict[str, Mapping[str, Any] | str] = {f"{RESOURCES}/metadata/entityDefs/{name}.json": made.metadata}
    files |= in_each_language(lambda: _labels(child, made), name=name)
    if not made.is_ours:
        return files
    return files | {
        f"{RESOURCES}/metadata/scopes/{name}.json": SCOPE,
        f"{RESOURCES}/metadata/clientDefs/{name}.json": {"controller": "controllers/record"},
        f"{MODULE}/Controllers/{name}.php": CONTROLLER.format(name=name),
    }


SCOPE: Definition = {
    "entity": True,
    "object": True,
    "type": "Base",
    "module": "Advosync",
    "tab": True,
    "acl": True,
    "layouts": True,
    "customizable": True,
    "importable": True,
    "stream": True,
}
CONTROLLER = """\
<?php

namespace Espo\\Modules\\Advosync\\Controllers;

class {name} extends \\Espo\\Core\\Templates\\Controllers\\Base
{{
}}
"""


def _labels(child: AnyList, made: ChildWork) -> dict[str, Any]:
    rows = {row.espo[0]: row.name for row in child.fields if row.espo}
    own = LIST_LABELS[child.name]
    labels = {
        STATUS: MARK_LABELS["status"],
        STAMP: MARK_LABELS["stamp"],
        "name": _("Name"),
        _link_of(child): "Beteiligter",
    }
    fields = {name: str(labels.get(name) or own[rows[name]]) for name in made.metadata["fields"]}
    options = {STATUS: {one: str(text) for one, text in OPTION_LABELS.items()}} if STATUS in fields else {}
    return {"fields": fields, "options": options}


def files_of_names(made: Sequence[AnyList]) -> dict[str, Mapping[str, Any]]:
    """What EspoCRM calls the entities that the files make; one file a language for all of them."""

    def names() -> dict[str, Any]:
        one = {child.entity_type(): str(LIST_LABELS[child.name][""]) for child in made}
        many = {child.entity_type(): str(LIST_LABELS[child.name]["many"]) for child in made}
        return {"scopeNames": one, "scopeNamesPlural": many}

    return in_each_language(names, name="Global") if made else {}
