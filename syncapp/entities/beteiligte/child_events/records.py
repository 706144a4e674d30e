"""The records of addresses and accounts that EspoCRM named without saying whose they are, or did not name at all.

Invariant: an element stays `seeking` until EspoCRM has said whose it is, or that it knows no such item; a lost job is
made good by the next sweep. The sweep asks for items that changed since, and requests a run only for a state that no
link explains and that was not seen before; its mark moves by EspoCRM's clock, never past our own, after the requests
are committed. A list that EspoCRM refuses stops that list alone.
"""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import TypeVar

from django.db import transaction
from django.utils import timezone

from syncapp.core.child_lists.fields import ChildMap
from syncapp.core.echoes import Judged
from syncapp.core.requests import QueueName, Source
from syncapp.engine import breaker, control, job_queue
from syncapp.engine.rows.inbox import ASKING, RESULTS
from syncapp.engine.rows.requests import Requests
from syncapp.entities.beteiligte.child_events.judging import is_about, judge_for, known_names, links_of_items
from syncapp.entities.beteiligte.clients import SYSTEMS, configured_clients
from syncapp.entities.beteiligte.intake import records_of, request_for
from syncapp.entities.beteiligte.links.discovery import CLOCKS_APART, OVERLAP, changed_since, since
from syncapp.entities.beteiligte.parts import AnyList, child_entities_in_use
from syncapp.entities.beteiligte.parts.child_lists.marks import STAMP, STATUS
from syncapp.entities.beteiligte.parts.child_lists.reading import OF_THIS_LIST
from syncapp.entities.beteiligte.probes import remote_metadata
from syncapp.models import InboxElement, Mode, Result, SyncRecord
from syncapp.remotes.espocrm.client import EspoEntity
from syncapp.remotes.http.errors import RemoteError

T = TypeVar("T")
MARK = "sweep.children."
MOST = 500


def find_records() -> int:
    """Look up whose the waiting elements are; how many have been settled. Nothing while paused or disturbed."""
    _close_those_of_lists_switched_off()
    if control.switches().mode == Mode.PAUSED or breaker.any_open(systems=SYSTEMS):
        return 0
    return sum(_of_each_list(_find_for))


def _of_each_list(look: Callable[[AnyList], T]) -> Iterator[T]:
    """What comes of a look at each list; what refused one of them is raised when the others have had theirs."""
    refusals: list[RemoteError] = []
    for child in child_entities_in_use():
        try:
            seen = look(child)
        except OF_THIS_LIST as refusal:
            refusals.append(refusal)
        else:
            yield seen
    if refusals:
        raise refusals[0]


def _close_those_of_lists_switched_off() -> None:
    in_use = [child.kind.value for child in child_entities_in_use()]
    ids = list(InboxElement.objects.filter(result=Result.SEEKING).exclude(kind__in=in_use).values_list("pk", flat=True))
    closed = {"result": Result.IRRELEVANT, "judged_at": timezone.now(), "attributes": {}}
    InboxElement.objects.filter(pk__in=ids).update(**closed)


def _find_for(child: AnyList) -> int:
    mine = InboxElement.objects.filter(result=Result.SEEKING, kind=child.kind).order_by("pk")
    elements = list(mine[:MOST])
    if not elements:
        return 0
    espo_ids = sorted({one.espo_id for one in elements})
    espocrm = configured_clients().espocrm.of_type(child.entity_type())
    whose = {
        row.id: child.parent_in(row.attributes) for row in espocrm.rows(espo_ids, select=("id", child.link_attribute()))
    }
    names, now = known_names(child), timezone.now()
    with transaction.atomic():
        records = records_of(sorted({parent for parent in whose.values() if parent}))
        links = links_of_items(child, espo_ids)
        requests = Requests(SyncRecord, source=Source.WEBHOOK, now=now)
        for one in InboxElement.objects.select_for_update().filter(
            pk__in=[e.pk for e in elements], result=Result.SEEKING
        ):
            record = records.get(whose.get(one.espo_id) or "")
            if record is None:
                _settle(one, None, Result.UNKNOWN, now)
                continue
            judged = judge_for(
                record, one.action, one.attributes, child=child, names=names, links=links.get(one.espo_id, ())
            )
            cause = f"webhook {child.name} {one.action}"
            judged = request_for(requests, record, judged, action=one.action, cause=cause)
            _settle(one, record, RESULTS[judged], now)
        requests.write()
    job_queue.enqueue_each(requests.record_ids)
    return len(elements)


