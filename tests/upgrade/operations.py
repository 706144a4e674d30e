"""What a migration may do to an installation that is at work: which operations lock a large table, or harm the workers
of the version before, which run until they are updated.

Judged by reading, not by running: on PostgreSQL, with a table of a million rows, each of these takes longer than the
two seconds for which a webhook or a worker can wait.

| operation | why it is refused | instead |
| --- | --- | --- |
| AddIndex; a field with db_index or unique | an index under a lock | AddIndexConcurrently, atomic = False |
| AddConstraint (unique, check) | reads the table under a lock | a unique index made beside the work |
| AlterField of the type | writes the table anew | a new column, filled in portions |
| AlterField to NOT NULL | reads the table under a lock | leave it nullable |
| AddField with a default of Python's | each row is written | null=True, or db_default |
| AddField, NOT NULL without db_default | the version before cannot insert | null=True, or db_default |
| Remove…, Rename…, Delete…, AlterModelTable | the version before still reads it | a release later |
| RunPython, RunSQL | nobody can see how long it lasts | bound it, and name it in LOOKED_AT |

A table that the same migration creates is empty: everything is allowed there. Small tables stand in SMALL.
"""

from collections.abc import Iterator
from typing import Any

from django.db import models
from django.db.migrations import Migration, operations
from django.db.models.fields import NOT_PROVIDED

# Never more than some hundred rows, whatever the firm.
SMALL = frozenset(
    {
        "control",
        "breaker",
        "heartbeat",
        "processsign",
        "failingjob",
        "guard",
        "proxykey",
        "calendaremployee",
        "backfillrun",
    }
)
# Migrations with code of their own that somebody has looked at: {"app.name": how it is bounded}.
LOOKED_AT: dict[str, str] = {}
STILL_READ = (
    operations.RemoveField,
    operations.RenameField,
    operations.DeleteModel,
    operations.RenameModel,
    operations.AlterModelTable,
)


def refused(migration: Migration, before: Any = None) -> Iterator[str]:
    """Why this migration must not be released; `before`: the project's state before it, for what a field was."""
    made: set[str] = set()
    for operation in migration.operations:
        model = _model_of(operation)
        if isinstance(operation, operations.CreateModel):
            made.add(model)
        elif model not in made | SMALL:
            for why in _why(operation, migration, before):
                yield f"{migration.app_label}.{migration.name}, {operation.describe()}: {why}"


def _model_of(operation: Any) -> str:
    name = getattr(operation, "model_name", None) or getattr(operation, "name", None) or ""
    return str(name).lower()


def _why(operation: Any, migration: Migration, before: Any) -> Iterator[str]:
    if type(operation) is operations.AddIndex:
        yield "builds an index under a lock: AddIndexConcurrently"
    if isinstance(operation, operations.AddConstraint):
        yield "reads the whole table under a lock"
    if isinstance(operation, STILL_READ):
        yield "the version before still reads it: a release later"
    code = isinstance(operation, operations.RunPython | operations.RunSQL)
    if code and f"{migration.app_label}.{migration.name}" not in LOOKED_AT:
        yield "nobody can see how long it lasts: bound it, and name it in LOOKED_AT"
    if isinstance(operation, operations.AddField):
        yield from _added(operation.field)
    if isinstance(operation, operations.AlterField):
        yield from _altered(operation, before)


def _added(field: "models.Field[Any, Any]") -> Iterator[str]:
    if field.many_to_many:
        return  # a table of its own
    if field.unique or field.db_index:
        yield "builds an index under a lock: add it without, then AddIndexConcurrently"
    if not field.null and field.db_default is NOT_PROVIDED:
        yield "the version before cannot insert any more: null=True, or db_default"
    if callable(field.default) and field.default is not NOT_PROVIDED:
        yield "each row is written with a default that only Python knows: null=True, or db_default"


def _altered(operation: Any, before: Any) -> Iterator[str]:
    old = before and before.models[before_key(before, operation.model_name)].fields.get(operation.name)
    new = operation.field
    if old is None:
        yield "nobody knows what it was"
        return
    if _type_of(old) != _type_of(new):
        yield "writes the whole table anew: a new column, filled in portions"
    if old.null and not new.null:
        yield "reads the whole table under a lock, and the version before may still write NULL"
    if (new.unique or new.db_index) and not (old.unique or old.db_index):
        yield "builds an index under a lock: AddIndexConcurrently"


def before_key(before: Any, model_name: str) -> tuple[str, str]:
    return next(key for key in before.models if key[1] == model_name.lower())


def _type_of(field: "models.Field[Any, Any]") -> str:
    """What the column is, as far as PostgreSQL has to write it anew: texts of any length are the same."""
    kind = field.get_internal_type()
    texts = {"CharField": "text", "TextField": "text", "EmailField": "text", "SlugField": "text", "URLField": "text"}
    return texts.get(kind, kind)
