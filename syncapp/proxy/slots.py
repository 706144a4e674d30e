"""How many calls to Advoware at a time, so that callers who wait for it take neither threads nor sessions from others.

Invariant: whoever gets no slot is told at once to come again; nobody queues for one. Of those that have one, at most
half wait for their turn at something that somebody else is writing. The number holds for one web process.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings

from syncapp.core.proxy.codes import Code, ProxyRefusal

_lock = threading.Lock()
_taken = 0
_waiting = 0
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


@contextmanager
def waiting() -> Iterator[bool]:
    """Whether one more of those that have a slot may wait in it: the other half is for calls that can go on."""
    global _waiting
    with _lock:
        may_wait = _waiting < settings.PROXY_PARALLEL // 2
        _waiting += may_wait
    try:
        yield may_wait
    finally:
        with _lock:
            _waiting -= may_wait
