"""The session's stand-in server, reset before each test, and servers of one test's own."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from sandbox.switches import reset
from tests.sandbox.remote import Advoware, Control
from tests.support.sandbox import Sandbox

ROOT = Path(__file__).resolve().parents[2]


def environment(directory: Path, **more: str) -> dict[str, str]:
    return {
        **os.environ,
        "ADVOSYNC_ENV_FILE": "",
        "DJANGO_SETTINGS_MODULE": "advosync_project.settings",
        "DEBUG": "true",
        "SANDBOX": "true",
        "SECRET_KEY": "only-for-tests-" + "x" * 40,
        "DATABASE_URL": f"sqlite:///{directory / 'main.sqlite3'}",
        "SANDBOX_DATABASE_URL": f"sqlite:///{directory / 'sandbox.sqlite3'}",
        **more,
    }


def start(directory: Path, *arguments: str, **more: str) -> tuple[subprocess.Popen[str], str]:
    """The process and its origin, as soon as it listens."""
    process = subprocess.Popen(
        [sys.executable, "manage.py", "sandbox_server", "--port", "0", *arguments],
        cwd=ROOT,
        env=environment(directory, **more),
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    line = process.stdout.readline()
    assert line.startswith("sandbox on http://"), "the server did not start"
    return process, line.removeprefix("sandbox on ").strip().removesuffix("/sandbox/")


def stop(process: subprocess.Popen[str]) -> int:
    process.terminate()
    try:
        return process.wait(timeout=10)
    finally:
        process.kill()
        if process.stdout:
            process.stdout.close()


@pytest.fixture(autouse=True)
def _switches_as_delivered() -> Iterator[None]:
    reset()
    yield
    reset()


@pytest.fixture
def control(sandbox_server: Sandbox) -> Control:
    control = Control(sandbox_server.origin)
    control.post("reset", {})
    return control


@pytest.fixture
def advoware(sandbox_server: Sandbox, control: Control) -> Advoware:
    return Advoware(sandbox_server.origin)
