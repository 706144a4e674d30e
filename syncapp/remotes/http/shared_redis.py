"""The Redis that processes share: jobs, locks, and what they know of a remote system (tokens, a quota, signs of life).

Invariant: nobody waits for it for long; a silence is waited for once by a process, whatever else it has to ask; while
it is away each process goes by itself. To extend: whoever shares something more takes its client from here, and, where
the process keeps it by itself meanwhile, an `Away` beside it.
"""

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

logger = logging.getLogger("advosync.remote")

# Gives a lock back if it is still ours: somebody else may hold it by now. KEYS: the lock; ARGV: its owner's token.
RELEASE = "if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call('del', KEYS[1]) else return 0 end"
TIMEOUT = 1.0
PAUSE = 10.0
# So long is a Redis that was silent taken to be: a page asks it several things, and each would wait.
SILENT_SECONDS = 5.0
_silent_until: dict[str, float] = {}


class Patience(Retry):
    """Repeats at once, and fails at once while this process remembers that Redis was silent.

    Silent is who has not answered the repeat either; who refuses to be called costs no time, and is asked each time.
    """

    def __init__(self, url: str, repeats: int) -> None:
        super().__init__(NoBackoff(), repeats)
        self._url = url

    def call_with_retry(self, *args: Any, **options: Any) -> Any:
        if time.monotonic() < _silent_until.get(self._url, 0.0):
            raise redis.TimeoutError("Redis was silent just now")
        try:
            return super().call_with_retry(*args, **options)
        except redis.TimeoutError:
            if self.get_retries():
                _silent_until[self._url] = time.monotonic() + SILENT_SECONDS
            raise


def shared_redis(url: str, *, repeats: int = 0, texts: bool = True) -> redis.Redis:
    """repeats: one where a connection that died while it was idle must cost nothing. texts: answers as str."""
    client: redis.Redis = redis.Redis.from_url(
        url,
        socket_timeout=TIMEOUT,
        socket_connect_timeout=TIMEOUT,
        retry=Patience(url, repeats),
        decode_responses=texts,
    )
    return client


class Away:
    """Whether Redis has just not answered, and is left alone for a while.

    name: what each process keeps by itself meanwhile.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self._until = 0.0

    def __bool__(self) -> bool:
        return time.monotonic() < self._until

    @contextmanager
    def noted(self) -> Iterator[None]:
        """Ends what Redis does not answer, and goes on after it."""
        try:
            yield
        except redis.RedisError as error:
            self._until = time.monotonic() + PAUSE
            shown = {"step": self.name, "redis_error": type(error).__name__}
            logger.warning("redis_away", extra=shown)
