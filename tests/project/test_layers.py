"""Inside every folder the contracts say which module may know which: none is left out.

A contract with a list of layers is exhaustive where import-linter allows it, and that is one folder deep. Where modules
of sub-folders stand in the list of the folder above, what is left out would go unnoticed, so it is counted here.
To extend: a new folder of several modules gets a contract in pyproject.toml, and `make docs` draws it.
"""

import re
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.support.processes import ROOT

# Fewer say nothing about who stands above whom.
SEVERAL = 3
# What Django itself calls, and nobody else.
DJANGO = {"syncapp/migrations", "syncapp/checks.py", "sandbox/migrations"}
CONTRACTS = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]


def names(contract: Mapping[str, Any]) -> Iterator[str]:
    """Modules that a contract puts in their place, in full; with a star at the end: all of a folder."""
    if contract["type"] == "independence":
        yield from contract["modules"]
    if contract["type"] == "layers":
        tails = [name.strip(" ()") for layer in contract["layers"] for name in re.split("[|:]", layer)]
        for container in contract.get("containers", [""]):
            yield from (f"{container}.{tail}".lstrip(".") for tail in tails)


def children(folder: Path) -> list[Path]:
    """Modules of a folder, and folders with modules of their own."""
    modules = [path for path in folder.glob("*.py") if path.name != "__init__.py"]
    return modules + [path.parent for path in folder.glob("*/__init__.py")]


def is_placed(path: Path, placed: set[str], root: Path) -> bool:
    """By its name; by its folder's star; or, of a folder, by the names of all that is in it."""
    parts = path.relative_to(root).with_suffix("").parts
    if {".".join(parts), ".".join((*parts[:-1], "*"))} & placed or str(path.relative_to(root)) in DJANGO:
        return True
    return path.is_dir() and all(is_placed(child, placed, root) for child in children(path))


def left_out(package: Path, contracts: list[dict[str, Any]]) -> list[str]:
    """Modules of folders with several that no contract puts in its place."""
    placed = {name for contract in contracts for name in names(contract)}
    root = package.parent
    folders = [children(path.parent) for path in package.rglob("__init__.py")]
    return sorted(
        str(child.relative_to(root))
        for found in folders
        for child in found
        if len(found) >= SEVERAL and str(child.parent.relative_to(root)) not in DJANGO
        if not is_placed(child, placed, root)
    )


@pytest.mark.parametrize("package", ["syncapp", "sandbox"])
def test_every_module_of_a_folder_has_its_place(package: str) -> None:
    assert left_out(ROOT / package, CONTRACTS) == []


def test_what_django_calls_is_there() -> None:
    assert [name for name in DJANGO if not (ROOT / name).exists()] == []


def test_layers_are_exhaustive_where_they_can_be() -> None:
    layered = [contract for contract in CONTRACTS if contract["type"] == "layers"]
    assert [contract["name"] for contract in layered if not contract.get("exhaustive")] == []
    assert len({contract["name"] for contract in CONTRACTS}) == len(CONTRACTS)


@pytest.fixture
def package(tmp_path: Path) -> Path:
    for name in ("one", "two", "inner/three", "inner/four", "inner/five"):
        path = tmp_path / "a" / f"{name}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        (path.parent / "__init__.py").touch()
        path.touch()
    return tmp_path / "a"


@pytest.mark.parametrize(
    "layers, missing",
    [
        (["one | two", "(inner.three)", "inner.four:inner.five"], []),
        (["one | two", "inner.three | inner.four"], ["a/inner", "a/inner/five.py"]),
        (["one", "inner"], ["a/inner/five.py", "a/inner/four.py", "a/inner/three.py", "a/two.py"]),
    ],
)
def test_a_module_that_is_left_out_is_noticed(layers: list[str], missing: list[str], package: Path) -> None:
    assert left_out(package, [{"type": "layers", "containers": ["a"], "layers": layers}]) == missing
    in_full = [" | ".join(f"a.{name}" for name in re.findall(r"[\w.]+", layer)) for layer in layers]
    assert left_out(package, [{"type": "layers", "layers": in_full}]) == missing


def test_a_star_stands_for_a_whole_folder(package: Path) -> None:
    star = {"type": "independence", "modules": ["a.inner.*"]}
    assert left_out(package, [star]) == ["a/one.py", "a/two.py"]
