"""PostgreSQL restarted, killed and failed over while changes pour in, with and without PgBouncer before it.

The product has an address that stays; what is behind it goes and comes back. Web, workers and scheduler go on by
themselves: no process dies, nobody starts anything again but the database.
"""

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from syncapp.models import SyncRecord
from tests.chaos import postgres
from tests.chaos.audit import audit
from tests.chaos.conftest import Close
from tests.chaos.plant import Plant
from tests.chaos.postgres import FAST, IMMEDIATE, PGBOUNCER, Forwarder, PgBouncer, Postgres, rest
from tests.chaos.pouring import pour
from tests.chaos.whole import Ground, until_equal, whole_installation

pytestmark = pytest.mark.chaos
RECORDS = 20
CHANGES = 120
# An address of this machine that nothing else uses.
ELSEWHERE = "127.9.9.9"
AWAY_SECONDS = 2.0


def stay_equal_through(plant: Plant, fault: str, close: Close, at: dict[int, Callable[[], object]]) -> None:
    """The load of an office, the fault in its midst; waiting times pass, and nobody does anything else."""
    processes = whole_installation(plant)
    ids = [plant.new() for _ in range(RECORDS)]
    plant.until(lambda: SyncRecord.objects.filter(status="clean").count() == RECORDS, "all records are linked")
    expected = pour(plant, ids, CHANGES, at=at)
    until_equal(plant, expected)
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


@contextmanager
def swallowed(address: str) -> Iterator[None]:
    """What is sent there goes nowhere, and nobody says so, as with a cable that is pulled."""
    route = ["blackhole", f"{address}/32", "table", "local"]
    subprocess.run(["ip", "route", "add", *route], check=True)
    try:
        yield
    finally:
        subprocess.run(["ip", "route", "del", *route], check=True)


@pytest.mark.skipif(os.geteuid() != 0 or not shutil.which("ip"), reason="routes are changed by root alone")
def test_half_open(ground: Ground, server: Postgres, close_books: Close) -> None:
    """The connection is there and carries nothing: it is given up, and the record goes on as soon as there is one."""
    waits = "?tcp_user_timeout=4000&keepalives_idle=2&keepalives_interval=1&keepalives_count=2"
    server.stop()
    server.options["listen_addresses"] = f"127.0.0.1,{ELSEWHERE}"
    server.start()
    with ground.plant(server.url) as plant:
        worker = plant.worker("sweep", DATABASE_URL=server.url.replace("127.0.0.1", ELSEWHERE) + waits)
        espo_id, _number = plant.pair()
        plant.sandbox.anna.change(espo_id, titel="Prof.")
        plant.sandbox.fault("advoware", "delay", method="PUT", seconds=1.5)
        plant.ask(espo_id, queue="sweep")
        plant.until_held()
        with swallowed(ELSEWHERE):
            plant.until(lambda: "run_not_stored" in worker.said(), "the silence is noticed", seconds=30)
        plant.until(lambda: plant.record(espo_id).status == "clean", "it is taken up again by itself", seconds=60)
        assert not worker.ended
        close_books("PostgreSQL half-open", audit(plant, [espo_id], expected={espo_id: {"titel": "Prof."}}))


@pytest.mark.skipif(not PGBOUNCER, reason="no pgbouncer here: apt-get install pgbouncer")
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
