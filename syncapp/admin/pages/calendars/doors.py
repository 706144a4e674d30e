"""Who may come in: those with the rights, and nobody where calendars are not synced. `shows`, `asks` and `does` as in
pages/frame.py.
"""

from collections.abc import Callable

from django.contrib.auth.decorators import user_passes_test
from django.http import Http404

from syncapp.admin.pages import frame
from syncapp.admin.pages.frame import View
from syncapp.operations.calendars import in_use

VIEW = "syncapp.view_calendaremployee"
Door = Callable[..., Callable[[View], View]]


def _there(_user: object) -> bool:
    """404 where this installation has no calendars."""
    if not in_use():
        raise Http404
    return True


def _behind(door: Door) -> Door:
    return lambda *rights: lambda view: user_passes_test(_there)(door(VIEW, *rights)(view))


shows, asks, does = map(_behind, (frame.shows, frame.asks, frame.does))
