"""The two entity types and their fields, as data: answers, validation, filters and metadata all read this table.

Invariant: attributes appear in answers and are validated in the order of the table. A further field is a row here and a
column of `EspoRecord` (its name in snake_case; what has no column of its own lives in `extra`).
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

STATUSES = (
    "pending_sync",
    "dirty",
    "syncing",
    "clean",
    "failed",
    "permanently_failed",
    "conflict",
    "deleted_in_advoware",
    "deleted_in_espocrm",
)
SALUTATIONS = ("", "Mr.", "Ms.", "Mrs.", "Dr.")
PLAIN_PHONE_TYPES = ("Office", "Mobile", "Fax", "Other")
CONTACT_TYPES = frozenset({"phone", "email"})
LINK_TYPES = frozenset({"link"})


@dataclass(frozen=True)
class FieldDefinition:
    """`type` is EspoCRM's field type; `synced` marks what the formula takes for a change worth syncing."""

    name: str
    type: str = "varchar"
    max_length: int | None = None
    options: tuple[str, ...] = ()
    default: object = None
    required: bool = False
    read_only: bool = False
    synced: bool = False
    custom: bool = False
    column: str = ""
    belongs_to: str = ""  # the attribute is the key of a link to that entity type

    @cached_property
    def store(self) -> str:
        """Where the value is kept, in the spelling of the ORM."""
        return self.column or snake(self.name)

    @cached_property
    def attributes(self) -> tuple[str, ...]:
        """The attributes of answers and of field webhooks that belong to this field."""
        if self.type in CONTACT_TYPES:
            return (f"{self.name}IsOptedOut", f"{self.name}IsInvalid", self.name, f"{self.name}Data")
        if self.type in LINK_TYPES:
            return (f"{self.name}Id", f"{self.name}Name")
        return (self.name,)


