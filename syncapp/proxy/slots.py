"""How many calls to Advoware at a time, so that callers who wait for it take neither threads nor sessions from others.

Invariant: whoever gets no slot is told at once to come again; nobody queues. The number holds for one web process.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings

from syncapp.core.proxy.codes import Code, ProxyRefusal

_lock = threading.Lock()
_taken = 0
WAIT = 1.0


@contextmanager
def slot() -> Iterator[None]:
    """One of PROXY_PARALLEL, or a Refusal."""
    global _taken
    with _lock:
        if _taken >= settings.PROXY_PARALLEL:
            raise ProxyRefusal(Code.BUSY, retry_after=WAIT)
        _taken += 1
    try:
        yield
    finally:
        with _lock:
            _taken -= 1
