"""The kept counts of records: how the database keeps them, how they stay short, and that they are right.

Triggers add to RecordCount within each statement that changes how a record stands, whoever sends it: a run, an act on
many, an erasure, psql. They only add rows, so no writer waits for another one.
Invariant: the sum of the rows is what a count would say, at any moment and in any transaction; `mend` proves it. To
read them costs the same after a million changes as before: PostgreSQL's file of the rows is made short again.
To extend: a column that is to be told apart is a column of RecordCount and stands in COLUMNS.
"""

import logging
from collections import Counter as Tally
from collections.abc import Mapping
from typing import Any

from django.db import OperationalError, ProgrammingError, connection, connections, transaction

from syncapp.models import RecordCount, SyncRecord

log = logging.getLogger("advosync.sweep")

COLUMNS = ("status", "kind", "hold", "cause")
# What the columns are made of: the cause is that of the fault, and none is no cause.
WRITTEN = "status, kind, hold, fault"
STANDS = {column: f"{{row}}.{column}" for column in COLUMNS} | {"cause": "COALESCE({row}.cause, '')"}
RECORDS, COUNTS = SyncRecord._meta.db_table, RecordCount._meta.db_table
AT_ONCE = 10_000
# Of PostgreSQL's file. The handful of rows fill one page of it; the rest is what deleted ones have left behind.
SWOLLEN_BYTES = 256 * 1024
# Below the second after which PostgreSQL looks for deadlocks: whoever is at work is not kept waiting for this.
LONGEST_WAIT = "300ms"
LISTED = ", ".join(COLUMNS)


def _row(which: str, number: int) -> str:
    """Adds a row for the record as it was (OLD) or is (NEW)."""
    values = ", ".join(STANDS[column].format(row=which) for column in COLUMNS)
    return f"INSERT INTO {COUNTS} ({LISTED}, number) VALUES ({values}, {number});"  # noqa: S608 (names of ours)  # nosec


OTHERWISE = " OR ".join(f"{one.format(row='OLD')} <> {one.format(row='NEW')}" for one in STANDS.values())
COUNTED = ", ".join(f"{one.format(row='r')} AS {column}" for column, one in STANDS.items())
# name: when it fires, and what it adds
TRIGGERS = {
    "record_count_ai": ("INSERT", _row("NEW", 1)),
    "record_count_au": (f"UPDATE OF {WRITTEN}", _row("OLD", -1) + _row("NEW", 1)),
    "record_count_ad": ("DELETE", _row("OLD", -1)),
}
# What the rows are wrong by: one statement, so that it looks at one moment.
DIFFERENCE = (
    f"SELECT {LISTED}, SUM(number) AS number FROM ("  # noqa: S608 (names of ours)  # nosec
    f"SELECT {LISTED}, COUNT(*) AS number FROM (SELECT {COUNTED} FROM {RECORDS} r) AS stands GROUP BY {LISTED} "
    f"UNION ALL SELECT {LISTED}, -SUM(number) FROM {COUNTS} GROUP BY {LISTED}"
    f") AS both_ways GROUP BY {LISTED} HAVING SUM(number) <> 0"
)


def uninstall(*, using: str = "default", **_signal: Any) -> None:
    """Called before every migration: SQLite rebuilds a table by renaming, and refuses that while a trigger names it."""
    database = connections[using]
    if using != "default" or RECORDS not in database.introspection.table_names():
        return
    on = f" ON {RECORDS}" if database.vendor == "postgresql" else ""
    with database.cursor() as cursor:
        for name in TRIGGERS:
            cursor.execute(f"DROP TRIGGER IF EXISTS {name}{on}")


