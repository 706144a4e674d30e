"""German is whole, and needs no gettext: .mo files are written by Python, only where they are missing or old."""

import ast
import gettext
import os
import re
from collections.abc import Iterator

import polib
import pytest

from advosync_project import translations

GERMAN = {
    "syncapp": ("syncapp", "templates", "advosync_project"),
    "sandbox": ("sandbox",),
}
MARKS = {"_", "gettext", "gettext_lazy", "ngettext", "ngettext_lazy", "pgettext", "_lazy"}
TAG = re.compile(r"""(?:translate |_\()(["'])(.*?)\1""")
BLOCK = re.compile(r"{% blocktranslate([^%]*)%}(.*?){% endblocktranslate %}", re.DOTALL)


def said_in_code(source: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and node.args:
            name = getattr(node.func, "id", getattr(node.func, "attr", ""))
            first = node.args[0]
            if name in MARKS and isinstance(first, ast.Constant) and isinstance(first.value, str):
                yield first.value


def said_in_template(source: str) -> Iterator[str]:
    yield from (words for _quote, words in TAG.findall(source))
    for options, words in BLOCK.findall(source):
        text = re.sub(r"{{ *(\w+) *}}", r"%(\1)s", words.partition("{% plural %}")[0])
        yield " ".join(text.split()) if "trimmed" in options else text


@pytest.mark.parametrize("app", GERMAN)
def test_everything_that_is_said_is_said_in_german(app: str):
    entries = polib.pofile(str(translations.ROOT / app / "locale/de/LC_MESSAGES/django.po"))
    known = {entry.msgid for entry in entries if (entry.msgstr or entry.msgstr_plural) and "fuzzy" not in entry.flags}
    said = set()
    for folder in GERMAN[app]:
        for path in (translations.ROOT / folder).rglob("*.py"):
            said |= set(said_in_code(path.read_text())) if "migrations" not in path.parts else set()
        for path in (translations.ROOT / folder).rglob("*.html"):
            said |= set(said_in_template(path.read_text()))
    assert len(said) > 20
    assert sorted(said - known) == []


PO = 'msgid ""\nmsgstr "Content-Type: text/plain; charset=UTF-8\\n"\n\nmsgid "record"\nmsgstr "Datensatz für Müller"\n'


def test_missing_and_old_files_are_compiled_and_current_ones_left(tmp_path):
    source = tmp_path / "someapp/locale/de/LC_MESSAGES/django.po"
    source.parent.mkdir(parents=True)
    source.write_text(PO)
    assert translations.compile_all(tmp_path) == [source]
    with source.with_suffix(".mo").open("rb") as compiled:
        assert gettext.GNUTranslations(compiled).gettext("record") == "Datensatz für Müller"
    assert translations.compile_all(tmp_path) == []
    later = source.stat().st_mtime + 10
    os.utime(source, (later, later))
    assert translations.compile_all(tmp_path) == [source]
