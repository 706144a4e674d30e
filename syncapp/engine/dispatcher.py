"""The dispatcher: once a minute, enqueue what is due. It makes every lost job, lost Redis and dead worker harmless.

Invariant: it decides nothing about a record; it rings for what the database says is due. Ringing twice costs nothing.
"""

from django.utils import timezone

from syncapp.engine import breaker, control, job_queue, locks, notices, registry
from syncapp.engine.due import due_now, due_oldest_first, may_be_restored
from syncapp.models import Heartbeat, Mode, SyncRecord
from syncapp.operations import alerts

LIMIT = 10_000


def beat(name: str, **detail: object) -> None:
    """Show that a part is alive."""
    Heartbeat.objects.update_or_create(pk=name, defaults={"at": timezone.now(), "detail": detail})


def dispatch() -> int:
    """Enqueue all that is due, oldest first; how many records. Nothing while paused or while a breaker is open."""
    switches = control.switches()
    beat("dispatcher")
    alerts.watch_closely()
    if switches.mode == Mode.PAUSED:
        return 0
    for entity in registry.entities():
        entity.ask_those_that_are_due()
    if breaker.any_open():
        return 0
    notices.send()
    busy = job_queue.waiting("sweep")
    if busy is None or busy > LIMIT // job_queue.BATCH:
        return 0
    locks.drop_orphans()
    ids = list(due_oldest_first(SyncRecord, switches).values_list("pk", flat=True)[:LIMIT])
    ids += SyncRecord.objects.filter(may_be_restored()).values_list("pk", flat=True)[: LIMIT - len(ids)]
    job_queue.enqueue(ids, queue_name="sweep")
    return len(ids)


def due_count() -> int:
    """How many records are due now; changes nothing, whatever the mode."""
    return SyncRecord.objects.filter(due_now(control.switches())).count()
