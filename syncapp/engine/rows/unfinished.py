"""Leases of this process's runs whose ending could not be stored, since the database was away or full.

The process lives and shows it, so that nobody else would end such a lease before its time: five minutes in which the
record waits. Invariant: only the very lease that the run held is ended, by fence and token, and only where a take-over
costs no person's time (`taken_early`). To extend: whoever runs syncs for long calls `end_all` with each sign of life.
"""

from collections import deque
from typing import Any

from django.db.models.functions import Now

from syncapp.core.states import Status
from syncapp.engine.rows.lease import Lease

_left: "deque[Lease[Any]]" = deque()


def leave(lease: "Lease[Any]") -> None:
    """This run has ended and could not say so."""
    _left.append(lease)


def end_all() -> "list[Lease[Any]]":
    """End them now that the database may be back; those that ended. Raises its error where it is not: they are kept."""
    ended = []
    while _left:
        lease = _left[0]
        held = lease.model._default_manager.filter(
            pk=lease.record_id, fence=lease.fence, lease_token=lease.token, status=Status.SYNCING
        )
        if held.filter(lease.model.taken_early).update(lease_expires=Now()):
            ended.append(lease)
        _left.popleft()
    return ended
