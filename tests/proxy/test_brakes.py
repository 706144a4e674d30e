"""How often: the script in Redis does what the pure rule says, and without Redis nobody gets more."""

import time

import pytest
import redis

from syncapp.core.proxy.rate import Bucket, take
from syncapp.proxy import brakes

SLOW, WIDE = 3, 1000


@pytest.fixture(autouse=True)
def _anew():
    brakes.forget()
    yield
    brakes.forget()


def passed(limits, times):
    return sum(brakes.wait_for(limits) == 0 for _time in range(times))


def test_burst_in_redis(redis_client: redis.Redis):
    assert passed({"a": SLOW}, 5) == 3
    assert passed({"b": SLOW}, 5) == 3


def test_burst_without_redis(settings):
    settings.REDIS_URL = "redis://127.0.0.1:1/1"
    assert passed({"a": SLOW}, 5) == 3
    assert passed({"b": SLOW}, 5) == 3


@pytest.mark.parametrize("away", [False, True])
def test_a_refusal_of_one_bucket_costs_the_other_nothing(away, request, settings):
    if away:
        settings.REDIS_URL = "redis://127.0.0.1:1/1"
    else:
        request.getfixturevalue("redis_client")
    assert passed({"narrow": SLOW}, 3) == 3
    assert passed({"narrow": SLOW, "all": 4}, 10) == 0
    assert passed({"all": 4}, 10) == 4


def test_redis_going_away_opens_no_door(redis_client, settings):
    assert passed({"a": SLOW}, 5) == 3
    settings.REDIS_URL = "redis://127.0.0.1:1/1"
    begin = time.monotonic()
    assert passed({"a": SLOW}, 100) == 3
    assert time.monotonic() - begin < 30, "asked each time it takes a hundred seconds"


def test_the_script_says_what_the_rule_says(redis_client):
    """Whatever stands in the bucket: the same wait, and the same left over."""
    for left in (0.0, 0.3, 0.999, 1.0, 2.5, 3.0):
        for age in (0, 20, 90, 10_000, -50):
            seconds, micro = redis_client.time()
            now = seconds + micro / 1_000_000
            redis_client.hset("proxy:bucket:x", mapping={"left": left, "at": now - age})
            bucket, wait = take(Bucket(left, now - age), per_minute=SLOW, now=now)
            said = brakes.wait_for({"x": SLOW})
            assert said == pytest.approx(wait, abs=0.2), (left, age)
            assert float(redis_client.hget("proxy:bucket:x", "left")) == pytest.approx(bucket.left, abs=0.01)


def test_a_bucket_that_is_full_again_needs_no_row(redis_client):
    brakes.wait_for({"x": 60})
    assert 0 < redis_client.ttl("proxy:bucket:x") <= 61


def test_strangers_cannot_fill_the_memory(settings):
    settings.REDIS_URL = "redis://127.0.0.1:1/1"
    for number in range(brakes.MOST_BUCKETS + 50):
        brakes.wait_for({f"wrong:{number}": WIDE})
    assert len(brakes.HERE._buckets) == brakes.MOST_BUCKETS
