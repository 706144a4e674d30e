"""How a stored record looks in an answer: alone, as a row of a list, and as the mere attributes.

Invariant: the keys come in the order of the field table; contact points are loaded by whoever asks, once for all rows.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from sandbox.espocrm import contact_points
from sandbox.espocrm.contact_points import EMAIL_KIND, PHONE, Row
from sandbox.espocrm.entities import CONTACT_TYPES, LINK_TYPES, EntityType, FieldDefinition
from sandbox.models.espocrm import EspoRecord, EspoUser
from sandbox.switches import switches

Attributes = dict[str, Any]
Points = Mapping[str, Sequence[Row]]
ALWAYS_IN_ROWS = ("createdById", "assignedUserId")
UNSELECTABLE = frozenset({"emailAddressData", "phoneNumberData"})


def versioned() -> bool:
    return bool(switches("espocrm")["optimistic_locking"])


def stored_value(record: EspoRecord, row: FieldDefinition) -> object:
    if row.column.startswith("extra__"):
        return record.extra.get(row.name)
    return getattr(record, row.store)


def set_stored(record: EspoRecord, row: FieldDefinition, value: object) -> None:
    if row.column.startswith("extra__"):
        record.extra = {**record.extra, row.name: value}
    else:
        setattr(record, row.store, value)


def name_of(user: EspoUser | None) -> str | None:
    return user.name if user else None


def whole(entity: EntityType, record: EspoRecord, user: EspoUser) -> Attributes:
    """What a single GET answers."""
    if entity.is_child:
        return row_of(entity, record, {}) | {"teamsIds": [], "teamsNames": {}}
    phones = contact_points.load(PHONE, [record])[record.id]
    emails = contact_points.load(EMAIL_KIND, [record])[record.id]
    shown = row_of(entity, record, {PHONE.value: phones, EMAIL_KIND.value: emails})
    version = shown.pop("versionNumber", None)
    shown |= {"emailAddressData": emails, "phoneNumberData": phones}
    shown |= {"teamsIds": [], "teamsNames": {}, **_followers(record, user)}
    return shown | ({"versionNumber": version} if versioned() else {})


def _followers(record: EspoRecord, user: EspoUser) -> Attributes:
    ids: list[str] = record.followers
    names = dict(EspoUser.objects.filter(id__in=ids).values_list("id", "name")) if ids else {}
    return {"isFollowed": user.id in ids, "followersIds": ids, "followersNames": names}


def row_of(entity: EntityType, record: EspoRecord, contacts: Points) -> Attributes:
    """Every attribute that a row of a list has."""
    shown: Attributes = {}
    flags: Attributes = {}
    links: Attributes = {}
    for row in entity.fields:
        if row.type in CONTACT_TYPES:
            kind = contact_points.KINDS[row.type]
            mirrored = contact_points.primary_attributes(kind, contacts[kind.value])
            shown[kind.value] = mirrored.pop(kind.value)
            flags |= mirrored
        elif row.type in LINK_TYPES:
            linked = getattr(record, row.store)
            links |= {f"{row.name}Id": linked.id if linked else None, f"{row.name}Name": name_of(linked)}
        elif row.name == "versionNumber":
            links |= {"versionNumber": record.version_number} if versioned() else {}
        else:
            shown[row.name] = stored_value(record, row)
    return shown | flags | links


def rows(entity: EntityType, records: Sequence[EspoRecord], selected: Sequence[str] | None) -> list[Attributes]:
    """A page of a list. Only the attributes selected, and those that access control needs."""
    wanted = None if selected is None else {*selected, *ALWAYS_IN_ROWS, "id"} - UNSELECTABLE
    loaded = {
        kind.value: contact_points.load(kind, records)
        if not entity.is_child and (wanted is None or wanted & {kind.value, kind.opted_out, kind.invalid})
        else {}
        for kind in (PHONE, EMAIL_KIND)
    }
    page = []
    for record in records:
        contacts = {value: found.get(record.id, []) for value, found in loaded.items()}
        shown = row_of(entity, record, contacts)
        page.append(shown if wanted is None else {name: value for name, value in shown.items() if name in wanted})
    return page
