"""What a migration may do to an installation that is at work: which operations lock a large table, or harm the workers
of the version before, which run until they are updated.

Judged by reading, not by running: on PostgreSQL, with a table of a million rows, each of these takes longer than the
two seconds for which a webhook or a worker can wait. What nobody has judged yet is refused.

| operation | why it is refused | instead |
| --- | --- | --- |
| AddIndex; a field with db_index or unique | an index under a lock | AddIndexConcurrently, atomic = False |
| AddConstraint, AlterUniqueTogether | reads the table under a lock | a unique index made beside the work |
| AlterField of the type, of digits, of a collation | writes the table anew | a new column, filled in portions |
| AlterField to a shorter text | reads the table under a lock; longer ones are still written | check it in the form |
| AlterField to NOT NULL | reads the table under a lock; the version before writes NULL | leave it nullable |
| AddField with a default of Python's, or one for each row | each row is written | null=True, or db_default |
| AddField, NOT NULL without db_default | the version before cannot insert | null=True, or db_default |
| Remove…, Rename…, Delete…, AlterModelTable | the version before still reads it | a release later |
| RunPython, RunSQL | nobody can see how long it lasts | bound it, and name it in LOOKED_AT |

A table that the same migration creates is empty: everything is allowed there. Of small tables, which stand in SMALL,
only what harms the version before is refused.
"""

from collections.abc import Iterable, Iterator
from typing import Any

from django.contrib.postgres import operations as of_postgres
from django.db import models
from django.db.migrations import Migration, operations
from django.db.models.fields import NOT_PROVIDED
from django.db.models.functions import Now

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
# Nothing of the database, or an entry of its catalogue alone.
HARMLESS = (
    operations.CreateModel,
    operations.AlterModelOptions,
    operations.AlterModelManagers,
    operations.AlterModelTableComment,
    operations.AlterConstraint,
    operations.RemoveConstraint,
    operations.RemoveIndex,
    operations.RenameIndex,
    of_postgres.AddIndexConcurrently,
    of_postgres.ValidateConstraint,
    of_postgres.CreateExtension,
)
LOCKS: tuple[tuple[Any, str], ...] = (
    (operations.AddIndex, "builds an index under a lock: AddIndexConcurrently"),
    (operations.AlterUniqueTogether, "builds an index under a lock: a unique index made beside the work"),
    (operations.AddConstraint, "reads the whole table under a lock"),
    (operations.RunPython | operations.RunSQL, "nobody can see how long it lasts: bound it, and name it in LOOKED_AT"),
)
# Of a field: what the database never hears of, and what is judged below by its name.
OF_PYTHON = {*models.Field.non_db_attrs, "default", "auto_now", "auto_now_add", "db_comment"} - {"db_column"}
JUDGED = {"null", "unique", "db_index", "max_length", "db_column"}


def refused(migration: Migration, before: Any = None) -> Iterator[str]:
    """Why this migration must not be released; `before`: the project's state before it, for what a field was."""
    name = f"{migration.app_label}.{migration.name}"
    made: set[str] = set()
    for operation in _told_to_the_database(migration.operations):
        model = _model_of(operation)
        if isinstance(operation, operations.CreateModel):
            made.add(model)
        elif model not in made:
            found = [*_harms(operation, before), *(_locks(operation, before) if model not in SMALL else ())]
            code = isinstance(operation, operations.RunPython | operations.RunSQL)
            if not (code and name in LOOKED_AT):
                yield from (f"{name}, {operation.describe()}: {why}" for why in found)


def _told_to_the_database(listed: Iterable[Any]) -> Iterator[Any]:
    for operation in listed:
        if isinstance(operation, operations.SeparateDatabaseAndState):
            yield from _told_to_the_database(operation.database_operations)
        else:
            yield operation


def _model_of(operation: Any) -> str:
    name = getattr(operation, "model_name", None) or getattr(operation, "name", None) or ""
    return str(name).lower()


