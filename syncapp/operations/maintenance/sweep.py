"""The sweep: every quarter of an hour, what webhooks have lost and what time brings.

Invariant: it finds and enqueues, it carries nothing itself; two at once, or one that dies half-way, do no harm, since a
finding is committed before the mark moves, and to enqueue twice costs nothing. Its own limit binds only its own picks.
To extend: a step is a function of STEPS; what it counts appears in the sweep's row.
"""

import logging
from collections.abc import Callable

from django.conf import settings
from django.db.models import Case, IntegerField, Value, When
from django.utils import timezone
from rq.timeouts import BaseTimeoutException

from syncapp.core.requests import QueueName
from syncapp.core.states import WAITING, Event, Status
from syncapp.engine import breaker, control, job_queue
from syncapp.engine.dispatcher import beat
from syncapp.engine.rows.due import due_now
from syncapp.engine.rows.requests import log_change
from syncapp.engine.runs import failures
from syncapp.entities.beteiligte.child_events.records import discover_items
from syncapp.entities.beteiligte.clients import SYSTEMS
from syncapp.entities.beteiligte.links.claims import look_again_at_refused
from syncapp.entities.beteiligte.links.discovery import discover
from syncapp.entities.beteiligte.probes import confirm, recheck
from syncapp.models import Mode, Sweep, SyncRecord
from syncapp.operations import alerts
from syncapp.operations.maintenance import record_counts, retention, upkeep
from syncapp.operations.monitoring import quiet
from syncapp.operations.monitoring.signs import regular_jobs
from syncapp.words import sentences

log = logging.getLogger("advosync.sweep")

PRIORITY = (*WAITING, Status.FAILED)


def sweep() -> Sweep:
    """One sweep; its row. A step that fails is named in the row and does not keep the others from running."""
    row = Sweep.objects.create(started_at=timezone.now())
    counts: dict[str, int] = {}
    fault: dict[str, str] = {}
    for name, step in STEPS:
        if name in NEEDS_SYSTEMS and not _may_ask():
            continue
        try:
            counts[name] = step()
            regular_jobs.went_well(f"sweep.{name}")
        except BaseTimeoutException:
            raise
        except Exception as error:
            regular_jobs.went_wrong(f"sweep.{name}", error)
            failed = failures.classify(error)
            fault[name] = sentences.sentence(failed.fault)
            log.warning("sweep_step_failed", extra={"step": name, "kind": failed.kind, "at": failed.traceback})
    Sweep.objects.filter(pk=row.pk).update(finished_at=timezone.now(), counts=counts, fault=fault)
    beat("sweep", **counts)
    row.refresh_from_db()
    return row


def _may_ask() -> bool:
    """Not while paused, and not while a breaker is open: its probe belongs to a record."""
    paused = control.switches().mode == Mode.PAUSED
    return not paused and not breaker.any_open(systems=SYSTEMS)


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
    """Up to the limit: never synced first, then changed, then failed; within each the oldest first."""
    order = Case(
        *(When(status=status, then=Value(place)) for place, status in enumerate(PRIORITY)),
        default=Value(len(PRIORITY)),
        output_field=IntegerField(),
    )
    due = SyncRecord.objects.filter(due_now(control.switches())).order_by(order, "dirty_since", "pk")
    ids = list(due.values_list("pk", flat=True)[: settings.SYNC_SWEEP_LIMIT])
    job_queue.enqueue(ids, queue_name=QueueName.SWEEP)
    return len(ids)


def _watch() -> int:
    """Alerts, the digest, and the sign of life for a watcher outside; how many changes of state were told."""
    alerts.evaluate()
    alerts.ping_dead_man()
    alerts.send_digest_if_due()
    return alerts.tell()


def _tidy() -> int:
    """Old history and ended snoozes go, statistics are gathered, kept counts proved; how many rows went."""
    purged = retention.purge_due() + quiet.clear_ended(timezone.now())
    upkeep.gather_statistics()
    record_counts.prove()
    return purged


STEPS: tuple[tuple[str, Callable[[], int]], ...] = (
    ("auto_reset", auto_reset),
    ("discovered", discover),
    ("items_discovered", discover_items),
    ("refusals_settled", look_again_at_refused),
    ("picked", pick),
    ("confirmed", confirm.enqueue_confirming),
    ("rechecked", recheck.enqueue_round),
    ("deep_checked", recheck.enqueue_deep_checks),
    ("alerts", _watch),
    ("purged", _tidy),
)
NEEDS_SYSTEMS = frozenset({"discovered", "items_discovered", "picked", "confirmed", "rechecked", "deep_checked"})
