"""How many files stand in one folder.

To extend: a folder that has to be larger is named in WHOLE, with why.
"""

from pathlib import Path

ROOT = Path(__file__).parents[2]
MOST = 13  # a fourteenth asks for a sub-folder

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