def install(*, using: str = "default", **_signal: Any) -> None:
    """Called after every migration: the triggers anew, and the numbers as a count says."""
    if using != "default" or COUNTS not in connections[using].introspection.table_names():
        return
    with transaction.atomic(using=using), connections[using].cursor() as cursor:
        standing = _standing(cursor, vendor=connections[using].vendor)
        for name, (event, rows) in TRIGGERS.items():
            if name in standing:
                continue  # a database that was only emptied
            changed = f" WHEN ({OTHERWISE})" if event.startswith("UPDATE") else ""
            for statement in _spelled(name, event, changed, rows, vendor=connections[using].vendor):
                cursor.execute(statement)
        mend()


def _standing(cursor: Any, *, vendor: str) -> set[str]:
    """The triggers of this database."""
    sqlite = "SELECT name FROM sqlite_master WHERE type = 'trigger'"
    cursor.execute(sqlite if vendor == "sqlite" else "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal")
    return {name for (name,) in cursor.fetchall()}


def _spelled(name: str, event: str, changed: str, rows: str, *, vendor: str) -> list[str]:
    """A trigger as this database wants it."""
    when = f"CREATE TRIGGER {name} AFTER {event} ON {RECORDS} FOR EACH ROW{changed}"
    if vendor == "sqlite":
        return [f"{when} BEGIN {rows} END"]
    body = f"$body$ BEGIN {rows} RETURN NULL; END $body$"
    function = f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS {body}"
    return [function, f"{when} EXECUTE FUNCTION {name}()"]


def fold() -> None:
    """Put the rows together, so that there are as few to read as there are ways to stand."""
    if RecordCount.objects.count() > len(RecordCount.objects.sums(*COLUMNS)):
        while _fold_some():
            continue
    if connection.vendor == "postgresql":
        _shorten()


def _fold_some() -> bool:
    """Whoever holds a row adds it up and deletes it: two at once share the rows between them, and none is lost.

    Whether there may be more to put together.
    """
    sums: Tally[tuple[str, ...]] = Tally()
    with transaction.atomic():
        rows = list(RecordCount.objects.select_for_update().order_by("pk")[:AT_ONCE])
        for row in rows:
            sums[row.status, row.kind, row.hold, row.cause] += row.number
        RecordCount.objects.filter(pk__in=[row.pk for row in rows]).delete()
        RecordCount.objects.bulk_create(_summed(sums))
    return len(rows) == AT_ONCE and len(sums) < AT_ONCE


def _summed(sums: Mapping[tuple[str, ...], int]) -> list[RecordCount]:
    return [
        RecordCount(**dict(zip(COLUMNS, stands, strict=True)), number=number)
        for stands, number in sums.items()
        if number
    ]


def _shorten() -> None:
    """Begin the file anew where deleted rows have made it long: PostgreSQL reads all of it to find the few that are
    left, and cannot cut it off by itself, since the newest of them stand at its end.

    Where somebody is in the way for longer than a moment, or the right is lacking, it stays as it is until next time.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_relation_size(%s)", (COUNTS,))
        if cursor.fetchone()[0] <= SWOLLEN_BYTES:
            return
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"SET LOCAL lock_timeout = '{LONGEST_WAIT}'")
            cursor.execute(f"LOCK TABLE {COUNTS} IN ACCESS EXCLUSIVE MODE")
            sums = {tuple(stands): number for *stands, number in RecordCount.objects.sums(*COLUMNS)}
            cursor.execute(f"TRUNCATE {COUNTS}")
            RecordCount.objects.bulk_create(_summed(sums))
    except (OperationalError, ProgrammingError) as error:
        log.info("record_counts_left_long", extra={"error": type(error).__name__})


def mend() -> int:
    """Count, and add what the kept numbers are wrong by: nothing, unless somebody got round the triggers.

    How many numbers were wrong.
    """
    with connection.cursor() as cursor:
        cursor.execute(f"INSERT INTO {COUNTS} ({LISTED}, number) {DIFFERENCE}")
        wrong: int = cursor.rowcount
        return max(0, wrong)


def prove() -> int:
    """The check of every sweep; how many numbers were wrong, and are right now."""
    if wrong := mend():
        log.error("record_counts_were_wrong", extra={"numbers": wrong})
    return wrong