def _settle(element: InboxElement, record: SyncRecord | None, result: Result, now: datetime) -> None:
    """Values of an item that belongs to nobody are not kept: no person's erasure would find them."""
    element.record, element.result = record, result
    element.judged_at = None if result is Result.WAITING else now
    element.attributes = element.attributes if record else {}
    element.save(update_fields=("record", "result", "judged_at", "attributes"))


# --- the sweep


def discover_items() -> int:
    """Ask EspoCRM for items changed since the last sweep, and request the runs; of how many records."""
    _close_those_of_lists_switched_off()
    found: dict[int, None] = {}
    try:
        for of_list in _of_each_list(_discover):
            found |= dict.fromkeys(of_list)
    finally:
        job_queue.enqueue(found, queue_name=QueueName.SWEEP)
    return len(found)


def _discover(child: AnyList) -> list[int]:
    _find_for(child)
    began, clients = timezone.now(), configured_clients()
    attributes = remote_metadata.child_attributes(child.entity_type(), espocrm=clients.espocrm)
    names = child.names(attributes)
    seen = remote_metadata.kept(MARK + child.name) or {}
    # A list that was never asked for has been read by the runs so far.
    asked_from = since(seen["mark"]) if seen.get("mark") else began - CLOCKS_APART
    marks = [name for name in (STATUS, STAMP) if attributes is None or name in attributes]
    select = ("id", "modifiedAt", child.link_attribute(), *names.attributes.values(), *marks)
    rows = list(clients.espocrm.of_type(child.entity_type()).iterate(where=changed_since(asked_from), select=select))
    news = [row for row in rows if seen.get("rows", {}).get(row.id) != row.attributes.get("modifiedAt")]
    found = _request(child, names, news)
    _keep_mark(child, rows, asked_from, began)
    return found


def _keep_mark(child: AnyList, rows: list[EspoEntity], asked_from: datetime, began: datetime) -> None:
    """The latest change that was seen, and which states of which items lie within the overlap of the next question.

    began: when it was asked. A stamp of a clock that was ahead must not hide what comes until then.
    """
    times = [row.modified_at for row in rows if row.modified_at is not None]
    mark = min(max(times, default=asked_from + OVERLAP), began)
    near = [row for row in rows if row.modified_at is not None and row.modified_at >= mark - OVERLAP]
    seen = {row.id: row.attributes.get("modifiedAt") for row in near}
    remote_metadata.keep(MARK + child.name, {"mark": mark.isoformat(), "rows": seen})


@transaction.atomic
def _request(child: AnyList, names: ChildMap, rows: list[EspoEntity]) -> list[int]:
    whose = {row.id: child.parent_in(row.attributes) for row in rows}
    links = links_of_items(child, whose)
    known = {link.record.espo_id for links_of_item in links.values() for link in links_of_item}
    records = records_of(sorted(known | {parent for parent in whose.values() if parent}))
    requests = Requests(SyncRecord, source=Source.SWEEP, now=timezone.now())
    for row in rows:
        mine = links.get(row.id, [])
        for record in (records[espo_id] for espo_id in is_about(whose[row.id], mine)):
            kept = child.keeps(row.attributes, names)
            judged = judge_for(record, "create", kept, child=child, names=names, links=mine)
            if judged is Judged.WAITING or judged in ASKING:
                # A run that goes on may have read the list before this change.
                cause = f"webhook {child.name} sync_check"
                request_for(requests, record, Judged.COUNTED, action="sync_check", cause=cause)
    requests.write()
    return requests.record_ids
