"""Series both ways: Advoware's turnus, Google's RRULE, and where one of them cannot say what the other says.

Purpose: a rule is carried exactly or not at all.
Invariant: a rule that `from_google` takes has, as Advoware counts, the very occurrences that it has in Google; and
reading what `to_google` wrote gives the rule that it was written from.

| Advoware | Google |
| --- | --- |
| turnusArt 1, 2, 3, 4 | FREQ DAILY, WEEKLY, MONTHLY, YEARLY |
| turnus | INTERVAL |
| `datumBis`, the last day | UNTIL, the end of that day in UTC; as a date where it is all-day |
| `datumBis` in 2037 or later, or none | no UNTIL |

| Google says | what becomes of it |
| --- | --- |
| one RRULE of those four | taken |
| EXDATE, RDATE, EXRULE, several rules | not representable |
| BYDAY | taken where it is weekly and names the weekday of the start alone |
| BYMONTHDAY, BYMONTH | taken where it is monthly (yearly: both of them) and names the start's own |
| WKST | changes nothing where only one weekday counts: taken |
| COUNT | the last date it leads to |
| UNTIL before that day's occurrence | the day before |
| an occurrence over midnight, or of several days | not representable: an occurrence of Advoware ends on its day |
| monthly on the 29th to 31st | taken where no month up to its end is too short |
| yearly on 29 February | not representable |
| times in a zone that is not Berlin's | not representable: summer time would move it |

To extend: a further part of a rule is a line of `_parts_taken`; a further frequency a member of Freq with its number.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from enum import StrEnum

from dateutil import rrule
from dateutil.relativedelta import relativedelta

from syncapp.core.appointments.forms import berlin
from syncapp.core.appointments.forms.reasons import FormReason, NotRepresentable
from syncapp.core.appointments.shapes import AdvowareTermin, GoogleTime
from syncapp.core.values import BERLIN

FOR_EVER = "2037-12-31"
LAST_YEAR = 2037
LONGEST_RULE = 500
MOST_INTERVAL = 999
# Four years of months hold a leap year, so whatever month is too short has come by then.
CYCLE = 48
_END_OF_DAY = time(23, 59, 59)
_UNTIL = re.compile(r"(\d{8})(?:T(\d{6})(Z?))?", re.ASCII)
_WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")


class Freq(StrEnum):
    daily = "DAILY"
    weekly = "WEEKLY"
    monthly = "MONTHLY"
    yearly = "YEARLY"


TURNUS_ART: Mapping[int, Freq] = dict(enumerate(Freq, start=1))
TURNUS_ART_OF: Mapping[Freq, int] = {freq: number for number, freq in TURNUS_ART.items()}
_STEP: Mapping[Freq, Callable[[int], relativedelta]] = {
    Freq.daily: lambda count: relativedelta(days=count),
    Freq.weekly: lambda count: relativedelta(weeks=count),
    Freq.monthly: lambda count: relativedelta(months=count),
    Freq.yearly: lambda count: relativedelta(years=count),
}


@dataclass(frozen=True, slots=True)
class When:
    """All-day: first and last day, both included. Else start and end as `YYYY-MM-DDTHH:MM` by Berlin's clocks."""

    all_day: bool
    start: str
    end: str

    @property
    def first_day(self) -> date:
        return date.fromisoformat(self.start[:10])

    def __str__(self) -> str:
        return self.start if self.start == self.end else f"{self.start} – {self.end}"


@dataclass(frozen=True, slots=True)
class SeriesRule:
    """How it repeats. until: the last day on which it may, "" for ever."""

    freq: Freq
    interval: int = 1
    until: str = ""

    def __str__(self) -> str:
        return f"{self.freq.value} × {self.interval}" + (f", {self.until}" if self.until else "")


def from_advoware(termin: AdvowareTermin, when: When) -> SeriesRule:
    freq = TURNUS_ART.get(termin.turnus_art)
    if freq is None or not 0 < termin.turnus <= MOST_INTERVAL:
        raise NotRepresentable(FormReason.unknown_turnus)
    ends = berlin.moment(termin.datum_bis)
    until = "" if ends is None or ends.year >= LAST_YEAR else ends.date().isoformat()
    return checked(SeriesRule(freq, termin.turnus, until), when)


