"""Every way to use the product through PgBouncer, which gives each transaction another of two connections.

What would need a session's state (a cursor, a prepared statement, a lock, a setting) fails here, half of the time.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.db import DatabaseError, connection
from django.test import Client

from syncapp.models import DriftReport
from syncapp.operations.doctor import examine
from syncapp.operations.maintenance.sweep import sweep
from syncapp.operations.monitoring import drift
from syncapp.remotes.registry import forget
from tests.chaos import postgres
from tests.chaos.audit import audit
from tests.chaos.conftest import Close
from tests.chaos.plant import Plant
from tests.chaos.postgres import PGBOUNCER, PgBouncer, Postgres
from tests.chaos.whole import Ground
from tests.proxy.support import program
from tests.support.calendars import USER, Office

pytestmark = [
    pytest.mark.chaos,
    pytest.mark.skipif(not PGBOUNCER, reason="no pgbouncer here: apt-get install pgbouncer"),
]
PAGES = ("", "syncapp/syncrecord/", "syncapp/attempt/", "syncapp/proxycall/", "syncapp/conflict/")


@contextmanager
def unrest(url: str) -> Iterator[None]:
    """Others take connections and give them back all the time."""
    over = threading.Event()

    def ask() -> None:
        with psycopg.connect(url, autocommit=True, prepare_threshold=None) as line:
            while not over.wait(0.002):
                line.execute("SELECT 1")

    threads = [threading.Thread(target=ask) for _ in range(3)]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        over.set()
        for thread in threads:
            thread.join()


@pytest.fixture
def pooled(ground: Ground, server: Postgres) -> Iterator[Plant]:
    pooler = PgBouncer(postgres.folder(), server.port, connections=2)
    ground.settings.DATABASE_TRANSACTION_POOLING = True
    try:
        with ground.plant(pooler.url, DATABASE_TRANSACTION_POOLING="true") as plant, unrest(pooler.url):
            yield plant
    finally:
        pooler.stop()


def test_everything_works_through_the_pooler(pooled: Plant, settings: Any, tmp_path: Path, close_books: Close) -> None:
    pooled.worker("sweep")
    pairs = pooled.pairs(6)
    expected = {espo_id: {"titel": f"Prof. {number}"} for espo_id, number in pairs.items()}
    for espo_id, fields in expected.items():
        pooled.sandbox.anna.change(espo_id, **fields)
    assert not sweep().fault
    pooled.settle()
    assert sorted(drift.all_ids()) == sorted(pairs)
    call_command("compare", "--all", verbosity=0)
    assert DriftReport.objects.exists()
    assert [line.code for line in examine(names=frozenset({"database", "pooling"})) if line.code] == []
    _pages()
    _proxy(pairs, settings)
    _calendar(pooled, settings, tmp_path)
    close_books("PgBouncer: every way to use it", audit(pooled, pairs, expected=expected), injected=6)


def _pages() -> None:
    browser = Client()
    browser.force_login(get_user_model().objects.create_superuser("admin"))
    for page in PAGES:
        assert browser.get(f"/admin/{page}", follow=True).status_code == 200, page


def _proxy(pairs: dict[str, int], settings: Any) -> None:
    settings.PROXY_ENABLED = True
    answer = program().api("GET", f"Beteiligte/{min(pairs.values())}")
    assert answer.status == 200


def _calendar(pooled: Plant, settings: Any, tmp_path: Path) -> None:
    settings.GOOGLE_SERVICE_ACCOUNT_FILE = pooled.sandbox.google_key(tmp_path)
    settings.GOOGLE_CALENDAR_API_URL = pooled.sandbox.google_url
    settings.GOOGLE_DELEGATED_USER = USER
    forget()
    office = Office(pooled.sandbox, settings)
    office.hire()
    office.enter(1, text="Besprechung")
    office.sync()
    assert [event.summary for event in office.events()] == ["Besprechung"]


def read_again_and_again(times: int) -> None:
    for _time in range(times):
        list(drift.all_ids())


def test_without_the_setting_a_long_list_breaks_off_and_the_doctor_knows_why(pooled: Plant, settings: Any) -> None:
    pooled.worker("sweep")
    pooled.pairs(1)
    settings.DATABASE_TRANSACTION_POOLING = False
    connection.settings_dict["DISABLE_SERVER_SIDE_CURSORS"] = False
    # Where the cursor was gone as it was closed, Django does not translate the error.
    with pytest.raises((DatabaseError, psycopg.Error)):
        read_again_and_again(200)
    connection.close()
    assert [line.code for line in examine(names=frozenset({"database", "pooling"})) if line.code] == ["pooler_unknown"]
