"""What a search asks, and names that come near where it finds nothing.

Invariant: without the right to see values only numbers and ids are looked at. To extend: a further number that names a
record is a condition of `_numbered`.
"""

from difflib import SequenceMatcher

from django.db.models import Q

from syncapp.core.spelling.letters import plain
from syncapp.entities.beteiligte.finding import index
from syncapp.entities.beteiligte.finding.folding import BEGINS, LONGEST_QUERY, asked_pieces, fold
from syncapp.models import SyncRecord

MOST = 500
NEAR = 5
# Of each end of a word; so many are compared letter by letter.
MOST_ALIKE = 100
ALIKE = 0.6


def matching(query: str, *, values: bool) -> Q:
    """The condition for a search; without `values` only numbers and ids are looked at.

    Keys alone: joined to anything else by “or”, PostgreSQL walks along the order of a list to find what it names.
    """
    return Q(pk__in=_keys(query, values=values))


def found_keys(query: str, *, values: bool) -> list[int]:
    """Keys of the records that a search finds, for lists of what belongs to records."""
    return _keys(query, values=values) if query.strip() else []


def _keys(query: str, *, values: bool) -> list[int]:
    pieces = asked_pieces(query) if values else []
    found = index.containing(pieces, most=MOST) if pieces else []
    return list(dict.fromkeys([*_numbered(plain(query[:LONGEST_QUERY])), *found]))[:MOST]


def _numbered(wanted: str) -> list[int]:
    """Keys of the records that bear this number or id."""
    condition = Q(espo_id=wanted)
    if wanted.isascii() and wanted.isdigit() and len(wanted) < 19:
        condition |= Q(betnr=int(wanted))
    return list(SyncRecord.objects.filter(condition).order_by().values_list("pk", flat=True)[:MOST])


def near(query: str) -> list[SyncRecord]:
    """A handful of records whose names come near to what was asked for, the nearest first."""
    words = [piece.removeprefix(BEGINS) for piece in asked_pieces(query)]
    words = [word for word in words if len(word) >= 3 and not word.isdigit()]
    if not words:
        return []
    asked = " ".join(words)
    alike = {pk for word in words for piece in _ends(word) for pk in index.containing([piece], most=MOST_ALIKE)}
    rows = SyncRecord.objects.only("name", "betnr", "espo_id").filter(pk__in=alike)
    ranked = sorted(((_likeness(asked, row.name), row) for row in rows), key=lambda pair: -pair[0])
    return [record for likeness, record in ranked[:NEAR] if likeness >= ALIKE]


def _ends(word: str) -> set[str]:
    """Pieces of which a name that was mistyped in one place still has one: its beginning, or its end."""
    return {BEGINS + word[:3], word[-4:]}


def _likeness(asked: str, name: str) -> float:
    """Of the name as a whole, or of the words of it that come nearest, whichever says more."""
    said, words = asked.split(), fold(name).split()
    if not words:
        return 0.0
    each = [max(SequenceMatcher(None, word, other).ratio() for other in words) for word in said]
    return max(SequenceMatcher(None, asked, " ".join(words)).ratio(), sum(each) / len(each))
