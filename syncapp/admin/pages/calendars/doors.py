"""Who may come in: those with the rights, and nobody where calendars are not synced."""

from functools import wraps
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse

from syncapp.admin.pages import frame
from syncapp.admin.pages.frame import View
from syncapp.operations.calendars import in_use

VIEW = "syncapp.view_calendaremployee"


def needs(*rights: str) -> Any:
    """As frame.needs, and 404 where this installation has no calendars."""

    def decorate(view: View) -> View:
        guarded = frame.needs(VIEW, *rights)(view)

        @wraps(view)
        def there(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if not in_use():
                raise Http404
            return guarded(request, *args, **kwargs)

        return there

    return decorate
