"""Whether Advoware has answered just now: known to all processes, for ten seconds, and ended by any failure."""

from collections.abc import Callable
from typing import Any

import pytest
import redis

from syncapp.remotes.advoware import sign_of_life
from syncapp.remotes.advoware.client import AdvowareClient
from syncapp.remotes.advoware.sign_of_life import MemorySignOfLife, RedisSignOfLife
from syncapp.remotes.http.errors import RemoteError
from syncapp.remotes.http.tokens import MemoryTokenStore
from tests.remotes.scripted import Step, answer, close, serving
from tests.remotes.test_advoware import MAX, TOKEN, config_of


@pytest.fixture(params=["memory", "redis"])
def life(request: pytest.FixtureRequest) -> MemorySignOfLife:
    if request.param == "memory":
        return MemorySignOfLife()
    request.getfixturevalue("redis_client")
    return RedisSignOfLife(request.getfixturevalue("redis_url"))


def test_before_the_first_answer_there_is_none(life: MemorySignOfLife) -> None:
    assert not life.seen("a")


def test_an_answer_counts_for_its_own_system_until_a_failure(life: MemorySignOfLife) -> None:
    life.answered("a")
    assert life.seen("a")
    assert not life.seen("b")
    life.failed("a")
    assert not life.seen("a")
    life.answered("a")
    assert life.seen("a")


def test_it_ends_by_itself(life: MemorySignOfLife, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sign_of_life, "SECONDS", 0.001)
    life.answered("a")
    assert _soon(lambda: not life.seen("a"))


def _soon(holds: Callable[[], bool]) -> bool:
    return any(holds() for _ in range(10_000))


def test_all_processes_share_it(redis_url: str, redis_client: "redis.Redis[bytes]") -> None:
    one, other = RedisSignOfLife(redis_url), RedisSignOfLife(redis_url)
    one.answered("a")
    assert other.seen("a")
    other.failed("a")
    assert not one.seen("a")


def test_a_stream_of_answers_is_told_once_a_second(redis_url: str, redis_client: "redis.Redis[bytes]") -> None:
    life = RedisSignOfLife(redis_url)
    life.answered("a")
    redis_client.flushdb()
    life.answered("a")
    assert not life.seen("a")
    life.answered("a")  # asked for and not found: now it is news
    assert life.seen("a")


def test_without_redis_each_process_knows_its_own() -> None:
    life = RedisSignOfLife("redis://127.0.0.1:1/0")
    assert not life.seen("a")
    life.answered("a")
    assert life.seen("a")
    life.failed("a")
    assert not life.seen("a")


ACTS: dict[str, Callable[[AdvowareClient], Any]] = {
    "GET": lambda client: client.get(7),
    "POST": lambda client: client.create({}),
}


def alive_after(step: Step, act: str) -> bool:
    """Alive before the call, and afterwards?"""
    with serving(TOKEN, answer(MAX), step) as script:
        client = AdvowareClient(config_of(script), tokens=MemoryTokenStore())
        assert not client.seen_alive
        client.get(7)
        assert client.seen_alive
        try:
            ACTS[act](client)
        except RemoteError:
            return client.seen_alive
        return client.seen_alive


@pytest.mark.parametrize("act", ACTS)
@pytest.mark.parametrize("status", [400, 403])
def test_a_refusal_is_no_failure_of_the_system(act: str, status: int) -> None:
    refused = act == "GET" and status == 400  # a read that is refused as such says that we ask wrongly
    assert alive_after(answer({"message": "no"}, status), act) is not refused


@pytest.mark.parametrize("act", ACTS)
@pytest.mark.parametrize(
    "step",
    [
        answer({}, 500),
        answer({}, 503),
        answer({}, 429),
        answer(b"<html>", headers="Content-Type: text/html\r\n"),
        close,
    ],
    ids=["500", "503", "429", "html", "cut"],
)
def test_a_failure_of_the_system_ends_it(act: str, step: Step) -> None:
    assert not alive_after(step, act)


def test_an_observed_client_shares_it() -> None:
    with serving(TOKEN, answer(MAX)) as script:
        client = AdvowareClient(config_of(script), tokens=MemoryTokenStore())
        client.with_observer(lambda call: None).get(7)
        assert client.seen_alive
