"""Text for a spreadsheet, which takes some of it for formulas.

Invariant: what a spreadsheet could calculate is told to be text, in linear time; any number stays as it is.
To extend: a further sign that begins a formula is one of FORMULA.
"""

import re

from syncapp.core.spelling.letters import plain

# What spreadsheets begin a formula with, the wide forms of these signs included.
FORMULA = re.compile(r"\s*[=+\-@＝＋－＠]|[\t\r\n]")
NUMBER = re.compile(r"\s*[+-][\d\s()/.,-]*")


def is_formula(text: str) -> bool:
    """Whether a spreadsheet could take this text for a formula."""
    return bool(FORMULA.match(text) and not NUMBER.fullmatch(text))


def harmless(cell: object) -> str:
    """As people read it. What a spreadsheet would take for a formula is told to be text; any number stays."""
    text = plain(str(cell))
    return f"'{text}" if is_formula(text) else text
