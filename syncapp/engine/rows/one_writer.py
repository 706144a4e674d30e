"""Writers of SQLite one after the other, in the order in which they came.

SQLite lets one write at a time and has the others ask again, at longer and longer intervals: who has waited longest
asks most seldom, and under a crowd of webhooks one of a hundred waits a hundred times as long as the others. A lock of
the operating system, which the kernel hands on, lets them queue. It is held beside the database's own lock, which alone
keeps the data safe.
Invariant: never taken within a transaction, so nobody waits here with SQLite's lock in hand; nothing on PostgreSQL.
To extend: a crowd of writers that somebody waits for enters through `in_turn`.
"""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection, transaction


@contextmanager
def in_turn() -> Iterator[None]:
    """A transaction that waits for its turn where the database knows no turns."""
    database: Any = connection
    if database.vendor != "sqlite" or database.in_atomic_block or database.is_in_memory_db():
        with transaction.atomic():
            yield
        return
    with open(f"{connection.settings_dict['NAME']}.queue", "ab") as queue:
        fcntl.flock(queue, fcntl.LOCK_EX)  # let go by closing, also of a process that dies
        with transaction.atomic():
            yield
