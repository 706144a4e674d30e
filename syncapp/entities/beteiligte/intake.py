"""Webhooks in: check, read, commit to the inbox with what it means, answer; only then enqueue.

Invariant: what a delivery costs is paid before the transaction, and within bounds: elements are read first, and with
the rows locked only compared with what is known.
When the sender is told 202, every accepted element is in the database and its record's generation says so.
Without Redis the answer is the same, the dispatcher enqueues later. Bodies of refused deliveries are not stored.
"""

import json
import logging
import re
import uuid
from collections import Counter as Tally
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from typing import Any

from django.conf import settings
from django.utils import timezone

from syncapp.core.beteiligte.field_table import FieldMap, FieldMapError
from syncapp.core.echoes import BOOKKEEPING, Element, Judged, KnownRecord, judge, with_numbers
from syncapp.core.faults.tracebacks import without_values
from syncapp.core.requests import Source
from syncapp.core.signatures import verify
from syncapp.core.spelling.storable import storable_json
from syncapp.core.states import Event, Status
from syncapp.engine import job_queue
from syncapp.engine.rows.counters import count
from syncapp.engine.rows.inbox import ASKING, RESULTS
from syncapp.engine.rows.one_writer import in_turn
from syncapp.engine.rows.prepared import PreparedForMany, insert_alike, insert_many
from syncapp.engine.rows.requests import Requests
from syncapp.entities.beteiligte.parts import PARTS
from syncapp.entities.beteiligte.probes import remote_metadata
from syncapp.models import InboxElement, Result, SyncRecord

log = logging.getLogger("advosync.webhooks")

# 17 hexadecimal digits, or a UUID with its hyphens where the installation is set to these.
USABLE_ID = re.compile(r"[A-Za-z0-9-]{1,36}")
MAX_DEPTH = 12
# EspoCRM sends 50 at the most.
MAX_ELEMENTS = 1000
# Phones and e-mails that are read of one delivery; an element beyond them counts as a change, unread.
MAX_POINTS = 2000
COUNTS_IN_ANY_CASE = Element("create")
# All that judging an element and asking for a run need to know of a record.
JUDGED_BY = (
    "espo_id",
    "status",
    "kind",
    "betnr",
    "requested",
    "dirty_since",
    "open_intents",
    "espocrm_status",
    "lists",
    "base_espo",
)
KNOWN_RECORDS = PreparedForMany(
    lambda ids: (
        SyncRecord.objects.select_for_update()
        .only(*JUDGED_BY)
        .annotate(fields_read_at=remote_metadata.FIELDS_READ_AT)
        .filter(espo_id__in=ids)
        .order_by("id")
    )
)


