"""Long numbers, spelled so that an index of trigrams tells them apart.

There are but a thousand trigrams of digits: each of them stands in one of a hundred phone numbers, and to look up the
dozen of one number goes through a share of all records. Here three digits are two of thirty-six signs, which makes
fifty thousand trigrams; a number is spelled from its first, its second and its third digit on, so that a part of it
that begins anywhere is found.
Invariant: where the digits of a number occur in a text, each of its `asked` spellings occurs in what is `kept` of that
text. Not the other way round: two numbers may look alike, so the digits are compared as well.
"""

import string
from collections.abc import Iterator
from itertools import groupby

SIGNS = string.digits + string.ascii_lowercase
GROUP = 3
# Two groups: four signs, two trigrams.
SHORTEST = 2 * GROUP
# Of what is asked the end is spelled: all numbers of a town begin alike.
LONGEST_ASKED = 3 * GROUP


def kept(text: str) -> str:
    """The spellings of all long numbers in a text."""
    return " ".join(dict.fromkeys(_spelled(run[begin:]) for run in _runs(text) for begin in range(GROUP)))


def asked(piece: str) -> list[str]:
    """Spellings that occur in what is kept of any text with this piece in it; none for a piece without long numbers."""
    return list(dict.fromkeys(_spelled(end) for run in _runs(piece) for end in _ends(run)))


def _ends(run: str) -> Iterator[str]:
    """The end in whole groups; and so the end without the last digit, where that is long enough."""
    yield run[-(min(len(run), LONGEST_ASKED) // GROUP * GROUP) :]
    if len(run) > SHORTEST:
        yield next(_ends(run[:-1]))


def _spelled(digits: str) -> str:
    groups = (int(digits[at : at + GROUP]) for at in range(0, len(digits) - GROUP + 1, GROUP))
    return "".join(SIGNS[group // len(SIGNS)] + SIGNS[group % len(SIGNS)] for group in groups)


def _runs(text: str) -> Iterator[str]:
    """Digits one behind the other, as many as there are."""
    for digits, run in groupby(text, string.digits.__contains__):
        if digits and len(whole := "".join(run)) >= SHORTEST:
            yield whole
