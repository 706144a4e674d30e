"""Faults on demand: which request gets one (`add`, `take`), and what each sort does to the answer.

Each sort is a row of SORTS: whether the request still has its effect, and how the answer is spoiled. A further sort is
a further row. In memory, like the call log: the serving process must be one process.
"""

import itertools
import json
import socket
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase

Answerer = Callable[["InjectedFault", HttpRequest, HttpResponse], HttpResponseBase]
HTML = "<!DOCTYPE html><html><head><title>Wartung</title></head><body><h1>Bitte später</h1></body></html>"


class FaultError(ValueError):
    pass


@dataclass
class InjectedFault:
    id: int
    fault: str
    system: str | None = None
    method: str | None = None
    path_contains: str | None = None
    count: int | None = 1  # None: until cleared
    skip: int = 0  # so many matching requests pass first
    status: int = 500
    reason: str | None = None
    headers: dict[str, str] = field(default_factory=dict)
    body: str = ""
    seconds: float = 1.0
    after: bool | None = None  # overrides whether the request has its effect
    lasts: float | None = None  # seconds from now, after which it is over; None: no end
    label: str = ""  # what it is called where it was switched on
    since: float = field(default_factory=time.monotonic)

    def matches(self, system: str, method: str, path: str) -> bool:
        return (
            self.system in (None, system)
            and self.method in (None, method)
            and (self.path_contains is None or self.path_contains in path)
        )

    @property
    def left(self) -> float | None:
        """Seconds until it is over by itself; None: no end."""
        return None if self.lasts is None else self.since + self.lasts - time.monotonic()

    @property
    def has_effect(self) -> bool:
        return SORTS[self.fault].has_effect if self.after is None else self.after


@dataclass(frozen=True)
class FaultType:
    has_effect: bool
    spoil: Answerer
    what: str
    waits_first: bool = False


def socket_of(request: HttpRequest) -> socket.socket | None:
    """Both servers put the client's socket into the WSGI environment; a test client has none."""
    return request.META.get("gunicorn.socket") or request.META.get("sandbox.socket")


def cut(request: HttpRequest) -> None:
    """Closes the client's connection under the answer."""
    connection = socket_of(request)
    if connection is None:
        raise ConnectionAbortedError("this request came without a socket that could be cut")
    try:
        connection.shutdown(socket.SHUT_RDWR)
    except OSError:
        return  # the client was faster


def _status(fault: InjectedFault, request: HttpRequest, answer: HttpResponse) -> HttpResponseBase:
    return HttpResponse(fault.body, status=fault.status, reason=fault.reason, headers=fault.headers)


def _delay(fault: InjectedFault, request: HttpRequest, answer: HttpResponse) -> HttpResponseBase:
    time.sleep(fault.seconds)
    return answer


def _unspoiled(fault: InjectedFault, request: HttpRequest, answer: HttpResponse) -> HttpResponseBase:
    return answer


def cut_off(fault: InjectedFault, request: HttpRequest, answer: HttpResponse) -> HttpResponseBase:
    cut(request)
    return answer


def _streamed(answer: HttpResponse, chunks: Iterator[bytes]) -> StreamingHttpResponse:
    """The same head, the true length announced, the body in the pieces given."""
    headers = {**dict(answer.items()), "Content-Length": str(len(answer.content))}
    return StreamingHttpResponse(chunks, status=answer.status_code, reason=answer.reason_phrase, headers=headers)


def _half_body(fault: InjectedFault, request: HttpRequest, answer: HttpResponse) -> HttpResponseBase:
    def chunks() -> Iterator[bytes]:
        yield answer.content[: len(answer.content) // 2]
        cut(request)

    return _streamed(answer, chunks())


def _half_json(fault: InjectedFault, request: HttpRequest, answer: HttpResponse) -> HttpResponseBase:
    answer.content = answer.content[: len(answer.content) // 2]
    return answer


def _drip(fault: InjectedFault, request: HttpRequest, answer: HttpResponse) -> HttpResponseBase:
    def chunks() -> Iterator[bytes]:
        for byte in answer.content:
            yield bytes([byte])
            time.sleep(fault.seconds)

    return _streamed(answer, chunks())


def _empty(fault: InjectedFault, request: HttpRequest, answer: HttpResponse) -> HttpResponseBase:
    return HttpResponse(b"", content_type="application/json")


def _html(fault: InjectedFault, request: HttpRequest, answer: HttpResponse) -> HttpResponseBase:
    return HttpResponse(HTML)


def _wrong_type(fault: InjectedFault, request: HttpRequest, answer: HttpResponse) -> HttpResponseBase:
    return HttpResponse(json.dumps("ok"), content_type="application/json")


SORTS: dict[str, FaultType] = {
    "status": FaultType(False, _status, "the given status, reason, headers and body"),
    "delay": FaultType(True, _delay, "done at once, but answered only after so many seconds"),
    "delay_before": FaultType(True, _unspoiled, "done and answered only after so many seconds", waits_first=True),
    "cut_before": FaultType(False, cut_off, "connection closed, nothing done"),
    "hold_cut": FaultType(False, cut_off, "held for so many seconds, then closed, nothing done", waits_first=True),
    "cut_after": FaultType(True, cut_off, "done, then connection closed without an answer"),
    "half_body": FaultType(True, _half_body, "connection closed in the middle of the body"),
    "half_json": FaultType(True, _half_json, "a complete answer whose JSON ends in the middle"),
    "empty_200": FaultType(True, _empty, "200 without a body"),
    "html_200": FaultType(False, _html, "200 with a page of a proxy"),
    "wrong_type": FaultType(True, _wrong_type, "200 with JSON of another type"),
    "drip": FaultType(True, _drip, "the right answer, byte by byte, so many seconds apart"),
}

_lock = threading.Lock()
_ids = itertools.count(1)
_waiting: list[InjectedFault] = []


def add(wanted: Mapping[str, object]) -> InjectedFault:
    known = set(InjectedFault.__dataclass_fields__) - {"id", "since"}
    unknown = sorted(set(wanted) - known)
    if unknown:
        raise FaultError(f"unknown keys: {', '.join(unknown)}; there are: {', '.join(sorted(known))}")
    if wanted.get("fault") not in SORTS:
        raise FaultError(f"unknown fault {wanted.get('fault')!r}; there are: {', '.join(SORTS)}")
    fault = InjectedFault(id=next(_ids), **wanted)  # type: ignore[arg-type]
    with _lock:
        _waiting.append(fault)
    return fault


def take(system: str, method: str, path: str) -> InjectedFault | None:
    """The fault for this request: the oldest that matches and has no requests left to let pass."""
    with _lock:
        _drop_ended()
        for fault in _waiting:
            if not fault.matches(system, method, path):
                continue
            if fault.skip > 0:
                fault.skip -= 1
                continue
            if fault.count is not None:
                fault.count -= 1
                if fault.count <= 0:
                    _waiting.remove(fault)
            return fault
    return None


def waiting() -> list[InjectedFault]:
    with _lock:
        _drop_ended()
        return list(_waiting)


def _drop_ended() -> None:
    _waiting[:] = [fault for fault in _waiting if fault.left is None or fault.left > 0]


def remove(fault_id: int) -> None:
    with _lock:
        _waiting[:] = [fault for fault in _waiting if fault.id != fault_id]


def clear() -> None:
    with _lock:
        _waiting.clear()
