"""Asking EspoCRM what webhooks did not tell: by status, and by time of change with an overlap.

Invariant: a row is a finding only if this very state of it was not seen before, or if its record counts as deleted;
findings are committed before the mark moves, and the mark moves by EspoCRM's own clock, never past ours: a stamp of a
clock that was ahead must not hide what comes until then. Before there is one, everything is asked for that may have
changed since this installation began.
To extend: another question is one more `where` in `_questions`.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from syncapp.core.base import matches_base
from syncapp.core.beteiligte.field_table import FieldMap
from syncapp.core.echoes import ASKS_FOR_RUN, BOOKKEEPING, waits_over_betnr
from syncapp.core.faults.errors import WAITS_FOR_PERSON
from syncapp.core.requests import QueueName, Source
from syncapp.core.sides import Side
from syncapp.core.states import DELETED, Event, Status
from syncapp.engine import job_queue
from syncapp.engine.rows.requests import request_sync
from syncapp.entities.beteiligte.clients import configured_clients
from syncapp.entities.beteiligte.parts import PARTS
from syncapp.entities.beteiligte.probes import remote_metadata
from syncapp.entities.beteiligte.snapshot import stored_base
from syncapp.entities.beteiligte.writing.espocrm_status import state_of
from syncapp.models import DeletionTask, Sweep, SyncRecord
from syncapp.remotes.espocrm.client import EspoClient, EspoEntity
from syncapp.remotes.espocrm.times import spelled_time
from syncapp.remotes.http.errors import Forbidden, NotFound

MARK = "sweep.mark"
OVERLAP = timedelta(minutes=2)
# Deleted ones that a sweep asks for again, at most: the address of one GET holds some thirty ids.
DELETED_A_SWEEP = 100
# Without a mark our own clock has to serve; EspoCRM's may be this far behind it.
CLOCKS_APART = timedelta(minutes=10)
STAMPS = ("id", "modifiedAt", "createdAt", "versionNumber", "modifiedById", "assignedUserId")


def selected(field_map: FieldMap) -> tuple[str, ...]:
    """What list rows must carry: enough to tell whether a record moved, and to stand for it if it did not."""
    return (*STAMPS, *field_map.espo_attributes, *BOOKKEEPING, *(name for part in PARTS for name in part.listed()))


def discover() -> int:
    """Ask and request; how many records moved without our knowing."""
    began, clients = timezone.now(), configured_clients()
    field_map = remote_metadata.field_map(espocrm=clients.espocrm)
    mark: datetime | None = None
    found: list[int] = []
    for where in _questions():
        for row in clients.espocrm.iterate(where=where, select=selected(field_map)):
            record_id = consider(row, field_map, edited_besides=_contacts_edited(row, field_map, clients.espocrm))
            found += [] if record_id is None else [record_id]
            mark = max((m for m in (mark, row.modified_at) if m is not None), default=None)
    if mark is not None:
        remote_metadata.keep(MARK, min(mark, began).isoformat())
    found += _restored(clients.espocrm, field_map)
    job_queue.enqueue(dict.fromkeys(found), queue_name=QueueName.SWEEP)
    return len(set(found))


def _questions() -> Iterator[list[Mapping[str, object]]]:
    yield [{"type": "in", "attribute": "syncStatus", "value": list(ASKS_FOR_RUN)}]
    yield changed_since(since(remote_metadata.kept(MARK)))


def since(mark: str | None) -> datetime:
    """From when on to ask: without a mark, or after one that an earlier version took from a clock that was ahead, which
    would find nothing, from the beginning."""
    moment = datetime.fromisoformat(mark) if mark else None
    if moment is None or moment > timezone.now() + CLOCKS_APART:
        return beginning() - CLOCKS_APART
    return moment - OVERLAP


def changed_since(moment: datetime) -> list[Mapping[str, object]]:
    return [{"type": "greaterThanOrEquals", "attribute": "modifiedAt", "value": spelled_time(moment)}]


def _restored(espocrm: EspoClient, field_map: FieldMap) -> list[int]:
    """Those that count as deleted and are listed again. EspoCRM restores without a new version, time or webhook:
    nothing else would tell, and somebody would go on to delete the Beteiligter by hand. They never move the mark."""
    tasks = DeletionTask.objects.filter(done_at__isnull=True, record__isnull=False)
    deleted = SyncRecord.objects.filter(status=Status.DELETED_IN_ESPOCRM, hold="", pk__in=tasks.values("record"))
    oldest = deleted.order_by(F("last_check").asc(nulls_first=True), "pk")
    ids = list(oldest.values_list("espo_id", flat=True)[:DELETED_A_SWEEP])
    found = [consider(row, field_map) for row in espocrm.rows(ids, select=selected(field_map))]
    if ids:
        deleted.filter(espo_id__in=ids).update(last_check=timezone.now())
    return [record_id for record_id in found if record_id is not None]


def beginning() -> datetime:
    """When this installation began: with its first sweep or its first record. What is older is the first load's."""
    sweeps = Sweep.objects.order_by("started_at").values_list("started_at", flat=True)
    records = SyncRecord.objects.order_by("pk").values_list("created_at", flat=True)
    return min((first for first in (sweeps.first(), records.first()) if first is not None), default=timezone.now())


