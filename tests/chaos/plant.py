"""An installation whose plugs can be pulled: real workers, its own Redis, the stand-ins, and the database of the test.

The test process shares the database with the workers, so it can look, let a lease run out, or let a waiting time pass.
Everything else happens in other processes, and over HTTP. Invariant: what a plant has started ends with the test.
"""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import psutil
import redis
from django.core.management import call_command
from django.db import connection
from django.db.models import Case, When
from django.utils import timezone

from advosync_project.embedded_redis import EmbeddedRedis, free_port
from syncapp.core.states import Event
from syncapp.engine import control, dispatcher, job_queue
from syncapp.engine.rows import locks
from syncapp.engine.rows.due import due_now
from syncapp.engine.rows.requests import request_sync
from syncapp.entities.beteiligte.clients import configured_clients
from syncapp.entities.beteiligte.probes import remote_metadata
from syncapp.models import Control, FieldChange, SyncRecord
from tests.support.processes import MANAGE, ROOT, is_served, wait_until
from tests.support.sandbox import Sandbox

# For a machine that others keep busy; on an idle one everything takes seconds.
PATIENCE = 120.0
SKEWED = [sys.executable, "-m", "tests.chaos.skewed"]


class RedisServer:
    """A Redis that can be stopped, killed, flushed and started again on its port."""

    def __init__(self, directory: Path) -> None:
        self.server = EmbeddedRedis(directory, free_port())
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return self.server.url

    def start(self) -> None:
        with (self.server.directory / "log").open("ab") as output:
            self._process = subprocess.Popen(self.server.command(), stdout=output, stderr=subprocess.STDOUT)
        wait_until(self.server.is_running, seconds=20, process=self._process, log=self.server.directory / "log")

    def stop(self, *, how: int = signal.SIGTERM) -> None:
        if self._process is not None:
            self._process.send_signal(how)
            self._process.wait(20)
            self._process = None

    def restart(self) -> None:
        self.stop()
        self.start()

    def freeze(self) -> None:
        """It takes connections and answers nothing: worse than one that is not there."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)

    def restore(self) -> None:
        """At work again, whatever was done to it."""
        if self._process is None:
            self.start()
        else:
            self._process.send_signal(signal.SIGCONT)

    def client(self) -> redis.Redis:
        return redis.Redis.from_url(self.url)

    def forget(self, pattern: str) -> None:
        with self.client() as client:
            for name in client.scan_iter(pattern):
                client.delete(name)

    def flush(self) -> None:
        with self.client() as client:
            client.flushall()

    def locks(self) -> list[str]:
        try:
            with self.client() as client:
                return [name.decode() for name in client.scan_iter("sync_lock:*")]
        except redis.BusyLoadingError:
            return ["still reading its file"]

    def tokens(self) -> set[tuple[str, str]]:
        """Every lock with its token: one that comes again with another token is another job's."""
        with self.client() as client:
            found = [(name.decode(), client.get(name)) for name in client.scan_iter("sync_lock:*")]
        return {(name, token.decode()) for name, token in found if token is not None}


def free_origin() -> str:
    return f"http://127.0.0.1:{free_port()}"


def database_url() -> str:
    """The database of this test process, as an environment variable names it."""
    config = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{config['NAME']}"
    given = urlsplit(os.environ["ADVOSYNC_TEST_DATABASE_URL"])
    return urlunsplit(given._replace(path=f"/{config['NAME']}"))


@dataclass
class Process:
    """One process of the installation; its output is in `log`."""

    popen: "subprocess.Popen[bytes]"
    log: Path

    def kill(self) -> None:
        """kill -9."""
        self.popen.kill()
        self.popen.wait(10)

    def terminate(self, *, seconds: float = 20) -> int:
        self.popen.terminate()
        return self.popen.wait(seconds)

    def freeze(self) -> None:
        self.popen.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        self.popen.send_signal(signal.SIGCONT)

    @property
    def ended(self) -> bool:
        return self.popen.poll() is not None

    def said(self) -> str:
        return self.log.read_text(errors="replace")

    def end(self) -> None:
        """Also what it has forked."""
        for child in psutil.Process(self.popen.pid).children(recursive=True) if not self.ended else ():
            child.kill()
        if not self.ended:
            self.thaw()
            self.kill()


