"""The documents that lead a newcomer through the code name files and functions that exist."""

import ast
import re
from pathlib import Path

import pytest

from syncapp.engine.registry import Entity
from syncapp.entities.beteiligte.part import Part
from tests.support.processes import ROOT

SYNCAPP = ROOT / "syncapp"
ARCHITECTURE = (ROOT / "docs/ARCHITECTURE.md").read_text()
TEMPLATE = (ROOT / "docs/SYNC_TEMPLATE.md").read_text()
WAYS = re.findall(r"<!-- way -->\n(.*?)<!-- end way -->", ARCHITECTURE, re.DOTALL)
STEP = re.compile(r'\["([\w/]+\.py): (\w+)')
FOLDERS = "syncapp|sandbox|tests|advosync_project|benchmarks|demo|deploy|docs|scripts|templates"
PATH = re.compile(rf"`((?:{FOLDERS})/[\w/.-]*)`")
# What a thing is called, not what it is asked for.
NOT_ASKED = {"name", "model", "job", "queue"}


def functions(path: Path) -> set[str]:
    found = ast.walk(ast.parse(path.read_text()))
    return {node.name for node in found if isinstance(node, ast.FunctionDef | ast.ClassDef)}


def missing(steps: list[tuple[str, str]]) -> list[str]:
    """Steps whose file or function is not there."""
    return [
        f"{file}: {name}"
        for file, name in steps
        if not (SYNCAPP / file).is_file() or name not in functions(SYNCAPP / file)
    ]


def asked(protocol: type) -> set[str]:
    """What a protocol asks for: its methods and its annotated columns."""
    names = {*vars(protocol), *protocol.__annotations__}
    return {name for name in names if not name.startswith("_")} - NOT_ASKED


@pytest.mark.parametrize("way", WAYS, ids=["webhook to PUT", "button to job"])
def test_each_step_of_a_way_exists(way: str) -> None:
    steps = STEP.findall(way)
    assert len(steps) == way.count('["'), "a box without file and function"
    assert missing(steps) == []


def test_both_ways_are_drawn() -> None:
    assert [STEP.findall(way)[0][0] for way in WAYS] == ["views/webhooks.py", "admin/pages/one_action.py"]
    assert STEP.findall(WAYS[0])[-1] == ("engine/runs/results.py", "finish")
    assert ("remotes/advoware/client.py", "update") in STEP.findall(WAYS[0])


def test_a_step_that_does_not_exist_is_noticed() -> None:
    assert missing([("engine/batch.py", "sync_batch")]) == []
    assert missing([("engine/batch.py", "sync_nothing")]) == ["engine/batch.py: sync_nothing"]
    assert missing([("engine/nowhere.py", "enqueue")]) == ["engine/nowhere.py: enqueue"]


@pytest.mark.parametrize("document", sorted((ROOT / "docs").glob("**/*.md")), ids=lambda path: path.stem)
def test_every_path_that_a_document_names_exists(document: Path) -> None:
    named = PATH.findall(document.read_text())
    assert [path for path in named if not (ROOT / path).exists()] == []
    assert len(named) > 15 or document.stem != "SYNC_TEMPLATE"


def test_every_folder_of_the_tree_is_told_and_exists() -> None:
    tree = ARCHITECTURE.partition("## The tree")[2].partition("## Layers")[0]
    firsts = " ".join(line.split("|")[1] for line in tree.splitlines() if line.startswith("| `"))
    told = set(re.findall(r"`([\w.]+)/?`", firsts))
    there = {path.name for path in SYNCAPP.iterdir() if (path / "__init__.py").exists()}
    assert there - told == {"migrations", "templatetags"}
    assert [name for name in told if not (SYNCAPP / name).exists()] == []


def test_the_template_names_what_a_part_is_asked_for_and_nothing_else() -> None:
    table = TEMPLATE.partition("| Asked by | Methods |\n")[2].partition("\n\n")[0]
    assert set(re.findall(r"`([a-z_]+)`", table)) == asked(Part)


def test_each_step_of_an_entity_is_named() -> None:
    steps = {"equip", "before_lease", "read", "plan", "check", "apply", "commit", "show_failure", "judge_waiting"}
    assert steps <= asked(Entity)
    section = TEMPLATE.partition("\n## An entity\n")[2].partition("\n## ")[0]
    assert set(re.findall(r"`([a-z_]+)`", section)) >= steps


def test_the_tree_names_the_folders_there_are() -> None:
    tree = ARCHITECTURE.partition("\n## The tree\n")[2].partition("\n## ")[0]
    rows = dict(re.findall(r"^\| `(\w+)/`[^|]*\| (.*) \|$", tree, re.MULTILINE))
    for folder, text in rows.items():
        for name in re.findall(r"`([\w/.]+)`", text):
            assert any((SYNCAPP / folder).rglob(name.rstrip("/"))), f"{folder}/{name}"
