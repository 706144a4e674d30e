"""What the plan needs to know, from what has been read: items, entries, facts, policy.

Invariant: no remote call; a key that the answer lacks is None, never an empty list. Bad rows are left out by name.
To extend: a new fact of the installation comes through services/facts.py.
"""

from collections.abc import Mapping, Sequence

from django.conf import settings

from syncapp.clients.advoware import Kommunikation
from syncapp.clients.espocrm import EspoRecord
from syncapp.core import values
from syncapp.core.contacts import (
    ContactPlan,
    Direction,
    Entry,
    Facts,
    Item,
    KindTable,
    KommPolicy,
    ListName,
    Medium,
    OnConflict,
    TypeChange,
    kind_table,
    plan,
)
from syncapp.core.contacts.kinds import TOP_LEVEL_FIELDS
from syncapp.models import SyncRecord
from syncapp.services import facts as kept_facts
from syncapp.services.contacts.store import stored_links
from syncapp.services.look import Look

PHONES, EMAILS = "phoneNumberData", "emailAddressData"


def contact_plan(
    *,
    record: SyncRecord,
    look: Look,
    direction: Direction,
    espo_untouched: bool,
    refused: frozenset[tuple[int, str]] = frozenset(),
) -> ContactPlan:
    """The plan for what this look shows. Reads our links, changes nothing."""
    return plan(
        items=items_of(look.espo.attributes),
        entries=entries_of(look.advo.kommunikation if look.advo else ()),
        links=stored_links(record),
        stored_hash=str(look.espo.attributes.get("kommunikationHash") or "") or None,
        direction=direction,
        facts=_facts(record, look, espo_untouched=espo_untouched, refused=refused),
        policy=policy(),
    )


def items_of(attributes: Mapping[str, object]) -> tuple[Item, ...] | None:
    """EspoCRM's phones and e-mails; None if one of the lists is missing."""
    phones, emails = attributes.get(PHONES), attributes.get(EMAILS)
    if not isinstance(phones, list) or not isinstance(emails, list):
        return None
    return (*_items(phones, Medium.phone, "phoneNumber"), *_items(emails, Medium.email, "emailAddress"))


def _items(rows: Sequence[object], medium: Medium, name: str) -> tuple[Item, ...]:
    found = []
    for row in rows:
        value = row.get(name) if isinstance(row, Mapping) else None
        if isinstance(row, Mapping) and isinstance(value, str) and value.strip():
            kind = str(row.get("type") or "") or None
            flags = (bool(row.get(flag)) for flag in ("primary", "optOut", "invalid"))
            found.append(Item(medium, value, kind if medium is Medium.phone else None, *flags))
    return tuple(found)


def entries_of(kommunikation: Sequence[Kommunikation] | None) -> tuple[Entry, ...] | None:
    return None if kommunikation is None else tuple(entry_of(entry) for entry in kommunikation)


def entry_of(entry: Kommunikation) -> Entry:
    return Entry(entry.id, entry.row_id, entry.tlf, entry.bemerkung, entry.komm_kz, entry.online)


def _facts(record: SyncRecord, look: Look, *, espo_untouched: bool, refused: frozenset[tuple[int, str]]) -> Facts:
    rules = kept_facts.phone_rules()
    raw = look.advo.raw if look.advo else {}
    return Facts(
        phone_types=rules.types,
        default_phone_type=rules.default_type,
        max_phones=rules.max_count,
        region=settings.PHONE_REGION,
        top_level={name: text for name in TOP_LEVEL_FIELDS if (text := _text(raw.get(name)))},
        espo_untouched=espo_untouched,
        empty_seen=frozenset(ListName(name) for name in record.empty_lists_seen),
        refused=refused,
        version_moved=_moved(record, look.espo),
        kinds=kinds(),
    )


def _text(value: object) -> str | None:
    try:
        return values.text(value)
    except values.NotAValue:
        return None


def _moved(record: SyncRecord, espo: EspoRecord) -> bool:
    """Whether somebody wrote this very record since our last sync; a shared number changes without that."""
    if record.version is not None and espo.version is not None:
        return record.version != espo.version
    return record.espo_modified_at is not None and record.espo_modified_at != espo.modified_at


def policy() -> KommPolicy:
    return KommPolicy(
        new_in_advoware_on_conflict=OnConflict(settings.KOMM_NEW_IN_ADVOWARE_ON_CONFLICT),
        type_change=TypeChange(settings.KOMM_TYPE_CHANGE),
    )


def kinds() -> KindTable:
    """`KOMMKZ_MAP`: `7=Privatfax` maps a kommKz to a type of EspoCRM, `Privatfax=7` a type to a new entry's kommKz."""
    pairs = settings.KOMMKZ_MAP.items()
    return kind_table(
        types={int(name): str(target) for name, target in pairs if str(name).isdigit()},
        komm_kz={str(name): int(target) for name, target in pairs if str(target).isdigit()},
    )


def phones_json(items: Sequence[Item]) -> list[dict[str, object]]:
    """EspoCRM's whole list of phones; every flag is named, since one that is left out would be reset."""
    return [
        {
            "phoneNumber": item.value,
            "type": item.type,
            "primary": item.primary,
            "optOut": item.opt_out,
            "invalid": item.invalid,
        }
        for item in items
    ]


def emails_json(items: Sequence[Item]) -> list[dict[str, object]]:
    return [
        {"emailAddress": item.value, "primary": item.primary, "optOut": item.opt_out, "invalid": item.invalid}
        for item in items
    ]
