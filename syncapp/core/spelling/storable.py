"""Text as every database keeps it, and back to the letter.

JSON knows NUL and half of a surrogate pair; neither PostgreSQL nor SQLite keeps them. On its way in, each becomes a
stand-in of a private plane; on its way out, it becomes itself again.
Invariant: what comes in is storable wherever it ends up, what is written back is what was read (a real character of
the stand-ins' range travels as its two halves), and `unsendable` tells validation what must not be carried on.
To extend: this belongs where text enters and leaves (remotes/http, the webhook intake, markers), nowhere in between.
"""

import re
from math import isfinite
from typing import Any

MAX_DEPTH = 200
_PLANE = 0xF0000
_STAND_IN = "\U000f0000\U000fd800-\U000fdfff"
# In runs: a text that consists of such characters costs about as much as any other.
_UNSTORABLE = re.compile(f"[\x00\ud800-\udfff{_STAND_IN}]+")
_KEPT = re.compile(f"[{_STAND_IN}]+")
_NESTING = (dict, list)
_PLAIN = frozenset({int, bool, type(None)})
_UNITS = (0, *range(0xD800, 0xE000))
# Stand-ins, and control characters other than those that part lines and columns.
_UNSENDABLE = re.compile(f"[{_STAND_IN}\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")


def _halves(sign: str) -> str:
    """A character as the stand-ins of its one or two units of UTF-16."""
    raw = sign.encode("utf-16-be", "surrogatepass")
    return "".join(chr(_PLANE + int.from_bytes(raw[at : at + 2])) for at in range(0, len(raw), 2))


_STAND_INS = {code: _halves(chr(code)) for unit in _UNITS for code in (unit, _PLANE + unit)}
_AS_THEY_CAME = {_PLANE + unit: unit for unit in _UNITS}
_ESCAPED = {_PLANE + unit: f"\\u{unit:04x}" for unit in _UNITS}


class NotStorable(ValueError):
    """JSON that no database keeps: nested too deep, or a number beyond all bounds."""


def storable(text: str) -> str:
    """The text with a stand-in for whatever a database refuses. To be done once, where it comes in."""
    if text.isprintable():  # as almost every text is; none of what a database refuses is printable
        return text
    return _UNSTORABLE.sub(lambda found: found[0].translate(_STAND_INS), text)


def as_it_came(text: str) -> str:
    """The text as the other system gave it."""
    return _KEPT.sub(lambda found: found[0].translate(_AS_THEY_CAME), text)


def json_as_it_came(text: str) -> str:
    """The same in JSON that has been written already, where it has to be escaped."""
    return _KEPT.sub(lambda found: found[0].translate(_ESCAPED), text)


def storable_json(value: Any, *, lenient: bool = False, depth: int = MAX_DEPTH) -> Any:
    """The same JSON in a form that can be stored; names of keys too. lenient: a number that is none becomes null.

    Raises NotStorable for what has no such form.
    """
    if isinstance(value, str):
        return storable(value)
    if isinstance(value, float) and not isfinite(value):
        if lenient:
            return None
        raise NotStorable("no number")
    if not isinstance(value, _NESTING):
        return value
    if not depth:
        raise NotStorable("nested too deep")
    if isinstance(value, list):
        return [storable_json(item, lenient=lenient, depth=depth - 1) for item in value]
    # Written out for texts and numbers: a list of a thousand objects consists of little else.
    return {
        key if key.isprintable() else storable(key): (
            item
            if item.__class__ in _PLAIN or (item.__class__ is str and item.isprintable())
            else storable_json(item, lenient=lenient, depth=depth - 1)
        )
        for key, item in value.items()
    }


def unsendable(text: str | None) -> bool:
    """Whether the text holds what no system should be given: control characters, halves of characters."""
    return text is not None and _UNSENDABLE.search(text) is not None
