"""Several records in one job: up to `SYNC_PARALLEL` at a time, each under its own lock and lease.

Invariant: one record's trouble never touches another's; a pause, an open breaker, a database that is away or the end of
the process ends the batch after the records that are under way.
"""

import logging
import math
import threading
import time
from collections import Counter, deque
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from functools import partial
from typing import Any

from django.conf import settings
from django.db import close_old_connections, connection

from syncapp.engine import memory
from syncapp.engine.rows import database_errors
from syncapp.engine.runs.sync_record import Ended, SyncResult, sync_record

log = logging.getLogger("advosync.sync")

ENDS_BATCH = frozenset({Ended.PAUSED, Ended.BREAKER_OPEN})
# Set when this process has been told to end: what is under way finishes, everything else stays due.
PROCESS_ENDS = threading.Event()


def sync_batch(
    *,
    record_ids: Sequence[int],
    source: str = "",
    forced: bool = False,
    stand_ins: Mapping[int, Any] | None = None,
    hints: Mapping[int, Any] | None = None,
    entity_name: str = "",
    seconds: float = math.inf,
) -> dict[str, int]:
    """Run for each record; {how it ended: how many}; `left`: not begun, or failed outside of its run. It stays due.

    stand_ins: by record id, a list row that serves in place of the record until something is to be written. hints: by
    record id, as for `sync_record`, like entity_name. seconds: after that nothing new is begun; what is under way ends.
    """
    run = partial(sync_record, source=source, forced=forced, entity_name=entity_name)
    batch = _Batch(record_ids, run, {"stand_in": stand_ins or {}, "hint": hints or {}}, seconds)
    if len(record_ids) == 1:
        return {run(record_id=record_ids[0], **batch.given(record_ids[0])).ended: 1}
    workers = min(max(1, settings.SYNC_PARALLEL), len(record_ids))
    ended: Counter[str] = Counter()
    with ThreadPoolExecutor(max_workers=workers, thread_name_prefix="sync") as pool:
        try:
            for future in [pool.submit(copy_context().run, batch.work) for _ in range(workers)]:
                ended += future.result()
        except BaseException:
            batch.stopped = True  # the job's time is over: what is under way finishes, nothing new is begun
            raise
    left = len(record_ids) - ended.total()
    return dict(ended) | ({"left": left} if left else {})


class _Batch:
    """The records of one job, handed out one by one to the threads that work on them."""

    def __init__(
        self,
        record_ids: Sequence[int],
        run: Callable[..., SyncResult],
        given: Mapping[str, Mapping[int, Any]],
        seconds: float,
    ) -> None:
        self.stopped = False
        self._run, self._given = run, given
        self._left = deque(record_ids)
        self._until = time.monotonic() + seconds

    def given(self, record_id: int) -> dict[str, Any]:
        """What goes with the run of one of them only: its stand-in and its hint, where it has such."""
        return {name: by_record.get(record_id) for name, by_record in self._given.items()}

    def work(self) -> Counter[str]:
        """What one thread does: record after record, on one database connection; {how they ended: how many}."""
        ended: Counter[str] = Counter()
        try:
            for record_id in iter(self._take, None):
                close_old_connections()
                ended += self._one(record_id)
        finally:
            connection.close()
        return ended

    def _take(self) -> int | None:
        try:
            ends = self.stopped or PROCESS_ENDS.is_set() or memory.IS_SHORT.is_set() or time.monotonic() > self._until
            return None if ends else self._left.popleft()
        except IndexError:
            return None

    def _one(self, record_id: int) -> Counter[str]:
        try:
            result = self._run(record_id=record_id, **self.given(record_id))
        except Exception as error:
            memory.notice(error)
            if database_errors.is_away(error):
                self.stopped = True
                log.warning("database_away", extra={"record": record_id})
            else:
                log.exception("record_failed_outside_its_run", extra={"record": record_id})
            return Counter()
        self.stopped = self.stopped or result.ended in ENDS_BATCH
        return Counter([str(result.ended)])
