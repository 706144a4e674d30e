"""Upkeep of the database that it does not do by itself.

Invariant: costs nothing where nothing has changed, and never waits for long. PostgreSQL's autovacuum needs no help.
"""

import logging

from django.db import OperationalError, connection

log = logging.getLogger("advosync.sweep")

# As SQLite's own documents advise for connections that stay open: look at all tables, at most so many rows each.
ROWS_LOOKED_AT = 1000
ALL_TABLES = 0x10002


def gather_statistics() -> None:
    """How values are spread, from which SQLite chooses among indexes. Where somebody else writes, the next time."""
    if connection.vendor != "sqlite":
        return
    try:
        with connection.cursor() as cursor:
            cursor.execute(f"PRAGMA analysis_limit={ROWS_LOOKED_AT}")
            cursor.execute(f"PRAGMA optimize={ALL_TABLES}")
    except OperationalError:
        # It reads before it writes, and SQLite refuses that at once when another one has written in between.
        log.info("statistics_put_off")
