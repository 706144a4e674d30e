"""Times: the spellings of both systems, and what they mean by the clocks of Berlin.

Purpose: every time is read here, to the minute, as local time without a zone.
Invariant: what is read can be written again and reads the same; no clock time in the result is one that Berlin's
clocks leave out. Nothing here raises anything but NotRepresentable, however odd the text.

| what comes | what it means |
| --- | --- |
| a time that the clocks leave out in spring | an hour later, noted |
| a time that the clocks show twice in autumn | the first of the two; from Google noted where it was the second |
| seconds and their fractions | dropped |
| a date of the year 1 | no date; its time of day counts unless it is midnight |
| a time with an offset or Z, on a real day | converted to Berlin |
| a day in UTC, at its first or last minute | that day: nobody means one o'clock at night |
| 25:00, 31 February, any other text | not representable |

To extend: a further spelling is a row of `_DATE` or `_CLOCK`.
"""

import re
from datetime import UTC, datetime, time, timedelta, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo

from syncapp.core.appointments.forms.reasons import FormReason, NotRepresentable, SilentNote
from syncapp.core.values import BERLIN, DOTNET_EMPTY_DATE

DAY = timedelta(days=1)
MINUTE = timedelta(minutes=1)
MIDNIGHT = time(0, 0)
LAST_MINUTE = time(23, 59)
LONGEST_SPELLING = 40

_DATE = re.compile(r"(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d(?::\d\d(?:\.\d+)?)?)(Z|[+-]\d\d:?\d\d)?)?", re.ASCII)
_CLOCK = re.compile(r"(?:(\d{4})-\d\d-\d\d[T ]|T)?(\d\d?):(\d\d)(?::\d\d(?:\.\d+)?)?(Z|[+-]\d\d:?\d\d)?", re.ASCII)
_UTC = ("Z", "+00:00", "+0000")
_EDGES = ("00:00", "23:59")
# Before that a date stands in front of a time for want of another.
FIRST_REAL_YEAR = 1970


@lru_cache(maxsize=4096)
def moment(text: str) -> datetime | None:
    """The local time of a date with or without a time of day (then midnight); None where there is no date."""
    spelled = text.strip()
    if not spelled or spelled.startswith(DOTNET_EMPTY_DATE):
        return None
    match = _DATE.fullmatch(spelled) if len(spelled) <= LONGEST_SPELLING else None
    if match is None:
        raise NotRepresentable(FormReason.unreadable_date)
    try:
        if match[3] and not (match[3] in _UTC and match[2][:5] in _EDGES):
            clock = match[2].partition(".")[0]
            local = datetime.fromisoformat(f"{match[1]}T{clock}{match[3]}").astimezone(BERLIN)
            return local.replace(tzinfo=None, second=0, microsecond=0, fold=0)
        return datetime.fromisoformat(f"{match[1]}T{(match[2] or '00:00')[:5]}")
    except (ValueError, OverflowError):
        raise NotRepresentable(FormReason.unreadable_date) from None


@lru_cache(maxsize=4096)
def clock(text: str) -> time | None:
    """A time of day, from `HH:MM`, `HH:MM:SS`, fractions or a whole date with time; None where there is none."""
    spelled = text.strip()
    if not spelled or spelled == DOTNET_EMPTY_DATE:
        return None
    match = _CLOCK.fullmatch(spelled) if len(spelled) <= LONGEST_SPELLING else None
    if match is None or int(match[2]) > 23 or int(match[3]) > 59:
        raise NotRepresentable(FormReason.unreadable_time)
    found = time(int(match[2]), int(match[3]))
    if match[4] and match[1] and int(match[1]) >= FIRST_REAL_YEAR:
        return _in_berlin(spelled)
    return None if spelled.startswith(DOTNET_EMPTY_DATE) and found == MIDNIGHT else found


def _in_berlin(spelled: str) -> time | None:
    try:
        stated = moment(spelled)
    except NotRepresentable:
        raise NotRepresentable(FormReason.unreadable_time) from None
    return None if stated is None else stated.time()


def shown(local: datetime, notes: set[SilentNote]) -> datetime:
    """The same time if Berlin's clocks show it, else an hour later; the other hour of the change is only noted."""
    if local.hour != 2 or local.month not in (3, 10):
        return local
    aware = local.replace(tzinfo=BERLIN)
    if aware.astimezone(UTC).astimezone(BERLIN).replace(tzinfo=None) != local:
        notes.add(SilentNote.spring_gap)
        return local + timedelta(hours=1)
    if aware.utcoffset() != aware.replace(fold=1).utcoffset():
        notes.add(SilentNote.doubled_hour)
    return local


def google_moment(date_time: str, zone: str, notes: set[SilentNote]) -> datetime:
    """The local time in Berlin of an event's `dateTime`, which has an offset or is meant in `zone`."""
    try:
        stated = datetime.fromisoformat(date_time)
        if stated.tzinfo is None:
            stated = stated.replace(tzinfo=zone_named(zone))
        # By way of UTC: a time without an offset that Berlin's clocks leave out would stay as it is.
        local = stated.astimezone(UTC).astimezone(BERLIN)
    except (ValueError, OverflowError):
        raise NotRepresentable(FormReason.unreadable_time) from None
    if stated.tzinfo is BERLIN and local.replace(tzinfo=None) != stated.replace(tzinfo=None):
        notes.add(SilentNote.spring_gap)
    if local.fold:
        notes.add(SilentNote.doubled_hour)
    return local.replace(tzinfo=None, second=0, microsecond=0, fold=0)


@lru_cache(maxsize=256)
def zone_named(name: str) -> tzinfo:
    """The zone of that name; Berlin where none is named."""
    if not name:
        return BERLIN
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise NotRepresentable(FormReason.unknown_zone) from None


@lru_cache(maxsize=256)
def keeps_berlin_time(name: str, year: int) -> bool:
    """Whether clocks of that zone show Berlin's time all that year and the next: then a series there is one here."""
    zone = zone_named(name)
    if zone is BERLIN:
        return True
    noon = datetime(min(max(year, 1970), 2100), 1, 1, 12, tzinfo=UTC)
    days = (noon + DAY * number for number in range(2 * 366))
    return all(day.astimezone(zone).utcoffset() == day.astimezone(BERLIN).utcoffset() for day in days)


def spelled_minute(local: datetime) -> str:
    """`YYYY-MM-DDTHH:MM`: such texts sort as the times do."""
    return local.isoformat(timespec="minutes")
