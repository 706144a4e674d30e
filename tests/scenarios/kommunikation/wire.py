"""The wire between the product and the stand-ins, seen and cut from inside the test process.

Purpose: the exact bodies of all writes, answers that lack something, and a worker that dies at a chosen write.
Invariant: only what goes through the clients' one place of exchange is touched; the stand-ins see real HTTP.
"""

import json
from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from syncapp.remotes.http.exchange import Answer, Request
from syncapp.remotes.http.session import RemoteSession
from syncapp.remotes.http.wire import CallProgress

Rewrite = Callable[[Request, Any], Any]


class WorkerDied(BaseException):
    """As if the process had been killed: no `except Exception` of the product sees it."""


@dataclass(frozen=True)
class Sent:
    """One write as it went out."""

    system: str
    method: str
    path: str
    body: Any

    @property
    def is_note(self) -> bool:
        return self.path == "Note"


@dataclass(frozen=True)
class Death:
    """At which write of a run the worker dies, and whether the write has reached the other side by then."""

    at: int
    sent: bool


@dataclass
class Wire:
    """`sent`, `reads`: all calls since `clear`.

    `rewrite`: what becomes of the JSON of each GET. `before_patch`: done once, just before the next PATCH goes out.
    `bad`: what is done to each PATCH that has this text anywhere in it, just before it goes out.
    """

    sent: list[Sent] = field(default_factory=list)
    reads: list[str] = field(default_factory=list)
    death: Death | None = None
    rewrite: Rewrite | None = None
    before_patch: Callable[[], None] | None = None
    bad: dict[str, Callable[[Request], None]] = field(default_factory=dict)

    def clear(self) -> None:
        self.sent.clear()
        self.reads.clear()

    def between(self, system: str, request: Request, exchange: Callable[[], Answer]) -> Answer:
        if not request.writes:
            if request.method == "GET":
                self.reads.append(system)
            return self._read(request, exchange())
        if request.method == "PATCH" and self.before_patch is not None:
            act, self.before_patch = self.before_patch, None
            act()
        self.sent.append(Sent(system, request.method, request.filled_path, deepcopy(request.body)))
        dies = self.death is not None and self.death.at == len(self.sent)
        if dies and self.death and not self.death.sent:
            raise WorkerDied
        if request.method == "PATCH":
            self._spoil(request)
        answer = exchange()
        if dies:
            raise WorkerDied
        return answer

    def _spoil(self, request: Request) -> None:
        """One bad thing is enough: EspoCRM names the first fault only."""
        act = next((act for text, act in self.bad.items() if text in json.dumps(request.body)), None)
        if act is not None:
            act(request)

    def _read(self, request: Request, answer: Answer) -> Answer:
        if self.rewrite is None or answer.status != 200:
            return answer
        return replace(answer, body=json.dumps(self.rewrite(request, json.loads(answer.body))).encode())


def install(monkeypatch: pytest.MonkeyPatch) -> Wire:
    """Put a wire between every client of this process and its system."""
    wire = Wire()
    plain = RemoteSession._exchange

    def exchange(session: RemoteSession, request: Request, progress: CallProgress) -> Answer:
        return wire.between(session.system, request, lambda: plain(session, request, progress))

    monkeypatch.setattr(RemoteSession, "_exchange", exchange)
    return wire
