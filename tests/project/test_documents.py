"""Documents that are rendered are current, and what they link to is there."""

import re

import pytest

from advosync_project import blocks
from advosync_project.declarations import SETTINGS
from advosync_project.rendering import DOCUMENTS
from tests.support.processes import ROOT

PAGES = sorted(
    path.relative_to(ROOT) for folder in (".", "docs", "docs/decisions") for path in (ROOT / folder).glob("*.md")
)
LINK = re.compile(r"!?\[[^\]]*\]\(([^)#\s]+)[^)]*\)")
MAKE_TARGET = re.compile(r"`make ([a-z-]+)")


@pytest.mark.parametrize("name", DOCUMENTS)
def test_rendered_document_is_current(name: str):
    assert (ROOT / name).read_text() == DOCUMENTS[name](), "run: python manage.py render_docs"


def cells(page: str) -> list[tuple[str, list[str]]]:
    """(line, its cells) of every row of every table."""
    lines = [line for line in page.splitlines() if line.startswith("|")]
    return [(line, [cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]]) for line in lines]


@pytest.mark.parametrize("document", PAGES, ids=str)
def test_no_table_has_an_empty_cell(document):
    """A row of rendered tables whose text is missing once stood in the documents for months."""
    rows = cells((ROOT / document).read_text())
    assert [line for line, row in rows if not all(row) and "".join(row).strip("-")] == []


def test_a_table_whose_text_is_missing_is_not_rendered():
    with pytest.raises(ValueError, match="empty cell"):
        blocks.table(("pass", "what"), [(1, "x"), (2, None or "")])


def test_every_setting_is_documented():
    page = (ROOT / "docs/CONFIGURATION.md").read_text()
    assert [name for name in SETTINGS if f"| `{name}` |" not in page] == []


@pytest.mark.parametrize("document", PAGES, ids=str)
def test_links_lead_somewhere(document):
    text = (ROOT / document).read_text()
    targets = [target for target in LINK.findall(text) if not target.startswith(("http:", "https:", "mailto:"))]
    assert [target for target in targets if not (ROOT / document).parent.joinpath(target).exists()] == []


@pytest.mark.parametrize("document", PAGES, ids=str)
def test_make_targets_that_are_named_exist(document):
    known = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert set(MAKE_TARGET.findall((ROOT / document).read_text())) <= known


def test_index_names_every_page():
    index = (ROOT / "docs/INDEX.md").read_text()
    pages = [path for path in PAGES if path.parts[0] == "docs" and path.name != "INDEX.md"]
    assert [str(page) for page in pages if str(page.relative_to("docs")) not in index] == []
