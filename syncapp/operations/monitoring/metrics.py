"""Metrics for Prometheus, read from the database: the same numbers whichever process is asked, and after any restart.

Invariant: a scrape costs a fixed handful of queries on small or indexed tables, never on history as a whole; labels
come from closed lists and hold no personal data. To extend: a counter is a row of COUNTERS, a histogram one of
HISTOGRAMS.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from itertools import accumulate

from django.db.models import Count, Exists, Min, OuterRef
from django.db.models.functions import Coalesce
from django.utils import timezone
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric

from syncapp.core.child_lists.shapes import CaseCode
from syncapp.core.faults.errors import KINDS
from syncapp.core.states import Event, Status
from syncapp.engine import control, job_queue, registry
from syncapp.engine.rows.counters import CALL_BUCKETS, LAG_BUCKETS, SYNC_BUCKETS, split
from syncapp.engine.rows.due import unsynced
from syncapp.models import (
    Appointment,
    Breaker,
    CalendarEmployee,
    ChildCase,
    ChildKind,
    Counter,
    Heartbeat,
    PairStatusChoice,
    RecordCount,
    StatusChange,
    SyncRecord,
)
from syncapp.operations.calendars import passes
from syncapp.remotes.registry import google_calendar_in_use

DAY = timedelta(days=1)
# name in the database -> (name shown, help, labels)
COUNTERS: dict[str, tuple[str, str, tuple[str, ...]]] = {
    "sync": ("sync", "Runs by how they ended", ("outcome", "verdict", "trigger")),
    "sync_errors": ("sync_errors", "Failed runs by kind of error", ("kind",)),
    "sync_retries": ("sync_retries", "Failed attempts that were counted", ()),
    "sync_conflicts": ("sync_conflicts", "Fields that changed on both sides", ()),
    "remote_calls": ("remote_calls", "Calls to the remote systems", ("system", "method", "status")),
    "proxy_calls": ("proxy_calls", "Calls of other programs by what came of them", ("key", "template", "outcome")),
    "webhook_deliveries": ("webhook_deliveries", "Webhook deliveries by what came of them", ("action", "result")),
}
# Shown as 0 before anything was counted: a series that begins at 60 has never increased, to Prometheus.
FROM_THE_START: dict[str, tuple[tuple[str, ...], ...]] = {
    "sync_errors": tuple((kind,) for kind in KINDS),
    "sync_retries": ((),),
    "sync_conflicts": ((),),
}
HISTOGRAMS: dict[str, tuple[str, tuple[str, ...], tuple[float, ...]]] = {
    "sync_duration_seconds": ("Duration of a run", ("action", "outcome"), SYNC_BUCKETS),
    "sync_lag_seconds": ("From a change being seen to both sides being equal", (), LAG_BUCKETS),
    "proxy_call_duration_seconds": ("Duration of a call of another program", ("outcome",), CALL_BUCKETS),
    "remote_call_duration_seconds": ("Duration of a remote call", ("system", "method"), CALL_BUCKETS),
}


class DatabaseCollector:
    """A collector as prometheus_client wants it."""

    def collect(self) -> Iterable[Metric]:
        rows: dict[str, list[tuple[dict[str, str], int]]] = defaultdict(list)
        for name, labels, value in Counter.objects.values_list("name", "labels", "value"):
            rows[name].append((split(labels), value))
        yield from _counters(rows)
        yield from _histograms(rows)
        yield from _gauges()


def _counters(rows: dict[str, list[tuple[dict[str, str], int]]]) -> Iterator[Metric]:
    for name, (shown, text, labels) in COUNTERS.items():
        family = CounterMetricFamily(shown, text, labels=labels)
        found = {tuple(values.get(label, "") for label in labels): number for values, number in rows[name]}
        for key, number in (dict.fromkeys(FROM_THE_START.get(name, ()), 0) | found).items():
            family.add_metric(list(key), number)
        yield family


def _histograms(rows: dict[str, list[tuple[dict[str, str], int]]]) -> Iterator[Metric]:
    for name, (text, labels, bounds) in HISTOGRAMS.items():
        family = HistogramMetricFamily(name, text, labels=labels)
        found: dict[tuple[str, ...], dict[str, int]] = defaultdict(dict)
        for values, number in rows[f"{name}_bucket"]:
            found[tuple(values.get(label, "") for label in labels)][values["le"]] = number
        sums = {tuple(v.get(label, "") for label in labels): n for v, n in rows[f"{name}_sum_ms"]}
        for key, buckets in sorted(found.items()):
            family.add_metric(list(key), _cumulative(buckets, bounds), sums.get(key, 0) / 1000)
        yield family


def _cumulative(buckets: dict[str, int], bounds: tuple[float, ...]) -> list[tuple[str, float]]:
    names = [*map(str, bounds), "+Inf"]
    return list(zip(names, accumulate(float(buckets.get(name, 0)) for name in names), strict=True))


def given_up(now: datetime) -> int:
    """Records that have failed for good, with those that are tried for another round, as each of them is once a day.

    Whoever counts the former alone takes the beginning of each round for the end of the trouble.
    """
    reset = StatusChange.objects.filter(record=OuterRef("pk"), event=Event.AUTO_RESET, at__gt=now - DAY)
    again = SyncRecord.objects.filter(Exists(reset), status__in=[Status.FAILED, Status.SYNCING], hold="").count()
    return RecordCount.objects.number(status=Status.PERMANENTLY_FAILED, hold="") + again


def _gauges() -> Iterator[Metric]:
    now = timezone.now()
    yield _gauge("sync_records", "Records by status", "status", RecordCount.objects.by_status())
    yield GaugeMetricFamily(
        "sync_given_up", "Records that failed for good, with those tried for another round", value=given_up(now)
    )
    oldest = SyncRecord.objects.filter(unsynced(control.switches())).aggregate(at=Min("dirty_since"))["at"]
    age = max(0.0, (now - oldest).total_seconds()) if oldest else 0
    yield GaugeMetricFamily("sync_oldest_unsynced_seconds", "How long the oldest change waits", value=age)
    yield _cases()
    if google_calendar_in_use():
        yield from _calendars()
    yield from _parts()


def _gauge(name: str, text: str, label: str, numbers: Mapping[str, float]) -> Metric:
    """By one label: a number for each of its values."""
    gauge = GaugeMetricFamily(name, text, labels=[label])
    for value, number in numbers.items():
        gauge.add_metric([value], number)
    return gauge


def _cases() -> Metric:
    """Every list and reason, also those of which there is none: what was never seen cannot be seen to grow."""
    rows = ChildCase.objects.filter(closed_at=None, done_at=None).order_by().values_list("kind", "code")
    found = {(kind, code): number for kind, code, number in rows.annotate(Count("pk"))}
    cases = GaugeMetricFamily(
        "sync_cases", "Open tasks and questions about addresses and bank accounts", labels=["list", "reason"]
    )
    for kind in ChildKind:
        for code in CaseCode:
            cases.add_metric([kind.value, code.value], found.get((kind.value, code.value), 0))
    return cases


def _calendars() -> Iterator[Metric]:
    """Only where calendars are synced."""
    by_status = dict(CalendarEmployee.objects.order_by().values_list("status").annotate(Count("pk")))
    yield _gauge("calendars", "Calendars by status", "status", {one.value: by_status.get(one, 0) for one in Status})
    found = dict(Appointment.objects.order_by().values_list("status").annotate(Count("pk")))
    numbers = {word: found.get(word, 0) for word in PairStatusChoice.values}
    yield _gauge("calendar_appointments", "Appointments by status", "status", numbers)
    for name, text, calendars in (
        ("calendars_stopped", "Calendars that wait for a person", passes.stopped()),
        ("calendars_given_up", "Calendars that have failed for good", passes.given_up()),
    ):
        yield GaugeMetricFamily(name, text, value=calendars.count())
    looked = passes.going_on().aggregate(at=Min(Coalesce("last_check", "created_at")))["at"]
    age = max(0.0, (timezone.now() - looked).total_seconds()) if looked else 0
    yield GaugeMetricFamily("calendar_oldest_pass_seconds", "How long ago the pass was that is longest ago", value=age)
    full = float(passes.creates_stopped_until() is not None)
    yield GaugeMetricFamily("calendar_creates_stopped", "1 while Google takes no new appointments", value=full)


def _parts() -> Iterator[Metric]:
    open_systems = set(Breaker.objects.filter(open_until__isnull=False).values_list("system", flat=True))
    breakers = {system.value: float(system in open_systems) for system in registry.systems_in_use()}
    yield _gauge("breaker_open", "1 while a system is not called", "system", breakers)
    swept = Heartbeat.last("sweep")
    stamp = swept.timestamp() if swept else 0
    yield GaugeMetricFamily("sweep_last_run_timestamp_seconds", "When the last sweep ended", value=stamp)
    known = {name: number for name, number in job_queue.all_waiting().items() if number is not None}
    yield _gauge("queue_length", "Jobs that wait", "queue", known)


def exposition() -> bytes:
    """The whole page in Prometheus text format."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(DatabaseCollector())
    return generate_latest(registry)
