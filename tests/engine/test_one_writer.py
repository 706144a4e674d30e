"""Writers of SQLite come one after the other, in their order, and none of them waits within a transaction."""

import threading
from pathlib import Path

import pytest
from django.db import connection, transaction
from django.utils import timezone

from syncapp.engine.rows import one_writer
from syncapp.models import Heartbeat

pytestmark = pytest.mark.django_db(transaction=True)
only_sqlite = pytest.mark.skipif("connection.vendor != 'sqlite'", reason="PostgreSQL has turns of its own")


def beat(name: str) -> None:
    Heartbeat.objects.create(pk=name, at=timezone.now())


def queue() -> Path:
    return Path(f"{connection.settings_dict['NAME']}.queue")


def in_threads(number: int, work: object) -> list[threading.Thread]:
    threads = [threading.Thread(target=work, args=(each,)) for each in range(number)]  # type: ignore[arg-type]
    for thread in threads:
        thread.start()
    return threads


def test_it_is_a_transaction() -> None:
    with one_writer.in_turn():
        beat("lost")
        transaction.set_rollback(True)
    with one_writer.in_turn():
        assert connection.in_atomic_block
        beat("kept")
    assert not connection.in_atomic_block
    assert list(Heartbeat.objects.values_list("pk", flat=True)) == ["kept"]


@only_sqlite
def test_one_at_a_time_and_everybody_gets_his_turn() -> None:
    inside, most, done = [], [], []

    def write(number: int) -> None:
        try:
            with one_writer.in_turn():
                inside.append(number)
                most.append(len(inside))
                beat(f"writer {number}")
                inside.remove(number)
            done.append(number)
        finally:
            connection.close()

    for thread in in_threads(8, write):
        thread.join()
    assert sorted(done) == list(range(8))
    assert max(most) == 1
    assert Heartbeat.objects.count() == 8


@only_sqlite
def test_the_turn_is_let_go_when_it_fails() -> None:
    with pytest.raises(ZeroDivisionError), one_writer.in_turn():
        raise ZeroDivisionError
    with one_writer.in_turn():
        assert queue().exists()


def test_nobody_waits_for_a_turn_within_a_transaction(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(one_writer.fcntl, "flock", lambda *_: pytest.fail("waited"))
    with transaction.atomic(), one_writer.in_turn():
        beat("inner")
    assert Heartbeat.objects.count() == 1
