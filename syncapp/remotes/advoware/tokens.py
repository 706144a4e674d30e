"""How Advoware's bearer token is asked for: the signature, and the name under which the token is kept.

Invariant: neither gives a secret away. Where tokens are kept and who fetches them is the same for all systems:
remotes/http/tokens.py.
"""

import base64
import hashlib
import hmac
import json


def signature(*, product_id: int, app_id: str, nonce: str, timestamp: str, api_key_base64: str) -> str:
    """HMAC-SHA512 over `product:app:nonce:timestamp` with the decoded API key, as base64."""
    message = f"{product_id}:{app_id}:{nonce}:{timestamp}".encode()
    digest = hmac.new(base64.b64decode(api_key_base64, validate=True), message, hashlib.sha512).digest()
    return base64.b64encode(digest).decode()


def fingerprint(*, api_key_base64: str, parts: tuple[object, ...]) -> str:
    """Names a set of credentials without giving one away: keyed by the API key, a short password is not guessable."""
    return hmac.new(api_key_base64.encode(), json.dumps(parts).encode(), hashlib.sha256).hexdigest()[:32]
