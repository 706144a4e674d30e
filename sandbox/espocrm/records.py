"""Creates, reads, changes, deletes and restores records.

Invariant: every write is one transaction that moves the record, its contact points, modifiedAt, the version and the
webhook events together; each write of an existing record, even an empty one, moves modifiedAt and the version.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet

from sandbox.espocrm import clock, contact_points, events, hooks, stream, validation
from sandbox.espocrm.answers import EspoRefusal, ForeignForbidden
from sandbox.espocrm.contact_points import EMAIL_KIND, KINDS, PHONE
from sandbox.espocrm.entities import ENTITY_TYPES, EntityType
from sandbox.espocrm.people import may
from sandbox.espocrm.shapes import Attributes, name_of, row_of, rows, set_stored, versioned, whole
from sandbox.models.espocrm import EspoRecord, EspoUser, RecordEmail
from sandbox.switches import switches

Body = Mapping[str, object]
LINKS = ("created_by", "modified_by", "assigned_user")
DUPLICATES_SHOWN = 20
SET_ON_CREATE = frozenset(
    {"id", "deleted", "createdAt", "modifiedAt", "streamUpdatedAt", "createdById", "createdByName", "versionNumber"}
)


def query(entity: EntityType) -> QuerySet[EspoRecord]:
    return EspoRecord.objects.filter(entity_type=entity.name).select_related(*LINKS)


def read(entity: EntityType, record_id: str, user: EspoUser) -> Attributes:
    """Administrators see deleted records as well."""
    record = query(entity).filter(id=record_id).first()
    if record is None or (record.deleted and user.type != "admin"):
        raise EspoRefusal(404, f"Record {record_id} does not exist.")
    return whole(entity, record, user)


def _existing(entity: EntityType, record_id: str) -> EspoRecord:
    record = query(entity).filter(id=record_id, deleted=False).first()
    if record is None:
        raise EspoRefusal(404, f"Record {record_id} not found.")
    return record


def check(entity: EntityType, body: Body, *, creating: bool) -> Attributes:
    """The values of a body as they would be stored; raises what EspoCRM refuses."""
    values = validation.sanitise(entity, body)
    validation.validate(entity, values, creating=creating)
    hooks.before_save(entity, values)
    return values


def create(entity: EntityType, body: Body, user: EspoUser, *, skip_duplicate_check: bool = False) -> Attributes:
    values = check(entity, body, creating=True)
    with transaction.atomic(using="sandbox"):
        if not (
            entity.is_child or skip_duplicate_check or body.get("_skipDuplicateCheck") or body.get("skipDuplicateCheck")
        ):
            _refuse_duplicates(entity, values)
        return _create(entity, values, user)


def _create(entity: EntityType, values: Attributes, user: EspoUser) -> Attributes:
    moment = clock.now()
    defaults = {row.name: row.default for row in entity.fields if row.default is not None}
    values = {**defaults, **values}
    if entity.name_parts:
        values["name"] = _full_name(entity, values)
    record = EspoRecord(
        id=clock.new_id(),
        entity_type=entity.name,
        created_at=moment,
        modified_at=moment,
        stream_updated_at=moment,
        created_by=user,
        version_number=1 if versioned() else None,
    )
    _fill(entity, record, values, user)
    record.save(force_insert=True)
    primaries = _store_points(record, values, {})
    shown = _of_new(entity, record, values, primaries)
    facts = {name: values[name] for name in (EMAIL_KIND.rows, PHONE.rows) if name in values}
    events.created(entity, _without_names(shown) | facts | {"isFollowed": user.id in record.followers}, user)
    answer = whole(entity, record, user)
    known = {*shown, "emailAddressData", "phoneNumberData", "createdByName", "modifiedByName", "assignedUserName"}
    known |= {"teamsIds", "teamsNames", "isFollowed", "followersIds", "followersNames", "versionNumber"}
    return {name: shown.get(name, value) for name, value in answer.items() if name in known}


def _of_new(entity: EntityType, record: EspoRecord, values: Attributes, primaries: Attributes) -> Attributes:
    """The attributes that have been set: what a create answers and what its webhook carries."""
    shown = row_of(entity, record, {PHONE.value: [], EMAIL_KIND.value: []})
    given = set(values) | SET_ON_CREATE | ({"assignedUserName"} if record.assigned_user else set())
    shown = {name: value for name, value in shown.items() if name in given} | primaries
    if entity.is_child:
        return shown
    flags = {name: False for kind in KINDS.values() for name in (kind.opted_out, kind.invalid)}
    return {**shown, **flags}


def _without_names(shown: Attributes) -> Attributes:
    return {name: value for name, value in shown.items() if name not in {"createdByName", "assignedUserName"}}


def _fill(entity: EntityType, record: EspoRecord, values: Mapping[str, Any], user: EspoUser) -> None:
    for row in entity.stored:
        if row.name in values:
            value = values[row.name]
            set_stored(record, row, f"{value}:00" if row.type == "datetime" and len(value or "") == 16 else value)
    if "assignedUserId" in values:
        record.assigned_user = _assignable(entity, values["assignedUserId"], user)
        if record.assigned_user and record.assigned_user.id not in record.followers:
            record.followers = [*record.followers, record.assigned_user.id]


def _assignable(entity: EntityType, user_id: str | None, user: EspoUser) -> EspoUser | None:
    if user_id is None:
        return None
    wanted = EspoUser.objects.filter(id=user_id).first()
    if wanted is None or not may(user, "User", "read"):
        raise ForeignForbidden(entity.name, "assignedUser", "User")
    return wanted


def _full_name(entity: EntityType, values: Mapping[str, Any]) -> str:
    return " ".join(str(values[part]) for part in entity.name_parts if values.get(part))


def _refuse_duplicates(entity: EntityType, values: Attributes) -> None:
    """The same name, in any letter case, or a common e-mail address."""
    same = Q(name__iexact=_full_name(entity, values) if entity.name_parts else values["name"])
    given = [row["emailAddress"] for row in values.get(EMAIL_KIND.rows) or []] + [values.get(EMAIL_KIND.value)]
    addresses = [EMAIL_KIND.key(address) for address in given if address]
    if addresses:
        same |= Q(id__in=RecordEmail.objects.filter(point__lower__in=addresses).values("record"))
    found = list(query(entity).filter(same, deleted=False)[:DUPLICATES_SHOWN])
    if found:
        raise EspoRefusal(409, "duplicate", body=rows(entity, found, None))


def _store_points(record: EspoRecord, values: Attributes, old: Attributes) -> Attributes:
    """Writes what the values say about contact points; returns the primaries that changed by it."""
    primaries: Attributes = {}
    for kind in KINDS.values():
        if values.get(kind.rows) is not None:
            primary = contact_points.store_rows(kind, record, values[kind.rows])
            if primary is not None:
                primaries[kind.value] = primary
        elif kind.value in values:
            contact_points.store_single(kind, record, values[kind.value], old.get(kind.value))
            primaries[kind.value] = values[kind.value]
    return primaries


@dataclass(frozen=True)
class RecordWrite:
    """One write of one record: what it held, what was asked for, and what of that differs."""

    record: EspoRecord
    old: Attributes
    values: Attributes
    changed: Attributes


def update(entity: EntityType, record_id: str, body: Body, user: EspoUser, *, version: str | None = None) -> Attributes:
    """PUT and PATCH alike. `version` is the header as it came; a stale one with an effective change is refused."""
    with transaction.atomic(using="sandbox"):
        record = _existing(entity, record_id)
        values = check(entity, body, creating=False)
        old = whole(entity, record, user)
        values = _with_computed(entity, values, old)
        changed = {name: value for name, value in values.items() if old.get(name) != value}
        if versioned() and version is not None:
            _refuse_stale(entity, version, old, changed)
        return _apply(entity, RecordWrite(record, old, values, changed), user)


def _with_computed(entity: EntityType, values: Attributes, old: Attributes) -> Attributes:
    if entity.name_parts and any(part in values for part in entity.name_parts):
        values = {**values, "name": _full_name(entity, {**old, **values})}
    for kind in KINDS.values():
        if values.get(kind.rows) is not None:
            values = {name: value for name, value in values.items() if name != kind.value}
    if switches("espocrm")["formula"]:
        values = _with_formula(entity, values, old)
    return values


def _with_formula(entity: EntityType, values: Attributes, old: Attributes) -> Attributes:
    """An installation's before-save script: marks the record when a synced field changed, unless a sync wrote it."""
    synced = {name for row in entity.fields if row.synced for name in row.attributes}
    changed = {name for name, value in values.items() if old.get(name) != value}
    if not changed & synced or "advowareLastSync" in changed:
        return values
    if entity.is_child:
        return {**values, "syncStatus": "unclean"}
    return {**values, "syncStatus": "pending_sync" if old["betnr"] is None else "dirty"}


