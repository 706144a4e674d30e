"""Reads what an export has written, as a spreadsheet would: the cells of a workbook, or of a CSV file."""

import csv
import io
import zipfile
from dataclasses import dataclass
from xml.etree import ElementTree

NAMES = {"m": "http://schemas.openxmlformats.org/spreadsheetml/2006/main"}


@dataclass(frozen=True)
class WorkbookCell:
    """`kind`: text, number or formula; `quoted`: marked as text that stays text when it is edited."""

    kind: str
    value: str
    quoted: bool


def sheets(content: bytes) -> dict[str, list[list[WorkbookCell]]]:
    """name → rows of cells; empty cells are left out."""
    with zipfile.ZipFile(io.BytesIO(content)) as book:
        styles = _tree(book, "styles")
        quoted = [row.get("quotePrefix") == "1" for row in styles.findall("m:cellXfs/m:xf", NAMES)]
        names = [sheet.attrib["name"] for sheet in _tree(book, "workbook").findall("m:sheets/m:sheet", NAMES)]
        return {
            name: _rows(_tree(book, f"worksheets/sheet{place}"), quoted) for place, name in enumerate(names, start=1)
        }


def _tree(book: zipfile.ZipFile, name: str) -> ElementTree.Element:
    return ElementTree.fromstring(book.read(f"xl/{name}.xml"))  # noqa: S314 (what we wrote ourselves)


def _rows(sheet: ElementTree.Element, quoted: list[bool]) -> list[list[WorkbookCell]]:
    return [
        [_cell(cell, quoted) for cell in row.findall("m:c", NAMES)] for row in sheet.findall("m:sheetData/m:row", NAMES)
    ]


def _cell(cell: ElementTree.Element, quoted: list[bool]) -> WorkbookCell:
    kind = "formula" if cell.find("m:f", NAMES) is not None else "text" if cell.get("t") == "inlineStr" else "number"
    value = "".join(part.text or "" for part in cell.iter() if part.tag.endswith(("}t", "}v")))
    return WorkbookCell(kind, value, quoted[int(cell.get("s", "0"))])


def texts(content: bytes) -> list[list[str]]:
    """The first worksheet as text."""
    return [[cell.value for cell in row] for row in next(iter(sheets(content).values()))]


def csv_rows(content: bytes, *, delimiter: str = ";") -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""), delimiter=delimiter))
