"""What a docstring names exists: a stale name sends a reader the wrong way.

Looked at are names in backquotes in every docstring, and in the sentences “To extend” of a module's also those without.
To extend: what only looks like a name is a word of NO_NAMES.
"""

import ast
import keyword
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from tests.support.processes import ROOT

FOLDERS = ("syncapp", "sandbox", "advosync_project", "benchmarks", "demo")
QUOTED = re.compile(r"`([A-Za-z_][\w.]*)(?:\(\))?`")
# In running text: CamelCase, _private, snake_case.
IN_TEXT = re.compile(r"(?<![\w/.`])(?:(?:[A-Z][a-z]+){2,}|_[a-z]\w*|[a-z]+_\w*[a-z])(?![\w/`]|\.\w)")
# Brands, values of people, and the pattern that a setting's name follows.
NO_NAMES = {"EspoCRM", "OpenAPI", "firma.local", "gmbh", "NAME_FILE"}


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text())


def sources(*folders: str) -> list[Path]:
    found = [path for folder in folders for path in (ROOT / folder).rglob("*.py")]
    return [path for path in found if "migrations" not in path.parts]


def names_in(path: Path) -> Iterator[str]:
    """Every name that the code of a file bears or uses; short texts too, since codes and settings are named by them."""
    yield from path.relative_to(ROOT).with_suffix("").parts
    for node in ast.walk(tree(path)):
        match node:
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                yield name
            case ast.Name(id=name) | ast.Attribute(attr=name) | ast.arg(arg=name) | ast.keyword(arg=str(name)):
                yield name
            case ast.alias(name=name, asname=other):
                yield from (other or name).split(".")
            case ast.Constant(value=str(text)) if len(text) < 80 and text.isprintable():
                yield from (text, *re.findall(r"\w+", text))


@cache
def known(folder: Path) -> frozenset[str]:
    """What is named in a folder and below."""
    return frozenset(name for path in folder.rglob("*.py") for name in names_in(path))


@cache
def everything() -> frozenset[str]:
    tests = (name for path in (ROOT / "tests").rglob("*.py") for name in path.relative_to(ROOT).with_suffix("").parts)
    return frozenset(keyword.kwlist).union(tests, *(known(ROOT / folder) for folder in FOLDERS))


def docstrings(path: Path) -> Iterator[str]:
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef):
            yield ast.get_docstring(node) or ""


def exists(dotted: str) -> bool:
    """Each piece does; and where the pieces before the last are a module of ours, the last stands in it."""
    *before, last = dotted.split(".")
    module = next(iter((ROOT / "syncapp").glob(f"{'/'.join(before)}.py")), None) if before else None
    if module is not None:
        return last in set(names_in(module))
    return all(piece in everything() for piece in (*before, last))


def stale(path: Path, text: str) -> list[str]:
    return [name for name in QUOTED.findall(text) if name not in NO_NAMES and not exists(name)]


def stale_in_extending(path: Path, text: str) -> list[str]:
    """There a class or a private name is looked for in the file's own folder, unless the sentence names another."""
    sentences = text.partition("To extend")[2]
    near = everything() if re.search(r"\w/\w", sentences) else known(path.parent)
    found = [name for name in IN_TEXT.findall(sentences) if name not in NO_NAMES]
    return [name for name in found if name not in (everything() if name.islower() and name[0] != "_" else near)]


def test_names_in_backquotes_exist() -> None:
    found = {
        (path.relative_to(ROOT), *names)
        for path in sources(*FOLDERS)
        for text in docstrings(path)
        if (names := stale(path, text))
    }
    assert found == set()


def test_names_in_sentences_on_extending_exist() -> None:
    found = {}
    for path in sources(*FOLDERS):
        names = stale_in_extending(path, ast.get_docstring(tree(path)) or "")
        if names:
            found[str(path.relative_to(ROOT))] = names
    assert found == {}


def test_stale_names_are_noticed() -> None:
    here = ROOT / "syncapp/core/child_lists/shapes.py"
    assert stale(here, "`PairLink`, `core.child_lists.shapes.PairLink`, `shapes.PairLink`") == []
    assert stale(here, "`PairLinkOfOld`, `core.child_lists.shapes.Recognised`") == [
        "PairLinkOfOld",
        "core.child_lists.shapes.Recognised",
    ]
    assert stale_in_extending(here, "Of SomethingElse. To extend: a field of PairLink.") == []
    assert stale_in_extending(here, "To extend: a line of EventFeed, beside _not_there.") == ["EventFeed", "_not_there"]
