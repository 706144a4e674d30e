"""Whether Advoware has answered properly just now, in any process: what has to be known before a POST is sent.

A create that is lost on its way leaves a record in doubt, which a person has to settle. So in an outage it is a GET
that has to find out, not a POST.

Invariant: a sign counts for SECONDS at most, and a failure of the system, seen by any process, ends it at once. No
clock is compared: the time runs in Redis, or in this process while Redis is away. Lost with Redis it costs one GET.
To extend: another place to keep it is built on `MemorySignOfLife`.
"""

import time

import redis

from syncapp.remotes.http.shared_redis import Away, shared_redis

SECONDS = 10.0
# Told again only after a while: a first load answers many times a second.
TOLD_EVERY = 1.0


class MemorySignOfLife:
    """Of this process alone. key: which system is meant."""

    def __init__(self) -> None:
        self._until: dict[str, float] = {}

    def seen(self, key: str) -> bool:
        """Whether it has answered properly within SECONDS, and not failed since."""
        return time.monotonic() < self._until.get(key, 0.0)

    def answered(self, key: str) -> None:
        self._until[key] = time.monotonic() + SECONDS

    def failed(self, key: str) -> None:
        self._until.pop(key, None)


class RedisSignOfLife(MemorySignOfLife):
    """Of all processes that use the same Redis; of each by itself while Redis is away."""

    def __init__(self, url: str) -> None:
        super().__init__()
        self._redis: redis.Redis = shared_redis(url)
        self._told: dict[str, float] = {}
        self._away = Away("sign of life")

    def seen(self, key: str) -> bool:
        if not self._away:
            with self._away.noted():
                return self._shared(key)
        return super().seen(key)

    def _shared(self, key: str) -> bool:
        found = bool(self._redis.exists(_name(key)))
        if not found:
            self._told.pop(key, None)  # the next answer is news
        return found

    def answered(self, key: str) -> None:
        super().answered(key)
        now = time.monotonic()
        if self._away or now < self._told.get(key, 0.0) + TOLD_EVERY:
            return
        with self._away.noted():
            self._redis.set(_name(key), 1, px=round(SECONDS * 1000))
            self._told[key] = now

    def failed(self, key: str) -> None:
        super().failed(key)
        self._told.pop(key, None)
        if not self._away:
            with self._away.noted():
                self._redis.delete(_name(key))


def _name(key: str) -> str:
    return f"advoware:alive:{key}"
