"""What the plan needs to know, from what has been read: items, entries, facts, policy.

Invariant: no remote call; a key that the answer lacks is None, never an empty list. Bad rows are left out by name.
To extend: a new fact of the installation comes through entities/beteiligte/remote_metadata.py.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from django.conf import settings

from syncapp.core import values
from syncapp.core.kommunikation import (
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
from syncapp.core.kommunikation.kinds import TOP_LEVEL_FIELDS
from syncapp.core.requests import Override
from syncapp.entities.beteiligte import remote_metadata as kept_facts
from syncapp.entities.beteiligte.decide import Decision, espo_marker
from syncapp.entities.beteiligte.parts.kommunikation.refusals import EMAILS, PHONES
from syncapp.entities.beteiligte.parts.kommunikation.store import stored_links
from syncapp.entities.beteiligte.read import Snapshot
from syncapp.models import SyncRecord
from syncapp.remotes.advoware.client import Kommunikation


def direction_of(*, record: SyncRecord, decision: Decision | None) -> Direction:
    """EspoCRM won a field: nothing of Advoware's is carried in this run. Everything from Advoware: the other way.

    None as decision: the Beteiligter was created in this run.
    """
    if decision is None:
        return Direction.both
    if record.override == Override.FROM_ADVOWARE:
        return Direction.to_espocrm
    won = decision.comparison.espo_won or record.contacts_to_advoware
    return Direction.to_advoware if won else Direction.both


def links_are_stale(*, record: SyncRecord, decision: Decision | None) -> bool:
    """EspoCRM was synced after what our database remembers (yesterday's was restored): the markers know more.

    Links that were written since then count: the first write takes our hash away, and only success brings it back.
    """
    return decision is not None and decision.stale_base and bool(record.kommunikation_hash)


def contact_plan(
    *,
    record: SyncRecord,
    look: Snapshot,
    decision: Decision | None,
    refused: frozenset[tuple[int, str]] = frozenset(),
) -> ContactPlan:
    """The plan for what this look shows. Reads our links, changes nothing."""
    stale = links_are_stale(record=record, decision=decision)
    links = () if stale else stored_links(record)
    # A record without contact points has no links either; its hash tells that a sync has seen them all.
    links_known = not stale and (bool(links) or bool(record.kommunikation_hash))
    return plan(
        items=items_of(look.espo.attributes),
        entries=entries_of(look.advo.kommunikation if look.advo else ()),
        links=links,
        stored_hash=str(look.espo.attributes.get("kommunikationHash") or "") or None,
        direction=direction_of(record=record, decision=decision),
        facts=replace(
            _facts(record, look),
            espo_untouched=decision is not None and not decision.espo_touched,
            links_known=links_known,
            refused=refused,
        ),
        policy=policy(),
    )


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


def entries_of(kommunikation: Sequence[Kommunikation] | None) -> tuple[Entry, ...] | None:
    return None if kommunikation is None else tuple(entry_of(entry) for entry in kommunikation)


def entry_of(entry: Kommunikation) -> Entry:
    return Entry(entry.id, entry.row_id, entry.tlf, entry.bemerkung, entry.komm_kz, entry.online)


def _facts(record: SyncRecord, look: Snapshot) -> Facts:
    rules = kept_facts.phone_rules()
    raw = look.advo.raw if look.advo else {}
    return Facts(
        phone_types=rules.types,
        default_phone_type=rules.default_type,
        max_phones=rules.max_count,
        region=settings.PHONE_REGION,
        top_level={name: text for name in TOP_LEVEL_FIELDS if (text := _text(raw.get(name)))},
        empty_seen=frozenset(ListName(name) for name in record.empty_lists_seen),
        version_moved=_moved(record, look),
        kinds=kinds(),
    )


def _text(value: object) -> str | None:
    try:
        return values.text(value)
    except values.NotAValue:
        return None


def _moved(record: SyncRecord, look: Snapshot) -> bool:
    """Whether somebody wrote this very record since its contact points were synced; a shared number changes without."""
    return bool(record.contacts_marker) and record.contacts_marker != espo_marker(look)


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


def lists_json(plan: ContactPlan, *, without: Collection[Medium] = ()) -> dict[str, object]:
    """The lists that change, whole, as the PATCH carries them; those that EspoCRM refuses are left out."""
    lists: dict[str, object] = {}
    if plan.phones is not None and Medium.phone not in without:
        lists[PHONES] = [{"phoneNumber": item.value, "type": item.type, **_flags(item)} for item in plan.phones]
    if plan.emails is not None and Medium.email not in without:
        lists[EMAILS] = [{"emailAddress": item.value, **_flags(item)} for item in plan.emails]
    return lists


def _flags(item: Item) -> dict[str, object]:
    """Every flag by name: EspoCRM resets one that is left out."""
    return {"primary": item.primary, "optOut": item.opt_out, "invalid": item.invalid}
