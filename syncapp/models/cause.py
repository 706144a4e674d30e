"""The cause of a fault as the database makes it, beside the fault itself: what is the same is counted and found by it.

Invariant: what the database puts together is what core/faults/causes.py makes of a fault
(tests/operations/test_quiet.py), whoever writes the fault. To extend: see core/faults/causes.py; no migration notices
it by itself. On PostgreSQL one has to write the faults of old rows once more, on SQLite to make the column anew.
"""

from typing import Any

from django.apps import apps
from django.db import connections
from django.db.models import Case, F, Func, TextField, Value, When
from django.db.models.fields.json import KT
from django.db.models.functions import Cast, Coalesce, NullIf
from django.db.models.sql import Query

from syncapp.core.faults import causes


class Joined(Func):
    """Texts one behind the other, none of them NULL. Django's Concat nests, with many too deep for SQLite."""

    template = "(%(expressions)s)"
    arg_joiner = " || "
    output_field = TextField()


class CauseColumn(Func):
    """The cause of the fault in this column, for the column that the database makes of it.

    PostgreSQL reads the definition of such a column anew for every UPDATE of the table, whatever it changes: spelled
    out, that took it longer than fifty rows did. There it is a call of a function, which holds what is spelled out.
    """

    function = "advosync_cause"
    output_field = TextField()

    def __init__(self, *expressions: Any) -> None:
        super().__init__(*(expressions or (F("fault"), cause_of())))

    def as_postgresql(self, compiler: Any, connection: Any, **_context: Any) -> tuple[str, Any]:
        fault, params = compiler.compile(self.source_expressions[0])
        return f"{self.function}({fault})", params

    def as_sqlite(self, compiler: Any, connection: Any, **_context: Any) -> Any:
        return compiler.compile(self.source_expressions[1])


def install(*, using: str = "default", **_signal: Any) -> None:
    """Called before every migration: PostgreSQL's function, which has to be there before the column is."""
    database: Any = connections[using]
    if using != "default" or database.vendor != "postgresql":
        return
    query: Any = Query(apps.get_model("syncapp", "SyncRecord"), alias_cols=False)
    cause = cause_of().resolve_expression(query, allow_joins=False)
    body = database.ops.compose_sql(*query.get_compiler(using=using).compile(cause))
    with database.cursor() as cursor:
        cursor.execute(
            f"CREATE OR REPLACE FUNCTION {CauseColumn.function}(fault jsonb) RETURNS text LANGUAGE plpgsql "
            f"IMMUTABLE PARALLEL SAFE AS $body$ BEGIN RETURN {body}; END $body$"
        )


def cause_of() -> Any:
    """The cause of the fault, spelled out; NULL where there is none."""
    pieces: list[Any] = []
    for path in causes.PATHS:
        key = KT(f"fault__{'__'.join(map(str, path))}")
        # SQLite spells JSON's null as a word.
        piece = NullIf(Cast(key, TextField()), Value("null"))
        pieces += [Coalesce(piece, Value("")), Value(causes.SEPARATOR)]
    none = When(fault__code__isnull=True, then=Value(None))
    return Case(none, default=Joined(*pieces[:-1]), output_field=TextField())
