"""Google's quota, kept by all processes together: when the next request of an acting account may leave.

Google counts 600 requests a minute in a sliding window. Here each request reserves its moment: RATE a second, BURST at
once, so that no window of a minute ever holds more than BURST + 60 x RATE = 600, and a long run makes 576 a minute.

Invariants. Moments are reserved in Redis by its own clock, in one script; no clocks of ours are compared. Nobody waits
for longer than PATIENCE: then it is a Transient with that time, and nothing was reserved. With Redis away each process
keeps its own count at a tenth of the rate. What Google says itself (403, 429) pushes the next moment back for all.
To extend: another limit is another Quota.
"""

from __future__ import annotations

import hashlib
import logging
import threading
import time
from typing import Protocol

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from syncapp.core.systems import System
from syncapp.remotes.http.errors import Transient

logger = logging.getLogger("advosync.remote")

RATE = 9.6
BURST = 24
PATIENCE = 60.0
SLOWED_SECONDS = 5.0
LONGEST_SLOWED = 300.0
REDIS_TIMEOUT = 1.0
REDIS_PAUSE = 10.0
ALONE_RATE = RATE / 10

# KEYS[1]: the moment up to which the account's requests are spoken for. ARGV: seconds of one request, burst, patience.
# Answers the seconds to wait, as text; one that is longer than the patience reserves nothing.
_RESERVE = """
local t = redis.call('TIME')
local now = t[1] + t[2] / 1000000
local step, burst, patience = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local spoken = math.max(tonumber(redis.call('GET', KEYS[1]) or '0'), now)
local wait = spoken - now - (burst - 1) * step
if wait > patience then return tostring(wait) end
redis.call('SET', KEYS[1], string.format('%.6f', spoken + step), 'PX', math.ceil((spoken + step - now) * 1000) + 1000)
return tostring(math.max(wait, 0))
"""
# Nobody else goes before ARGV[1] seconds from now, and then without a burst.
_SLOW = """
local t = redis.call('TIME')
local now = t[1] + t[2] / 1000000
local until_then = now + tonumber(ARGV[1]) + tonumber(ARGV[2])
local spoken = math.max(tonumber(redis.call('GET', KEYS[1]) or '0'), until_then)
redis.call('SET', KEYS[1], string.format('%.6f', spoken), 'PX', math.ceil((spoken - now) * 1000) + 1000)
"""


class Quota(Protocol):
    def take(self, account: str) -> None:
        """Returns when a request may leave; Transient where that is too far off."""
        ...

    def slow(self, account: str, seconds: float | None) -> None:
        """Google asked for a pause, of so many seconds if it said."""
        ...


class MemoryQuota:
    """Of this process alone, at `rate` requests a second."""

    def __init__(self, *, rate: float = RATE, burst: int = BURST) -> None:
        self._step = 1 / rate
        self._ahead = (burst - 1) * self._step
        self._lock = threading.Lock()
        self._spoken: dict[str, float] = {}

    def take(self, account: str) -> None:
        with self._lock:
            now = time.monotonic()
            spoken = max(self._spoken.get(account, 0.0), now)
            wait = spoken - now - self._ahead
            if wait <= PATIENCE:
                self._spoken[account] = spoken + self._step
        _wait(wait)

    def slow(self, account: str, seconds: float | None) -> None:
        with self._lock:
            until = time.monotonic() + _pause(seconds) + self._ahead
            self._spoken[account] = max(self._spoken.get(account, 0.0), until)


class RedisQuota:
    """Of all processes that use the same Redis; of each by itself, and much slower, while Redis is away."""

    def __init__(self, url: str, *, rate: float = RATE, burst: int = BURST) -> None:
        self._redis: redis.Redis = redis.Redis.from_url(
            url,
            socket_timeout=REDIS_TIMEOUT,
            socket_connect_timeout=REDIS_TIMEOUT,
            retry=Retry(NoBackoff(), 0),
            decode_responses=True,
        )
        self._step, self._burst = 1 / rate, burst
        self._alone = MemoryQuota(rate=ALONE_RATE, burst=1)
        self._away_until = 0.0

    def take(self, account: str) -> None:
        if time.monotonic() >= self._away_until:
            try:
                wait = float(str(self._redis.eval(_RESERVE, 1, _name(account), self._step, self._burst, PATIENCE)))
            except redis.RedisError as error:
                self._note_away(error)
            else:
                return _wait(wait)
        return self._alone.take(account)

    def slow(self, account: str, seconds: float | None) -> None:
        self._alone.slow(account, seconds)
        if time.monotonic() < self._away_until:
            return
        try:
            self._redis.eval(_SLOW, 1, _name(account), _pause(seconds), (self._burst - 1) * self._step)
        except redis.RedisError as error:
            self._note_away(error)

    def _note_away(self, error: redis.RedisError) -> None:
        self._away_until = time.monotonic() + REDIS_PAUSE
        logger.warning("quota kept per process: Redis is away", extra={"redis_error": type(error).__name__})


def _wait(seconds: float) -> None:
    if seconds > PATIENCE:
        raise Transient(
            "Google's quota is used up for now",
            retry_after=seconds,
            system=System.GOOGLE_CALENDAR,
            operation="quota",
        )
    if seconds > 0:
        time.sleep(seconds)


def _pause(seconds: float | None) -> float:
    return min(SLOWED_SECONDS if seconds is None else seconds, LONGEST_SLOWED)


def _name(account: str) -> str:
    return f"google_calendar:quota:{hashlib.sha256(account.encode()).hexdigest()[:32]}"
