"""Keys: made and shown once, found by their public part, compared by their digest, revoked with a reason.

A key is `advo_<8 public characters>_<43 random ones>`: 256 bits of chance need no slow hash. Invariant: what is kept
cannot be turned back into a key, and finding one costs the same whether or not it exists.
"""

import hashlib
import hmac
import re
import secrets
import string
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from ipaddress import ip_network
from typing import TypeVar

from django.conf import settings
from django.db import IntegrityError, InterfaceError, OperationalError, connection, transaction
from django.db.models import Q, Subquery
from django.utils import timezone
from django.utils.translation import gettext as _

from syncapp.core.proxy.grants import OWN_ADDRESSES, Grant, fixed_in_vain, parse_grant
from syncapp.core.proxy.resources import EVERYTHING, READS, RESOURCES, Resource, rows_of
from syncapp.core.systems import System
from syncapp.engine.rows.prepared import Prepared
from syncapp.models import Breaker, OperatorLog, ProxyKey
from syncapp.words.plain_errors import PlainError

SHAPE = re.compile(r"advo_([a-z0-9]{8})_[A-Za-z0-9_-]{43}")
ALPHABET = string.ascii_lowercase + string.digits
LASTS = timedelta(days=365)
USED_EVERY = timedelta(minutes=1)
# With it comes until when Advoware is not to be called: every call needs both, and one question costs less than two.
OPEN_UNTIL = Breaker.objects.filter(system=System.ADVOWARE).values("open_until")[:1]
BY_PREFIX = Prepared(
    lambda prefix: ProxyKey.objects.filter(prefix=prefix).annotate(advoware_down_until=Subquery(OPEN_UNTIL)), "prefix"
)
T = TypeVar("T")
NOBODY = hashlib.sha256(b"").hexdigest()


class KeyFault(PlainError):
    """The key cannot be made or revoked; the text says why and what to do."""


def table() -> tuple[Resource, ...]:
    """What this installation offers."""
    return (*RESOURCES, *rows_of(settings.PROXY_RESOURCES)[0])


def read_only_grants() -> list[str]:
    """Every read that is offered by name: the usual grants of a program that only looks."""
    templates = (row.template for row in table() if not row.is_everything and READS & set(row.methods))
    return [str(Grant(("GET",), template)) for template in dict.fromkeys(templates)]


def make(
    *,
    name: str,
    grants: Sequence[str],
    by: str,
    owner: str = "",
    expires_at: datetime | None = None,
    rate_per_minute: int | None = None,
    networks: Sequence[str] = (),
) -> tuple[ProxyKey, str]:
    """A new key, and its text, which nobody will see again."""
    public = "".join(secrets.choice(ALPHABET) for _sign in range(8))
    text = f"advo_{public}_{secrets.token_urlsafe(32)}"
    row = ProxyKey(
        name=_checked_name(name),
        owner=owner.strip()[:150],
        prefix=public,
        digest=digest_of(text),
        grants=[str(grant) for grant in checked_grants(grants)],
        networks=checked_networks(networks),
        rate_per_minute=_checked_rate(rate_per_minute),
        created_by=by,
        expires_at=_checked_end(expires_at),
    )
    try:
        with transaction.atomic():
            row.save()
            OperatorLog.objects.create(actor=by, action="proxy_key_made", target=row.name, result="; ".join(row.grants))
    except IntegrityError:
        raise KeyFault(_("There is a key of that name already; choose another name.")) from None
    return row, text


def _checked_name(name: str) -> str:
    found = " ".join(name.split())
    if not 1 <= len(found) <= 100:
        raise KeyFault(_("A key needs a name of at most 100 characters, such as the program's."))
    return found


def checked_grants(texts: Sequence[str]) -> list[Grant]:
    """The grants, each of which has to be about something that is offered."""
    if not texts:
        raise KeyFault(_("A key without grants may nothing; give it at least one."))
    found = []
    for text in texts:
        try:
            grant = parse_grant(text)
        except ValueError:
            raise KeyFault(
                _("“%(grant)s” is no grant. One has methods, a resource and fixed values: GET+PUT Termine kuerzel=SB")
                % {"grant": text}
            ) from None
        if not _is_offered(grant):
            raise KeyFault(
                _("“%(grant)s”: no such resource is offered with these methods; docs/PROXY.md lists them.")
                % {"grant": text}
            )
        limitless = fixed_in_vain(grant, table())
        if limitless:
            raise KeyFault(
                _(
                    "“%(grant)s”: nothing would keep the program to %(name)s there, so it would be no limit. Name what "
                    "knows it, such as GET+PUT Termine kuerzel=SB, or leave the value out."
                )
                % {"grant": text, "name": limitless[0]}
            )
        found.append(grant)
    return found


