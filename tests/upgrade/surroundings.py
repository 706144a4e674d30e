"""An installation with its stand-ins and its Redis, for a process that is not a test: settings, server, work."""

import os
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from io import StringIO
from pathlib import Path
from typing import Any

from advosync_project.embedded_redis import EmbeddedRedis, free_port
from demo.installation import _environment
from tests.support.processes import MANAGE, is_served, running
from tests.support.sandbox import Sandbox

# So that a fixture of years ago loses nothing by age, and nothing is stopped that a first load of a few people is.
LASTING = {"SYNC_HISTORY_DAYS": "36500", "SYNC_GUARD_MAX_CREATES": "200", "CALENDAR_FUTURE_DAYS": "3650"}
QUEUES = ("webhook", "sweep", "bulk", "calendar", "schedule")


@contextmanager
def installed(folder: Path, database_url: str) -> Iterator[Sandbox]:
    """Django is set up on `database_url`, Redis runs; the stand-ins are where `serving` will start them."""
    port = free_port()
    server = EmbeddedRedis(folder / "redis", free_port())
    server.directory.mkdir()
    told = _environment(folder, f"http://127.0.0.1:{port}") | LASTING
    os.environ.update(told | {"DATABASE_URL": database_url, "REDIS_URL": server.url})
    import django

    with running(server.command(), log=folder / "redis.log", ready=server.is_running):
        django.setup()
        yield Sandbox(f"http://127.0.0.1:{port}")


@contextmanager
def serving(folder: Path, sandbox: Sandbox) -> Iterator[None]:
    """The stand-ins answer."""

    calls = f"{sandbox.origin}/sandbox/control/calls"
    command = [*MANAGE, "sandbox_server", "--port", sandbox.origin.rpartition(":")[2]]
    with ExitStack() as ends:
        ends.enter_context(running(command, log=folder / "sandbox.log", ready=lambda: is_served(calls)))
        sandbox.advoware(bank_list="embedded")
        manage("sandbox_google_key", str(folder / "google.json"), origin=sandbox.origin)
        yield


def manage(*arguments: str, **options: Any) -> str:
    """A command in this process; what it says. What it calls unhealthy is said too, not raised."""
    from django.core.management import CommandError, call_command

    out = StringIO()
    try:
        call_command(*arguments, stdout=out, stderr=out, **options)
    except (CommandError, SystemExit) as error:
        out.write(f"\n{error}")
    return out.getvalue()


def work(rounds: int = 4) -> None:
    """Everything that is due, as dispatcher and workers would do it."""
    for _number in range(rounds):
        manage("dispatch")
        for queue in QUEUES:
            manage("worker", queue, burst=True)


def fail(text: str) -> None:
    sys.exit(f"FAILED: {text}")
