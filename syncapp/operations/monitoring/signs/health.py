"""Is the installation well: each part with a word, for probes, pages and `doctor`.

Invariant: looking never waits long for a part that is down. `needed`: the web process cannot do its work without it.
To extend: another part is a row of PARTS.
"""

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import redis
from django.conf import settings
from django.db import Error as DatabaseError  # InterfaceError too: a connection that is closed already
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

from syncapp.engine.dispatcher import late as dispatcher_late
from syncapp.engine.rows import database_errors, locks
from syncapp.models import Breaker, Heartbeat

NO_ROOM_BYTES = 4 * 1024 * 1024
MAKE_ROOM = "make room; webhooks are sent again by EspoCRM, and all goes on by itself"
HALF_AN_HOUR = timedelta(minutes=30)


@dataclass(frozen=True, slots=True)
class ComponentHealth:
    """One part: its name, whether it is well, a word on it, and whether the web process needs it."""

    name: str
    ok: bool
    detail: str
    needed: bool = False


def database() -> ComponentHealth:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError as error:
        return ComponentHealth("database", False, type(error).__name__, needed=True)
    return ComponentHealth("database", True, connection.vendor, needed=True)


def migrations() -> ComponentHealth:
    try:
        executor = MigrationExecutor(connection)
        missing = executor.migration_plan(executor.loader.graph.leaf_nodes())
    except DatabaseError as error:
        return ComponentHealth("migrations", False, type(error).__name__, needed=True)
    return ComponentHealth(
        "migrations", not missing, f"{len(missing)} missing" if missing else "all applied", needed=True
    )


def database_file() -> Path | None:
    """The database, if it is a file of ours."""
    return Path(connection.settings_dict["NAME"]) if connection.vendor == "sqlite" else None


def database_folder() -> Path | None:
    """Where it lies then."""
    file = database_file()
    return None if file is None else file.parent


def storage() -> ComponentHealth:
    """Room for what has to be stored: looked at for a file of ours; of a server, what it refused in the last minute."""
    folder = database_folder()
    if folder is not None and folder.exists() and shutil.disk_usage(folder).free < NO_ROOM_BYTES:
        return ComponentHealth("storage", False, f"the database's folder is full: {MAKE_ROOM}", needed=True)
    if database_errors.was_full():
        return ComponentHealth("storage", False, f"the database's disk is full: {MAKE_ROOM}", needed=True)
    return ComponentHealth("storage", True, "there is room", needed=True)


def redis_server() -> ComponentHealth:
    try:
        locks.connection(settings.REDIS_URL).ping()
    except redis.RedisError as error:
        return ComponentHealth("redis", False, f"{type(error).__name__}: webhooks are kept and synced later")
    return ComponentHealth("redis", True, "answers")


def dispatcher() -> ComponentHealth:
    return _beat("dispatcher", dispatcher_late())


def sweep() -> ComponentHealth:
    return _beat("sweep", sweep_late())


def sweep_late() -> timedelta:
    """So long after its last one the sweep does not come any more."""
    return max(HALF_AN_HOUR, timedelta(minutes=2 * settings.SYNC_SWEEP_MINUTES))


def _beat(name: str, late: timedelta) -> ComponentHealth:
    try:
        at = Heartbeat.last(name)
    except DatabaseError as error:
        return ComponentHealth(name, False, type(error).__name__)
    if at is None:
        return ComponentHealth(name, False, "has not run yet")
    age = timezone.now() - at
    # One from the future was left before the clock was set back, and whoever lives has a new one soon.
    return ComponentHealth(name, abs(age) < late, f"{int(age.total_seconds())} s ago")


def remote_systems() -> ComponentHealth:
    try:
        down = sorted(Breaker.objects.filter(open_until__isnull=False).values_list("system", flat=True))
    except DatabaseError as error:
        return ComponentHealth("remote_systems", False, type(error).__name__)
    return ComponentHealth("remote_systems", not down, f"not called: {', '.join(down)}" if down else "both are called")


PARTS: tuple[Callable[[], ComponentHealth], ...] = (
    database,
    migrations,
    storage,
    redis_server,
    dispatcher,
    sweep,
    remote_systems,
)


def parts() -> tuple[ComponentHealth, ...]:
    """Every part as it is now."""
    return tuple(part() for part in PARTS)
