"""Bearer tokens of any remote system: for how long one counts, and that all processes share one.

Invariants. One process at a time fetches (a lock in Redis with a random owner); the others wait and read what it got,
or fail as it failed. Each call takes the one that Redis has by then: a process that still used one which others have
had replaced would meet two refusals in a row, where theirs has ended too. With Redis away each process has its own. A
token counts for the shorter of what the system grants and our own bound, less a margin; no clock is compared, lifetimes
run in Redis and in each process. The key's name holds a fingerprint of the credentials, so changed settings never meet
an old token. Tokens appear in no log and no repr.

To extend: another place to keep tokens is built on `MemoryTokenStore`; its one promise is `token`.
"""

import json
import logging
import secrets
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import TypeVar

import redis

from syncapp.core.systems import System
from syncapp.remotes.http.errors import AuthFailed, Misconfigured, RemoteError, Transient
from syncapp.remotes.http.exchange import Request, WrongShape, text_in, whole_number_in
from syncapp.remotes.http.shared_redis import RELEASE, Away, shared_redis

logger = logging.getLogger("advosync.remote")

MARGIN_SECONDS = 60.0
MARGIN_SHARE = 0.1
LOCK_SECONDS = 60.0
POLL_SECONDS = 0.05
FAILURE_NOTE_SECONDS = 10.0


@dataclass(frozen=True)
class Token:
    """A bearer token and for how many seconds from now it may be used."""

    value: str = field(repr=False)
    lifetime: float


Fetch = Callable[[], Token]
T = TypeVar("T")


def token_in(
    body: Mapping[str, object], *, upper_bound: float, value: str = "access_token", expires_in: str = "expires_in"
) -> Token:
    """The token of an answer. value, expires_in: what it calls them; upper_bound: seconds that it counts at most."""
    token = text_in(body, value)
    if not token:
        raise WrongShape("no access_token")
    return Token(token, usable_lifetime(expires_in=whole_number_in(body, expires_in), upper_bound=upper_bound))


def usable_lifetime(*, expires_in: int | None, upper_bound: float) -> float:
    """Seconds for which a token counts: the shorter bound less a margin of a minute, at most a tenth of it."""
    granted = upper_bound if expires_in is None else min(float(expires_in), upper_bound)
    return max(granted - min(MARGIN_SECONDS, granted * MARGIN_SHARE), 1.0)


def with_token(token: Callable[[str | None], str], send: Callable[[str], T]) -> T:
    """What `send` makes with a token; on a 401 once more with a new one, which `token` gives for the refused.

    Of writes too, since a 401 proves that nothing was done.
    """
    first = token(None)
    try:
        return send(first)
    except AuthFailed as refusal:
        if refusal.status != 401:
            raise
    return send(token(first))


def bearing(request: Request, token: str) -> Request:
    return replace(request, headers={**request.headers, "Authorization": f"Bearer {token}"})


