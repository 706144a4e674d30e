"""Asking EspoCRM for lists: conditions as query parameters, and walking through more rows than one page holds.

Invariant of `follow`: rows that are changed during the walk move towards its end and so are seen there; a plain offset
would skip one unseen row for each that moved. Pages therefore start at the last time seen, and only within one second
that fills a whole page is an offset used, with OVERLAP rows read again.
Invariant of `pieces`: every value once, and no address of MAX_ADDRESS bytes or more.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Protocol, TypeVar

MAX_PAGE = 200
OVERLAP = 20
# Bytes of a whole address. Web servers and what stands before them take 4 to 8 kB of it, some no more than 2,048.
MAX_ADDRESS = 2000


class PagedRow(Protocol):
    @property
    def id(self) -> str: ...

    @property
    def attributes(self) -> Mapping[str, object]: ...


R = TypeVar("R", bound=PagedRow)
Where = Mapping[str, object]


def where_params(where: Sequence[Where]) -> list[tuple[str, str]]:
    """`where` as the bracketed parameters that EspoCRM reads (JSON in `where=` would be ignored: all rows)."""
    return [pair for number, item in enumerate(where) for pair in _flat(f"where[{number}]", item)]


def _flat(name: str, value: object) -> Iterator[tuple[str, str]]:
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _flat(f"{name}[{key}]", inner)
    elif isinstance(value, list | tuple | set | frozenset):
        if not value:
            raise ValueError(f"{name}: EspoCRM refuses an empty list")
        for number, inner in enumerate(value):
            yield from _flat(f"{name}[{number}]" if isinstance(inner, Mapping) else f"{name}[]", inner)
    else:
        yield name, _text(value)


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def pieces(values: Sequence[str], *, length: Callable[[Sequence[str]], int]) -> Iterator[Sequence[str]]:
    """The values in order, as many at a time as one address (`length` tells how long it becomes) and one page hold.

    A value that is too long by itself makes a piece of its own: whoever asks refuses it.
    """
    piece: list[str] = []
    for value in values:
        if piece and (len(piece) == MAX_PAGE or length([*piece, value]) >= MAX_ADDRESS):
            yield piece
            piece = []
        piece.append(value)
    if piece:
        yield piece


def follow(page: Callable[[Sequence[Where], int], Sequence[R]], *, order_by: str, max_size: int) -> Iterator[R]:
    """Every row once per state it was seen in. `page(more conditions, offset)` reads up to `max_size` rows, upwards."""
    step = max_size if max_size <= OVERLAP else max_size - OVERLAP
    since: object = None
    offset = 0
    seen: set[tuple[str, object]] = set()
    while True:
        at_least = {"type": "greaterThanOrEquals", "attribute": order_by, "value": since}
        rows = page([at_least] if since is not None else [], offset)
        for row in rows:
            key = row.id, row.attributes.get(order_by)
            if key not in seen:
                seen.add(key)
                yield row
        if len(rows) < max_size:
            return
        last = rows[-1].attributes.get(order_by)
        if last is None or last == since:
            offset += step
        else:
            since, offset = last, 0
            seen = {key for key in seen if key[1] == since}
