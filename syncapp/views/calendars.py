"""`/advoware/calendar/sync`: another program asks for passes. Thin: see proxy/calendar_trigger.py.

No cookie counts here, so there is nothing that a forged form could use.
"""

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from structlog.contextvars import get_contextvars

from syncapp.operations.calendars import in_use
from syncapp.proxy import calendar_trigger
from syncapp.proxy.callers import address_of
from syncapp.views.proxy import reader, response_of


@csrf_exempt
def sync(request: HttpRequest) -> HttpResponse:
    if not in_use():
        raise Http404
    request_id = str(get_contextvars().get("request_id", ""))
    return response_of(
        calendar_trigger.answer(
            method=request.method or "",
            headers=request.headers,
            address=address_of(request.META),
            read=reader(request),
            request_id=request_id,
        )
    )