class MemoryTokenStore:
    """One token per key and process; its threads share one fetch."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: dict[str, tuple[str, float]] = {}

    def token(self, *, key: str, fetch: Fetch, refused: str | None = None) -> str:
        """The token for `key`, by `fetch` if there is none; never `refused`, the one that just met a 401."""
        with self._lock:
            return self._own(key, refused) or self._keep(key, fetch())

    def _own(self, key: str, refused: str | None) -> str | None:
        value, until = self._kept.get(key, ("", 0.0))
        return value if value and value != refused and time.monotonic() < until else None

    def _keep(self, key: str, token: Token) -> str:
        self._kept[key] = token.value, time.monotonic() + token.lifetime
        return token.value


class RedisTokenStore(MemoryTokenStore):
    """One token of a system for all processes that use the same Redis; per process while Redis is away."""

    def __init__(self, url: str, *, system: System) -> None:
        super().__init__()
        self._system = system
        self._redis: redis.Redis = shared_redis(url)
        self._here = threading.Lock()
        self._away = Away("token")
        self._failed_at = float("-inf")

    def token(self, *, key: str, fetch: Fetch, refused: str | None = None) -> str:
        came = time.monotonic()
        with self._here, self._away.noted():  # threads of one process queue up here instead of at Redis
            if not self._away:
                return self._shared(key, fetch, refused, came)
        return super().token(key=key, fetch=fetch, refused=refused)

    def _shared(self, key: str, fetch: Fetch, refused: str | None, came: float) -> str:
        name = f"{self._system}:token:{key}"
        # Redis comes first: the own one may be of yesterday, and its 401 must not be spent on what others know already.
        value = self._read(name, key, refused) or self._own(key, refused)
        return value or self._fetched(name, key, fetch, refused, came)

    def _fetched(self, name: str, key: str, fetch: Fetch, refused: str | None, came: float) -> str:
        # A failure of this very process, while it queued up, was not known when it came.
        known = None if self._failed_at > came else self._failure_of(name).get("owner")
        give_up = time.monotonic() + LOCK_SECONDS
        while time.monotonic() < give_up:
            if value := self._read(name, key, refused):
                return value
            self._raise_failure_since(name, known)
            owner = secrets.token_hex(16)
            if self._redis.set(f"{name}:lock", owner, nx=True, px=round(LOCK_SECONDS * 1000)):
                return self._fetch_as(owner, name, key, fetch, refused)
            time.sleep(POLL_SECONDS)
        raise Transient("another process is still asking for a token", system=self._system, operation="POST token")

    def _read(self, name: str, key: str, refused: str | None) -> str | None:
        """What Redis has. For how long it counts is asked only of one that this process does not know."""
        if (known := self._own(key, refused)) and self._redis.get(name) == known:
            return known
        pipeline = self._redis.pipeline()
        pipeline.get(name)
        pipeline.pttl(name)
        value, left = pipeline.execute()
        if not value or value == refused or left <= 0:
            return None
        return self._keep(key, Token(str(value), left / 1000))

    def _fetch_as(self, owner: str, name: str, key: str, fetch: Fetch, refused: str | None) -> str:
        try:
            # Somebody may have stored one between our look and our lock.
            return self._read(name, key, refused) or self._store(name, key, fetch())
        except RemoteError as error:
            self._note_failure(name, owner, error)
            raise
        finally:
            self._quietly(lambda: self._redis.eval(RELEASE, 1, f"{name}:lock", owner))

    def _store(self, name: str, key: str, token: Token) -> str:
        value = self._keep(key, token)
        self._quietly(lambda: self._redis.set(name, value, px=max(round(token.lifetime * 1000), 1)))
        return value

    def _note_failure(self, name: str, owner: str, error: RemoteError) -> None:
        self._failed_at = time.monotonic()
        note = json.dumps({"owner": owner, "kind": error.kind, "reason": error.reason, "hint": error.hint})
        self._quietly(lambda: self._redis.set(f"{name}:failed", note, px=round(FAILURE_NOTE_SECONDS * 1000)))

    def _raise_failure_since(self, name: str, known: str | None) -> None:
        """Those who came before a failure share it: twenty workers must not try a wrong password twenty times.

        `known` is whose failure was noted already when this caller came: that one was not the caller's own try.
        """
        note = self._failure_of(name)
        if not note or note["owner"] == known:
            return
        cls = _SHARED_FAILURES.get(note["kind"], Transient)
        raise cls(note["reason"], system=self._system, operation="POST token", hint=note["hint"])

    def _failure_of(self, name: str) -> Mapping[str, str]:
        """The last failure of somebody who fetched, for as long as it is noted."""
        found = self._redis.get(f"{name}:failed")
        return json.loads(str(found)) if found else {}

    def _quietly(self, action: Callable[[], object]) -> None:
        """A token that has been fetched counts, also if Redis goes away before it can be told."""
        try:
            action()
        except redis.RedisError as error:
            logger.warning("token not shared", extra={"redis_error": type(error).__name__})


_SHARED_FAILURES: Mapping[str, type[RemoteError]] = {
    AuthFailed.kind: AuthFailed,
    Misconfigured.kind: Misconfigured,
    Transient.kind: Transient,
}
