"""Pauses of one queue: its workers take no further job until somebody resumes it, or until its end has come.

Invariant: the database says what is paused; a flush of Redis resumes nothing. A job in hand is finished, none is lost.
The clock's queue cannot be paused: it carries the dispatcher, the alerts and the sweep, and with them everything else.
"""

from datetime import datetime

from django.conf import settings
from django.db import DatabaseError, connection, transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from syncapp.core.requests import QueueName
from syncapp.models import OperatorLog, QueuePause

CLOCK = QueueName.SCHEDULE


class UnknownQueue(Exception):
    """No queue of this installation, or one that cannot be paused."""


def _in_force() -> QuerySet[QueuePause]:
    return QueuePause.objects.filter(Q(until__isnull=True) | Q(until__gt=timezone.now()))


def paused() -> dict[str, QueuePause]:
    """The queues that are paused now, with who did it and why."""
    return {row.queue: row for row in _in_force().order_by("queue")}


def is_paused(queue: str) -> bool:
    """Asked before each job. Without a database none is begun: it would fail, and wait for the dispatcher then."""
    try:
        return _in_force().filter(pk=queue).exists()
    except DatabaseError:
        connection.close()  # the next look is asked on a new one
        return True


def can_be_paused(queue: str) -> bool:
    return queue in settings.QUEUE_NAMES and queue != CLOCK


@transaction.atomic
def pause(*, queue: str, by: str, reason: str, until: datetime | None = None) -> QueuePause:
    """Pause a queue, or say anew why and until when. Raises UnknownQueue."""
    if not can_be_paused(queue):
        raise UnknownQueue(queue)
    row, _created = QueuePause.objects.update_or_create(
        pk=queue, defaults={"by": by, "reason": reason, "since": timezone.now(), "until": until}
    )
    OperatorLog.objects.create(actor=by, action="queue_pause", target=queue, reason=reason)
    return row


@transaction.atomic
def resume(*, queue: str, by: str) -> bool:
    """Let its workers go on; whether it was paused."""
    was_paused = _in_force().filter(pk=queue).exists()
    QueuePause.objects.filter(pk=queue).delete()
    if was_paused:
        OperatorLog.objects.create(actor=by, action="queue_resume", target=queue)
    return was_paused
