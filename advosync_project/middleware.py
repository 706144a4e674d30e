"""Closes what the installed apps leave open."""

from collections.abc import Callable
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse

QUEUE_PAGES = "django_rq_"
QUEUE_PERMISSION = "django_rq.admin"


class QueuePagesGuard:
    """django-rq lets every staff user empty queues; here its pages need its own permission.

    Its JSON and metrics pages come without the admin's login check, so they are refused in the same way.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> None:
        match = request.resolver_match
        name = (match.url_name if match else None) or ""
        user = request.user
        if name.startswith(QUEUE_PAGES) and user.is_authenticated and not user.has_perm(QUEUE_PERMISSION):
            raise PermissionDenied
        if name in ("django_rq_home_json", "django_rq_metrics") and not user.is_authenticated:
            raise PermissionDenied
