"""The lock in Redis: keeps other workers from trying in vain. The lease in the database is what makes it safe.

Invariant: only the holder of the token renews or releases. Without Redis every call says yes: the lease serves alone.
A lock that could not be given back, since Redis was away just then, stands for nobody; the dispatcher drops it.
"""

import logging
import secrets
from collections.abc import Callable
from functools import cache

import redis
from django.conf import settings

from syncapp.remotes.http.shared_redis import RELEASE, shared_redis

log = logging.getLogger("advosync.locks")

# Whoever has a lock takes the lease in less; an older lock without a lease stands for nobody.
ORPHAN_SECONDS = 10
# Longer than a read, a write and a read take, each with its repeats.
BRIEF_SECONDS = 90
RENEW = "if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call('expire', KEYS[1], ARGV[2]) else return 0 end"


@cache
def connection(url: str) -> redis.Redis:
    """One connection pool a process, for locks and queues."""
    return shared_redis(url, repeats=1, texts=False)


def lock_name(key: str) -> str:
    """key: `LeasedRow.key`, the name of a row outside the database."""
    return f"sync_lock:{key}"


class RecordLock:
    """The lock of one row. `acquire` is False only if somebody else holds it."""

    def __init__(self, key: str) -> None:
        self.name = lock_name(key)
        self.token = secrets.token_hex(16)
        self.held = False
        self.seconds = int(settings.SYNC_LOCK_TTL_SECONDS)

    def acquire(self) -> bool:
        server = connection(settings.REDIS_URL)
        try:
            taken = server.set(self.name, self.token, nx=True, ex=self.seconds)
            # Refused to its own holder: the repeat of a command whose answer was lost.
            self.held = bool(taken) or server.get(self.name) == self.token.encode()
        except redis.RedisError:
            log.warning("redis_away", extra={"step": "lock"})
            # A late answer is not a refusal: the lock may be there, and has to be given back like any other.
            self.held = True
            return True
        return self.held

    def renew(self) -> None:
        self._run(RENEW, self.seconds)

    def release(self) -> None:
        self._run(RELEASE)
        self.held = False

    def _run(self, script: str, *arguments: int) -> None:
        if not self.held:
            return
        try:
            connection(settings.REDIS_URL).eval(script, 1, self.name, self.token, *arguments)
        except redis.RedisError:
            log.warning("redis_away", extra={"step": "lock"})


class BriefLock(RecordLock):
    """Around single calls about something that has no lease. It ends by itself, and the dispatcher leaves it alone."""

    def __init__(self, key: str) -> None:
        super().__init__(key)
        self.name, self.seconds = f"brief_lock:{key}", BRIEF_SECONDS


def seconds_left(key: str) -> int | None:
    """How long the lock of a row still holds, None where there is none or Redis is away."""
    try:
        left = int(connection(settings.REDIS_URL).ttl(lock_name(key)))
    except redis.RedisError:
        return None
    return left if left > 0 else None


def names() -> list[str]:
    """Keys of all rows that are locked; none without Redis. For pages and for `drop_orphans`."""
    prefix = lock_name("")
    try:
        keys = list(connection(settings.REDIS_URL).scan_iter(match=f"{prefix}*", count=1000))
    except redis.RedisError:
        return []
    return sorted(key.decode().removeprefix(prefix) for key in keys)


def drop_orphans(leased: Callable[[], set[str]]) -> int:
    """Remove the locks that no lease stands behind: their rows need not wait until they run out. How many.

    leased: the keys of all rows with a lease; asked after the locks have been looked at, never before.
    """
    server = connection(settings.REDIS_URL)
    try:
        tokens = {key: server.get(lock_name(key)) for key in names() if _is_old(key)}
        orphans = tokens.keys() - leased() if tokens else set()
        return sum(int(server.eval(RELEASE, 1, lock_name(one), tokens[one] or "")) for one in orphans)
    except redis.RedisError:
        log.warning("redis_away", extra={"step": "lock"})
        return 0


def _is_old(key: str) -> bool:
    """Not renewed for a while; a lock that has just gone is none."""
    left = seconds_left(key)
    return left is not None and left <= settings.SYNC_LOCK_TTL_SECONDS - ORPHAN_SECONDS


def remove(key: str) -> None:
    """Take the lock away whoever holds it: on a person's order, or from a dead process. The lease stops the holder."""
    try:
        connection(settings.REDIS_URL).delete(lock_name(key))
    except redis.RedisError:
        log.warning("redis_away", extra={"step": "lock"})
