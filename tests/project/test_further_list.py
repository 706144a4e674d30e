"""A further child list: every table that has to know it, and none that is forgotten.

docs/SYNC_TEMPLATE.md names the same places. To extend: a table with a row a list is a row of TABLES; better is one that
goes through CHILD_LISTS.
"""

from collections.abc import Collection, Mapping

import pytest

from advosync_project import child_blocks
from syncapp.entities.beteiligte.parts import CHILD_LISTS, PARTS
from syncapp.models import ChildKind, SyncRecord
from syncapp.operations.onboarding import child_entities
from syncapp.operations.previews.first_load_preview import ELEMENTS
from syncapp.words.child_lists import cases, labels, plans
from syncapp.words.onboarding.labels import LIST_LABELS

NAMES = {part.name for part in CHILD_LISTS}
KINDS = {kind.value for kind in ChildKind}
# {table: (its rows, what it has a row for)}
TABLES: Mapping[str, tuple[Collection[str], set[str]]] = {
    "words/child_lists/labels.py: PARTS": (labels.PARTS, NAMES),
    "words/child_lists/labels.py: LISTS": (labels.LISTS, NAMES),
    "words/child_lists/labels.py: KINDS": (labels.KINDS, KINDS),
    "words/child_lists/labels.py: _LISTS_OF": (labels._LISTS_OF, KINDS),
    "words/child_lists/plans.py: DONE": (plans.DONE, NAMES),
    "words/child_lists/cases.py: ICONS": (cases.ICONS, KINDS),
    "operations/onboarding/child_entities.py: DEFINITIONS": (child_entities.DEFINITIONS, NAMES),
    "words/onboarding/labels.py: LIST_LABELS": (LIST_LABELS, NAMES),
    "operations/previews/first_load_preview.py: ELEMENTS": (ELEMENTS, {part.name for part in PARTS}),
}


@pytest.mark.parametrize("table", TABLES)
def test_each_list_has_its_row(table: str) -> None:
    rows, wanted = TABLES[table]
    assert {str(row) for row in rows} == wanted


def test_each_kind_is_a_list_with_a_column_of_its_own() -> None:
    assert {part.kind.value for part in CHILD_LISTS} == KINDS
    columns = [part.column for part in CHILD_LISTS]
    assert len(set(columns)) == len(columns)
    assert set(columns) <= {field.name for field in SyncRecord._meta.get_fields()}


def test_each_list_is_documented() -> None:
    """Its decision table and its fields are rendered."""
    blocks = child_blocks.CHILD_BLOCKS
    assert len([name for name in blocks if name.endswith("_rows")]) == len(CHILD_LISTS)
    assert len([name for name in blocks if name.endswith("_fields")]) == len(CHILD_LISTS)