def _refuse_stale(entity: EntityType, version: str, old: Attributes, changed: Attributes) -> None:
    current = old["versionNumber"]
    given = int(version) if version.strip().isdigit() else 0
    if current is None or given == current or not changed:
        return
    fields = [row for row in entity.fields if any(name in changed for name in row.attributes)]
    held = {name: old[name] for row in fields for name in row.attributes if name in old}
    raise EspoRefusal(409, "modified", body={"values": held, "versionNumber": current})


def _apply(entity: EntityType, change: RecordWrite, user: EspoUser, *, named: bool = True) -> Attributes:
    record, changed = change.record, dict(change.changed)
    _fill(entity, record, {name: value for name, value in change.values.items() if name in changed}, user)
    primaries = _store_points(record, {n: v for n, v in change.values.items() if n in changed}, change.old)
    changed |= {name: value for name, value in primaries.items() if change.old.get(name) != value}
    if "assignedUserId" in changed:
        changed["assignedUserName"] = name_of(record.assigned_user)
        stream.note_assigned(record, user)
    if record.modified_by != user:
        changed |= {"modifiedById": user.id} | ({"modifiedByName": user.name} if named else {})
    _touch(record, user)
    record.save()
    answer = change.old | change.values | changed | {"modifiedAt": record.modified_at}
    answer |= {"modifiedById": user.id, "modifiedByName": user.name}
    if versioned():
        answer["versionNumber"] = record.version_number
    events.updated(entity, record.id, changed, answer, user)
    return answer


