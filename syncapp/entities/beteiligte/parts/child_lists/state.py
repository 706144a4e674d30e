"""What a record's row keeps of a child list as a whole, in one column a kind.

loaded   the list was carried, or matched, at least once: what comes now is new
shrunk   lists that had shrunk at once at the last look: believed when they are seen so again
found    words that the record is found by
seen     a fingerprint of Advoware's list as the last sync left it; missing where it is not known
owed     items whose own status, or number, an outage has left unwritten
sources  from which attribute, and which key, each field of the bases was read
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from syncapp.core.child_lists.shapes import ListSide

# Of a record whose Beteiligter we have made ourselves.
MADE: Mapping[str, Any] = {"loaded": True}


def is_loaded(stored: Mapping[str, Any]) -> bool:
    return bool(stored.get("loaded"))


def shrunk_in(stored: Mapping[str, Any]) -> frozenset[ListSide]:
    return frozenset(ListSide(one) for one in stored.get("shrunk", ()))


def shrunk(stored: Mapping[str, Any], which: Iterable[ListSide]) -> Mapping[str, Any]:
    """After a read of a list that has lost too much at once."""
    return {**stored, "shrunk": sorted(str(one) for one in which)}


def owed(stored: Mapping[str, Any]) -> frozenset[str]:
    return frozenset(str(one) for one in stored.get("owed", ()))


def sources(stored: Mapping[str, Any]) -> Mapping[str, Mapping[str, str]]:
    found: Mapping[str, Mapping[str, str]] = stored.get("sources", {})
    return found


def loaded(
    *, found: Sequence[str], seen: str, sources: Mapping[str, Mapping[str, str]], owed: Iterable[str]
) -> Mapping[str, Any]:
    """After a run that went through."""
    kept = {"found": list(found), "seen": seen, "owed": sorted(owed)}
    return {"loaded": True, "sources": sources, **{name: value for name, value in kept.items() if value}}
