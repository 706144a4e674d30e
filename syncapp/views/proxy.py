"""The addresses for other programs. Thin: what HTTP brings becomes an Incoming, everything else in proxy/exchange.py.

No cookie counts here, so there is nothing that a forged form could use: the views need no CSRF token.
"""

from collections.abc import Callable

from django.http import Http404, HttpRequest, HttpResponse, UnreadablePostError
from django.views.decorators.csrf import csrf_exempt
from structlog.contextvars import get_contextvars

from syncapp.core.proxy.codes import Code, ProxyRefusal
from syncapp.operations.calendars import in_use
from syncapp.proxy import calendar_trigger, exchange
from syncapp.proxy.answers import Reply
from syncapp.proxy.callers import address_of
from syncapp.proxy.records import Incoming

PLAIN = "/advoware/api/"
NOWHERE = "//"


@csrf_exempt
def compatible(request: HttpRequest) -> HttpResponse:
    """`/advoware/proxy?endpoint=…`, as callers of the earlier system know it."""
    return response_of(exchange.answer(_incoming(request, None)))


@csrf_exempt
def plain(request: HttpRequest, rest: str) -> HttpResponse:
    """`/advoware/api/<path>`."""
    return response_of(exchange.answer(_incoming(request, _raw_path(request, rest))))


@csrf_exempt
def whoami(request: HttpRequest) -> HttpResponse:
    return response_of(exchange.whoami(_incoming(request, None)))


@csrf_exempt
def openapi(request: HttpRequest) -> HttpResponse:
    return response_of(exchange.description(_incoming(request, None)))


@csrf_exempt
def calendar_sync(request: HttpRequest) -> HttpResponse:
    """`/advoware/calendar/sync`: passes are asked for. See proxy/calendar_trigger.py."""
    if not in_use():
        raise Http404
    return response_of(calendar_trigger.answer(_incoming(request, None)))


def _incoming(request: HttpRequest, raw_path: str | None) -> Incoming:
    return Incoming(
        method=request.method or "",
        raw_query=request.META.get("QUERY_STRING", ""),
        raw_path=raw_path,
        headers=request.headers,
        address=address_of(request.META),
        length=_length(request),
        read=_reader(request),
        request_id=str(get_contextvars().get("request_id", "")),
    )


def _raw_path(request: HttpRequest, rest: str) -> str:
    """The path as the request line has it. Where the server does not tell, or its reading is another, it fits nothing.

    A slash behind our own would make two in a row, one of which the reading of an endpoint forgives.
    """
    line = str(request.META.get("RAW_URI") or request.META.get("REQUEST_URI") or "")
    raw = line.partition("?")[0]
    same = raw.startswith(PLAIN) and not rest.startswith("/")
    return raw.removeprefix(PLAIN) if same else NOWHERE


def _length(request: HttpRequest) -> int | None:
    declared = str(request.META.get("CONTENT_LENGTH") or "")
    return int(declared) if declared.isdecimal() and len(declared) < 16 else None


def _reader(request: HttpRequest) -> Callable[[int], bytes]:
    """Gives up to so many bytes of the body. What was cut off is none, though it may be JSON: a server tells nobody."""

    def read(size: int) -> bytes:
        try:
            raw = request.read(size)
        except UnreadablePostError:
            raw = b""
        if len(raw) < min(size, _length(request) or 0):
            raise ProxyRefusal(Code.BAD_BODY, "it ended before its length")
        return raw

    return read


def response_of(reply: Reply) -> HttpResponse:
    """A reply as Django hands it on."""
    response = HttpResponse(reply.body, status=reply.status)
    # Django would log the path of a 5xx, with what stands in it; of a call there is a line with its template.
    response._has_been_logged = True  # type: ignore[attr-defined]
    if not reply.body:
        del response["Content-Type"]
    for name, value in reply.headers.items():
        response[name] = value
    return response
