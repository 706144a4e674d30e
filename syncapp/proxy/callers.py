"""Who asks: a key from one of three headers, from an address that it may come from, not too often.

Invariant: no cookie, session or query opens anything. All that is wrong with a key is answered alike; wrong keys are
counted by address, and a right one from the same address is not shut out by them. A forwarding header is believed
only if the setting says so and the peer is no stranger from the internet.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from django.conf import settings

from syncapp.core.proxy.codes import Code, ProxyRefusal
from syncapp.core.proxy.grants import Grant
from syncapp.models import ProxyKey
from syncapp.proxy import brakes, keys

Address = IPv4Address | IPv6Address

# A minute.
WRONG = 10
# All strangers together: how many rows of the audit they may fill.
WRONG_IN_ALL = 60
IN_ALL = 10
NETWORK_BITS = 64


@dataclass(frozen=True, slots=True)
class Caller:
    """Who calls, as the audit names them. `row` is None for an operator of the admin, who has no key."""

    row: ProxyKey | None
    name: str
    address: str
    grants: tuple[Grant, ...]


def of_key(headers: Mapping[str, str], address: str) -> Caller:
    """The caller behind a request's headers; `admit` says whether it may call now, when the audit knows who it is."""
    row = keys.find(_given(headers))
    if row is None:
        raise _refused(address)
    return Caller(row, row.name, address, tuple(row.parsed_grants))


def of_operator(username: str, address: str) -> Caller:
    """A person in the admin: may read whatever is offered."""
    return Caller(None, username, address, (Grant(("GET",), "*"),))


def admit(caller: Caller) -> None:
    """From where it may come; then count one call of the key, and one of all for Advoware."""
    if caller.row is not None:
        if not _is_allowed_from(caller.row, caller.address):
            raise ProxyRefusal(Code.NETWORK_NOT_ALLOWED)
        keys.used(caller.row)
    rate = caller.row.rate_per_minute if caller.row else settings.PROXY_RATE_PER_MINUTE
    name = f"key:{caller.row.prefix}" if caller.row else f"person:{caller.name}"
    wait = brakes.wait_for({name: rate, "all": IN_ALL * settings.PROXY_RATE_PER_MINUTE})
    if wait:
        raise ProxyRefusal(Code.RATE_LIMITED, retry_after=wait)


def _given(headers: Mapping[str, str]) -> str:
    """The key that was sent; two different ones are none."""
    scheme, _blank, token = headers.get("Authorization", "").partition(" ")
    bearer = token.strip() if scheme.lower() == "bearer" else ""
    given = {text for text in (bearer, headers.get("X-Api-Key", ""), headers.get("apikey", "")) if text}
    return given.pop() if len(given) == 1 else ""


def _refused(address: str) -> ProxyRefusal:
    wait = brakes.wait_for({f"wrong:{_counted(address)}": WRONG})
    return ProxyRefusal(Code.TOO_MANY_WRONG_KEYS, retry_after=wait) if wait else ProxyRefusal(Code.UNAUTHORIZED)


def may_be_recorded(code: Code) -> bool:
    """Whether one more row about a call that no key let in is affordable: strangers must not fill the database.

    Counted apart by why it was not, so that knocking at a door that is shut hides no wrong keys.
    """
    return brakes.wait_for({f"recorded:{code}": WRONG_IN_ALL}) == 0


def _is_allowed_from(row: ProxyKey, address: str) -> bool:
    if not row.networks:
        return True
    found = _parsed(address)
    return found is not None and any(found in ip_network(network) for network in row.networks)


def address_of(meta: Mapping[str, object]) -> str:
    """Where a request comes from: the socket's peer, or what our own proxy wrote last into X-Forwarded-For."""
    socket = _parsed(str(meta.get("REMOTE_ADDR", "")))
    # Somebody from the internet who reaches us directly is no proxy of ours, whatever they send.
    if settings.TRUST_PROXY_HEADERS and (socket is None or not socket.is_global):
        passed_on = _parsed(str(meta.get("HTTP_X_FORWARDED_FOR", "")).rpartition(",")[2].strip())
        if passed_on is not None:
            return str(passed_on)
    return str(socket) if socket else ""


def _parsed(address: str) -> Address | None:
    try:
        found = ip_address(address)
    except ValueError:
        return None
    return getattr(found, "ipv4_mapped", None) or found


def _counted(address: str) -> str:
    """Whoever has one IPv6 address has a whole /64 of them."""
    found = _parsed(address)
    if isinstance(found, IPv6Address):
        return str(ip_network((int(found), NETWORK_BITS), strict=False).network_address)
    return address
