"""Pages and selections with a thousand, ten thousand and a hundred thousand records."""

import time
from collections.abc import Callable, Iterator
from datetime import timedelta

from benchmarks.firm import Bench
from benchmarks.results import Result, repeated

SIZES = (1_000, 10_000, 100_000)
HISTORY = 3


def growth(bench: Bench) -> Iterator[Result]:
    """Time and queries of each, and how the time grows from the smallest to the largest."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    found: dict[str, list[tuple[float, int]]] = {}
    for size in SIZES:
        _fill(size)
        for name, look in _looks().items():
            with CaptureQueriesContext(connection) as queries:
                look()
            seconds, _spread = repeated(lambda look=look: _time(look), times=3)  # type: ignore[misc]
            found.setdefault(name, []).append((seconds, len(queries)))
    for name, measured in found.items():
        times = ", ".join(f"{seconds * 1000:.0f}" for seconds, _queries in measured)
        ratio = measured[-1][0] / measured[0][0]
        yield Result(f"{name}, 1,000 to 100,000 records", "flat", f"{times} ms; {measured[-1][1]} queries", ratio, None)


def _time(look: Callable[[], object]) -> float:
    begin = time.perf_counter()
    look()
    return time.perf_counter() - begin


def _fill(size: int) -> None:
    """Up to `size` records, a tenth of them failed, with three attempts each."""
    from django.utils import timezone

    from syncapp.models import Attempt, SyncRecord

    now = timezone.now()
    start = SyncRecord.objects.count()
    records = [
        SyncRecord(
            espo_id=f"bench{number:09d}",
            betnr=1_000_000 + number,
            name=f"Mustermann {number}",
            status="failed" if number % 10 == 0 else "clean",
            kind="transient" if number % 10 == 0 else "",
            requested=1,
            completed=1,
            next_retry_at=now + timedelta(hours=1) if number % 10 == 0 else None,
            last_check=now - timedelta(minutes=number % 2880),
            dirty_since=now - timedelta(minutes=number % 60) if number % 10 == 0 else None,
        )
        for number in range(start, size)
    ]
    SyncRecord.objects.bulk_create(records, batch_size=2000)
    made = SyncRecord.objects.filter(espo_id__gte=f"bench{start:09d}").values_list("pk", "espo_id")
    Attempt.objects.bulk_create(
        (
            Attempt(
                record_id=pk,
                espo_id=espo_id,
                trigger="update",
                source="webhook",
                started_at=now - timedelta(minutes=turn),
                outcome="done",
                verdict="no_change",
                duration_ms=100,
            )
            for pk, espo_id in made.iterator()
            for turn in range(HISTORY)
        ),
        batch_size=2000,
    )


def _looks() -> dict[str, Callable[[], object]]:
    from django.contrib.auth import get_user_model
    from django.test import Client

    from syncapp.models import SyncRecord
    from syncapp.services import control, metrics
    from syncapp.services.due import due_now

    people = get_user_model().objects
    person = people.filter(username="bench").first() or people.create_superuser("bench", password="bench")
    client = Client()
    client.force_login(person)

    def page(path: str) -> Callable[[], object]:
        def get() -> object:
            answer = client.get(path, headers={"Host": "127.0.0.1"})
            if answer.status_code != 200:
                raise AssertionError(f"{path}: {answer.status_code}")
            return answer

        return get

    def selection() -> object:
        return list(SyncRecord.objects.filter(due_now(control.switches())).order_by("dirty_since", "pk")[:100])

    return {
        "landing page": page("/admin/"),
        "list of records": page("/admin/syncapp/syncrecord/"),
        "list of failed records": page("/admin/syncapp/syncrecord/?status__exact=failed"),
        "what is due": selection,
        "metrics": metrics.exposition,
    }
