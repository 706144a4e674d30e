"""One remote system over HTTP: addresses, time-outs, one repeat policy, one log line per request.

Invariants. A call ends: five seconds for the connection, `timeout` for the next byte, both together for the whole of
it, however slowly it drips. Redirects are not followed; an answer is at most MAX_ANSWER_BYTES long. What is repeated
says failures.py, what an answer means says answers.py. The log (logger `advosync.remote`) and the observers get
templates and numbers only.

There is no requests.Session: cookies, ~/.netrc (which would replace our Authorization header) and redirects are not
wanted. Of the environment, HTTP(S)_PROXY with NO_PROXY and REQUESTS_CA_BUNDLE or SSL_CERT_FILE are honoured, since
firms have proxies and certificates of their own; this machine itself is never asked through a proxy.

To extend: a new system needs a value of `System`, rows in answers.py, and a client that builds Requests.
"""

import http.client
import json
import logging
import os
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from copy import copy
from datetime import datetime
from functools import cached_property
from typing import Self, TypeVar
from urllib.parse import urlsplit

import requests
from requests.utils import get_environ_proxies
from urllib3 import exceptions as urllib3_errors

from syncapp import __version__
from syncapp.core.spelling.storable import json_as_it_came
from syncapp.core.systems import is_here
from syncapp.remotes.http.answers import Answers, wrong_shape
from syncapp.remotes.http.errors import RemoteError
from syncapp.remotes.http.exchange import Answer, Call, Recognised, Request, WrongShape
from syncapp.remotes.http.failures import Failure, error_for, is_repeated
from syncapp.remotes.http.wire import READ_MAX_IDLE, WRITE_MAX_IDLE, CallProgress, WatchedAdapter, tracked

CONNECT_TIMEOUT = 5.0
MAX_ANSWER_BYTES = 20 * 1024 * 1024
CHUNK_BYTES = 64 * 1024
PAUSE_BEFORE_REPEAT = 0.2
USER_AGENT = f"advosync/{__version__}"

WIRE_ERRORS = (requests.RequestException, urllib3_errors.HTTPError, http.client.HTTPException, OSError)

Observer = Callable[[Call], None]
T = TypeVar("T")
logger = logging.getLogger("advosync.remote")
# urllib3 logs addresses with their query, that is with values, at DEBUG and in warnings.
logging.getLogger("urllib3").setLevel(logging.ERROR)


class NoAnswer(Exception):
    """Internal: the request brought no whole answer. `cause` is the name of what was raised below."""

    def __init__(self, failure: Failure, cause: str) -> None:
        super().__init__(failure)
        self.failure = failure
        self.cause = cause


class RemoteConnection:
    """The way to one address: proxies, certificates, keep-alive. Brings a whole answer of any status, or NoAnswer."""

    def __init__(self, address: str) -> None:
        self._proxies = _proxies_for(address)
        self._verify = os.environ.get("REQUESTS_CA_BUNDLE") or os.environ.get("SSL_CERT_FILE") or True
        self._lock = threading.Lock()
        self._adapter_of: tuple[int, WatchedAdapter] | None = None

    def send(
        self, prepared: requests.PreparedRequest, limits: CallProgress, *, max_bytes: int = MAX_ANSWER_BYTES
    ) -> Answer:
        """`limits.patience`: seconds for the next byte. A redirect is an answer like any other: nobody follows it."""
        with tracked(limits) as progress:
            try:
                response = self._adapter().send(
                    prepared,
                    stream=True,
                    timeout=(CONNECT_TIMEOUT, limits.patience),
                    verify=self._verify,
                    proxies=self._proxies,
                )
            except WIRE_ERRORS as error:  # and nothing else: a job's time-out must get through
                raise NoAnswer(failure_of(error, progress), _innermost(error)) from None
            try:
                return _whole_answer(response, progress, max_bytes)
            finally:
                response.close()

    def _adapter(self) -> WatchedAdapter:
        # A forked child must not speak on its parent's sockets.
        with self._lock:
            if self._adapter_of is None or self._adapter_of[0] != os.getpid():
                self._adapter_of = os.getpid(), WatchedAdapter()
            return self._adapter_of[1]


