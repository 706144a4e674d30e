"""A write of another program to something that is synced here: its record is looked at again, as after any edit.

Invariant: what was written over the proxy is an edit in Advoware like any other; no base and no echo knows of it, so
the next run carries it to EspoCRM or merges it. To extend: a synced kind is a row of KINDS.
"""

import logging
from collections.abc import Callable, Mapping

from django.db import Error as DatabaseError

from syncapp.core.proxy.resources import Match
from syncapp.core.requests import Source, Trigger
from syncapp.engine import job_queue
from syncapp.engine.rows.requests import request_sync
from syncapp.models import SyncRecord

log = logging.getLogger("advosync.proxy")


def _beteiligter(match: Match) -> bool:
    bet_nr = int(match.ids[0]) if match.ids else None
    record_id = SyncRecord.objects.filter(betnr=bet_nr).values_list("pk", flat=True).first() if bet_nr else None
    if record_id is None or not request_sync(
        SyncRecord, record_id=record_id, trigger=Trigger.UPDATE, source=Source.PROXY, cause="written over the proxy"
    ):
        return False
    job_queue.enqueue_each([record_id])
    return True


# By the first part of the resource's template.
KINDS: Mapping[str, Callable[[Match], bool]] = {"Beteiligte": _beteiligter}


def wake(match: Match) -> bool:
    """Ask for a sync of what was written, if it is synced here; whether it was asked for.

    Lost, it is made up for by the regular look at Advoware, so it never spoils the answer to the write.
    """
    kind = KINDS.get(match.resource.segments[0])
    try:
        return kind is not None and kind(match)
    except DatabaseError as error:
        log.error("proxy_write_not_told", extra={"error": type(error).__name__})
        return False
