"""What a setting's text may look like: one parser for each kind of value.

Invariant: a parser gets the raw text of the environment and gives the Python value, or raises ValueError
whose message continues the sentence "NAME: …" and never repeats a secret (the caller decides what to quote).
To add a kind, write its parser and one `SettingKind(...)` below.
"""

import base64
import binascii
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, time
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import environ


@dataclass(frozen=True)
class SettingKind:
    """One kind of value: its word in the documentation, its parser, and what it accepts, for the message."""

    word: str
    parse: Callable[[str], Any]
    expected: str
    example: str


ALL_DAY = "all_day"
TRUE = frozenset({"true", "yes", "on", "1"})
FALSE = frozenset({"false", "no", "off", "0"})


def _text(raw: str) -> str:
    return raw.strip()


def _boolean(raw: str) -> bool:
    word = raw.strip().lower()
    if word not in TRUE | FALSE:
        raise ValueError
    return word in TRUE


def _items(raw: str) -> list[str]:
    return [item.strip() for item in raw.split(",") if item.strip()]


def _hosts(raw: str) -> list[str]:
    """What the browser and EspoCRM call us; an address with its scheme or port would fit no request."""
    found = _items(raw)
    if any(set(name) & set("/@ ") or (":" in name and not name.startswith("[")) for name in found):
        raise ValueError
    return found


def _pairs(raw: str, sign: str) -> tuple[tuple[str, str], ...]:
    found = []
    for item in _items(raw):
        name, separator, value = item.partition(sign)
        if not separator or not name.strip() or not value.strip():
            raise ValueError
        found.append((name.strip(), value.strip()))
    return tuple(found)


def _mapping(raw: str) -> dict[str, str]:
    pairs = _pairs(raw, "=")
    if len(dict(pairs)) != len(pairs):
        raise ValueError
    return dict(pairs)


def _http_url(raw: str) -> str:
    parts = urlsplit(raw.strip())
    if parts.scheme not in ("http", "https") or not parts.hostname or " " in raw.strip():
        raise ValueError
    parts.port  # noqa: B018  reading it raises ValueError for an impossible port
    return raw.strip()


def _redis_url(raw: str) -> str:
    parts = urlsplit(raw.strip())
    if parts.scheme not in ("redis", "rediss", "unix") or not (parts.hostname or parts.path):
        raise ValueError
    parts.port  # noqa: B018
    return raw.strip()


DATABASE_SCHEMES = ("sqlite", "postgres", "postgresql")


def _database(raw: str) -> dict[str, Any]:
    if urlsplit(raw.strip()).scheme not in DATABASE_SCHEMES:
        raise ValueError
    config: dict[str, Any] = environ.Env.db_url_config(raw.strip())
    if not config.get("NAME"):
        raise ValueError
    return config


def _email(raw: str) -> dict[str, Any]:
    if urlsplit(raw.strip()).scheme not in environ.Env.EMAIL_SCHEMES:
        raise ValueError
    config: dict[str, Any] = environ.Env.email_url_config(raw.strip())
    return config


def _json_object(raw: str) -> dict[str, Any]:
    value = json.loads(raw)
    if not isinstance(value, dict):
        raise ValueError
    return value


def _time_zone(raw: str) -> str:
    try:
        ZoneInfo(raw.strip())
    except (OSError, KeyError) as unknown:
        raise ValueError from unknown
    return raw.strip()


def _base64(raw: str) -> str:
    try:
        base64.b64decode(raw.strip(), validate=True)
    except binascii.Error as broken:
        raise ValueError from broken
    return raw.strip()


def _resources(raw: str) -> list[str]:
    """Methods and a template each; whether they make sense, checks.py says, which knows the table."""
    found = [" ".join(item.split()) for item in _items(raw)]
    if any(item.count(" ") != 1 for item in found):
        raise ValueError
    return found


def _day(raw: str) -> date | None:
    return date.fromisoformat(raw.strip()) if raw.strip() else None


def _clock(raw: str) -> str:
    """A time of day, to the minute."""
    return time.fromisoformat(raw.strip()).isoformat(timespec="minutes")


def _missing_time(raw: str) -> str:
    return raw.strip() if raw.strip() == ALL_DAY else _clock(raw)


def _country(raw: str) -> str:
    code = raw.strip()
    if not (len(code) == 2 and code.isascii() and code.isalpha() and code.isupper()):
        raise ValueError
    return code


