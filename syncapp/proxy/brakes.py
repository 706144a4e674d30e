"""How often: token buckets in Redis, shared by all processes, or in this process while Redis is away.

Invariant: the rule is core/proxy/rate.py; the script says the same in Redis' words (a test compares them), with Redis'
own clock, for all buckets of a question in one round trip: either each gives one, or none does. Redis away never means
that all doors are open.
"""

import threading
import time
from collections import OrderedDict
from collections.abc import Mapping
from functools import cache

from django.conf import settings
from redis.commands.core import Script

from syncapp.core.proxy.rate import Bucket, take
from syncapp.remotes.http.shared_redis import Away, shared_redis

MOST_BUCKETS = 10_000
SCRIPT = """
local now = redis.call('TIME')
local at = now[1] + now[2] / 1000000
local wait, kept = 0, {}
for i, name in ipairs(KEYS) do
  local minute = tonumber(ARGV[i])
  local row = redis.call('HMGET', name, 'left', 'at')
  local left, since = tonumber(row[1]) or minute, tonumber(row[2]) or at
  left = math.min(left + math.max(at - since, 0) * minute / 60, minute)
  kept[i] = {left, math.max(at, since)}
  if left < 1 then wait = math.max(wait, (1 - left) * 60 / minute) end
end
for i, name in ipairs(KEYS) do
  local left = kept[i][1]
  if wait == 0 then left = left - 1 end
  redis.call('HSET', name, 'left', left, 'at', kept[i][2])
  redis.call('EXPIRE', name, 61)
end
return tostring(wait)
"""


class ProcessBuckets:
    """The same in this process: for as long as Redis is away."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._buckets: OrderedDict[str, Bucket] = OrderedDict()

    def take(self, limits: Mapping[str, float], *, now: float) -> float:
        with self._lock:
            tried = {name: take(self._buckets.get(name), per_minute=limit, now=now) for name, limit in limits.items()}
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


HERE = ProcessBuckets()


@cache
def _shared(url: str) -> tuple[Script, Away]:
    return shared_redis(url, repeats=1).register_script(SCRIPT), Away("rates of the proxy")


def wait_for(limits: Mapping[str, float]) -> float:
    """Seconds until one more is allowed by all of these buckets; 0: it is allowed, and counted. limits: calls a minute,
    by the bucket's name."""
    script, away = _shared(settings.REDIS_URL)
    if not away:
        with away.noted():
            keys = [f"proxy:bucket:{name}" for name in limits]
            return float(script(keys=keys, args=list(limits.values())))
    return HERE.take(limits, now=time.monotonic())


def forget() -> None:
    """Builds the connection anew, and empties the buckets of this process."""
    _shared.cache_clear()
    HERE.forget()
