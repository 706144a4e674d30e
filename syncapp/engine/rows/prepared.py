"""The few statements that every run makes, compiled once.

Django builds and compiles a query anew each time it is asked, which costs a run many times what the database needs for
it. Here a query is written as ever, with a blank for each value, compiled at its first use, and then only filled.
Invariant: the SQL is Django's own, of the very query that stands at its definition; values never become part of it.
To extend: a statement is a constant beside its only user. No select_related, and no signals.
"""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property, lru_cache
from types import MappingProxyType
from typing import Any, Generic, TypeVar
from uuid import UUID

from django.db import DEFAULT_DB_ALIAS, connections, models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models.base import ModelState
from django.db.models.sql import InsertQuery, UpdateQuery
from django.db.transaction import TransactionManagementError, mark_for_rollback_on_error

M = TypeVar("M", bound=models.Model)
NOTHING: Mapping[str, Any] = MappingProxyType({})
EMPTY: Mapping[object, Callable[[], Any]] = MappingProxyType({"{}": dict, "[]": list})


@dataclass(frozen=True, slots=True)
class _Slot:
    """Where a parameter goes. `field`: the column that it is written to, which knows the database's form of it."""

    name: str
    field: "models.Field[Any, Any] | None" = None

    def filled(self, values: Mapping[str, Any], database: BaseDatabaseWrapper) -> Any:
        value = values[self.name]
        return value if self.field is None else self.field.get_db_prep_save(value, database)


class Blank(models.Value):
    """The place of a value that every call brings along."""

    def __init__(self, name: str, field: "models.Field[Any, Any] | None" = None) -> None:
        super().__init__(name)
        self.slot = _Slot(name, field)

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, Any]:
        return "%s", (self.slot,)


@dataclass(frozen=True)
class _Statement:
    sql: str
    params: tuple[Any, ...]

    def filled(self, values: Mapping[str, Any], database: BaseDatabaseWrapper) -> list[Any]:
        return [param.filled(values, database) if isinstance(param, _Slot) else param for param in self.params]


@dataclass(frozen=True)
class _Select:
    """A compiled query, and how its rows become objects."""

    statement: _Statement
    columns: tuple[str, ...]
    annotations: tuple[tuple[str, int], ...]
    converters: tuple[tuple[int, Sequence[Any], Any], ...]
    locks: bool
    selected: str

    def object(self, model: type[M], row: list[Any], database: BaseDatabaseWrapper) -> M:
        for position, functions, expression in self.converters:
            for function in functions:
                row[position] = function(row[position], expression, database)
        # As from_db does it, with less to ask of each column: no signals, and what was not read is read when needed.
        found = model.__new__(model)
        found._state = ModelState()
        found._state.adding, found._state.db = False, database.alias
        found.__dict__.update(zip(self.columns, row, strict=False))
        found.__dict__.update((name, row[position]) for name, position in self.annotations)
        return found


