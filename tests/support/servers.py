"""The servers that a whole test session shares, each on a port that is given."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from pathlib import Path

from advosync_project.embedded_redis import EmbeddedRedis
from tests.support.processes import MANAGE, is_served, running
from tests.support.sandbox import Sandbox


@contextmanager
def redis_server(directory: Path, port: int) -> Iterator[str]:
    """A Redis over the files of this directory; gives its URL."""
    server = EmbeddedRedis(directory, port)
    with running(server.command(), log=directory / "log", ready=server.is_running):
        yield server.url


@contextmanager
def stand_ins(directory: Path, port: int) -> Iterator[Sandbox]:
    """EspoCRM, Advoware and Google of the sandbox, with their databases in this directory."""
    sandbox = Sandbox(f"http://127.0.0.1:{port}")
    environment = {
        "DATABASE_URL": f"sqlite:///{directory}/default.sqlite3",
        "SANDBOX_DATABASE_URL": f"sqlite:///{directory}/sandbox.sqlite3",
        "DJANGO_SETTINGS_MODULE": "advosync_project.settings",
    }
    calls = f"{sandbox.origin}/sandbox/control/calls"
    command = [*MANAGE, "sandbox_server", "--port", str(port)]
    with running(command, log=directory / "log", ready=lambda: is_served(calls), environment=environment):
        yield sandbox


def hanging_up() -> AbstractContextManager[tuple[int, list[float]]]:
    """A port on which nobody is answered, and when each was hung up on: who asks again shows, and how fast."""
    return _taking_calls(hang_up=True)


def saying_nothing() -> AbstractContextManager[tuple[int, list[float]]]:
    """The same, and nobody is hung up on either: who waits for an answer waits as long as it will."""
    return _taking_calls(hang_up=False)


@contextmanager
def _taking_calls(*, hang_up: bool) -> Iterator[tuple[int, list[float]]]:
    calls: list[float] = []
    with ExitStack() as taken, socket.create_server(("127.0.0.1", 0)) as listener:

        def take() -> None:
            with suppress(OSError):
                while True:
                    connection, _address = listener.accept()
                    calls.append(time.monotonic())  # before the caller hears of it, and counts
                    taken.enter_context(connection)
                    if hang_up:
                        connection.close()

        threading.Thread(target=take, daemon=True).start()
        yield listener.getsockname()[1], calls
        listener.shutdown(socket.SHUT_RDWR)
