"""From an empty server to a trusted first day, with real processes and production settings, as the documents tell."""

import json
import os
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import psycopg
import pytest

from advosync_project.declarations import SETTINGS
from tests.support import postgres
from tests.support.processes import MANAGE, ROOT, running, wait_until
from tests.support.sandbox import Sandbox

pytestmark = [pytest.mark.chaos, pytest.mark.long]

WITHOUT_SERVICES = {"workers", "scheduler", "sweep"}


@dataclass
class Server:
    """One machine: a file of settings, and what somebody types there."""

    env: Path

    @property
    def environment(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if name not in SETTINGS}
        own = {"ADVOSYNC_ENV_FILE": str(self.env), "DJANGO_SETTINGS_MODULE": "advosync_project.settings"}
        return {**kept, **own, "PYTHONUNBUFFERED": "1"}

    def type(self, *words: object, code: int | tuple[int, ...] = 0) -> str:
        shown = subprocess.run(
            [*MANAGE, *map(str, words)],
            cwd=ROOT,
            env=self.environment,
            capture_output=True,
            text=True,
            stdin=subprocess.DEVNULL,
        )
        assert shown.returncode in (code if isinstance(code, tuple) else (code,)), (
            words,
            shown.returncode,
            shown.stdout[-3000:],
            shown.stderr[-3000:],
        )
        assert "Traceback" not in shown.stderr
        return shown.stdout

    def type_json(self, *words: object, code: int | tuple[int, ...] = 0) -> Any:
        return json.loads(self.type(*words, "--json", code=code))

    def add(self, line: str) -> None:
        self.env.write_text(self.env.read_text() + line + "\n")


def settings_of(sandbox: Sandbox, folder: Path, *, database: str, redis_url: str) -> str:
    return f"""\
SECRET_KEY=Zk3vR8yQ1mTn6uWxB4cJ9dLf2gHs7pEa5rKt0iOqVbNzXyMw8hQ
ALLOWED_HOSTS=sync.example.org
PUBLIC_URL=https://sync.example.org
VAR_DIR={folder}
DATABASE_URL={database}
REDIS_URL={redis_url}
LOG_LEVEL=WARNING
ESPOCRM_API_BASE_URL={sandbox.espocrm_url}
ESPOCRM_API_KEY=sandbox-espo-key
ADVOWARE_API_BASE_URL={sandbox.advoware_url}
ADVOWARE_AUTH_URL={sandbox.token_url}
ADVOWARE_APP_ID=sandbox-app
ADVOWARE_API_KEY=c2FuZGJveC1hZHZvd2FyZS1zZWNyZXQ=
ADVOWARE_KANZLEI=1
ADVOWARE_DATABASE=sandbox
ADVOWARE_USER=sync
ADVOWARE_PASSWORD=sandbox
"""


@pytest.fixture
def bare(sandbox_server: Sandbox, tmp_path: Path, redis_client: Any, redis_url: str) -> Iterator[Server]:
    """A machine with settings and nothing else, beside stand-ins full of people."""
    sandbox_server.reset(seed=True)
    env = tmp_path / "env"
    database = f"sqlite:///{tmp_path}/advosync.sqlite3"
    env.write_text(settings_of(sandbox_server, tmp_path, database=database, redis_url=redis_url))
    yield Server(env)
    sandbox_server.reset()


def writes(sandbox: Sandbox) -> list[tuple[str, str, str]]:
    return [call for call in sandbox.calls() if call[1] != "GET"]


def test_from_nothing_to_a_first_load(bare: Server, sandbox_server: Sandbox, tmp_path: Path):
    assert "run python manage.py migrate" in _stderr(bare, "sync_status")
    bare.type("migrate", "--verbosity", 0)

    said = bare.type("setup_espocrm", "--files", tmp_path / "espocrm")
    bare.add(next(line for line in said.splitlines() if line.startswith("ESPOCRM_WEBHOOK_SECRETS=")))
    found = bare.type_json("doctor", code=1)
    red = {line["name"] for line in found["checks"] if line["light"] == "red"}
    assert red <= WITHOUT_SERVICES

    sandbox_server.clear_calls()
    report = tmp_path / "preview.csv"
    preview = bare.type_json("backfill", "--preview", "--create", "--report", report)
    assert writes(sandbox_server) == []
    people = len(sandbox_server.state()["espocrm"])
    assert preview["records"] == people == sum(preview["counts"].values())
    assert report.read_text().count("\n") > people

    assert "in shadow" in _stderr(bare, "backfill")
    assert writes(sandbox_server) == []
    bare.type("mode", "live", "--yes", "--reason", "first load")
    loaded = bare.type_json("backfill", "--create", "--per-minute", 100000, code=(0, 1))
    assert loaded["records"] == people
    assert loaded["counts"]["clean"] > people // 2

    kept = subprocess.run(
        [str(ROOT / "deploy/backup"), str(tmp_path / "kept")],
        env={**os.environ, "DATABASE_URL": f"sqlite:///{tmp_path}/advosync.sqlite3"},
    )
    assert kept.returncode == 0
    drift = bare.type_json("compare", "--all", code=(0, 1))
    unexplained = [row for row in drift["findings"] if row["reason"] == "unexplained"]
    assert unexplained == []
    assert drift["equal"] >= loaded["counts"]["clean"] // 2


