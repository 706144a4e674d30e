"""How text is made comparable: what is kept of a record and what somebody asks for go through the same steps.

Invariant: Müller, MÜLLER, Mueller and Muller meet, since both spellings of an umlaut are kept. Each word begins with a
mark, so that two letters can be looked up at the beginning of words by an index that knows pieces of three.
To extend: a title that people say and records lack is a row of TITLES.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence

from syncapp.core.spelling.iban import compact, found_by_iban, is_valid
from syncapp.core.spelling.letters import plain

GERMAN = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"})
NO_DIGITS = re.compile(r"\D+")
NUMBER = re.compile(r"[\d\s()+/.\-]{3,}")
TRUNK_ZERO = re.compile(r"\(\s*0\s*\)")  # +49 (0)511: dialled at home only
LONGEST_PART = 500
# Longer than anything that people look for.
LONGEST_QUERY = 200
# What a trigram index can look up.
SHORTEST = 3
BEGINS = "^^"
MOST_WORDS = 8
# Said with a name, and no part of it.
TITLES = frozenset(
    {
        *("dr", "doktor", "prof", "professor", "professorin", "mag", "dipl", "ing", "med", "jur", "rer", "nat", "phil"),
        *("herr", "herrn", "frau", "familie", "fam", "eheleute", "firma", "fa"),
        *("ra", "rain", "rechtsanwalt", "rechtsanwaeltin"),
    }
)


def fold(text: str) -> str:
    """Small letters without accents or what nobody sees: Müller, MÜLLER and Mueller become the same."""
    return _decomposed(plain(text[:LONGEST_PART]).casefold().translate(GERMAN))


def fold_bare(text: str) -> str:
    """The same with umlauts as bare letters: Müller and Muller become the same."""
    return _decomposed(plain(text[:LONGEST_PART]).casefold())


def _decomposed(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", text)
    return " ".join("".join(char for char in decomposed if not unicodedata.combining(char)).split())


def kept_line(part: str) -> str:
    """One thing that a record is found by, as it is kept: its words with their marks, in both spellings.

    A number is its digits, however it is grouped.
    """
    if NUMBER.fullmatch(part[:LONGEST_PART]):
        return BEGINS + NO_DIGITS.sub("", TRUNK_ZERO.sub("", part))
    spellings = dict.fromkeys((fold(part), fold_bare(part)))
    return " ".join(BEGINS + word for text in spellings for word in _words(text))


def _words(text: str) -> Iterator[str]:
    """Words; one with an @ stays whole, all others end at any sign that is no letter, digit or plus."""
    for word in text.split():
        if "@" in word:
            yield word.strip(".,;:<>()")
        else:
            yield from filter(None, "".join(char if char.isalnum() or char == "+" else " " for char in word).split())


def asked_pieces(query: str) -> list[str]:
    """What has to occur, each at least SHORTEST long: the digits of a phone number without its zeros, the end of an
    IBAN, else words."""
    wanted = plain(query[:LONGEST_QUERY])
    if is_valid(compact(wanted)):
        wanted = found_by_iban(wanted)
    if NUMBER.fullmatch(wanted):
        digits = NO_DIGITS.sub("", TRUNK_ZERO.sub("", wanted))
        pieces = [digits.removeprefix("00").lstrip("0") or digits]
    else:
        words = list(dict.fromkeys(_words(fold(wanted))))
        pieces = [word for word in words if word not in TITLES] or words
    return [piece if len(piece) >= SHORTEST else BEGINS + piece for piece in pieces[:MOST_WORDS] if piece]


def meets(text: str, pieces: Sequence[str]) -> bool:
    """Whether all that was asked for occurs in the text, as an index would say it; for lists that need none."""
    kept = kept_line(text)
    return bool(pieces) and all(piece in kept for piece in pieces)
