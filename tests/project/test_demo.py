"""What a stranger does first: `make demo`, here as the check that walks through a record's life by itself."""

import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest
import requests

from advosync_project.declarations import SETTINGS
from advosync_project.embedded_redis import free_port
from demo import __main__ as demo_command
from demo.__main__ import walk
from demo.installation import DemoError, Installation, fresh
from demo.steps import STEPS
from demo.world import World
from tests.support.processes import ROOT, wait_until

DEMO = [sys.executable, "-m", "demo"]
NEWCOMER = {name: value for name, value in os.environ.items() if name not in SETTINGS}


def leftovers(name: str) -> list[psutil.Process]:
    """Processes that were started in this folder of var/ and are still there; a second demo may run in another."""
    here = ROOT / "var" / name
    found = []
    for process in psutil.process_iter(["cmdline", "environ"]):
        folder = (process.info["environ"] or {}).get("VAR_DIR", "")
        if folder and Path(folder).is_relative_to(here):
            found.append(process)
    return found


def test_demo_prints_address_login_and_key_every_step_comes_out_and_one_ctrl_c_ends_all(tmp_path, capsys):
    """One start for all of it: starting everything is what takes the time."""
    log, port = tmp_path / "log", free_port()
    origin = f"http://127.0.0.1:{port}"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [*DEMO, "--port", str(port), "--people", "3"],
            cwd=ROOT,
            env=NEWCOMER,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        wait_until(lambda: "Ctrl-C stops" in log.read_text(), seconds=240, process=process, log=log)
        assert f"{origin}/admin/" in log.read_text()
        assert "demo with password demo" in log.read_text()
        key = re.search(r"X-Api-Key: ([^\"]+)", log.read_text())
        assert key
        state = requests.get(f"{origin}/sandbox/control/state", timeout=10).json()
        assert len([row for row in state["espocrm"] if row["entityType"] == "CBeteiligte"]) == 3
        assert requests.get(f"{origin}/", timeout=10).url.endswith("/admin/login/?next=/admin/")
        assert walk(World(origin, key[1])) == "", capsys.readouterr().out + log.read_text()[-4000:]
        lines = capsys.readouterr().out.splitlines()
        assert all(line.startswith(f"ok      {step.title}") for line, step in zip(lines, STEPS, strict=True))
        os.killpg(process.pid, signal.SIGINT)  # as a terminal would: to everybody in the foreground
        assert process.wait(60) == 0
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
    wait_until(lambda: leftovers("demo") == [], seconds=30)


@pytest.mark.parametrize("failed, code", [("", 0), ("merge", 1)])
def test_check_walks_through_what_it_has_started_and_says_how_it_came_out(
    failed: str, code: int, monkeypatch: pytest.MonkeyPatch, tmp_path, capsys
):
    """Without an installation: what one does with the other is above."""
    done: list[object] = []

    @contextmanager
    def started(installation: Installation, *, log: Path) -> Iterator[None]:
        log.write_text("a line of the log\n")
        done.append("started")
        yield
        done.append("stopped")

    def walked(world: World) -> str:
        done.append((world.origin, world.proxy_key))
        return failed

    monkeypatch.setattr(demo_command, "VAR", tmp_path)
    monkeypatch.setattr(demo_command, "ROOT", tmp_path)
    monkeypatch.setattr(demo_command, "prepare", lambda *_args, **_options: "the key")
    monkeypatch.setattr(demo_command, "running", started)
    monkeypatch.setattr(demo_command.calendars, "set_up", done.append)
    monkeypatch.setattr(demo_command, "walk", walked)
    port = free_port()
    monkeypatch.setattr(sys, "argv", ["demo", "--check", "--port", str(port)])
    before = signal.getsignal(signal.SIGTERM)
    try:
        assert demo_command.main() == code
    finally:
        signal.signal(signal.SIGTERM, before)
    assert [done[0], *done[2:]] == ["started", (f"http://127.0.0.1:{port}", "the key"), "stopped"]
    said = capsys.readouterr()
    assert said.out == ("failed: merge\n" if failed else "all steps ok\n")
    assert ("a line of the log" in said.err) == bool(failed)


def test_second_demo_in_the_same_folder_is_refused(tmp_path):
    with (
        fresh(tmp_path / "demo", port=free_port()),
        pytest.raises(DemoError, match=r"running in .* already"),
        fresh(tmp_path / "demo", port=free_port()),
    ):
        pass


def test_taken_port_is_refused_before_anything_starts(tmp_path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(DemoError, match="is taken"), fresh(tmp_path / "demo", port=taken.getsockname()[1]):
            pass
