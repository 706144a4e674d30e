"""Locks and leases, for those who look after the installation: who holds what, and how to take it away.

Invariant: a lease that is taken away expires; its holder can write nothing more, and the next run settles what it may
have written. A lock in Redis without a lease behind it only keeps others waiting, and may go at any time.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q
from django.db.models.functions import Now

from syncapp.engine.rows import locks
from syncapp.models import SyncRecord
from syncapp.operations.actions import ActionContext, ActionRefused, perform

# Of the keys of records, see SyncRecord.key.
PREFIX = SyncRecord(espo_id="").key


@dataclass(frozen=True, slots=True)
class Held:
    """One record that somebody holds. `expired`: the lease's time is over. `record_id` None: a lock in Redis alone."""

    espo_id: str
    holder: str
    since: datetime | None
    until: datetime | None
    expired: bool
    record_id: int | None = None


def held(*, espo_ids: Sequence[str] = (), expired_only: bool = False) -> list[Held]:
    """All leases, and all locks in Redis that no lease stands behind."""
    leases = SyncRecord.objects.exclude(lease_token="")
    if espo_ids:
        leases = leases.filter(espo_id__in=espo_ids)
    over = set(leases.filter(Q(lease_expires__lt=Now()) | Q(lease_expires=None)).values_list("pk", flat=True))
    rows = [
        Held(row.espo_id, row.lease_holder, row.lease_since, row.lease_expires, row.pk in over, row.pk)
        for row in leases.order_by("lease_since")
    ]
    leased = {row.espo_id for row in rows}
    names = (key.removeprefix(PREFIX) for key in locks.names() if key.startswith(PREFIX))
    alone = [Held(name, "", None, None, expired=True) for name in names if name not in leased]
    rows += [row for row in alone if not espo_ids or row.espo_id in espo_ids]
    return [row for row in rows if row.expired] if expired_only else rows


def release(rows: Sequence[Held], *, action_context: ActionContext) -> list[str]:
    """Take each away; why some could not be."""
    refused = []
    for row in rows:
        try:
            _release(row, action_context)
        except ActionRefused as why:
            refused.append(f"{row.espo_id}: {why}")
    return refused


def _release(row: Held, action_context: ActionContext) -> None:
    if row.record_id is None:
        locks.remove(f"{PREFIX}{row.espo_id}")
        return
    record = SyncRecord.objects.filter(pk=row.record_id).first()
    if record is not None:
        perform(code="release_lock", record=record, action_context=action_context)
