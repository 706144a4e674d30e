"""IBAN and BIC: compact form, check digits, and what may be shown of an account.

Invariant: nothing here raises, whatever the text; `masked` shows the country and the last four signs, never more.
To extend: a country whose accounts occur is a number in LENGTHS; of an unknown one only 15 to 34 signs are asked.
"""

import re
from collections.abc import Mapping

LENGTHS: Mapping[str, int] = {
    "AD": 24, "AE": 23, "AL": 28, "AT": 20, "BA": 20, "BE": 16, "BG": 22, "BR": 29, "CH": 21, "CY": 28, "CZ": 24,
    "DE": 22, "DK": 18, "EE": 20, "ES": 24, "FI": 18, "FR": 27, "GB": 22, "GE": 22, "GI": 23, "GR": 27, "HR": 21,
    "HU": 28, "IE": 22, "IL": 23, "IS": 26, "IT": 27, "LI": 21, "LT": 20, "LU": 20, "LV": 21, "MC": 27, "MD": 24,
    "ME": 22, "MK": 19, "MT": 31, "NL": 18, "NO": 15, "PL": 28, "PT": 25, "RO": 24, "RS": 22, "SE": 24, "SI": 19,
    "SK": 24, "SM": 27, "TR": 26, "UA": 29, "VA": 22, "XK": 20,
}  # fmt: skip
SHORTEST, LONGEST = 15, 34
LONGEST_BIC = 11
IBAN = re.compile(r"[A-Z]{2}\d{2}[A-Z0-9]+")
# Where one may begin in a text; its groups may be parted by up to so many other signs.
BEGINNING = re.compile(r"[A-Za-z]{2}[\W_]{0,3}[0-9]{2}")
PARTED = r"(?:[\W_]{0,3}[A-Za-z0-9]){%d}"
BIC = re.compile(r"[A-Z]{6}[A-Z0-9]{2}(?:[A-Z0-9]{3})?")


def compact(text: str) -> str:
    """Capitals and digits, as EspoCRM and every bank's form take them."""
    return re.sub(r"[\W_]", "", text).upper()


def is_valid(iban: str) -> bool:
    """Of a compact IBAN: length by country, and the check digits (move four, letters to numbers, mod 97 is 1)."""
    if not iban.isascii() or not IBAN.fullmatch(iban):
        return False
    expected = LENGTHS.get(iban[:2])
    if len(iban) != expected if expected else not SHORTEST <= len(iban) <= LONGEST:
        return False
    return int("".join(str(int(sign, 36)) for sign in iban[4:] + iban[:4])) % 97 == 1


def is_valid_bic(bic: str) -> bool:
    return bic.isascii() and BIC.fullmatch(bic) is not None


def found_by_iban(text: str) -> str:
    """The word under which a record with this account is found: its last four signs, behind a mark."""
    return f"iban{compact(text)[-4:]}"


def masked(iban: str) -> str:
    text = compact(iban)
    return f"{text[:2]}…{text[-4:]}" if len(text) >= SHORTEST else "…"


def masked_in(text: str) -> str:
    """The text with every valid IBAN in it masked, however it is spelled."""
    shown, at = [], 0
    while begin := BEGINNING.search(text, at):
        found = _iban_at(text, begin.start())
        end = begin.start() + len(found or text[begin.start()])
        shown += [text[at : begin.start()], masked(found) if found else text[begin.start()]]
        at = end
    return "".join((*shown, text[at:]))


def _iban_at(text: str, start: int) -> str | None:
    known = LENGTHS.get(text[start : start + 2].upper())
    for length in (known,) if known else range(LONGEST, SHORTEST - 1, -1):
        found = re.compile(PARTED % length).match(text, start)
        if found and is_valid(compact(found[0])):
            return found[0]
    return None
