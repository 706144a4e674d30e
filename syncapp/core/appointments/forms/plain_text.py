"""Texts: line ends, what nobody can see, HTML, and how much of a text Google holds.

Purpose: two texts that a person cannot tell apart are equal here.
Invariant: `lines` of its own result is that result; no function costs more than the text is long.

Google's description can come back as HTML once somebody edited it there. It is read by Beautiful Soup (docs/decisions
says why); `plain` alone knows of it. A text counts as HTML only where it holds a tag or an entity that Google's own
editor writes: `Müller <mueller@example.de>` and `a < b` are what they are.
"""

import re
from typing import Final

from bs4 import BeautifulSoup, NavigableString, Tag
from bs4.element import PageElement

# C0 but for tabulator and line feed, delete, and halves of characters: none of it can be sent.
_UNSENDABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
_LOOKS_LIKE_HTML = re.compile(
    r"</?(?:a|b|br|blockquote|code|div|em|font|h[1-6]|hr|html-blob|i|li|ol|p|pre|s|span|strike|strong|table|tbody|td|th|tr|u|ul)"
    r"(?:\s[^<>]*)?/?>|&(?:amp|lt|gt|quot|apos|nbsp|#\d{1,7}|#x[0-9a-f]{1,6});",
    re.IGNORECASE,
)
_BLOCKS: Final = frozenset(
    {"blockquote", "div", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "li", "ol", "p", "pre", "table", "tr", "ul"}
)
_UNSEEN: Final = frozenset({"script", "style", "head", "title"})
_MANY_BREAKS = re.compile(r"\n{3,}")
_MORE: Final = "…"
# No text of Google's is cut to less than that: a shorter beginning is what somebody left of it.
SHORTEST_CUT: Final = 500


def lines(value: str) -> str:
    """The text with LF alone, without what cannot be sent, without blanks at its end."""
    if value.isprintable():
        return value.rstrip()
    return _UNSENDABLE.sub("", value.replace("\r\n", "\n").replace("\r", "\n")).rstrip()


def plain(value: str) -> str:
    """The text that a description shows: as it is, or without its HTML."""
    if ("<" not in value and "&" not in value) or not _LOOKS_LIKE_HTML.search(value):
        return lines(value)
    return lines(_text_of(BeautifulSoup(value, "html.parser")))


def _text_of(document: BeautifulSoup) -> str:
    """The words in their order, a line for each break and each block; a paragraph makes no empty line."""
    pieces: list[str] = []
    waiting: list[tuple[PageElement, bool]] = [(document, False)]
    while waiting:
        node, seen_inside = waiting.pop()
        if not isinstance(node, Tag):
            if type(node) is NavigableString:  # no comment, no declaration
                pieces.append(node.replace("\u00a0", " "))
            continue
        if node.name in _UNSEEN:
            continue
        if node.name in _BLOCKS:
            _end_line(pieces)
        if node.name == "br":
            pieces.append("\n")
        if not seen_inside and node.contents:
            waiting.append((node, True))
            waiting.extend((child, False) for child in reversed(node.contents))
    return _MANY_BREAKS.sub("\n\n", "".join(pieces)).strip("\n")


def _end_line(pieces: list[str]) -> None:
    if pieces and not pieces[-1].endswith("\n"):
        pieces.append("\n")


def cut(value: str, limit: int) -> str:
    """As much of a text as the target holds, its last character showing that there was more."""
    return value if len(value) <= limit else value[: limit - 1].rstrip() + _MORE


def ends_cut(value: str) -> bool:
    """Whether it ends as a text of which `cut` has left the beginning."""
    return len(value) >= SHORTEST_CUT and value.endswith(_MORE)


def is_cut(kept: str, whole: str) -> bool:
    """Whether that is what is left of a text which the target has no room for, whoever has cut it."""
    return SHORTEST_CUT <= len(kept) < len(whole) and whole.startswith(kept.removesuffix(_MORE).rstrip())
