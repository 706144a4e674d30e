"""Documents that are rendered are current, and what they link to or name is there; what comments name, too."""

import os
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from django.core.management import BaseCommand, get_commands, load_command_class

from advosync_project import blocks
from advosync_project.declarations import SETTINGS
from advosync_project.rendering import DOCUMENTS
from tests.support.processes import ROOT

PAGES = sorted(
    path.relative_to(ROOT) for folder in (".", "docs", "docs/decisions") for path in (ROOT / folder).glob("*.md")
)
LINK = re.compile(r"!?\[[^\]]*\]\(([^)#\s]+)[^)]*\)")
MAKE_TARGET = re.compile(r"`make ([a-z-]+)")
NAMED_PATH = re.compile(r"`([\w.-]+(?:/[\w.-]+)*\.(?:py|md|toml|jsonl|xml)|[\w.-]+(?:/[\w.-]+)+/)`")
NAMED_TEST = re.compile(r"`(test_\w+)`")
NAMED_COMMAND = re.compile(
    r"(?:^|[`\s])(?:advosync (?!advosync)|(?<=[`\s])\S*python3? manage\.py (?!help))([a-z_]+)([^`\n|]*)", re.MULTILINE
)
BARE_COMMAND = re.compile(r"`([a-z_]+)( [^`\n]*)?`")
OPTION = re.compile(r"(?<!\S)--[a-z-]+")
NAMED_SETTING = re.compile(r"`([A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+)(?:=[^`]*)?`")
FOLDERS = (
    *("tests", "syncapp", "sandbox", "docs", "advosync_project"),
    *("benchmarks", "demo", "deploy", "templates", "scripts"),
)
IN_A_COMMENT = re.compile(rf"(?<![\w./{{}}-])((?:{'|'.join(FOLDERS)})/[\w./-]+\.(?:py|md|html|toml))\b")
# Named on purpose, though they are not here: of other systems, made at run time, or of an example.
NOT_HERE = {
    *("delete_all_calendars.py", "delete_employee_locks.py", "mutants/results.json"),
    *("api/v1/", "custom/Espo/Custom/", "custom/Espo/Modules/Advosync/"),
}
# What stands for any setting, says where they are, and what is told to make.
NO_SETTINGS = {
    *("NAME_FILE", "ADVOSYNC_ENV_FILE", "PYTEST_ARGS", "SOAK_ARGS", "BENCH_ARGS", "HYPOTHESIS_PROFILE"),
    "CHILD_ENTITIES",  # a table of the program, which docs/SYNC_TEMPLATE.md names
}
THE_EXAMPLE = "docs/SYNC_TEMPLATE.md"


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


def files() -> Iterator[Path]:
    """All that is kept, and not what lies about: environments, caches, what a run leaves."""
    for folder, below, names in os.walk(ROOT):
        below[:] = [one for one in below if one[0] != "." and one not in ("__pycache__", "var", "dist", "mutants")]
        yield from (Path(folder, name).relative_to(ROOT) for name in names)


@cache
def places() -> frozenset[str]:
    """Every file and folder by every ending of its path: pages name them from where they are."""
    kept = {one for path in files() for one in (path, *path.parents)}
    return frozenset("/".join(one.parts[start:]) for one in kept for start in range(len(one.parts)))


@pytest.mark.parametrize("document", PAGES, ids=str)
def test_paths_that_are_named_exist(document):
    named = set(NAMED_PATH.findall((ROOT / document).read_text())) - NOT_HERE
    example = {"core/sprachen.py", "tests/core/test_sprachen.py"} if str(document) == THE_EXAMPLE else set()
    assert [path for path in sorted(named - example) if path.rstrip("/") not in places()] == []


def test_a_path_that_does_not_exist_is_noticed():
    assert NAMED_PATH.findall("see `engine/ringing.py`, `tests/nowhere/` and `make test`") == [
        "engine/ringing.py",
        "tests/nowhere/",
    ]
    assert {"engine/ringing.py", "tests/nowhere"} & places() == set()
    assert {"engine/batch.py", "tests/project", "test_documents.py"} <= places()


def test_tests_that_are_named_exist():
    sources = [(ROOT / path).read_text() for path in files() if path.parts[0] == "tests" and path.suffix == ".py"]
    known = {name for source in sources for name in re.findall(r"def (test_\w+)", source)}
    named = {(str(page), name) for page in PAGES for name in NAMED_TEST.findall((ROOT / page).read_text())}
    assert len(named) > 30
    assert sorted(row for row in named if row[1] not in known) == []


@cache
def options(name: str) -> frozenset[str] | None:
    """Of a command of ours or of Django's; None where there is no such command."""
    app = get_commands().get(name)
    if app is None:
        return None
    parser = (app if isinstance(app, BaseCommand) else load_command_class(app, name)).create_parser("", name)
    below = [one for action in parser._actions if isinstance(action.choices, dict) for one in action.choices.values()]
    return frozenset(option for one in (parser, *below) for option in one._option_string_actions)


def unknown_commands(text: str) -> list[str]:
    """Commands that there are not, and options that they do not take. A bare word may be anything."""
    found = []
    bare = [(name, rest) for name, rest in BARE_COMMAND.findall(text) if options(name) is not None]
    for name, rest in (*NAMED_COMMAND.findall(text), *bare):
        known = options(name)
        if known is None:
            found.append(name)
        else:
            told = OPTION.findall(rest.partition("#")[0].partition(";")[0])
            found += [f"{name} {option}" for option in told if option not in known]
    return found


@pytest.mark.parametrize("document", PAGES, ids=str)
def test_commands_and_settings_that_are_named_exist(document):
    text = (ROOT / document).read_text()
    assert unknown_commands(text) == []
    files = {f"{name}_FILE" for name, setting in SETTINGS.items() if setting.secret}
    assert set(NAMED_SETTING.findall(text)) - SETTINGS.keys() - files - NO_SETTINGS == set()


def test_a_command_that_does_not_exist_is_noticed():
    shown = "```sh\nadvosync mode live --why x\n```\n`python manage.py nothing`, `compare --al`, `advosync doctor`"
    assert unknown_commands(shown) == ["mode --why", "nothing", "compare --al"]


def test_each_drill_is_told_in_ten_lines():
    drills = (ROOT / "docs/OPERATIONS.md").read_text().partition("\n## Drills\n")[2].partition("\n## ")[0]
    lists = re.findall(r"(?:^\d+\. .*\n)+", drills, re.MULTILINE)
    assert len(lists) >= drills.count("\n### ") > 8
    assert [len(one.splitlines()) for one in lists if len(one.splitlines()) > 10] == []


def test_files_that_comments_name_exist():
    wrong = []
    for path in files():
        if path.suffix in (".py", ".html", ".css", ".js") and path.name != "test_documents.py":
            named = set(IN_A_COMMENT.findall((ROOT / path).read_text()))
            wrong += [f"{path}: {name}" for name in sorted(named) if name not in places()]
    assert wrong == []


def test_every_target_of_make_is_explained():
    explained = set(re.findall(r"^([a-z-]+):.*## ", (ROOT / "Makefile").read_text(), re.MULTILINE))
    told = set(re.findall(r"^\| `make ([a-z-]+)` \|", (ROOT / "docs/DEVELOPMENT.md").read_text(), re.MULTILINE))
    assert explained - told == {"help"}
