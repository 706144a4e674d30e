"""JSON of callers: what may go on.

Invariant: one object or list, no deeper than MAX_DEPTH, with nothing that is no JSON (NaN); each name once counts as
Advoware would get it, since it is written anew. Half a character or NUL, as a read may have brought it, stands in its
storable form here (core/spelling/storable.py), and goes out as it came.
"""

import json
from typing import NoReturn

from syncapp.core.proxy.codes import Code, ProxyRefusal
from syncapp.core.spelling.storable import storable_json

MAX_DEPTH = 20


def read_body(raw: bytes) -> object:
    """The object or list that was sent."""
    try:
        body = storable_json(json.loads(raw.decode(), parse_constant=_no_constant))
        json.dumps(body, allow_nan=False)
    except (ValueError, RecursionError):
        raise ProxyRefusal(Code.BAD_BODY, "it is no JSON in UTF-8") from None
    if not isinstance(body, dict | list):
        raise ProxyRefusal(Code.BAD_BODY, "an object or a list is expected")
    if _is_deep(body):
        raise ProxyRefusal(Code.BAD_BODY, f"nested more than {MAX_DEPTH} deep")
    return body


def _no_constant(name: str) -> NoReturn:
    raise ValueError(name)


def _is_deep(body: object) -> bool:
    level = [body]
    for _depth in range(MAX_DEPTH):
        level = [inner for outer in level for inner in _inside(outer)]
        if not level:
            return False
    return True


def _inside(outer: object) -> list[object]:
    if isinstance(outer, dict):
        return list(outer.values())
    return list(outer) if isinstance(outer, list) else []
