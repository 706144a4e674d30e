"""Who may speak to the stand-in Google: signed assertions for bearer tokens, checked as the real one checks them.

Tokens are signed, not stored, so they outlive a restart; the revocation mark is kept in memory.
"""

import base64
import binascii
import json
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from django.core import signing

from sandbox.models.google import ServiceAccount
from sandbox.switches import switches

GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
SALT = "sandbox.google"
DOMAIN = "@kanzlei.example"  # the firm's users, for whom a service account may act
LONGEST_SECONDS = 3600
TOLERANCE_SECONDS = 300
BAD_TIME = (
    "Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable timeframe. "
    "Check your iat and exp values in the JWT claim."
)

_revoked_until = 0.0


@dataclass(frozen=True)
class TokenRefused(Exception):
    status: int
    error: str
    description: str


@dataclass(frozen=True)
class Bearer:
    """Whoever a token speaks for. `account`: the user acted for, or the service account itself."""

    account: str
    service_account: str
    scopes: frozenset[str]


def issue(form: Mapping[str, str]) -> dict[str, object]:
    """The answer to a token request, or a TokenRefused."""
    if form.get("grant_type") != GRANT:
        raise TokenRefused(400, "unsupported_grant_type", "Invalid grant_type")
    claims = _verified(form.get("assertion") or "")
    _check_time(claims)
    subject = _subject(claims)
    lifetime = float(str(switches("google")["token_lifetime_seconds"]))
    now = time.time()
    content = [claims["iss"], subject, str(claims.get("scope", "")), now, now + lifetime, secrets.token_hex(4)]
    return {"access_token": signing.dumps(content, salt=SALT), "expires_in": int(lifetime), "token_type": "Bearer"}


def bearer_of(authorization: str) -> Bearer | None:
    scheme, _, token = authorization.partition(" ")
    try:
        issuer, subject, scope, issued, ends, _chance = signing.loads(token, salt=SALT)
    except (signing.BadSignature, ValueError, TypeError):
        return None
    if scheme.lower() != "bearer" or issued <= _revoked_until or ends <= time.time():
        return None
    return Bearer(subject or issuer, issuer, frozenset(scope.split()))


def revoke_all() -> None:
    """Every token issued so far ends now."""
    global _revoked_until
    _revoked_until = time.time()


def _verified(assertion: str) -> Mapping[str, Any]:
    """The claims, once the signature is that of the account's present key."""
    try:
        head, content, signature = assertion.split(".")
        header, claims = json.loads(_decoded(head)), json.loads(_decoded(content))
        account = ServiceAccount.objects.get(email=claims["iss"])
        key = load_pem_public_key(account.public_key.encode())
    except ServiceAccount.DoesNotExist:
        raise TokenRefused(400, "invalid_grant", "Invalid grant: account not found") from None
    except (ValueError, TypeError, KeyError, binascii.Error):
        raise TokenRefused(400, "invalid_request", "Bad Request") from None
    if not isinstance(key, rsa.RSAPublicKey) or header.get("alg") != "RS256":
        raise TokenRefused(400, "invalid_grant", "Invalid JWT Signature.")
    try:
        key.verify(_decoded(signature), f"{head}.{content}".encode(), padding.PKCS1v15(), SHA256())
    except InvalidSignature:
        raise TokenRefused(400, "invalid_grant", "Invalid JWT Signature.") from None
    if claims.get("aud") != account.token_uri:
        raise TokenRefused(400, "invalid_grant", "Invalid JWT: Failed audience check.")
    found: Mapping[str, Any] = claims
    return found


def _decoded(part: str) -> bytes:
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


def _check_time(claims: Mapping[str, Any]) -> None:
    issued, ends = claims.get("iat"), claims.get("exp")
    if not isinstance(issued, int | float) or not isinstance(ends, int | float):
        raise TokenRefused(400, "invalid_grant", BAD_TIME)
    now = time.time() + float(str(switches("google")["clock_ahead_seconds"]))
    if ends > issued + LONGEST_SECONDS or abs(now - issued) > TOLERANCE_SECONDS or ends <= now:
        raise TokenRefused(400, "invalid_grant", BAD_TIME)
    if not claims.get("scope"):
        raise TokenRefused(400, "invalid_scope", "Missing required parameter: scope")


def _subject(claims: Mapping[str, Any]) -> str:
    subject = str(claims.get("sub") or "")
    if not subject:
        return ""
    if not switches("google")["delegation"]:
        raise TokenRefused(
            401,
            "unauthorized_client",
            "Client is unauthorized to retrieve access tokens using this method, or client not authorized for any of "
            "the scopes requested.",
        )
    if not subject.endswith(DOMAIN):
        raise TokenRefused(400, "invalid_grant", "Invalid email or User ID")
    return subject
