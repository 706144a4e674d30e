"""What each release left for `make upgrade-check` is an installation that has lived, and is read as it was."""

import gzip
import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.db import models
from django.db.migrations.loader import MigrationLoader

from syncapp.core.requests import Hold
from syncapp.core.states import Status
from tests.upgrade.make import FIXTURES
from tests.upgrade.rows import moved

# A day at most, and nobody's work: files to be fetched, answers kept for repetitions, signs of processes.
SHORT_LIVED = {f"syncapp.{name}" for name in ("Export", "ExportPart", "KeptAnswer", "ProcessSign", "FailingJob")}
ALL = sorted(FIXTURES.glob("*.json.gz"))


def rows(path: Path) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = json.loads(gzip.decompress(path.read_bytes()))["default"]["rows"]
    return found


@pytest.mark.parametrize("path", ALL, ids=lambda path: path.name)
def test_it_holds_one_of_everything(path: Path) -> None:
    found = rows(path)
    records = found["syncapp.SyncRecord"]
    assert {row["status"] for row in records} >= set(Status)
    assert {row["hold"] for row in records} >= set(Hold)
    assert any(row["open_intents"] for row in records)
    assert any(row["create_intent"] for row in records)
    assert sum(row["status"] == "clean" and not row["espo_id"].startswith("5f0") for row in records) >= 4
    expected = (
        "Conflict",
        "ChildCase",
        "ChildLink",
        "ContactLink",
        "DeletionTask",
        "Attempt",
        "FieldChange",
        "ProxyKey",
    )
    assert [
        name for name in (*expected, "Appointment", "CalendarEmployee", "OperatorLog") if f"syncapp.{name}" not in found
    ] == []
    assert any(row["open"] for row in found["syncapp.Conflict"])
    assert "auth.User" in found


def test_the_newest_holds_a_row_of_every_table() -> None:
    """What an update could lose and the fixture has not, nobody would miss."""
    newest = max(ALL, key=lambda path: [int(part) for part in path.name.split(".")[:3]])
    ours = {model._meta.label for model in apps.get_app_config("syncapp").get_models() if not model._meta.proxy}
    assert ours - rows(newest).keys() == SHORT_LIVED, "python -m tests.upgrade.make"


@pytest.mark.parametrize("alias", ["default", "sandbox"])
@pytest.mark.parametrize("path", ALL, ids=lambda path: path.name)
def test_its_rows_have_the_columns_of_its_migrations(path: Path, alias: str) -> None:
    """Until a version is released its migration is made anew with each change: a dump of before then fits no table."""
    found = json.loads(gzip.decompress(path.read_bytes()))[alias]
    loader = MigrationLoader(None, ignore_no_migrations=True)
    then = loader.project_state([key for key in found["migrations"].items() if key in loader.graph.nodes]).apps
    columns = {
        label: {one.attname for one in then.get_model(label)._meta.local_concrete_fields if not one.generated}
        for label in found["rows"]
    }
    wrong = {label: columns[label] ^ set(rows[0]) for label, rows in found["rows"].items()}
    assert {label: names for label, names in wrong.items() if names} == {}, "python -m tests.upgrade.make"


@pytest.mark.parametrize("path", ALL, ids=lambda path: path.name)
def test_it_stays_small(path: Path) -> None:
    assert path.stat().st_size < 300_000


@pytest.mark.parametrize(
    "column, value, then",
    [
        (models.DateTimeField(), "2026-11-28T17:00:00+00:00", datetime(2026, 11, 30, 17, tzinfo=UTC)),
        (models.DateField(), "2026-11-28", date(2026, 11, 30)),
        (models.JSONField(), {"at": "2026-11-28"}, {"at": "2026-11-28"}),
        (models.CharField(), "2026-11-28", "2026-11-28"),
        (models.IntegerField(null=True), None, None),
    ],
)
def test_moments_are_moved_and_nothing_else(column: "models.Field[Any, Any]", value: Any, then: Any) -> None:
    assert moved(value, column, timedelta(days=2)) == then
