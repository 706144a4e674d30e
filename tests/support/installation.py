"""The product's own processes on the database of the present test: its web server, and workers for a queue."""

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from io import StringIO
from pathlib import Path
from urllib.parse import urlsplit

import psutil
import requests
from django.core.management import call_command
from django.db import connection

from advosync_project.embedded_redis import free_port
from tests.support.processes import MANAGE, ROOT, is_served, running
from tests.support.sandbox import Sandbox


def database_url() -> str:
    """The test's database as another process has to name it."""
    name = str(connection.settings_dict["NAME"])
    if connection.vendor == "sqlite":
        return f"sqlite:///{name}"
    return urlsplit(os.environ["ADVOSYNC_TEST_DATABASE_URL"])._replace(path=f"/{name}").geturl()


def environment(*, sandbox: Sandbox, redis_url: str, **changes: str) -> dict[str, str]:
    """What the processes are told: the test's database, its Redis and its stand-ins; `changes` come last."""
    return {
        "DJANGO_SETTINGS_MODULE": "advosync_project.settings",
        "DATABASE_URL": database_url(),
        "REDIS_URL": redis_url,
        "ESPOCRM_API_BASE_URL": sandbox.espocrm_url,
        "ADVOWARE_API_BASE_URL": sandbox.advoware_url,
        "ADVOWARE_AUTH_URL": sandbox.token_url,
        **changes,
    }


@dataclass
class Installation:
    """A running web server; `manage` runs a command to its end."""

    origin: str
    told: Mapping[str, str] = field(default_factory=dict)
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def kill(self) -> None:
        """kill -9 for the web process and what it has started: no farewell."""
        for process in self.processes:
            for one in (*psutil.Process(process.pid).children(recursive=True), process):
                one.kill()
            process.wait()

    def webhook(self, action: str, raw: bytes, headers: Mapping[str, str]) -> requests.Response:
        url = f"{self.origin}/webhooks/espocrm/beteiligte/{action}"
        return requests.post(url, data=raw, headers={"Content-Type": "application/json", **headers}, timeout=20)

    def manage(self, *command: str) -> str:
        done = subprocess.run(
            [*MANAGE, *command],
            cwd=ROOT,
            env={**os.environ, **self.told},
            capture_output=True,
            text=True,
            timeout=120,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def work(self, *, own_processes: bool = False) -> None:
        """Do everything that is due, as workers and dispatcher would within the next minute."""
        for command in (("worker", "webhook", "--burst"), ("dispatch",), ("worker", "sweep", "--burst")):
            if own_processes:
                self.manage(*command)
            else:
                call_command(*command, stdout=StringIO())


@contextmanager
def serving(directory: Path, told: Mapping[str, str], *, port: int | None = None) -> Iterator[Installation]:
    """The web process as `run_all` starts it, on a free port."""
    port = port or free_port()
    installation = Installation(f"http://127.0.0.1:{port}", told)
    gunicorn = [sys.executable, "-m", "gunicorn", "-c", "python:advosync_project.web", "--bind", f"127.0.0.1:{port}"]

    command, log = [*gunicorn, "advosync_project.wsgi"], directory / f"web-{port}.log"
    webhook = f"{installation.origin}/webhooks/espocrm/beteiligte/update"
    with running(command, log=log, ready=lambda: is_served(webhook, 405), environment=told) as process:
        installation.processes.append(process)
        yield installation
