"""Google's quota over processes: one rate for all, no window over it, and what becomes of it without Redis."""

import subprocess
import sys
import time
from itertools import pairwise

import pytest
import redis
from hypothesis import given
from hypothesis import strategies as st

from advosync_project.embedded_redis import free_port
from syncapp.remotes.google_calendar import quota
from syncapp.remotes.google_calendar.quota import GOOGLES, MINUTE, MemoryQuota, Pace, RedisQuota
from syncapp.remotes.http.errors import Transient

ACCOUNT = "kalender@kanzlei.example"
ALLOWED = 600


class Clock:
    """Time that passes only where somebody waits for it."""

    def __init__(self) -> None:
        self.now = 1000.0

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    found = Clock()
    monkeypatch.setattr(quota, "time", found)
    return found


def fullest(moments: list[float], window: float) -> int:
    """How many the fullest window holds."""
    found = first = 0
    for number, moment in enumerate(moments):
        while moments[first] <= moment - window:
            first += 1
        found = max(found, number - first + 1)
    return found


class TestPace:
    """What `MemoryQuota` and the script in Redis both do."""

    @given(
        pauses=st.lists(st.sampled_from([0.0, 0.0, 0.0, 0.01, 0.3, 5.0, 70.0]), max_size=60), each=st.integers(1, 90)
    )
    def test_no_minute_ever_holds_more_than_google_allows(self, pauses: list[float], each: int) -> None:
        """Whatever window is looked at, whoever comes when, after pauses too."""
        clock = Clock()
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(quota, "time", clock)
            taker, moments = MemoryQuota(), []
            for pause in pauses:
                clock.now += pause
                for _ in range(each):
                    taker.take(ACCOUNT)
                    moments.append(clock.now)
        assert fullest(moments, MINUTE) <= GOOGLES.holds < ALLOWED

    def test_a_first_load_uses_what_there_is(self, clock: Clock) -> None:
        taker, begun = MemoryQuota(), clock.now
        for _ in range(5001):
            taker.take(ACCOUNT)
        assert 5000 / (clock.now - begun) * MINUTE >= 0.95 * ALLOWED

    def test_a_round_over_a_hundred_calendars_waits_for_nothing(self, clock: Clock) -> None:
        """Two lists' worth, every quarter of an hour."""
        taker = MemoryQuota()
        for _ in range(4):
            begun = clock.now
            for _ in range(200):
                taker.take(ACCOUNT)
            assert clock.now == begun
            clock.now += 900

    def test_who_goes_on_leaves_room_between_two_requests(self, clock: Clock) -> None:
        taker = MemoryQuota()
        for _ in range(2000):
            taker.take(ACCOUNT)
        moments = []
        for _ in range(600):
            taker.take(ACCOUNT)
            moments.append(clock.now)
        gaps = [later - earlier for earlier, later in pairwise(moments)]
        assert max(gaps) < 3 * MINUTE / GOOGLES.holds

    def test_after_a_pause_nobody_hurries(self, clock: Clock) -> None:
        taker, begun = MemoryQuota(), clock.now
        taker.take(ACCOUNT)
        taker.slow(ACCOUNT, 10)
        for _ in range(10):
            taker.take(ACCOUNT)
        assert clock.now - begun >= 10 + 9 * MINUTE / GOOGLES.holds - 1e-6
        clock.now += 2 * MINUTE
        begun = clock.now
        for _ in range(10):
            taker.take(ACCOUNT)
        assert clock.now == begun


@pytest.fixture
def shared(redis_url: str, redis_client: "redis.Redis[bytes]") -> RedisQuota:
    """Fifty a second, five of them at once."""
    return RedisQuota(redis_url, Pace(window=1, holds=50, at_once=5))


def seconds_for(taker: MemoryQuota | RedisQuota, count: int, account: str = ACCOUNT) -> float:
    started = time.monotonic()
    for _ in range(count):
        taker.take(account)
    return time.monotonic() - started


@pytest.fixture
def slow(redis_url: str, redis_client: "redis.Redis[bytes]") -> RedisQuota:
    """One a second: who waits for it, waits for longer than a busy machine makes anybody wait."""
    return RedisQuota(redis_url, Pace(window=60, holds=60, at_once=5))


