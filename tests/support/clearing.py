"""How the database is emptied after a test that committed: only what it wrote to.

Django empties every table and then makes content types, rights and roles anew, which costs a test more than most tests
do. Here those stay, as the migrations left them, and of the rest only tables that hold something are emptied. A test
that changed what stays is followed by Django's own way. Invariant: the next test finds what a fresh database has.
"""

from typing import Any

from django.core.management import call_command
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.test import TransactionTestCase

STAY = ("django_content_type", "auth_permission", "auth_group", "auth_group_permissions")
ALSO = ("django_migrations",)
COUNTED = ("syncapp_recordcount",)  # triggers write here while other tables are emptied
_fresh: dict[str, Any] = {}
_tables: dict[str, list[str]] = {}


def install() -> None:
    """For every test of this process."""
    TransactionTestCase._fixture_teardown = _emptied


def remember(alias: str) -> None:
    """What a fresh database holds of what stays."""
    _fresh[alias] = _kept(connections[alias])


def _emptied(self: Any) -> None:
    for alias in self._databases_names(include_mirrors=False):
        connection = connections[alias]
        if alias in _fresh and _kept(connection) == _fresh[alias]:
            _empty(connection)
        else:
            call_command("flush", verbosity=0, interactive=False, database=alias, reset_sequences=False)


def _kept(connection: BaseDatabaseWrapper) -> list[Any]:
    present = set(_names(connection))
    with connection.cursor() as cursor:
        found = []
        for table in STAY:
            if table in present:
                cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)} ORDER BY id")  # noqa: S608 (names of ours)
                found.append(cursor.fetchall())
        return found


def _names(connection: BaseDatabaseWrapper) -> list[str]:
    if connection.alias not in _tables:
        _tables[connection.alias] = connection.introspection.django_table_names(only_existing=True, include_views=False)
    return _tables[connection.alias]


def _empty(connection: BaseDatabaseWrapper) -> None:
    quoted = [connection.ops.quote_name(name) for name in _names(connection) if name not in (*STAY, *ALSO)]
    with connection.cursor() as cursor:
        # SQLite takes no more than 500 parts of one statement.
        cursor.execute(" UNION ALL ".join(f"SELECT '{name}' WHERE EXISTS (SELECT 1 FROM {name})" for name in quoted))  # noqa: S608
        filled = [row[0] for row in cursor.fetchall()]
        if filled and connection.vendor == "postgresql":
            cursor.execute(f"TRUNCATE {', '.join(filled)} CASCADE")
    if filled and connection.vendor == "sqlite":
        last = [connection.ops.quote_name(name) for name in COUNTED if name in _names(connection)]
        ordered = [*(name for name in filled if name not in last), *last]
        connection.ops.execute_sql_flush([f"DELETE FROM {name}" for name in ordered])  # noqa: S608
