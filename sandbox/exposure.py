"""Who may reach the stand-ins: they hold well-known passwords, so only this machine, and only where DEBUG is on.

Invariant: without SANDBOX_ALLOW_ANYWHERE nothing here answers to another host name; the control API never answers
another machine at all.
"""

import ipaddress

from django.conf import settings
from django.http import HttpRequest
from django.http.request import split_domain_port

FORWARDING_HEADERS = ("HTTP_X_FORWARDED_", "HTTP_X_REAL_", "HTTP_FORWARDED", "HTTP_VIA")
ADVICE = "Set DEBUG=true and listen on 127.0.0.1, or SANDBOX_ALLOW_ANYWHERE=true if this is meant."


_start_was_checked = False


def vouch_for_start() -> None:
    """For a server that checked `start_problem` and then switches DEBUG off for speed; host names stay checked."""
    global _start_was_checked
    _start_was_checked = True


def allowed_anywhere() -> bool:
    return bool(getattr(settings, "SANDBOX_ALLOW_ANYWHERE", False))


def is_loopback(host: str) -> bool:
    if host.lower() in {"localhost", "ip6-localhost"}:
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def start_problem(host: str | None = None) -> str | None:
    """Why the stand-ins must not start (listening on `host`, if that is known), or None. ADVICE says what to do."""
    if allowed_anywhere():
        return None
    if not settings.DEBUG and not _start_was_checked:
        return "The sandbox must not run where DEBUG is off."
    if host is not None and not is_loopback(host):
        return f"The sandbox must not be reached as {host}."
    return None


def request_problem(request: HttpRequest) -> str | None:
    """The same question for one request, whose Host header tells under which name the server is reached."""
    domain, _port = split_domain_port(request.META.get("HTTP_HOST", ""))
    return start_problem(domain or "unknown")


def is_local_client(request: HttpRequest) -> bool:
    """A forwarding header means that the client behind the proxy is somebody else."""
    if any(name.startswith(FORWARDING_HEADERS) for name in request.META):
        return False
    return is_loopback(request.META.get("REMOTE_ADDR", ""))
