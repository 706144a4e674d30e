"""The token bucket: so many calls a minute, and as many at once after a rest of one. Held in Redis by the same rule
(proxy/brakes.py), or per process.

Invariant: over any stretch of time no more is let through than what the bucket held plus what flowed in meanwhile; a
clock that goes back gives nothing.
"""

import math
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Bucket:
    """What is left, and when that was reckoned (seconds on any one clock)."""

    left: float
    at: float


def take(bucket: Bucket | None, *, per_minute: float, now: float) -> tuple[Bucket, float]:
    """The bucket afterwards, and for how many seconds to wait: 0 means that one was taken."""
    full = Bucket(per_minute, now) if bucket is None else bucket
    flowed = max(now - full.at, 0.0) * per_minute / 60
    left, at = min(full.left + flowed, per_minute), max(now, full.at)
    if left >= 1:
        return Bucket(left - 1, at), 0.0
    return Bucket(left, at), (1 - left) * 60 / per_minute


def whole_seconds(wait: float) -> int:
    """As Retry-After says it: never 0, which would mean at once."""
    return max(math.ceil(wait), 1)