class Prepared(Generic[M]):
    """Rows by a condition of fixed shape: `Prepared(lambda pk: Model.objects.filter(pk=pk), "pk")`.

    names: of text and numbers that the condition takes; fields: of what a database spells in its own way, such as
    times, with the kind of column.
    """

    def __init__(
        self, build: "Callable[..., models.QuerySet[M]]", *names: str, **fields: "models.Field[Any, Any]"
    ) -> None:
        self._build, self._names = build, {**dict.fromkeys(names), **fields}
        self._selects: dict[str, _Select] = {}
        self._subqueries: dict[str, _Statement] = {}
        self._updates: dict[tuple[Any, ...], _Statement] = {}

    def rows(self, **values: Any) -> list[M]:
        """What the query finds now; one that locks its rows is for a transaction only."""
        database = connections[DEFAULT_DB_ALIAS]
        select = self._select(database)
        if select.locks and not database.in_atomic_block:
            raise TransactionManagementError("rows are locked within a transaction or not at all")
        with database.cursor() as cursor:
            cursor.execute(select.statement.sql, select.statement.filled(values, database))
            rows = cursor.fetchall()
        return [select.object(self._blank.model, list(row), database) for row in rows]

    def first(self, **values: Any) -> M | None:
        return next(iter(self.rows(**values)), None)

    def update(self, changes: Mapping[str, Any], fixed: Mapping[str, Any] = NOTHING, **values: Any) -> int:
        """Set these columns; how many rows. `fixed`: columns that take the same expression each time."""
        if any(hasattr(value, "resolve_expression") for value in changes.values()):
            return int(self._build(**values).update(**changes, **fixed))
        database = connections[DEFAULT_DB_ALIAS]
        statement = self._update(changes, fixed, database)
        with mark_for_rollback_on_error(using=database.alias), database.cursor() as cursor:
            cursor.execute(statement.sql, statement.filled(values | _marked(changes), database))
            return int(cursor.rowcount)

    def updated(self, changes: Mapping[str, Any], fixed: Mapping[str, Any] = NOTHING, **values: Any) -> list[M]:
        """The same, and the rows as this very statement has left them; `changes` are plain values."""
        database = connections[DEFAULT_DB_ALIAS]
        statement, select = self._update(changes, fixed, database), self._select(database)
        sql = f"{statement.sql} RETURNING {select.selected}"
        with mark_for_rollback_on_error(using=database.alias), database.cursor() as cursor:
            cursor.execute(sql, statement.filled(values | _marked(changes), database))
            rows = cursor.fetchall()
        return [select.object(self._blank.model, list(row), database) for row in rows]

    def within(self, database: BaseDatabaseWrapper, **values: Any) -> tuple[str, list[Any]]:
        """The query in brackets, to stand within another statement, and its parameters."""
        if database.vendor not in self._subqueries:
            sql, params = self._blank.query.get_compiler(using=database.alias).as_sql()
            self._subqueries[database.vendor] = _Statement(f"({sql})", tuple(params))
        statement = self._subqueries[database.vendor]
        return statement.sql, statement.filled(values, database)

    @cached_property
    def _blank(self) -> "models.QuerySet[M]":
        return self._build(**{name: Blank(name, field) for name, field in self._names.items()})

    def _select(self, database: BaseDatabaseWrapper) -> _Select:
        if database.vendor not in self._selects:
            self._selects[database.vendor] = self._compiled_select(database)
        return self._selects[database.vendor]

    def _compiled_select(self, database: BaseDatabaseWrapper) -> _Select:
        compiler: Any = self._blank.query.get_compiler(using=database.alias)
        sql, params = compiler.as_sql()
        converters = compiler.get_converters([expression for expression, _sql, _alias in compiler.select])
        return _Select(
            statement=_Statement(sql, tuple(params)),
            columns=tuple(compiler.select[at][0].target.attname for at in compiler.klass_info["select_fields"]),
            annotations=tuple(compiler.annotation_col_map.items()),
            converters=tuple(
                (at, [_sparing(function, expression) for function in functions], expression)
                for at, (functions, expression) in converters.items()
            ),
            locks=self._blank.query.select_for_update,
            selected=", ".join(sql for _expression, (sql, _params), _alias in compiler.select),
        )

    def _update(self, columns: Iterable[str], fixed: Mapping[str, Any], database: BaseDatabaseWrapper) -> _Statement:
        shape = database.vendor, tuple(columns), tuple(fixed.items())
        if shape not in self._updates:
            self._updates[shape] = self._compiled_update(columns, fixed, database)
        return self._updates[shape]

    def _compiled_update(
        self, columns: Iterable[str], fixed: Mapping[str, Any], database: BaseDatabaseWrapper
    ) -> _Statement:
        query: Any = self._blank.query.chain(UpdateQuery)
        field: Any = self._blank.model._meta.get_field
        query.add_update_values({**{name: Blank(f"to {name}", field(name)) for name in columns}, **fixed})
        sql, params = query.get_compiler(using=database.alias).as_sql()
        return _Statement(sql, tuple(params))


