"""A whole installation under its supervisor, and this test process on the database that the installation has."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import Error, connections
from django.db import connection as current

from advosync_project import kinds
from advosync_project.processes import SUPERVISED
from advosync_project.settings import database_settings
from syncapp.engine import control
from syncapp.engine.rows.due import due_now
from syncapp.models import SyncRecord
from syncapp.remotes import registry
from tests.chaos import plant as plants
from tests.chaos.plant import Plant, Process, RedisServer, free_origin
from tests.chaos.pouring import Expected, all_equal, webhooks_to
from tests.support.processes import MANAGE
from tests.support.sandbox import Sandbox


def whole_installation(plant: Plant, origin: str = "", **environment: str) -> Process:
    """Web, a worker for each queue and the scheduler, under the supervisor, told of changes by EspoCRM's webhooks."""
    origin = origin or free_origin()
    secrets = webhooks_to(plant, origin)
    return plant.start(
        "run_all",
        [*MANAGE, "run_all", "--bind", origin.removeprefix("http://")],
        lambda process: all(
            word in process.said() for word in (*(f"ready, queue {q}" for q in settings.QUEUE_NAMES), "every")
        ),
        ESPOCRM_WEBHOOK_SECRETS=secrets,
        SYNC_DISPATCH_SECONDS="1",
        SYNC_PARALLEL="4",
        **{SUPERVISED: "1"},
        **environment,
    )


def at_rest() -> bool:
    held = SyncRecord.objects.exclude(lease_token="").exists()
    return not held and not SyncRecord.objects.filter(due_now(control.switches())).exists()


def _in_spite_of_the_database(holds: Callable[[], bool]) -> bool:
    """What cannot be asked now does not hold; the next time on a new connection."""
    try:
        return holds()
    except Error:
        current.close()
        return False


def until_equal(plant: Plant, expected: Expected) -> None:
    """Waiting times pass and webhooks are sent again; nobody does anything else, and the database may be away."""

    def is_equal() -> bool:
        plant.let_waits_pass()
        plant.sandbox.control.tell("webhooks/flush", retries=True)
        return at_rest() and all_equal(plant, expected)

    plant.until(lambda: _in_spite_of_the_database(is_equal), "both sides equal, without help")


@contextmanager
def database_at(url: str, **more: Any) -> Iterator[None]:
    """This test process works on that database, as the processes of the installation do."""
    kept, before = connections.settings["default"], connections["default"]
    config = {**database_settings(kinds.DATABASE.parse(url)), **more}
    connections.settings["default"] = connections.configure_settings({"default": config})["default"]
    del connections["default"]
    try:
        yield
    finally:
        connections.close_all()
        connections.settings["default"] = kept
        connections["default"] = before


@dataclass
class Ground:
    """What a plant on a database of its own needs."""

    sandbox: Sandbox
    redis: RedisServer
    settings: Any
    monkeypatch: pytest.MonkeyPatch
    directory: Path

    @contextmanager
    def plant(self, url: str, directory: Path | None = None, **environment: str) -> Iterator[Plant]:
        """Live and empty. The database has its tables, and nobody's records."""
        self.settings.REDIS_URL = self.redis.url
        self.redis.flush()
        self.monkeypatch.setenv("ADVOSYNC_TEST_DATABASE_URL", url)
        more = {"DISABLE_SERVER_SIDE_CURSORS": True} if "DATABASE_TRANSACTION_POOLING" in environment else {}
        with database_at(url, **more):
            registry.forget()
            given = {"DATABASE_URL": url, **environment}
            with plants.plant(self.sandbox, self.redis, directory or self.directory, given) as built:
                plants.begin(built)
                yield built
