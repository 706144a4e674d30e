"""Who may speak to the stand-in Advoware: signed token requests, bearer tokens with an end.

Tokens are signed, not stored, so they outlive a restart; nonces and the revocation mark are kept in memory.
"""

import base64
import hashlib
import hmac
import secrets
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from django.core import signing

from sandbox.switches import switches

APP_ID = "sandbox-app"
API_KEY_BASE64 = base64.b64encode(b"sandbox-advoware-secret").decode()
KANZLEI = "1"
DATABASE = "sandbox"
USER = "sync"
PASSWORD = "sandbox"  # noqa: S105 - a password that everybody may know
ROLE = 2
PRODUCT = 64
SALT = "sandbox.advoware"

_lock = threading.Lock()
_nonces: set[str] = set()
_revoked_until = 0.0


@dataclass(frozen=True)
class TokenRefusal(Exception):
    status: int
    message: str


def signature(*, product: object, app_id: str, nonce: str, timestamp: str, api_key_base64: str) -> str:
    message = f"{product}:{app_id}:{nonce}:{timestamp}"
    digest = hmac.new(base64.b64decode(api_key_base64), message.encode(), hashlib.sha512).digest()
    return base64.b64encode(digest).decode()


def _check_signature(wanted: Mapping[str, object]) -> None:
    expected = signature(
        product=wanted.get("Product"),
        app_id=str(wanted.get("AppID")),
        nonce=str(wanted.get("Nonce")),
        timestamp=str(wanted.get("RequestTimeStamp")),
        api_key_base64=API_KEY_BASE64,
    )
    if not hmac.compare_digest(expected.encode(), str(wanted.get("HMAC512Signature")).encode()):
        raise TokenRefusal(401, "Die Signatur ist ungültig.")


def _check_time(text: str) -> None:
    try:
        sent = datetime.fromisoformat(text)
    except ValueError:
        raise TokenRefusal(400, "RequestTimeStamp ist kein Zeitpunkt.") from None
    tolerance = switches("advoware")["clock_tolerance_seconds"]
    if sent.tzinfo is None:
        raise TokenRefusal(400, "RequestTimeStamp muss in UTC angegeben sein.")
    if isinstance(tolerance, int) and abs((datetime.now(UTC) - sent).total_seconds()) > tolerance:
        raise TokenRefusal(401, "RequestTimeStamp liegt zu weit von der Zeit des Servers.")


def _use_nonce(nonce: str) -> None:
    with _lock:
        if nonce in _nonces:
            raise TokenRefusal(401, "Diese Nonce wurde schon verwendet.")
        _nonces.add(nonce)


EXPECTED: tuple[tuple[str, object, int, str], ...] = (
    ("AppID", APP_ID, 403, "Die Anwendung ist nicht registriert."),
    ("Product", PRODUCT, 403, "Das Produkt ist nicht freigeschaltet."),
    ("Kanzlei", KANZLEI, 403, "Die Anwendung ist für diese Kanzlei nicht freigeschaltet."),
    ("Database", DATABASE, 403, "Der Advoware-Manager dieser Datenbank ist nicht angemeldet."),
    ("Role", ROLE, 403, "Diese Rolle ist nicht freigeschaltet."),
    ("User", USER, 401, "Falscher Name oder falsches Kennwort."),
    ("Password", PASSWORD, 401, "Falscher Name oder falsches Kennwort."),
)


def issue(wanted: Mapping[str, object]) -> dict[str, object]:
    """The answer to a token request, or a TokenRefusal."""
    missing = [
        key
        for key in ("Nonce", "HMAC512Signature", "RequestTimeStamp", *(row[0] for row in EXPECTED))
        if key not in wanted
    ]
    if missing:
        raise TokenRefusal(400, f"Es fehlt: {', '.join(missing)}")
    for key, value, status, message in EXPECTED:
        if wanted[key] != value:
            raise TokenRefusal(status, message)
    _check_signature(wanted)
    _check_time(str(wanted["RequestTimeStamp"]))
    _use_nonce(str(wanted["Nonce"]))
    lifetime = float(str(switches("advoware")["token_lifetime_seconds"]))
    return _answer(lifetime, now=time.time())


def _answer(lifetime: float, *, now: float) -> dict[str, object]:
    token = signing.dumps([now, now + lifetime, secrets.token_hex(4)], salt=SALT)
    if switches("advoware")["token_minimal"]:
        return {"access_token": token}
    ends = datetime.fromtimestamp(now + lifetime, UTC)
    return {
        "token_type": "bearer",
        "expires_in": int(lifetime),
        "expiration_utc": ends.strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
        "access_token": token,
        "refresh_token": secrets.token_urlsafe(24),
    }


def is_valid(authorization: str) -> bool:
    scheme, _, token = authorization.partition(" ")
    if scheme.lower() != "bearer":
        return False
    try:
        issued, ends, _chance = signing.loads(token, salt=SALT)
    except (signing.BadSignature, ValueError, TypeError):
        return False
    return bool(_revoked_until < issued and time.time() < ends)


def revoke_all() -> None:
    """Every token issued so far ends now, as after a restart of the real server."""
    global _revoked_until
    _revoked_until = time.time()


def forget() -> None:
    """Nonces may be used again; for a reset of the whole sandbox."""
    with _lock:
        _nonces.clear()
