"""Google's quota, kept by all processes together: when the next request of an acting account may leave.

Google counts 600 requests a minute in a sliding window. Here each request reserves its moment. The latest MINUTE_HOLDS
moments are remembered, and none comes nearer than a minute to the one so many before it. Who has been quiet may hurry:
a round over all calendars comes at once, as long as the minute holds no more than AT_ONCE; whoever asks for more, such
as a first load, goes at an even pace and leaves room for others.

Invariants. No window of a minute ever holds more than MINUTE_HOLDS moments, which is a little less than Google allows,
since a request may be late; a long run makes MINUTE_HOLDS a minute. Moments are reserved in Redis by its own clock, in
one script; no clocks of ours are compared. Nobody waits for longer than PATIENCE: then it is a Transient with that
time, and nothing was reserved. With Redis away each process keeps its own count at a tenth of the rate. What Google
says itself (403, 429) pushes the next moment back for all, and nobody hurries for a minute.
To extend: another limit is another Pace.
"""

import hashlib
import math
import threading
import time
from collections import deque
from dataclasses import dataclass

import redis

from syncapp.core.systems import System
from syncapp.remotes.http.errors import Transient
from syncapp.remotes.http.shared_redis import Away, shared_redis

MINUTE = 60.0
MINUTE_HOLDS = 580  # of the 600 that Google allows
AT_ONCE = 200
PATIENCE = 60.0
SLOWED_SECONDS = 5.0
LONGEST_SLOWED = 300.0
ALONE = 10  # a process by itself has one of so many parts

# KEYS: the moments, oldest first; until when nobody goes, kept for a minute longer. ARGV: the window in seconds, how
# many it holds, how many of them at once, patience. Answers the seconds to wait, as text; one that is longer than the
# patience reserves nothing. ARGV[5]: the longest pause; what lies further off is of the time before Redis's clock was
# set back.
_RESERVE = """
local t = redis.call('TIME')
local now = t[1] + t[2] / 1000000
local window, holds, at_once, patience = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
local longest = tonumber(ARGV[5])
local function moment(place) return tonumber(redis.call('LINDEX', KEYS[1], place) or '0') end
if moment(-1) - now > longest then redis.call('DEL', KEYS[1]) end
local slowed = tonumber(redis.call('GET', KEYS[2]) or '0')
if slowed - now > longest then slowed = 0 end
local at = math.max(now, slowed, moment(-1), moment(-holds) + window)
if slowed > 0 or moment(-at_once) + window > at then at = math.max(at, moment(-1) + window / holds) end
if at - now > patience then return tostring(at - now) end
redis.call('RPUSH', KEYS[1], string.format('%.6f', at))
redis.call('LTRIM', KEYS[1], -holds, -1)
redis.call('PEXPIRE', KEYS[1], math.ceil((at - now + window) * 1000))
return tostring(at - now)
"""
# Nobody else goes before ARGV[1] seconds from now, and without hurry for ARGV[2] seconds more. ARGV[3]: longer than
# any pause, unless the clock was set back.
_SLOW = """
local t = redis.call('TIME')
local until_then = t[1] + t[2] / 1000000 + tonumber(ARGV[1])
local before = tonumber(redis.call('GET', KEYS[1]) or '0')
if until_then > before or before - t[1] > tonumber(ARGV[3]) then
  redis.call('SET', KEYS[1], string.format('%.6f', until_then), 'PX', math.ceil((ARGV[1] + ARGV[2]) * 1000))
end
"""


@dataclass(frozen=True, slots=True)
class Pace:
    """How many requests `window` seconds hold, and how many of them may come at once."""

    window: float = MINUTE
    holds: int = MINUTE_HOLDS
    at_once: int = AT_ONCE

    @property
    def alone(self) -> "Pace":
        """Of a process that knows nothing of the others."""
        return Pace(self.window, max(1, self.holds // ALONE), 1)


GOOGLES = Pace()


@dataclass(slots=True)
class _Account:
    moments: deque[float]
    slowed: float = -math.inf


class MemoryQuota:
    """Of this process alone."""

    def __init__(self, pace: Pace = GOOGLES) -> None:
        self._pace = pace
        self._lock = threading.Lock()
        self._accounts: dict[str, _Account] = {}

    def take(self, account: str) -> None:
        """Returns when a request may leave; Transient where that is too far off."""
        with self._lock:
            now, of = time.monotonic(), self._account(account)
            at = self._next(of, now)
            if at - now <= PATIENCE:
                of.moments.append(at)
        _wait(at - now)

    def slow(self, account: str, seconds: float | None) -> None:
        """Google asked for a pause, of so many seconds if it said."""
        with self._lock:
            of = self._account(account)
            of.slowed = max(of.slowed, time.monotonic() + _pause(seconds))

    def _account(self, account: str) -> _Account:
        return self._accounts.setdefault(account, _Account(deque(maxlen=self._pace.holds)))

    def _next(self, of: _Account, now: float) -> float:
        """As `_RESERVE` has it."""
        pace, moments = self._pace, of.moments
        at = max(now, of.slowed, moments[-1] if moments else now)
        if len(moments) == pace.holds:
            at = max(at, moments[0] + pace.window)
        hurried = len(moments) >= pace.at_once and moments[-pace.at_once] + pace.window > at
        if moments and (hurried or of.slowed + pace.window > now):
            at = max(at, moments[-1] + pace.window / pace.holds)
        return at


class RedisQuota(MemoryQuota):
    """Of all processes that use the same Redis; of each by itself, and much slower, while Redis is away."""

    def __init__(self, url: str, pace: Pace = GOOGLES) -> None:
        super().__init__(pace.alone)
        self._redis: redis.Redis = shared_redis(url)
        self._of_all = pace
        self._away = Away("quota")

    def take(self, account: str) -> None:
        if not self._away:
            with self._away.noted():
                pace = self._of_all
                numbers = (pace.window, pace.holds, pace.at_once, PATIENCE, LONGEST_SLOWED)
                return _wait(float(str(self._redis.eval(_RESERVE, 2, *_names(account), *numbers))))
        return super().take(account)

    def slow(self, account: str, seconds: float | None) -> None:
        super().slow(account, seconds)
        if not self._away:
            with self._away.noted():
                self._redis.eval(_SLOW, 1, _names(account)[1], _pause(seconds), self._of_all.window, LONGEST_SLOWED + 1)


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


def _names(account: str) -> tuple[str, str]:
    """Of the moments, and of the pause that Google has asked for."""
    name = f"google_calendar:quota:{hashlib.sha256(account.encode()).hexdigest()[:32]}"
    return name, f"{name}:slowed"
