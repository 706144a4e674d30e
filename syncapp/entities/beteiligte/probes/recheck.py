"""Looking again at records at rest: Advoware tells nobody of its changes, EspoCRM not of all.

Invariant: a re-check has its own budget, separate from what is due. EspoCRM is asked by list pages; a record that did
not move there costs one GET in Advoware and none in EspoCRM. The deep check reads both sides whole, over a week.
"""

from collections import Counter
from collections.abc import Sequence
from datetime import timedelta

from django.conf import settings
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from syncapp.core.beteiligte.field_table import FieldMap
from syncapp.core.requests import QueueName, Source
from syncapp.core.states import AT_REST, Status
from syncapp.engine import batch, breaker, control, job_queue
from syncapp.engine.rows.due import due_for_recheck
from syncapp.engine.runs.sync_record import Order
from syncapp.entities.beteiligte.clients import SYSTEMS
from syncapp.entities.beteiligte.links.discovery import is_known, selected
from syncapp.entities.beteiligte.parts import PARTS
from syncapp.entities.beteiligte.probes import remote_metadata
from syncapp.models import Mode, RecordCount, SyncRecord
from syncapp.remotes.espocrm.client import EspoEntity

RECENTLY = timedelta(days=7)
DEEP_CHECK_DAYS = 7
RECHECK_JOB = "syncapp.jobs.recheck_records"
DEEP_JOB = "syncapp.jobs.deep_check_records"
# So many records at a time are asked for and then synced, before a pause or a breaker is looked at again.
PAGE = 100


def enqueue_round() -> int:
    """Up to the budget: half for recently active records, the rest for those that waited longest."""
    budget = settings.SYNC_RECHECK_PER_SWEEP
    due = SyncRecord.objects.filter(due_for_recheck())
    active = due.filter(last_synced_at__gt=timezone.now() - RECENTLY).order_by("-last_synced_at")
    ids = list(active.values_list("pk", flat=True)[: budget // 2])
    rest = oldest_first(due.exclude(pk__in=ids))[: budget - len(ids)]
    ids += list(rest.values_list("pk", flat=True))
    job_queue.enqueue(ids, queue_name=QueueName.SWEEP, job=RECHECK_JOB)
    return len(ids)


def enqueue_deep_checks() -> int:
    """A week's share of all records at rest, the longest unread first."""
    at_rest = SyncRecord.objects.filter(status__in=AT_REST, hold="")
    a_week_ago = timezone.now() - timedelta(days=DEEP_CHECK_DAYS)
    old = at_rest.filter(Q(last_deep_check__isnull=True) | Q(last_deep_check__lt=a_week_ago))
    sweeps_a_week = DEEP_CHECK_DAYS * 24 * 60 // settings.SYNC_SWEEP_MINUTES
    share = -(-at_rest.count() // max(1, sweeps_a_week))
    ids = list(old.order_by(F("last_deep_check").asc(nulls_first=True)).values_list("pk", flat=True)[:share])
    SyncRecord.objects.filter(pk__in=ids).update(last_deep_check=timezone.now())
    job_queue.enqueue(ids, queue_name=QueueName.SWEEP, job=DEEP_JOB)
    return len(ids)


def oldest_first(records: "QuerySet[SyncRecord]") -> "QuerySet[SyncRecord]":
    return records.order_by(F("last_check").asc(nulls_first=True))


def recheck_records(record_ids: Sequence[int]) -> dict[str, int]:
    """Re-check these records with EspoCRM's list rows in place of single GETs where nothing moved.

    What a pause or an open breaker leaves undone is found by the next round.
    """
    ended: Counter[str] = Counter()
    for start in range(0, len(record_ids), PAGE):
        if control.switches().mode == Mode.PAUSED or breaker.any_open(systems=SYSTEMS):
            return dict(ended) | {"left": len(record_ids) - start}
        page = list(SyncRecord.objects.filter(pk__in=record_ids[start : start + PAGE]))
        rows = untouched_rows(page)
        orders = [Order(one.pk, Source.SWEEP, forced=True, stand_in=rows.get(one.pk)) for one in page]
        ended.update(batch.sync_batch(orders))
    return dict(ended)


def deep_check_records(record_ids: Sequence[int]) -> dict[str, int]:
    """Read both sides whole: for what no list row and no webhook shows, such as a shared number."""
    return batch.sync_batch([Order(one, Source.SWEEP, forced=True) for one in record_ids])


def untouched_rows(records: Sequence[SyncRecord]) -> dict[int, EspoEntity]:
    """For each record that EspoCRM shows as we left it, a row that stands for it; the others have to be read."""
    tools = remote_metadata.configured_tools()
    ids = [record.espo_id for record in records]
    by_id = {row.id: row for row in tools.clients.espocrm.rows(ids, select=selected(tools.field_map))}
    return {
        record.pk: standing_for(record, by_id[record.espo_id])
        for record in records
        if record.espo_id in by_id and _untouched(record, by_id[record.espo_id], tools.field_map)
    }


def _untouched(record: SyncRecord, row: EspoEntity, field_map: FieldMap) -> bool:
    return (
        record.status == Status.CLEAN
        and all(part.stand_in(record) is not None for part in PARTS)
        and is_known(record, row, field_map)
    )


def standing_for(record: SyncRecord, row: EspoEntity) -> EspoEntity:
    """The row with what the record's last sync left of its parts in EspoCRM, which rows never carry."""
    lacking = (part.stand_in(record) or {} for part in PARTS)
    return EspoEntity(row.id, {**row.attributes, **{name: held for part in lacking for name, held in part.items()}})


def recheck(*, limit: int) -> int:
    """Look again, here and now, at those not looked at for longest; how many. The sweep enqueues instead."""
    records = SyncRecord.objects.filter(status__in=AT_REST, hold="")
    ids = list(oldest_first(records).values_list("pk", flat=True)[:limit])
    if ids:
        recheck_records(ids)
    return len(ids)


def round_length() -> timedelta:
    """How long it takes until every record at rest has been read again in Advoware, at the present budget."""
    at_rest = RecordCount.objects.number(status__in=AT_REST)
    sweeps = -(-at_rest // max(1, settings.SYNC_RECHECK_PER_SWEEP))
    return timedelta(minutes=sweeps * settings.SYNC_SWEEP_MINUTES)
