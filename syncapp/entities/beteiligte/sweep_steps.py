"""What every sweep does for records: finds what webhooks lost, what is due, and what nobody has looked at for long.

Invariant: a step finds and enqueues, it carries nothing itself; what it found is committed before its mark moves.
To extend: a row of SWEEP_STEPS; what it counts appears in the sweep's row under its name.
"""

from django.conf import settings
from django.db import transaction
from django.db.models import Case, F, IntegerField, Q, Value, When
from django.utils import timezone

from syncapp.core.requests import QueueName, Source
from syncapp.core.states import DELETED, WAITING, Event, Status
from syncapp.engine import control, job_queue
from syncapp.engine.registry import SweepStep
from syncapp.engine.rows.due import due_now
from syncapp.engine.rows.requests import log_change, request_sync
from syncapp.entities.beteiligte.child_events.records import discover_items
from syncapp.entities.beteiligte.links.claims import look_again_at_refused
from syncapp.entities.beteiligte.links.discovery import discover
from syncapp.entities.beteiligte.probes import confirm, recheck
from syncapp.models import Mode, SyncRecord

PRIORITY = (*WAITING, Status.FAILED)


def auto_reset() -> int:
    """A day after the retries were used up: failed, count 1, due at once."""
    now = timezone.now()
    waiting = SyncRecord.objects.filter(status=Status.PERMANENTLY_FAILED, auto_reset_at__lte=now)
    done = 0
    for record in waiting.iterator():
        changed = SyncRecord.objects.filter(
            pk=record.pk, status=Status.PERMANENTLY_FAILED, auto_reset_at=record.auto_reset_at
        ).update(status=Status.FAILED, retry_count=1, next_retry_at=now, auto_reset_at=None)
        if changed:
            log_change(record, after=Status.FAILED, event=Event.AUTO_RESET, cause="a day has passed")
            done += 1
    return done


def pick() -> int:
    """Up to SYNC_SWEEP_LIMIT: never synced first, then changed, then failed; within each the oldest first."""
    # The dispatcher enqueues what is due as well, but by age alone, and nothing while its queue is full. Here a new
    # record passes a long tail of old ones; and `manage.py sweep` by itself finds work where no dispatcher runs.
    order = Case(
        *(When(status=status, then=Value(place)) for place, status in enumerate(PRIORITY)),
        default=Value(len(PRIORITY)),
        output_field=IntegerField(),
    )
    due = SyncRecord.objects.filter(due_now(control.switches())).order_by(order, "dirty_since", "pk")
    ids = list(due.values_list("pk", flat=True)[: settings.SYNC_SWEEP_LIMIT])
    job_queue.enqueue(ids, queue_name=QueueName.SWEEP)
    return len(ids)


@transaction.atomic
def request_untold() -> int:
    """Ask for a run of each record whose run could tell nobody of a refusal or a loss: in shadow, outside a pilot,
    while EspoCRM was held; how many.

    None begins by itself after that. As soon as the switches are others than it went by, one more look lets EspoCRM
    show it, people be told, and the guard count it as of a run that may write.
    """
    switches = control.switches()
    if switches.mode != Mode.LIVE:
        return 0
    rests = Q(status__in=DELETED) | Q(status=Status.FAILED, next_retry_at__isnull=True)
    untold = SyncRecord.objects.filter(rests, deferred_epoch__gt=0, hold="")
    # In an order that no index gives: a database that walks along one reads the whole table to find none.
    since = untold.exclude(deferred_epoch=control.current_epoch(switches)).order_by(F("pk") + 0)
    ids = list(since.select_for_update().values_list("pk", flat=True)[: settings.SYNC_SWEEP_LIMIT])
    for record_id in ids:
        request_sync(
            SyncRecord,
            record_id=record_id,
            event=Event.MAY_WRITE,
            source=Source.SWEEP,
            cause="found while nothing was written",
            deferred_epoch=0,  # once, however the run ends: one that may not write either says so anew
        )
    return len(ids)


SWEEP_STEPS: tuple[SweepStep, ...] = (
    SweepStep("auto_reset", auto_reset),
    SweepStep("discovered", discover, needs_systems=True),
    SweepStep("items_discovered", discover_items, needs_systems=True),
    SweepStep("refusals_settled", look_again_at_refused),
    SweepStep("untold", request_untold),
    SweepStep("picked", pick, needs_systems=True),
    SweepStep("confirmed", confirm.enqueue_confirming, needs_systems=True),
    SweepStep("rechecked", recheck.enqueue_round, needs_systems=True),
    SweepStep("deep_checked", recheck.enqueue_deep_checks, needs_systems=True),
)