def _harms(operation: Any, before: Any) -> Iterator[str]:
    """What the workers of the version before would stumble over, however small the table is."""
    if isinstance(operation, STILL_READ):
        yield "the version before still reads it: a release later"
    if isinstance(operation, operations.AddField):
        field = operation.field
        if not field.many_to_many and not field.null and field.db_default is NOT_PROVIDED and not field.generated:
            yield "the version before cannot insert any more: null=True, or db_default"
    if isinstance(operation, operations.AlterField) and (old := _before(operation, before)) is not None:
        yield from _surprises(old, operation.field)


def _surprises(old: "models.Field[Any, Any]", new: "models.Field[Any, Any]") -> Iterator[str]:
    if _type_of(old) != _type_of(new):
        yield "the version before still writes the old type: a new column"
    if old.null and not new.null:
        yield "the version before may still write NULL: leave it nullable"
    if _longest(new) < _longest(old):
        yield "the version before may still write longer texts"
    if old.db_column != new.db_column:
        yield "the version before still reads it by its old name: a release later"


def _locks(operation: Any, before: Any) -> Iterator[str]:
    """What nobody can read or write the table beside, for as long as a million rows take."""
    if isinstance(operation, HARMLESS + STILL_READ):
        return
    if isinstance(operation, operations.AddField):
        yield from _added(operation.field)
    elif isinstance(operation, operations.AlterField):
        yield from _altered(_before(operation, before), operation.field)
    else:
        unknown = "nobody has judged this sort of operation yet: HARMLESS or LOCKS"
        yield next((why for kind, why in LOCKS if isinstance(operation, kind)), unknown)


def _added(field: "models.Field[Any, Any]") -> Iterator[str]:
    if field.many_to_many:
        return  # a table of its own
    if field.unique or field.db_index:
        yield "builds an index under a lock: add it without, then AddIndexConcurrently"
    if callable(field.default) and field.default is not NOT_PROVIDED:
        yield "each row is written with a default that only Python knows: null=True, or db_default"
    computed = hasattr(field.db_default, "resolve_expression") and not isinstance(field.db_default, models.Value | Now)
    if field.generated or computed:
        yield "each row is written with a value of its own: null=True, filled in portions"


def _altered(old: "models.Field[Any, Any] | None", new: "models.Field[Any, Any]") -> Iterator[str]:
    if old is None:
        yield "nobody knows what it was"
        return
    if _type_of(old) != _type_of(new):
        yield "writes the whole table anew: a new column, filled in portions"
    if (old.null and not new.null) or _longest(new) < _longest(old):
        yield "reads the whole table under a lock"
    if (new.unique or new.db_index) and not (old.unique or old.db_index):
        yield "builds an index under a lock: AddIndexConcurrently"
    was, will = old.deconstruct()[3], new.deconstruct()[3]
    changed = {name for name in was.keys() | will.keys() if was.get(name) != will.get(name)}
    if unknown := sorted(changed - OF_PYTHON - JUDGED):
        yield f"nobody has judged yet what another {', '.join(unknown)} does: OF_PYTHON or JUDGED"


def _before(operation: Any, before: Any) -> "models.Field[Any, Any] | None":
    """What the field was; None where nobody can tell."""
    if before is None:
        return None
    key = next(key for key in before.models if key[1] == operation.model_name.lower())
    found: models.Field[Any, Any] | None = before.models[key].fields.get(operation.name)
    return found


def _type_of(field: "models.Field[Any, Any]") -> str:
    """What the column is, as far as PostgreSQL has to write it anew: texts of any length are the same."""
    kind = field.get_internal_type()
    texts = {"CharField": "text", "TextField": "text", "EmailField": "text", "SlugField": "text", "URLField": "text"}
    return texts.get(kind, kind)


def _longest(field: "models.Field[Any, Any]") -> float:
    return field.max_length or float("inf") if _type_of(field) == "text" else 0
