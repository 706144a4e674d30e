"""Who is asking: API key, HMAC signature, or name and password.

Failed logins are counted per address. With more than MAX_FAILED of them in PERIOD seconds every login from there is
refused without a reason, a right one too. The count is kept in memory, like the switches: one process serves.
"""

import base64
import binascii
import hashlib
import hmac
import threading
import time
from collections import defaultdict, deque

from django.http import HttpRequest

from sandbox.espocrm import people
from sandbox.espocrm.answers import HTML, EspoRefusal
from sandbox.models.espocrm import EspoUser
from sandbox.switches import switches

MAX_FAILED = 10
PERIOD = 60.0
_lock = threading.Lock()
_failed: defaultdict[str, deque[float]] = defaultdict(lambda: deque(maxlen=MAX_FAILED + 1))


def user_of(request: HttpRequest, path: str) -> EspoUser:
    """`path` is the address below /api/v1, without query, as it was signed."""
    credentials = [request.headers.get(name) for name in ("X-Hmac-Authorization", "X-Api-Key", "Authorization")]
    if not any(credentials):
        raise EspoRefusal(401, content_type=HTML, headers={"WWW-Authenticate": 'Basic realm=""'})
    address = request.META.get("REMOTE_ADDR", "")
    _refuse_locked_out(address)
    hmac_header, api_key, authorization = credentials
    if hmac_header:
        user = _by_signature(hmac_header, f"{request.method} {path}")
    elif api_key:
        user = _find(api_key=api_key, secret_key=None)
    else:
        user = _by_password(authorization or "")
    if user is None:
        with _lock:
            _failed[address].append(time.time())
        raise EspoRefusal(401, content_type=HTML)
    return user


def forget_failures() -> None:
    with _lock:
        _failed.clear()


def _refuse_locked_out(address: str) -> None:
    if not switches("espocrm")["login_lockout"]:
        return
    with _lock:
        recent = [at for at in _failed[address] if at > time.time() - PERIOD]
    if len(recent) > MAX_FAILED:
        raise EspoRefusal(403, content_type=HTML)


def _find(**facts: object) -> EspoUser | None:
    user = EspoUser.objects.filter(is_active=True, **facts).first()
    if user is None and not EspoUser.objects.exists():
        people.install()
        user = EspoUser.objects.filter(is_active=True, **facts).first()
    return user


def _decoded(text: str) -> str:
    try:
        return base64.b64decode(text, validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        return ""


def signature(secret: str, signed: str) -> str:
    return hmac.new(secret.encode(), signed.encode(), hashlib.sha256).hexdigest()


def _by_signature(header: str, signed: str) -> EspoUser | None:
    api_key, _colon, given = _decoded(header).partition(":")
    user = _find(api_key=api_key, secret_key__isnull=False)
    if user is None or not hmac.compare_digest(signature(user.secret_key or "", signed).encode(), given.encode()):
        return None
    return user


def _by_password(header: str) -> EspoUser | None:
    scheme, _space, encoded = header.partition(" ")
    if scheme.lower() != "basic":
        return None
    user_name, _colon, password = _decoded(encoded).partition(":")
    return _find(user_name=user_name, password=password) if password else None
