"""Migrations after the first release lock no large table for long, and do the version before no harm."""

import gzip
import json
from functools import lru_cache
from typing import Any

import pytest
from django.apps import apps
from django.contrib.postgres.functions import RandomUUID
from django.contrib.postgres.operations import AddIndexConcurrently, CreateExtension
from django.db import models
from django.db.migrations import Migration, operations
from django.db.migrations.autodetector import MigrationAutodetector
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.state import ModelState, ProjectState
from django.db.models.functions import Now, Upper
from django.utils import translation

from tests.upgrade.make import FIXTURES
from tests.upgrade.operations import LOOKED_AT, SMALL, refused

LOADER = MigrationLoader(None, ignore_no_migrations=True)
OURS = sorted(key for key in LOADER.disk_migrations if key[0] == "syncapp")


@lru_cache
def first_release() -> str:
    """The last migration of the oldest release: before it there was no installation."""
    oldest = min(FIXTURES.glob("*.json.gz"), key=lambda path: [int(part) for part in path.name.split(".")[:3]])
    found: str = json.loads(gzip.decompress(oldest.read_bytes()))["default"]["migrations"]["syncapp"]
    return found


def test_models_and_migrations_say_the_same() -> None:
    """Of most differences (a longer text, another default) no other test would know: its database is made of these."""
    with translation.override(None):
        wanted = MigrationAutodetector(LOADER.project_state(), ProjectState.from_apps(apps)).changes(graph=LOADER.graph)
    missing = {app: [one.operations for one in found] for app, found in wanted.items() if app in ("syncapp", "sandbox")}
    assert missing == {}, "edit the models, then: python manage.py makemigrations"


def test_no_migration_since_the_first_release_locks_a_large_table() -> None:
    later = [key for key in OURS if key[1] > first_release()]
    found = [why for key in later for why in refused(LOADER.disk_migrations[key], LOADER.project_state(parents(key)))]
    assert found == []


def test_the_first_release_is_one_of_ours() -> None:
    assert ("syncapp", first_release()) in OURS


def parents(key: tuple[str, str]) -> list[tuple[str, str]]:
    return [parent.key for parent in LOADER.graph.node_map[key].parents]


def test_whatever_was_looked_at_is_still_there() -> None:
    assert set(LOOKED_AT) <= {".".join(key) for key in OURS}
    assert {model._meta.model_name for model in apps.get_app_config("syncapp").get_models()} >= SMALL


def test_the_fixture_of_this_version_is_there() -> None:
    from syncapp import __version__

    assert (FIXTURES / f"{__version__}.json.gz").is_file(), "python -m tests.upgrade.make"


def migration(*done: Any) -> Migration:
    made = Migration("0002_trial", "syncapp")
    made.operations = list(done)
    return made


def before() -> ProjectState:
    state = ProjectState()
    fields = [
        ("id", models.BigAutoField(primary_key=True)),
        ("name", models.CharField(max_length=10)),
        ("number", models.IntegerField(null=True)),
        ("share", models.DecimalField(max_digits=5, decimal_places=2, null=True)),
    ]
    for name in ("Attempt", "Control"):
        state.add_model(ModelState("syncapp", name, fields))
    return state


def told(*done: Any) -> operations.SeparateDatabaseAndState:
    return operations.SeparateDatabaseAndState(database_operations=done)


def generated() -> "models.GeneratedField[Any, Any]":
    return models.GeneratedField(expression=Upper("name"), output_field=models.TextField(), db_persist=True)


