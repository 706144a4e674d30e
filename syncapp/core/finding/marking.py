"""Which words of a text a search has met, so that a list can show why a row is there.

Invariant: compared as the index compares (folding), so that nothing is marked that could not have been found.
To extend: other units than words are made in `marked`.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from syncapp.core.finding.folding import NUMBER, kept_line


@dataclass(frozen=True, slots=True)
class MarkedWord:
    """One word of a text as it is spelled, and whether the search has met it."""

    text: str
    met: bool


def marked(text: str, pieces: Sequence[str]) -> list[MarkedWord]:
    """The text word by word; a number is one word, however it is grouped."""
    words = [text] if NUMBER.fullmatch(text) else text.split()
    return [MarkedWord(word, _met(word, pieces)) for word in words]


def is_met(text: str, pieces: Sequence[str]) -> bool:
    return any(word.met for word in marked(text, pieces))


def _met(word: str, pieces: Sequence[str]) -> bool:
    kept = kept_line(word)
    return any(piece in kept for piece in pieces)
