"""The plain values of one call: what is asked (Request), what came back (Answer), what is reported about it (Call).

Invariant: `operation` and `Call` hold path templates only, never ids, queries or bodies, so they may go to logs and
metrics. A reader (`object_of` and its like) turns JSON into a known shape or raises WrongShape; nothing else in this
package indexes raw JSON. Text that leaves an Answer can be stored (core/spelling/storable.py); its numbers fit.
"""

import hashlib
import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import cached_property
from typing import Generic, Literal, TypeVar
from urllib.parse import quote

from syncapp.core.spelling.storable import storable, storable_json
from syncapp.core.systems import System

READS = frozenset({"GET"})
LARGEST_NUMBER = 2**63 - 1
# Digits of any number that one of the systems counts with; a text of a thousand is none.
LONGEST_NUMBER = 30
# What web servers of this country really answer in. Python knows more: some take the square of the length to decode.
CHARSET = re.compile(
    r"charset=[\"']?(utf-(?:8|16|32)|us-ascii|iso-8859-\d{1,2}|latin-?1|(?:windows-|cp)125\d)\b", re.IGNORECASE
)
Shape = Literal["empty", "json", "html", "broken"]
T = TypeVar("T")


class WrongShape(ValueError):
    """JSON, but not of the shape that the call promises. The text names shapes, never values."""


@dataclass(frozen=True)
class Bounds:
    """What one call may take at most, below what every call may: bytes of the answer, and until when (monotonic)."""

    max_bytes: int | None = None
    until: float | None = None


@dataclass(frozen=True)
class Request:
    """One call. `path` is a template, filled from `values`; `body` None means that none is sent.

    `effect` False marks a POST that changes nothing worth knowing (the token): a lost answer is merely transient.
    A `body` of bytes goes out as it is and brings its Content-Type along in `headers`; all else is sent as JSON.
    `may_be_nothing` marks a GET whose 204 is an answer: there is none of it; `may_be_empty` one for which any answer
    without a body says so, since nobody believes the first of them, and a write whose object is looked for in any case.
    `read_back` marks a write whose answer nobody reads, since the object is read after it: a good status is enough.
    """

    method: str
    path: str
    values: Mapping[str, str | int] = field(default_factory=dict, repr=False)
    params: Sequence[tuple[str, str]] = field(default=(), repr=False)
    body: object = field(default=None, repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    effect: bool = True
    bounds: Bounds = Bounds()
    may_be_nothing: bool = False
    may_be_empty: bool = False
    read_back: bool = False

    @property
    def operation(self) -> str:
        return f"{self.method} {self.path}"

    @property
    def writes(self) -> bool:
        return self.effect and self.method not in READS

    @property
    def filled_path(self) -> str:
        """The path with its ids. An empty id would ask for the whole list, a dot for the folder above: refused."""
        for name, value in self.values.items():
            if str(value).strip(". ") == "":
                raise ValueError(f"{self.operation}: {name} is empty")
        return self.path.format(**{name: quote(str(value), safe="") for name, value in self.values.items()})


@dataclass(frozen=True)
class Answer:
    """Status, headers (lower-case names) and the whole body."""

    status: int
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)

    @cached_property
    def _parsed(self) -> tuple[bool, object]:
        try:
            # Not strict: a bare control character is for validation to name, not a reason to read nothing at all.
            return True, storable_json(json.loads(self._readable, strict=False))
        except (ValueError, RecursionError):
            return False, None

    @property
    def _readable(self) -> bytes | str:
        """JSON is UTF-8 whatever the header says; only bytes that are none are read as the header names them."""
        try:
            self.body.decode()
        except UnicodeDecodeError:
            named = CHARSET.search(self.headers.get("content-type", ""))
            try:
                return self.body.decode(named[1]) if named else self.body
            except (LookupError, UnicodeDecodeError):
                return self.body
        return self.body

    @property
    def json(self) -> object:
        return self._parsed[1]

    @property
    def shape(self) -> Shape:
        if not self.body.strip():
            return "empty"
        if self._parsed[0]:
            return "json"
        is_html = "html" in self.headers.get("content-type", "") or self.body.lstrip().startswith(b"<")
        return "html" if is_html else "broken"

    @cached_property
    def digest(self) -> str:
        """The same for the same bytes."""
        return hashlib.sha256(self.body).hexdigest()

    @cached_property
    def text(self) -> str:
        return storable(self.body.decode("utf-8", errors="replace"))

    @property
    def status_reason(self) -> str | None:
        """EspoCRM's X-Status-Reason; None where the header is absent, which is not the same as an empty one."""
        reason = self.headers.get("x-status-reason")
        return None if reason is None else storable(reason)

    @property
    def date(self) -> datetime | None:
        return http_date(self.headers.get("date", ""))


