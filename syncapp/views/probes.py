"""Addresses for machines that watch: liveness, readiness, metrics. Thin."""

import hmac
from ipaddress import ip_address

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_safe

from syncapp.operations import alerts
from syncapp.operations.monitoring.metrics import exposition
from syncapp.operations.monitoring.signs import health

FORWARDING = ("X-Forwarded-", "X-Real-", "X-Client-", "X-Cluster-", "Forwarded", "Via")


@require_safe
def live(request: HttpRequest) -> HttpResponse:
    """The process answers; nothing else is asked."""
    return HttpResponse("ok\n", content_type="text/plain")


@require_safe
def ready(request: HttpRequest) -> JsonResponse:
    """Each part as JSON; 503 if one that the web process needs is down. Asking it also watches over the sweep."""
    parts = health.parts()
    alerts.notice_silence()
    able = all(part.ok for part in parts if part.needed)
    body = {part.name: {"ok": part.ok, "detail": part.detail, "needed": part.needed} for part in parts}
    return JsonResponse({"ready": able, "parts": body}, status=200 if able else 503)


@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """Prometheus text, for this machine itself or for whoever has the token."""
    if not (_is_local(request) or _has_token(request)):
        answer = HttpResponse("a bearer token is needed (METRICS_TOKEN)\n", status=401, content_type="text/plain")
        answer["WWW-Authenticate"] = 'Bearer realm="metrics"'
        return answer
    return HttpResponse(exposition(), content_type="text/plain; version=0.0.4; charset=utf-8")


def _is_local(request: HttpRequest) -> bool:
    """From loopback and not passed on by a proxy, behind which everybody would look local."""
    if any(name.title().startswith(FORWARDING) for name in request.headers):
        return False
    try:
        return ip_address(request.META.get("REMOTE_ADDR", "")).is_loopback
    except ValueError:
        return False


def _has_token(request: HttpRequest) -> bool:
    scheme, _space, given = request.headers.get("Authorization", "").partition(" ")
    wanted = settings.METRICS_TOKEN
    same = hmac.compare_digest(given.strip().encode(), wanted.encode())
    return bool(wanted) and scheme.lower() == "bearer" and same