def test_a_burst_does_not_wait(slow: RedisQuota) -> None:
    assert seconds_for(slow, 5) < 3


def test_after_a_burst_the_rate_counts(shared: RedisQuota) -> None:
    seconds_for(shared, 5)
    assert 0.35 < seconds_for(shared, 20) < 10  # 20 at 50 a second


def test_accounts_do_not_wait_for_each_other(slow: RedisQuota) -> None:
    seconds_for(slow, 5)
    assert seconds_for(slow, 5, "another@kanzlei.example") < 3


PROCESS = """
import sys, time
from syncapp.remotes.google_calendar.quota import Pace, RedisQuota
taker = RedisQuota(sys.argv[1], Pace(window=1, holds=50, at_once=10))
for _ in range(40):
    taker.take("account")
    print(time.time(), flush=True)
"""


def test_processes_share_one_rate(redis_url: str, redis_client: "redis.Redis[bytes]") -> None:
    command = [sys.executable, "-c", PROCESS, redis_url]
    running = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(3)]
    moments = sorted(float(line) for process in running for line in process.communicate(timeout=60)[0].splitlines())
    assert len(moments) == 120
    # A moment late is a moment nearer to the next one: the whole of any stretch keeps the rate all the same.
    for length in (60, 119):
        for first, last in zip(moments, moments[length:], strict=False):
            assert last - first > length // 50 - 0.6


def test_a_pause_is_for_all(shared: RedisQuota, redis_url: str) -> None:
    other = RedisQuota(redis_url, Pace(window=1, holds=50, at_once=5))
    shared.slow(ACCOUNT, 0.4)
    assert 0.3 < seconds_for(other, 1) < 10


def test_a_clock_that_was_ahead_stops_nobody(shared: RedisQuota, redis_client: "redis.Redis[bytes]") -> None:
    """Redis's: its moments and its pause lie in the future once it is set right."""
    moments, pause = quota._names(ACCOUNT)
    ahead = time.time() + 3600
    redis_client.rpush(moments, *[f"{ahead:.6f}"] * 50)
    redis_client.set(pause, f"{ahead:.6f}")
    assert seconds_for(shared, 3) < 1
    redis_client.set(pause, f"{ahead:.6f}")
    shared.slow(ACCOUNT, 0.2)
    assert float(redis_client.get(pause) or 0) < time.time() + 1


def test_nobody_waits_for_longer_than_is_worth_it(shared: RedisQuota, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(quota, "PATIENCE", 1.0)
    shared.slow(ACCOUNT, 100)
    for _ in range(2):  # the first one has not pushed the second one further back
        with pytest.raises(Transient) as caught:
            shared.take(ACCOUNT)
        assert caught.value.retry_after is not None
        assert 90 < caught.value.retry_after <= 101
    alone = MemoryQuota()
    alone.slow(ACCOUNT, 100)
    with pytest.raises(Transient):
        alone.take(ACCOUNT)


def test_no_pause_is_for_ever() -> None:
    assert quota._pause(86_400) == quota.LONGEST_SLOWED
    assert quota._pause(None) == quota.SLOWED_SECONDS


def test_without_redis_each_process_goes_slowly(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    alone = RedisQuota(f"redis://127.0.0.1:{free_port()}/0", Pace(window=1, holds=100, at_once=50))
    assert 0.25 < seconds_for(alone, 4) < 2
    alone.slow(ACCOUNT, 0.3)
    assert seconds_for(alone, 1) > 0.2
    assert [(record.message, record.step) for record in caplog.records] == [("redis_away", "quota")]


def test_the_account_stands_in_no_name(shared: RedisQuota, redis_client: "redis.Redis[bytes]") -> None:
    shared.take(ACCOUNT)
    shared.slow(ACCOUNT, 1)
    names = redis_client.keys("*quota*")
    assert len(names) == 2
    for name in names:
        assert b"kanzlei" not in name
        assert 0 < redis_client.pttl(name) < 5000


def test_the_script_remembers_no_more_than_it_needs(shared: RedisQuota, redis_client: "redis.Redis[bytes]") -> None:
    seconds_for(shared, 60)
    (name,) = redis_client.keys("*quota*")
    assert redis_client.llen(name) == 50
