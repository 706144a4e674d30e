"""Numbers that somebody can type into an address or a form.

Invariant: whatever is typed there, no page breaks. To extend: another shape is a function beside this one.
"""


def number_in(text: str) -> int:
    """A key or the like; 0 for what is none, or is more than a database holds."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else 0