class PreparedForMany(Generic[M]):
    """Rows by a list of values: `PreparedForMany(lambda ids: Model.objects.filter(pk__in=ids))`, compiled once for each
    length that the list comes in."""

    def __init__(self, build: "Callable[[Sequence[Any]], models.QuerySet[M]]") -> None:
        self._build = build
        self._by_length = lru_cache(maxsize=100)(self._compiled)

    def _compiled(self, length: int) -> Prepared[M]:
        names = [f"member_{position}" for position in range(length)]
        return Prepared(lambda **members: self._build([*members.values()]), *names)

    def rows(self, members: Sequence[Any]) -> list[M]:
        """As of `Prepared`, for these."""
        return self._by_length(len(members)).rows(**_numbered(members)) if members else []

    def update(self, members: Sequence[Any], changes: Mapping[str, Any], fixed: Mapping[str, Any] = NOTHING) -> int:
        """As of `Prepared`, for these."""
        return self._by_length(len(members)).update(changes, fixed, **_numbered(members)) if members else 0


def _sparing(function: Callable[..., Any], expression: Any) -> Callable[..., Any]:
    """How a value of this column is read; of a record's JSON most is empty, and need not be parsed to know it."""
    if not (isinstance(expression.output_field, models.JSONField) and expression.output_field.decoder is None):
        return function

    def read(value: Any, *around: Any) -> Any:
        empty = EMPTY.get(value)
        return function(value, *around) if empty is None else empty()

    return read


def _numbered(members: Sequence[Any]) -> dict[str, Any]:
    return {f"member_{position}": member for position, member in enumerate(members)}


def _marked(changes: Mapping[str, Any]) -> dict[str, Any]:
    """The new values, beside the condition's own, which may bear the same names."""
    return {f"to {name}": value for name, value in changes.items()}


_inserts: dict[tuple[str, type[models.Model]], str] = {}
# Of this one transaction alone: it ends without waiting for the disk.
NOT_AWAITED = ", set_config('synchronous_commit', 'off', true)"


def insert(row: M, *, awaited: bool = True) -> M:
    """Write a new row, and give it its key.

    awaited=False: PostgreSQL does not wait until the row is on its disk, which is most of what an insert costs. Within
    a second it is; only a server that loses its power before that loses it. (SQLite works like that for every row.)
    Within a transaction nothing changes: its other rows may matter more.
    """
    database = connections[DEFAULT_DB_ALIAS]
    at_once = not awaited and database.vendor == "postgresql" and not database.in_atomic_block
    _inserted(row, database, NOT_AWAITED if at_once else "")
    return row


def insert_asking(row: M, *questions: Prepared[Any], **values: Any) -> tuple[M, Sequence[Any]]:
    """Write a new row and have the same statement answer questions of one value each; whether they are asked before or
    after the row is there is the database's business, so they must not be about that row."""
    database = connections[DEFAULT_DB_ALIAS]
    asked = [question.within(database, **values) for question in questions]
    conditions = [condition for _sql, own in asked for condition in own]
    return row, _inserted(row, database, "".join(f", {sql}" for sql, _own in asked), conditions)


def _inserted(
    row: models.Model, database: BaseDatabaseWrapper, asked: str = "", conditions: Sequence[Any] = ()
) -> Sequence[Any]:
    """What the statement answers beside the new key, which the row gets."""
    sql, values = _insert(row, database)
    with mark_for_rollback_on_error(using=database.alias), database.cursor() as cursor:
        cursor.execute(f"{sql}{asked}", [*values, *conditions])
        answers: list[Any]
        row.pk, *answers = cursor.fetchone()
    row._state.adding, row._state.db = False, database.alias
    return answers