@dataclass(frozen=True)
class Recognised(Generic[T]):
    """A good answer that may have come before. known: these very bytes were read once, and are read again only for
    whoever asks for `value`; other ones have been read by now."""

    digest: str
    known: bool
    _read: Callable[[], T] = field(repr=False)

    @cached_property
    def value(self) -> T:
        return self._read()


@dataclass(frozen=True)
class Call:
    """What observers and the log learn of one request. `status` None: no answer; `kind` None: success; `left`: whether
    anything of it was sent."""

    system: System
    method: str
    path: str
    status: int | None
    seconds: float
    kind: str | None
    left: bool = False


def http_date(text: str) -> datetime | None:
    """An HTTP date as an aware datetime in UTC, None if it is not one."""
    try:
        moment = parsedate_to_datetime(text)
    except (TypeError, ValueError):
        return None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def is_of_a_calendar(moment: datetime) -> bool:
    """Not one of the ends of time, which stand for "never" and have no neighbours in other time zones."""
    return 1 < moment.year < 9999


def object_of(value: object) -> Mapping[str, object]:
    if not isinstance(value, dict):
        raise WrongShape(f"an object expected, {_name(value)} came")
    return value


def list_of(value: object) -> Sequence[object]:
    if not isinstance(value, list):
        raise WrongShape(f"a list expected, {_name(value)} came")
    return value


def only_of(value: object) -> object:
    """What was asked for by itself, or as the only one of a list."""
    if isinstance(value, list) and len(value) != 1:
        raise WrongShape(f"one object expected, a list of {len(value)} came")
    return value[0] if isinstance(value, list) else value


def only_object_of(value: object) -> Mapping[str, object]:
    return object_of(only_of(value))


def text_in(holder: Mapping[str, object], key: str) -> str | None:
    value = holder.get(key)
    return value if isinstance(value, str) else None


def words_in(holder: Mapping[str, object], key: str) -> str | None:
    """Text, or a whole number as its digits: what some serializers make of text that consists of digits."""
    value = holder.get(key)
    if isinstance(value, str):
        return value
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else None


def marker_in(holder: Mapping[str, object], key: str) -> str | None:
    """What is to tell one state of an object from another. Emptiness tells nothing: it equals the next one's."""
    return words_in(holder, key) or None


def whole_number_in(holder: Mapping[str, object], key: str) -> int | None:
    """An int, 7.0, or text that is one; True, 1.5 and what no column holds are not numbers here."""
    value = holder.get(key)
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, str) and len(value) <= LONGEST_NUMBER and value.strip().isdecimal():
        value = int(value)
    if not isinstance(value, int) or isinstance(value, bool):
        return None
    return value if abs(value) <= LARGEST_NUMBER else None


def number_alone(value: object) -> int | None:
    """The whole answer is a number, be it as text."""
    return whole_number_in({"": value}, "")


def says_done(value: object, number: int | None) -> bool:
    """An update whose answer says no more than that: no content, true, or the number of what was written."""
    return value is None or value is True or (number is not None and number_alone(value) == number)


def _name(value: object) -> str:
    names = {dict: "an object", list: "a list", str: "text", bool: "a truth value", type(None): "null"}
    return names.get(type(value), "a number")
