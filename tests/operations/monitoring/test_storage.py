"""No room on the disk: who says so, and for how long."""

from types import SimpleNamespace
from typing import Any

import pytest
import redis
from django.db import OperationalError

from syncapp.engine.rows import database_errors
from syncapp.operations.monitoring.signs import health, vitals

pytestmark = pytest.mark.django_db


def full() -> OperationalError:
    error = OperationalError("no space left on device")
    error.__cause__ = type("DiskFull", (Exception,), {"sqlstate": "53100"})()
    return error


def test_what_one_process_has_met_the_others_say_for_a_minute(redis_client: redis.Redis) -> None:
    assert health.storage().ok
    assert database_errors.note_if_full(full())
    part = health.storage()
    assert (part.ok, part.needed) == (False, True)
    assert "make room" in part.detail
    assert 0 < redis_client.ttl(database_errors.NOTE) <= 60
    redis_client.delete(database_errors.NOTE)
    assert health.storage().ok


def test_other_errors_of_the_database_are_no_full_disk(redis_client: redis.Redis) -> None:
    assert not database_errors.note_if_full(OperationalError("the connection is closed"))
    assert health.storage().ok


def test_a_file_of_ours_on_a_full_disk(redis_client: redis.Redis, monkeypatch: pytest.MonkeyPatch, tmp_path) -> None:
    file = SimpleNamespace(vendor="sqlite", settings_dict={"NAME": str(tmp_path / "db.sqlite3")})
    monkeypatch.setattr(health, "connection", file)
    monkeypatch.setattr("shutil.disk_usage", lambda _path: SimpleNamespace(free=1024))
    assert not health.storage().ok


def test_without_redis_nothing_is_claimed(settings: Any) -> None:
    settings.REDIS_URL = "redis://127.0.0.1:1/1"
    assert database_errors.note_if_full(full())
    assert not database_errors.was_full()


def test_the_landing_page_says_what_to_do(redis_client: redis.Redis) -> None:
    assert not [vital for vital in vitals.from_redis() if vital.icon == "hard_drive"]
    database_errors.note_if_full(full())
    told = next(vital for vital in vitals.from_redis() if vital.icon == "hard_drive")
    assert told.well is False
    assert "Platz schaffen" in told.words
