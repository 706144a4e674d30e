"""The Redis in which processes share what they know of a remote system: tokens, a quota, signs of life.

Invariant: nobody waits for it for long and nothing is tried twice; while it is away each process goes by itself.
To extend: whoever shares something more takes its client from here, and an `Away` beside it.
"""

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

logger = logging.getLogger("advosync.remote")

TIMEOUT = 1.0
PAUSE = 10.0


def shared_redis(url: str) -> redis.Redis:
    client: redis.Redis = redis.Redis.from_url(
        url,
        socket_timeout=TIMEOUT,
        socket_connect_timeout=TIMEOUT,
        retry=Retry(NoBackoff(), 0),
        decode_responses=True,
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
