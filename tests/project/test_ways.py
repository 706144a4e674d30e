"""The documents that lead a newcomer through the code name files and functions that exist."""

import ast
import re
from functools import cache
from pathlib import Path

import pytest

from syncapp.core.parts import PartPlan
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
# Of a box: how it is called in the chart, its file, its function. Of an arrow: from, whether it is solid, to.
BOX = re.compile(r'(\w+)\["([\w/]+\.py): (\w+)')
ARROW = re.compile(r"^ +(\w+)(?:\[.*?\])? (-\.|--)(?: .*?)?(?:\.->|-->|>) (\w+)", re.MULTILINE)

RUN_ASKS = ["probe", "session", "equip", "before_lease", "may_write", "read", "plan", "check", "apply", "result_of"]


@cache
def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text())


def definitions(path: Path) -> list[tuple[str, ast.AST]]:
    """Functions, classes and tables of a file, by name."""
    tree = tree_of(path)
    found: list[tuple[str, ast.AST]] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            found.append((node.name, node))
    for node in tree.body:
        if isinstance(node, ast.Assign | ast.AnnAssign):
            (target,) = node.targets if isinstance(node, ast.Assign) else [node.target]
            found += [(target.id, node)] if isinstance(target, ast.Name) else []
    return found


def functions(path: Path) -> set[str]:
    return {name for name, _node in definitions(path)}


def named_by(path: Path, function: str) -> set[str]:
    """What a function uses, by the names under which it is imported from elsewhere."""
    aliases = {
        one.asname: one.name
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.ImportFrom)
        for one in node.names
        if one.asname
    }
    found: set[str] = set()
    for name, node in definitions(path):
        if name == function:
            found |= {one.id for one in ast.walk(node) if isinstance(one, ast.Name)}
            found |= {one.attr for one in ast.walk(node) if isinstance(one, ast.Attribute)}
    return found | {aliases[name] for name in found & set(aliases)}


def no_calls(way: str) -> list[str]:
    """Solid arrows from a function to one that it does not name."""
    boxes = {key: (file, name) for key, file, name in BOX.findall(way)}
    return [
        f"{boxes[start][1]} --> {boxes[end][1]}"
        for start, kind, end in ARROW.findall(way)
        if kind == "--" and boxes[end][1] not in named_by(SYNCAPP / boxes[start][0], boxes[start][1])
    ]


def missing(steps: list[tuple[str, str]]) -> list[str]:
    """Steps whose file or function is not there."""
    return [
        f"{file}: {name}"
        for file, name in steps
        if not (SYNCAPP / file).is_file() or name not in functions(SYNCAPP / file)
    ]


def asked(protocol: type) -> set[str]:
    """What a protocol asks for: its methods and its annotated columns."""
    names = {*vars(protocol), *vars(protocol).get("__annotations__", {})}
    return {name for name in names if not name.startswith("_")}


@pytest.mark.parametrize("way", WAYS, ids=["webhook to PUT", "button to job", "clock to event"])
def test_each_step_of_a_way_exists(way: str) -> None:
    steps = STEP.findall(way)
    assert len(steps) == way.count('["'), "a box without file and function"
    assert missing(steps) == []


@pytest.mark.parametrize("way", WAYS, ids=["webhook to PUT", "button to job", "clock to event"])
def test_each_solid_arrow_is_a_call(way: str) -> None:
    lines = [line for line in way.splitlines() if "->" in line]
    assert len(ARROW.findall(way)) == len(lines), "an arrow that is not understood"
    assert no_calls(way) == []


def test_an_arrow_that_is_no_call_is_noticed() -> None:
    there, wrong = 'A["engine/batch.py: sync_batch"]', 'C["jobs.py: sync_records"]'
    way = f'  {there} --> B["engine/runs/sync_record.py: sync_record"]\n  B --> {wrong}\n'
    assert no_calls(way) == ["sync_record --> sync_records"]
    assert no_calls(way.replace("-->", "-. Redis .->")) == []


def test_all_ways_are_drawn() -> None:
    assert [STEP.findall(way)[0][0] for way in WAYS] == ["views/webhooks.py", "admin/pages/record.py", "jobs.py"]
    assert STEP.findall(WAYS[0])[-1] == ("engine/runs/results.py", "finish")
    assert ("remotes/advoware/client.py", "update") in STEP.findall(WAYS[0])
    assert {("google_calendar", "insert"), ("advoware", "update_termin")} <= {
        (file.split("/")[1], name) for file, name in STEP.findall(WAYS[2]) if file.startswith("remotes/")
    }


def test_a_step_that_does_not_exist_is_noticed() -> None:
    assert missing([("engine/batch.py", "sync_batch")]) == []
    assert missing([("engine/batch.py", "sync_nothing")]) == ["engine/batch.py: sync_nothing"]
    assert missing([("engine/nowhere.py", "enqueue")]) == ["engine/nowhere.py: enqueue"]


@pytest.mark.parametrize("document", sorted((ROOT / "docs").glob("**/*.md")), ids=lambda path: path.stem)
def test_every_path_that_a_document_names_exists(document: Path) -> None:
    named = PATH.findall(document.read_text())
    assert [path for path in named if not (ROOT / path).exists()] == []
    assert len(named) > 15 or document.stem != "SYNC_TEMPLATE"


def tree_rows(document: str) -> dict[str, str]:
    """What the tree says stands where, by folder and file below syncapp."""
    tree = document.partition("\n## The tree\n")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| (`[^|]*`) \| (.*) \|$", tree, re.MULTILINE)
    return {name: text for names, text in rows for name in re.findall(r"`([\w/.]+)`", names)}