def from_google(recurrence: tuple[str, ...], when: When, start: GoogleTime) -> SeriesRule:
    if start.date_time and not berlin.keeps_berlin_time(start.time_zone, when.first_day.year):
        raise NotRepresentable(FormReason.series_in_other_zone)
    parts = _parts(recurrence)
    freq, interval = _frequency(parts), _number(parts, "INTERVAL", most=MOST_INTERVAL)
    _parts_taken(parts, freq, when.first_day)
    return checked(SeriesRule(freq, interval, _last_day(parts, freq, interval, when)), when)


def checked(rule: SeriesRule, when: When) -> SeriesRule:
    """The rule, if both systems mean the same by it for what happens then."""
    if when.start[:10] != when.end[:10]:
        raise NotRepresentable(FormReason.occurrence_too_long)
    if rule.until and rule.until < when.start[:10]:
        raise NotRepresentable(FormReason.ends_before_start)
    day = when.first_day
    if rule.freq is Freq.yearly and (day.month, day.day) == (2, 29):
        raise NotRepresentable(FormReason.leap_day)
    if rule.freq is Freq.monthly and day.day > 28 and not _all_months_reach(day, rule):
        raise NotRepresentable(FormReason.short_months)
    return rule


def _all_months_reach(day: date, rule: SeriesRule) -> bool:
    """Whether nobody has to know what Advoware makes of a month that is too short: skips it, or takes its last day."""
    months = _months_from(day, rule.interval, CYCLE)
    return all(month.day == day.day for month in months if not rule.until or month.isoformat() <= rule.until)


def _months_from(day: date, interval: int, most: int) -> Iterator[date]:
    """That day of each month, the last one of a month that is too short; as far as there are years to write."""
    for number in range(most):
        try:
            yield day + relativedelta(months=number * interval)
        except ValueError:
            return


def _parts(recurrence: tuple[str, ...]) -> dict[str, str]:
    names = [line.partition(":")[0].partition(";")[0].upper() for line in recurrence]
    if any(name in ("EXDATE", "RDATE", "EXRULE") for name in names):
        raise NotRepresentable(FormReason.excluded_dates)
    if names != ["RRULE"]:
        raise NotRepresentable(FormReason.several_rules if names.count("RRULE") > 1 else FormReason.unreadable_rule)
    text = recurrence[0].partition(":")[2].upper()
    pairs = [part.partition("=") for part in text.split(";") if part]
    parts = {name.strip(): value.strip() for name, _, value in pairs}
    if len(text) > LONGEST_RULE or len(parts) != len(pairs) or not all(parts.values()):
        raise NotRepresentable(FormReason.unreadable_rule)
    return parts


def _frequency(parts: Mapping[str, str]) -> Freq:
    try:
        return Freq(parts["FREQ"])
    except (KeyError, ValueError):
        raise NotRepresentable(FormReason.frequency) from None


def _number(parts: Mapping[str, str], name: str, most: int) -> int:
    text = parts.get(name, "1")
    if not text.isascii() or not text.isdigit() or not 0 < int(text) <= most:
        raise NotRepresentable(FormReason.unreadable_rule)
    return int(text)


def _parts_taken(parts: Mapping[str, str], freq: Freq, day: date) -> None:
    """Refuses every part that says more than start and frequency do."""
    others = parts.keys() - {"FREQ", "INTERVAL", "UNTIL", "COUNT", "WKST", "BYDAY", "BYMONTHDAY", "BYMONTH"}
    if others:
        raise NotRepresentable(FormReason.other_rule_part)
    if "BYDAY" in parts and (freq is not Freq.weekly or parts["BYDAY"] != _WEEKDAYS[day.weekday()]):
        raise NotRepresentable(FormReason.weekdays)
    months, days = parts.get("BYMONTH"), parts.get("BYMONTHDAY")
    if months is not None and (freq is not Freq.yearly or months != str(day.month)):
        raise NotRepresentable(FormReason.other_rule_part)
    monthly = freq is Freq.monthly or (freq is Freq.yearly and months is not None)
    if days is not None and (not monthly or days != str(day.day)):
        raise NotRepresentable(FormReason.day_of_month)


