"""How EspoCRM is asked for lists: conditions as query parameters, in as many pieces as addresses hold.

Invariant of `pieces`: every value once, and no address of MAX_ADDRESS bytes or more.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence

MAX_PAGE = 200
# Bytes of a whole address. Web servers and what stands before them take 4 to 8 kB of it, some no more than 2,048.
MAX_ADDRESS = 2000

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
