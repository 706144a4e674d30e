"""Which days somebody has chosen, and how fine the lines are: hours, days, or months.

Invariant: pure but for today's date; days are those of the installation's zone, both ends included, and none lies in
the future. What cannot be understood is this month.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from django.utils import formats, timezone

DAY = timedelta(days=1)
HOURLY, DAILY = 2, 92  # so many days at most have lines of an hour, of a day
# Hours are kept for six weeks; of older days the last one alone.
HOURS_KEPT = timedelta(days=40)
LONGEST = 366 * 5
EARLIEST = date(2000, 1, 1)


@dataclass(frozen=True, slots=True)
class ChosenDays:
    """From the first to the last, both included. `step`: hour, day or month."""

    first: date
    last: date
    step: str

    @property
    def begin(self) -> datetime:
        return _midnight(self.first)

    @property
    def end(self) -> datetime:
        return _midnight(self.last + DAY)

    @property
    def begins(self) -> list[datetime]:
        """Where each line begins, the oldest first; none in the future."""
        return list(self._begins())

    def _begins(self) -> Iterator[datetime]:
        if self.step == "hour":
            moment, end = self.begin.astimezone(UTC), min(self.end, timezone.now())
            while moment < end:
                yield moment
                moment += timedelta(hours=1)
        elif self.step == "day":
            for number in range((self.last - self.first).days + 1):
                yield _midnight(self.first + number * DAY)
        else:
            day = self.first
            while day <= self.last:
                yield _midnight(day)
                day = next_month(day)

    def named(self, begin: datetime) -> str:
        """What the line that begins here is called."""
        local = timezone.localtime(begin)
        if self.step == "hour":
            return f"{formats.date_format(local, 'SHORT_DATE_FORMAT')}, {local:%H} h"
        return formats.date_format(local, "SHORT_DATE_FORMAT" if self.step == "day" else "YEAR_MONTH_FORMAT")

    @property
    def whole_month(self) -> bool:
        return self.first.day == 1 and self.last in (next_month(self.first) - DAY, timezone.localdate())

    @property
    def name(self) -> str:
        """“November 2026”, or from one day to the other."""
        if self.whole_month and self.last.month == self.first.month and self.last.year == self.first.year:
            return formats.date_format(self.first, "YEAR_MONTH_FORMAT")
        first, last = (formats.date_format(day, "SHORT_DATE_FORMAT") for day in (self.first, self.last))
        return first if first == last else f"{first} – {last}"


def chosen_days(query: Mapping[str, str]) -> ChosenDays:
    """`month=2026-11`, or `from=2026-11-03&until=2026-11-09`; without either, this month."""
    today = timezone.localdate()
    first, last = sorted(_asked(query) or (today.replace(day=1), today))  # in whichever order they were written
    last = min(last, today)
    first = max(min(first, last), last - timedelta(days=LONGEST), EARLIEST)
    number = (last - first).days + 1
    recent = today - first < HOURS_KEPT
    step = "hour" if number <= HOURLY and recent else "day" if number <= DAILY else "month"
    return ChosenDays(first, last, step)


def months(*, since: date, most: int = 24) -> list[date]:
    """The first days of the months since then, the newest first."""
    found: list[date] = []
    day = timezone.localdate().replace(day=1)
    while len(found) < most and day >= since.replace(day=1):
        found.append(day)
        day = (day - DAY).replace(day=1)
    return found


def next_month(day: date) -> date:
    return (day.replace(day=28) + 4 * DAY).replace(day=1)


def _asked(query: Mapping[str, str]) -> tuple[date, date] | None:
    if month := _day(f"{query.get('month', '')}-01"):
        return month, next_month(month) - DAY
    first, last = _day(query.get("from", "")), _day(query.get("until", ""))
    if first is None and last is None:
        return None
    return first or (last or timezone.localdate()).replace(day=1), last or timezone.localdate()


def _day(text: str) -> date | None:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if EARLIEST <= day < date(2999, 1, 1) else None


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))
