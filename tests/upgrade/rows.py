"""The rows of a database as text that any database takes, and back again into the tables of their own version.

A dump names the migration that each app was at. `restore` builds the tables as they were then, from the migrations,
puts the rows in as they were (no default, no time stamp anew), and leaves it to `migrate` to bring them up to date.
Moments are moved by the age of the dump, so that nothing grows old: a retry that was due in an hour is due in one.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime, timedelta
from typing import Any

from django.apps import apps
from django.core.management.color import no_style
from django.core.management.sql import emit_pre_migrate_signal
from django.db import connections, models, transaction
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.recorder import MigrationRecorder

Dump = dict[str, Any]
# Rows that say nothing of an installation: sessions, and what a queue's page is called.
LEFT_OUT = frozenset({"sessions.Session", "django_rq.Dashboard"})


def dump(alias: str) -> Dump:
    """{"migrations": {app: name}, "rows": {model: [{column: value}]}} of one database."""
    applied = MigrationRecorder(connections[alias]).applied_migrations()
    newest: dict[str, str] = {}
    for app, name in sorted(applied):
        newest[app] = name
    rows = {
        model._meta.label: [_written(row) for row in model._base_manager.using(alias).order_by("pk")]
        for model in _models(alias)
    }
    return {"migrations": newest, "rows": {label: found for label, found in rows.items() if found}}


def _models(alias: str) -> Iterator[type[models.Model]]:
    tables = set(connections[alias].introspection.table_names())
    for model in apps.get_models(include_auto_created=True):
        mine = (model._meta.app_label == "sandbox") == (alias == "sandbox")
        if mine and not model._meta.proxy and model._meta.label not in LEFT_OUT and model._meta.db_table in tables:
            yield model


def _written(row: models.Model) -> dict[str, Any]:
    return {column.attname: _plain(getattr(row, column.attname), column) for column in _columns(row)}


def _columns(model: Any) -> "list[models.Field[Any, Any]]":
    """Those that somebody writes."""
    return [column for column in model._meta.local_concrete_fields if not column.generated]


def _plain(value: Any, column: "models.Field[Any, Any]") -> Any:
    if value is None or isinstance(column, models.JSONField) or isinstance(value, bool | int | float | str):
        return value
    return value.isoformat() if isinstance(value, date | datetime) else str(value)


def restore(alias: str, found: Dump, *, older_by: timedelta) -> None:
    """The tables of that version, with these rows in them and no others."""
    connection = connections[alias]
    emit_pre_migrate_signal(verbosity=0, interactive=False, db=alias)  # as the command does
    executor = MigrationExecutor(connection)
    executor.migrate(
        [(app, name) for app, name in found["migrations"].items() if (app, name) in executor.loader.graph.nodes]
    )
    then = executor.loader.project_state(list(found["migrations"].items())).apps
    with transaction.atomic(using=alias):
        known = [(then.get_model(label), rows) for label, rows in found["rows"].items()]
        for model, _rows in reversed(known):
            model._base_manager.using(alias).all().delete()
        for model, rows in known:
            _insert(model, rows, alias, older_by)
    with connection.cursor() as cursor:
        for statement in connection.ops.sequence_reset_sql(no_style(), [model for model, _rows in known]):
            cursor.execute(statement)


def _insert(model: type[models.Model], rows: Iterable[Mapping[str, Any]], alias: str, older_by: timedelta) -> None:
    columns = _columns(model)
    made = [model(**{one.attname: moved(row[one.attname], one, older_by) for one in columns}) for row in rows]
    # As they were: the usual way would set `auto_now` columns anew.
    model._base_manager.using(alias)._insert(made, fields=columns, using=alias, raw=True)  # type: ignore[attr-defined]


def moved(value: Any, column: "models.Field[Any, Any]", older_by: timedelta) -> Any:
    """A value as the column holds it, later by as much as the dump is old."""
    if value is None or isinstance(column, models.JSONField):
        return value
    known = column.to_python(value)
    if isinstance(known, datetime):
        return known + older_by
    return known + timedelta(days=older_by.days) if isinstance(known, date) else known
