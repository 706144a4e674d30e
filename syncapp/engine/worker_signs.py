"""Signs of life of the workers, in Redis: who is at work, by signs that end by themselves.

RQ keeps a worker on its list for as long as its job may last, and never puts back one that a flush has taken off.
Who serves which queue is told here, who holds leases in rows/process_signs.py.
Invariant: whoever is counted has shown life within LIVES_FOR seconds, by Redis's own clock; a flush costs one beat.
"""

from collections import Counter
from functools import lru_cache

import redis
from rq import Worker
from rq.worker import BaseWorker

BEAT_SECONDS = 10
LIVES_FOR = 45


def sign_of(worker_name: str) -> str:
    return f"advosync:worker:{worker_name}"


def living(connection: redis.Redis) -> Counter[str]:
    """{queue: how many workers serve it}. Raises RedisError where Redis is away."""
    return Counter(name for worker, alive in known(connection) if alive for name in worker.queue_names())


def known(connection: redis.Redis) -> list[tuple[BaseWorker, bool]]:
    """Everybody on RQ's list, each with whether there is a sign of life. Raises RedisError where Redis is away.

    A sign with longer to live than any beat gives it was left before Redis's clock was set back, and proves nothing.
    """
    workers = Worker.all(connection=_apart(connection))
    with connection.pipeline(transaction=False) as pipeline:
        for worker in workers:
            pipeline.ttl(sign_of(worker.name))
        left = pipeline.execute() if workers else []
    return [(worker, 0 <= seconds <= LIVES_FOR) for worker, seconds in zip(workers, left, strict=True)]


@lru_cache(maxsize=8)
def _client_of(connection: redis.Redis) -> redis.Redis:
    pool = connection.connection_pool
    return redis.Redis(
        connection_pool=redis.ConnectionPool(connection_class=pool.connection_class, **pool.connection_kwargs)
    )


def _apart(connection: redis.Redis) -> redis.Redis:
    """The same Redis for RQ alone, which lets every new connection of a pool that it is given wait as long as a worker
    waits for a job: minutes, in a page or an enqueueing. Each look begins with the time-out of the one that is given.
    """
    client, name = _client_of(connection), "socket_timeout"
    client.connection_pool.connection_kwargs[name] = connection.connection_pool.connection_kwargs.get(name)
    return client
