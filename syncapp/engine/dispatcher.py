"""The dispatcher: once a minute, enqueue what is due. It makes every lost job, lost Redis and dead worker harmless.

Invariant: it decides nothing about a record; it enqueues what the database says is due. Enqueuing twice costs nothing.
"""

from collections.abc import Callable
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models.functions import Now
from django.utils import timezone

from syncapp.engine import breaker, control, job_queue, queue_pauses, registry, set_back
from syncapp.engine.rows import locks, notices
from syncapp.engine.rows.due import due_now, due_oldest_first
from syncapp.engine.rows.prepared import Prepared
from syncapp.models import Control, Heartbeat, Mode

LIMIT = 10_000
BEAT = Prepared(lambda name: Heartbeat.objects.filter(pk=name), "name")
FIVE_MINUTES = timedelta(minutes=5)


def late() -> timedelta:
    """So long after its last sign it counts as silent: somebody is told, and its next sign begins the work anew."""
    return max(FIVE_MINUTES, timedelta(seconds=3 * settings.SYNC_DISPATCH_SECONDS))


def beat(name: str, **detail: object) -> None:
    """Show that a part is alive."""
    Heartbeat.objects.update_or_create(pk=name, defaults={"at": timezone.now(), "detail": detail})


def at_work_since() -> datetime | None:
    """Since when the dispatcher has come without a longer silence; None where it is silent now, or never came."""
    return _since(BEAT.first(name="dispatcher"))


def _since(row: Heartbeat | None) -> datetime | None:
    if row is None or timezone.now() - row.at > late() or "since" not in row.detail:
        return None
    return datetime.fromisoformat(row.detail["since"])


_watcher: Callable[[], None] | None = None


def watch_with(watcher: Callable[[], None]) -> None:
    """Have this called at every dispatch, paused or not; a second one takes the place of the first."""
    global _watcher
    _watcher = watcher


def dispatch() -> int:
    """Enqueue all that is due, oldest first; how many rows. Nothing while paused, nor of a kind of rows whose systems
    have an open breaker."""
    switches = control.switches()
    last = Heartbeat.objects.filter(pk="dispatcher").first()
    set_back.noticed(last.at if last else None)
    beat("dispatcher", since=(_since(last) or timezone.now()).isoformat())
    if _watcher is not None:
        _watcher()
    if switches.mode == Mode.PAUSED:
        return 0
    for entity in registry.entities():
        breaker.probe_those_that_are_due(entity.systems, entity.probe)
    reachable = [entity for entity in registry.entities() if not breaker.any_open(systems=entity.systems)]
    if not reachable:
        return 0
    notices.send()
    free = [entity for entity in reachable if _has_room(entity)]
    if free:
        locks.drop_orphans(_leased)
    return sum(_enqueue_due(entity, switches) for entity in free)


def _has_room(entity: registry.Entity) -> bool:
    """Whether its queue can be reached, works, and is not full of what the rounds before have enqueued."""
    if queue_pauses.is_paused(entity.queue):
        return False  # what is due stays due in the database; on the queue it would only pile up
    busy = job_queue.waiting(entity.queue)
    return busy is not None and busy <= LIMIT // job_queue.BATCH


def _enqueue_due(entity: registry.Entity, switches: Control) -> int:
    """What is due of one kind of row, and what is owed one GET (`also_asked`); how many."""
    rows = entity.model._default_manager
    ids = list(due_oldest_first(entity.model, switches).values_list("pk", flat=True)[:LIMIT])
    ids += rows.filter(entity.also_asked()).values_list("pk", flat=True)[: LIMIT - len(ids)]
    job_queue.enqueue(ids, queue_name=entity.queue, job=entity.job)
    return len(ids)


def _leased() -> set[str]:
    """The keys of all rows that a run holds now."""
    held = (entity.model._default_manager.filter(lease_expires__gt=Now()) for entity in registry.entities())
    return {row.key for rows in held for row in rows}


def due_count() -> int:
    """How many rows are due now; changes nothing, whatever the mode."""
    due = due_now(control.switches())
    return sum(entity.model._default_manager.filter(due).count() for entity in registry.entities())
