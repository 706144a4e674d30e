"""What a file is made of: tables of plain cells. The month's sheet shows the same tables on its page.

Invariant: a cell is text, a number, a moment or a day; None is an empty cell, NOTHING the sign for "nothing ran". What
a spreadsheet could calculate is told to be text, in linear time; any number stays as it is.
To extend: a further sign that begins a formula is one of FORMULA.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from syncapp.core.spelling.letters import plain

# What spreadsheets begin a formula with, the wide forms of these signs included.
FORMULA = re.compile(r"\s*[=+\-@＝＋－＠]|[\t\r\n]")
NUMBER = re.compile(r"\s*[+-][\d\s()/.,-]*")
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


def is_formula(text: str) -> bool:
    """Whether a spreadsheet could take this text for a formula."""
    return bool(FORMULA.match(text) and not NUMBER.fullmatch(text))


def harmless(cell: object) -> str:
    """As people read it. What a spreadsheet would take for a formula is told to be text; any number stays."""
    text = plain(str(cell))
    return f"'{text}" if is_formula(text) else text
