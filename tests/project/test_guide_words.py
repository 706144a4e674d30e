"""What the German guide puts between quotation marks or in italics is what the pages really say."""

import re

import polib
import pytest

from advosync_project import translations
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