class RemoteSession:
    """The connection to one remote system, shared by all threads of a process."""

    def __init__(self, *, answers: Answers, base_url: str, timeout: float) -> None:
        self.system = answers.system
        self._answers = answers
        self.base_url = base_url.rstrip("/")
        self.timeout = timeout
        self.last_server_date: datetime | None = None
        self._line = RemoteConnection(base_url)

    def call(self, request: Request, read: Callable[[object], T], *, observers: Sequence[Observer] = ()) -> T:
        """Sends, repeats once where that is harmless, and gives the answer to `read`, which raises WrongShape."""
        return self._call(request, lambda answer: self._understand(request, answer, read), observers)

    def recognised(
        self, request: Request, read: Callable[[object], T], *, known: str, observers: Sequence[Observer] = ()
    ) -> Recognised[T]:
        """The same as `call`; an answer whose digest is `known`, of one that was read before, is not read again."""

        def take(answer: Answer) -> Recognised[T]:
            again = answer.status == 200 and answer.digest == known
            found = Recognised(answer.digest, again, lambda: self._understand(request, answer, read))
            if not again:
                found.value  # noqa: B018 (read now, so that an answer that is none fails here)
            return found

        return self._call(request, take, observers)

    def answered(self, request: Request, *, observers: Sequence[Observer] = ()) -> Answer:
        """The same, with the good answer as it came."""

        def unchanged(answer: Answer) -> Answer:
            self._judge(request, answer)
            return answer

        return self._call(request, unchanged, observers)

    def _call(self, request: Request, take: Callable[[Answer], T], observers: Sequence[Observer]) -> T:
        try:
            return self._call_once(request, take, observers)
        except RemoteError as error:
            if not is_repeated(request, error.failure):
                raise
        time.sleep(PAUSE_BEFORE_REPEAT)
        return self._call_once(request, take, observers)

    def _call_once(self, request: Request, take: Callable[[Answer], T], observers: Sequence[Observer]) -> T:
        started = time.monotonic()
        status: int | None = None
        kind: str | None = "bug"
        progress = self._progress(request)
        try:
            answer = self._exchange(request, progress)
            status = answer.status
            value = take(answer)
            kind = None
            return value
        except NoAnswer as silence:
            lost = error_for(self.system, request, silence.failure, silence.cause)
            kind = lost.kind
            raise lost from None
        except RemoteError as error:
            kind = error.kind
            raise
        finally:
            seconds = time.monotonic() - started
            call = Call(self.system, request.method, request.path, status, seconds, kind, progress.sending)
            _report(call, observers)

    def _understand(self, request: Request, answer: Answer, read: Callable[[object], T]) -> T:
        value = self._judge(request, answer)
        try:
            return read(value)
        except WrongShape as wrong:
            raise wrong_shape(self.system, request, answer.status, str(wrong)) from None

    def _judge(self, request: Request, answer: Answer) -> object:
        self.last_server_date = answer.date or self.last_server_date
        return self._answers.judge(request, answer)

    def _exchange(self, request: Request, progress: CallProgress) -> Answer:
        if time.monotonic() >= progress.deadline:  # a token, or the try before, took all the time that there was
            raise NoAnswer(Failure.never_made, "too late")
        max_bytes = request.bounds.max_bytes or MAX_ANSWER_BYTES
        return self._line.send(self._prepare(request), progress, max_bytes=max_bytes)

    def _progress(self, request: Request) -> CallProgress:
        limit = time.monotonic() + CONNECT_TIMEOUT + self.timeout
        if request.bounds.until is not None:
            limit = min(limit, request.bounds.until)
        return CallProgress(limit, self.timeout, WRITE_MAX_IDLE if request.writes else READ_MAX_IDLE)

    def _prepare(self, request: Request) -> requests.PreparedRequest:
        headers = {"Accept": "application/json", "User-Agent": USER_AGENT, **request.headers}
        body = request.body if isinstance(request.body, bytes) else None
        if request.body is not None and body is None:
            headers["Content-Type"] = "application/json"
            body = _as_json(request.body)
        address = f"{self.base_url}/{request.filled_path}"
        plain = requests.Request(request.method, address, headers, params=list(request.params), data=body)
        found = prepared(plain)
        if _origin(found) != self._own_origin:  # whatever a path held, our login goes nowhere else
            raise NoAnswer(Failure.bad_address, "another host")
        return found

    @cached_property
    def _own_origin(self) -> tuple[str, str | None, int | None]:
        return _origin(prepared(requests.Request("GET", self.base_url)))


class RemoteClient:
    """What the clients of all systems share. Thread-safe."""

    _api: RemoteSession
    _observers: tuple[Observer, ...] = ()

    def with_observer(self, observer: Observer) -> Self:
        """A client on the same connections that tells one more listener."""
        return self._like(_observers=(*self._observers, observer))

    def _like(self, **changes: object) -> Self:
        other = copy(self)
        vars(other).update(changes)
        return other

    @property
    def last_server_date(self) -> datetime | None:
        """The remote clock as of the last answer (header Date), for telling how far ours is off."""
        return self._api.last_server_date


