"""CSV as spreadsheets write and open it: what people hand in is read in every spelling, what they get opens by itself.

Invariant: nothing that is written is taken for a formula; every file that is read is read whole and in linear time.
To extend: another spelling to write is a row of SPELLINGS, one to read a line in `_text_of` or `as_typed`.
"""

import codecs
import csv
import io
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TextIO

from django.conf import settings

from syncapp.core.spelling.letters import plain
from syncapp.operations.exports.tables import harmless
from syncapp.words.plain_errors import PlainError

BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
SEPARATORS = ";\t,"
# A first line that tells Excel the separator; it is no row.
DIRECTIVE = re.compile(r"\s*\"?sep=(.)\"?\s*", re.IGNORECASE)
# How a spreadsheet is made to keep digits as text: ="0123" or '0123.
AS_TEXT = re.compile(r'="(.*)"|\'(.*)')
GROUPED = re.compile(r"\d{1,3}(?:\.\d{3})+")


# What stands between the cells, and at the beginning of the file. A German Excel splits a file at semicolons, and takes
# it for Windows-1252 unless it begins with a byte order mark.
SPELLINGS = {"excel-de": (";", "\ufeff"), "excel-en": (",", "\ufeff"), "plain": (",", "")}


class SheetWriter:
    """Rows in the spelling of the setting CSV_FORMAT. `begun`: rows are added to a file that has its head already."""

    def __init__(self, file: TextIO, *, head: Iterable[str], begun: bool = False) -> None:
        separator, mark = SPELLINGS[settings.CSV_FORMAT]
        self._csv = csv.writer(file, delimiter=separator)
        if not begun:
            file.write(mark)
            self.write(head)

    def write(self, row: Iterable[object]) -> None:
        self._csv.writerow([harmless(cell) for cell in row])


def rows_of(path: Path) -> Iterator[tuple[int, list[str]]]:
    """(line, cells) of each line that holds something, in whichever spelling a spreadsheet wrote the file."""
    try:
        text = _text_of(path.read_bytes())
        separator, skip = _separator(text)
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
        for number, row in enumerate(reader, start=1):
            cells = [as_typed(cell) for cell in row]
            if any(cells) and number > skip:
                yield number, cells
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise PlainError(f"{path} cannot be read as CSV ({type(error).__name__})") from error


def as_typed(cell: str) -> str:
    """A cell as people read it, without what keeps a spreadsheet from counting with it."""
    text = plain(cell)
    found = AS_TEXT.fullmatch(text)
    return (found[1] or found[2] or "").strip() if found else text


def whole_number(cell: str) -> int | None:
    """A number as a German spreadsheet shows it, points between the thousands included; None for anything else."""
    digits = cell.replace(".", "") if GROUPED.fullmatch(cell) else cell
    return int(digits) if len(digits) <= 18 and digits.isascii() and digits.isdigit() else None


def _text_of(content: bytes) -> str:
    """By its byte order mark, else UTF-16 where every other byte is NUL, else UTF-8, else what Windows calls ANSI."""
    for bom, encoding in BOMS:
        if content.startswith(bom):
            return content[len(bom) :].decode(encoding)
    if b"\x00" in content[:2]:
        return content.decode("utf-16-be" if content[0] == 0 else "utf-16-le")
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        return content.decode("cp1252")


def _separator(text: str) -> tuple[str, int]:
    """What separates the cells, and how many lines at the top are no rows."""
    first = next((line for line in text[:65536].splitlines() if line.strip()), "")
    if told := DIRECTIVE.fullmatch(first):
        return told[1], 1
    outside = re.sub(r'"[^"]*"', "", first)
    return max(SEPARATORS, key=outside.count) if any(sign in outside for sign in SEPARATORS) else ";", 0