def consider(row: EspoEntity, field_map: FieldMap, *, edited_besides: bool = False) -> int | None:
    """Request a sync if the row shows something new; the record's id if it did. edited_besides: what no row shows."""
    with transaction.atomic():
        # A webhook or another sweep may be making the same row.
        record, is_new = SyncRecord.objects.select_for_update().get_or_create(espo_id=row.id)
        if not is_new and (is_known(record, row, field_map) or _was_seen(record, row, field_map)):
            return None
        request_sync(
            SyncRecord,
            record_id=record.pk,
            event=_event(record, row, field_map, edited_besides),
            source=Source.SWEEP,
            cause="found by the sweep",
            list_seen=state_of(row, field_map),
        )
    return record.pk


def _was_seen(record: SyncRecord, row: EspoEntity, field_map: FieldMap) -> bool:
    """Whether this very state was a finding before. That a deleted record is listed is news: restored, it comes back
    in the state in which it went."""
    return record.status != Status.DELETED_IN_ESPOCRM and record.list_seen == state_of(row, field_map)


def _event(record: SyncRecord, row: EspoEntity, field_map: FieldMap, edited_besides: bool) -> Event:
    """What the row is to the state machine: what the webhook would have been that did not come."""
    if _relinks(record, row.attributes.get("betnr")):
        return Event.RELINKED
    if record.status in (Status.SYNCING, Status.PENDING_SYNC, *DELETED):
        return Event.CHANGED
    wish_alone = _asks(row) and not edited_besides and _shows_no_edit(record, row, field_map)
    return Event.RESET if wish_alone else Event.CHANGED


def _shows_no_edit(record: SyncRecord, row: EspoEntity, field_map: FieldMap) -> bool:
    """Whether nobody has edited a field since it was last looked at; what waits may be the edit before that.

    A wish for a run beside an edit is the work of a formula: it must not release what waits for a person, nor give back
    the retries of what has used them up.
    """
    seen = record.list_seen.get("values")
    return _shows_base(record, row, field_map) or (bool(seen) and seen == state_of(row, field_map)["values"])


def _contacts_edited(row: EspoEntity, field_map: FieldMap, espocrm: EspoClient) -> bool:
    """Whether contact points were edited too, which only the whole record shows: asked for, once, where a wish would
    release what waits for a person."""
    waits = SyncRecord.objects.filter(espo_id=row.id, status=Status.FAILED, kind__in=WAITS_FOR_PERSON)
    record = waits.first() if _asks(row) else None
    if record is None or _was_seen(record, row, field_map):
        return False
    try:
        shown = espocrm.get(row.id).attributes
    except NotFound:
        return False
    except Forbidden:
        return True  # it cannot be told, and one such record stops no sweep
    return any(part.held(record).get(name) != said for part in PARTS for name, said in part.judge_event(shown).items())


def _relinks(record: SyncRecord, shown: object) -> bool:
    """Whether the betnr is somebody's word on a record that no other change moves; not the one that was refused."""
    refused = (record.fault.get("params") or {}).get("betnr", record.betnr)
    if waits_over_betnr(record.status, record.kind):
        return shown != refused
    stands_still = record.status in (Status.FAILED, Status.DELETED_IN_ADVOWARE)
    return stands_still and shown not in (None, record.betnr, record.espocrm_status.get("betnr"))


def _asks(row: EspoEntity) -> bool:
    return row.attributes.get("syncStatus") in ASKS_FOR_RUN


def is_known(record: SyncRecord, row: EspoEntity, field_map: FieldMap) -> bool:
    """Whether the row shows the record as our last sync left it: nothing to fetch, nothing to ask for."""
    if _asks(row) or record.status in (Status.DELETED_IN_ESPOCRM, Status.PENDING_SYNC):
        return False
    if row.version is None or record.version is None:
        same = row.version is record.version and record.espo_modified_at == row.modified_at
    else:
        same = row.version == record.version
    return same and _shows_base(record, row, field_map)


def _shows_base(record: SyncRecord, row: EspoEntity, field_map: FieldMap) -> bool:
    """Whether nobody has edited a field since the last sync."""
    values = field_map.read_espo(row.attributes)
    return matches_base(values, side=Side.espocrm, base=stored_base(record), fieldmap=field_map)
