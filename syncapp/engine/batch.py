"""Several records in one job: up to `SYNC_PARALLEL` at a time, each under its own lock and lease.

Invariant: one record's trouble never touches another's; a pause, an open breaker, a database that is away or the end of
the process ends the batch after the records that are under way.
"""

import logging
import math
import threading
import time
from collections import Counter, deque
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context

from django.conf import settings
from django.db import close_old_connections, connection

from syncapp.engine import memory
from syncapp.engine.rows import database_errors
from syncapp.engine.runs.sync_record import Ended, Order, sync_record

log = logging.getLogger("advosync.sync")

ENDS_BATCH = frozenset({Ended.PAUSED, Ended.BREAKER_OPEN})
# Set when this process has been told to end: what is under way finishes, everything else stays due.
PROCESS_ENDS = threading.Event()


def sync_batch(orders: Sequence[Order], *, seconds: float = math.inf) -> dict[str, int]:
    """Run for each record; {how it ended: how many}; `left`: not begun, or failed outside of its run. It stays due.

    seconds: after that nothing new is begun; what is under way ends.
    """
    if not orders:
        return {}
    if len(orders) == 1:
        return {sync_record(orders[0]).ended: 1}
    batch = _Batch(orders, seconds)
    workers = min(max(1, settings.SYNC_PARALLEL), len(orders))
    ended: Counter[str] = Counter()
    with ThreadPoolExecutor(max_workers=workers, thread_name_prefix="sync") as pool:
        try:
            for future in [pool.submit(copy_context().run, batch.work) for _ in range(workers)]:
                ended += future.result()
        except BaseException:
            batch.stopped = True  # the job's time is over: what is under way finishes, nothing new is begun
            raise
    left = len(orders) - ended.total()
    return dict(ended) | ({"left": left} if left else {})


class _Batch:
    """The records of one job, handed out one by one to the threads that work on them."""

    def __init__(self, orders: Sequence[Order], seconds: float) -> None:
        self.stopped = False
        self._left = deque(orders)
        self._until = time.monotonic() + seconds

    def work(self) -> Counter[str]:
        """What one thread does: record after record, on one database connection; {how they ended: how many}."""
        ended: Counter[str] = Counter()
        try:
            for order in iter(self._take, None):
                close_old_connections()
                ended += self._one(order)
        finally:
            connection.close()
        return ended

    def _take(self) -> Order | None:
        try:
            ends = self.stopped or PROCESS_ENDS.is_set() or memory.IS_SHORT.is_set() or time.monotonic() > self._until
            return None if ends else self._left.popleft()
        except IndexError:
            return None

    def _one(self, order: Order) -> Counter[str]:
        try:
            result = sync_record(order)
        except Exception as error:
            memory.notice(error)
            if database_errors.is_away(error):
                self.stopped = True
                log.warning("database_away", extra={"record": order.record_id})
            else:
                log.exception("record_failed_outside_its_run", extra={"record": order.record_id})
            return Counter()
        self.stopped = self.stopped or result.ended in ENDS_BATCH
        return Counter([str(result.ended)])
