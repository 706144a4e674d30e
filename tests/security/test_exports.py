"""No file that leaves here makes a spreadsheet calculate, whatever stands in the values."""

import csv
import io
import re
from pathlib import Path

import pytest
from django.test import Client

from syncapp.operations.onboarding.spreadsheet import SPELLINGS, SheetWriter
from tests.security.addresses import every_address
from tests.security.test_hostile_requests import text_of
from tests.security.world import World, spoil
from tests.support.processes import ROOT

FORMULAS = (
    '=HYPERLINK("https://evil.example","x")', "+cmd|' /C calc'!A0", "-2+3+cmd|' /C calc'!A0", "@SUM(1)", "\t=1+1",
    "\r=1+1", " =1+1", "＝1+1", "＋1+cmd", "\n=1+1", "\ufeff=1+1", "\u200b=1+1",
)  # fmt: skip
RUNS = re.compile(r"[\s\ufeff\u200b]*[=+\-@＝＋－＠](?![\d\s()/.,-]*\Z)")
EXPORTS = [one for one in every_address() if "export" in one.name]
# Whoever writes a file for spreadsheets, and where formulas are fed to it.
WRITERS = {
    "syncapp/operations/onboarding/spreadsheet.py": "test_no_cell_is_a_formula",
    "syncapp/operations/exports/forms.py": "tests/operations/exports",
    "syncapp/admin/proxy/proxy_calls.py": "test_no_export_holds_a_formula",
}


def cells(text: str) -> list[str]:
    rows = csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline=""), delimiter=";")
    return [cell for row in rows for cell in row]


@pytest.mark.parametrize("spelling", SPELLINGS)
@pytest.mark.parametrize("text", FORMULAS)
def test_no_cell_is_a_formula(text: str, spelling: str, settings: object) -> None:
    settings.CSV_FORMAT = spelling  # type: ignore[attr-defined]
    file = io.StringIO(newline="")
    SheetWriter(file, head=[text]).write([text, "x"])
    written = file.getvalue().replace(SPELLINGS[spelling].separator, ";")
    assert [cell for cell in cells(written) if RUNS.match(cell)] == []


@pytest.mark.django_db
@pytest.mark.parametrize("text", FORMULAS[:4])
def test_no_export_holds_a_formula(text: str, planted: World, boss: Client) -> None:
    spoil(text, codes=False)
    for address in EXPORTS:
        answer = boss.get(planted.path(address))
        if "csv" in answer.headers.get("Content-Type", ""):
            found = cells(text_of(answer))
            assert len(found) > 10
            assert [cell for cell in found if RUNS.match(cell)] == []


def test_every_writer_of_spreadsheets_is_known() -> None:
    sources = {path: path.read_text() for path in (ROOT / "syncapp").rglob("*.py")}
    writers = {str(Path(path).relative_to(ROOT)) for path, text in sources.items() if _writes(text)}
    assert writers - set(WRITERS) == set(), "feed formulas to it, and name it in WRITERS"


def _writes(text: str) -> bool:
    return bool(re.search(r"\bcsv\.(?:Dict)?[wW]riter\(|^import xlsxwriter|openpyxl", text, re.MULTILINE))