class DeliveryRefused(Exception):
    """A delivery that cannot be taken. `status` is the HTTP answer, `reason` is safe to send back."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status, self.reason = status, reason


@dataclass(frozen=True, slots=True)
class Accepted:
    """What came of a delivery: how many elements were stored, and which were not, with the reason."""

    accepted: int
    rejected: tuple[str, ...] = ()
    results: Mapping[str, int] = field(default_factory=dict)


def webhook_secrets() -> dict[str, list[str]]:
    """The pairs of the settings; one id may have several keys while they are rotated."""
    secrets: dict[str, list[str]] = {}
    for webhook_id, key in settings.ESPOCRM_WEBHOOK_SECRETS:
        secrets.setdefault(webhook_id, []).append(key)
    return secrets


def receive(*, action: str, raw: bytes, signature: str | None, legacy_signature: str | None) -> Accepted:
    """Take one delivery. Raises `DeliveryRefused` with the HTTP status; any database error reaches the caller."""
    webhook_id, good, bad = verified(raw, signature=signature, legacy_signature=legacy_signature)
    touched, results = store(action=action, webhook_id=webhook_id, elements=good)
    job_queue.enqueue_each(touched)
    return Accepted(len(good), tuple(bad), results)


def verified(
    raw: bytes, *, signature: str | None, legacy_signature: str | None
) -> tuple[str, list[dict[str, Any]], list[str]]:
    """The webhook that has signed a delivery, its usable elements, and a word on each of the others."""
    webhook_id = verify(raw_body=raw, header=signature, legacy_header=legacy_signature, secrets=webhook_secrets())
    if webhook_id is None:
        raise DeliveryRefused(401, "signature missing or wrong")
    return webhook_id, *_elements(raw)


def _elements(raw: bytes) -> tuple[list[dict[str, Any]], list[str]]:
    """The elements with a usable id, and a word on each of the others. One bad element costs no other."""
    try:
        body = json.loads(raw, strict=False)
    except (ValueError, RecursionError):
        raise DeliveryRefused(400, "not JSON") from None
    rows = [body] if isinstance(body, dict) else body
    if not isinstance(rows, list):
        raise DeliveryRefused(400, "expected an array of entities or one entity")
    if len(rows) > MAX_ELEMENTS:
        raise DeliveryRefused(413, f"more than {MAX_ELEMENTS} elements")
    if rows and not any(isinstance(row, dict) for row in rows):
        raise DeliveryRefused(400, "expected the elements to be objects")
    good: list[dict[str, Any]] = []
    bad: list[str] = []
    for position, row in enumerate(rows):
        fault = _fault(row)
        if fault:
            bad.append(f"element {position}: {fault}")
        else:
            good.append(storable_json(row, lenient=True))
    return good, bad


def _fault(row: object) -> str:
    """Why an element cannot be taken; empty if it can."""
    if not isinstance(row, dict):
        return "not an object"
    value = row.get("id")
    if not (isinstance(value, str) and USABLE_ID.fullmatch(value)):
        return "no usable id"
    return f"nested deeper than {MAX_DEPTH} levels" if _depth(row) > MAX_DEPTH else ""


def _depth(value: object, level: int = 0) -> int:
    if level > MAX_DEPTH:
        return level
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return max((_depth(item, level + 1) for item in inner), default=level)


def store(*, action: str, webhook_id: str, elements: list[dict[str, Any]]) -> tuple[list[int], dict[str, int]]:
    """Judge and commit the elements; the ids of the records that want a run, and how many had which result."""
    ids = sorted({element["id"] for element in elements})
    now, field_map = timezone.now(), _field_map(remote_metadata.field_map_remembered)
    said = list(read_all(((action, attributes) for attributes in elements), field_map))
    with in_turn():
        records, requests = records_of(ids), Requests(SyncRecord, source=Source.WEBHOOK, now=now)
        current = _field_map(partial(remote_metadata.field_map_as_of, _fields_read_at(records)))
        if current is not field_map:  # once a day, where EspoCRM's fields were read anew
            field_map, said = current, list(read_all(((action, attributes) for attributes in elements), current))
        rows: list[dict[str, Any]] = []
        for attributes, element in zip(elements, said, strict=True):
            record = records[attributes["id"]]
            judged = judged_as(element, attributes, field_map, record)
            judged = request_for(requests, record, judged, action=action, cause=f"webhook {action}")
            rows.append(inbox_row(record.espo_id, record.pk, attributes, RESULTS[judged], now))
        results = write_delivery(requests, rows, webhook_id=webhook_id, kind="", action=action, now=now)
    count("webhook_deliveries", action=action, result="accepted")
    return requests.record_ids, results


def write_delivery(
    requests: Requests, rows: Sequence[Mapping[str, Any]], *, webhook_id: str, kind: str, action: str, now: datetime
) -> dict[str, int]:
    """Within the transaction: what a delivery asks for, and its elements; how many had which result."""
    requests.write()
    of_all = {"delivery": uuid.uuid4(), "webhook_id": webhook_id, "kind": kind, "action": action, "received_at": now}
    insert_many(InboxElement, of_all, rows)
    return dict(Tally(str(row["result"]) for row in rows))


def read_all(elements: Iterable[tuple[str, Mapping[str, Any]]], field_map: FieldMap | None) -> Iterator[Element]:
    """Action and attributes of each, read within a bound for all of them: beyond it an element counts as a change."""
    points = 0
    for action, attributes in elements:
        points += sum(part.count_in(attributes) for part in PARTS)
        yield read_element(action if points <= MAX_POINTS else "create", attributes, field_map)


def inbox_row(
    espo_id: str, record_id: int | None, attributes: Mapping[str, Any], result: Result, now: datetime
) -> dict[str, Any]:
    return {
        "record_id": record_id,
        "espo_id": espo_id,
        "attributes": attributes,
        "result": result,
        "judged_at": None if result in (Result.WAITING, Result.SEEKING) else now,
    }


def records_of(ids: list[str]) -> dict[str, SyncRecord]:
    """The rows of these ids, locked in one order; unknown ids get a row, which the run removes if EspoCRM has none."""
    found: dict[str, SyncRecord] = {record.espo_id: record for record in KNOWN_RECORDS.rows(ids)}
    missing = [espo_id for espo_id in ids if espo_id not in found]
    if missing:
        insert_alike(SyncRecord, "espo_id", missing)
        found |= {record.espo_id: record for record in KNOWN_RECORDS.rows(missing)}
    return found


def request_for(requests: Requests, record: SyncRecord, judged: Judged, *, action: str, cause: str) -> Judged:
    """Ask for a run of the record where an element is a reason for one; what it counts as.

    The state machine is told by the judgement, or merely "changed" while a run holds the record, or where it counts as
    deleted (one GET tells, see links/gone.py).
    """
    if record.requested == 0 and record.status == Status.PENDING_SYNC:
        judged = Judged.COUNTED  # never heard of: EspoCRM has to be asked, whatever the element says
    if judged in ASKING:
        plain = record.status in (Status.SYNCING, Status.DELETED_IN_ESPOCRM)
        requests.add(record, event=Event.CHANGED if plain else ASKING[judged], trigger=action, cause=cause)
    return judged


def judged_as(
    element: Element,
    attributes: Mapping[str, Any],
    field_map: FieldMap | None,
    record: SyncRecord,
    *,
    in_commit: bool = False,
) -> Judged:
    """What the element is to this record. One that nobody can judge counts, and costs neither delivery nor run."""
    try:
        seen = compared(element, attributes, field_map, record.base_espo)
        return judge(seen, known(record, lists=bool(element.lists)), in_commit=in_commit)
    except Exception as error:
        log.error("element_not_judged", extra={"record": record.pk, "at": without_values(error)})
        return Judged.WAITING if record.status == Status.SYNCING and not in_commit else Judged.COUNTED


def read_element(action: str, attributes: Mapping[str, Any], field_map: FieldMap | None) -> Element:
    """An element as it was sent; what its fields are compared with is known only with the row (see `compared`).

    One that nobody can read counts as a change: it must cost neither its delivery nor a run's ending.
    """
    if field_map is None:
        return COUNTS_IN_ANY_CASE
    if action != "update":
        return Element(action)
    try:
        return _update(attributes, field_map)
    except Exception as error:
        log.error("element_not_read", extra={"at": without_values(error)})
        return COUNTS_IN_ANY_CASE


def _update(attributes: Mapping[str, Any], field_map: FieldMap) -> Element:
    numbered = with_numbers(attributes)
    return Element(
        "update",
        has_fields=any(name in attributes for name in field_map.espo_attributes),
        lists={name: said for part in PARTS for name, said in part.judge_event(attributes).items()},
        bookkeeping={name: numbered[name] for name in BOOKKEEPING if name in numbered},
    )


def compared(
    element: Element, attributes: Mapping[str, Any], field_map: FieldMap | None, base: Mapping[str, str | None]
) -> Element:
    """The element as the judge wants it; `base` is what EspoCRM held after the last sync, by field."""
    if field_map is None or not element.has_fields:
        return element
    return replace(element, fields_are_base=field_map.same_as(attributes, base))


def _fields_read_at(records: Mapping[str, SyncRecord]) -> datetime | None:
    """What the query of `KNOWN_RECORDS` says of it beside each of its rows."""
    return next((record.__dict__["fields_read_at"] for record in records.values()), None)


def _field_map(resolved: Callable[[], FieldMap]) -> FieldMap | None:
    """None where settings and metadata contradict one another: a delivery must not be lost for that."""
    try:
        return resolved()
    except FieldMapError:
        return None


def known(record: SyncRecord, *, lists: bool = True) -> KnownRecord:
    """What is known of a record for judging an element. `lists`: of its parts too."""
    return KnownRecord(
        status=record.status,
        betnr=record.betnr,
        kind=record.kind,
        has_open_intent=any(intent.get("phase") == "sent" for intent in record.open_intents),
        espocrm_status=record.espocrm_status,
        lists={name: value for part in PARTS for name, value in part.held(record).items()} if lists else {},
        shows_syncing=settings.ESPOCRM_SHOW_SYNCING,
    )
