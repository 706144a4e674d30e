"""Where words stand and what things are called: rules about the source itself.

To extend: a rule is a function that answers the places which break it, and a test that shows it can fail.
"""

import ast
import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
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


MOST_SAID = 3  # by one assignment; a longer table of texts stands in syncapp/words, one by code at any length
WORDLESS = ("admin", "management", "operations", "proxy", "templatetags", "views")
TONES = {"off", "wait", "warn", "bad", "good"}
SAYS = {"_", "gettext", "gettext_lazy", "ngettext", "ngettext_lazy", "pgettext", "pgettext_lazy"}
# {"file: name": why it stands with the code all the same}
WORDED_HERE: Mapping[str, str] = {
    "admin/navigation.py: PLACES": "titles of pages, beside the address and the right of each",
    "admin/navigation.py: CALENDARS": "titles of pages",
    "admin/pages/charts.py: CHARTS": "labels of series, beside the figure that each draws",
}


def text_tables(source: str) -> set[str]:
    """The names at the top of a module that are given more than a few texts, or texts by code."""
    found = set()
    for node in ast.parse(source).body:
        said = node.value if isinstance(node, ast.Assign | ast.AnnAssign) else None
        if said and (texts_in(said) > MOST_SAID or rows_that(said, lambda row: texts_in(row) > 0) > 1):
            found.add(ast.unparse(node.target if isinstance(node, ast.AnnAssign) else node.targets[0]))
    return found


def texts_in(node: ast.AST) -> int:
    calls = (one for one in ast.walk(node) if isinstance(one, ast.Call))
    return sum(ast.unparse(call.func).rpartition(".")[2] in SAYS for call in calls)


def rows_that(node: ast.AST, fits: Callable[[ast.expr], bool]) -> int:
    """How many values of a mapping do so; 0 for what is none."""
    return sum(map(fits, node.values)) if isinstance(node, ast.Dict) else 0


def has_look(row: ast.expr) -> bool:
    """A text, or several with a tone at the end: an icon, and whatever else says how a state looks."""
    parts = [getattr(one, "value", None) for one in getattr(row, "elts", ())]
    return getattr(row, "value", None) in ICONS or (bool(parts) and parts[-1] in TONES)


def tables_of_looks(source: str) -> list[int]:
    """The lines at which a mapping gives an icon, or an icon and a tone, to more than one code."""
    return [node.lineno for node in ast.walk(ast.parse(source)) if rows_that(node, has_look) > 1]


def icons() -> frozenset[str]:
    """Every icon that words give to something: with a tone, or by the name of an argument."""
    nodes = [node for path in modules("syncapp/words") for node in ast.walk(ast.parse(path.read_text()))]
    rows = [[getattr(one, "value", None) for one in node.elts] for node in nodes if isinstance(node, ast.Tuple)]
    toned = [row[-2] for row in rows if len(row) > 1 and row[-1] in TONES]
    named = [
        getattr(node.value, "value", None) for node in nodes if isinstance(node, ast.keyword) and node.arg == "icon"
    ]
    return frozenset(icon for icon in (*toned, *named) if isinstance(icon, str) and icon)


ICONS = icons()


def test_tables_of_texts_stand_in_words() -> None:
    """Both ways: a table that is named in WORDED_HERE and is none any more goes from there."""
    names = {
        f"{path.relative_to(ROOT / 'syncapp')}: {name}"
        for path in modules(*(f"syncapp/{folder}" for folder in WORDLESS))
        for name in text_tables(path.read_text())
    }
    assert names == set(WORDED_HERE)


def test_how_a_state_looks_stands_in_words() -> None:
    found = modules(*(f"syncapp/{folder}" for folder in WORDLESS))
    lines = {str(path.relative_to(ROOT)): tables_of_looks(path.read_text()) for path in found}
    assert {path: numbers for path, numbers in lines.items() if numbers} == {}


def test_a_table_of_looks_is_noticed() -> None:
    assert tables_of_looks('def a():\n    return {"a": ("sync", "good"), A.B: ("anything", "bad")}[one]\n') == [2]
    assert tables_of_looks('A: dict = {"create": "edit", "update": "sync"}\n') == [1]
    assert tables_of_looks('A = {"a": ("sync", "good")}\nB = {"left": "right", "up": "down"}\n') == []


def test_a_table_of_texts_is_noticed() -> None:
    four = 'A = {"a": _("a"), "b": (_("b"), gettext_lazy("c")), **{"d": translation.gettext("d")}}\n'
    assert text_tables(four) == {"A"}
    assert text_tables(four.replace("A =", "A: dict =")) == {"A"}
    assert text_tables('A = [Row(_("a"), _("b"), _("c"), _("d")) for one in x]\n') == {"A"}
    assert text_tables('A = (_("a"), _("b"), _("c"))\n') == set()
    assert text_tables('A = {"a": _("a"), "b": ("icon", _("b"))}\n') == {"A"}
    assert text_tables('A = {"a": _("a"), "b": "b"}\n') == set()
    assert text_tables("def a():\n    B = 1\n    " + four) == set()


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
    found = modules("syncapp", "sandbox", "advosync_project", "demo", "benchmarks")
    assert doubles({str(path.relative_to(ROOT)): path.read_text() for path in found}) == {}


def test_a_second_class_of_one_name_is_noticed() -> None:
    sources = {"a.py": "class Case: ...\n", "b.py": "class Case:\n    class Meta: ...\n", "c.py": "class Meta: ...\n"}
    assert doubles(sources) == {"Case": ["a.py:1", "b.py:1"]}


