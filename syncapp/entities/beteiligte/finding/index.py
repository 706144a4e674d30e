"""The index behind the search: trigrams in PostgreSQL (pg_trgm), a full-text table of trigrams in SQLite (FTS5).

Purpose: one meaning, "each of these pieces occurs in the text", in whatever way this database answers it by an index.
Invariant: no search reads the whole table, and none gathers more than it is asked for; pieces have at least three signs
(folding.SHORTEST). The index follows the table by itself. To extend: another database is a row of BACKENDS, and what
creates its index in the migration.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django.db import connection
from django.db.models import Q

from syncapp.models import SearchText

FTS = "syncapp_searchtext_fts"
# FTS5 gives the rows in the order of their numbers, so that it stops when there are enough.
MATCHED = f"SELECT rowid FROM {FTS} WHERE {FTS} MATCH %s LIMIT %s"  # noqa: S608  # nosec


def containing(pieces: Sequence[str], *, most: int) -> list[int]:
    """Keys of records in whose text every piece occurs."""
    return BACKENDS[connection.vendor](pieces, most)


def explained(pieces: Sequence[str], *, most: int) -> str:
    """How the database answers it, in its own words."""
    if connection.vendor == "postgresql":
        return str(_contained(pieces)[:most].explain())
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN QUERY PLAN {MATCHED}", (_wanted(pieces), most))
        return "\n".join(str(row[-1]) for row in cursor.fetchall())


def _contained(pieces: Sequence[str]) -> Any:
    condition = Q()
    for piece in pieces:
        condition &= Q(text__contains=piece)
    return SearchText.objects.filter(condition).values_list("record_id", flat=True)


def _by_trigrams(pieces: Sequence[str], most: int) -> list[int]:
    return list(_contained(pieces)[:most])


def _by_full_text(pieces: Sequence[str], most: int) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(MATCHED, (_wanted(pieces), most))
        return [row[0] for row in cursor.fetchall()]


def _wanted(pieces: Sequence[str]) -> str:
    """In FTS5's own language: every piece as it stands, and all of them."""
    return " AND ".join('"' + piece.replace('"', '""') + '"' for piece in pieces)


BACKENDS: Mapping[str, Callable[[Sequence[str], int], list[int]]] = {
    "postgresql": _by_trigrams,
    "sqlite": _by_full_text,
}
