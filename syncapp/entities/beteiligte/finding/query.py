"""What a search asks, and names that come near where it finds nothing.

Invariant: without the right to see values only numbers and ids are looked at. To extend: a further number that names a
record is a condition of `_numbered`.
"""

from django.db.models import Q

from syncapp.core.finding.folding import LONGEST_QUERY, asked_pieces
from syncapp.core.finding.likeness import ALIKE, asked_words, likeness
from syncapp.core.spelling.letters import plain
from syncapp.models import SearchText, SyncRecord
from syncapp.models.finding import index

MOST = 500
NEAR = 5


def matching(query: str, *, values: bool) -> Q:
    """The condition for a search; without `values` only numbers and ids are looked at.

    Keys alone: joined to anything else by “or”, PostgreSQL walks along the order of a list to find what it names.
    """
    return Q(pk__in=found_keys(query, values=values))


def found_keys(query: str, *, values: bool) -> list[int]:
    """Keys of the records that a search finds, for lists of what belongs to records."""
    if not query.strip():
        return []
    pieces = asked_pieces(query) if values else []
    found = index.containing(SearchText, pieces, most=MOST) if pieces else []
    return list(dict.fromkeys([*_numbered(plain(query[:LONGEST_QUERY])), *found]))[:MOST]


def _numbered(wanted: str) -> list[int]:
    """Keys of the records that bear this number or id."""
    condition = Q(espo_id=wanted)
    if wanted.isascii() and wanted.isdigit() and len(wanted) < 19:
        condition |= Q(betnr=int(wanted))
    return list(SyncRecord.objects.filter(condition).order_by().values_list("pk", flat=True)[:MOST])


def near(query: str) -> list[SyncRecord]:
    """A handful of records whose names come near to what was asked for, the nearest first."""
    words = asked_words(query)
    names = SyncRecord.objects.filter(pk__in=index.alike(SearchText, words)).order_by().values_list("pk", "name")
    nearest = sorted(((likeness(words, name), pk) for pk, name in names), reverse=True)[:NEAR]
    keys = [pk for nearness, pk in nearest if nearness >= ALIKE]
    found = SyncRecord.objects.in_bulk(keys)
    return [found[pk] for pk in keys if pk in found]
