"""What happened by hour and by day, for the charts: differences of the counters that only grow.

Invariant: a look costs a few hundred short rows, however long the history; every run counts, re-checks that found
nothing included. A database that was put back shows no negative numbers.
To extend: another figure is a line of `_tally`, its chart a row of admin/pages/charts.py.
"""

from bisect import bisect_left
from collections import Counter as Tally
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q, Subquery
from django.utils import timezone

from syncapp.engine.rows.counters import LAG_BUCKETS, SYNC_BUCKETS, split
from syncapp.models import Counter, HourFigures

KEPT = timedelta(days=45)
NAMES = (
    *("sync", "sync_conflicts", "sync_errors", "remote_calls"),
    *("sync_duration_seconds_bucket", "sync_lag_seconds_bucket"),
)
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
KEYS = ("heaps", "calls", "failed_calls", "conflicts", "kinds", "duration", "lag")
Figures = dict[str, dict[str, int]]


@dataclass(frozen=True, slots=True)
class Span:
    """One bar of a chart, one line of the sheet. Seconds are None where nothing ran."""

    begin: datetime
    heaps: Mapping[str, int]
    calls: Mapping[str, int]
    conflicts: int
    median: float | None
    slow: float | None
    lag: float | None
    kinds: Mapping[str, int]  # of errors
    failed_calls: Mapping[str, int]

    @property
    def runs(self) -> int:
        return sum(self.heaps.values())


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
    sums: dict[str, Tally[str]] = {key: Tally() for key in KEYS}
    for name, labels, value in rows:
        if name == "sync":
            sums["heaps"][HEAPS.get(labels.get("outcome", ""), "waiting")] += value
        elif name == "remote_calls":
            sums["calls"][labels.get("system", "")] += value
            if not labels.get("status", "").startswith(("2", "3")):
                sums["failed_calls"][labels.get("system", "")] += value
        elif name == "sync_errors":
            sums["kinds"][labels.get("kind", "")] += value
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
    return between(begins, begins[-1] + timedelta(hours=1))


def last_month() -> list[Span]:
    """Thirty days of the installation's zone, today last."""
    midnight = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
    begins = [midnight - timedelta(days=back) for back in range(29, -1, -1)]
    return between(begins, midnight + timedelta(days=1))


def between(begins: Sequence[datetime], end: datetime) -> list[Span]:
    """What happened from each of these moments to the next, and from the last one to the end."""
    return parts_and_whole(begins, end)[0]


def parts_and_whole(begins: Sequence[datetime], end: datetime) -> tuple[list[Span], Span]:
    """The same, and all of it as one span, whose quantiles are those of the whole time."""
    rows = _looks(begins[0], end)
    hours = [hour for hour, _figures in rows]
    standings = [_standing_before(rows, hours, moment) for moment in (*begins, end)]
    parts = [_span(begin, standings[place], standings[place + 1]) for place, begin in enumerate(begins)]
    return parts, _span(begins[0], standings[0], standings[-1])


def first_hour() -> datetime | None:
    """Since when there are figures."""
    return HourFigures.objects.order_by("hour").values_list("hour", flat=True).first()


def _looks(begin: datetime, end: datetime) -> list[tuple[datetime, Figures]]:
    """The looks within a time, the last one before it, and where the counters stand now if it reaches so far."""
    before = HourFigures.objects.filter(hour__lt=begin).order_by("-hour").values("hour")[:1]
    looks = HourFigures.objects.filter(Q(hour__gte=begin) | Q(hour=Subquery(before)), hour__lt=end)
    rows = list(looks.order_by("hour").values_list("hour", "figures"))
    now = timezone.now()
    return [*rows, (now, standing())] if end > now else rows


def _standing_before(
    rows: Sequence[tuple[datetime, Figures]], hours: Sequence[datetime], moment: datetime
) -> Figures | None:
    """Where the counters stood at a moment: the last look before it; None where nobody had looked yet."""
    place = bisect_left(hours, moment)
    return rows[place - 1][1] if place else None


def _span(begin: datetime, before: Figures | None, after: Figures | None) -> Span:
    # Before the first look of all, the counters stood at zero.
    grown = _difference(before, after) if after is not None else _tally(())
    return Span(
        begin=begin,
        heaps=grown["heaps"],
        calls=grown["calls"],
        conflicts=grown["conflicts"].get("all", 0),
        median=quantile(grown["duration"], SYNC_BUCKETS, 0.5),
        slow=quantile(grown["duration"], SYNC_BUCKETS, 0.95),
        lag=quantile(grown["lag"], LAG_BUCKETS, 0.95),
        kinds=grown["kinds"],
        failed_calls=grown["failed_calls"],
    )


def _difference(before: Figures | None, after: Figures) -> Figures:
    """By how much each has grown. A figure that an earlier release did not keep has grown by nothing at first."""
    known: Figures = {key: {} for key in KEYS} if before is None else before
    return {key: _grown(known[key], after.get(key, {})) if key in known else {} for key in KEYS}


def _grown(before: Mapping[str, int], after: Mapping[str, int]) -> dict[str, int]:
    return {name: max(0, number - before.get(name, 0)) for name, number in after.items()}


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
