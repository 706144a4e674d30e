"""Several records in one job: up to `SYNC_PARALLEL` at a time, each under its own lock and lease.

Invariant: one record's trouble never touches another's; a pause or an open breaker ends the batch after the records
that are under way.
"""

import logging
from collections import Counter
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor

from django.conf import settings
from django.db import close_old_connections, connection

from syncapp.clients.espocrm import EspoRecord
from syncapp.services.sync_record import Ended, sync_record

log = logging.getLogger("advosync.sync")

ENDS_BATCH = frozenset({Ended.PAUSED, Ended.BREAKER_OPEN})


def sync_batch(
    *,
    record_ids: Sequence[int],
    source: str = "",
    forced: bool = False,
    rows: Mapping[int, EspoRecord] | None = None,
) -> dict[str, int]:
    """Run for each record; {how it ended: how many}. What a batch leaves undone stays due in the database.

    rows: by record id, a list row that stands for EspoCRM's record until something is to be written.
    """
    known = rows or {}
    if len(record_ids) == 1:
        row = known.get(record_ids[0])
        return {sync_record(record_id=record_ids[0], source=source, forced=forced, espo_row=row).ended: 1}
    stopped = False
    ended: Counter[str] = Counter()

    def one(record_id: int) -> Ended | None:
        nonlocal stopped
        if stopped:
            return None
        close_old_connections()
        try:
            result = sync_record(record_id=record_id, source=source, forced=forced, espo_row=known.get(record_id))
        except Exception:
            log.exception("record_failed_outside_its_run", extra={"record": record_id})
            return None
        finally:
            connection.close()
        stopped = stopped or result.ended in ENDS_BATCH
        return result.ended

    with ThreadPoolExecutor(max_workers=max(1, settings.SYNC_PARALLEL), thread_name_prefix="sync") as pool:
        for result in pool.map(one, record_ids):
            ended[result or "left"] += 1
    return dict(ended)
