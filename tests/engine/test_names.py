"""The engine serves any entity and any remote system: none of their names stands in it, not even in a comment."""

import re
from pathlib import Path

import pytest

from syncapp.core.beteiligte.field_table import MAPPING, NOT_SYNCED
from syncapp.core.systems import System

ROOT = Path(__file__).resolve().parents[2] / "syncapp"
# Entities and their parts, and words that only one of them has.
OF_ENTITIES = (
    "beteiligt",
    "kommunikation",
    "adresse",
    "termin(?!at)",
    "appointment",
    "contact",
    "komm_?kz",
    "bet_?nr",
    "fr_?nr",
)
OF_REMOTES = (r"\bespo", "advo(?!sync)", "google", "rowid", r"\bbet\b")
FIELDS = tuple(rf"\b{key}\b" for key in (*(row.key for row in MAPPING if row.key != "name"), *NOT_SYNCED))
NAMES = re.compile("|".join((*OF_ENTITIES, *OF_REMOTES, *FIELDS)), re.IGNORECASE)


def named(text: str) -> list[str]:
    return [f"{number}: {line.strip()}" for number, line in enumerate(text.splitlines(), 1) if NAMES.search(line)]


@pytest.mark.parametrize("path", sorted((ROOT / "engine").rglob("*.py")), ids=lambda path: path.stem)
def test_no_name_of_an_entity_or_a_remote_system(path: Path):
    assert named(path.read_text()) == []


@pytest.mark.parametrize("name", [*System, *(path.name for path in (ROOT / "entities").glob("[a-z]*/"))])
def test_each_entity_and_system_would_be_noticed(name: str):
    """A new folder of `entities`, a new row of System: its name belongs among those that are looked for."""
    assert named(f"# what {name} needs")
