"""The database locked for a while: everybody waits; and where that takes too long, nothing is lost either."""

import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.db import connection

from tests.chaos.audit import audit
from tests.chaos.conftest import Close
from tests.chaos.plant import Plant, Process, database_url, free_origin
from tests.chaos.pouring import webhooks_to

pytestmark = pytest.mark.chaos
needs_sqlite = pytest.mark.skipif("connection.vendor != 'sqlite'", reason="SQLite: the whole file is locked")


@contextmanager
def locked() -> Iterator[None]:
    """Nobody else can write."""
    if connection.vendor == "sqlite":
        other = sqlite3.connect(connection.settings_dict["NAME"], isolation_level=None, timeout=20)
        other.execute("BEGIN IMMEDIATE")
        try:
            yield
        finally:
            other.execute("ROLLBACK")
            other.close()
        return
    import psycopg

    with psycopg.connect(database_url()) as other_connection:
        other_connection.execute("LOCK TABLE syncapp_syncrecord IN ACCESS EXCLUSIVE MODE")
        yield


@contextmanager
def locked_now_and_then(seconds: float) -> Iterator[None]:
    over = threading.Event()

    def lock() -> None:
        while not over.wait(0.2):
            with locked():
                time.sleep(seconds)

    thread = threading.Thread(target=lock)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def test_locked_now_and_then(plant: Plant, steady: Process, close_books: Close) -> None:
    pairs = plant.pairs(12)
    expected = {espo_id: {"titel": f"Prof. {number}"} for espo_id, number in pairs.items()}
    for espo_id, fields in expected.items():
        plant.sandbox.anna.change(espo_id, **fields)
        plant.ask(espo_id, enqueue=False)
    with locked_now_and_then(0.6):
        plant.settle()
    close_books("database locked for a moment", audit(plant, pairs, expected=expected))


@needs_sqlite
def test_locked_for_longer_than_anybody_waits(plant: Plant, steady: Process, close_books: Close) -> None:
    """The answer to the PUT cannot be kept: the run dies with its lease, and the next one settles it."""
    victim = plant.begin_worker("webhook", DATABASE_URL=f"{database_url()}?timeout=1")
    espo_id, _number = plant.pair()
    plant.sandbox.anna.change(espo_id, titel="Prof.")
    plant.ready(victim)
    plant.sandbox.fault("advoware", "delay", method="PUT", seconds=0.7)
    plant.ask(espo_id)
    held = plant.until_held()
    with locked():
        plant.until(
            lambda: any(c["n"] == held["n"] and c["done_at"] for c in plant.sandbox.control.calls()), "answered"
        )
        time.sleep(4)
    record = plant.record(espo_id)
    assert record.status == "syncing"
    assert record.open_intents
    assert not victim.ended
    plant.expire()
    plant.settle()
    close_books("database locked for long", audit(plant, [espo_id], expected={espo_id: {"titel": "Prof."}}))


@contextmanager
def locked_for(seconds: float) -> Iterator[None]:
    """From now on, for that long, while the test goes on."""
    has_it = threading.Event()

    def lock() -> None:
        with locked():
            has_it.set()
            time.sleep(seconds)

    thread = threading.Thread(target=lock)
    thread.start()
    assert has_it.wait(30)
    yield
    thread.join()


@needs_sqlite
def test_webhook_that_meets_a_lock_waits_for_its_turn(plant: Plant, steady: Process, close_books: Close) -> None:
    """Some seconds are less than EspoCRM waits: 202, and a worker that wanted to write has waited as well."""
    (espo_id, _), (other, _) = plant.pair(), plant.pair()
    origin = free_origin()
    plant.web(origin=origin, ESPOCRM_WEBHOOK_SECRETS=webhooks_to(plant, origin, deliver=False))
    for one in (espo_id, other):
        plant.sandbox.anna.change(one, titel="Prof.")
    plant.ask(other, queue="sweep")
    with locked_for(4.0):
        begin = time.monotonic()
        # A second delivery is the echo of the worker's own PATCH, where it was quicker than the lock.
        assert set(plant.sandbox.deliver_webhooks()["statuses"]) == {202}
        assert time.monotonic() - begin > 2.0
    plant.settle()
    assert not steady.ended
    expected = {one: {"titel": "Prof."} for one in (espo_id, other)}
    close_books("database locked for a moment", audit(plant, expected, expected=expected))


@needs_sqlite
def test_webhook_that_cannot_be_stored_is_sent_again(plant: Plant, steady: Process, close_books: Close) -> None:
    """503 while the database is locked, so that EspoCRM keeps the delivery; nothing of it is lost."""
    espo_id, _number = plant.pair()
    origin = free_origin()
    secrets = webhooks_to(plant, origin, deliver=False)
    plant.web(origin=origin, DATABASE_URL=f"{database_url()}?timeout=1", ESPOCRM_WEBHOOK_SECRETS=secrets)
    plant.sandbox.anna.change(espo_id, titel="Prof.")
    with locked():
        assert plant.sandbox.deliver_webhooks()["statuses"] == [503]
    assert plant.record(espo_id).status == "clean"
    sent = plant.sandbox.control.tell("webhooks/flush", retries=True)
    assert sent["statuses"] == [202]
    plant.settle()
    close_books("webhook not stored", audit(plant, [espo_id], expected={espo_id: {"titel": "Prof."}}))
