"""The index behind the search: trigrams in PostgreSQL (pg_trgm), a full-text table of trigrams in SQLite (FTS5).

Purpose: one meaning, "each of these pieces occurs in the text", in whatever way this database answers it by an index.
Invariant: no search reads the whole table; pieces have at least three signs (folding.SHORTEST). The index follows the
table by itself. To extend: another database is a row of BACKENDS, and what creates its index in the migration.
"""

from collections.abc import Callable, Mapping, Sequence

from django.db import connection
from django.db.models import Q, QuerySet
from django.db.models.expressions import RawSQL

from syncapp.models import SearchText

TABLE, FTS = "syncapp_searchtext", "syncapp_searchtext_fts"
NEAR_AT_LEAST = 0.35
MOST_NEAR = 200


def containing(pieces: Sequence[str]) -> Q:
    """Rows of SearchText in whose text every piece occurs."""
    return BACKENDS[connection.vendor][0](pieces)


def near(pieces: Sequence[str]) -> "QuerySet[SearchText]":
    """Rows whose text has much in common with one of the pieces; the caller orders them."""
    return BACKENDS[connection.vendor][1](pieces)


def _contained(pieces: Sequence[str]) -> Q:
    condition = Q()
    for piece in pieces:
        condition &= Q(text__contains=piece)
    return condition


def _similar(pieces: Sequence[str]) -> "QuerySet[SearchText]":
    condition = Q()
    for piece in pieces:
        # The operator that the index knows; its threshold is the database's own, so it is checked once more.
        condition |= Q(
            pk__in=RawSQL(f'SELECT record_id FROM {TABLE} WHERE %s <%% "text" LIMIT {MOST_NEAR}', (piece,))  # noqa: S608, S611
        )
    return SearchText.objects.filter(condition)


def _matched(pieces: Sequence[str]) -> Q:
    return Q(pk__in=_rowids(" AND ".join(_quoted(piece) for piece in pieces), limited=False))


def _overlapping(pieces: Sequence[str]) -> "QuerySet[SearchText]":
    trigrams = {piece[at : at + 3] for piece in pieces for at in range(len(piece) - 2)}
    wanted = " OR ".join(_quoted(one) for one in sorted(trigrams))
    return SearchText.objects.filter(pk__in=_rowids(wanted, limited=True)) if wanted else SearchText.objects.none()


def _rowids(wanted: str, *, limited: bool) -> RawSQL:
    """The best first, where not all are asked for."""
    tail = f" ORDER BY rank LIMIT {MOST_NEAR}" if limited else ""
    return RawSQL(f"SELECT rowid FROM {FTS} WHERE {FTS} MATCH %s{tail}", (wanted,))  # noqa: S608, S611


def _quoted(piece: str) -> str:
    return '"' + piece.replace('"', '""') + '"'


BACKENDS: Mapping[str, tuple[Callable[[Sequence[str]], Q], Callable[[Sequence[str]], "QuerySet[SearchText]"]]] = {
    "postgresql": (_contained, _similar),
    "sqlite": (_matched, _overlapping),
}
