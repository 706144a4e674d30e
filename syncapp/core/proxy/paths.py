"""The one canonical reading of what a caller names: a path as checked segments, a query as checked pairs.

| what | read as |
| --- | --- |
| one leading slash | dropped |
| the API's prefix before it | dropped |
| 1 to 6 segments of letters, digits and `_ . ~ -`, 64 characters each | those segments |
| a segment of dots alone, an empty one (two slashes, one at the end) | refused |
| any of `% \\ ; ? # @ :`, a control character, a blank at an end, bytes that are no UTF-8 | refused |

Invariant: decoded once, read once; what comes out holds nothing that any server could read in another way. A `%` that
is left after one decoding means that somebody encoded twice.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import parse_qsl, quote, unquote_to_bytes

from syncapp.core.proxy.codes import Code, ProxyRefusal

MAX_PATH, MAX_SEGMENTS = 200, 6
MAX_PARAMETERS, MAX_VALUE = 30, 500
FORBIDDEN = frozenset("%\\;?#@:")
SEGMENT = re.compile(r"[A-Za-z0-9ÄÖÜäöüß_.~-]{1,64}")
PARAMETER = re.compile(r"[A-Za-z0-9_.\[\]]{1,40}")
ESCAPE = re.compile(r"%[0-9A-Fa-f]{2}")
ENDPOINT, DRY_RUN = "endpoint", "dry_run"
TRUE, FALSE = frozenset({"1", "true"}), frozenset({"0", "false"})
Pairs = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Query:
    """`endpoints`: as often as it was given; `parameters`: what is handed on, in the caller's order."""

    endpoints: tuple[str, ...]
    dry_run: bool
    parameters: Pairs


def read_path(text: str, *, prefixes: Iterable[str] = ()) -> tuple[str, ...]:
    """The segments of a path that was decoded once; ProxyRefusal says what is wrong with it, without repeating it."""
    if not 1 <= len(text) <= MAX_PATH:
        raise _bad(f"it has to have 1 to {MAX_PATH} characters")
    if text != text.strip() or any(sign in FORBIDDEN or not sign.isprintable() for sign in text):
        raise _bad(r"none of % \ ; ? # @ : may be in it, no control character, and no blank at its ends")
    if "//" in text:
        raise _bad("two slashes in a row")
    segments = tuple(_without_prefix(text.removeprefix("/"), prefixes).split("/"))
    if len(segments) > MAX_SEGMENTS:
        raise _bad(f"more than {MAX_SEGMENTS} parts")
    if not all(SEGMENT.fullmatch(segment) and segment.strip(".") for segment in segments):
        raise _bad("a part of it is empty, too long, consists of dots or has other characters than letters and digits")
    return segments


def _without_prefix(path: str, prefixes: Iterable[str]) -> str:
    """Longest first: `api/v1/advonet` begins like `api/v1`."""
    for prefix in sorted((prefix.strip("/") for prefix in prefixes), key=len, reverse=True):
        if prefix and path.startswith(f"{prefix}/"):
            return path.removeprefix(f"{prefix}/")
    return path


def decoded(raw: str) -> str:
    """A path as it stood in the request line, decoded; escapes are for letters outside ASCII alone.

    The server in front and the one behind must read it in the same way, so nothing is accepted that one of them could
    decode and another could not.
    """
    if not raw.isascii():
        raise _bad("characters outside ASCII have to be encoded as UTF-8")
    if "%" in ESCAPE.sub("", raw) or any(int(escape[1:], 16) < 0x80 for escape in ESCAPE.findall(raw)):
        raise _bad("only letters outside ASCII may be encoded")
    try:
        text = unquote_to_bytes(raw).decode()
    except UnicodeDecodeError:
        raise _bad("it is not UTF-8") from None
    upper = ESCAPE.sub(lambda escape: escape[0].upper(), raw)
    if quote(text, safe="".join(sign for sign in map(chr, range(128)) if sign != "%")) != upper:
        raise _bad("it is encoded in an unusual way")
    return text


def read_query(raw: str) -> Query:
    """The pairs of a query string; our own names are taken out."""
    if not raw.isascii():
        raise ProxyRefusal(Code.BAD_QUERY, "characters outside ASCII have to be encoded as UTF-8")
    try:
        pairs = parse_qsl(raw, keep_blank_values=True, errors="strict", max_num_fields=MAX_PARAMETERS + 4)
    except ValueError:
        raise ProxyRefusal(Code.BAD_QUERY, f"not UTF-8, or more than {MAX_PARAMETERS} parameters") from None
    parameters = tuple((name, value) for name, value in pairs if name not in (ENDPOINT, DRY_RUN))
    if len(parameters) > MAX_PARAMETERS:
        raise ProxyRefusal(Code.BAD_QUERY, f"more than {MAX_PARAMETERS} parameters")
    if not all(PARAMETER.fullmatch(name) for name, _value in parameters):
        raise ProxyRefusal(Code.BAD_QUERY, "a parameter's name has other characters than letters, digits and _ . [ ]")
    if any(len(value) > MAX_VALUE for _name, value in parameters):
        raise ProxyRefusal(Code.BAD_QUERY, f"a parameter's value has more than {MAX_VALUE} characters")
    endpoints = tuple(value for name, value in pairs if name == ENDPOINT)
    return Query(endpoints, _dry_run(pairs), parameters)


def _dry_run(pairs: Iterable[tuple[str, str]]) -> bool:
    """Anything but a plain yes or no is refused: a write that was meant to be a rehearsal must not happen."""
    given = [(name, value.lower()) for name, value in pairs if name.lower().replace("_", "") == "dryrun"]
    if not given:
        return False
    if len(given) > 1 or given[0][0] != DRY_RUN or given[0][1] not in TRUE | FALSE:
        raise ProxyRefusal(Code.BAD_QUERY, "dry_run is written like this, and is 1 or 0")
    return given[0][1] in TRUE


def only_endpoint(query: Query) -> str:
    """The one endpoint of the query."""
    if not query.endpoints or query.endpoints == ("",):
        raise ProxyRefusal(Code.ENDPOINT_MISSING)
    if len(query.endpoints) > 1:
        raise _bad("it is given more than once")
    return query.endpoints[0]


def _bad(hint: str) -> ProxyRefusal:
    return ProxyRefusal(Code.BAD_ENDPOINT, hint)
