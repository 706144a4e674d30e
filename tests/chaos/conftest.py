"""A plant for every test, a steady worker for every module, and the books that every test has to close."""

from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection

from syncapp.remotes import registry
from tests.chaos import plant as plants
from tests.chaos import postgres
from tests.chaos.audit import Books
from tests.chaos.calendars import office  # noqa: F401  # a fixture of every test about calendars
from tests.chaos.plant import Plant, Process, RedisServer
from tests.chaos.postgres import Postgres
from tests.chaos.report import PROPERTY, Row
from tests.chaos.whole import Ground, database_at
from tests.support.sandbox import Sandbox

Close = Callable[..., None]
# One plug of each sort, pulled in every run of the tests.
SAMPLE = frozenset(
    {
        "test_killed[create: after 1. POST Beteiligte]",
        "test_killed[six variants: after 1. POST Kommunikationen]",
        "test_events_during_a_run_cause_one_more_run",
        "test_sigterm_finishes_the_records_in_hand_and_leaves_the_rest_due",
        "test_two_sweeps_at_once",
        "test_locked_now_and_then",
        "test_pause_while_running",
        "test_killed[insert-after]",
    }
)


@pytest.fixture(scope="session")
def chaos_redis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    server = RedisServer(tmp_path_factory.mktemp("redis"))
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="module")
def steady(
    request: pytest.FixtureRequest,
    django_db_setup: None,
    django_db_blocker: Any,
    sandbox_server: Sandbox,
    chaos_redis: RedisServer,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Process]:
    """A worker of the queue that the dispatcher enqueues to, kept for the module. ENVIRONMENT of the module counts."""
    directory = tmp_path_factory.mktemp("steady")
    environment = getattr(request.module, "ENVIRONMENT", {})
    with plants.plant(sandbox_server, chaos_redis, directory, environment) as built:
        yield built.worker("sweep")


@pytest.fixture
def plant(
    request: pytest.FixtureRequest,
    transactional_db: None,
    sandbox: Sandbox,
    chaos_redis: RedisServer,
    settings: Any,
    tmp_path: Path,
) -> Iterator[Plant]:
    """Live, empty, with no process at work but the steady worker of a module that asks for it."""
    settings.REDIS_URL = chaos_redis.url
    with chaos_redis.client() as client:
        for name in [*client.scan_iter("rq:queue:*"), *client.scan_iter("rq:job:*"), *client.scan_iter("sync_lock:*")]:
            client.delete(name)
    registry.forget()
    environment = getattr(request.module, "ENVIRONMENT", {})
    with plants.plant(sandbox, chaos_redis, tmp_path, environment) as built:
        plants.begin(built)
        yield built


@pytest.fixture
def ground(
    sandbox: Sandbox,
    chaos_redis: RedisServer,
    settings: Any,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    django_db_blocker: Any,
) -> Iterator[Ground]:
    with django_db_blocker.unblock():
        yield Ground(sandbox, chaos_redis, settings, monkeypatch, tmp_path)


@pytest.fixture(scope="session")
def cluster(django_db_blocker: Any) -> Iterator[Postgres]:
    """A server with the product's tables, stopped: each test has a copy of it."""
    made = Postgres(postgres.folder())
    made.make("--wal-segsize=1")
    made.start()
    with django_db_blocker.unblock(), database_at(made.url):
        call_command("migrate", verbosity=0)
    made.stop()
    yield made
    made.remove()


@pytest.fixture
def server(cluster: Postgres) -> Iterator[Postgres]:
    made = cluster.copy(postgres.folder())
    made.options = {"wal_level": "replica"}
    yield made.start()
    made.remove()


@pytest.fixture
def empty_file(transactional_db: None) -> Path:
    """An SQLite file with the product's tables and nothing else in it, to be copied."""
    if connection.vendor != "sqlite":
        pytest.skip("the tests' own database is no file")
    return Path(connection.settings_dict["NAME"])


@pytest.fixture
def close_books(record_property: Callable[[str, object], None]) -> Close:
    """Enter what a test has done into the table, and fail it if the books are not good."""

    def close(fault: str, books: Books, *, injected: int = 1) -> None:
        row = Row(fault, injected, books.records, len(books.lost), len(books.doubled), len(books.stuck))
        record_property(PROPERTY, asdict(row))
        assert books.are_good, books

    return close


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Real time adds up: `make chaos` is all of it, `make test` has the sample."""
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents and item.name not in SAMPLE:
            item.add_marker(pytest.mark.long)