def prepared(request: requests.Request) -> requests.PreparedRequest:
    """Ready to be sent; NoAnswer where the address is none."""
    if not str(request.url).startswith(("http://", "https://")):
        raise NoAnswer(Failure.bad_address, "scheme")
    try:
        return request.prepare()
    except (requests.RequestException, urllib3_errors.HTTPError, ValueError) as error:
        raise NoAnswer(Failure.bad_address, type(error).__name__) from None


def failure_of(error: Exception, progress: CallProgress) -> Failure:
    """What a raised error means, by how far the attempt had come; without a trace of a connection, by its type."""
    chain = tuple(_chain(error))
    if any(isinstance(link, socket.gaierror | urllib3_errors.NameResolutionError) for link in chain):
        return Failure.unknown_host
    if isinstance(error, requests.exceptions.InvalidURL | requests.exceptions.InvalidSchema):
        return Failure.bad_address
    if progress.sending:
        return Failure.timed_out if any(_is_timeout(link) for link in chain) else Failure.lost
    if any(_is_tls_fault(link) for link in chain) or type(error) is OSError:  # the latter: no such certificate file
        return Failure.tls
    made_of = (requests.ConnectTimeout, requests.exceptions.ProxyError, urllib3_errors.NewConnectionError)
    if progress.connecting or any(isinstance(link, made_of) for link in chain):
        return Failure.never_made
    return Failure.timed_out if any(_is_timeout(link) for link in chain) else Failure.lost


def _as_json(value: object) -> bytes:
    """What was read goes back as it was read; half a character, for one, only as an escape."""
    return json_as_it_came(json.dumps(value, ensure_ascii=False)).encode()


def _whole_answer(response: requests.Response, progress: CallProgress, max_bytes: int) -> Answer:
    parts: list[bytes] = []
    size = 0
    try:
        while part := response.raw.read1(CHUNK_BYTES, decode_content=True):
            progress.remaining()
            parts.append(part)
            size += len(part)
            if size > max_bytes:
                raise NoAnswer(Failure.too_large, "length")
    except WIRE_ERRORS as error:
        late = any(_is_timeout(link) for link in _chain(error))
        raise NoAnswer(Failure.timed_out if late else Failure.cut, _innermost(error)) from None
    headers = {name.lower(): value for name, value in response.headers.items()}
    return Answer(response.status_code, headers, b"".join(parts))


def _report(call: Call, observers: Sequence[Observer]) -> None:
    logger.log(
        logging.INFO if call.kind is None else logging.WARNING,
        "remote call",
        extra={
            "system": call.system,
            "method": call.method,
            "path": call.path,
            "status": call.status,
            "ms": round(call.seconds * 1000),
            "kind": call.kind,
        },
    )
    for observer in observers:
        try:
            observer(call)
        except Exception as error:  # an observer's fault must not cost the answer to a write
            logger.error("observer failed", extra={"observer_error": type(error).__name__})


def _chain(error: BaseException) -> Iterator[BaseException]:
    """The error and everything that it wraps, by cause, context, `reason` or as an argument."""
    waiting: list[object] = [error]
    seen: set[int] = set()
    while waiting:
        link = waiting.pop()
        if not isinstance(link, BaseException) or id(link) in seen:
            continue
        seen.add(id(link))
        yield link
        waiting.extend((link.__cause__, link.__context__, getattr(link, "reason", None), *link.args))


def _origin(request: requests.PreparedRequest) -> tuple[str, str | None, int | None]:
    parts = urlsplit(request.url or "")
    return parts.scheme, parts.hostname, parts.port


def _innermost(error: Exception) -> str:
    return type(list(_chain(error))[-1]).__name__


def _is_timeout(link: BaseException) -> bool:
    return isinstance(link, TimeoutError | urllib3_errors.TimeoutError | requests.Timeout)


def _is_tls_fault(link: BaseException) -> bool:
    """A certificate or protocol that does not fit; a handshake that was merely cut is no such fault."""
    if isinstance(link, ssl.SSLEOFError | ssl.SSLZeroReturnError):
        return False
    return isinstance(link, ssl.SSLError | ssl.CertificateError)


def _proxies_for(base_url: str) -> dict[str, str]:
    """The environment's proxies; none for this machine, nor for a malformed address (its calls say so)."""
    try:
        host = urlsplit(base_url).hostname or "localhost"
    except ValueError:
        return {}
    return {} if is_here(host) else dict(get_environ_proxies(base_url))
