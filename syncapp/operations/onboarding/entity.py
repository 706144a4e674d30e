"""What EspoCRM's entity must have: the table of fields, what is wrong with an installation's own, and how to mend it.

Invariant: pure; the same table serves `doctor` (faults), `setup_espocrm` (metadata and formula) and the documents.
To extend: a bookkeeping field is a row of BOOKKEEPING_FIELDS and of core/echoes.BOOKKEEPING; a test holds both equal.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from syncapp.core.beteiligte.field_table import FieldMap, FieldRow
from syncapp.core.states import Status
from syncapp.entities.beteiligte.probes.remote_metadata import attribute_names

TEXT_TYPES = ("varchar", "text", "enum")
STATUS_OPTIONS = [status.value for status in Status]


@dataclass(frozen=True, slots=True)
class Wanted:
    """One field as EspoCRM must have it: `types` that will do, `length` that is needed, `definition` that makes it."""

    name: str
    types: tuple[str, ...]
    length: int | None = None
    options: tuple[str, ...] = ()
    bookkeeping: bool = False
    definition: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class FieldFault:
    """`problem`: missing, type, length, options, untranslated, mapped (its options are gone), read_only or copied."""

    name: str
    problem: str
    found: str = ""
    wanted: str = ""


def _kept(name: str, type_: str, *, length: int | None = None, **more: Any) -> Wanted:
    """A field of ours: nobody types it, and a copy of a record must not carry it."""
    definition: dict[str, Any] = {"type": type_, **more}
    definition |= {"maxLength": max(length, 100)} if type_ == "varchar" and length else {}
    definition |= {"duplicateIgnore": True, "isCustom": True, "audited": False}
    types = (type_, "varchar") if type_ in ("text", "enum", "int") else (type_,)
    return Wanted(name, types, length, tuple(more.get("options", ())), True, definition)


BOOKKEEPING_FIELDS: tuple[Wanted, ...] = (
    _kept("betnr", "int", disableFormatting=True),
    _kept("syncStatus", "enum", options=STATUS_OPTIONS, default="pending_sync"),
    _kept("advowareLastSync", "datetime", readOnly=False),
    _kept("advowareRowId", "varchar", length=60),
    _kept("kommunikationHash", "varchar", length=16),
    _kept("syncRetryCount", "int", default=0),
    _kept("syncNextRetry", "datetime"),
    _kept("syncAutoResetAt", "datetime"),
    _kept("syncErrorMessage", "text"),
)
CONTACT_FIELDS = (Wanted("phoneNumber", ("phone",)), Wanted("emailAddress", ("email",)))


def wanted_fields(field_map: FieldMap) -> tuple[Wanted, ...]:
    """Everything the sync reads or writes, by the names of this installation."""
    data = tuple(_data_field(row, field_map.espo_names[row.key]) for row in field_map.rows)
    return (*data, *CONTACT_FIELDS, *BOOKKEEPING_FIELDS)


def _data_field(row: FieldRow, name: str) -> Wanted:
    if row.kind == "date":
        return Wanted(name, ("date",), definition={"type": "date", "isCustom": True})
    definition = {"type": "varchar", "maxLength": row.max_length, "isCustom": True}
    return Wanted(name, TEXT_TYPES, row.max_length, definition=definition)


def faults(fields: Mapping[str, Any], field_map: FieldMap) -> Iterator[FieldFault]:
    """What is wrong, in the order of the table."""
    attributes = attribute_names(fields)  # with those that compound fields bring (firstName and such)
    for wanted in wanted_fields(field_map):
        found = fields.get(wanted.name)
        if not isinstance(found, Mapping):
            if wanted.name not in attributes:
                yield FieldFault(wanted.name, "missing", wanted=wanted.types[0])
            continue
        yield from _faults_of(wanted, found, field_map)


def _faults_of(wanted: Wanted, found: Mapping[str, Any], field_map: FieldMap) -> Iterator[FieldFault]:
    type_ = str(found.get("type"))
    if type_ not in wanted.types:
        yield FieldFault(wanted.name, "type", type_, " / ".join(wanted.types))
        return
    length = found.get("maxLength")
    if wanted.length and type_ == "varchar" and isinstance(length, int) and length < wanted.length:
        yield FieldFault(wanted.name, "length", str(length), str(wanted.length))
    lacking = [option for option in wanted.options if option not in (found.get("options") or ())]
    if lacking and type_ == "enum":
        yield FieldFault(wanted.name, "options", wanted=", ".join(lacking))
    if not wanted.bookkeeping and type_ == "enum":
        yield from _translation_faults(wanted.name, found, field_map)
    if found.get("readOnly"):
        yield FieldFault(wanted.name, "read_only")
    if wanted.bookkeeping and not found.get("duplicateIgnore"):
        yield FieldFault(wanted.name, "copied")


def _translation_faults(name: str, found: Mapping[str, Any], field_map: FieldMap) -> Iterator[FieldFault]:
    """A list of options needs a value map, and one whose options EspoCRM still has: it refuses any other value."""
    key = next((key for key, espo in field_map.espo_names.items() if espo == name), "")
    spellings = field_map.value_map.get(key)
    if not spellings:
        yield FieldFault(name, "untranslated")
        return
    options = found.get("options")
    # A field that borrows its options from another one shows none of its own: then nothing can be said.
    gone = [espo for espo in spellings if espo not in options] if isinstance(options, list) and options else []
    if gone:
        yield FieldFault(name, "mapped", found=", ".join(gone))


def metadata_patch(fields: Mapping[str, Any], field_map: FieldMap) -> dict[str, Any]:
    """The `entityDefs` file that adds what is missing, has Duplicate leave our fields out and switches locking on.

    The file replaces the one of an earlier day, so it says again what that one said: whatever it added stays.
    """
    missing = {one.name for one in faults(fields, field_map) if one.problem == "missing"}
    rows: dict[str, Any] = {}
    for wanted in wanted_fields(field_map):
        if wanted.definition and (wanted.name in missing or as_made_here(wanted.definition, fields.get(wanted.name))):
            rows[wanted.name] = dict(wanted.definition)
        elif wanted.bookkeeping and wanted.name not in missing:
            rows[wanted.name] = {"duplicateIgnore": True}
    return {"fields": rows, "optimisticConcurrencyControl": True}


def as_made_here(definition: Mapping[str, Any], found: object) -> bool:
    """Whether every key that our file would set is set: it may be our file that does, and the firm's wins anyway."""
    if not isinstance(found, Mapping) or found.get("type") != definition.get("type"):
        return False
    return all(found.get(key) is not None for key in definition)


FORMULA_HEAD = """\
// Advosync: marks a record for the sync when a synced field was changed by somebody else than the sync itself.
// The sync writes advowareLastSync with everything it saves; then nothing is marked.
"""


def formula(field_map: FieldMap, *, listed: Iterable[str] = ()) -> str:
    """The before-save script for EspoCRM's Entity Manager. `listed`: attributes of parts, such as address fields."""
    names = [*dict.fromkeys((*field_map.espo_attributes, *listed, "phoneNumberData", "emailAddressData"))]
    names += ["phoneNumber", "emailAddress"]
    changed = " ||\n            ".join(f"entity\\isAttributeChanged('{name}')" for name in names)
    return f"""{FORMULA_HEAD}if (entity\\isNew()) {{
    if (syncStatus == null) {{
        syncStatus = 'pending_sync';
    }}
}} else {{
    if (
        entity\\isAttributeNotChanged('advowareLastSync') &&
        (
            {changed}
        )
    ) {{
        if (betnr == null) {{
            syncStatus = 'pending_sync';
        }} else {{
            syncStatus = 'dirty';
        }}
    }}
}}
"""
