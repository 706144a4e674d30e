"""What EspoCRM calls the fields and options that our module adds, in each language that people of a firm may use there.

Invariant: every field and every option of the module has a label in every language. To extend: a bookkeeping field is a
row of FIELD_LABELS (words/onboarding/labels.py), a language a row of LANGUAGES (its texts come from syncapp/locale).
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from django.utils import translation

from syncapp.core.beteiligte.field_table import FieldMap
from syncapp.models import StatusChoice
from syncapp.words import sentences
from syncapp.words.onboarding.labels import FIELD_LABELS

# A module of its own: EspoCRM lays it under what the Entity Manager has written, none of which a copy can replace.
MODULE = "custom/Espo/Modules/Advosync"
RESOURCES = f"{MODULE}/Resources"
# EspoCRM's name of the language -> ours. EspoCRM falls back to en_US for all others.
LANGUAGES = {"en_US": "en", "de_DE": "de"}
OPTIONS = {"syncStatus": StatusChoice}
Labels = Mapping[str, Any]


def in_each_language(labels: Callable[[], Labels], *, name: str) -> dict[str, Labels]:
    """EspoCRM's files of labels by path."""
    files = {}
    for espo_language, language in LANGUAGES.items():
        with translation.override(language):
            files[f"{RESOURCES}/i18n/{espo_language}/{name}.json"] = labels()
    return files


def labels_of(fields: Iterable[str], field_map: FieldMap) -> Labels:
    """Of the fields that the module names."""
    keys = {espo: key for key, espo in field_map.espo_names.items()}
    labels = {name: str(FIELD_LABELS.get(name) or sentences.field_label(keys[name])) for name in fields}
    options = {name: {one.value: str(one.label) for one in OPTIONS[name]} for name in labels if name in OPTIONS}
    return {"fields": labels, "options": options}
