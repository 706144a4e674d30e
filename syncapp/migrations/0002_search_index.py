"""The index behind the search; Django has no model for it, so it is kept here by hand.

PostgreSQL: pg_trgm is a trusted extension, which the owner of a database may create. SQLite: a full-text table that
holds no text of its own and follows the table by triggers.
"""

from typing import Any

from django.db import migrations
from django.db.utils import Error

POSTGRESQL = (
    "CREATE INDEX syncapp_searchtext_trigrams ON syncapp_searchtext USING gin (text gin_trgm_ops)",
    "CREATE INDEX syncapp_searchtext_numbers ON syncapp_searchtext USING gin (numbers gin_trgm_ops)",
)
NO_EXTENSION = (
    "The search needs the PostgreSQL extension pg_trgm, and this user may not create it. Have an administrator of the "
    "database run, in it: CREATE EXTENSION IF NOT EXISTS pg_trgm; then run migrate again."
)
SQLITE = (
    "CREATE VIRTUAL TABLE syncapp_searchtext_fts USING fts5("
    "text, numbers, content='syncapp_searchtext', content_rowid='record_id', tokenize='trigram')",
    "CREATE TRIGGER syncapp_searchtext_ai AFTER INSERT ON syncapp_searchtext BEGIN "
    "INSERT INTO syncapp_searchtext_fts(rowid, text, numbers) VALUES (new.record_id, new.text, new.numbers); END",
    "CREATE TRIGGER syncapp_searchtext_ad AFTER DELETE ON syncapp_searchtext BEGIN "
    "INSERT INTO syncapp_searchtext_fts(syncapp_searchtext_fts, rowid, text, numbers) "
    "VALUES ('delete', old.record_id, old.text, old.numbers); END",
    "CREATE TRIGGER syncapp_searchtext_au AFTER UPDATE ON syncapp_searchtext BEGIN "
    "INSERT INTO syncapp_searchtext_fts(syncapp_searchtext_fts, rowid, text, numbers) "
    "VALUES ('delete', old.record_id, old.text, old.numbers); "
    "INSERT INTO syncapp_searchtext_fts(rowid, text, numbers) VALUES (new.record_id, new.text, new.numbers); END",
    "INSERT INTO syncapp_searchtext_fts(syncapp_searchtext_fts) VALUES ('rebuild')",
)
BACK = {
    "postgresql": (
        "DROP INDEX IF EXISTS syncapp_searchtext_numbers",
        "DROP INDEX IF EXISTS syncapp_searchtext_trigrams",
    ),
    "sqlite": (
        "DROP TRIGGER IF EXISTS syncapp_searchtext_ai",
        "DROP TRIGGER IF EXISTS syncapp_searchtext_ad",
        "DROP TRIGGER IF EXISTS syncapp_searchtext_au",
        "DROP TABLE IF EXISTS syncapp_searchtext_fts",
    ),
}


def create(_apps: Any, editor: Any) -> None:
    if editor.connection.vendor == "postgresql":
        try:
            editor.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
        except Error as error:
            raise RuntimeError(NO_EXTENSION) from error
    for statement in POSTGRESQL if editor.connection.vendor == "postgresql" else SQLITE:
        editor.execute(statement)


def drop(_apps: Any, editor: Any) -> None:
    for statement in BACK[editor.connection.vendor]:
        editor.execute(statement)


class Migration(migrations.Migration):
    dependencies = (("syncapp", "0001_initial"),)
    operations = (migrations.RunPython(create, drop),)
