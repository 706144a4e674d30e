"""Who may come in: those with the rights, and nobody where calendars are not synced. `shows`, `asks` and `does` as in
pages/frame.py.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any, cast

from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase

from syncapp.admin.pages import frame
from syncapp.admin.pages.frame import View
from syncapp.operations.calendars import in_use

VIEW = "syncapp.view_calendaremployee"


def _there(page: View) -> View:
    """404 where this installation has no calendars."""

    @wraps(page)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not in_use():
            raise Http404
        return page(request, *args, **kwargs)

    return cast(View, guarded)


def shows(*rights: str) -> Callable[[View], View]:
    return lambda view: _there(frame.shows(VIEW, *rights)(view))


def asks(*rights: str) -> Callable[[View], View]:
    return lambda view: _there(frame.asks(VIEW, *rights)(view))


def does(*rights: str) -> Callable[[View], View]:
    return lambda view: _there(frame.does(VIEW, *rights)(view))
