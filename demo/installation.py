"""An installation of its own for the demo: fresh databases, an own Redis, well-known keys, a free port.

Invariant: nothing of the machine's real configuration is read, and nothing is written outside the demo's folder.
"""

import base64
import fcntl
import json
import os
import secrets
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import requests

from advosync_project import embedded_redis
from advosync_project.declarations import SETTINGS
from advosync_project.environment import ENV_FILE
from advosync_project.processes import SUPERVISED
from demo import calendars
from demo.people import ADVOWARE_APP, ADVOWARE_LOGIN, ADVOWARE_SECRET, Observer, direct

ROOT = Path(__file__).resolve().parents[1]
USUAL_PORT = 8000
START_SECONDS = 180  # a minute is enough but on a machine that has much else to do
STOP_SECONDS = 30
LOGIN = ("demo", "demo")
GO_LIVE = (
    "from django.contrib.auth import get_user_model; from syncapp.engine.control import set_mode; "
    "get_user_model().objects.create_superuser('{0}', 'demo@example.org', '{1}'); "
    "set_mode(mode='live', by='demo', reason='demo')"
)


class DemoError(Exception):
    """The demo cannot start or did not start; the message says why."""


@dataclass(frozen=True)
class Installation:
    folder: Path
    port: int
    environment: dict[str, str]

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def manage(self, *arguments: str) -> str:
        """Run a command of the product in this installation; what it printed."""
        result = subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=ROOT,
            env=self.environment,
            capture_output=True,
            text=True,
            stdin=subprocess.DEVNULL,
        )
        if result.returncode:
            raise DemoError(f"manage.py {arguments[0]} failed:\n{result.stderr.strip()[-2000:]}")
        return result.stdout


@contextmanager
def fresh(folder: Path, *, port: int | None) -> Iterator[Installation]:
    """An empty installation in the folder, which belongs to this process as long as the context lasts."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder.parent / f"{folder.name}.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as taken:
            raise DemoError(f"A demo is running in {folder} already.") from taken
        embedded_redis.of_directory(folder / "redis").shut_down()  # of a demo that was killed
        shutil.rmtree(folder)
        folder.mkdir()
        chosen = _usable(port) if port else _free_port()
        yield Installation(folder, chosen, _environment(folder, f"http://127.0.0.1:{chosen}"))


def _usable(port: int) -> int:
    if not embedded_redis.is_free(port):
        raise DemoError(f"Port {port} is taken; leave out --port to get a free one.")
    return port


def _free_port() -> int:
    return USUAL_PORT if embedded_redis.is_free(USUAL_PORT) else embedded_redis.free_port()


def _environment(folder: Path, origin: str) -> dict[str, str]:
    own = {
        ENV_FILE: "",
        "VAR_DIR": str(folder),
        "DATABASE_URL": f"sqlite:///{folder}/advosync.sqlite3",
        "SANDBOX_DATABASE_URL": f"sqlite:///{folder}/sandbox.sqlite3",
        "DEBUG": "true",
        "SANDBOX": "true",
        "SECRET_KEY": secrets.token_urlsafe(40),
        "PUBLIC_URL": origin,
        "LOG_LEVEL": "WARNING",
        "NO_PROXY": "127.0.0.1",
        "ESPOCRM_API_BASE_URL": f"{origin}/sandbox/espocrm/api/v1",
        "ESPOCRM_API_KEY": "sandbox-espo-key",
        "ADVOWARE_API_BASE_URL": f"{origin}/sandbox/advoware/",
        "ADVOWARE_AUTH_URL": f"{origin}/sandbox/advoware/token",
        "ADVOWARE_APP_ID": ADVOWARE_APP,
        "ADVOWARE_API_KEY": base64.b64encode(ADVOWARE_SECRET).decode(),
        # Nobody wants to wait in a demo: a minute and a quarter of an hour are for real work.
        "SYNC_DISPATCH_SECONDS": "2",
        "SYNC_RECHECK_SECONDS": "4",
        "PROXY_ENABLED": "true",
        "ESPOCRM_ADRESSEN": "entity",
        "ESPOCRM_BANK_ENTITY": "CBankverbindungen",
        "ADVOWARE_BANK_LIST": "embedded:bankverbindungen",
        **calendars.environment(folder, origin),
        **{f"ADVOWARE_{name.upper()}": str(value) for name, value in ADVOWARE_LOGIN.items()},
    }
    kept = {name: value for name, value in os.environ.items() if name not in SETTINGS}
    if os.environ.get("REDIS_URL"):
        own["REDIS_URL"] = os.environ["REDIS_URL"]
    return {**kept, **own, "DJANGO_SETTINGS_MODULE": "advosync_project.settings", "PYTHONUNBUFFERED": "1"}


def prepare(installation: Installation, *, grant: str, people: int | None = None) -> str:
    """Databases, the demo's user, the going-live moment, and after it the people in the stand-ins.

    Gives the key of a program that uses Advoware over the proxy.
    """
    if people is not None:
        # So many at once would be stopped by the guard against mass changes, which is not what is to be seen.
        installation.environment["SYNC_GUARD_MAX_CREATES"] = str(max(people, 200))
    calendars.issue_key(installation)
    installation.manage("migrate", "--verbosity", "0")
    installation.manage("shell", "--verbosity", "0", "-c", GO_LIVE.format(*LOGIN))
    count = [] if people is None else ["--count", str(people)]
    said = installation.manage(
        "sandbox_seed", "--reset", "--children", "--calendar", "--webhooks-to", installation.origin, *count
    )
    for line in said.splitlines():
        name, sign, value = line.partition("=")
        if sign and name in SETTINGS:
            installation.environment[name] = value
    grants = ("--grant", grant, "--grant", calendars.GRANT)
    made = installation.manage("proxy_key", "create", "demo", *grants, "--owner", LOGIN[0], "--json")
    return str(json.loads(made)["key"])


@contextmanager
def running(installation: Installation, *, log: Path | None = None) -> Iterator["subprocess.Popen[bytes]"]:
    """All processes, answering; the supervisor is given, and ended for sure when the context ends."""
    output = log.open("wb") if log else None
    process = subprocess.Popen(
        [sys.executable, "manage.py", "run_all", "--bind", f"127.0.0.1:{installation.port}"],
        cwd=ROOT,
        env={**installation.environment, SUPERVISED: "1"},
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=subprocess.STDOUT if output else None,
    )
    try:
        _wait_until_it_answers(installation, process)
        # Nobody knows whether the real Advoware shows them; here it does, so that they go round both ways.
        Observer(installation.origin).tell("advoware/settings", bank_list="embedded")
        yield process
    finally:
        process.terminate()
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        if output:
            output.close()


def _wait_until_it_answers(installation: Installation, process: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise DemoError(f"run_all ended at once with exit code {process.returncode}.")
        try:
            if direct().get(f"{installation.origin}/admin/login/", timeout=5).ok:
                return
        except requests.RequestException:
            time.sleep(0.2)
    raise DemoError(f"The web process did not answer within {START_SECONDS} seconds.")
