"""What a file is made of: tables of plain cells. The month's sheet shows the same tables on its page.

Invariant: a cell is text, a number, a moment or a day; None is an empty cell, NOTHING the sign for "nothing ran".
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

Cell = str | int | float | datetime | date | None
NOTHING = "–"


@dataclass(frozen=True, slots=True)
class Table:
    """`rows` is gone through once; `note`: what has to be known to read it."""

    title: str
    heads: tuple[str, ...]
    rows: Iterable[Sequence[Cell]]
    note: str = ""


@dataclass(frozen=True, slots=True)
class Content:
    """What a source gives: its tables, how many rows there are, and whether personal values are among them."""

    tables: tuple[Table, ...]
    total: int
    with_values: bool = False


class ExportRefused(Exception):
    """There is nothing to export for this person; the text says why and what to do."""


Seen = Callable[[int], None]
