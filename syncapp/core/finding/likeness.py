"""How near a text comes to what was asked, where nothing was found: for whoever mistyped.

Invariant: pure, and what it costs grows with the words of both alone; the caller says how many texts are looked at.
"""

from difflib import SequenceMatcher

from syncapp.core.finding.folding import BEGINS, asked_pieces, fold

# From here on a text is worth offering.
ALIKE = 0.6
SHORTEST_WORD = 3


def asked_words(query: str) -> list[str]:
    """The words of a search that a mistyped text can come near to; no numbers: one that is near is another one."""
    words = [piece.removeprefix(BEGINS) for piece in asked_pieces(query)]
    return [word for word in words if len(word) >= SHORTEST_WORD and not word.isdigit()]


def ends(word: str) -> set[str]:
    """Pieces of which a word that was mistyped in one place still has one: its beginning, or its end."""
    return {BEGINS + word[:3], word[-4:]}


def likeness(said: list[str], text: str) -> float:
    """Of the text as a whole, or of the words of it that come nearest, whichever says more; 1.0 is the same."""
    words = fold(text).split()
    if not words:
        return 0.0
    each = [max(SequenceMatcher(None, word, other).ratio() for other in words) for word in said]
    return max(SequenceMatcher(None, " ".join(said), " ".join(words)).ratio(), sum(each) / len(each))
