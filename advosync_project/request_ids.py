"""Every request has an id, which stands on each log line that comes of it, in later jobs too.

Invariant: an id that a proxy gives is taken only if it is short and plain, since it goes into the logs as it is.
"""

import re
import uuid
from collections.abc import Callable

import structlog
from django.http import HttpRequest, HttpResponse

HEADER = "X-Request-ID"
PLAIN = re.compile(r"[A-Za-z0-9._-]{8,64}")


class RequestIds:
    """Binds `request_id` for the time of a request, and answers with it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        given = request.headers.get(HEADER, "")
        request_id = given if PLAIN.fullmatch(given) else uuid.uuid4().hex
        with structlog.contextvars.bound_contextvars(request_id=request_id):
            response = self.get_response(request)
        response[HEADER] = request_id
        return response
