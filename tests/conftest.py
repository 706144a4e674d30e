"""Fixtures shared by all tests: a Redis, the stand-ins, and an installation that is live."""

import gc
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import redis
from django.conf import settings as django_settings
from django.db import connections

from tests.support import clearing, counting, profiles  # noqa: F401  # hypothesis takes its profile
from tests.support.calendars import office  # noqa: F401
from tests.support.firm import edited, firm, meanwhile  # noqa: F401  # fixtures of every test that syncs
from tests.support.order import dealt
from tests.support.processes import on_a_free_port
from tests.support.sandbox import Sandbox
from tests.support.servers import redis_server, stand_ins

# Collecting the tests makes much and throws nothing away: looking for garbage is a third of what it costs. Nor is it
# looked for among the tests themselves while they run.
gc.disable()

# Half a minute and more of real time each, most of it waiting for processes of their own.
LONG = ("tests/project/test_demo.py", "tests/project/test_supervision.py")
# Where `make machine` looks; `make chaos` takes what is marked so, wherever it stands.
LONG_PROFILE = ("tests/core/", "tests/machine/", "tests/security/")


def pytest_collection_finish() -> None:
    gc.freeze()
    gc.enable()


def pytest_itemcollected(item: pytest.Item) -> None:
    """What `make test` leaves out is run by `make machine` or `make chaos`: else it would run nowhere."""
    left_out = item.get_closest_marker("long") or item.nodeid.startswith("tests/chaos/")
    if left_out and not item.get_closest_marker("chaos") and not item.nodeid.startswith(LONG_PROFILE):
        raise ValueError(f"{item.nodeid} is not marked chaos: nothing would run it")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Where several processes share the tests (tests/support/order.py). What needs a database stays in its order."""
    processes = int(getattr(config, "workerinput", {}).get("workercount", 1))
    if processes > 1:
        long = [item for item in items if item.nodeid.startswith(LONG) and not item.get_closest_marker("django_db")]
        chosen = set(long)
        items[:] = dealt(long, [item for item in items if item not in chosen], processes=processes)


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> None:
    """Made by the migrations, once; emptied after a test by tests/support/clearing.py."""
    with django_db_blocker.unblock():
        for alias in connections:
            clearing.remember(alias)
    clearing.install()
    counting.install()


@pytest.fixture(scope="session")
def redis_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A Redis of this test process's own, which the settings point to for the rest of the session."""
    with on_a_free_port(partial(redis_server, tmp_path_factory.mktemp("redis"))) as url:
        for queue in django_settings.RQ_QUEUES.values():
            queue["URL"] = url
        django_settings.REDIS_URL = url
        yield url


@pytest.fixture
def redis_client(redis_url: str) -> Iterator[redis.Redis]:
    """That Redis, emptied."""
    with redis.Redis.from_url(redis_url) as client:
        client.flushdb()
        yield client


@pytest.fixture(scope="session")
def sandbox_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    """The stand-ins in a process of their own, with a database of their own."""
    with on_a_free_port(partial(stand_ins, tmp_path_factory.mktemp("sandbox"))) as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(sandbox_server: Sandbox, settings: Any) -> Sandbox:
    """The stand-ins, empty and without faults, with this process's clients pointing at them."""
    sandbox_server.reset()
    settings.ESPOCRM_API_BASE_URL = sandbox_server.espocrm_url
    settings.ADVOWARE_API_BASE_URL = sandbox_server.advoware_url
    settings.ADVOWARE_AUTH_URL = sandbox_server.token_url
    return sandbox_server


@pytest.fixture
def live(db: None) -> None:
    """An installation that may write to both systems."""
    from syncapp.engine import control

    control.set_mode(mode="live", by="tests", reason="fixture")


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """An empty PostgreSQL server for tests that need one whatever the suite runs on."""
    from tests.support.postgres import server

    with server() as url:
        yield url


@pytest.fixture(autouse=True)
def _figures() -> Iterator[None]:
    """No test finds what another one has counted."""
    yield
    counting.BUFFER.drop()


@pytest.fixture(autouse=True)
def _working_directory(monkeypatch: pytest.MonkeyPatch) -> None:
    """No test depends on where pytest was started."""
    monkeypatch.chdir(Path(__file__).resolve().parents[1])
