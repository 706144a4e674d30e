"""What the German guide puts between quotation marks or in italics is what the pages really say."""

import re

import polib
import pytest
from django.utils import translation

from advosync_project import declarations, translations
from syncapp.words.child_lists import case_texts
from tests.support.processes import ROOT

GUIDE = (ROOT / "docs/BEDIENUNG.md").read_text()
SAID = {
    text
    for entry in polib.pofile(str(translations.ROOT / "syncapp/locale/de/LC_MESSAGES/django.po"))
    for text in (entry.msgstr, *entry.msgstr_plural.values())
}
SPOKEN = {"die Nummer stimmt nicht"}  # what people say to one another


@pytest.mark.parametrize("words", sorted(set(re.findall(r"„([^“]+)“", GUIDE)) - SPOKEN))
def test_every_button_is_called_so(words: str) -> None:
    assert words in SAID


@pytest.mark.parametrize("words", sorted(set(re.findall(r"(?<![*\w])\*([^*\n]+)\*(?![*\w])", GUIDE))))
def test_every_menu_item_and_status_is_called_so(words: str) -> None:
    assert words in SAID


def test_every_task_about_addresses_and_accounts_is_explained() -> None:
    with translation.override("de"):
        names = {str(text.name) for texts in (case_texts.ADDRESS, case_texts.ACCOUNT) for text in texts.values()}
    assert {name for name in names if f"*{name}*" not in GUIDE} == set()


# What was once said differently in two places, or in words that clerks stumbled over -> what is said now.
GIVEN_UP = {
    "Was braucht mich": "Was ist zu tun?",
    "ohne Begründung": "ohne Text",
    "Ein Lauf bearbeitet": "wird gerade abgeglichen",
    "jemand ihn anstößt": "Erneut versuchen",
    "„Zurücksetzen“": "„Erneut versuchen“",
    "die Hälfte höchstens": "Median",
    "95 von 100": "95 % dauern höchstens",
    "Letzte Änderung": "Zuletzt übertragen",
    "Verteiler": "Auftragsverteilung",
    "Suchlauf": "Sammellauf",
    "in wenigen Sekunden": "angefordert",
}
SETTINGS = {row.german for row in declarations.SETTINGS.values()}


@pytest.mark.parametrize("words", GIVEN_UP)
def test_words_that_were_given_up_are_said_nowhere(words: str) -> None:
    said = [*SAID, *SETTINGS, *GUIDE.splitlines()]
    assert [text for text in said if words in text] == []
