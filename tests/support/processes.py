"""Real processes of the product, started for a test and surely ended after it."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path
from typing import TypeVar

import requests

from advosync_project.embedded_redis import free_port

ROOT = Path(__file__).resolve().parents[2]
MANAGE = [sys.executable, str(ROOT / "manage.py")]
Served = TypeVar("Served")


@contextmanager
def running(
    command: list[str],
    *,
    log: Path,
    ready: Callable[[], bool],
    environment: Mapping[str, str] | None = None,
    inherit: bool = True,
    folder: Path = ROOT,
    seconds: float = 60,
) -> Iterator[subprocess.Popen[bytes]]:
    """Start a process, wait until it is ready, and stop it at the end; its output is in `log`.

    inherit: `environment` comes on top of ours; else it is all that the process gets.
    """
    surroundings = os.environ if inherit else {}
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, cwd=folder, env={**surroundings, **(environment or {})}, stdout=output, stderr=subprocess.STDOUT
        )
    try:
        wait_until(ready, seconds=seconds, process=process, log=log)
        yield process
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


@contextmanager
def on_a_free_port(start: Callable[[int], AbstractContextManager[Served]], *, attempts: int = 3) -> Iterator[Served]:
    """A server of a whole test session. One start that failed would fail every test that needs it: it is tried again.

    start: what runs it on that port (`running`), with AssertionError if it does not come up.
    """
    with ExitStack() as stack:
        for left in reversed(range(attempts)):
            try:
                served = stack.enter_context(start(free_port()))
                break
            except AssertionError:
                if not left:
                    raise
        yield served


def is_served(url: str, status: int = 200) -> bool:
    """Whether this is answered so; not while nobody listens, nor while the program behind the port is being loaded."""
    try:
        return requests.get(url, timeout=5, allow_redirects=False).status_code == status
    except requests.RequestException:
        return False


def wait_until(
    ready: Callable[[], bool],
    *,
    seconds: float,
    process: subprocess.Popen[bytes] | None = None,
    log: Path | None = None,
) -> None:
    """Poll until the condition holds; says what the process printed if it does not."""
    deadline = time.monotonic() + seconds
    while not ready():
        ended = process is not None and process.poll() is not None
        if ended or time.monotonic() > deadline:
            said = log.read_text(errors="replace")[-4000:] if log else ""
            raise AssertionError(f"{'ended too early' if ended else f'not ready within {seconds} s'}\n{said}")
        time.sleep(0.05)