def _touch(record: EspoRecord, user: EspoUser) -> None:
    record.modified_at = clock.now()
    record.modified_by = user
    if versioned():
        record.version_number = (record.version_number or 0) + 1


def delete(entity: EntityType, record_id: str, user: EspoUser) -> None:
    with transaction.atomic(using="sandbox"):
        record = _existing(entity, record_id)
        record.deleted = True
        record.modified_at = clock.now()
        record.modified_by = user
        record.save(update_fields=("deleted", "modified_at", "modified_by"))
        events.deleted(entity, record.id, user)


def restore(entity: EntityType, record_id: str) -> None:
    """Tells nobody: neither the time nor the version moves, and no webhook hears of it."""
    restored = EspoRecord.objects.filter(entity_type=entity.name, id=record_id, deleted=True).update(deleted=False)
    if not restored:
        raise EspoRefusal(404, f"Record {record_id} not found.")


def follow(entity: EntityType, record_id: str, user: EspoUser, *, following: bool) -> None:
    with transaction.atomic(using="sandbox"):
        record = _existing(entity, record_id)
        record.followers = [one for one in record.followers if one != user.id] + ([user.id] if following else [])
        record.save(update_fields=("followers",))


def update_many(entity: EntityType, ids: Iterable[str], body: Body, user: EspoUser) -> list[str]:
    """A mass update: each record by itself, as the real one does it."""
    done = []
    with transaction.atomic(using="sandbox"):
        values = validation.sanitise(entity, body)
        validation.validate(entity, values, creating=False)
        for record in query(entity).filter(id__in=list(ids), deleted=False).order_by("id"):
            old = whole(entity, record, user)
            wanted = _with_computed(entity, values, old)
            changed = {name: value for name, value in wanted.items() if old.get(name) != value}
            _apply(entity, RecordWrite(record, old, wanted, changed), user, named=False)
            done.append(record.id)
    return done


def snapshot() -> list[Attributes]:
    """Every record with its contact points, for whoever compares both systems as a whole."""
    shown = []
    for entity in ENTITY_TYPES.values():
        found = list(query(entity).order_by("id"))
        if entity.is_child:
            shown += [row_of(entity, record, {}) | {"entityType": entity.name} for record in found]
            continue
        phones, emails = contact_points.load(PHONE, found), contact_points.load(EMAIL_KIND, found)
        for record in found:
            mine = {PHONE.value: phones[record.id], EMAIL_KIND.value: emails[record.id]}
            contacts = {PHONE.rows: mine[PHONE.value], EMAIL_KIND.rows: mine[EMAIL_KIND.value]}
            shown.append(row_of(entity, record, mine) | contacts | {"entityType": entity.name})
    return shown
