"""No file that leaves here makes a spreadsheet calculate, whatever stands in the values."""

import csv
import io
import re
from pathlib import Path

import pytest
from django.contrib.admin import site
from django.http import HttpResponseBase
from django.test import Client
from django.urls import reverse

from syncapp.admin.exporting.sources import OTHERS, is_exported
from syncapp.models import DriftReport, Export
from syncapp.operations.exports.forms import FORMS
from syncapp.operations.onboarding.spreadsheet import SPELLINGS, SheetWriter
from tests.security.world import World, spoil
from tests.support.processes import ROOT
from tests.support.spreadsheets import csv_rows, sheets

FORMULAS = (
    '=HYPERLINK("https://evil.example","x")', "+cmd|' /C calc'!A0", "-2+3+cmd|' /C calc'!A0", "@SUM(1)", "\t=1+1",
    "\r=1+1", " =1+1", "＝1+1", "＋1+cmd", "\n=1+1", "\ufeff=1+1", "\u200b=1+1",
)  # fmt: skip
RUNS = re.compile(r"[\s\ufeff\u200b]*[=+\-@＝＋－＠](?![\d\s()/.,-]*\Z)")
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
    written = file.getvalue().replace(SPELLINGS[spelling][0], ";")
    assert [cell for cell in cells(written) if RUNS.match(cell)] == []


def sources() -> dict[str, str]:
    """{what can be exported: its query}; each list that says that it can is here by itself."""
    lists = [one for one in site._registry.values() if is_exported(one) and one.model._meta.app_label != "sandbox"]
    report = DriftReport.objects.latest("pk").pk
    return dict.fromkeys([*(str(one.model._meta.model_name) for one in lists), *OTHERS], f"?report={report}")


def ordered(boss: Client, source: str, query: str, form: str) -> bytes:
    """As a person orders a file and fetches it."""
    boss.post(f"{reverse('admin:ops_export_new', args=[source])}{query if source in OTHERS else ''}", {"form": form})
    export = Export.objects.latest("pk")
    assert (export.source, export.form, export.refusal) == (source, form, "")
    answer = boss.get(reverse("admin:ops_export_file", args=[export.pk]))
    assert answer.status_code == 200
    return whole(answer)


def whole(answer: HttpResponseBase) -> bytes:
    return b"".join(answer.streaming_content)  # type: ignore[attr-defined]


def planted_in(content: bytes, form: str) -> tuple[int, list[str]]:
    """(cells in which the formula stands as text, cells that a spreadsheet would calculate)"""
    if form == "xlsx":
        found = [cell for rows in sheets(content).values() for row in rows for cell in row]
        harmless = [
            cell.value for cell in found if cell.kind != "formula" and cell.quoted and "=HYPERLINK" in cell.value
        ]
        live = [cell.value for cell in found if cell.kind == "formula"]
        live += [cell.value for cell in found if cell.kind == "text" and not cell.quoted and RUNS.match(cell.value)]
        return len(harmless), live
    delimiter = ";" if form == "csv" else ","
    words = [cell for row in csv_rows(content, delimiter=delimiter) for cell in row]
    return sum(cell.startswith("'=HYPERLINK") for cell in words), [cell for cell in words if RUNS.match(cell)]


@pytest.mark.django_db
@pytest.mark.usefixtures("redis_url")  # else there are no jobs and queues to export
@pytest.mark.parametrize("form", FORMS)
def test_no_export_holds_a_formula(form: str, planted: World, boss: Client) -> None:
    spoil(FORMULAS[0], codes=False)
    held = 0
    for source, query in sources().items():
        harmless, live = planted_in(ordered(boss, source, query, form), form)
        assert live == [], source
        held += bool(harmless)
    assert held > 10, "the formula has to stand in the files, else nothing is shown by this"


def test_every_writer_of_spreadsheets_is_known() -> None:
    sources = {path: path.read_text() for path in (ROOT / "syncapp").rglob("*.py")}
    writers = {str(Path(path).relative_to(ROOT)) for path, text in sources.items() if _writes(text)}
    assert writers - set(WRITERS) == set(), "feed formulas to it, and name it in WRITERS"


def _writes(text: str) -> bool:
    return bool(re.search(r"\bcsv\.(?:Dict)?[wW]riter\(|^import xlsxwriter|openpyxl", text, re.MULTILINE))