def to_be_told(root: Path) -> set[str]:
    """Every folder with modules, however deep; at the root other folders and single modules, too."""
    modules = [path for path in root.rglob("*.py") if path != root / "__init__.py"]
    folders = {path.parent for path in modules if path.parent != root}
    folders |= {path for path in root.iterdir() if path.is_dir()}
    single = {path.name for path in modules if path.parent == root}
    return single | {f"{path.relative_to(root)}/" for path in folders if path.name != "__pycache__"}


def test_every_folder_has_its_row_in_the_tree_and_every_row_its_folder() -> None:
    assert set(tree_rows(ARCHITECTURE)) ^ to_be_told(SYNCAPP) == set()


def test_a_folder_stands_in_the_tree_behind_the_one_that_it_is_in() -> None:
    told = [name for name in tree_rows(ARCHITECTURE) if name.endswith("/")]
    roots = [name for name in told if name.count("/") == 1]
    assert told == [name for root in roots for name in told if name.startswith(root)]
    above = {name: name.rstrip("/").rpartition("/")[0] + "/" for name in told if name not in roots}
    assert [name for name, folder in above.items() if told.index(folder) > told.index(name)] == []


def test_a_folder_without_a_row_is_noticed(tmp_path: Path) -> None:
    for name in ("one/__init__.py", "one/two/three/__init__.py", "__pycache__/x.py", "looks/a.css", "jobs.py"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    (tmp_path / "__init__.py").touch()
    assert to_be_told(tmp_path) == {"one/", "one/two/three/", "looks/", "jobs.py"}
    page = "\n## The tree\n\n| Folder of `x/` | What |\n| --- | --- |\n| `one/`, `jobs.py` | a `b.py` |\n\n## Next\n"
    assert tree_rows(page) == {"one/": "a `b.py`", "jobs.py": "a `b.py`"}


def test_folders_of_templates_are_told() -> None:
    told = ARCHITECTURE.partition("\n## The tree\n")[2].partition("Templates stand")[2].partition("\n")[0]
    there = {f"{path.name}/" for path in (ROOT / "templates").iterdir() if path.is_dir()}
    assert set(re.findall(r"`(\w+/)`", told)) - {"templates/"} == there


def test_the_template_names_what_a_part_is_asked_for_and_nothing_else() -> None:
    table = TEMPLATE.partition("| Asked by | Methods |\n")[2].partition("\n\n")[0]
    assert set(re.findall(r"`([a-z_]+)`", table)) == asked(Part) - {"name"}


def test_the_example_answers_all_that_a_part_s_plan_is_asked() -> None:
    code = re.findall(r"^```python\n(.*?)^```", TEMPLATE, re.DOTALL | re.MULTILINE)[0]
    (example,) = (
        node for node in ast.walk(ast.parse(code)) if isinstance(node, ast.ClassDef) and node.name == "SprachenPlan"
    )
    answered = {node.name for node in example.body if isinstance(node, ast.FunctionDef)}
    fields = {node.target.id for node in example.body if isinstance(node, ast.AnnAssign)}
    assert asked(PartPlan) <= answered | fields


def test_the_template_names_what_an_entity_is_asked_for_in_the_order_of_the_protocol() -> None:
    section = TEMPLATE.partition("\n## An entity\n")[2].partition("\n## ")[0]
    steps = section.partition("4. **What it is**")[2].partition("9. **Who asks for it**")[0]
    told = re.findall(r"`([a-z_]+)`", steps)
    assert set(told) == asked(Entity)
    assert len(told) == len(set(told)), "named twice"
    in_runs = [name for name in vars(Entity) if name in RUN_ASKS]
    assert [name for name in told if name in RUN_ASKS] == in_runs


def test_the_protocol_is_in_the_order_in_which_a_run_asks() -> None:
    """As the calls stand in the two modules that ask."""
    source = "".join((SYNCAPP / "engine/runs" / name).read_text() for name in ("sync_record.py", "pipeline.py"))
    asks = re.findall(r"\b(?:entity|kind)\.(\w+)[()]", source)
    assert [name for name in asks if name in RUN_ASKS] == RUN_ASKS
    assert [name for name in vars(Entity) if name in RUN_ASKS] == RUN_ASKS


def test_the_tree_names_files_there_are() -> None:
    for folder, text in tree_rows(ARCHITECTURE).items():
        for name in re.findall(r"`([\w.]+\.py)`", text):
            assert (SYNCAPP / folder / name).exists(), f"{folder}{name}"


# A line of a package's docstring that names modules, and says in a few words what is in them.
MODULES = re.compile(r"^ *([a-z_]+/?(?:, [a-z_]+/?)*) {2,}\S", re.MULTILINE)


def left_out(package: Path) -> list[str]:
    """Modules and folders that a package's own list lacks, or that are gone; nothing where it has no list."""
    docstring = ast.get_docstring(tree_of(package / "__init__.py")) or ""
    told = {name.rstrip("/") for line in MODULES.findall(docstring) for name in line.split(", ")}
    there = {path.stem for path in package.glob("*.py")} | {path.parent.name for path in package.glob("*/__init__.py")}
    return sorted(told ^ (there - {"__init__"})) if told else []


def test_a_package_that_names_its_modules_names_all_of_them() -> None:
    packages = [path.parent for path in SYNCAPP.rglob("__init__.py")]
    assert {str(one.relative_to(SYNCAPP)): left_out(one) for one in packages if left_out(one)} == {}


def test_a_module_that_is_left_out_is_noticed(tmp_path: Path) -> None:
    (tmp_path / "__init__.py").write_text('"""Said.\n\n    one, two  both\n    gone      left\n"""\n')
    (tmp_path / "one.py").touch()
    (tmp_path / "two").mkdir()
    (tmp_path / "two" / "__init__.py").touch()
    (tmp_path / "three.py").touch()
    assert left_out(tmp_path) == ["gone", "three"]