def _bank_list(raw: str) -> str:
    word, _, key = raw.strip().partition(":")
    if (word, key) not in (("none", ""), ("get", "")) and not (word == "embedded" and key.strip()):
        raise ValueError
    return raw.strip()


TEXT = SettingKind("text", _text, "text", "text")
BOOLEAN = SettingKind("yes/no", _boolean, "true or false", "true")
ITEMS = SettingKind("comma list", _items, "a comma-separated list", "first,second")
HOSTS = SettingKind(
    "comma list", _hosts, "a comma-separated list of host names without https:// and port", "sync.example.org"
)
MAPPING = SettingKind("pairs", _mapping, "a comma-separated list of name=value pairs, each name once", "name=value")
SECRETS = SettingKind(
    "id:secret pairs", lambda raw: _pairs(raw, ":"), "a comma-separated list of id:secret pairs", "65a0b1:8f3c"
)
HTTP_URL = SettingKind("URL", _http_url, "a full http or https address", "https://crm.example.org")
REDIS_URL = SettingKind("Redis URL", _redis_url, "a redis://, rediss:// or unix:// address", "redis://127.0.0.1:6379/1")
DATABASE = SettingKind(
    "database URL",
    _database,
    "a sqlite:/// or postgres:// address with a database name",
    "postgres://user:password@127.0.0.1:5432/advosync",
)
EMAIL = SettingKind(
    "mail URL", _email, "a mail address such as smtp+tls://…", "smtp+tls://user:password@mail.example.org:587"
)
JSON = SettingKind("JSON object", _json_object, "a JSON object", '{"name": {"here": "there"}}')
RESOURCES = SettingKind(
    "resources",
    _resources,
    "a comma-separated list of methods and templates, such as GET+PUT Sachgebiete/{int}",
    "GET Sachgebiete/{int}",
)
DAY = SettingKind("day", _day, "a day such as 2026-03-01", "2026-03-01")
CLOCK = SettingKind("time of day", _clock, "a time of day such as 03:15", "03:15")
MISSING_TIME = SettingKind("time of day", _missing_time, "all_day, or a time of day such as 09:00", ALL_DAY)
COUNTRY = SettingKind("country", _country, "two capital letters such as DE", "DE")
BANK_LIST = SettingKind("bank list", _bank_list, "none, get, or embedded:<key>", "embedded:bankverbindungen")
TIME_ZONE = SettingKind("time zone", _time_zone, "a time zone name", "Europe/Berlin")
BASE64 = SettingKind("base64", _base64, "base64 text", "c2VjcmV0")


def _number(raw: str, cast: Callable[[str], float], minimum: float) -> float:
    value = cast(raw.strip())
    if not minimum <= value < float("inf"):
        raise ValueError
    return value


def integer(minimum: int = 0) -> SettingKind:
    """A whole number that is not below the minimum."""
    return SettingKind(
        "whole number",
        lambda raw: _number(raw, int, minimum),
        f"a whole number of {minimum} or more",
        str(max(minimum, 5)),
    )


def seconds(minimum: float = 0.1) -> SettingKind:
    """A number of seconds, fractions allowed."""
    return SettingKind(
        "seconds", lambda raw: _number(raw, float, minimum), f"a number of seconds of {minimum:g} or more", "30"
    )


def integers(minimum: int = 1) -> SettingKind:
    """A comma list of at least one whole number."""

    def parse(raw: str) -> list[int]:
        found = [int(_number(item, int, minimum)) for item in _items(raw)]
        if not found:
            raise ValueError
        return found

    return SettingKind(
        "whole numbers", parse, f"a comma-separated list of whole numbers of {minimum} or more", "1,5,15"
    )


def choice(allowed: Iterable[str]) -> SettingKind:
    """One word of a fixed set."""
    words = tuple(allowed)

    def parse(raw: str) -> str:
        if raw.strip() not in words:
            raise ValueError
        return raw.strip()

    return SettingKind("choice", parse, "one of " + ", ".join(words), words[0])


def per_group(allowed: Iterable[str]) -> SettingKind:
    """One word for everything, or `group=word` pairs; one word is stored under the group name "*"."""
    words = tuple(allowed)

    def parse(raw: str) -> dict[str, str]:
        chosen = _mapping(raw) if "=" in raw else {"*": raw.strip()}
        if not chosen or not set(chosen.values()) <= set(words):
            raise ValueError
        return chosen

    return SettingKind(
        "choice per group", parse, f"one of {', '.join(words)}, or group=policy pairs of these", words[0]
    )
