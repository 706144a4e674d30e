"""The installation that is measured: an own database, an own Redis, the stand-ins in a process of their own."""

import os
import shutil
import sys
import tempfile
from argparse import Namespace
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests

from advosync_project.embedded_redis import EmbeddedRedis, free_port
from tests.support.processes import MANAGE, running
from tests.support.sandbox import Sandbox


@dataclass
class Bench:
    """What a benchmark works with."""

    sandbox: Sandbox
    directory: Path
    options: Namespace
    made: int = 0

    def new(self, **attributes: object) -> str:
        """A new record in EspoCRM; its id."""
        self.made += 1
        name = f"Mustermann {self.made:06d}"
        return str(self.sandbox.anna.create(**{"name": name, "vorname": "Erika", **attributes})["id"])

    def pairs(self, number: int) -> list[Any]:
        """That many records, equal on both sides, as rows of ours."""
        from syncapp.engine.batch import sync_batch
        from syncapp.engine.runs.sync_record import Order
        from syncapp.models import SyncRecord

        ids = [self.new() for _number in range(number)]
        records = [SyncRecord.objects.get_or_create(espo_id=espo_id)[0] for espo_id in ids]
        sync_batch([Order(record.pk, forced=True) for record in records])
        return list(SyncRecord.objects.filter(espo_id__in=ids, status="clean").order_by("pk"))

    def edit(self, espo_id: str, title: str) -> None:
        """An edit in EspoCRM. The history is cut first: a guard stops what is rewritten again and again."""
        from syncapp.models import FieldChange

        FieldChange.objects.filter(record__espo_id=espo_id).delete()
        self.sandbox.anna.change(espo_id, titel=title)

    def edit_in_advoware(self, record: Any, title: str) -> None:
        """The same in Advoware."""
        from syncapp.models import FieldChange

        FieldChange.objects.filter(record=record).delete()
        self.sandbox.clerk.change(record.betnr, titel=title)

    @contextmanager
    def web(self) -> Iterator[str]:
        """The web process as in production; its address."""
        origin = f"http://127.0.0.1:{free_port()}"
        address = origin.removeprefix("http://")
        command = [sys.executable, "-m", "gunicorn", "-c", "python:advosync_project.web", "--bind", address]
        alive = _alive(f"{origin}/health/live")
        with running([*command, "advosync_project.wsgi"], log=self.directory / "web.log", ready=alive):
            yield origin

    @contextmanager
    def slow(self, seconds: float) -> Iterator[None]:
        """Every call to either system answers that much later."""
        for system in ("espocrm", "advoware"):
            self.sandbox.fault(system, "delay", seconds=seconds, count=None)
        try:
            yield
        finally:
            self.sandbox.heal()


@contextmanager
def installation(database_url: str, options: Namespace, *, calendars: bool = False) -> Iterator[Bench]:
    """Everything started, live, facts read; gone afterwards. database_url: empty for an SQLite file.

    calendars: with a Google to keep them in.
    """
    directory = Path(tempfile.mkdtemp(prefix="advosync-bench-"))
    redis = EmbeddedRedis(directory / "redis", free_port())
    sandbox = Sandbox(f"http://127.0.0.1:{free_port()}")
    database_url = database_url or f"sqlite:///{directory}/bench.sqlite3"
    os.environ.update(_environment(sandbox), DATABASE_URL=database_url, REDIS_URL=redis.url)
    stand_ins = {
        "DEBUG": "true",
        "SANDBOX": "true",
        "DATABASE_URL": f"sqlite:///{directory}/stand-ins-default.sqlite3",
        "SANDBOX_DATABASE_URL": f"sqlite:///{directory}/stand-ins.sqlite3",
    }
    (directory / "redis").mkdir()
    alive = _alive(f"{sandbox.origin}/sandbox/control/calls")
    command = [*MANAGE, "sandbox_server", "--port", sandbox.origin.rpartition(":")[2]]
    try:
        with (
            running(redis.command(), log=directory / "redis.log", ready=redis.is_running),
            running(command, log=directory / "sandbox.log", ready=alive, environment=stand_ins),
        ):
            if calendars:
                os.environ.update(_google(sandbox, directory))
            _prepare()
            yield Bench(sandbox, directory, options)
    finally:
        shutil.rmtree(directory, ignore_errors=True)


def _environment(sandbox: Sandbox) -> dict[str, str]:
    """An installation in production, in front of the stand-ins."""
    return {
        "ADVOSYNC_ENV_FILE": "",
        "DEBUG": "false",
        "SANDBOX": "false",
        "SECRET_KEY": "only-for-benchmarks-" + "x" * 40,
        "ALLOWED_HOSTS": "127.0.0.1,testserver",
        "SECURE_SSL_REDIRECT": "false",
        "ESPOCRM_API_BASE_URL": sandbox.espocrm_url,
        "ESPOCRM_API_KEY": "sandbox-espo-key",
        "ESPOCRM_WEBHOOK_SECRETS": "bench:secret",
        "ADVOWARE_API_BASE_URL": sandbox.advoware_url,
        "ADVOWARE_AUTH_URL": sandbox.token_url,
        "ADVOWARE_APP_ID": "sandbox-app",
        "ADVOWARE_API_KEY": "c2FuZGJveC1hZHZvd2FyZS1zZWNyZXQ=",
        "ADVOWARE_KANZLEI": "1",
        "ADVOWARE_DATABASE": "sandbox",
        "ADVOWARE_USER": "sync",
        "ADVOWARE_PASSWORD": "sandbox",
        "SYNC_GUARD_MAX_CREATES": "1000000",
        "LOG_LEVEL": "ERROR",
        "DJANGO_SETTINGS_MODULE": "advosync_project.settings",
    }


def _google(sandbox: Sandbox, directory: Path) -> dict[str, str]:
    """The stand-in's Google, which counts no requests: how quick we are is measured, not how patient."""
    sandbox.google(per_minute=1_000_000)
    return {
        "GOOGLE_SERVICE_ACCOUNT_FILE": sandbox.google_key(directory, new=True),
        "GOOGLE_CALENDAR_API_URL": sandbox.google_url,
        "GOOGLE_DELEGATED_USER": "kalender@kanzlei.example",
    }


def _alive(url: str) -> Callable[[], bool]:
    def answers() -> bool:
        try:
            return requests.get(url, timeout=5).ok
        except requests.RequestException:
            return False

    return answers


def _prepare() -> None:
    import django

    django.setup()
    from django.core.management import call_command

    from syncapp.engine import control
    from syncapp.entities.beteiligte.clients import configured_clients
    from syncapp.entities.beteiligte.probes import remote_metadata

    call_command("migrate", verbosity=0)
    control.set_mode(mode="live", by="benchmarks", reason="benchmarks")
    clients = configured_clients()
    remote_metadata.read_all(espocrm=clients.espocrm, advoware=clients.advoware)
