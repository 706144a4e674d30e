"""What a year leaves on the disk: a firm with 20,000 records and 500 edits a day, day by day, with retention."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any
from unittest import mock

from benchmarks.filling import Filling
from benchmarks.firm import Bench
from benchmarks.results import Figure

RECORDS = 20_000
EDITS = 500
SWEEPS = 96
DAYS = 365
MONTH = 30
# The size at the end over that when the history is first as long as it is kept.
FLAT = 1.15


def year(bench: Bench) -> Iterator[Figure]:
    """Rows as runs leave them, a day at a time, each followed by a day's retention."""
    from django.conf import settings
    from django.utils import timezone

    filling = Filling()
    filling.grow(RECORDS)
    begin, sizes = timezone.now() - timedelta(days=DAYS), [_megabytes()]
    kept = settings.SYNC_HISTORY_DAYS
    for number in range(DAYS):
        day = begin + timedelta(days=number)
        with mock.patch("django.utils.timezone.now", return_value=day):
            _day(day, number)
            _retention()
        _autovacuum()
        sizes.append(_megabytes())
    full = min(kept + MONTH, DAYS - MONTH)
    grown = sizes[-1] / sizes[full]
    words = ", ".join(f"{sizes[day]:.0f}" for day in (0, MONTH, full, DAYS)) + " MB"
    spans = f"at first, after {MONTH}, {full}, {DAYS} days"
    title = f"disk of a year, {RECORDS:,} records, {EDITS} edits a day: {spans}"
    yield Figure(title, f"{FLAT} (flat)", words, grown, met=grown <= FLAT)


def _day(day: datetime, number: int) -> None:
    """What a day of edits leaves: webhook and echo, judged; the run, its steps, the field; the sweeps beside them."""
    from syncapp.models import Attempt, FieldChange, InboxElement, StatusChange, Sweep, SyncRecord

    first = number * EDITS % (RECORDS - EDITS)
    records = list(SyncRecord.objects.order_by("pk").values_list("pk", "espo_id")[first : first + EDITS])
    said = {"titel": "Dr.", "vorname": "Erika", "syncStatus": "clean", "modifiedAt": day.isoformat()}
    inbox = [
        InboxElement(delivery=_uuid(), espo_id=espo_id, record_id=pk, action="update", attributes=said, result=result)
        for pk, espo_id in records
        for result in ("counted", "echo")
    ]
    attempts = [_attempt(pk, espo_id, day) for pk, espo_id in records]
    steps = [
        StatusChange(record_id=pk, before=before, after=after, event="changed", cause="webhook update")
        for pk, _espo_id in records
        for before, after in (("clean", "dirty"), ("dirty", "syncing"), ("syncing", "clean"))
    ]
    sweeps = [Sweep(started_at=day, finished_at=day, counts={"picked": 1, "rechecked": 200}) for _one in range(SWEEPS)]
    InboxElement.objects.bulk_create(inbox)
    Attempt.objects.bulk_create(attempts)
    StatusChange.objects.bulk_create(steps)
    Sweep.objects.bulk_create(sweeps)
    changes = [
        FieldChange(record_id=row.record_id, attempt_id=row.pk, side="advoware", field="titel", before="", after="Dr.")
        for row in attempts
    ]
    FieldChange.objects.bulk_create(changes)
    InboxElement.objects.filter(pk__in=[row.pk for row in inbox]).update(judged_at=day)


def _attempt(record_id: int, espo_id: str, day: datetime) -> Any:
    from syncapp.models import Attempt

    return Attempt(
        record_id=record_id,
        espo_id=espo_id,
        trigger="update",
        source="webhook",
        started_at=day,
        outcome="done",
        verdict="to_advoware",
        duration_ms=300,
        calls={"espocrm": {"GET": 1, "PATCH": 1}, "advoware": {"GET": 1, "PUT": 1}},
    )


def _uuid() -> Any:
    import uuid

    return uuid.uuid4()


def _retention() -> None:
    """A day's sweeps."""
    from syncapp.operations.maintenance.retention import purge_due

    for _sweep in range(SWEEPS):
        if not purge_due():
            break


def _autovacuum() -> None:
    """PostgreSQL's own rule for its own upkeep, with the defaults of its settings.

    It looks once a minute: 1,440 times in a day of a firm, and not once in the half second that a day takes here.
    """
    from django.db import connection

    if connection.vendor != "postgresql":
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT relname FROM pg_stat_user_tables WHERE n_dead_tup > 50 + 0.2 * n_live_tup")
        for (table,) in cursor.fetchall():
            cursor.execute(f"VACUUM ANALYZE {table}")


def _megabytes() -> float:
    from django.db import connection

    question = (
        "SELECT pg_database_size(current_database())"
        if connection.vendor == "postgresql"
        else "SELECT page_count * page_size FROM pragma_page_count, pragma_page_size"
    )
    with connection.cursor() as cursor:
        cursor.execute(question)
        return float(cursor.fetchone()[0]) / 1_000_000
