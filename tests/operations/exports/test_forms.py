"""The forms of a file: no formula in any of them, what a German Excel expects, and tables of any length."""

import io
from collections.abc import Sequence
from datetime import UTC, date, datetime

import pytest
from django.utils import translation

from syncapp.core.spelling.letters import plain
from syncapp.operations.exports import forms
from syncapp.operations.exports.forms import FORMS
from syncapp.operations.exports.tables import Cell, Table
from tests.support.spreadsheets import csv_rows, sheets

NOON = datetime(2026, 6, 15, 10, 30, tzinfo=UTC)
FORMULAS = (
    *("=1+1", "+49511123456+A1", "-a", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "  =1", "＝1", "＋1", "－1", "＠a"),
    *("+1*2", "-2+3", "-1^9", "+1&2", "-1%", "\u200b=1", "\ufeff@a"),
)
HARMLESS = ("Müller", "–", "a=b", "0511 123456", "+49 511 123456", "-2", "'=1", "", "1=1", "🙂")


def written(form: str, *rows: Sequence[Cell], heads: tuple[str, ...] = ("a",), title: str = "List") -> bytes:
    file = io.BytesIO()
    assert FORMS[form].write(file, [Table(title, heads, rows)], lambda _rows: None) == len(rows)
    return file.getvalue()


@pytest.mark.parametrize("text", FORMULAS)
def test_no_spreadsheet_takes_a_cell_for_a_formula(text: str) -> None:
    for form, delimiter in (("csv", ";"), ("csv_plain", ",")):
        (_head, (cell,)) = csv_rows(written(form, (text,)), delimiter=delimiter)
        assert cell == f"'{plain(text)}"
    (_head, (cell,)) = sheets(written("xlsx", (text,)))["List"]
    as_written = text.replace("\r", "_x000D_")  # as a workbook spells it
    assert (cell.kind, cell.value, cell.quoted) == ("text", as_written, True)


@pytest.mark.parametrize("text", HARMLESS)
def test_other_texts_stay_as_they_are(text: str) -> None:
    assert csv_rows(written("csv", (text, "x"), heads=("a", "b")))[1] == [text, "x"]
    cell = sheets(written("xlsx", (text or "x",)))["List"][1][0]
    assert (cell.kind, cell.value, cell.quoted) == ("text", text or "x", False)


def test_numbers_stay_numbers_below_zero_too() -> None:
    assert csv_rows(written("csv", (-5, 0, None), heads=("a", "b", "c")))[1] == ["-5", "0", ""]
    cells = sheets(written("xlsx", (-5, 0.5, None), heads=("a", "b", "c")))["List"][1]
    assert [(cell.kind, cell.value) for cell in cells] == [("number", "-5"), ("number", "0.5")]


@pytest.mark.parametrize("text", FORMULAS[:4])
def test_heads_and_titles_are_no_formulas_either(text: str) -> None:
    tables = [Table(text, (text,), [(1,)]), Table("x", ("b",), [(2,)])]
    for form, delimiter in (("csv", ";"), ("csv_plain", ",")):
        file = io.BytesIO()
        FORMS[form].write(file, tables, lambda _rows: None)
        assert csv_rows(file.getvalue(), delimiter=delimiter)[:2] == [[f"'{text}"], [f"'{text}"]]
    (head,) = next(iter(sheets(written("xlsx", (1,), heads=(text,))).values()))[0]
    assert (head.kind, head.value) == ("text", text)


def test_a_german_excel_opens_the_csv() -> None:
    with translation.override("de"):
        content = written("csv", ("Größer; Söhne", 0.5, NOON, date(2026, 6, 1)), heads=("ä", "b", "c", "d"))
    assert content.startswith(b"\xef\xbb\xbf")
    assert csv_rows(content) == [["ä", "b", "c", "d"], ["Größer; Söhne", "0,5", "2026-06-15 12:30:00", "2026-06-01"]]


def test_programs_get_commas_and_zones() -> None:
    with translation.override("de"):
        content = written("csv_plain", (0.5, NOON), heads=("a", "b"))
    assert content == b"a,b\r\n0.5,2026-06-15T12:30:00+02:00\r\n"


def test_times_are_times_in_a_workbook() -> None:
    cell = sheets(written("xlsx", (NOON,)))["List"][1][0]
    assert cell.kind == "number"
    assert float(cell.value) == pytest.approx(46188 + 12.5 / 24)  # half past twelve in Berlin


def test_several_tables_are_told_apart() -> None:
    tables = [Table("One", ("a",), [(1,)]), Table("Two", ("b",), [(2,)])]
    file = io.BytesIO()
    FORMS["csv"].write(file, tables, lambda _rows: None)
    assert csv_rows(file.getvalue()) == [["One"], ["a"], ["1"], [], ["Two"], ["b"], ["2"]]


def test_a_table_longer_than_a_worksheet_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(forms, "LAST_ROW", 4)
    found = sheets(written("xlsx", *[(number,) for number in range(7)]))
    assert {name: [row[0].value for row in rows] for name, rows in found.items()} == {
        "List": ["a", "0", "1", "2"],
        "List (2)": ["a", "3", "4", "5"],
        "List (3)": ["a", "6"],
    }


@pytest.mark.parametrize("title", ["a/b:c*?[d]'e'", "x" * 80, "", "History"])
def test_any_title_names_a_worksheet(title: str) -> None:
    (name,) = sheets(written("xlsx", (1,), title=title))
    assert 0 < len(name) <= 31
    assert not set(name) & set("[]:*?/\\'")


def test_a_cell_is_as_long_as_excel_takes_it() -> None:
    cell = sheets(written("xlsx", ("x" * 40_000,)))["List"][1][0]
    assert len(cell.value) == 32_767
