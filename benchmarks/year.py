"""What a year leaves on the disk: a firm with 20,000 records and 500 edits a day, day by day, with retention."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from benchmarks.filling import Filling
from benchmarks.firm import Bench
from benchmarks.results import Result

RECORDS = 20_000
EDITS = 500
SWEEPS = 96
DAYS = 365
MONTH = 30
# The size at the end over that when the history is first as long as it is kept.
FLAT = 1.15


def year(bench: Bench) -> Iterator[Result]:
    """Rows as runs leave them, a day at a time, each followed by a day's retention."""
    from django.conf import settings
    from django.utils import timezone

    filling = Filling()
    filling.grow(RECORDS)
    begin, sizes = timezone.now() - timedelta(days=DAYS), [_megabytes()]
    kept = settings.SYNC_HISTORY_DAYS
    for day in range(DAYS):
        _day(begin + timedelta(days=day), day)
        _retention(begin + timedelta(days=day))
        sizes.append(_megabytes())
    full = min(kept + MONTH, DAYS - MONTH)
    grown = sizes[-1] / sizes[full]
    words = ", ".join(f"{sizes[day]:.0f}" for day in (0, MONTH, full, DAYS)) + " MB"
    spans = f"at first, after {MONTH}, {full}, {DAYS} days"
    title = f"disk of a year, {RECORDS:,} records, {EDITS} edits a day: {spans}"
    yield Result(title, f"{FLAT} (flat)", words, grown, met=grown <= FLAT)


def _day(day: datetime, number: int) -> None:
    """What a day of edits leaves: the webhook and its echo, the run, its steps, the field; the sweeps beside them."""
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
    for model, rows in ((InboxElement, inbox), (Attempt, attempts), (StatusChange, steps), (Sweep, sweeps)):
        model._default_manager.bulk_create(rows)
    changes = [
        FieldChange(record_id=row.record_id, attempt_id=row.pk, side="advoware", field="titel", before="", after="Dr.")
        for row in attempts
    ]
    FieldChange.objects.bulk_create(changes)
    # Moments that the database fills in by itself.
    FieldChange.objects.filter(pk__in=[row.pk for row in changes]).update(at=day)
    StatusChange.objects.filter(pk__in=[row.pk for row in steps]).update(at=day)
    InboxElement.objects.filter(pk__in=[row.pk for row in inbox]).update(received_at=day, judged_at=day)


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


def _retention(day: datetime) -> None:
    """A day's sweeps, as the clock of that day would have it."""
    from unittest import mock

    from syncapp.operations.maintenance import retention

    with mock.patch.object(retention.timezone, "now", return_value=day):
        for _sweep in range(SWEEPS):
            if not retention.purge_due():
                break


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
