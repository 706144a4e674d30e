"""Where words stand and what things are called: rules about the source itself.

To extend: a rule is a function that answers the places which break it, and a test that shows it can fail.
"""

import ast
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from syncapp.core.parts import Obstacle
from syncapp.words import obstacles

ROOT = Path(__file__).parents[2]
TYPED = re.compile(r"""["'(]/admin/""")


def modules(*folders: str) -> Iterator[Path]:
    for folder in folders:
        yield from sorted((ROOT / folder).rglob("*.py"))


def imports(source: str) -> set[str]:
    """Every module that a source imports, and every name that it imports from one."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def speaks(source: str) -> bool:
    return any("gettext" in name or name.startswith("django.utils.translation") for name in imports(source))


@pytest.mark.parametrize("folder", ["syncapp/core", "syncapp/engine", "syncapp/entities", "syncapp/remotes"])
def test_what_people_read_is_not_worded_here(folder: str) -> None:
    assert [str(path.relative_to(ROOT)) for path in modules(folder) if speaks(path.read_text())] == []


def test_a_module_that_words_something_is_noticed() -> None:
    assert speaks("from django.utils.translation import gettext as _\n")
    assert speaks("from django.utils import translation\nfrom django.utils.translation import override\n")
    assert not speaks("from syncapp.words import sentences\n")


def test_every_obstacle_has_its_sentence() -> None:
    assert set(obstacles.SENTENCES) == set(Obstacle)
    assert all(str(sentence) for sentence in obstacles.SENTENCES.values())


def test_no_address_of_the_operations_room_is_typed_by_hand() -> None:
    typed = [str(path.relative_to(ROOT)) for path in modules("syncapp") if TYPED.search(path.read_text())]
    assert typed == []


def test_an_address_that_is_typed_by_hand_is_noticed() -> None:
    assert TYPED.search('link("/admin/")')
    assert TYPED.search("f'/admin/syncapp/'")
    assert not TYPED.search('"""See syncapp/admin/pages."""')


def registered(source: str) -> list[str]:
    """The classes that a source registers as lists of the operations room."""
    classes = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.ClassDef)]
    return [node.name for node in classes if any("admin.register" in ast.unparse(mark) for mark in node.decorator_list)]


def test_a_file_of_the_operations_room_is_about_one_model() -> None:
    mixed = {path.name: registered(path.read_text()) for path in (ROOT / "syncapp/admin").rglob("*.py")}
    assert {name: found for name, found in mixed.items() if len(found) > 1} == {}
    assert registered("@admin.register(A)\nclass B: ...\n@admin.register(C)\nclass D: ...\n") == ["B", "D"]


# What Django wants to be called so, once in each place.
ONE_EACH = {"Meta", "Command", "Migration"}


def doubles(sources: Mapping[str, str]) -> dict[str, list[str]]:
    """Class names that stand in more than one place, with these places."""
    places: dict[str, list[str]] = defaultdict(list)
    for path, source in sources.items():
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.ClassDef) and node.name not in ONE_EACH:
                places[node.name].append(f"{path}:{node.lineno}")
    return {name: found for name, found in places.items() if len(found) > 1}


def test_no_two_classes_have_one_name() -> None:
    found = modules("syncapp", "sandbox", "advosync_project", "demo")
    assert doubles({str(path.relative_to(ROOT)): path.read_text() for path in found}) == {}


def test_a_second_class_of_one_name_is_noticed() -> None:
    sources = {"a.py": "class Case: ...\n", "b.py": "class Case:\n    class Meta: ...\n", "c.py": "class Meta: ...\n"}
    assert doubles(sources) == {"Case": ["a.py:1", "b.py:1"]}
