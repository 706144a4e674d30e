"""What a run has found that was not allowed to tell anybody: in shadow, outside a pilot, while EspoCRM was held.

Invariant: a refusal or a loss after which no run begins by itself is looked at once more as soon as the switches are
others, so that EspoCRM shows it, people are told and the guard counts it as of a run that may write.
"""

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q

from syncapp.core.requests import Source
from syncapp.core.states import DELETED, Event, Status
from syncapp.engine import control
from syncapp.engine.rows.requests import request_sync
from syncapp.models import Mode, SyncRecord


@transaction.atomic
def request_runs() -> int:
    """Ask for a run of every such record whose verdict stems from other switches than the present ones; how many.

    Called by the sweep, which picks them with all that is due.
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
