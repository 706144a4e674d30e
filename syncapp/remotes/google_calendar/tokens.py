"""How Google's bearer token is asked for: the service account's key file, and the assertion that it signs.

Invariants. Only the signing is google-auth's; the request goes through our own session and table of answers, and the
token is kept like Advoware's (remotes/http/tokens.py). The key stands in no log, repr or message; the file is read
again as soon as it is another one, so a new key needs no restart.
To extend: a fault of the file is a sentence of its own here, with its German in words/calendars/google_reasons.py.
"""

import hashlib
import json
import os
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from urllib.parse import urlencode

from google.auth import crypt, jwt

from syncapp.core.systems import System
from syncapp.remotes.http.errors import Misconfigured
from syncapp.remotes.http.exchange import Request, object_of, text_in
from syncapp.remotes.http.tokens import Token, token_in

SCOPES = (
    "https://www.googleapis.com/auth/calendar.app.created",
    "https://www.googleapis.com/auth/calendar.acls",
    "https://www.googleapis.com/auth/calendar.calendarlist",
)
GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
LIFETIME_SECONDS = 3600
OPERATION = "POST token"
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
NEW_FILE = "make a new key of type JSON for the service account at Google, and put the file there unchanged"


@dataclass(frozen=True)
class ServiceAccountKey:
    """What the key file holds. `fingerprint` names the key without giving it away."""

    email: str
    token_uri: str
    fingerprint: str
    signer: crypt.RSASigner = field(repr=False, compare=False)

    def token_request(self, path: str, *, delegated_user: str) -> Request:
        """Asks for a token as the service account, or as `delegated_user` with domain-wide delegation."""
        now = int(time.time())
        claims: dict[str, object] = {
            "iss": self.email,
            "scope": " ".join(SCOPES),
            "aud": self.token_uri,
            "iat": now,
            "exp": now + LIFETIME_SECONDS,
        }
        if delegated_user:
            claims["sub"] = delegated_user
        assertion = jwt.encode(self.signer, claims).decode()  # type: ignore[no-untyped-call]
        form = urlencode({"grant_type": GRANT, "assertion": assertion})
        return Request("POST", path, body=form.encode(), headers=FORM, effect=False)


def service_account(path: str) -> ServiceAccountKey:
    """That of a key file as Google hands it out, as it is now; Misconfigured says what is wrong with it."""
    try:
        found = os.stat(path)
    except OSError:
        raise _fault("the key file does not exist", "put it where GOOGLE_SERVICE_ACCOUNT_FILE points") from None
    return _read(path, found.st_mtime_ns, found.st_size)


@lru_cache(maxsize=1)
def _read(path: str, _changed: int, _size: int) -> ServiceAccountKey:
    """Once for each state of the file."""
    raw = _object_in(path)
    if raw.get("type") != "service_account":
        raise _fault("the key file is not that of a service account", NEW_FILE)
    email, address, key = (text_in(raw, name) for name in ("client_email", "token_uri", "private_key"))
    if not email or not address or not key:
        raise _fault("the key file is incomplete: client_email, token_uri or private_key is missing", NEW_FILE)
    try:
        signer = crypt.RSASigner.from_service_account_info(raw)  # type: ignore[no-untyped-call]
    except (ValueError, TypeError):
        raise _fault("the key file holds no usable private key", NEW_FILE) from None
    parts = json.dumps((email, address, key)).encode()
    return ServiceAccountKey(email, address, hashlib.sha256(parts).hexdigest()[:32], signer)


def _object_in(path: str) -> Mapping[str, object]:
    try:
        content = Path(path).read_bytes()
    except FileNotFoundError:
        raise _fault("the key file does not exist", "put it where GOOGLE_SERVICE_ACCOUNT_FILE points") from None
    except OSError:
        raise _fault(
            "the key file cannot be read", "let the user that Advosync runs as read it, and nobody else"
        ) from None
    try:
        return object_of(json.loads(content))
    except (ValueError, RecursionError):  # WrongShape is a ValueError
        raise _fault("the key file is not JSON", NEW_FILE) from None


def _fault(reason: str, hint: str) -> Misconfigured:
    return Misconfigured(reason, system=System.GOOGLE_CALENDAR, operation=OPERATION, hint=hint)


def read_token(value: object) -> Token:
    return token_in(object_of(value), upper_bound=LIFETIME_SECONDS)
