"""Every write to the stand-in Advoware's tables, by the API, by a person in the admin, by the seed.

Invariant: a write of a Beteiligter gives it a new rowId and time, even if nothing changes; a write of a Kommunikation
gives only that Kommunikation a new rowId.
"""

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from sandbox.advoware import children
from sandbox.advoware.bad_value import BadValue
from sandbox.advoware.row_ids import new_row_id
from sandbox.advoware.shape import (
    DATE_FIELD,
    EXTRA_DEFAULTS,
    IGNORED_BY_PUT,
    MAX_LENGTHS,
    fields_to_store,
)
from sandbox.models.advoware import Beteiligter, Kommunikation
from sandbox.switches import switches

FIRST_BET_NR = 104860
ALL_FIELDS: dict[str, object] = {**dict.fromkeys((*MAX_LENGTHS, DATE_FIELD)), **EXTRA_DEFAULTS}


def create(body: Mapping[str, object], *, at: datetime | None = None) -> Beteiligter:
    fields = {**ALL_FIELDS, **fields_to_store(body)}
    with transaction.atomic(using="sandbox"):
        last = Beteiligter.with_gone.aggregate(last=Max("bet_nr"))["last"]
        return Beteiligter.objects.create(
            bet_nr=FIRST_BET_NR if last is None else last + 1,
            row_id=new_row_id(),
            geaendert_am=at or timezone.now(),
            fields=fields,
        )


def replace(bet_nr: int, body: Mapping[str, object], *, by_person: bool = False) -> Beteiligter:
    """PUT: the whole object; what the body lacks becomes empty. A person may also change what the API does not take."""
    stored = fields_to_store(body)
    with transaction.atomic(using="sandbox"):
        row = Beteiligter.objects.get(pk=bet_nr)
        kept = () if by_person else (*IGNORED_BY_PUT, *_also_ignored())
        blank: dict[str, object] = {key: [] if isinstance(value, list) else None for key, value in row.fields.items()}
        row.fields = {**blank, **stored, **{key: row.fields[key] for key in kept if key in row.fields}}
        row.row_id = new_row_id()
        row.geaendert_am = timezone.now()
        row.save()
        if not by_person:
            children.touched_by_parent(row, body)
    return row


def edit(bet_nr: int, changes: Mapping[str, object]) -> Beteiligter:
    """A person's edit in Advoware itself: the given fields, all others as they are."""
    current = Beteiligter.objects.get(pk=bet_nr)
    return replace(bet_nr, {**current.fields, **changes}, by_person=True)


def delete(bet_nr: int) -> None:
    """Only a person can do this; the API has no way."""
    row = Beteiligter.objects.get(pk=bet_nr)
    row.gone = True
    row.save()


def _also_ignored() -> tuple[str, ...]:
    names = switches("advoware")["put_ignores"]
    return tuple(names) if isinstance(names, list) else ()


def _entry_fields(body: Mapping[str, object]) -> dict[str, object]:
    online = body.get("online")
    if online not in (None, True, False):
        raise BadValue("online: true oder false erwartet")
    texts = {key: body.get(key) for key in ("tlf", "bemerkung")}
    for key, value in texts.items():
        if value is not None and not isinstance(value, str):
            raise BadValue(f"{key}: Text erwartet")
    maximum = switches("advoware")["bemerkung_max"]
    if isinstance(maximum, int) and isinstance(texts["bemerkung"], str):
        texts["bemerkung"] = texts["bemerkung"][:maximum]
    return {**texts, "online": bool(online)}


def _entry(bet_nr: int, entry_id: int) -> Kommunikation:
    return Kommunikation.objects.get(pk=entry_id, beteiligter_id=bet_nr, beteiligter__gone=False)


def create_kommunikation(bet_nr: int, body: Mapping[str, object]) -> Kommunikation:
    fields = {**_entry_fields(body), "komm_kz": _number(body.get("kommKz"))}
    owner = Beteiligter.objects.get(pk=bet_nr)
    return Kommunikation.objects.create(beteiligter=owner, row_id=new_row_id(), **fields)


def _number(komm_kz: object) -> int:
    if not isinstance(komm_kz, int) or isinstance(komm_kz, bool) or not 1 <= komm_kz <= 12:
        raise BadValue("kommKz: 1 bis 12 erwartet")
    return komm_kz


def replace_kommunikation(
    bet_nr: int, entry_id: int, body: Mapping[str, object], *, by_person: bool = False
) -> Kommunikation:
    """PUT: kommKz in the body is ignored (a person may change it), keys that it lacks become empty."""
    fields = _entry_fields(body)
    if by_person:
        fields["komm_kz"] = _number(body.get("kommKz"))
    with transaction.atomic(using="sandbox"):
        row = _entry(bet_nr, entry_id)
        for name, value in fields.items():
            setattr(row, name, value)
        row.row_id = new_row_id()
        row.save()
    return row


def edit_kommunikation(bet_nr: int, entry_id: int, changes: Mapping[str, object]) -> Kommunikation:
    """A person's edit: the given keys, all others as they are."""
    row = _entry(bet_nr, entry_id)
    current = {"tlf": row.tlf, "bemerkung": row.bemerkung, "online": row.online, "kommKz": row.komm_kz}
    return replace_kommunikation(bet_nr, entry_id, {**current, **changes}, by_person=True)


def delete_kommunikation(bet_nr: int, entry_id: int) -> None:
    """Only a person can do this; the API has no way."""
    _entry(bet_nr, entry_id).delete()
