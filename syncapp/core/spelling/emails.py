"""E-mail addresses: what a text means, when two are the same, and how EspoCRM wants them.

Purpose: people paste addresses with a name around them, a `mailto:` before or a `;` behind them.
Invariant: an address in EspoCRM's spelling is its own reading; nothing here raises for a text, however odd, and what is
longer than LONGEST is no address. Nobody asks the DNS here.
To extend: a further wrapping is a line of `_address`; the table of spellings (tests/core) says what it is to mean.
"""

import re
from functools import lru_cache

from email_validator import EmailNotValidError, ValidatedEmail, validate_email

from syncapp.core.spelling.letters import plain

LONGEST = 320
# What EspoCRM stores at the most.
LONGEST_STORED = 254
_HOST = re.compile(r"(?=.{1,253}$)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9-]{2,63}", re.IGNORECASE | re.ASCII)
_TRAILING = " \t\r\n;,."
_SCHEME = "mailto:"
_NEUTRAL = ".example.com"


def normal_form(value: str) -> str:
    """The address in lower case. Not case-folded: that would make one of `straße@` and `strasse@`."""
    return _address(value).lower()


def for_espocrm(value: str) -> str | None:
    """The spelling that EspoCRM can be given, letter case kept; None where it would refuse the address.

    It refuses umlauts in front of the @ (a host's become punycode), spaces, and hosts without a dot. Reserved names
    such as `firma.local` pass: the library refuses those, EspoCRM does not, so it is shown a neutral host.
    """
    address = _address(value)
    local, _, host = address.rpartition("@")
    if len(address) > LONGEST_STORED or not _HOST.fullmatch(host):
        return None
    return address if _valid(f"{local}@x{_NEUTRAL}", strict=True) else None


def is_ordinary(value: str) -> bool:
    """Whether the address could be reached from anywhere. Stricter than `for_espocrm`: a hint, never a refusal."""
    address = _address(value)
    return len(address) <= LONGEST and _valid(address, strict=True) is not None


def _valid(address: str, *, strict: bool = False) -> ValidatedEmail | None:
    try:
        return validate_email(address, check_deliverability=False, allow_smtputf8=not strict, strict=strict)
    except EmailNotValidError:
        return None


def _address(value: str) -> str:
    """The address that the text holds, its host in ASCII; the plain text where it holds none, or several."""
    return _short_address(value) if len(value) <= LONGEST else plain(value)


@lru_cache(maxsize=4096)
def _short_address(value: str) -> str:
    text = plain(value)
    bare = _unwrapped(text)
    local, at, host = bare.rpartition("@")
    if not local or not host or "@" in local:
        return text
    return local + at + _ascii_host(host)


def _unwrapped(text: str) -> str:
    """`Anna Blum <mailto:a@example.org?subject=x>;` holds `a@example.org`."""
    bare = text.rstrip(_TRAILING)
    if bare.endswith(">"):
        bare = bare[:-1].rpartition("<")[2]
    if bare[: len(_SCHEME)].lower() == _SCHEME:
        bare = bare[len(_SCHEME) :].partition("?")[0]
    return bare.strip().rstrip(_TRAILING)


def _ascii_host(host: str) -> str:
    """As punycode. The library is shown a neutral ending, as above."""
    found = None if host.isascii() else _valid(f"x@{host}{_NEUTRAL}")
    return found.ascii_domain.removesuffix(_NEUTRAL) if found else host
