"""One token for all processes, whatever happens to Redis, to the one that fetches it, and to the token itself."""

import subprocess
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import redis

from advosync_project.embedded_redis import free_port
from syncapp.core.systems import System
from syncapp.remotes.advoware.client import TOKEN_TIMEOUT, AdvoConfig, AdvowareClient
from syncapp.remotes.advoware.tokens import fingerprint, signature
from syncapp.remotes.http import tokens
from syncapp.remotes.http.errors import AuthFailed, Misconfigured, RemoteError, Transient
from syncapp.remotes.http.session import CONNECT_TIMEOUT, PAUSE_BEFORE_REPEAT
from syncapp.remotes.http.tokens import MemoryTokenStore, RedisTokenStore, Token, usable_lifetime
from tests.remotes.scripted import Exchange, answer, serving

NAME = "advoware:token:key"


class Login:
    """Counts how often a token is asked for; each is another one."""

    def __init__(self, *, seconds: float = 0.0, lifetime: float = 60.0, error: RemoteError | None = None) -> None:
        self.count = 0
        self.seconds = seconds
        self.lifetime = lifetime
        self.error = error

    def __call__(self) -> Token:
        self.count += 1
        number = self.count
        time.sleep(self.seconds)
        if self.error is not None:
            raise self.error
        return Token(f"token-{number}", self.lifetime)


@pytest.fixture
def store(redis_url: str, redis_client: "redis.Redis[bytes]") -> RedisTokenStore:
    return RedisTokenStore(redis_url, system=System.ADVOWARE)


@pytest.fixture
def another(redis_url: str, store: RedisTokenStore) -> Callable[[], RedisTokenStore]:
    """Makes what another process would have: a store with a memory of its own."""
    return lambda: RedisTokenStore(redis_url, system=System.ADVOWARE)


def refusal(cls: type[RemoteError] = AuthFailed) -> RemoteError:
    return cls("login refused", system="advoware", operation="POST Token", status=401, hint="check the password")


def together(count: int, action: Callable[[int], object]) -> list[object]:
    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(action, range(count)))


def lock_wanted(store: RedisTokenStore) -> threading.Event:
    """Set once `store` has asked for the lock."""
    asked, command = threading.Event(), store._redis.set

    def ask(*args: Any, **kwargs: Any) -> object:
        got = command(*args, **kwargs)
        asked.set()
        return got

    store._redis.set = ask  # type: ignore[method-assign]
    return asked


class TestMemory:
    def test_threads_share_one_fetch(self) -> None:
        store, login = MemoryTokenStore(), Login(seconds=0.1)
        found = together(8, lambda _: store.token(key="key", fetch=login))
        assert login.count == 1
        assert set(found) == {"token-1"}

    def test_an_expired_or_refused_one_is_fetched_anew(self) -> None:
        store, login = MemoryTokenStore(), Login(lifetime=0.05)
        assert store.token(key="key", fetch=login) == "token-1"
        time.sleep(0.1)
        login.lifetime = 60
        assert store.token(key="key", fetch=login) == "token-2"
        assert store.token(key="key", fetch=login, refused="token-2") == "token-3"
        assert store.token(key="key", fetch=login, refused="token-2") == "token-3"

    def test_other_credentials_get_another_one(self) -> None:
        store, login = MemoryTokenStore(), Login()
        assert store.token(key="a", fetch=login) != store.token(key="b", fetch=login)


