"""How many calls to Advoware at a time, so that callers who wait for it take neither threads nor sessions from others.

Invariant: whoever gets no slot is told at once to come again; nobody queues for one. Of those that have one, at most
half wait for their turn at something that somebody else is writing. The number holds for one web process.
"""

import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager

from django.conf import settings

from syncapp.core.proxy.codes import Code, ProxyRefusal

WAIT = 1.0


class Places:
    """So many as there are by the setting of that moment."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.taken = 0

    @contextmanager
    def one_of(self, most: int) -> Iterator[bool]:
        """Whether one was free; it is taken meanwhile."""
        with self._lock:
            free = self.taken < most
            self.taken += free
        try:
            yield free
        finally:
            with self._lock:
                self.taken -= free


CALLS, WAITING = Places(), Places()


@contextmanager
def slot() -> Iterator[None]:
    """One of PROXY_PARALLEL, or a Refusal."""
    with CALLS.one_of(settings.PROXY_PARALLEL) as free:
        if not free:
            raise ProxyRefusal(Code.BUSY, retry_after=WAIT)
        yield


def waiting() -> AbstractContextManager[bool]:
    """Whether one more of those that have a slot may wait in it: the other half is for calls that can go on."""
    return WAITING.one_of(settings.PROXY_PARALLEL // 2)