# What is called otherwise now: {the name that nothing has any more: what it is called}. Of modules, functions, classes,
# their fields and log events as a whole; of classes each part of the name, too. Plain verbs in a sentence are free.
OLD_WORDS: Mapping[str, str] = {
    **dict.fromkeys(("doorbell", "ring", "rings", "ringing"), "job_queue, enqueue"),
    "look": "read, snapshot",
    **dict.fromkeys(("carry", "carrying", "closing", "ending", "endings"), "pipeline, apply, write_espocrm, result"),
    "carried": "PartResult, SyncState",
    **dict.fromkeys(("outlook", "survey", "forecast"), "record_preview, bulk_preview, next_run"),
    **dict.fromkeys(("room", "board", "point"), "part, plan_builder, contact_point"),
    **dict.fromkeys(("act", "acts", "doing"), "actions, ActionContext"),
    "facts": "remote_metadata",
    **dict.fromkeys(("happened", "borrowed_words"), "the model's own file, time_format"),
    "mirror": "espocrm_status",
    **dict.fromkeys(("utils", "util", "helper", "helpers", "manager", "handler", "process", "misc"), "what it does"),
    **dict.fromkeys(("var1", "var2", "var3"), "add_entry, clear_entry, remove_item"),
    **dict.fromkeys(("var4", "var5", "var6"), "add_item, change_entry, change_item"),
}
# Where the word is the thing's own name.
KEPT_WORDS = {
    "carried": "what the other side held when a write was planned; the fields that both sides have",
    "process": "a process of the operating system",
    "point": "a contact point, in what is stored of a refused one and in the stand-in's models",
}
# No function of ours begins with one of these words either.
OLD_VERBS = {"look"}
# {function: why it may}
KEPT_VERBS = {
    "look_for_restored": "a search in a system for something that may be there again, not a snapshot of it",
    "look_again_at_refused": "asks for runs, and reads nothing itself",
}
# A field or a class may be called so: there it is what a plan has to know (Facts), and what one operation does (Act).
KEPT_IN_CLASSES = {"act", "facts"}
IN_CLASSES = {"Doorbell", "Look", "Carry", "Carried", "Carrying", "Outlook", "Survey", "Forecast", "Doing", "Board"}
EVENT = re.compile(r"""\blog(?:ger)?\.\w+\(\s*["']([a-z_]+)["']""")


def named(source: str) -> Iterator[str]:
    """Every name that a source gives to a function, a class or a field of one, and the log events it writes."""
    for node in ast.walk(ast.parse(source)):
        function = isinstance(node, ast.FunctionDef) and not _is_property(node)
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and (function or node.name.lower() not in KEPT_IN_CLASSES):
            yield node.name
        if isinstance(node, ast.ClassDef):
            fields = (one.target.id for one in node.body if isinstance(one, ast.AnnAssign) and _is_name(one.target))
            yield from (name for name in fields if name not in KEPT_IN_CLASSES)
    yield from (word for event in EVENT.findall(source) for word in event.split("_"))


def _is_name(node: ast.expr) -> bool:
    return isinstance(node, ast.Name)


def _is_property(node: ast.FunctionDef) -> bool:
    return any(ast.unparse(one).endswith("property") for one in node.decorator_list)


def old_words(stem: str, source: str) -> list[str]:
    """Names by which nothing goes any more."""
    free = OLD_WORDS.keys() - KEPT_WORDS.keys()
    plain = [name for name in (stem, *named(source)) if name.lower().lstrip("_") in free]
    return plain + [node.name for node in ast.walk(ast.parse(source)) if _is_old_inside(node)]


def _is_old_inside(node: ast.AST) -> bool:
    """Of a class any part of its name, of a function its verb."""
    if isinstance(node, ast.FunctionDef):
        verb, _sign, object_ = node.name.lstrip("_").partition("_")
        return bool(object_) and verb in OLD_VERBS and node.name not in KEPT_VERBS
    return isinstance(node, ast.ClassDef) and bool(IN_CLASSES & set(re.findall(r"[A-Z][a-z]+", node.name)))


def test_nothing_has_a_name_of_before() -> None:
    found = set(modules("syncapp", "sandbox", "advosync_project", "demo", "benchmarks", "tests")) - {Path(__file__)}
    names = {str(path.relative_to(ROOT)): old_words(path.stem, path.read_text()) for path in found}
    assert {path: [(name, OLD_WORDS.get(name)) for name in old] for path, old in names.items() if old} == {}


def test_no_verb_is_kept_that_nothing_begins_with() -> None:
    names = {name for path in modules("syncapp") for name in named(path.read_text())}
    assert KEPT_VERBS.keys() - names == set()


def test_a_name_of_before_is_noticed() -> None:
    assert old_words("doorbell", "") == ["doorbell"]
    assert old_words("a", "class CarriedPass:\n    look: int\n\ndef _ring(): ...\n") == ["look", "_ring", "CarriedPass"]
    assert old_words("a", "def look_at_keys(): ...\ndef _look_up(): ...\ndef lookups(): ...\n") == [
        "look_at_keys",
        "_look_up",
    ]
    assert old_words("facts", "def act(): ...\nclass Facts:\n    act: int\n") == ["facts", "act"]
    assert old_words("a", 'log.error("ending_failed")\n') == ["ending"]
    assert old_words("a", '"""Look: what rings."""\nlook_at = 1\n') == []
