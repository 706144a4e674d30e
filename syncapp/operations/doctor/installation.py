"""Checks of this machine: settings, database, Redis, processes, disk, switches."""

import os
import shutil
from collections.abc import Iterator
from datetime import timedelta

from django.conf import settings
from django.core import checks
from django.db import connection
from django.utils import timezone

from syncapp.core.systems import SYSTEM_NAMES
from syncapp.engine import control, dispatcher, worker_signs
from syncapp.engine.rows import locks
from syncapp.entities.beteiligte.probes import other_installation
from syncapp.models import Breaker, Heartbeat, Mode, Sweep
from syncapp.operations.doctor.evidence import Evidence
from syncapp.operations.doctor.reaching import clock_faults
from syncapp.operations.doctor.shapes import Check, Found
from syncapp.operations.monitoring.signs import health, regular_jobs
from syncapp.words import reasons
from syncapp.words.monitoring.jobs import job_name
from syncapp.words.time_format import exact, lasting

MEGABYTE = 1024 * 1024
DISK_RED, DISK_YELLOW = 200, 1000
REDIS_OLDEST = 5


def check_settings(evidence: Evidence) -> Iterator[Found]:
    for message in checks.run_checks(include_deployment_checks=not settings.DEBUG):
        if message.level >= checks.ERROR:
            yield Found("settings_error", {"message": message.msg, "hint": message.hint or ""})
        elif message.level >= checks.WARNING:
            yield Found("settings_warning", {"message": message.msg, "hint": message.hint or ""})
    if not settings.PUBLIC_URL:
        yield Found("public_url_missing")


def check_database(evidence: Evidence) -> Iterator[Found]:
    part = health.database()
    file = health.database_file()
    paths = (file.parent, file) if file is not None else ()
    refused = [path for path in paths if path.exists() and not os.access(path, os.W_OK)]
    if refused:
        yield Found("database_refused", {"path": refused[-1]})
    elif not part.ok:
        yield Found("database_away", {"error": part.detail})


def check_migrations(evidence: Evidence) -> Iterator[Found]:
    part = health.migrations()
    if not part.ok:
        yield Found("migrations_missing", {"detail": part.detail})


def check_wal(evidence: Evidence) -> Iterator[Found]:
    if connection.vendor != "sqlite":
        return
    with connection.cursor() as cursor:
        mode = str(cursor.execute("PRAGMA journal_mode").fetchone()[0])
    if mode.lower() != "wal":
        yield Found("wal_off", {"mode": mode})


def check_database_clock(evidence: Evidence) -> Iterator[Found]:
    """A failed record waits until a time by the database's clock that was set by ours. SQLite has none of its own."""
    if connection.vendor != "postgresql":
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        yield from clock_faults("PostgreSQL", cursor.fetchone()[0])


def check_pooling(evidence: Evidence) -> Iterator[Found]:
    """A pooler between gives itself away: the server process is not the one that was named when connecting."""
    if connection.vendor != "postgresql":
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        pooled = cursor.fetchone()[0] != connection.connection.info.backend_pid
    if pooled and not settings.DATABASE_TRANSACTION_POOLING:
        yield Found("pooler_unknown")
    if pooled and connection.connection.prepare_threshold is not None:
        yield Found("pooler_prepares")


def check_disk(evidence: Evidence) -> Iterator[Found]:
    for folder in {settings.VAR_DIR, health.database_folder()}:
        if folder is None or not folder.exists():
            continue
        free = shutil.disk_usage(folder).free // MEGABYTE
        if free < DISK_YELLOW:
            yield Found("disk_full" if free < DISK_RED else "disk_low", {"free": free, "path": folder})


def check_redis(evidence: Evidence) -> Iterator[Found]:
    if evidence.redis_info is None:
        yield Found("redis_away", {"error": evidence.redis_error})
        return
    version = str(evidence.redis_info.get("redis_version", ""))
    if version.split(".")[0].isdigit() and int(version.split(".")[0]) < REDIS_OLDEST:
        yield Found("redis_old", {"version": version})


def check_redis_keeping(evidence: Evidence) -> Iterator[Found]:
    info = evidence.redis_info or {}
    policy = str(info.get("maxmemory_policy", "noeviction"))
    if policy != "noeviction" and int(info.get("maxmemory", 0) or 0):
        yield Found("redis_evicts", {"policy": policy})
    if not int(info.get("aof_enabled", 1)) and not evidence.redis_option("save"):
        yield Found("redis_forgets")


def check_workers(evidence: Evidence) -> Iterator[Found]:
    workers = worker_signs.living(locks.connection(settings.REDIS_URL))
    for name in settings.QUEUE_NAMES:
        if not workers[name]:
            yield Found("no_worker", {"queue": name})


def check_scheduler(evidence: Evidence) -> Iterator[Found]:
    at = Heartbeat.last("dispatcher")
    if at is None:
        yield Found("scheduler_never")
    elif timezone.now() - at > dispatcher.late():
        yield Found("scheduler_silent", {"age": lasting(timezone.now() - at)})


def check_sweep(evidence: Evidence) -> Iterator[Found]:
    at = Heartbeat.last("sweep")
    if at is None:
        yield Found("sweep_never")
        return
    if timezone.now() - at > health.sweep_late():
        yield Found("sweep_late", {"age": lasting(timezone.now() - at)})
    row = Sweep.objects.order_by("-started_at").first()
    if row is not None and row.fault:
        yield Found("sweep_fault", {"fault": "; ".join(f"{step}: {what}" for step, what in row.fault.items())})


def check_jobs(evidence: Evidence) -> Iterator[Found]:
    for job in regular_jobs.keep_failing():
        params = {"name": job_name(job.name), "failures": job.failures, "since": exact(job.since)}
        yield Found("job_failing", {**params, "fault": regular_jobs.fault_words(job)})


def check_mode(evidence: Evidence) -> Iterator[Found]:
    switches = control.switches()
    if switches.mode == Mode.PAUSED:
        since = exact(switches.changed_at)
        yield Found("paused", {"since": since, "by": switches.by or "–", "reason": switches.reason or "–"})
    if switches.mode == Mode.SHADOW:
        yield Found("shadow")


def check_breakers(evidence: Evidence) -> Iterator[Found]:
    for row in Breaker.objects.filter(open_until__isnull=False):
        params = {"system": SYSTEM_NAMES.get(row.system, row.system), "reason": reasons.told(row.reason)}
        times = {"since": row.open_since, "until": row.open_until}
        yield Found("breaker_open", params | {name: exact(at) if at else "–" for name, at in times.items()})


def check_others(evidence: Evidence) -> Iterator[Found]:
    found = other_installation.moments(after=timezone.now() - timedelta(days=1))
    if found:
        yield Found("other_installation", {"number": len(found), "at": exact(found[-1])})


CHECKS: tuple[Check, ...] = (
    Check("settings", check_settings),
    Check("database", check_database),
    Check("migrations", check_migrations, ("database",)),
    Check("wal", check_wal, ("database",)),
    Check("database_clock", check_database_clock, ("database",)),
    Check("pooling", check_pooling, ("database",)),
    Check("disk", check_disk),
    Check("redis", check_redis),
    Check("redis_keeping", check_redis_keeping, ("redis",)),
    Check("workers", check_workers, ("redis",)),
    Check("scheduler", check_scheduler, ("migrations",)),
    Check("sweep", check_sweep, ("migrations",)),
    Check("jobs", check_jobs, ("migrations",)),
    Check("mode", check_mode, ("migrations",)),
    Check("breakers", check_breakers, ("migrations",)),
    Check("others", check_others, ("migrations",)),
)
