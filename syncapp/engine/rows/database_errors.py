"""What an error of the database means: most of them pass without anybody's doing, and a full disk has a name.

Invariant: codes decide, never messages. That there was no room cannot be written to the database: Redis keeps it for
a while, for the probes and pages of the other processes.
"""

from contextlib import suppress

import redis
from django.conf import settings
from django.db import InterfaceError, OperationalError, connection

from syncapp.engine.rows import locks

# The database went away, was locked or full; the statement itself was in order.
PASSING = (OperationalError, InterfaceError)
POSTGRES_FULL = "53100"
SQLITE_FULL = ("SQLITE_FULL", "SQLITE_IOERR_WRITE", "SQLITE_IOERR_SHMSIZE", "SQLITE_IOERR_FSYNC")

NOTE = "advosync:disk_full"
NOTED_SECONDS = 60


def leave_broken_connection(error: BaseException) -> None:
    """After such an error: whatever comes next is asked on a new connection, unless a transaction is open."""
    opened = connection.connection is not None and not connection.in_atomic_block
    if isinstance(error, PASSING) and opened and not connection.is_usable():
        connection.close()


def is_away(error: BaseException) -> bool:
    """Whether the database could not be reached, and still cannot be: whatever comes next would fail as well."""
    if not isinstance(error, PASSING) or connection.in_atomic_block:
        return False
    leave_broken_connection(error)
    try:
        connection.ensure_connection()
    except PASSING:
        return True
    return False


def note_if_full(error: BaseException) -> bool:
    """Tell the others where there was no room for what was to be written; whether that was it."""
    cause = error.__cause__ or error
    full = getattr(cause, "sqlstate", None) == POSTGRES_FULL or getattr(cause, "sqlite_errorname", "") in SQLITE_FULL
    if full:
        with suppress(redis.RedisError):
            locks.connection(settings.REDIS_URL).set(NOTE, "", ex=NOTED_SECONDS)
    return full


def was_full() -> bool:
    """Whether anybody has met a full disk within the last minute, as far as Redis tells."""
    with suppress(redis.RedisError):
        return bool(locks.connection(settings.REDIS_URL).exists(NOTE))
    return False
