"""The index behind the search: trigrams in PostgreSQL (pg_trgm), a full-text table of trigrams in SQLite (FTS5).

Purpose: one meaning, "each of these pieces occurs in the text", in whatever way this database answers it by an index.
Invariant: no search reads the whole table, and none gathers more than it is asked for; pieces have at least three signs
(core/finding/folding.SHORTEST). Where there is a long number among them, it alone is looked up, by its spelling, and
the texts that are found are looked at for the pieces. The index follows the table by itself.
To extend: another database is a row of BACKENDS, and what creates its index in the migration.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from django.db import connection
from django.db.models import Q, Value
from django.db.models.functions import StrIndex

from syncapp.core.finding import long_numbers
from syncapp.core.finding.likeness import ends
from syncapp.models.finding.search_text import FoundByText

Texts = type[FoundByText]
# Of each end of a word.
MOST_ALIKE = 100
# FTS5 gives the rows in the order of their numbers, so that it stops when there are enough.
MATCHED = "SELECT {fts}.rowid FROM {fts} {texts} WHERE {fts} MATCH %s {also} LIMIT %s"
# Looked up one by one for what was matched, whatever the planner thinks of it.
TEXTS = "CROSS JOIN {table} t ON t.{key} = {fts}.rowid"
ALSO = "AND instr(t.text, %s) > 0"


def containing(texts: Texts, pieces: Sequence[str], *, most: int) -> list[int]:
    """Keys of the rows of this table in whose text every piece occurs."""
    return BACKENDS[connection.vendor](texts, pieces, most)


def alike(texts: Texts, words: Iterable[str]) -> set[int]:
    """Keys of rows that share an end with one of these words, to be compared letter by letter."""
    pieces = {piece for word in words for piece in ends(word)}
    return {pk for piece in pieces for pk in containing(texts, [piece], most=MOST_ALIKE)}


def _spellings(pieces: Sequence[str]) -> list[str]:
    return [spelling for piece in pieces for spelling in long_numbers.asked(piece)]


def _contained(texts: Texts, pieces: Sequence[str]) -> Any:
    rows, condition = texts._default_manager.all(), Q()
    spellings = _spellings(pieces)
    for spelling in spellings:
        condition &= Q(numbers__contains=spelling)
    for place, piece in enumerate(pieces):
        if spellings:
            # No condition that the other index could be asked for.
            rows = rows.alias(**{f"at_{place}": StrIndex("text", Value(piece))})
            condition &= Q(**{f"at_{place}__gt": 0})
        else:
            condition &= Q(text__contains=piece)
    return rows.filter(condition).values_list("pk", flat=True)


def _by_trigrams(texts: Texts, pieces: Sequence[str], most: int) -> list[int]:
    return list(_contained(texts, pieces)[:most])


def _by_full_text(texts: Texts, pieces: Sequence[str], most: int) -> list[int]:
    sql, values = _matched(texts, pieces)
    with connection.cursor() as cursor:
        cursor.execute(sql, (*values, most))
        return [row[0] for row in cursor.fetchall()]


def _matched(texts: Texts, pieces: Sequence[str]) -> tuple[str, Sequence[str]]:
    """The statement, and its values but the limit."""
    key = texts._meta.pk
    names = {"table": texts._meta.db_table, "fts": f"{texts._meta.db_table}_fts", "key": key.column if key else ""}
    if spellings := _spellings(pieces):
        sql = MATCHED.format(texts=TEXTS.format(**names), also=" ".join([ALSO] * len(pieces)), **names)
        return sql, (_wanted("numbers", spellings), *pieces)
    return MATCHED.format(texts="", also="", **names), (_wanted("text", pieces),)


def _wanted(column: str, pieces: Sequence[str]) -> str:
    """In FTS5's own language: every piece as it stands, and all of them."""
    quoted = " AND ".join('"' + piece.replace('"', '""') + '"' for piece in pieces)
    return f"{column} : ({quoted})"


BACKENDS: Mapping[str, Callable[[Texts, Sequence[str], int], list[int]]] = {
    "postgresql": _by_trigrams,
    "sqlite": _by_full_text,
}