def _is_offered(grant: Grant) -> bool:
    if grant.template in OWN_ADDRESSES or grant.template == EVERYTHING:
        return True
    return set(grant.methods) <= {method for row in table() if row.template == grant.template for method in row.methods}


def checked_networks(texts: Sequence[str]) -> list[str]:
    """Networks as CIDR; one address is a network of one."""
    try:
        return [str(ip_network(text.strip())) for text in texts if text.strip()]
    except ValueError:
        raise KeyFault(_("A network is written as 10.0.5.0/24, a single address as 10.0.5.17.")) from None


def _checked_rate(rate: int | None) -> int:
    chosen = settings.PROXY_RATE_PER_MINUTE if rate is None else rate
    if not 1 <= chosen <= 100_000:
        raise KeyFault(_("The calls per minute have to be 1 or more."))
    return int(chosen)


def _checked_end(at: datetime | None) -> datetime:
    end = at or timezone.now() + LASTS
    if end <= timezone.now():
        raise KeyFault(_("The end lies in the past."))
    return end


def digest_of(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def find(text: str) -> ProxyKey | None:
    """The key that this is, if it may be used; one query and one comparison in any case.

    That a program goes on with one that has ended is noted: whoever looks after the installation is told as long.
    """
    shape = SHAPE.fullmatch(text)
    row = _first_of_a_request(lambda: BY_PREFIX.first(prefix=shape[1] if shape else ""))
    same = hmac.compare_digest(digest_of(text), row.digest if row else NOBODY)
    if row is None or not same:
        return None
    usable = row.usable
    if not usable and row.revoked_at is None:
        used(row)
    return row if usable else None


def _first_of_a_request(ask: Callable[[], T]) -> T:
    """Answered without asking first whether the connection still lives: where it does not, it is opened and asked anew.

    The first question of a request tells it as well as one of its own would, and saves a round trip to the server.
    """
    if connection.in_atomic_block:
        return ask()
    connection.health_check_done = True  # type: ignore[attr-defined]  # Django's own flag; its stubs lack it
    try:
        return ask()
    except (InterfaceError, OperationalError):
        connection.close()
        return ask()


def used(row: ProxyKey) -> None:
    """Note that it is sent, once a minute at most."""
    now = timezone.now()
    if row.last_used_at is None or now - row.last_used_at > USED_EVERY:
        long_ago = Q(last_used_at=None) | Q(last_used_at__lt=now - USED_EVERY)
        ProxyKey.objects.filter(long_ago, pk=row.pk).update(last_used_at=now)


@transaction.atomic
def limit(
    *, row: ProxyKey, by: str, expires_at: datetime, rate_per_minute: int, networks: Sequence[str], reason: str = ""
) -> None:
    """How long, how often and from where; what a key may stays as it was made."""
    if row.revoked_at:
        raise KeyFault(_("The key is revoked already."))
    changes = {
        "expires_at": _checked_end(expires_at),
        "rate_per_minute": _checked_rate(rate_per_minute),
        "networks": checked_networks(networks),
    }
    ProxyKey.objects.filter(pk=row.pk, revoked_at=None).update(**changes)
    said = f"{changes['expires_at']:%Y-%m-%d}, {rate_per_minute}/min, {', '.join(networks) or '*'}"
    OperatorLog.objects.create(actor=by, action="proxy_key_limited", target=row.name, reason=reason, result=said)


@transaction.atomic
def revoke(*, row: ProxyKey, by: str, reason: str) -> None:
    """From now on it opens nothing; calls that are under way come to their end."""
    if not reason.strip():
        raise KeyFault(_("Please give a reason: others will want to know it later."))
    changed = ProxyKey.objects.filter(pk=row.pk, revoked_at=None).update(
        revoked_at=timezone.now(), revoked_by=by, revoke_reason=reason.strip()[:300]
    )
    if not changed:
        raise KeyFault(_("The key is revoked already."))
    OperatorLog.objects.create(actor=by, action="proxy_key_revoked", target=row.name, reason=reason.strip())
