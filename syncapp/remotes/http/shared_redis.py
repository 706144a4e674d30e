"""The Redis in which processes share what they know of a remote system: tokens, a quota, signs of life.

Invariant: nobody waits for it for long and nothing is tried twice; while it is away each process goes by itself.
To extend: whoever shares something more takes its client from here.
"""

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

TIMEOUT = 1.0


def shared_redis(url: str) -> redis.Redis:
    client: redis.Redis = redis.Redis.from_url(
        url,
        socket_timeout=TIMEOUT,
        socket_connect_timeout=TIMEOUT,
        retry=Retry(NoBackoff(), 0),
        decode_responses=True,
    )
    return client
