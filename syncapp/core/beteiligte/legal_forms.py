"""Legal forms: which of Advoware's was meant by what somebody typed.

Purpose: Advoware takes a legal form only as its list spells it. `gmbh` and `G. m. b. H.` are GmbH to any reader, so the
right spelling is carried; of anything else the nearest forms are named, and a person chooses.
Invariant: only letter case, blanks and dots are looked over, and only where a single form is meant.
"""

from collections.abc import Iterable
from difflib import get_close_matches

from syncapp.core.spelling.letters import plain

NAMED = 3
# How alike two spellings must be to be named, of 1: "Gmbh u. Co KG" and "GmbH & Co. KG", not "GbR" and "AG".
ALIKE = 0.6


def folded(form: str) -> str:
    """The form without what people spell differently: letter case, blanks, dots."""
    return "".join(letter for letter in plain(form).casefold() if not letter.isspace() and letter != ".")


def spelled(value: str, forms: Iterable[str]) -> str:
    """The one form of the list that differs from the value by case, blanks or dots alone; else the value as it is."""
    known = frozenset(forms)
    meant = [form for form in known if folded(form) == folded(value)]
    return meant[0] if value not in known and len(meant) == 1 else value


def nearest(value: str, forms: Iterable[str]) -> tuple[str, ...]:
    """The forms that are spelled most like the value, the nearest first; none if nothing is like it."""
    by_folded: dict[str, list[str]] = {}
    for form in sorted(forms):
        by_folded.setdefault(folded(form), []).append(form)
    close = get_close_matches(folded(value), by_folded, n=NAMED, cutoff=ALIKE)
    return tuple(form for name in close for form in by_folded[name])[:NAMED]
