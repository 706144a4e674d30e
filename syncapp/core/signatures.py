"""Is this delivery from a webhook of ours? Answered from the raw body, before anything is parsed.

Invariants. Digests are compared in constant time, and an unknown webhook id costs as much as a wrong digest. Several
secrets may count for one id at once, so that a secret can be changed without losing a delivery. `Signature` decides
where it is present; the older `X-Signature` (the digest raw instead of as hex) only where the newer one is absent.

There is no time stamp in it: an old delivery verifies for ever, so receiving one twice must do no harm elsewhere.
To extend: a further scheme is a further row of SCHEMES.
"""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Callable, Mapping, Sequence

# How the digest is written behind `webhookId:`, for (Signature, X-Signature).
SCHEMES: tuple[Callable[[bytes], bytes], Callable[[bytes], bytes]] = (lambda raw: raw.hex().encode(), bytes)
NOBODY = ("",)


def verify(
    *, raw_body: bytes, header: str | None, legacy_header: str | None, secrets: Mapping[str, Sequence[str]]
) -> str | None:
    """The id of the webhook that signed `raw_body`, or None. `secrets`: webhook id -> the secrets that count."""
    value, written = (header, SCHEMES[0]) if header is not None else (legacy_header, SCHEMES[1])
    webhook_id, digest = _split(value)
    known = [secret for secret in secrets.get(webhook_id, ()) if secret]
    matches = [hmac.compare_digest(written(_digest(secret, raw_body)), digest) for secret in known or NOBODY]
    return webhook_id if known and any(matches) else None


def sign(*, raw_body: bytes, webhook_id: str, secret: str) -> str:
    """The value of `Signature` for a body, as EspoCRM makes it."""
    return base64.b64encode(webhook_id.encode() + b":" + SCHEMES[0](_digest(secret, raw_body))).decode()


def _digest(secret: str, raw_body: bytes) -> bytes:
    return hmac.new(secret.encode(), raw_body, hashlib.sha256).digest()


def _split(value: str | None) -> tuple[str, bytes]:
    try:
        decoded = base64.b64decode(value or "", validate=True)
    except (binascii.Error, ValueError):
        return "", b""
    webhook_id, _, digest = decoded.partition(b":")
    return webhook_id.decode("utf-8", errors="replace"), digest
