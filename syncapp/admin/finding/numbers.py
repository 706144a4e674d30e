"""Numbers that somebody can type into an address or a form.

Invariant: whatever is typed there, no page breaks. To extend: another shape is a function beside this one.
"""

import re

GROUPED = re.compile(r"[0-9]{1,3}(?:\.[0-9]{3})+")


def number_in(text: str) -> int:
    """A key or the like; 0 for what is none, or is more than a database holds."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else 0


def number_as_written(text: str) -> int:
    """Also one with its digits in groups, as it is copied from a page; 0 for what is none."""
    digits = "".join(text.split())
    return number_in(digits.replace(".", "") if GROUPED.fullmatch(digits) else digits)
