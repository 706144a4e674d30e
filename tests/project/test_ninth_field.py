"""A further master-data field: every place that has to know it, and none that is forgotten.

Each place says by itself whether it lacks a field. docs/DEVELOPMENT.md names the same places in the same order. To
extend: a place that lists the fields by hand is a row of PLACES and of the document's table; better is one that does
not list them.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from itertools import islice

import pytest

from demo.world import COMPARED
from sandbox.admin.advoware import BeteiligterAdmin, BeteiligterForm
from sandbox.admin.espocrm import MASTER
from sandbox.advoware.shape import DATE_FIELD, MAX_LENGTHS
from sandbox.espocrm.entities import ENTITY_TYPES
from sandbox.identities import identities
from sandbox.models.espocrm import EspoRecord
from sandbox.seed import PERSON_ATTRIBUTES
from syncapp.core.beteiligte.field_table import MAPPING, FieldRow
from tests.support.processes import ROOT

# One of each kind, known to no place but the table.
NINTH = FieldRow("neuntes", 40, ("neuntes",), ("ninth",), "Ninth", "Neuntes")
NINTH_DATE = replace(NINTH, key="neunterTag", max_length=None, kind="date")
ENTITIES = {"CBeteiligte": lambda row: row.espo_plain, "CBeteiligtePerson": lambda row: row.espo_person}


def _in_espocrm(row: FieldRow) -> bool:
    """In both entities, marked as worth a sync."""
    return all(
        any(name in entity.by_name and entity.by_name[name].synced for name in names(row))
        for entity, names in ((ENTITY_TYPES[name], names) for name, names in ENTITIES.items())
    )


def _has_column(row: FieldRow) -> bool:
    columns = {field.name for field in EspoRecord._meta.get_fields()}
    stores = [_store(entity, names(row)) for entity, names in ENTITIES.items()]
    return all(store in columns or store.startswith("extra__") for store in stores)


def _store(entity: str, names: tuple[str, ...]) -> str:
    """Where the stand-in keeps the first candidate that the entity has."""
    fields = ENTITY_TYPES[entity].by_name
    return next((fields[name].store for name in names if name in fields), "")


def _on_espocrms_form(row: FieldRow) -> bool:
    return all(_store(entity, names(row)) in MASTER[entity] for entity, names in ENTITIES.items())


def _in_advoware(row: FieldRow) -> bool:
    return row.key == DATE_FIELD if row.kind == "date" else MAX_LENGTHS.get(row.key, 0) == row.max_length


def _on_advowares_form(row: FieldRow) -> bool:
    shown = {name for _title, options in BeteiligterAdmin.fieldsets or () for name in options["fields"]}
    return row.key in BeteiligterForm.base_fields and row.key in shown


def _in_seed(row: FieldRow) -> bool:
    return PERSON_ATTRIBUTES.get(row.key, row.key) in row.espo_person


def _in_mapping_page(row: FieldRow) -> bool:
    return f"| `{row.key}` | {row.english} |" in (ROOT / "docs/ENTITY_MAPPING.md").read_text()


# {where: whether it knows the field}
PLACES: Mapping[str, Callable[[FieldRow], bool]] = {
    "syncapp/core/beteiligte/field_table.py": lambda row: row in MAPPING,
    "docs/ENTITY_MAPPING.md": _in_mapping_page,
    "sandbox/espocrm/entities.py": _in_espocrm,
    "sandbox/models/espocrm.py": _has_column,
    "sandbox/admin/espocrm.py": _on_espocrms_form,
    "sandbox/advoware/shape.py": _in_advoware,
    "sandbox/admin/advoware.py": _on_advowares_form,
    "sandbox/identities.py": lambda row: all(row.key in one.fields for one in islice(identities(), 20)),
    "sandbox/seed.py": _in_seed,
    "demo/world.py": lambda row: row.key in COMPARED,
}


def missed(row: FieldRow) -> list[str]:
    """Every place that does not know the field."""
    return [where for where, knows in PLACES.items() if not knows(row)]


@pytest.mark.parametrize("row", MAPPING, ids=lambda row: row.key)
def test_every_field_is_known_everywhere(row: FieldRow) -> None:
    assert missed(row) == [], "see “A ninth master-data field” in docs/DEVELOPMENT.md"


@pytest.mark.parametrize("row", [NINTH, NINTH_DATE], ids=lambda row: row.key)
def test_a_ninth_field_that_is_in_the_table_alone_is_missed_everywhere(row: FieldRow) -> None:
    assert missed(row) == list(PLACES)


def test_a_place_that_is_forgotten_is_named() -> None:
    known = next(row for row in MAPPING if row.key == "zusatz")
    assert missed(replace(known, max_length=99)) == [
        "syncapp/core/beteiligte/field_table.py",
        "sandbox/advoware/shape.py",
    ]
    assert "sandbox/espocrm/entities.py" in missed(replace(known, espo_plain=("namenszusatz",)))


def test_the_document_names_the_same_places() -> None:
    page = (ROOT / "docs/DEVELOPMENT.md").read_text()
    section = page.partition("### A ninth master-data field\n")[2].partition("\n#")[0]
    assert re.findall(r"^\| `([^`]+)` \|", section, re.MULTILINE) == list(PLACES)
    assert all((ROOT / where).exists() for where in PLACES)


def test_no_other_source_of_the_product_lists_the_fields() -> None:
    """What lists three or more of them by hand would be a place that the table does not reach."""
    keys = [row.key for row in MAPPING if row.key not in ("name", "titel")]
    quoted = {key: re.compile(f"[\"']{key}[\"']") for key in keys}
    listing = [
        str(path.relative_to(ROOT))
        for folder in ("syncapp", "sandbox", "demo", "advosync_project")
        for path in (ROOT / folder).rglob("*.py")
        if "migrations" not in path.parts
        and sum(bool(pattern.search(path.read_text())) for pattern in quoted.values()) >= 3
    ]
    assert sorted(set(listing) - set(PLACES)) == []
