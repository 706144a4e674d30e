"""How the database answers a search, in its own words."""

from collections.abc import Sequence

from django.db import connection

from syncapp.models.finding import index


def explained(texts: index.Texts, pieces: Sequence[str], *, most: int) -> str:
    if connection.vendor == "postgresql":
        return str(index._contained(texts, pieces)[:most].explain())
    sql, values = index._matched(texts, pieces)
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN QUERY PLAN {sql}", (*values, most))
        return "\n".join(str(row[-1]) for row in cursor.fetchall())