class TestShared:
    def test_one_fetch_for_many_stores_and_threads(self, another: Callable[[], RedisTokenStore]) -> None:
        login = Login(seconds=0.3)
        stores = [another() for _ in range(4)]
        found = together(16, lambda number: stores[number % 4].token(key="key", fetch=login))
        assert login.count == 1
        assert set(found) == {"token-1"}

    def test_a_redis_that_lost_it_costs_no_new_one(
        self, store: RedisTokenStore, redis_client: "redis.Redis[bytes]"
    ) -> None:
        login = Login()
        store.token(key="key", fetch=login)
        redis_client.flushdb()
        assert store.token(key="key", fetch=login) == "token-1"
        assert redis_client.keys() == []

    def test_who_slept_through_a_replacement_uses_the_new_one(self, another: Callable[[], RedisTokenStore]) -> None:
        login = Login()
        one, two = another(), another()
        one.token(key="key", fetch=login)
        two.token(key="key", fetch=login, refused="token-1")
        assert one.token(key="key", fetch=login) == "token-2", "else its one repetition meets one that ended as well"
        assert one.token(key="key", fetch=login, refused="token-2") == "token-3"

    def test_a_refused_one_is_replaced_once_for_all(self, another: Callable[[], RedisTokenStore]) -> None:
        login = Login(seconds=0.1)
        stores = [another() for _ in range(4)]
        together(4, lambda number: stores[number].token(key="key", fetch=login))
        found = together(4, lambda number: stores[number].token(key="key", fetch=login, refused="token-1"))
        assert set(found) == {"token-2"}
        assert login.count == 2

    def test_a_late_refusal_of_an_old_one_does_not_cost_the_new_one(
        self, another: Callable[[], RedisTokenStore]
    ) -> None:
        login = Login()
        one, two = another(), another()
        one.token(key="key", fetch=login)
        two.token(key="key", fetch=login)
        assert one.token(key="key", fetch=login, refused="token-1") == "token-2"
        assert two.token(key="key", fetch=login, refused="token-1") == "token-2"
        assert login.count == 2

    def test_its_life_ends_everywhere_at_once(self, another: Callable[[], RedisTokenStore]) -> None:
        login = Login(lifetime=1.5)
        one, two = another(), another()
        one.token(key="key", fetch=login)
        time.sleep(0.5)
        assert two.token(key="key", fetch=login) == "token-1"
        time.sleep(1.1)
        login.lifetime = 60
        assert two.token(key="key", fetch=login) == "token-2"
        assert one.token(key="key", fetch=login) == "token-2"

    def test_changed_credentials_do_not_meet_the_old_token(self, another: Callable[[], RedisTokenStore]) -> None:
        login = Login()
        assert another().token(key="a", fetch=login) == "token-1"
        assert another().token(key="b", fetch=login) == "token-2"

    def test_the_lock_is_given_back(self, store: RedisTokenStore, redis_client: "redis.Redis[bytes]") -> None:
        store.token(key="key", fetch=Login())
        assert redis_client.keys() == [NAME.encode()]
        with pytest.raises(AuthFailed):
            store.token(key="other", fetch=Login(error=refusal()))
        assert redis_client.get("advoware:token:other:lock") is None

    def test_the_lock_of_somebody_else_is_not_given_back(
        self, store: RedisTokenStore, redis_client: "redis.Redis[bytes]"
    ) -> None:
        def slow() -> Token:
            redis_client.set(f"{NAME}:lock", "somebody else")  # ours ran out, another process took over
            return Token("mine", 60)

        store.token(key="key", fetch=slow)
        assert redis_client.get(f"{NAME}:lock") == b"somebody else"

    def test_the_lock_of_a_dead_process_runs_out(
        self, store: RedisTokenStore, redis_client: "redis.Redis[bytes]"
    ) -> None:
        redis_client.set(f"{NAME}:lock", "dead", px=300)
        login = Login()
        assert store.token(key="key", fetch=login) == "token-1"

    def test_a_token_that_came_between_our_look_and_our_lock(
        self, store: RedisTokenStore, redis_client: "redis.Redis[bytes]", monkeypatch: pytest.MonkeyPatch
    ) -> None:
        lock = store._redis.set

        def late_lock(*args: Any, **kwargs: Any) -> object:
            redis_client.set(NAME, "theirs", px=60_000)
            return lock(*args, **kwargs)

        monkeypatch.setattr(store._redis, "set", late_lock)
        login = Login()
        assert store.token(key="key", fetch=login) == "theirs"
        assert login.count == 0

    def test_waiting_ends(
        self, store: RedisTokenStore, redis_client: "redis.Redis[bytes]", monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(tokens, "LOCK_SECONDS", 0.2)
        redis_client.set(f"{NAME}:lock", "dead")
        login = Login()
        with pytest.raises(Transient):
            store.token(key="key", fetch=login)
        assert login.count == 0


class TestSharedFailure:
    @pytest.mark.parametrize("cls", [AuthFailed, Misconfigured, Transient])
    def test_those_who_wait_fail_as_the_one_who_asked(
        self, another: Callable[[], RedisTokenStore], cls: type[RemoteError]
    ) -> None:
        stores = [another() for _ in range(6)]
        came = [lock_wanted(store) for store in stores]

        class SlowLogin(Login):
            def __call__(self) -> Token:
                assert all(event.wait(20) for event in came)  # however slow the machine: nobody comes afterwards
                return super().__call__()

        login = SlowLogin(error=refusal(cls))

        def attempt(number: int) -> object:
            try:
                return stores[number].token(key="key", fetch=login)
            except RemoteError as error:
                return type(error), error.hint

        assert set(together(6, attempt)) == {(cls, "check the password")}
        assert login.count == 1

    def test_threads_that_queue_up_behind_it_fail_with_it(self, store: RedisTokenStore) -> None:
        """Each tried anew, one after the other: while the login hung, the eighth waited eight times as long."""
        login, come = Login(seconds=1, error=refusal(Transient)), threading.Barrier(6)

        def attempt(_number: int) -> object:
            come.wait(20)
            try:
                return store.token(key="key", fetch=login)
            except RemoteError as error:
                return type(error)

        assert set(together(6, attempt)) == {Transient}
        assert login.count == 1

    def test_also_one_who_never_saw_who_held_the_lock(
        self, store: RedisTokenStore, another: Callable[[], RedisTokenStore], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Its lock was refused, and before the next look the holder had failed and was gone."""
        lock = store._redis.set

        def refused(*args: Any, **kwargs: Any) -> object:
            monkeypatch.setattr(store._redis, "set", lock)
            with pytest.raises(AuthFailed):
                another().token(key="key", fetch=Login(error=refusal()))
            return None

        monkeypatch.setattr(store._redis, "set", refused)
        login = Login()
        with pytest.raises(AuthFailed):
            store.token(key="key", fetch=login)
        assert login.count == 0

    def test_a_failure_that_is_forgotten_while_one_waits(
        self, store: RedisTokenStore, redis_client: "redis.Redis[bytes]"
    ) -> None:
        redis_client.set(f"{NAME}:failed", '{"owner": "earlier", "kind": "auth", "reason": "", "hint": ""}', px=100)
        redis_client.set(f"{NAME}:lock", "dead", px=300)
        assert store.token(key="key", fetch=Login()) == "token-1"

    def test_whoever_comes_later_tries_anew(self, another: Callable[[], RedisTokenStore]) -> None:
        with pytest.raises(AuthFailed):
            another().token(key="key", fetch=Login(error=refusal()))
        assert another().token(key="key", fetch=Login()) == "token-1"


class TestRedisAway:
    @pytest.fixture
    def nowhere(self) -> RedisTokenStore:
        return RedisTokenStore(f"redis://127.0.0.1:{free_port()}/0", system=System.ADVOWARE)

    def test_each_process_has_its_own(self, nowhere: RedisTokenStore, caplog: pytest.LogCaptureFixture) -> None:
        login = Login(seconds=0.1)
        found = together(6, lambda _: nowhere.token(key="key", fetch=login))
        assert set(found) == {"token-1"}
        assert login.count == 1
        assert len([record for record in caplog.records if record.message == "redis_away"]) == 1

    def test_redis_is_left_alone_for_a_while(self, nowhere: RedisTokenStore, caplog: pytest.LogCaptureFixture) -> None:
        login = Login()
        for number in range(3):
            nowhere.token(key=f"key{number}", fetch=login)
        assert len([record for record in caplog.records if record.message == "redis_away"]) == 1

    def test_a_token_counts_though_redis_goes_away_meanwhile(
        self, store: RedisTokenStore, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def gone(*args: object, **kwargs: object) -> None:
            raise redis.ConnectionError

        login = Login()

        def fetch() -> Token:
            monkeypatch.setattr(store._redis, "execute_command", gone)
            return login()

        assert store.token(key="key", fetch=fetch) == "token-1"
        assert login.count == 1


PROCESS = """
import sys, threading
import django.conf
from syncapp.remotes.advoware.client import AdvoConfig, AdvowareClient
from syncapp.core.systems import System
from syncapp.remotes.http.tokens import RedisTokenStore
url, redis_url = sys.argv[1:]
config = AdvoConfig(url, url + "/Token", "app", "c2VjcmV0", "1", "db", "user", "password")
client = AdvowareClient(config, tokens=RedisTokenStore(redis_url, system=System.ADVOWARE))
print("ready", flush=True)
sys.stdin.readline()
found = []
threads = [threading.Thread(target=lambda: found.append(client.get(7).bet_nr)) for _ in range(3)]
[thread.start() for thread in threads]
[thread.join() for thread in threads]
print(found)
"""


def test_processes_and_threads_make_one_request(redis_url: str, redis_client: "redis.Redis[bytes]") -> None:
    lock = threading.Lock()
    asked: list[str] = []

    def step(exchange: Exchange) -> bool:
        with lock:
            asked.append(exchange.method)
        if exchange.method == "POST":
            time.sleep(0.5)
            return answer({"access_token": "shared", "expires_in": 3600})(exchange)
        assert exchange.headers["authorization"] == "Bearer shared"
        return answer({"betNr": 7})(exchange)

    with serving(step) as script:
        command = [sys.executable, "-c", PROCESS, script.url, redis_url]
        running = [
            subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for _ in range(3)
        ]
        for process in running:
            assert process.stdout
            assert process.stdout.readline() == "ready\n"
        for process in running:
            assert process.stdin
            process.stdin.write("go\n")
            process.stdin.flush()
        outputs = [process.communicate(timeout=30)[0] for process in running]
    assert outputs == ["[7, 7, 7]\n"] * 3
    assert asked.count("POST") == 1
    assert asked.count("GET") == 9


def test_the_vector_of_the_signature() -> None:
    made = signature(
        product_id=64,
        app_id="app-123",
        nonce="nonce-abc",
        timestamp="2026-08-30T00:00:00.000Z",
        api_key_base64="dGVzdC1zZWNyZXQta2V5",
    )
    assert made == "o7rz9KmoXZs550HfzO6ffiG17XwiPmlBHlksUYKZ3jcfolELow51Fw5KlrQqCK5y41aIValDjrh1iQ2GZ2WtqQ=="


@pytest.mark.parametrize(
    "expires_in, upper_bound, usable",
    [
        (3600, 3300, 3240),
        (1200, 3300, 1140),
        (None, 3300, 3240),
        (100, 3300, 90),
        (0, 3300, 1),
        (-5, 3300, 1),
    ],
)
def test_lifetime(expires_in: int | None, upper_bound: float, usable: float) -> None:
    assert usable_lifetime(expires_in=expires_in, upper_bound=upper_bound) == usable


@pytest.mark.parametrize("setting, patience", [(5.0, 5.0), (30.0, 30.0), (300.0, 45.0)])
def test_a_slow_login_has_the_time_of_the_setting(setting: float, patience: float) -> None:
    config = AdvoConfig(
        "http://a.example", "http://a.example/token", "app", "QQ==", "1", "db", "u", "p", timeout=setting
    )
    client = AdvowareClient(config, tokens=MemoryTokenStore())
    assert client._login.timeout == patience


def test_the_slowest_login_ends_while_its_lock_is_held() -> None:
    """A first try that finds no connection, a pause, and a second that takes all its time."""
    assert CONNECT_TIMEOUT + PAUSE_BEFORE_REPEAT + CONNECT_TIMEOUT + TOKEN_TIMEOUT < tokens.LOCK_SECONDS


def test_a_fingerprint_tells_credentials_apart_and_gives_none_away() -> None:
    one = fingerprint(api_key_base64="a2V5", parts=("user", "password"))
    assert one != fingerprint(api_key_base64="a2V5", parts=("user", "passwore"))
    assert one != fingerprint(api_key_base64="a2V6", parts=("user", "password"))
    assert one != fingerprint(api_key_base64="a2V5", parts=("userp", "assword"))
    assert "password" not in one


def test_no_token_in_a_repr() -> None:
    assert "geheim" not in repr(Token("geheim", 5))


def test_a_token_that_is_known_costs_one_command(store: RedisTokenStore, redis_client: "redis.Redis[bytes]") -> None:
    """It is asked for before every call: more than whether it is still the one is of no use then."""
    store.token(key="key", fetch=Login())
    before = redis_client.info("commandstats")
    assert store.token(key="key", fetch=Login()) == "token-1"
    after = redis_client.info("commandstats")
    calls = {name: now["calls"] - before.get(name, {}).get("calls", 0) for name, now in after.items()}
    assert {name: count for name, count in calls.items() if count and name != "cmdstat_info"} == {"cmdstat_get": 1}
