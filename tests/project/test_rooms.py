"""How many files stand in one folder, how long a file is, and how long a function.

To extend: what has to be larger is named in WHOLE or LONG, with why; what has become smaller is named there no more.
"""

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
MOST = 13  # a fourteenth asks for a sub-folder

MOST_LINES = 400  # of a file
MOST_OF_A_FUNCTION = 30  # of its body, without signature and docstring: about 25, and a second reason beyond that
# Longer all the same: {"file: function": why}.
LONG: dict[str, str] = {}

# Django looks for commands in one folder only.
WHOLE = {"syncapp/management/commands"}


def crowded(folder: Path, most: int = MOST) -> list[str]:
    """The modules of a folder, if they are too many. Its own docstring file is none of them."""
    found = sorted(path.name for path in folder.glob("*.py") if path.name != "__init__.py")
    return found if len(found) > most else []


def test_no_folder_is_crowded() -> None:
    folders = [path.parent for path in (ROOT / "syncapp").rglob("__init__.py")]
    found = {str(folder.relative_to(ROOT)): crowded(folder) for folder in folders}
    assert {name: names for name, names in found.items() if names and name not in WHOLE} == {}


def test_a_crowded_folder_is_noticed(tmp_path: Path) -> None:
    for number in range(3):
        (tmp_path / f"m{number}.py").touch()
    (tmp_path / "__init__.py").touch()
    assert crowded(tmp_path, 2) == ["m0.py", "m1.py", "m2.py"]
    assert crowded(tmp_path, 3) == []


def test_what_may_be_whole_is_there() -> None:
    assert all((ROOT / name).is_dir() for name in WHOLE)


def sources() -> Iterator[Path]:
    return (path for path in (ROOT / "syncapp").rglob("*.py") if "migrations" not in path.parts)


def long_functions(source: str, most: int = MOST_OF_A_FUNCTION) -> list[str]:
    """Functions whose body has more lines than that, by name."""
    found = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    return [node.name for node in found if (node.end_lineno or 0) - _first_line(node) + 1 > most]


def _first_line(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    has_docstring = ast.get_docstring(node, clean=False) is not None and len(node.body) > 1
    return node.body[1 if has_docstring else 0].lineno


def test_no_file_is_too_long() -> None:
    found = {str(path.relative_to(ROOT)): len(path.read_text().splitlines()) for path in sources()}
    assert {name: lines for name, lines in found.items() if lines > MOST_LINES} == {}


def test_no_function_is_too_long_and_what_may_be_is() -> None:
    found = {f"{path.relative_to(ROOT)}: {name}" for path in sources() for name in long_functions(path.read_text())}
    assert found == set(LONG)


def test_a_function_that_is_too_long_is_noticed() -> None:
    body = "\n".join(f"    x = {number}" for number in range(3))
    assert long_functions(f"def f():\n{body}\n", 2) == ["f"]
    assert long_functions(f"def f():\n{body}\n", 3) == []
    assert long_functions(f'def f(\n    a,\n):\n    """Says\n\n    much."""\n{body}\n', 3) == []
