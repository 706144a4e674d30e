"""Closes what the installed apps leave open."""

from collections.abc import Callable
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.http import url_has_allowed_host_and_scheme
from rq.exceptions import NoSuchJobError

QUEUE_PAGES = "django_rq_"
QUEUE_PERMISSION = "django_rq.admin"
# Pages that the admin gives to every model; django-rq's has no table, so they would break. Nothing links to them.
WITHOUT_A_TABLE = frozenset(
    {"view_on_site", *(f"django_rq_dashboard_{page}" for page in ("add", "change", "delete", "history"))}
)


class QueuePagesGuard:
    """django-rq lets every staff user empty queues; here its pages need its own permission.

    Its JSON and metrics pages come without the admin's login check, so they are refused in the same way. Pages that the
    admin offers for a model without a table are not there.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> None:
        match = request.resolver_match
        name = (match.url_name if match else None) or ""
        user = request.user
        if name in WITHOUT_A_TABLE:
            raise Http404
        if name.startswith(QUEUE_PAGES):
            _stay_here(request)
        if name.startswith(QUEUE_PAGES) and user.is_authenticated and not user.has_perm(QUEUE_PERMISSION):
            raise PermissionDenied
        if name in ("django_rq_home_json", "django_rq_metrics") and not user.is_authenticated:
            raise PermissionDenied

    def process_exception(self, request: HttpRequest, exception: Exception) -> None:
        """A queue, a job or a worker that is not there, or gone by now: django-rq breaks over it."""
        match = request.resolver_match
        queue_page = ((match.url_name if match else None) or "").startswith(QUEUE_PAGES)
        if queue_page and isinstance(exception, NoSuchJobError | ValueError | IndexError):
            raise Http404 from exception


def _stay_here(request: HttpRequest) -> None:
    """django-rq's pages go on to whatever address they are told, or came from: only to one of ours."""
    here = {request.get_host()}
    if not url_has_allowed_host_and_scheme(request.META.get("HTTP_REFERER", ""), here):
        request.META.pop("HTTP_REFERER", None)
    target = request.POST.get("next_url", "/")
    if not target.startswith("/") or not url_has_allowed_host_and_scheme(target, here):
        raise PermissionDenied
