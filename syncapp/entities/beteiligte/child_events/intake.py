"""Webhooks about addresses and accounts: each element is kept for the record that it belongs to, which then has a run.

Invariant: as for the record's own webhooks: when the sender is told 202, every accepted element is in the database and
its record's generation says so. The record is named by the element, else by our link; an element that neither names is
kept and looked up afterwards (records.py), never while the sender waits. A delete that no link knows is about nothing.
A list that is switched off keeps nothing.
To extend: a further entity is a part that CHILD_LISTS takes up.
"""

from collections.abc import Mapping
from typing import Any

from django.utils import timezone

from syncapp.core.requests import QueueName, Source
from syncapp.engine import job_queue
from syncapp.engine.rows.counters import count
from syncapp.engine.rows.inbox import RESULTS
from syncapp.engine.rows.one_writer import in_turn
from syncapp.engine.rows.requests import Requests
from syncapp.entities.beteiligte.child_events.judging import is_about, judge_for, known_names, links_of_items
from syncapp.entities.beteiligte.intake import (
    USABLE_ID,
    Accepted,
    inbox_row,
    records_of,
    request_for,
    verified,
    write_delivery,
)
from syncapp.entities.beteiligte.parts import CHILD_LISTS, AnyList
from syncapp.models import Result, SyncRecord

FIND_JOB = "syncapp.jobs.find_records"
SWITCHED_OFF = "switched_off"


def list_named(name: str) -> AnyList:
    return next(child for child in CHILD_LISTS if child.name == name)


def receive(*, name: str, action: str, raw: bytes, signature: str | None, legacy_signature: str | None) -> Accepted:
    """Take one delivery about the entity `name`. Raises `DeliveryRefused`, as for the record's own."""
    webhook_id, good, bad = verified(raw, signature=signature, legacy_signature=legacy_signature)
    child = list_named(name)
    if child.has_entity():
        results = _store(child, action=action, webhook_id=webhook_id, elements=good)
    else:
        results = {SWITCHED_OFF: len(good)} if good else {}
    count("webhook_deliveries", action=f"{name}.{action}", result="accepted")
    return Accepted(len(good), tuple(bad), results)


def _store(child: AnyList, *, action: str, webhook_id: str, elements: list[dict[str, Any]]) -> dict[str, int]:
    now, names = timezone.now(), known_names(child)
    links = links_of_items(child, (element["id"] for element in elements))
    kept = [child.keeps(element, names) for element in elements]
    about = [is_about(_named_by(element, child), links.get(element["id"], ())) for element in elements]
    with in_turn():
        records = records_of(sorted({parent for parents in about for parent in parents}))
        requests = Requests(SyncRecord, source=Source.WEBHOOK, now=now)
        rows: list[dict[str, Any]] = []
        for espo_id, one, parents in zip((element["id"] for element in elements), kept, about, strict=True):
            for record in (records[parent] for parent in parents):
                judged = judge_for(record, action, one, child=child, names=names, links=links.get(espo_id, ()))
                judged = request_for(requests, record, judged, action=action, cause=f"webhook {child.name} {action}")
                rows.append(inbox_row(espo_id, record.pk, one, RESULTS[judged], now))
            if not parents:
                # Nothing of ours knows the item, and the element does not say whose it is.
                result = Result.IRRELEVANT if action == "delete" else Result.SEEKING
                rows.append(inbox_row(espo_id, None, one, result, now))
        results = write_delivery(requests, rows, webhook_id=webhook_id, kind=child.kind.value, action=action, now=now)
    job_queue.enqueue_each(requests.record_ids)
    if Result.SEEKING in results:
        job_queue.enqueue_call(FIND_JOB, queue_name=QueueName.URGENT)
    return results


def _named_by(element: Mapping[str, Any], child: AnyList) -> str | None:
    """The record that it names, if that is an id."""
    named = child.parent_in(element)
    return named if named is not None and USABLE_ID.fullmatch(named) else None