INDEX = models.Index(fields=["name"], name="trial")
BAD = {
    "an index": operations.AddIndex("attempt", INDEX),
    "a unique constraint": operations.AddConstraint("attempt", models.UniqueConstraint(fields=["name"], name="one")),
    "a check": operations.AddConstraint("attempt", models.CheckConstraint(condition=models.Q(name=""), name="two")),
    "an index within other words": told(told(operations.AddIndex("attempt", INDEX))),
    "a pair that is unique": operations.AlterUniqueTogether("attempt", {("name", "number")}),
    "another type": operations.AlterField("attempt", "name", models.IntegerField()),
    "a shorter text": operations.AlterField("attempt", "name", models.CharField(max_length=9)),
    "another order of letters": operations.AlterField(
        "attempt", "name", models.CharField(max_length=10, db_collation="C")
    ),
    "another column": operations.AlterField("attempt", "name", models.CharField(max_length=10, db_column="called")),
    "more digits": operations.AlterField(
        "attempt", "share", models.DecimalField(max_digits=7, decimal_places=4, null=True)
    ),
    "an order of its own": operations.AlterOrderWithRespectTo("attempt", "number"),
    "a default made for each row": operations.AddField("attempt", "more", models.UUIDField(db_default=RandomUUID())),
    "a column that is computed": operations.AddField("attempt", "more", generated()),
    "no NULL any more": operations.AlterField("attempt", "number", models.IntegerField(default=0)),
    "an index on a field": operations.AlterField("attempt", "name", models.CharField(max_length=10, db_index=True)),
    "a default of Python": operations.AddField("attempt", "more", models.JSONField(default=dict)),
    "a plain default": operations.AddField("attempt", "more", models.IntegerField(default=0)),
    "a field with an index": operations.AddField("attempt", "more", models.IntegerField(null=True, db_index=True)),
    "a unique field": operations.AddField("attempt", "more", models.IntegerField(null=True, unique=True)),
    "a field removed": operations.RemoveField("attempt", "name"),
    "a field renamed": operations.RenameField("attempt", "name", "called"),
    "a table removed": operations.DeleteModel("Attempt"),
    "a table renamed": operations.RenameModel("Attempt", "Trial"),
    "another table": operations.AlterModelTable("attempt", "trial"),
    "code": operations.RunPython(operations.RunPython.noop),
    "a statement": operations.RunSQL("UPDATE syncapp_attempt SET name = ''"),
    "a field of a small table removed": operations.RemoveField("control", "name"),
    "a field of a small table that nobody before fills": operations.AddField("control", "more", models.IntegerField()),
    "no NULL in a small table": operations.AlterField("control", "number", models.IntegerField(default=0)),
}
GOOD = {
    "an index made beside the work": AddIndexConcurrently("attempt", INDEX),
    "a field that may be empty": operations.AddField("attempt", "more", models.TextField(null=True)),
    "a default of the database": operations.AddField("attempt", "more", models.IntegerField(db_default=0)),
    "the moment of the update as a default": operations.AddField(
        "attempt", "more", models.DateTimeField(db_default=Now())
    ),
    "a longer text": operations.AlterField("attempt", "name", models.CharField(max_length=200)),
    "a text without an end": operations.AlterField("attempt", "name", models.TextField(help_text="x", default="y")),
    "NULL from now on": operations.AlterField("attempt", "name", models.CharField(max_length=10, null=True)),
    "an extension": CreateExtension("pg_trgm"),
    "what only Django hears of": operations.SeparateDatabaseAndState(
        state_operations=[operations.RemoveField("attempt", "name")]
    ),
    "other words": operations.AlterModelOptions("attempt", {"verbose_name": "x"}),
    "a new table": operations.CreateModel("Trial", [("id", models.BigAutoField(primary_key=True))]),
    "a small table": operations.AddField("control", "more", models.IntegerField(db_default=0, unique=True)),
    "an index of a small table": operations.AddIndex("control", INDEX),
}


@pytest.mark.parametrize("name", BAD)
def test_what_locks_or_harms_is_refused(name: str) -> None:
    assert list(refused(migration(BAD[name]), before()))


@pytest.mark.parametrize("name", GOOD)
def test_what_does_neither_is_allowed(name: str) -> None:
    assert list(refused(migration(GOOD[name]), before())) == []


def test_a_table_that_the_migration_makes_is_empty() -> None:
    made = operations.CreateModel("Trial", [("id", models.BigAutoField(primary_key=True))])
    assert list(refused(migration(made, operations.AddIndex("trial", INDEX)), before())) == []
