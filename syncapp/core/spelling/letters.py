"""Text as people see it: one spelling for letters that look the same.

Purpose: a name typed on a Mac holds ü as two characters, a number copied from a web page holds blanks that are none and
marks that nobody sees. None of that is a difference between two systems, and none of it is sent on.
Invariant: what comes out is its own plain form; nothing here raises, and nothing costs more than linear time.
To extend: a further character that nobody sees is a range of INVISIBLE.
"""

import re
from unicodedata import normalize

# Soft hyphen, zero-width blanks and joiners, marks for the direction of writing, byte order mark.
INVISIBLE = re.compile("[\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff]+")
# Blanks of every width; the plain one, tabulator and line break are none of them.
BLANKS = re.compile("[\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]")
# Sorting a long run of accents takes the square of its length: no name is longer than this.
LONGEST_COMPOSED = 2000


def plain(text: str) -> str:
    """Trimmed, composed (NFC), every blank the plain one, without what nobody sees."""
    if text.isascii():
        return text.strip()
    visible = BLANKS.sub(" ", INVISIBLE.sub("", text)).strip()
    return normalize("NFC", visible) if len(visible) <= LONGEST_COMPOSED else visible
