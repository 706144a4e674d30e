"""Memory and disk while it runs: a look every few seconds, and what has become of it at the end.

Flat means: a kind of process needs in the last third what it needed in the first one. Rolling restarts would hide a
leak from that, so the slope within the longest life of one process is told beside it.
"""

import statistics
import time
from collections import defaultdict
from dataclasses import dataclass, field

import psutil

from tests.soak.ground import Ground, forget_connections

MB = 1024 * 1024
WARM_SECONDS = 90.0
# What a process may need more, of itself and on top: caches fill, and memory is given back late.
GROWS, SLACK_MB = 1.15, 12.0


@dataclass(frozen=True)
class Flatness:
    """MB of one kind of process: at the beginning, at the end, and how much more an hour within its longest life."""

    role: str
    first: float
    last: float
    an_hour: float
    lives: int

    @property
    def is_flat(self) -> bool:
        return self.last <= self.first * GROWS + SLACK_MB


@dataclass
class Watch:
    ground: Ground
    begun: float = field(default_factory=time.monotonic)
    # role -> (pid, since begun, MB)
    looks: dict[str, list[tuple[int, float, float]]] = field(default_factory=lambda: defaultdict(list))
    disk: list[tuple[float, float, float, float]] = field(default_factory=list)  # since, database, Redis, logs in MB

    def measure(self) -> None:
        since = time.monotonic() - self.begun
        for role, those in self.ground.processes().items():
            sizes = []
            for process in those:
                try:
                    sizes.append((process.memory_info().rss / MB, process.pid))
                except psutil.Error:
                    continue
            if sizes:
                largest, pid = max(sizes)
                self.looks[role].append((pid, since, largest))
        try:
            self.disk.append((since, database_mb(), redis_mb(self.ground), self.ground.log.stat().st_size / MB))
        except Exception:
            forget_connections()

    def flatness(self) -> list[Flatness]:
        return [self._of(role, looks) for role, looks in sorted(self.looks.items()) if len(looks) > 6]

    def _of(self, role: str, looks: list[tuple[int, float, float]]) -> Flatness:
        lives: dict[int, list[tuple[float, float]]] = defaultdict(list)
        for pid, since, size in looks:
            lives[pid].append((since, size))
        warm = [
            (since, size) for life in lives.values() for since, size in life if since - life[0][0] >= WARM_SECONDS
        ] or [(since, size) for _pid, since, size in looks]
        warm.sort()
        third = max(1, len(warm) // 3)
        first, last = (statistics.median(size for _since, size in part) for part in (warm[:third], warm[-third:]))
        longest = max(lives.values(), key=lambda life: life[-1][0] - life[0][0])
        return Flatness(
            role, first, last, slope([one for one in longest if one[0] - longest[0][0] >= WARM_SECONDS]), len(lives)
        )


def slope(points: list[tuple[float, float]]) -> float:
    """MB an hour, by least squares."""
    if len({since for since, _size in points}) < 3:
        return 0.0
    return statistics.linear_regression(*zip(*points, strict=True)).slope * 3600


def database_mb() -> float:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_database_size(current_database())")
        return float(cursor.fetchone()[0]) / MB


def redis_mb(ground: Ground) -> float:
    with ground.redis.client() as client:
        return float(client.info("memory")["used_memory"]) / MB


def redis_keys(ground: Ground) -> dict[str, int]:
    """{first parts of the names: how many of them stay for ever}; what has an end is none of it."""
    found: dict[str, int] = defaultdict(int)
    with ground.redis.client() as client:
        for name in client.scan_iter(count=1000):
            if client.ttl(name) == -1:
                found[":".join(name.decode(errors="replace").split(":")[:2])] += 1
    return dict(found)


def compact() -> float:
    """What the database needs when nothing in it is waste."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("VACUUM FULL")
    return database_mb()
