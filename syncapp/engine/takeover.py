"""Taking over from a process that was killed, or from runs of our own that could not be ended: their leases end now,
not minutes later, and their rows are enqueued.

Invariant: nothing is written for anybody. The lease ends by a conditional update on fence and token, so that a process
which only slept finds it gone at its next renewal and stops, as with any lease that has run out. What a take-over would
leave to a person (`LeasedRow.taken_early`) is given its whole time.
To extend: nothing here knows what a row stands for; a further kind of row is one of the registry. Whoever runs syncs
for long calls both with each sign of life.
"""

import logging
from collections import deque
from typing import Any

from django.db.models.functions import Now

from syncapp.core.states import Status
from syncapp.engine import job_queue, registry
from syncapp.engine.rows import locks, process_signs
from syncapp.engine.rows.lease import Lease

log = logging.getLogger("advosync.sync")

# Of runs of this process whose ending could not be stored, since the database was away or full. The process lives and
# shows it, so that nobody else would end such a lease before its time.
LEFT_BEHIND: "deque[Lease[Any]]" = deque()


def take_from_the_dead() -> int:
    """End the leases of processes that have fallen silent, and have their rows taken up; how many."""
    return sum(_of_process(name) for name in process_signs.silent())


def take_from_ourselves() -> int:
    """Have the rows taken up whose runs here have ended without being able to say so; how many. Raises the database's
    error where it is still away."""
    ended = []
    while LEFT_BEHIND:  # kept where the database is still away
        lease = LEFT_BEHIND[0]
        rows = lease.model._default_manager.filter(lease.model.taken_early, status=Status.SYNCING)
        mine = rows.filter(pk=lease.record_id, fence=lease.fence, lease_token=lease.token)
        if mine.update(lease_expires=Now()):
            ended.append(lease)
        LEFT_BEHIND.popleft()
    for entity in registry.entities():
        ids = [lease.record_id for lease in ended if lease.model is entity.model]
        job_queue.enqueue(ids, queue_name=entity.queue, job=entity.job)
    if ended:
        log.warning("taken_from_unfinished_runs", extra={"records": len(ended)})
    return len(ended)


def _of_process(name: str) -> int:
    taken = left = 0
    for entity in registry.entities():
        held = entity.model._default_manager.filter(
            status=Status.SYNCING, lease_expires__gt=Now(), lease_holder__startswith=f"{name}:"
        )
        ids = []
        for row in held.filter(entity.model.taken_early):
            mine = entity.model._default_manager.filter(pk=row.pk, fence=row.fence, lease_token=row.lease_token)
            if mine.update(lease_expires=Now()) == 1:
                locks.remove(row.key)
                ids.append(row.pk)
        job_queue.enqueue(ids, queue_name=entity.queue, job=entity.job)
        taken += len(ids)
        left += held.count()
    if not left:
        process_signs.forget(name)
    if taken:
        log.warning("taken_from_silent_process", extra={"holder": name, "records": taken})
    return taken
