"""The indexes behind the searches, for the initial migration: Django has no model for them, so they are kept by hand.

PostgreSQL: pg_trgm is a trusted extension, which the owner of a database may create. SQLite: a full-text table that
holds no text of its own and follows the table by triggers.
"""

from typing import Any

from django.db.utils import Error

# Tables of search texts, with the key of their rows.
TABLES = (("syncapp_searchtext", "record_id"), ("syncapp_appointmentsearchtext", "appointment_id"))
POSTGRESQL = (
    "CREATE INDEX {table}_trigrams ON {table} USING gin (text gin_trgm_ops)",
    "CREATE INDEX {table}_numbers ON {table} USING gin (numbers gin_trgm_ops)",
)
NO_EXTENSION = (
    "The search needs the PostgreSQL extension pg_trgm, and this user may not create it. Have an administrator of the "
    "database run, in it: CREATE EXTENSION IF NOT EXISTS pg_trgm; then run migrate again."
)
SQLITE = (
    "CREATE VIRTUAL TABLE {table}_fts USING fts5("
    "text, numbers, content='{table}', content_rowid='{key}', tokenize='trigram')",
    "CREATE TRIGGER {table}_ai AFTER INSERT ON {table} BEGIN "
    "INSERT INTO {table}_fts(rowid, text, numbers) VALUES (new.{key}, new.text, new.numbers); END",
    "CREATE TRIGGER {table}_ad AFTER DELETE ON {table} BEGIN "
    "INSERT INTO {table}_fts({table}_fts, rowid, text, numbers) "
    "VALUES ('delete', old.{key}, old.text, old.numbers); END",
    "CREATE TRIGGER {table}_au AFTER UPDATE ON {table} BEGIN "
    "INSERT INTO {table}_fts({table}_fts, rowid, text, numbers) "
    "VALUES ('delete', old.{key}, old.text, old.numbers); "
    "INSERT INTO {table}_fts(rowid, text, numbers) VALUES (new.{key}, new.text, new.numbers); END",
    "INSERT INTO {table}_fts({table}_fts) VALUES ('rebuild')",
)
BACK = {
    "postgresql": (
        "DROP INDEX IF EXISTS {table}_numbers",
        "DROP INDEX IF EXISTS {table}_trigrams",
    ),
    "sqlite": (
        "DROP TRIGGER IF EXISTS {table}_ai",
        "DROP TRIGGER IF EXISTS {table}_ad",
        "DROP TRIGGER IF EXISTS {table}_au",
        "DROP TABLE IF EXISTS {table}_fts",
    ),
}


def create(_apps: Any, editor: Any) -> None:
    if editor.connection.vendor == "postgresql":
        try:
            editor.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
        except Error as error:
            raise RuntimeError(NO_EXTENSION) from error
    _each(editor, POSTGRESQL if editor.connection.vendor == "postgresql" else SQLITE)


def drop(_apps: Any, editor: Any) -> None:
    _each(editor, BACK[editor.connection.vendor])


def _each(editor: Any, statements: tuple[str, ...]) -> None:
    for table, key in TABLES:
        for statement in statements:
            editor.execute(statement.format(table=table, key=key))
