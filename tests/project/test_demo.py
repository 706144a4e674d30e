"""What a stranger does first: `make demo`, here as the check that walks through a record's life by itself."""

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import psutil
import pytest
import requests

from advosync_project.declarations import SETTINGS
from advosync_project.embedded_redis import free_port
from demo.installation import DemoError, fresh
from demo.steps import STEPS
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


def test_check_walks_through_every_step_and_leaves_nothing_behind():
    result = subprocess.run([*DEMO, "--check"], cwd=ROOT, env=NEWCOMER, capture_output=True, text=True, timeout=600)
    assert result.returncode == 0, result.stdout + result.stderr
    lines = result.stdout.splitlines()
    for line, step in zip(lines, STEPS, strict=False):
        assert line.startswith(f"ok      {step.title}")
    assert len(lines) == len(STEPS) + 1
    assert leftovers("demo-check") == []


def test_demo_prints_address_and_login_and_one_ctrl_c_ends_all(tmp_path):
    log, port = tmp_path / "log", free_port()
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
        assert f"http://127.0.0.1:{port}/admin/" in log.read_text()
        assert "demo with password demo" in log.read_text()
        state = requests.get(f"http://127.0.0.1:{port}/sandbox/control/state", timeout=10).json()
        assert len([row for row in state["espocrm"] if row["entityType"] == "CBeteiligte"]) == 3
        assert requests.get(f"http://127.0.0.1:{port}/", timeout=10).url.endswith("/admin/login/?next=/admin/")
        os.killpg(process.pid, signal.SIGINT)  # as a terminal would: to everybody in the foreground
        assert process.wait(60) == 0
    finally:
        if process.poll() is None:
            process.kill()
    wait_until(lambda: leftovers("demo") == [], seconds=30)


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
