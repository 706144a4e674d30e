"""Bank accounts as the settings describe them.

Invariant: nothing here asks a remote system. The key of fingerprints comes from SECRET_KEY and serves nothing else;
with another SECRET_KEY every account kept as a fingerprint looks changed: what is equal is kept anew, of the rest
people are asked.
To extend: a setting is declared in advosync_project/declarations/children.py and read here.
"""

import hashlib
import hmac
from collections.abc import Iterable
from datetime import date, datetime
from functools import lru_cache

from django.conf import settings

from syncapp.core.bankverbindungen.fields import ACCOUNT_FIELDS
from syncapp.core.bankverbindungen.shapes import BankChange, BankKeep, BankPolicy, Keeper
from syncapp.core.child_lists.fields import ChildMap, resolved
from syncapp.remotes.advoware.children import ChildList

EMBEDDED = "embedded:"


def is_on() -> bool:
    return bool(settings.ESPOCRM_BANK_ENTITY)


def entity_type() -> str:
    return str(settings.ESPOCRM_BANK_ENTITY)


def link_attribute() -> str:
    return str(settings.ESPOCRM_BANK_LINK)


def account_map(known: Iterable[str] | None) -> ChildMap:
    return resolved(ACCOUNT_FIELDS, espo=settings.ESPOCRM_BANK_MAP, advo=settings.ADVOWARE_BANK_MAP, known=known)


def entry_list() -> ChildList:
    """`key` is empty where the list is not inside the Beteiligter."""
    where = str(settings.ADVOWARE_BANK_LIST)
    key = where.removeprefix(EMBEDDED) if where.startswith(EMBEDDED) else ""
    return ChildList(settings.ADVOWARE_BANK_PATH, key)


def is_readable() -> bool:
    return bool(settings.ADVOWARE_BANK_LIST != "none")


def is_read_by_itself() -> bool:
    """Whether reading it costs a call of its own."""
    return bool(settings.ADVOWARE_BANK_LIST == "get")


def is_old(created_at: datetime | None) -> bool:
    """Whether the account is older than this kind's first day; one without a time counts as old."""
    since: date | None = settings.BANK_SINCE
    return since is not None and (created_at is None or created_at.date() < since)


def policy() -> BankPolicy:
    return BankPolicy(
        change=BankChange(settings.BANK_CHANGE),
        blind_post=settings.BANK_BLIND_POST,
        only_match=settings.ADRESSEN_INITIAL == "match",
    )


def keeper() -> Keeper:
    return Keeper(_key(settings.SECRET_KEY), BankKeep(settings.BANK_KEEP))


@lru_cache(maxsize=2)
def _key(secret: str) -> bytes:
    return hmac.new(secret.encode(), b"advosync bank accounts", hashlib.sha256).digest()
