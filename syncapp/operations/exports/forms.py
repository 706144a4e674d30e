"""The forms of a file: XLSX, CSV as a German Excel opens it, CSV for programs.

Invariant: no cell is taken for a formula, in none of them: in CSV a text that begins like one gets an apostrophe, in
XLSX it is written as text and marked as such, so that it stays one when somebody edits it. Memory does not grow with
the rows. To extend: a further form is a row of FORMS.
"""

import csv
import io
import re
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from typing import IO, Any

import xlsxwriter
from django.utils import timezone, translation

from syncapp.core.spelling.letters import plain
from syncapp.operations.exports.tables import Cell, Seen, Table, harmless, is_formula
from syncapp.words import Words
from syncapp.words.exports import FORM_WORDS

LAST_ROW = 1_048_576  # of a worksheet
LONGEST_CELL = 32_767
WIDEST = 60
NOT_IN_A_NAME = re.compile(r"[\[\]:*?/\\']")


@dataclass(frozen=True, slots=True)
class FileForm:
    """One form: what it is called, what it is good for, and how it is written.

    write: all the tables into a file; how many rows. It tells after each row how many there are so far.
    """

    code: str
    label: Words
    use: Words
    suffix: str
    content_type: str
    write: Callable[[IO[bytes], Iterable[Table], Seen], int]


def _write_csv(
    file: IO[bytes], tables: Iterable[Table], seen: Seen, *, delimiter: str, encoding: str, for_people: bool
) -> int:
    """for_people: times of the installation's zone, and the language's decimal sign."""
    text = io.TextIOWrapper(file, encoding=encoding, newline="", write_through=True)
    writer = csv.writer(text, delimiter=delimiter)
    chosen = list(tables)
    rows = 0
    for place, table in enumerate(chosen):
        if len(chosen) > 1:
            title = [harmless(table.title)]
            writer.writerows([[], title] if place else [title])
        writer.writerow(map(harmless, table.heads))
        for row in table.rows:
            writer.writerow([_in_csv(cell, for_people=for_people) for cell in row])
            rows += 1
            seen(rows)
    text.flush()
    text.detach()
    return rows


def _in_csv(cell: Cell, *, for_people: bool) -> str:
    if cell is None:
        return ""
    if isinstance(cell, datetime):
        local = timezone.localtime(cell)
        return f"{local:%Y-%m-%d %H:%M:%S}" if for_people else local.isoformat(timespec="seconds")
    if isinstance(cell, date):
        return cell.isoformat()
    if isinstance(cell, float):
        number = f"{cell:g}"
        return number.replace(".", ",") if for_people and _decimal_comma() else number
    return harmless(cell) if isinstance(cell, str) else str(cell)


def _decimal_comma() -> bool:
    return (translation.get_language() or "").startswith("de")


class _Workbook:
    """A workbook that goes to the disk row by row; a table longer than a worksheet goes on in a further one."""

    def __init__(self, file: IO[bytes], folder: str) -> None:
        options = {
            "constant_memory": True,
            "tmpdir": folder,
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
        }
        self.book: Any = xlsxwriter.Workbook(file, options)
        german = _decimal_comma()
        self.bold = self.book.add_format({"bold": True, "bottom": 1})
        self.text = self.book.add_format({"quote_prefix": True})
        self.moment = self.book.add_format({"num_format": "dd.mm.yyyy hh:mm:ss" if german else "yyyy-mm-dd hh:mm:ss"})
        self.day = self.book.add_format({"num_format": "dd.mm.yyyy" if german else "yyyy-mm-dd"})
        self.names: set[str] = set()

    def sheet(self, table: Table) -> Any:
        sheet = self.book.add_worksheet(self._name(table.title))
        sheet.freeze_panes(1, 0)
        for column, head in enumerate(table.heads):
            sheet.set_column(column, column, min(WIDEST, max(14, len(head) + 4)))
            sheet.write_string(0, column, head, self.bold)
        return sheet

    def _name(self, title: str) -> str:
        """At most 31 signs, without those that Excel forbids, each once."""
        plain = NOT_IN_A_NAME.sub(" ", title).strip() or "1"
        name = next(name for name in _numbered(plain) if name.casefold() not in self.names)
        self.names.add(name.casefold())
        return name

    def write(self, sheet: Any, row: int, column: int, cell: Cell) -> None:
        if cell is None:
            return
        if isinstance(cell, datetime):
            sheet.write_datetime(row, column, timezone.localtime(cell).replace(tzinfo=None), self.moment)
        elif isinstance(cell, date):
            sheet.write_datetime(row, column, cell, self.day)
        elif isinstance(cell, str):
            sheet.write_string(row, column, cell[:LONGEST_CELL], self.text if is_formula(plain(cell)) else None)
        else:
            sheet.write_number(row, column, cell)


def _numbered(title: str) -> Iterator[str]:
    yield title[:31]
    number = 2
    while True:
        ending = f" ({number})"
        yield title[: 31 - len(ending)] + ending
        number += 1


def _write_xlsx(file: IO[bytes], tables: Iterable[Table], seen: Seen) -> int:
    rows = 0
    with tempfile.TemporaryDirectory(prefix="advosync-export-") as folder:
        workbook = _Workbook(file, folder)
        for table in tables:
            sheet, place = workbook.sheet(table), 0
            for row in table.rows:
                if place + 1 == LAST_ROW:
                    _filter(sheet, place, table.heads)
                    sheet, place = workbook.sheet(table), 0
                place += 1
                for column, cell in enumerate(row):
                    workbook.write(sheet, place, column, cell)
                rows += 1
                seen(rows)
            _filter(sheet, place, table.heads)
        workbook.book.close()
    return rows


def _filter(sheet: Any, last_row: int, heads: Sequence[str]) -> None:
    if last_row:
        sheet.autofilter(0, 0, last_row, len(heads) - 1)


XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CSV = "text/csv; charset=utf-8"
# By its byte order mark (-sig) spreadsheets know UTF-8.
FOR_EXCEL = partial(_write_csv, delimiter=";", encoding="utf-8-sig", for_people=True)
FOR_PROGRAMS = partial(_write_csv, delimiter=",", encoding="utf-8", for_people=False)
FORMS: dict[str, FileForm] = {
    form.code: form
    for form in (
        FileForm("xlsx", *FORM_WORDS["xlsx"], "xlsx", XLSX, _write_xlsx),
        FileForm("csv", *FORM_WORDS["csv"], "csv", CSV, FOR_EXCEL),
        FileForm("csv_plain", *FORM_WORDS["csv_plain"], "csv", CSV, FOR_PROGRAMS),
    )
}
