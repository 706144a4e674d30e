"""PostgreSQL restarted, killed and failed over while changes pour in, with and without PgBouncer before it.

The product has an address that stays; what is behind it goes and comes back. Web, workers and scheduler go on by
themselves: no process dies, nobody starts anything again but the database.
"""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from syncapp.models import SyncRecord
from tests.chaos import postgres
from tests.chaos.audit import audit
from tests.chaos.conftest import Close
from tests.chaos.plant import Plant, RedisServer
from tests.chaos.postgres import FAST, IMMEDIATE, Forwarder, PgBouncer, Postgres, rest
from tests.chaos.pouring import all_equal, pour
from tests.chaos.whole import Ground, at_rest, database_at, in_spite_of_the_database, whole_installation
from tests.support.sandbox import Sandbox

pytestmark = pytest.mark.chaos
RECORDS = 20
CHANGES = 120
AWAY_SECONDS = 2.0


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


def stay_equal_through(plant: Plant, fault: str, close: Close, at: dict[int, Callable[[], object]]) -> None:
    """The load of an office, the fault in its midst; waiting times pass, and nobody does anything else."""
    processes = whole_installation(plant)
    ids = [plant.new() for _ in range(RECORDS)]
    plant.until(lambda: SyncRecord.objects.filter(status="clean").count() == RECORDS, "all records are linked")
    expected = pour(plant, ids, CHANGES, at=at)

    def is_equal() -> bool:
        plant.let_waits_pass()
        plant.sandbox.control.tell("webhooks/flush", retries=True)
        return at_rest() and all_equal(plant, expected)

    plant.until(lambda: in_spite_of_the_database(is_equal), "both sides equal, without help")
    plant.until(lambda: plant.redis.locks() == [], "no lock left")
    assert "starting it again" not in processes.said()
    close(fault, audit(plant, ids, expected=expected), injected=len(at))


@pytest.mark.parametrize("how", ["fast", "immediate", "kill -9"])
def test_restarted(ground: Ground, server: Postgres, close_books: Close, how: str) -> None:
    def restart() -> None:
        {"fast": lambda: server.stop(FAST), "immediate": lambda: server.stop(IMMEDIATE)}.get(how, server.kill)()
        rest(AWAY_SECONDS)
        server.start()

    with ground.plant(server.url) as plant:
        stay_equal_through(plant, f"PostgreSQL restarted: {how}", close_books, {30: restart, 80: restart})


def test_failed_over(ground: Ground, server: Postgres, close_books: Close) -> None:
    """The primary dies; the standby that confirmed every commit takes over its address. The old one never returns."""
    standby, address = server.standby(), Forwarder(server.port)

    def fail_over() -> None:
        server.kill()
        rest(AWAY_SECONDS)
        standby.promote()
        address.move(standby.port)

    try:
        with ground.plant(postgres.url(address.port)) as plant:
            stay_equal_through(plant, "PostgreSQL failed over", close_books, {50: fail_over})
    finally:
        address.close()
        standby.remove()


def test_pooled(ground: Ground, server: Postgres, close_books: Close) -> None:
    """PgBouncer gives each transaction another of few connections; PostgreSQL behind it is restarted as well."""
    pooler = PgBouncer(postgres.folder(), server.port)

    def restart() -> None:
        server.stop(FAST)
        rest(AWAY_SECONDS)
        server.start()

    try:
        with ground.plant(pooler.url, DATABASE_TRANSACTION_POOLING="true") as plant:
            stay_equal_through(plant, "PgBouncer, transactions pooled", close_books, {60: restart})
    finally:
        pooler.stop()
