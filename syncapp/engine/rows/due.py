"""Which records are due, as one condition for the acquire, the dispatcher and the pages.

Invariant: kinds that wait for a person are never due; a record set aside under the present mode is not due either,
nor is one that somebody holds (paused, ignored).
"""

from datetime import timedelta
from typing import TypeVar

from django.conf import settings
from django.db.models import F, Q, QuerySet
from django.db.models.functions import Coalesce, Now

from syncapp.core.faults.errors import WAITS_FOR_CHANGE, WAITS_FOR_PERSON
from syncapp.core.states import AT_REST, AT_WORK, DELETED, WAITING, Status
from syncapp.engine.control import current_epoch
from syncapp.models import Control, LeasedRow, Mode

R = TypeVar("R", bound=LeasedRow)

NOT_AT_REST = tuple(status for status in Status if status not in AT_REST)


def due_now(control: Control) -> Q:
    """Due at once: what the dispatcher enqueues. Times are compared by the database's clock."""
    return _due_now(current_epoch(control))


def due_oldest_first(model: type[R], control: Control) -> "QuerySet[R]":
    """The rows that are due at once. No index gives this order, which is as well: a database that walks along one
    to find the few that are due reads the whole table."""
    return model._default_manager.filter(due_now(control)).order_by(Coalesce("dirty_since", Now()), "pk")


def unsynced(control: Control) -> Q:
    """Changes that ought to go by themselves: neither failed, nor held, nor set aside until the mode is another."""
    return Q(dirty_since__isnull=False, status__in=AT_WORK, hold="") & ~set_aside(control)


def set_aside(control: Control) -> Q:
    """Planned only: nothing of it can be written in the present mode.

    In shadow, in a pause and in a pilot also what was set aside under the switches before: that they have changed is no
    reason why it could be written now, and what can be is due all the same.
    """
    if control.mode == Mode.LIVE and not settings.SYNC_ONLY:
        return _set_aside(current_epoch(control))
    return Q(deferred=F("requested"), deferred_epoch__gt=0) & ~Q(status=Status.SYNCING)


def _set_aside(epoch: int) -> Q:
    return Q(deferred=F("requested"), deferred_epoch=epoch) & ~Q(status=Status.SYNCING)


def _due_now(epoch: int) -> Q:
    waiting = Q(status__in=WAITING)
    retry = Q(status=Status.FAILED, next_retry_at__lte=Now()) & ~Q(kind__in=WAITS_FOR_PERSON)
    abandoned = Q(status=Status.SYNCING, lease_expires__lt=Now())
    # Said by what they are not, since few have such a time and most are clean: so it is found by the time.
    late = Q(late_look_at__lte=Now()) & ~Q(status__in=NOT_AT_REST)
    return (waiting | retry | abandoned | late) & ~_set_aside(epoch) & Q(hold="")


def waits_for_person() -> Q:
    """Failed, and only a person can settle it: no run begins by itself, or because something has changed."""
    return Q(status=Status.FAILED, kind__in=WAITS_FOR_PERSON)


def due_for_recheck() -> Q:
    """Due because nobody has looked for a while: clean ones and those that were refused."""
    long_ago, never = Q(last_check__lt=Now() - timedelta(hours=settings.SYNC_RECHECK_HOURS)), Q(last_check__isnull=True)
    quiet = Q(status__in=AT_REST)
    refused = Q(status=Status.FAILED, kind__in=WAITS_FOR_CHANGE)
    # Written out, so that each part is a piece of the index on status and last look.
    return ((quiet & long_ago) | (quiet & never) | (refused & long_ago) | (refused & never)) & Q(hold="")


def free() -> Q:
    """Nobody holds it."""
    return Q(lease_token="") | Q(lease_expires__lt=Now())


def runnable(epoch: int, *, forced: bool) -> Q:
    """What a run may acquire; `forced` adds everything but what is gone, held or waits for a person.

    epoch: what set-aside records are compared with (control.current_epoch).
    """
    condition = _due_now(epoch) | due_for_recheck()
    if forced:
        gone = Q(status__in=[Status.SYNCING, *DELETED])
        condition |= ~gone & ~waits_for_person() & Q(hold="")
    return free() & condition
