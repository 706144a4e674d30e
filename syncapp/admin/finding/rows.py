"""Lists of many rows, drawn quickly: what is the same in each of them is made once.

The theme makes the headers of a list anew for every row, and renders a template for each box to tick, which
takes a third of the page.
Invariant: what comes out is what the theme would have made (tests/admin/test_drawing.py).
"""

from collections.abc import Callable, Iterable
from functools import cache
from typing import Any

from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language
from unfold.admin import checkbox
from unfold.templatetags import unfold_list

PLACE = "the-key-of-the-row"


def box(key: object) -> SafeString:
    """The box that chooses a row for an act."""
    return mark_safe(_box(get_language()).replace(PLACE, escape(key)))  # noqa: S308 (the key is escaped)  # nosec


@cache
def _box(_language: str | None) -> str:
    return str(checkbox.render(ACTION_CHECKBOX_NAME, PLACE))


def make_headers_once() -> None:
    """For lists that have a place for them (`made_headers`); others are the theme's affair."""
    made: Callable[[Any], Iterable[Any]] = unfold_list.result_headers

    def headers(listed: Any) -> Iterable[Any]:
        if not hasattr(listed, "made_headers"):
            return made(listed)
        if listed.made_headers is None:
            listed.made_headers = list(made(listed))
        return list(listed.made_headers)

    unfold_list.result_headers = headers
