"""From where a login comes: what the brake on wrong passwords counts by.

Invariant: nobody can choose the address that he is counted under. A header is believed only with TRUST_PROXY_HEADERS,
and of it only the last entry, which our own proxy has written; all before it is the client's word. Whoever has one
IPv6 address has a whole /64 of them, so these count as one.
"""

from ipaddress import IPv6Address, IPv6Network, ip_address

from django.conf import settings
from django.http import HttpRequest

NETWORK_BITS = 64


def client_address(request: HttpRequest) -> str:
    """The address to count by; behind a proxy that is not trusted, the proxy's own."""
    direct = str(request.META.get("REMOTE_ADDR", ""))
    if not settings.TRUST_PROXY_HEADERS:
        return _counted(direct)
    passed_on = request.headers.get("X-Forwarded-For", "").rpartition(",")[2].strip()
    return _counted(passed_on) or _counted(direct)


def _counted(address: str) -> str:
    """As it is counted; empty for what is no address."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return ""
    if not isinstance(parsed, IPv6Address):
        return str(parsed)
    if parsed.ipv4_mapped:
        return str(parsed.ipv4_mapped)
    return str(IPv6Network((int(parsed), NETWORK_BITS), strict=False).network_address)
