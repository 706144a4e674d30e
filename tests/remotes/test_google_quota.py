"""Google's quota over processes: one rate for all, no window over it, and what becomes of it without Redis."""

import subprocess
import sys
import time

import pytest
import redis

from advosync_project.embedded_redis import free_port
from syncapp.remotes.google_calendar import quota
from syncapp.remotes.google_calendar.quota import BURST, RATE, MemoryQuota, RedisQuota
from syncapp.remotes.http.errors import Transient

ACCOUNT = "kalender@kanzlei.example"


def test_no_minute_ever_holds_more_than_google_allows() -> None:
    """Whatever window is looked at: what was saved up, and what grows within a minute."""
    assert BURST + 60 * RATE <= 600
    assert 60 * RATE >= 0.95 * 600  # a first load is to use what there is


@pytest.fixture
def shared(redis_url: str, redis_client: "redis.Redis[bytes]") -> RedisQuota:
    return RedisQuota(redis_url, rate=50, burst=5)


def seconds_for(taker: MemoryQuota | RedisQuota, count: int, account: str = ACCOUNT) -> float:
    started = time.monotonic()
    for _ in range(count):
        taker.take(account)
    return time.monotonic() - started


@pytest.fixture
def slow(redis_url: str, redis_client: "redis.Redis[bytes]") -> RedisQuota:
    """One a second: who waits for it, waits for longer than a busy machine makes anybody wait."""
    return RedisQuota(redis_url, rate=1, burst=5)


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
from syncapp.remotes.google_calendar.quota import RedisQuota
taker = RedisQuota(sys.argv[1], rate=50, burst=1)
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
    for length in (40, 119):
        for first, last in zip(moments, moments[length:], strict=False):
            assert last - first > length / 50 - 0.6


def test_a_pause_is_for_all(shared: RedisQuota, redis_url: str) -> None:
    other = RedisQuota(redis_url, rate=50, burst=5)
    shared.slow(ACCOUNT, 0.4)
    assert 0.3 < seconds_for(other, 1) < 10


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
    monkeypatch.setattr(quota, "ALONE_RATE", 10.0)
    alone = RedisQuota(f"redis://127.0.0.1:{free_port()}/0")
    assert 0.25 < seconds_for(alone, 4) < 2
    alone.slow(ACCOUNT, 0.3)
    assert seconds_for(alone, 1) > 0.2
    assert [record.message for record in caplog.records] == ["quota kept per process: Redis is away"]


def test_the_account_stands_in_no_name(shared: RedisQuota, redis_client: "redis.Redis[bytes]") -> None:
    shared.take(ACCOUNT)
    (name,) = redis_client.keys("*quota*")
    assert b"kanzlei" not in name
    assert 0 < redis_client.pttl(name) < 5000
