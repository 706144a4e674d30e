"""Google's times: reading `start` and `end`, spelling them as Google answers them, and the rules of a series."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from dateutil.rrule import rrulestr

from sandbox.google.reasons import GoogleRefusal

BERLIN = "Europe/Berlin"
DAY = timedelta(days=1)
INSTANCE = "%Y%m%dT%H%M%SZ"


def is_all_day(body: Mapping[str, Any]) -> bool:
    return bool((body.get("start") or {}).get("date"))


def normalised(side: str, given: object) -> dict[str, str]:
    """`start` or `end` as it is answered: a date, or a time with offset and zone."""
    if not isinstance(given, Mapping):
        raise GoogleRefusal("required", side)
    day, moment, zone = (given.get(name) for name in ("date", "dateTime", "timeZone"))
    if bool(day) == bool(moment):
        raise GoogleRefusal("invalid", side, "Exactly one of date and dateTime must be given.")
    try:
        if day:
            return {"date": date.fromisoformat(str(day)).isoformat()}
        at = datetime.fromisoformat(str(moment).replace("Z", "+00:00"))
        place = ZoneInfo(str(zone)) if zone else None
    except (ValueError, ZoneInfoNotFoundError):
        raise GoogleRefusal("invalid", side) from None
    if at.tzinfo is None and place is None:
        raise GoogleRefusal("required", f"{side}.timeZone", "Missing time zone definition for start time.")
    at = at.replace(tzinfo=place) if at.tzinfo is None else at.astimezone(place or at.tzinfo)
    return {"dateTime": at.isoformat(timespec="seconds"), **({"timeZone": str(zone)} if zone else {})}


def check(body: Mapping[str, Any]) -> None:
    """Start before end, of one kind; a rule that can be read, with a zone where it needs one."""
    start, end = body["start"], body["end"]
    if bool(start.get("date")) != bool(end.get("date")):
        raise GoogleRefusal("invalid", "end", "Start and end times must either both be date or both be dateTime.")
    if moment(end) < moment(start):
        raise GoogleRefusal("timeRangeEmpty")
    rules = body.get("recurrence") or []
    if not isinstance(rules, list) or not all(isinstance(rule, str) for rule in rules):
        raise GoogleRefusal("invalid", "recurrence", "Invalid recurrence rule.")
    if rules:
        if start.get("dateTime") and not start.get("timeZone"):
            raise GoogleRefusal("required", "start.timeZone", "Missing time zone definition for start time.")
        occurrences(body, moment(start), moment(start))


def moment(side: Mapping[str, str]) -> datetime:
    """With a zone; an all-day one by Berlin's midnight."""
    if side.get("date"):
        return datetime.combine(date.fromisoformat(side["date"]), datetime.min.time(), ZoneInfo(BERLIN))
    at = datetime.fromisoformat(side["dateTime"])
    return at.astimezone(ZoneInfo(side["timeZone"])) if side.get("timeZone") else at


def occurrences(body: Mapping[str, Any], first: datetime, last: datetime) -> list[datetime]:
    """The starts of a series between two moments, by the clocks of its zone."""
    start = moment(body["start"])
    zone = start.tzinfo
    all_day = is_all_day(body)
    naive = start.replace(tzinfo=None)
    try:
        if all_day or not any("UNTIL" in rule for rule in body["recurrence"]):
            found = rrulestr("\n".join(body["recurrence"]), dtstart=naive, forceset=True, ignoretz=True)
            lower, upper = (at.astimezone(zone).replace(tzinfo=None) for at in (first, last))
            return [at.replace(tzinfo=zone) for at in found.between(lower, upper, inc=True)]
        found = rrulestr("\n".join(body["recurrence"]), dtstart=start, forceset=True)
        return list(found.between(first, last, inc=True))
    except (ValueError, TypeError, KeyError):
        raise GoogleRefusal("invalid", "recurrence", "Invalid recurrence rule.") from None


def instance_stamp(at: datetime, *, all_day: bool) -> str:
    """What an instance's id ends in: its original start."""
    return at.strftime("%Y%m%d") if all_day else at.astimezone(ZoneInfo("UTC")).strftime(INSTANCE)


def shifted(side: Mapping[str, str], by: timedelta) -> dict[str, str]:
    """The same kind of time, moved by the clocks of its zone."""
    if side.get("date"):
        return {"date": (date.fromisoformat(side["date"]) + by).isoformat()}
    at = moment(side) + by
    return {**side, "dateTime": at.isoformat(timespec="seconds")}


def spelled(at: datetime, like: Mapping[str, str]) -> dict[str, str]:
    """A moment, spelled as another one."""
    if like.get("date"):
        return {"date": at.date().isoformat()}
    return {**like, "dateTime": at.isoformat(timespec="seconds")}
