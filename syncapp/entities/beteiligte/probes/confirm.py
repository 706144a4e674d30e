"""One confirming look at what we wrote in Advoware: from then on a value that comes back is somebody's edit.

The answer to a write may be an echo, and an old form may be saved over it a minute later; so the first look after a
write takes the value from before for a conflict. Without this read that would hold until the next re-check, a day.
Invariant: a budget of its own; one GET in Advoware for each record, none in EspoCRM, and a run only where something
differs. What is proven is committed only if no run has had the record meanwhile.
"""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import F

from syncapp.core.beteiligte.field_table import FieldMap
from syncapp.core.intents import Intent, confirmed
from syncapp.core.requests import QueueName, Source
from syncapp.core.states import AT_REST, Event
from syncapp.engine import breaker, control, job_queue
from syncapp.engine.rows.lease import is_understood
from syncapp.engine.rows.requests import request_sync
from syncapp.entities.beteiligte.clients import SYSTEMS, Tools
from syncapp.entities.beteiligte.parts import PARTS
from syncapp.entities.beteiligte.probes import neutral, remote_metadata
from syncapp.entities.beteiligte.snapshot import stored_base
from syncapp.entities.beteiligte.writing.writes import base_columns, intent_columns
from syncapp.models import Mode, SyncRecord
from syncapp.remotes.advoware.beteiligte import AdvowareBeteiligter
from syncapp.remotes.http.errors import Forbidden, Invalid, NotFound, RemoteError

CONFIRM_JOB = "syncapp.jobs.confirm_writes"


def enqueue_confirming() -> int:
    """Records that we wrote in Advoware since anybody looked there, the longest waiting first; how many."""
    waiting = SyncRecord.objects.filter(unconfirmed=True, status__in=AT_REST, hold="").order_by(
        F("last_check").asc(nulls_first=True)
    )
    ids = list(waiting.values_list("pk", flat=True)[: settings.SYNC_CONFIRM_PER_SWEEP])
    job_queue.enqueue(ids, queue_name=QueueName.SWEEP, job=CONFIRM_JOB)
    return len(ids)


def confirm_writes(record_ids: Sequence[int]) -> dict[str, int]:
    """Look at each once; {what came of it: how many}. What a pause or an outage leaves undone is the next sweep's."""
    tools, found = remote_metadata.configured_tools(), Counter[str]()
    for record_id in record_ids:
        if control.switches().mode == Mode.PAUSED or breaker.any_open(systems=SYSTEMS):
            break
        record = SyncRecord.objects.filter(pk=record_id, unconfirmed=True, status__in=AT_REST, hold="").first()
        if record is not None and is_understood(record):
            found[_confirm(record, tools)] += 1
    left = len(record_ids) - found.total()
    return dict(found) | ({"left": left} if left else {})


def _confirm(record: SyncRecord, tools: Tools) -> str:
    clients = tools.clients
    try:
        advo = clients.advoware.get(record.betnr or 0)
    except (Forbidden, NotFound):
        return _ask_for_run(record)
    except RemoteError as error:
        trouble = neutral.of_one(error, record.betnr or 0, clients)
        if isinstance(trouble, Invalid):
            return _ask_for_run(record)
        neutral.count_failure(trouble, clients)
        return "unreadable"
    changes = _proven(record, advo, tools.field_map)
    if changes is None:
        return _ask_for_run(record)
    untouched = SyncRecord.objects.filter(pk=record.pk, fence=record.fence, status=record.status, lease_token="")
    with transaction.atomic():
        if not untouched.update(**changes):
            return "overtaken"
        for part in PARTS:
            part.confirmed(record)
    return "confirmed"


def _ask_for_run(record: SyncRecord) -> str:
    request_sync(
        SyncRecord,
        record_id=record.pk,
        event=Event.CHANGED,
        source=Source.SWEEP,
        cause="differs at the confirming look",
    )
    job_queue.enqueue_each([record.pk])
    return "differs"


def _proven(record: SyncRecord, advo: AdvowareBeteiligter, field_map: FieldMap) -> dict[str, Any] | None:
    """The columns of a record that Advoware shows as we left it; None where a run has to see to it."""
    settled = confirmed(
        intents=[Intent.from_json(stored) for stored in record.open_intents],
        superseded=[Intent.from_json(stored) for stored in record.superseded],
        values=field_map.read_advo(advo.raw),
        marker_now=advo.row_id,
        base=stored_base(record),
        versions=field_map.versions,
    )
    if settled is None or not all(part.as_left(record, advo) for part in PARTS):
        return None
    # What the answer hid stays open, and has been looked for: it must not be asked for at every sweep.
    return {
        **base_columns(settled.base),
        **intent_columns(settled.open),
        "row_id": advo.row_id or "",
        "unconfirmed": False,
    }
