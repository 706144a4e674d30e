"""What the plan needs to know, from what has been read: items, entries, facts, policy.

Invariant: no remote call; a key that the answer lacks is None, never an empty list. Bad rows are left out by name.
To extend: a new fact of the installation comes through entities/beteiligte/probes/remote_metadata.py.
"""

from collections.abc import Mapping, Sequence

from django.conf import settings
from django.utils import timezone

from syncapp.core import values
from syncapp.core.kommunikation.kinds import (
    TOP_LEVEL_FIELDS,
    Form,
    KindTable,
    Medium,
    espo_spelling,
    item_form,
    kind_table,
)
from syncapp.core.kommunikation.shapes import (
    EMAILS,
    PHONES,
    Entry,
    Facts,
    Item,
    KommPolicy,
    Link,
    ListName,
    OnConflict,
    TypeChange,
)
from syncapp.entities.beteiligte.probes import remote_metadata
from syncapp.models import SyncRecord
from syncapp.remotes.advoware.beteiligte import AdvowareBeteiligter, AdvowareKommunikation


def items_of(attributes: Mapping[str, object]) -> tuple[Item, ...] | None:
    """EspoCRM's phones and e-mails; None if one of the lists is missing."""
    phones, emails = _rows(attributes, PHONES), _rows(attributes, EMAILS)
    if phones is None or emails is None:
        return None
    return (*_items(phones, Medium.phone, "phoneNumber"), *_items(emails, Medium.email, "emailAddress"))


def _rows(attributes: Mapping[str, object], name: str) -> list[object] | None:
    """A present null is an empty list; an absent key is no list."""
    rows = attributes.get(name, False)
    return [] if rows is None else rows if isinstance(rows, list) else None


def _items(rows: Sequence[object], medium: Medium, name: str) -> tuple[Item, ...]:
    found = []
    for row in rows:
        value = row.get(name) if isinstance(row, Mapping) else None
        if isinstance(row, Mapping) and isinstance(value, str) and value.strip():
            kind = str(row.get("type") or "") or None
            flags = (bool(row.get(flag)) for flag in ("primary", "optOut", "invalid"))
            found.append(Item(medium, value, kind if medium is Medium.phone else None, *flags))
    return tuple(found)


def entries_of(kommunikation: Sequence[AdvowareKommunikation] | None) -> tuple[Entry, ...] | None:
    return None if kommunikation is None else tuple(entry_of(entry) for entry in kommunikation)


def entry_of(entry: AdvowareKommunikation) -> Entry:
    return Entry(entry.id, entry.row_id, entry.tlf, entry.bemerkung, entry.komm_kz, entry.online)


def kommunikation_of(entry: Entry) -> AdvowareKommunikation:
    """The same as the client wants it."""
    return AdvowareKommunikation(entry.id, entry.row_id, entry.tlf, entry.bemerkung, entry.komm_kz or 0, entry.online)


def facts_of(row: SyncRecord, advo: AdvowareBeteiligter | None, marker: str | None) -> Facts:
    """marker: EspoCRM's version, or time of change, as it was read."""
    rules = remote_metadata.phone_rules()
    return Facts(
        phone_types=rules.types,
        default_phone_type=rules.default_type,
        max_phones=remote_metadata.most_of(Medium.phone),
        max_emails=remote_metadata.most_of(Medium.email),
        region=settings.PHONE_REGION,
        top_level=top_level_of(advo),
        empty_seen=frozenset(ListName(name) for name in row.empty_lists_seen),
        # Whether somebody wrote this very record since; a shared number changes without.
        version_moved=bool(row.contacts_marker) and row.contacts_marker != marker,
        late_over=row.late_look_at is None or row.late_look_at <= timezone.now(),
        kinds=kinds(),
    )


def new_to_espocrm(
    items: Sequence[Item] | None, entries: Sequence[Entry] | None, links: Sequence[Link], facts: Facts
) -> frozenset[Form]:
    """What a plan may add to EspoCRM's lists: what stands in Advoware alone, was not synced and not refused.

    Nothing in a record that is in step, which asks for nothing then.
    """
    here = {item_form(item.medium, item.value, facts.region) for item in items or ()}
    known = {(link.entry_id, text) for link in links for text in (link.refused_value, link.base and link.base.advo)}
    fresh = [entry.tlf for entry in entries or () if (entry.id, entry.tlf) not in known]
    spelled = [text for tlf in fresh if (text := espo_spelling(tlf, facts.region, extensions=True))]
    forms = (item_form(Medium.email if "@" in text else Medium.phone, text, facts.region) for text in spelled)
    return frozenset(forms) - here


def top_level_of(advo: AdvowareBeteiligter | None) -> dict[str, str]:
    """The Beteiligter's own contact fields, as far as present."""
    raw = advo.raw if advo else {}
    return {name: text for name in TOP_LEVEL_FIELDS if (text := _text(raw.get(name)))}


def _text(value: object) -> str | None:
    try:
        return values.text(value)
    except values.NotAValue:
        return None


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