def insert_many(
    model: type[models.Model],
    common: Mapping[str, Any],
    rows: Sequence[Mapping[str, Any]],
    *,
    ignore_conflicts: bool = False,
) -> None:
    """Write rows that differ in a few columns only; every column but the key is named once, here or there.

    rows: JSON, texts, numbers, times and UUIDs, as the columns hold them. ignore_conflicts: a row that is there already
    stays as it is.
    """
    if not rows:
        return
    database = connections[DEFAULT_DB_ALIAS]
    fields: dict[str, Any] = {field.attname: field for field in model._meta.concrete_fields}
    same = [fields[name].get_db_prep_save(value, database) for name, value in common.items()]
    quoted = ", ".join(database.ops.quote_name(fields[name].column) for name in (*rows[0], *common))
    into = f"INSERT INTO {database.ops.quote_name(model._meta.db_table)} ({quoted})"
    unless = " ON CONFLICT DO NOTHING" if ignore_conflicts else ""
    with mark_for_rollback_on_error(using=database.alias), database.cursor() as cursor:
        if database.vendor == "postgresql":
            # One statement, where many are as many round trips; and one value, where an array for each column costs
            # Python more than all else does: the rows as JSON, which C writes and the database reads.
            shape = ", ".join(f"{database.ops.quote_name(name)} {fields[name].db_type(database)}" for name in rows[0])
            blanks = "".join(f", %s::{fields[name].db_type(database)}" for name in common)
            own = f"json_to_recordset(%s::json) AS own({shape})"
            chosen = f"SELECT own.*{blanks} FROM {own}{unless}"  # noqa: S608  # nosec
            cursor.execute(f"{into} {chosen}", [*same, json.dumps(rows, default=_as_text)])
        else:
            columns = [_adapted(fields[name], (row[name] for row in rows), database) for name in rows[0]]
            blanks = ", ".join(["%s"] * (len(columns) + len(same)))
            filled = [[*values, *same] for values in zip(*columns, strict=True)]
            cursor.executemany(f"{into} VALUES ({blanks}){unless}", filled)


def _as_text(value: object) -> str:
    """What JSON has no form of, as the database reads it."""
    if isinstance(value, datetime | UUID):
        return str(value)
    raise TypeError(f"no column of many rows holds a {type(value).__name__}")


def insert_alike(model: type[models.Model], column: str, values: Sequence[Any]) -> None:
    """New rows as the model's defaults make them, but for one unique column; those that are there already stay."""
    blank = model()
    fields = (field for field in model._meta.concrete_fields if not (field.primary_key or field.generated))
    common = {field.attname: field.pre_save(blank, add=True) for field in fields if field.attname != column}
    insert_many(model, common, [{column: value} for value in values], ignore_conflicts=True)


def _adapted(field: Any, values: Iterable[Any], database: BaseDatabaseWrapper) -> list[Any]:
    """In the database's form; many rows after one another often share a value."""
    adapted: list[Any] = []
    before: Any = NOTHING
    for value in values:
        adapted.append(adapted[-1] if value is before else field.get_db_prep_save(value, database))
        before = value
    return adapted


def _insert(row: models.Model, database: BaseDatabaseWrapper) -> tuple[str, list[Any]]:
    """The statement, which gives the new key, and what it is filled with."""
    model = type(row)
    fields = [field for field in model._meta.concrete_fields if not (field.primary_key or field.generated)]
    if (database.vendor, model) not in _inserts:
        _inserts[database.vendor, model] = _compiled_insert(row, fields, database)
    values = [field.get_db_prep_save(field.pre_save(row, add=True), database) for field in fields]
    return _inserts[database.vendor, model], values


def _compiled_insert(row: models.Model, fields: "list[models.Field[Any, Any]]", database: BaseDatabaseWrapper) -> str:
    query: Any = InsertQuery(type(row))
    query.insert_values(fields, [row])
    compiler = query.get_compiler(using=database.alias)
    compiler.returning_fields = [row._meta.pk]
    return str(compiler.as_sql()[0][0])