def _last_day(parts: Mapping[str, str], freq: Freq, interval: int, when: When) -> str:
    if "COUNT" in parts and "UNTIL" in parts:
        raise NotRepresentable(FormReason.unreadable_rule)
    try:
        if "COUNT" in parts:
            day = _last_of(_number(parts, "COUNT", most=10**9), freq, interval, when)
        elif "UNTIL" in parts:
            day = _until(parts["UNTIL"], when)
        else:
            return ""
    except OverflowError:
        return ""
    return "" if day.year >= LAST_YEAR else day.isoformat()


def _last_of(count: int, freq: Freq, interval: int, when: When) -> date:
    """The day of the last of that many. A month too short is skipped and not counted: refused, as in `checked`."""
    day = when.first_day
    months = _months_from(day, interval, min(count, CYCLE))
    if freq is Freq.monthly and any(month.day != day.day for month in months):
        raise NotRepresentable(FormReason.short_months)
    try:
        return day + _STEP[freq]((count - 1) * interval)
    except ValueError:  # beyond the last year that can be written
        raise OverflowError from None


def _until(text: str, when: When) -> date:
    match = _UNTIL.fullmatch(text)
    try:
        if match is None:
            raise ValueError
        day = datetime.strptime(match[1], "%Y%m%d").date()
        if match[2] is None:
            return day
        ends = datetime.combine(day, datetime.strptime(match[2], "%H%M%S").time())
        if match[3]:
            ends = ends.replace(tzinfo=UTC).astimezone(BERLIN).replace(tzinfo=None)
    except ValueError:
        raise NotRepresentable(FormReason.unreadable_rule) from None
    begins = time() if when.all_day else time.fromisoformat(when.start[11:])
    return ends.date() if ends.time() >= begins else ends.date() - berlin.DAY


def to_google(rule: SeriesRule | None, when: When) -> tuple[str, ...]:
    """The lines of `recurrence`; none where there is no rule."""
    if rule is None:
        return ()
    text = f"RRULE:FREQ={rule.freq.value};INTERVAL={rule.interval}"
    if not rule.until:
        return (text,)
    last = date.fromisoformat(rule.until)
    if when.all_day:
        return (f"{text};UNTIL={last:%Y%m%d}",)
    ends = datetime.combine(last, _END_OF_DAY, BERLIN).astimezone(UTC)
    return (f"{text};UNTIL={ends:%Y%m%dT%H%M%SZ}",)


def occurrences(when: When, rule: SeriesRule | None, *, first: date, last: date) -> Iterator[When]:
    """What happens from `first` to `last`, both included, as pages and the drift report show it."""
    begins = datetime.fromisoformat(when.start)
    finishes = datetime.fromisoformat(when.end)
    if rule is None:
        days = [begins] if begins.date() <= last and finishes.date() >= first else []
    else:
        ends = min(last, date.fromisoformat(rule.until)) if rule.until else last
        found = rrule.rrule(
            getattr(rrule, rule.freq),
            dtstart=begins,
            interval=rule.interval,
            until=datetime.combine(ends, _END_OF_DAY),
        )
        days = found.between(datetime.combine(first, time()), datetime.combine(last, _END_OF_DAY), inc=True)
    for begin in days:
        yield When(when.all_day, _like(when.start, begin), _like(when.end, begin + (finishes - begins)))


def original_start(spelled: str, series: When) -> str:
    """The start of the occurrence that an exception stands for, as the series spells it; "" where Google has told
    none."""
    try:
        local = berlin.google_moment(spelled, "", set())
    except NotRepresentable:
        return ""
    return _like(series.start, local)


def _like(pattern: str, moment: datetime) -> str:
    return moment.isoformat(timespec="minutes")[: len(pattern)]
