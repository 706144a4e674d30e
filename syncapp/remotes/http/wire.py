"""Connections that know how long a call may still take, and how far it has come.

requests and urllib3 time each single read; a server that drips one byte a second could hold a call for hours. Here no
read, headers included, gets more than what is left of the whole call. And a connection notes in the CallProgress
whether it was made and whether anything was sent: whether a write can have happened is a fact, not a guess from an
exception.

A server may close an idle connection in the very moment in which it is used again. urllib3 looks for that before each
use; what remains is the time between that look and the sending. So a write uses no connection that has been idle for
longer than WRITE_MAX_IDLE, which is well below what servers grant (2 s and more): it is sent over a new one instead.

Invariant: a CallProgress belongs to one thread and one request. To extend: everything here hangs on what is public of
urllib3's connections: connect, is_connected, send and getresponse.
"""

import http.client
import io
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.response import HTTPResponse

WRITE_MAX_IDLE = 1.0
READ_MAX_IDLE = 60.0
POOL_SIZE = 32


@dataclass
class CallProgress:
    """One call on the wire: when it must be over (monotonic seconds), and what has happened so far.

    `patience`: seconds that a single read may take; `max_idle`: for how long a connection it uses may have been idle.
    """

    deadline: float
    patience: float
    max_idle: float
    connecting: bool = False
    sending: bool = False

    def remaining(self) -> float:
        left = self.deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError("the call took too long")
        return left


_current: ContextVar[CallProgress | None] = ContextVar("advosync_call_progress", default=None)


@contextmanager
def tracked(progress: CallProgress) -> Iterator[CallProgress]:
    """Makes `progress` the one that this thread's connections report to."""
    token = _current.set(progress)
    try:
        yield progress
    finally:
        _current.reset(token)


class _TimedReader(io.RawIOBase):
    """Reads from a socket, no longer than the call may still last."""

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock
        self._raw = sock.makefile("rb", buffering=0)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        now = _current.get()
        if now is not None:
            self._sock.settimeout(min(now.patience, now.remaining()))
        return self._raw.readinto(buffer)

    def close(self) -> None:
        self._raw.close()
        super().close()


class _TimedSocket:
    """As much of a socket as http.client's answer wants."""

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock

    def makefile(self, mode: str) -> io.BufferedReader:
        return io.BufferedReader(_TimedReader(self._sock))


class _TimedAnswer(http.client.HTTPResponse):
    def __init__(self, sock: socket.socket, *args: Any, **kwargs: Any) -> None:
        super().__init__(_TimedSocket(sock), *args, **kwargs)  # type: ignore[arg-type]


class _Watched(HTTPConnection):
    response_class = _TimedAnswer
    _last_used = 0.0
    _is_connecting = False

    def connect(self) -> None:
        now = _current.get()
        if now is not None:
            now.connecting = True
        self._is_connecting = True
        try:
            super().connect()
        finally:
            self._is_connecting = False

    @property
    def is_connected(self) -> bool:
        """urllib3 asks it of a connection that has been used before, and makes another one where it has ended; through
        a proxy with a new tunnel, which a connection that is closed any later would lack."""
        now = _current.get()
        idle_too_long = now is not None and time.monotonic() - self._last_used > now.max_idle
        return not idle_too_long and super().is_connected

    def send(self, data: Any) -> None:
        if self.sock is None:
            self.connect()
        now = _current.get()
        if now is not None and not self._is_connecting:  # a proxy is asked for its tunnel by the same method
            now.sending = True
        super().send(data)

    def getresponse(self) -> HTTPResponse:  # type: ignore[override]
        answer = super().getresponse()
        self._last_used = time.monotonic()
        return answer


class _WatchedTLS(_Watched, HTTPSConnection):
    pass


class _Pool(HTTPConnectionPool):
    ConnectionCls = _Watched


class _TLSPool(HTTPSConnectionPool):
    ConnectionCls = _WatchedTLS


_POOLS = {"http": _Pool, "https": _TLSPool}


class WatchedAdapter(HTTPAdapter):
    """The keep-alive pool of one remote system. Thread-safe; not to be carried over a fork."""

    def __init__(self) -> None:
        super().__init__(pool_connections=4, pool_maxsize=POOL_SIZE, max_retries=0)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = _POOLS

    def proxy_manager_for(self, proxy: Any, **kwargs: Any) -> Any:
        manager = super().proxy_manager_for(proxy, **kwargs)
        manager.pool_classes_by_scheme = _POOLS
        return manager
