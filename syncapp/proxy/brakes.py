"""How often: token buckets in Redis, shared by all processes, or in this process while Redis is away.

Invariant: the rule is core/proxy/rate.py; the script says the same in Redis' words (a test compares them), with Redis'
own clock, for all buckets of a question in one round trip: either each gives one, or none does. Redis away never means
that all doors are open.
"""

import logging
import threading
import time
from collections import OrderedDict
from collections.abc import Mapping
from functools import cache

import redis
from django.conf import settings

from syncapp.core.proxy.rate import Bucket, Limit, take
from syncapp.remotes.http.shared_redis import shared_redis

log = logging.getLogger("advosync.proxy")

PAUSE = 10.0
MOST_BUCKETS = 10_000
SCRIPT = """
local now = redis.call('TIME')
local at = now[1] + now[2] / 1000000
local wait, kept = 0, {}
for i, name in ipairs(KEYS) do
  local minute, burst = tonumber(ARGV[2 * i - 1]), tonumber(ARGV[2 * i])
  local row = redis.call('HMGET', name, 'left', 'at')
  local left, since = tonumber(row[1]) or burst, tonumber(row[2]) or at
  left = math.min(left + math.max(at - since, 0) * minute / 60, burst)
  kept[i] = {left, math.max(at, since), math.ceil(burst * 60 / minute) + 1}
  if left < 1 then wait = math.max(wait, (1 - left) * 60 / minute) end
end
for i, name in ipairs(KEYS) do
  local left = kept[i][1]
  if wait == 0 then left = left - 1 end
  redis.call('HSET', name, 'left', left, 'at', kept[i][2])
  redis.call('EXPIRE', name, kept[i][3])
end
return tostring(wait)
"""


class ProcessBuckets:
    """The same in this process: for as long as Redis is away."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._buckets: OrderedDict[str, Bucket] = OrderedDict()

    def take(self, limits: Mapping[str, Limit], *, now: float) -> float:
        with self._lock:
            tried = {name: take(self._buckets.get(name), limit=limit, now=now) for name, limit in limits.items()}
            wait = max(seconds for _bucket, seconds in tried.values())
            for name, (bucket, seconds) in tried.items():
                # Where another bucket refuses, what this one has just given goes back.
                back = 1 if wait and not seconds else 0
                self._buckets[name] = Bucket(bucket.left + back, bucket.at)
                self._buckets.move_to_end(name)
            while len(self._buckets) > MOST_BUCKETS:
                self._buckets.popitem(last=False)
            return wait

    def forget(self) -> None:
        with self._lock:
            self._buckets.clear()


class _Redis:
    """The connection of this process, left alone for a while after it failed."""

    def __init__(self, url: str) -> None:
        self.server = shared_redis(url, repeats=1)
        self.script = self.server.register_script(SCRIPT)
        self.away_until = 0.0


HERE = ProcessBuckets()


@cache
def _redis(url: str) -> _Redis:
    return _Redis(url)


def wait_for(limits: Mapping[str, Limit]) -> float:
    """Seconds until one more is allowed by all of these buckets; 0: it is allowed, and counted."""
    shared = _redis(settings.REDIS_URL)
    if time.monotonic() >= shared.away_until:
        try:
            keys = [f"proxy:bucket:{name}" for name in limits]
            numbers = [number for limit in limits.values() for number in (limit.per_minute, limit.burst)]
            return float(shared.script(keys=keys, args=numbers))
        except redis.RedisError as error:
            shared.away_until = time.monotonic() + PAUSE
            log.warning("proxy_rate_per_process", extra={"redis_error": type(error).__name__})
    return HERE.take(limits, now=time.monotonic())


def forget() -> None:
    """Builds the connection anew, and empties the buckets of this process."""
    _redis.cache_clear()
    HERE.forget()
