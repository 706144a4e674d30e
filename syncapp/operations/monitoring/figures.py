"""What happened by hour and by day, for the charts: differences of the counters that only grow.

Invariant: a look costs a few hundred short rows, however long the history; every run counts, re-checks that found
nothing included. A database that was put back shows no negative numbers.
To extend: another figure is a line of `_tally`, its chart a row of admin/pages/charts.py.
"""

from collections import Counter as Tally
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from syncapp.engine.rows.counters import LAG_BUCKETS, SYNC_BUCKETS, split
from syncapp.models import Counter, HourFigures

KEPT = timedelta(days=45)
NAMES = ("sync", "sync_conflicts", "remote_calls", "sync_duration_seconds_bucket", "sync_lag_seconds_bucket")
# outcome of a run -> the heap it is shown in
HEAPS = {
    "done": "equal",
    "left_over": "equal",
    "held": "held",
    "failed": "failed",
    "gone": "held",
    "put_back": "waiting",
    "shadow": "waiting",
    "lost_lease": "waiting",
}
Figures = dict[str, dict[str, int]]


@dataclass(frozen=True, slots=True)
class Span:
    """One bar of a chart. Seconds are None where nothing ran."""

    begin: datetime
    heaps: Mapping[str, int]
    calls: Mapping[str, int]
    conflicts: int
    median: float | None
    slow: float | None
    lag: float | None


def note() -> None:
    """Keep where the counters stand now, for this hour; of a day that is long past, its last hour stays."""
    now = timezone.now()
    HourFigures.objects.update_or_create(hour=_hour(now), defaults={"figures": standing()})
    _roll_up(before=now - KEPT)


def _roll_up(*, before: datetime) -> None:
    """The counters only grow, so a day's last hour says everything of the day: the numbers outlive the history."""
    hours = HourFigures.objects.filter(hour__lt=before).order_by("hour").values_list("hour", flat=True)
    last_of_day = {timezone.localdate(hour): hour for hour in hours}
    HourFigures.objects.filter(hour__lt=before).exclude(hour__in=last_of_day.values()).delete()


def _hour(moment: datetime) -> datetime:
    return moment.replace(minute=0, second=0, microsecond=0)


def standing() -> Figures:
    """The counters as they stand."""
    rows = Counter.objects.filter(name__in=NAMES).values_list("name", "labels", "value")
    return _tally((name, split(labels), value) for name, labels, value in rows)


def _tally(rows: Iterable[tuple[str, dict[str, str], int]]) -> Figures:
    sums: dict[str, Tally[str]] = {key: Tally() for key in ("heaps", "calls", "conflicts", "duration", "lag")}
    for name, labels, value in rows:
        if name == "sync":
            sums["heaps"][HEAPS.get(labels.get("outcome", ""), "waiting")] += value
        elif name == "remote_calls":
            sums["calls"][labels.get("system", "")] += value
        elif name == "sync_conflicts":
            sums["conflicts"]["all"] += value
        else:
            key = "duration" if name.startswith("sync_duration") else "lag"
            sums[key][labels.get("le", "+Inf")] += value
    return {key: dict(tally) for key, tally in sums.items()}


def last_day() -> list[Span]:
    """Twenty-four hours, the present one last."""
    now = timezone.now()
    begins = [_hour(now) - timedelta(hours=back) for back in range(23, -1, -1)]
    return _spans(begins, timedelta(hours=1))


def last_month() -> list[Span]:
    """Thirty days of the installation's zone, today last."""
    midnight = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
    begins = [midnight - timedelta(days=back) for back in range(29, -1, -1)]
    return _spans(begins, timedelta(days=1))


def _spans(begins: Sequence[datetime], length: timedelta) -> list[Span]:
    rows = list(HourFigures.objects.filter(hour__gte=begins[0] - KEPT).order_by("hour").values_list("hour", "figures"))
    rows.append((timezone.now(), standing()))
    spans = []
    for begin in begins:
        before = _standing_before(rows, begin)
        after = _standing_before(rows, begin + length)
        spans.append(_span(begin, before, after))
    return spans


def _standing_before(rows: Sequence[tuple[datetime, Figures]], moment: datetime) -> Figures | None:
    """Where the counters stood at a moment: the last look before it; None where nobody had looked yet."""
    return next((figures for hour, figures in reversed(rows) if hour < moment), None)


def _span(begin: datetime, before: Figures | None, after: Figures | None) -> Span:
    # Before the first look of all, the counters stood at zero.
    grown = _difference(before or {}, after) if after is not None else _tally(())
    return Span(
        begin=begin,
        heaps=grown["heaps"],
        calls=grown["calls"],
        conflicts=grown["conflicts"].get("all", 0),
        median=quantile(grown["duration"], SYNC_BUCKETS, 0.5),
        slow=quantile(grown["duration"], SYNC_BUCKETS, 0.95),
        lag=quantile(grown["lag"], LAG_BUCKETS, 0.95),
    )


def _difference(before: Figures, after: Figures) -> Figures:
    return {
        key: {name: max(0, number - before.get(key, {}).get(name, 0)) for name, number in tally.items()}
        for key, tally in after.items()
    }


def quantile(buckets: Mapping[str, int], bounds: Sequence[float], share: float) -> float | None:
    """The value below which this share of the observations lies, even within its bucket; None without any."""
    total = sum(buckets.values())
    if not total:
        return None
    wanted, seen, lower = share * total, 0, 0.0
    for bound in bounds:
        number = buckets.get(str(bound), 0)
        if number and seen + number >= wanted:
            return lower + (bound - lower) * (wanted - seen) / number
        seen, lower = seen + number, float(bound)
    return float(bounds[-1])


def totals(spans: Iterable[Span]) -> dict[str, Any]:
    """The sums of a series, for the words beside a chart."""
    heaps: Tally[str] = Tally()
    calls: Tally[str] = Tally()
    conflicts = 0
    for span in spans:
        heaps.update(span.heaps)
        calls.update(span.calls)
        conflicts += span.conflicts
    return {"heaps": dict(heaps), "calls": dict(calls), "conflicts": conflicts, "runs": sum(heaps.values())}
