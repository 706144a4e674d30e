"""What an error of the database means: most of them pass without anybody's doing, and a full disk has a name.

Invariant: nothing is read from messages but what SQLite says of a full disk, where it gives no code.
"""

from django.db import InterfaceError, OperationalError, connection

# The database went away, was locked or full; the statement itself was in order.
PASSING = (OperationalError, InterfaceError)
POSTGRES_FULL = "53100"
SQLITE_FULL = ("SQLITE_FULL", "SQLITE_IOERR_WRITE", "SQLITE_IOERR_SHMSIZE", "SQLITE_IOERR_FSYNC")


def is_full(error: BaseException) -> bool:
    """Whether there was no room for what was to be written."""
    cause = error.__cause__ or error
    return getattr(cause, "sqlstate", None) == POSTGRES_FULL or getattr(cause, "sqlite_errorname", "") in SQLITE_FULL


def leave_broken_connection(error: BaseException) -> None:
    """After such an error: whatever comes next is asked on a new connection, unless a transaction is open."""
    opened = connection.connection is not None and not connection.in_atomic_block
    if isinstance(error, PASSING) and opened and not connection.is_usable():
        connection.close()


def code(error: BaseException) -> str:
    """The fault's code: `disk_full` or `database_away`."""
    return "disk_full" if is_full(error) else "database_away"
