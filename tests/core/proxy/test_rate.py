"""The token bucket."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncapp.core.proxy.rate import Bucket, take, whole_seconds

PER_MINUTE = 3


def run(times):
    bucket, passed = None, []
    for now in times:
        bucket, wait = take(bucket, per_minute=PER_MINUTE, now=now)
        passed.append(wait == 0)
    return passed


CASES = {
    "a rest is saved up to a minute's": ([0, 0, 0, 0], [True, True, True, False]),
    "one in twenty seconds flows in": ([0, 0, 0, 20, 20], [True, True, True, True, False]),
    "a long rest gives no more than a minute's": ([0, 999, 999, 999, 999], [True, True, True, True, False]),
    "a clock that goes back gives nothing": ([10, 10, 10, 5, 10], [True, True, True, False, False]),
}


@pytest.mark.parametrize("name", CASES)
def test_case(name):
    times, passed = CASES[name]
    assert run(times) == passed


@given(st.lists(st.floats(0, 600), max_size=60))
def test_never_more_than_held_and_flowed(times):
    passed = sum(run(sorted(times)))
    assert passed <= PER_MINUTE + 600 * PER_MINUTE / 60


@given(st.floats(0, 0.99), st.floats(1, 600))
def test_after_the_wait_there_is_one(left, per_minute):
    _bucket, wait = take(Bucket(left, 0), per_minute=per_minute, now=0)
    assert take(Bucket(left, 0), per_minute=per_minute, now=wait + 1e-6)[1] == 0


@pytest.mark.parametrize("wait, said", [(0.01, 1), (1, 1), (1.2, 2), (59.5, 60)])
def test_retry_after(wait, said):
    assert whole_seconds(wait) == said