@dataclass
class Plant:
    """`environment` is what all processes get on top of the test's own."""

    sandbox: Sandbox
    redis: RedisServer
    directory: Path
    environment: dict[str, str] = field(default_factory=dict)
    processes: list[Process] = field(default_factory=list)
    made: int = 0

    # --- processes

    def start(self, name: str, command: list[str], ready: Callable[[Process], bool], **environment: str) -> Process:
        log = self.directory / f"{len(self.processes):02}-{name}.log"
        with log.open("wb") as output:
            popen = subprocess.Popen(
                command,
                cwd=ROOT,
                env={**self.own_environment(), **environment},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        process = Process(popen, log)
        self.processes.append(process)
        wait_until(lambda: ready(process), seconds=PATIENCE, process=popen, log=log)
        return process

    def begin_worker(self, queue: str, *, clock_off: int = 0, **environment: str) -> Process:
        """Start a worker and do not wait for it. clock_off: seconds by which its clock is wrong."""
        command = [*SKEWED, str(clock_off), "worker", queue] if clock_off else [*MANAGE, "worker", queue]
        return self.start(f"worker-{queue}", command, lambda process: True, **environment)

    def worker(self, queue: str, *, clock_off: int = 0, **environment: str) -> Process:
        return self.ready(self.begin_worker(queue, clock_off=clock_off, **environment))

    def ready(self, worker: Process) -> Process:
        self.until(lambda: "ready, queue" in worker.said() or worker.ended, "a worker is ready")
        assert not worker.ended, worker.said()[-4000:]
        return worker

    def crowd(self, number: int, queue: str) -> Process:
        """Many workers of one queue; those of the crowd end together."""
        command = [sys.executable, "-m", "tests.chaos.crowd", str(number), queue]
        return self.start("crowd", command, lambda process: process.said().count("ready, queue") >= number)

    def own_environment(self) -> dict[str, str]:
        """What a command of the product needs to work on this installation."""
        return {**os.environ, **self.environment}

    def scheduler(self, **environment: str) -> Process:
        return self.start("scheduler", [*MANAGE, "scheduler"], lambda process: "every" in process.said(), **environment)

    def web(self, *, origin: str = "", **environment: str) -> str:
        """The web process; its origin."""
        origin = origin or free_origin()
        gunicorn = [sys.executable, "-m", "gunicorn", "-c", "python:advosync_project.web"]
        bind = ["--bind", origin.removeprefix("http://"), "advosync_project.wsgi"]
        webhook = f"{origin}/webhooks/espocrm/beteiligte/update"
        self.start("web", [*gunicorn, *bind], lambda _process: is_served(webhook, 405), **environment)
        return origin

    def end_all(self) -> None:
        for process in self.processes:
            process.end()
        self.processes.clear()

    # --- what people and time do

    def new(self, **attributes: object) -> str:
        """A new record in EspoCRM; its id."""
        self.made += 1
        person: dict[str, object] = {"name": f"Probst {self.made}", "vorname": "Ida", "titel": "Dr.", "anrede": "Frau"}
        return str(self.sandbox.anna.create(**{**person, **attributes})["id"])

    def pair(self, **attributes: object) -> tuple[str, int]:
        """A record that the workers have carried to Advoware: its EspoCRM id and betNr."""
        espo_id = self.new(**attributes)
        self.ask(espo_id)
        self.settle()
        record = self.record(espo_id)
        assert record.status == "clean", (record.status, record.fault)
        assert record.betnr is not None
        return espo_id, record.betnr

    def pairs(self, number: int, **attributes: object) -> dict[str, int]:
        """Many at once: {EspoCRM id: betNr}."""
        ids = [self.new(**attributes) for _ in range(number)]
        for espo_id in ids:
            self.ask(espo_id, enqueue=False)
        self.settle()
        found = dict(SyncRecord.objects.filter(espo_id__in=ids).values_list("espo_id", "betnr"))
        assert all(found.get(espo_id) for espo_id in ids), list(
            SyncRecord.objects.values_list("status", "kind", "fault")
        )
        return found

    def record(self, espo_id: str) -> SyncRecord:
        return SyncRecord.objects.get(espo_id=espo_id)

    def ask(self, espo_id: str, *, enqueue: bool = True, queue: str = "webhook") -> None:
        """What a webhook leaves behind: one request, one job."""
        record = SyncRecord.objects.get_or_create(espo_id=espo_id)[0]
        request_sync(SyncRecord, record_id=record.pk, event=Event.CHANGED, trigger="update", source="webhook")
        if enqueue:
            job_queue.enqueue_each([record.pk], queue_name=queue)

    def expire(self) -> None:
        """Five minutes pass for dead holders: their leases have run out, and their locks in Redis too."""
        SyncRecord.objects.exclude(lease_token="").update(lease_expires=timezone.now() - timedelta(hours=1))
        for name in self.redis.locks():
            locks.remove(name.partition(":")[2])

    def let_brief_locks_end(self) -> None:
        """A minute and a half passes for whoever has died between two calls."""
        self.redis.forget("brief_lock:*")

    def let_waits_pass(self) -> None:
        """The waiting times of failed records are over, and with them what they had to wait for to arrive."""
        past, failed = timezone.now() - timedelta(hours=1), SyncRecord.objects.filter(next_retry_at__isnull=False)
        failed.filter(late_look_at__isnull=False).update(late_look_at=past)
        failed.update(next_retry_at=past)

    def let_silence_pass(self) -> None:
        """Advoware has answered nobody for ten seconds."""
        self.redis.forget("advoware:alive:*")

    def let_hour_pass(self) -> None:
        """Edit after edit of one field within an hour would look like values that swing: the guard forgets them."""
        FieldChange.objects.update(at=timezone.now() - timedelta(hours=2))

    def pass_late_look(self, *espo_ids: str) -> None:
        """A quarter of an hour passes after a take-over."""
        SyncRecord.objects.filter(espo_id__in=espo_ids, late_look_at__isnull=False).update(
            late_look_at=timezone.now() - timedelta(hours=1)
        )

    def forget_all(self) -> None:
        """Our database is empty again."""
        call_command("flush", verbosity=0, interactive=False, database="default")
        self.made = 0

    # --- waiting

    def wait(self, holds: Callable[[], bool], *, seconds: float) -> bool:
        deadline = time.monotonic() + seconds
        while not holds():
            if time.monotonic() > deadline:
                return False
            time.sleep(0.03)
        return True

    def until(self, holds: Callable[[], bool], what: str, *, seconds: float = PATIENCE) -> None:
        """Wait; says what never came about, and what the processes had to say."""
        if not self.wait(holds, seconds=seconds):
            said = "\n".join(f"--- {p.log.name}\n{p.said()[-1500:]}" for p in self.processes if p.said())
            rows = SyncRecord.objects.order_by(Case(When(status="clean", then=1), default=0)).values_list(
                "espo_id", "status", "kind", "fault", "requested", "completed", "next_retry_at"
            )
            raise AssertionError(f"not within {seconds:g} s: {what}\n{list(rows[:8])}\n{said}")

    def until_held(self) -> dict[str, Any]:
        """Wait for the call that a fault holds open; that call."""
        found: list[dict[str, Any]] = []

        def held() -> bool:
            found[:] = [c for c in self.sandbox.control.calls() if c["fault"] and c["done_at"] is None]
            return bool(found)

        self.until(held, "a held call")
        return found[0]

    def locks_left(self, *, seconds: float = 15) -> list[str]:
        """Locks that nobody gives back. A job too many holds one for a moment, until it sees that nothing is due."""
        left = self.redis.tokens()

        def given_back() -> bool:
            left.intersection_update(self.redis.tokens())
            return not left

        self.wait(given_back, seconds=seconds)
        return sorted(name for name, _token in left)

    def idle(self) -> bool:
        """Nobody holds a record and nothing waits on the queue that the dispatcher uses."""
        held = SyncRecord.objects.exclude(lease_token="").exists()
        return not (held or job_queue.waiting("sweep") or self.redis.locks())

    def settle(self, *, seconds: float = PATIENCE) -> None:
        """Let dispatcher and workers go on until nothing is due any more; waiting times are not waited for."""
        deadline = time.monotonic() + seconds
        while True:
            self.let_waits_pass()
            if not SyncRecord.objects.filter(due_now(control.switches())).exists() and self.idle():
                return
            dispatcher.dispatch()
            self.until(self.idle, "the workers have no record in hand", seconds=max(1.0, deadline - time.monotonic()))


@contextmanager
def plant(
    sandbox: Sandbox, redis_server: RedisServer, directory: Path, environment: Mapping[str, str]
) -> Iterator[Plant]:
    own = {
        "DJANGO_SETTINGS_MODULE": "advosync_project.settings",
        "PYTHONUNBUFFERED": "1",
        "DATABASE_URL": database_url(),
        "REDIS_URL": redis_server.url,
        "ESPOCRM_API_BASE_URL": sandbox.espocrm_url,
        "ADVOWARE_API_BASE_URL": sandbox.advoware_url,
        "ADVOWARE_AUTH_URL": sandbox.token_url,
        "BREAKER_OPEN_SECONDS": "1",
        "BREAKER_OPEN_MAX_SECONDS": "1",
        "SYNC_GUARD_MAX_CREATES": "100000",
        "SYNC_GUARD_MAX_REMOVALS": "100000",
    }
    built = Plant(sandbox, redis_server, directory, {**own, **environment})
    try:
        yield built
    finally:
        built.end_all()


def begin(plant: Plant) -> None:
    """An installation that is live and knows both systems; the stand-ins' call log is empty."""
    control.set_mode(mode="live", by="tests", reason="chaos")
    # Records of the stand-ins carry whole seconds: those made from now on are younger than the going live.
    Control.objects.update(live_since=timezone.now() - timedelta(minutes=10))
    remote_metadata.forget()
    clients = configured_clients()
    remote_metadata.read_all(espocrm=clients.espocrm, advoware=clients.advoware)
    plant.sandbox.clear_calls()
