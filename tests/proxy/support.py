"""A program of the firm: its key, and its calls, in this process or over a bare socket."""

import json
import socket
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from django.test import Client

from syncapp.models import ProxyCall
from syncapp.proxy import keys

EVERYTHING = (
    "POST Beteiligte",
    "GET+PUT Beteiligte/{int}",
    "POST Beteiligte/{int}/Kommunikationen",
    "PUT Beteiligte/{int}/Kommunikationen/{int}",
    "GET Rechtsformen",
    "GET+POST+PUT+DELETE Termine",
    "GET Akten/{id}",
)


@dataclass(frozen=True)
class Answered:
    """What came back; header names in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def code(self) -> str:
        return str(self.json["code"])


@dataclass
class Program:
    """Calls within this process, as if gunicorn had taken them."""

    key: str
    client: Client = field(default_factory=Client)

    def send(self, method: str, target: str, body: object = None, **headers: str) -> Answered:
        """`target` as it stands in the request line."""
        path, _sign, query = target.partition("?")
        content = {} if body is None else {"data": as_bytes(body), "content_type": "application/json"}
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        if self.key and "Authorization" not in given:
            given["X-Api-Key"] = self.key
        response = self.client.generic(method, path, headers=given, QUERY_STRING=query, RAW_URI=target, **content)
        found = {name.lower(): value for name, value in response.items()}
        return Answered(response.status_code, found, response.content)

    def proxy(self, method: str, endpoint: str, body: object = None, headers: Mapping[str, str] = {}, **query: str):
        return self.send(method, f"/advoware/proxy?{urlencode({'endpoint': endpoint, **query})}", body, **headers)

    def api(self, method: str, path: str, body: object = None, headers: Mapping[str, str] = {}, **query: str):
        target = f"/advoware/api/{quote(path)}" + (f"?{urlencode(query)}" if query else "")
        return self.send(method, target, body, **headers)


def as_bytes(body: object) -> bytes:
    return body if isinstance(body, bytes) else json.dumps(body).encode()


def program(*grants: str, name: str = "program", **more: Any) -> Program:
    """A key with these grants, or with everything."""
    _row, text = keys.make(name=name, grants=grants or EVERYTHING, by="tests", **{"rate_per_minute": 10_000, **more})
    return Program(text)


def over_a_socket(origin: str, method: str, target: bytes, key: str, body: bytes = b"", more: bytes = b"") -> Answered:
    """One request whose line is sent byte by byte as given: nothing normalises it on its way."""
    where = urlsplit(origin)
    length = f"Content-Length: {len(body)}\r\nContent-Type: application/json\r\n" if body else ""
    head = f"Host: {where.netloc}\r\nX-Api-Key: {key}\r\nConnection: close\r\n{length}".encode()
    with socket.create_connection((where.hostname, where.port), timeout=30) as sock:
        sock.sendall(method.encode() + b" " + target + b" HTTP/1.1\r\n" + head + more + b"\r\n" + body)
        raw = b""
        while part := sock.recv(65536):
            raw += part
    top, _blank, content = raw.partition(b"\r\n\r\n")
    first, *lines = top.decode("latin-1").split("\r\n")
    headers = {name.lower(): value.strip() for name, _colon, value in (line.partition(":") for line in lines)}
    return Answered(int(first.split()[1]), headers, content)


def last_call() -> ProxyCall:
    found = ProxyCall.objects.order_by("-pk").first()
    assert found is not None
    return found
