"""Kinds of arguments that several commands take: moments, hours, days, how many."""

from argparse import ArgumentTypeError
from datetime import datetime

from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime


def moment(text: str) -> datetime:
    """A time in the installation's zone unless it names another one; a date means its beginning."""
    try:
        found = parse_datetime(text)
        day = parse_date(text) if found is None else None
    except ValueError:
        found = day = None
    if found is None and day is not None:
        found = datetime(day.year, day.month, day.day)
    if found is None:
        raise ArgumentTypeError(f"{text!r} is no time; 2026-12-24T18:00 is one")
    return found if timezone.is_aware(found) else timezone.make_aware(found)


def hours(text: str) -> float:
    return _number(text, "hours")


def days(text: str) -> int:
    return int(_number(text, "days"))


def count(text: str) -> int:
    number = int(_number(text, "records"))
    if number < 1:
        raise ArgumentTypeError("must be 1 or more")
    return number


def _number(text: str, unit: str) -> float:
    try:
        number = float(text)
    except ValueError:
        raise ArgumentTypeError(f"{text!r} is no number of {unit}") from None
    if not 0 <= number < float("inf"):
        raise ArgumentTypeError(f"{text} {unit} make no sense")
    return number