def _stderr(server: Server, *words: str) -> str:
    shown = subprocess.run(
        [*MANAGE, *words], cwd=ROOT, env=server.environment, capture_output=True, text=True, stdin=subprocess.DEVNULL
    )
    assert shown.returncode == 1
    assert len(shown.stderr.strip().splitlines()) == 1, shown.stderr
    return shown.stderr


def test_wrong_use_is_code_2_and_one_line(bare: Server):
    bare.type("migrate", "--verbosity", 0)
    shown = subprocess.run([*MANAGE, "mode", "asleep"], cwd=ROOT, env=bare.environment, capture_output=True, text=True)
    assert shown.returncode == 2


def test_ctrl_c_in_the_middle_of_a_load_does_no_harm(bare: Server, sandbox_server: Sandbox):
    bare.type("migrate", "--verbosity", 0)
    bare.type("mode", "live", "--yes")
    sandbox_server.fault("advoware", "delay", seconds=1, count=None)  # else the load is done before the signal
    command = [*MANAGE, "backfill", "--create", "--per-minute", "100000"]
    process = subprocess.Popen(
        command,
        cwd=ROOT,
        env=bare.environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        # Tests that a shell has put into the background ignore the signal, and so would what they start.
        preexec_fn=partial(signal.signal, signal.SIGINT, signal.SIG_DFL),
    )
    created = lambda: [path for _system, _method, path in writes(sandbox_server) if path.endswith("Beteiligte")]  # noqa: E731
    wait_until(lambda: bool(created()), seconds=60)
    process.send_signal(signal.SIGINT)
    sandbox_server.heal()
    _out, err = process.communicate(timeout=60)
    assert process.returncode == 1
    assert err.strip().splitlines()[-1].endswith("stopped; nothing is lost, run it again to go on")
    bare.type("backfill", "--create", "--per-minute", 100000, code=(0, 1))
    state = sandbox_server.state()
    numbers = [row["betnr"] for row in state["espocrm"] if row["betnr"]]
    status = bare.type_json("sync_status", code=(0, 1))
    assert status["records"]["syncing"] == 0
    assert len(state["advoware"]) >= len(set(numbers))


@pytest.fixture
def postgres_url() -> Iterator[str]:
    with postgres.server() as url:
        yield url


def test_two_groups_of_workers_on_postgresql(
    sandbox_server: Sandbox, postgres_url: str, redis_client: Any, redis_url: str, tmp_path: Path
):
    """Two machines' worth of workers and two schedulers on one database and one Redis: everything once."""
    sandbox_server.reset()
    ids = [str(sandbox_server.anna.create(name=f"Person {n}", syncStatus="pending_sync")["id"]) for n in range(40)]
    machines = []
    for number in (1, 2):
        env = tmp_path / f"env{number}"
        (tmp_path / str(number)).mkdir()
        text = settings_of(sandbox_server, tmp_path / str(number), database=postgres_url, redis_url=redis_url)
        env.write_text(text + "SYNC_DISPATCH_SECONDS=1\nSYNC_SWEEP_MINUTES=1\n")
        machines.append(Server(env))
    first = machines[0]
    first.type("migrate", "--verbosity", 0)
    first.type("mode", "live", "--yes")
    with ExitStack() as stack:
        for number, machine in enumerate(machines):
            for words in (("worker", "sweep"), ("worker", "webhook"), ("worker", "schedule"), ("scheduler",)):
                stack.enter_context(_started(machine, words, tmp_path / f"{number}-{'-'.join(words)}.log"))
        first.type("backfill", "--create", "--per-minute", 100000, code=(0, 1))
        for espo_id in ids:
            sandbox_server.anna.change(espo_id, titel="Dr.")
        first.type("resync", "--all", "--yes")
        wait_until(lambda: _all_clean(first, len(ids), sandbox_server), seconds=90)
    state = sandbox_server.state()
    assert len(state["advoware"]) == len(ids)
    assert {row["titel"] for row in state["advoware"]} == {"Dr."}
    assert _runs(postgres_url) >= 2 * len(ids)


def _started(machine: Server, words: tuple[str, ...], log: Path) -> Any:
    def ready() -> bool:
        said = log.read_bytes()
        return b"ready" in said or b"every" in said

    return running([*MANAGE, *words], log=log, ready=ready, environment=machine.environment, inherit=False)


def _all_clean(machine: Server, number: int, sandbox: Sandbox) -> bool:
    time.sleep(0.5)
    clean = machine.type_json("sync_status", code=(0, 1))["records"]["clean"]
    return clean == number and all(row["titel"] == "Dr." for row in sandbox.state()["advoware"])


def _runs(url: str) -> int:
    with psycopg.connect(url) as connection:
        row = connection.execute("SELECT count(*) FROM syncapp_attempt WHERE outcome = 'done'").fetchone()
    return int(row[0]) if row else 0
