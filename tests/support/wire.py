"""Answers that the stand-ins do not give: every call of this process, bent on its way.

A Bend turns the stand-ins into systems that nobody here has seen; what they do otherwise stays as it is.
"""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from syncapp.remotes.http.exchange import Answer
from syncapp.remotes.http.session import RemoteConnection


@dataclass(frozen=True)
class Wire:
    """One call. `send` brings what the stand-in answers; a bend may leave that out, or change `prepared` before."""

    prepared: Any
    send: Callable[[], Answer]

    @property
    def method(self) -> str:
        return str(self.prepared.method)

    @property
    def query(self) -> dict[str, str]:
        return dict(parse_qsl(urlsplit(self.prepared.url).query))

    @property
    def path(self) -> str:
        return urlsplit(self.prepared.url).path.rstrip("/")

    @property
    def is_termin(self) -> bool:
        """About one Termin: its reading, or a write."""
        return self.path.endswith("/Termine") and not self.lists_termine

    @property
    def lists_termine(self) -> bool:
        return self.path.endswith("/Termine") and "kuerzel" in self.query

    @property
    def lists_events(self) -> bool:
        return self.method == "GET" and self.path.endswith("/events")

    @property
    def is_event(self) -> bool:
        """About one event: its reading, or a write."""
        return "/events" in self.path and not self.lists_events

    @property
    def body(self) -> dict[str, Any]:
        return dict(json.loads(self.prepared.body))

    def sends(self, body: dict[str, Any]) -> None:
        self.prepared.prepare_body(None, None, body)


Bend = Callable[[Wire], Answer]


def answer(status: int, value: Any = None, *, body: bytes | None = None) -> Answer:
    """`value` as JSON; without any, no body at all."""
    if body is None:
        body = b"" if value is None else json.dumps(value).encode()
    return Answer(status, {"content-type": "application/json"}, body)


def google_says(status: int, reason: str) -> Answer:
    errors = [{"domain": "global", "reason": reason, "message": "…"}]
    return answer(status, {"error": {"code": status, "message": "…", "errors": errors}})


@contextmanager
def bent(*bends: Bend) -> Iterator[None]:
    """Every call goes through the bends, the last of them next to the stand-in."""
    true_send = RemoteConnection.send

    def send(line: RemoteConnection, prepared: Any, *args: Any, **more: Any) -> Answer:
        onward = lambda: true_send(line, prepared, *args, **more)  # noqa: E731
        for bend in reversed(bends):
            onward = _through(bend, prepared, onward)
        return onward()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(RemoteConnection, "send", send)
        yield


def _through(bend: Bend, prepared: Any, onward: Callable[[], Answer]) -> Callable[[], Answer]:
    return lambda: bend(Wire(prepared, onward))


def shown(which: Callable[[Wire], bool], alter: Callable[[dict[str, Any]], None]) -> Bend:
    """Each object of such an answer, a list's too, altered in place."""

    def bend(wire: Wire) -> Answer:
        found = wire.send()
        if not which(wire) or found.status != 200 or not isinstance(found.json, list | dict):
            return found
        value: Any = json.loads(found.body)
        items = value.get("items", [value]) if isinstance(value, dict) else value
        for item in items:
            alter(item)
        return Answer(found.status, found.headers, json.dumps(value).encode())

    return bend


def termine(alter: Callable[[dict[str, Any]], None]) -> Bend:
    return shown(lambda wire: wire.is_termin or wire.lists_termine, alter)


def events(alter: Callable[[dict[str, Any]], None]) -> Bend:
    return shown(lambda wire: wire.is_event or wire.lists_events, alter)


def instead(which: Callable[[Wire], bool], status: int, then: Answer) -> Bend:
    """Where the stand-in answers such a call with that status, this instead."""

    def bend(wire: Wire) -> Answer:
        found = wire.send()
        return then if which(wire) and found.status == status else found

    return bend


def never_sent(which: Callable[[Wire], bool], then: Answer) -> Bend:
    """Such a call does nothing and is answered all the same."""
    return lambda wire: then if which(wire) else wire.send()
