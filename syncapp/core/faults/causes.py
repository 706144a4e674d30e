"""Causes: which errors are the same, below their kind.

Purpose: five hundred failed records are seldom five hundred reasons; the fault's code, field, rule, system and status
make a cause, its other details (names, numbers, times) do not.
Invariant: pure; a cause holds no personal value, only codes and field names; `parts` of `of` gives back what it was
made of. To extend: a further detail that tells causes apart is a row of PATHS, and a migration (models/cause.py).
"""

from collections.abc import Mapping, Sequence
from typing import Any

SEPARATOR = "·"
# Where each piece stands in a fault; the first that tells nothing is left empty.
PATHS: tuple[tuple[str | int, ...], ...] = (
    ("code",),
    ("params", "faults", 0, "field"),
    ("params", "faults", 0, "rule"),
    ("params", "field"),
    ("params", "system"),
    ("params", "status"),
)


def of(fault: Mapping[str, Any]) -> str:
    """The cause of a fault, "" where nothing is wrong."""
    pieces = [_at(fault, path) for path in PATHS]
    return joined(pieces) if pieces[0] not in (None, "") else ""


def joined(pieces: Sequence[object]) -> str:
    """The cause that was taken apart."""
    return SEPARATOR.join("" if piece is None else str(piece) for piece in pieces)


def parts(cause: str) -> tuple[str, ...] | None:
    """What a cause was made of, in the order of PATHS; None where the text is none."""
    pieces = tuple(cause.split(SEPARATOR))
    return pieces if len(pieces) == len(PATHS) and pieces[0] else None


def _at(fault: Any, path: Sequence[str | int]) -> Any:
    for step in path:
        try:
            fault = fault[step]
        except (KeyError, IndexError, TypeError):
            return None
    return fault if isinstance(fault, str | int) else None
