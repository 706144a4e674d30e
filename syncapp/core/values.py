"""Normal forms and equality of what a field holds: text, dates, web addresses.

Purpose: two spellings mean the same if and only if their normal forms are equal; every comparison in core goes through
the functions here, or through phones.py and emails.py.
Invariant: a canonical value is its own canonical value, and no function here raises for a text, however odd, nor costs
more than its length: what cannot be read stays as it is, so that comparing goes on and validation names it.
To extend: a new kind of value gets one function for its normal form and one that says whether a target accepts it.
"""

import re
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from datetime import date as calendar_date
from zoneinfo import ZoneInfo

from syncapp.core.spelling.letters import plain

# The empty date of .NET: systems built on it hand it out where nothing was ever entered.
DOTNET_EMPTY_DATE = "0001-01-01"

LONGEST_DATE = 64
_DATE = re.compile(
    r"(?P<day>\d{4}-\d\d-\d\d)(?:[T ](?P<hour>\d\d):(?P<minute>\d\d)(?::(?P<second>\d\d(?:\.\d+)?))?"
    r"(?P<zone>Z|(?P<sign>[+-])(?P<hours>\d\d):?(?P<minutes>\d\d))?)?"
)
BERLIN = ZoneInfo("Europe/Berlin")
MIDNIGHT = ("00", "00")
# How far a program without the tables of summer time is off.
SUMMER_TIME = timedelta(hours=1)

LONGEST_WEB_ADDRESS = 2000
_WEB_ADDRESS = re.compile(
    r"(?:https?://(?:[\w-]+\.)*[\w-]+(?::\d+)?(?:[/?#]\S*)?"  # with a scheme, any host will do
    r"|(?:[\w-]+\.)+[^\W\d_]{2,}(?::\d+)?(?:[/?#]\S*)?)",  # without one, a host name that ends like a domain
    re.IGNORECASE,
)


class NotAValue(TypeError):
    """The JSON holds a structure or a truth value where text belongs: nothing that could be compared or carried."""


def text(value: object) -> str | None:
    """The canonical text of a JSON value: as `plain` spells it; "", null and [] are None; numbers become their digits.

    Raises NotAValue for anything else, since carrying `{"a": 1}` as text would invent a value.
    """
    if value is None or value == []:
        return None
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise NotAValue(type(value).__name__)
    return plain(str(value)) or None


def date(value: object, zone: tzinfo = BERLIN) -> str | None:
    """The day as `YYYY-MM-DD`, from any of the spellings of either system; None where there is none.

    A time with an offset is a moment: it means the day that began with it, by its own clock or by the clocks in `zone`
    (2001-01-04T23:00:00Z began the fifth in Berlin). One that began no day means none.

    What is no real date (`2001-02-31`, `5.1.2001`) comes back as its text: it still differs from every real date, so
    a change to it is seen, and `is_real_date` lets validation refuse it by name before it is written anywhere.
    """
    spelled = text(value)
    match = _DATE.fullmatch(spelled) if spelled and len(spelled) <= LONGEST_DATE else None
    if not match:
        return spelled
    day = match["day"] if _is_local(match) else _day_begun(match, zone)
    if day == DOTNET_EMPTY_DATE:
        return None
    return day if day and is_real_date(day) else spelled


def _is_local(match: re.Match[str]) -> bool:
    """Whether the day is the one that is written: no offset, or midnight by the clock that the offset belongs to."""
    at_midnight = (match["hour"], match["minute"]) == MIDNIGHT and float(match["second"] or 0) == 0
    return match["zone"] is None or at_midnight


def _day_begun(match: re.Match[str], zone: tzinfo) -> str | None:
    """The day that began in `zone` at this moment; an hour to either side counts, since the sender may not know when
    summer time was."""
    try:
        offset = timedelta(hours=int(match["hours"] or 0), minutes=int(match["minutes"] or 0))
        written = datetime.fromisoformat(f"{match['day']}T{match['hour']}:{match['minute']}:00").replace(
            tzinfo=timezone(-offset if match["sign"] == "-" else offset)
        )
        local = written.astimezone(UTC).astimezone(zone).replace(tzinfo=None)
        nearest = (local + SUMMER_TIME).date()
        away = abs(local - datetime.combine(nearest, datetime.min.time()))
    except (ValueError, OverflowError):
        return None
    exact = float(match["second"] or 0) == 0 and away in (timedelta(0), SUMMER_TIME)
    return nearest.isoformat() if exact else None


def is_real_date(day: str) -> bool:
    """Whether this is a day of the calendar in the form `YYYY-MM-DD`."""
    try:
        return calendar_date.fromisoformat(day).isoformat() == day
    except ValueError:
        return False


def web_address(value: str) -> bool:
    """Whether the text is one web address, with or without a scheme, and nothing else."""
    address = value.strip()
    return len(address) <= LONGEST_WEB_ADDRESS and _WEB_ADDRESS.fullmatch(address) is not None
