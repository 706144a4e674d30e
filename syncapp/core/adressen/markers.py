"""The marker in an entry's remark: which EspoCRM item it was made from.

    [ESPOCRM-ID:<id>] first, the item's remark after it

Purpose: for people, and for the day our database is lost. It is written once, with the POST, and never repaired.
Invariant: the reader takes the spellings that an earlier system may have left (with or without brackets, any case);
what is no marker is people's text and comes back to the letter, but for blanks at its ends.
"""

import re

_PATTERN = re.compile(r"\[\s*espocrm-id\s*:\s*([\w:-]+)\s*\]|\bespocrm-id\s*:\s*([\w:-]+)", re.IGNORECASE)


def marked(espo_id: str, remark: str) -> str:
    return f"[ESPOCRM-ID:{espo_id}] {remark}".strip()


def named_item(remark: str) -> str | None:
    """The id that the first marker names."""
    found = _PATTERN.search(remark)
    return (found[1] or found[2]) if found else None


def user_text(remark: str) -> str:
    found = _PATTERN.search(remark)
    pieces = (remark,) if found is None else (remark[: found.start()], remark[found.end() :])
    return " ".join(text for piece in pieces if (text := piece.strip()))