def snake(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()


@dataclass(frozen=True)
class EntityType:
    name: str
    template: str
    fields: tuple[FieldDefinition, ...]
    name_parts: tuple[str, ...] = ()
    links: frozenset[str] = field(default=frozenset({"phoneNumbers", "emailAddresses"}))
    # Records of other records: without contact points, and never taken for duplicates.
    is_child: bool = False

    @cached_property
    def by_name(self) -> dict[str, FieldDefinition]:
        return {row.name: row for row in self.fields}

    @cached_property
    def filterable(self) -> dict[str, FieldDefinition]:
        """Attributes that a where item may name."""
        found: dict[str, FieldDefinition] = {}
        for row in self.fields:
            found[f"{row.name}Id" if row.type in LINK_TYPES else row.name] = row
        return found

    @cached_property
    def stored(self) -> tuple[FieldDefinition, ...]:
        return tuple(row for row in self.fields if row.type not in CONTACT_TYPES | LINK_TYPES)

    def writable(self) -> Iterator[FieldDefinition]:
        return (row for row in self.fields if not row.read_only)


def _texts(max_length: int, *names: str, **flags: bool) -> tuple[FieldDefinition, ...]:
    return tuple(FieldDefinition(name, max_length=max_length, **flags) for name in names)  # type: ignore[arg-type]


def _address(prefix: str) -> tuple[FieldDefinition, ...]:
    parts = (("Street", 255), ("City", 100), ("State", 100), ("Country", 100), ("PostalCode", 40))
    return tuple(
        FieldDefinition(f"{prefix}{part}", max_length=length, column=f"extra__{prefix}{part}") for part, length in parts
    )


ID = (FieldDefinition("id", type="id", read_only=True),)
TIMES = (
    FieldDefinition("createdAt", type="datetime", read_only=True),
    FieldDefinition("modifiedAt", type="datetime", read_only=True),
)
CONTACT = (
    FieldDefinition("emailAddress", type="email", synced=True),
    FieldDefinition("phoneNumber", type="phone", synced=True),
)
DELETED = (FieldDefinition("deleted", type="bool", read_only=True),)
MASTER = (
    FieldDefinition("rechtsform", max_length=100, synced=True, custom=True),
    FieldDefinition("titel", max_length=50, synced=True, custom=True),
)
BOOKKEEPING = (
    FieldDefinition("betnr", type="int", custom=True),
    FieldDefinition("advowareLastSync", type="datetime", custom=True),
    FieldDefinition("syncNextRetry", type="datetime", custom=True),
    FieldDefinition("syncAutoResetAt", type="datetime", custom=True),
    FieldDefinition("syncRetryCount", type="int", default=0, custom=True),
    FieldDefinition("syncErrorMessage", type="text", custom=True),
    FieldDefinition("syncStatus", type="enum", max_length=100, options=STATUSES, default="pending_sync", custom=True),
)
MARKERS = _texts(100, "advowareRowId", "kommunikationHash", custom=True)
TAIL = (
    FieldDefinition("streamUpdatedAt", type="datetime", read_only=True),
    FieldDefinition("createdBy", type="link", read_only=True),
    FieldDefinition("modifiedBy", type="link", read_only=True),
    FieldDefinition("assignedUser", type="link"),
    FieldDefinition("versionNumber", type="int", read_only=True),
)

PLAIN = EntityType(
    name="CBeteiligte",
    template="Company",
    fields=(
        *ID,
        FieldDefinition("name", max_length=255, required=True, synced=True),
        *DELETED,
        FieldDefinition("description", type="text"),
        FieldDefinition("website", max_length=255),
        *CONTACT,
        *_address("billingAddress"),
        *_address("shippingAddress"),
        *TIMES,
        FieldDefinition("vorname", max_length=100, synced=True, custom=True),
        *MASTER,
        FieldDefinition("anrede", max_length=100, synced=True, custom=True),
        *_texts(255, "bAnrede", "zusatz", synced=True, custom=True),
        *MARKERS,
        FieldDefinition("geburtsdatum", type="date", synced=True, custom=True),
        FieldDefinition("dateOfBirth", type="date", custom=True),
        *BOOKKEEPING,
        *TAIL,
    ),
)
PERSON = EntityType(
    name="CBeteiligtePerson",
    template="Person",
    name_parts=("firstName", "middleName", "lastName"),
    fields=(
        *ID,
        FieldDefinition("name", max_length=255, read_only=True),
        *DELETED,
        FieldDefinition("salutationName", type="enum", options=SALUTATIONS, synced=True),
        FieldDefinition("firstName", max_length=100, synced=True),
        FieldDefinition("lastName", max_length=255, required=True, synced=True),
        FieldDefinition("description", type="text"),
        *CONTACT,
        *_address("address"),
        *TIMES,
        FieldDefinition("middleName", max_length=100),
        FieldDefinition("firmenname", max_length=255, synced=True, custom=True),
        *MASTER,
        *_texts(255, "bAnrede", "zusatz", synced=True, custom=True),
        *MARKERS,
        FieldDefinition("dateOfBirth", type="date", synced=True, custom=True),
        *BOOKKEEPING,
        *TAIL,
    ),
)


def _extra(name: str, type_: str = "varchar", **more: Any) -> FieldDefinition:
    """A field of a child entity, which has no column of its own."""
    return FieldDefinition(name, type=type_, column=f"extra__{name}", custom=True, **more)


def _data(name: str, type_: str = "varchar", **more: Any) -> FieldDefinition:
    """The same, for what the firm keeps there: what the formula takes for a change."""
    return _extra(name, type_, synced=True, **more)


def _child(name: str, *fields: FieldDefinition) -> EntityType:
    parent = _extra("beteiligteId", max_length=17, belongs_to="CBeteiligte")
    bookkeeping = (
        _extra("syncStatus", "enum", options=CHILD_STATUSES, default="unclean"),
        _extra("advowareLastSync", "datetime"),
    )
    own = (*ID, FieldDefinition("name", max_length=255), *DELETED, FieldDefinition("description", type="text"), *fields)
    tail = tuple(row for row in TAIL if row.name != "streamUpdatedAt")
    return EntityType(
        name=name, template="Base", fields=(*own, *bookkeeping, parent, *TIMES, *tail), links=frozenset(), is_child=True
    )


CHILD_STATUSES = ("", "clean", "unclean", "failed")
# What is in use or is the default one.
FLAGS = (_data("istStandard", "bool", default=False), _data("istAktiv", "bool", default=True))
ADRESSEN = _child(
    "CAdressen",
    _data("strasse", max_length=255),
    _data("plz", max_length=40),
    *(_data(each, max_length=100) for each in ("ort", "land", "postfach")),
    _data("postfachPLZ", max_length=40),
    *FLAGS,
    _data("bemerkung", "text"),
    _extra("advowareAdresseId", "int"),
)
# An installation that uses EspoCRM's own address type instead, without flags and without a field for the number.
ANSCHRIFTEN = _child("CAnschriften", *_address("address"))
BANK = _child(
    "CBankverbindungen",
    _data("iban", max_length=34),
    _data("bic", max_length=11),
    *(_data(each, max_length=255) for each in ("kontoinhaber", "bankname")),
    *FLAGS,
    _extra("advowareKontoId", max_length=36),
)
CHILDREN = (ADRESSEN, ANSCHRIFTEN, BANK)
ENTITY_TYPES = {entity.name: entity for entity in (PLAIN, PERSON, *CHILDREN)}

# Controllers that the real one has and the stand-in only refuses.
OTHER_SCOPES = frozenset(
    {"Account", "Call", "Case", "Contact", "Document", "Email", "Import", "Lead", "Meeting", "Opportunity", "Role"}
    | {"Portal", "Preferences", "ScheduledJob", "Team", "EmailAddress"}
)
