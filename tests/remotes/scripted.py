"""A server that does exactly what a test tells it, on the level of bytes: one step for each request that arrives."""

import contextlib
import json
import random
import socket
import struct
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

Step = Callable[["Exchange"], bool]  # True: keep the connection open


@dataclass
class Exchange:
    """One request as it came in, and the socket to answer on."""

    sock: socket.socket
    connection: int
    line: str
    headers: dict[str, str]
    body: bytes

    @property
    def method(self) -> str:
        return self.line.split()[0]

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class Script:
    """`steps` are used up one by one; the last one stays. `ended`: connections that this side has closed."""

    steps: list[Step]
    seen: list[Exchange] = field(default_factory=list)
    host: str = "127.0.0.1"
    port: int = 0
    stopped: bool = False
    ended: int = 0

    @property
    def origin(self) -> str:
        return f"http://{self.host}:{self.port}"

    @property
    def url(self) -> str:
        return f"{self.origin}/api"

    @property
    def methods(self) -> list[str]:
        return [exchange.method for exchange in self.seen]

    @property
    def connections(self) -> int:
        return len({exchange.connection for exchange in self.seen})

    def next_step(self) -> Step:
        return self.steps.pop(0) if len(self.steps) > 1 else self.steps[0]


def answer(body: bytes | object = b"{}", status: int = 200, *, headers: str = "", keep: bool = True) -> Step:
    """A whole answer; anything but bytes is sent as JSON."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()

    def step(exchange: Exchange) -> bool:
        exchange.sock.sendall(head(status, headers, len(content)) + content)
        return keep

    return step


def head(status: int, headers: str, length: int) -> bytes:
    kind = "" if "content-type" in headers.lower() else "Content-Type: application/json\r\n"
    return f"HTTP/1.1 {status} X\r\n{kind}{headers}Content-Length: {length}\r\n\r\n".encode()


def close(exchange: Exchange) -> bool:
    """Ends the connection without a word."""
    return False


def reset(exchange: Exchange) -> bool:
    """Ends the connection the hard way."""
    exchange.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    return False


def cut(exchange: Exchange) -> bool:
    """Promises more than it sends."""
    exchange.sock.sendall(head(200, "", 100) + b'{"id": "1')
    return False


def cut_chunked(exchange: Exchange) -> bool:
    exchange.sock.sendall(b'HTTP/1.1 200 X\r\nTransfer-Encoding: chunked\r\n\r\n8\r\n{"id": "\r\n')
    return False


def silent(exchange: Exchange) -> bool:
    """Never answers; the client goes first."""
    exchange.sock.settimeout(5)
    with contextlib.suppress(OSError):
        exchange.sock.recv(1)
    return False


def drip_body(exchange: Exchange) -> bool:
    exchange.sock.sendall(head(200, "", 1000))
    return _drip(exchange, b" " * 1000)


def drip_head(exchange: Exchange) -> bool:
    return _drip(exchange, b"HTTP/1.1 200 X\r\nX-Long: " + b"a" * 1000)


def _drip(exchange: Exchange, content: bytes) -> bool:
    with contextlib.suppress(OSError):
        for byte in content:
            exchange.sock.sendall(bytes([byte]))
            time.sleep(0.05)
    return False


@contextlib.contextmanager
def serving(*steps: Step) -> Iterator[Script]:
    script = Script(list(steps))
    listener = socket.create_server((_an_address(), 0), backlog=32)
    script.host, script.port = listener.getsockname()
    threading.Thread(target=_accept, args=(listener, script), daemon=True).start()
    try:
        yield script
    finally:
        script.stopped = True
        listener.close()


def _an_address() -> str:
    """One of this machine's own that nobody else uses: whoever still asks for a server that had this port before would
    use up a step. Only Linux has more than one."""
    chance = random.SystemRandom()
    tail = (chance.randrange(256), chance.randrange(256), chance.randrange(1, 255))
    return ".".join(map(str, (127, *tail))) if sys.platform == "linux" else "127.0.0.1"


def _accept(listener: socket.socket, script: Script) -> None:
    number = 0
    while not script.stopped:
        try:
            sock, _address = listener.accept()
        except OSError:
            return
        number += 1
        threading.Thread(target=_converse, args=(sock, number, script), daemon=True).start()


def _converse(sock: socket.socket, number: int, script: Script) -> None:
    with sock, contextlib.suppress(OSError):
        while (exchange := _read(sock, number)) is not None:
            script.seen.append(exchange)
            if not script.next_step()(exchange):
                break
    script.ended += 1


def _read(sock: socket.socket, number: int) -> Exchange | None:
    received = b""
    while b"\r\n\r\n" not in received:
        part = sock.recv(65536)
        if not part:
            return None
        received += part
    top, _, body = received.partition(b"\r\n\r\n")
    line, *rows = top.decode().split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (row.partition(":") for row in rows)}
    while len(body) < int(headers.get("content-length", "0")):
        body += sock.recv(65536)
    return Exchange(sock, number, line, headers, body)
