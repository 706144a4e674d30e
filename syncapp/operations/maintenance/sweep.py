"""The sweep: every quarter of an hour, what webhooks have lost and what time brings.

Invariant: it finds and enqueues, it carries nothing itself; two at once, or one that dies half-way, do no harm, since a
finding is committed before the mark moves, and to enqueue twice costs nothing. Its own limit binds only its own picks.
To extend: what is done for a kind of rows is a step of its entity (`Entity.sweep_steps`), what is done for the
installation one of OWN_STEPS; what it counts appears in the sweep's row.
"""

import logging

from django.utils import timezone
from rq.timeouts import BaseTimeoutException

from syncapp.engine import breaker, control, registry
from syncapp.engine.dispatcher import beat
from syncapp.engine.registry import SweepStep
from syncapp.engine.runs import failures
from syncapp.models import Mode, Sweep
from syncapp.operations import alerts
from syncapp.operations.maintenance import record_counts, retention, upkeep
from syncapp.operations.monitoring import quiet
from syncapp.operations.monitoring.signs import regular_jobs
from syncapp.words import sentences
from syncapp.words.monitoring.jobs import step_code

log = logging.getLogger("advosync.sweep")


def sweep() -> Sweep:
    """One sweep; its row. A step that fails is named in the row and does not keep the others from running."""
    row = Sweep.objects.create(started_at=timezone.now())
    counts: dict[str, int] = {}
    fault: dict[str, str] = {}
    for entity, step in steps():
        if not _may_take(step, entity):
            continue
        try:
            counts[step.name] = step.run()
            regular_jobs.went_well(step_code(step.name))
        except BaseTimeoutException:
            raise
        except Exception as error:
            regular_jobs.went_wrong(step_code(step.name), error)
            failed = failures.classify(error)
            fault[step.name] = sentences.sentence(failed.fault)
            log.warning("sweep_step_failed", extra={"step": step.name, "kind": failed.kind, "at": failed.traceback})
    Sweep.objects.filter(pk=row.pk).update(finished_at=timezone.now(), counts=counts, fault=fault)
    beat("sweep", **counts)
    row.refresh_from_db()
    return row


def steps() -> list[tuple[registry.Entity | None, SweepStep]]:
    """Those of every kind of rows that is in use, then the installation's own, which belong to none."""
    of_rows = [(entity, step) for entity in registry.entities() for step in entity.sweep_steps]
    return [*of_rows, *((None, step) for step in OWN_STEPS)]


def _may_take(step: SweepStep, entity: registry.Entity | None) -> bool:
    """What asks systems does so not while paused, and not while a breaker is open: its probe belongs to a record."""
    if entity is None or not step.needs_systems:
        return True
    return control.switches().mode != Mode.PAUSED and not breaker.any_open(systems=entity.systems)


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


OWN_STEPS = (SweepStep("alerts", _watch), SweepStep("purged", _tidy))
