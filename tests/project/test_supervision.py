"""Supervision with real processes: names before lines, restarts, one signal for all, nothing left behind."""

import os
import signal
import subprocess
import sys
import time
from io import StringIO
from pathlib import Path

import psutil
import pytest

from advosync_project.supervision import Prefixer
from tests.support.processes import ROOT, wait_until

SUPERVISE = """
import sys
from io import StringIO
from pathlib import Path
from advosync_project.supervision import Program, run
programs = [Program(name, [sys.executable, "-u", script]) for name, script in (a.split("|") for a in sys.argv[2:])]
run(programs, environment={"SHADE": 'gr%y, "dark"', "ADVOSYNC_SUPERVISED": "1"}, directory=Path(sys.argv[1]))
"""
TICKS = "import time, os\nprint('hello', os.environ['SHADE'])\ntime.sleep(600)"
DIES = "import time\nprint('born')\ntime.sleep(1.2)\nraise SystemExit(3)"
STUBBORN = "import signal, time\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\nprint('no')\ntime.sleep(600)"
FAITHFUL = """
import time
from advosync_project.processes import die_with_parent
die_with_parent()
print("here")
time.sleep(600)
"""


class Supervised:
    def __init__(self, folder: Path, programs: dict[str, str]) -> None:
        arguments = []
        for name, code in programs.items():
            script = folder / f"{name}.py"
            script.write_text(code)
            arguments.append(f"{name}|{script}")
        self.log = folder / "log"
        self.process = subprocess.Popen(
            [sys.executable, "-u", "-c", SUPERVISE, str(folder), *arguments],
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stdout=self.log.open("wb"),
            stderr=subprocess.STDOUT,
        )

    def said(self) -> str:
        return self.log.read_text()

    def wait_for(self, text: str, times: int = 1) -> None:
        wait_until(lambda: self.said().count(text) >= times, seconds=20, process=self.process, log=self.log)

    def children(self) -> list[psutil.Process]:
        return psutil.Process(self.process.pid).children(recursive=True)


@pytest.fixture
def supervise(tmp_path):
    started: list[Supervised] = []

    def start(**programs: str) -> Supervised:
        started.append(Supervised(tmp_path, programs))
        return started[-1]

    yield start
    for one in started:
        if one.process.poll() is None:
            one.process.terminate()
            one.process.wait(20)


def test_lines_carry_the_name_and_the_environment_arrives_unmangled(supervise):
    one = supervise(short=TICKS, longer_name=TICKS)
    one.wait_for('longer_name | hello gr%y, "dark"\n')
    one.wait_for('short       | hello gr%y, "dark"\n')


def test_what_dies_is_started_again(supervise):
    one = supervise(mortal=DIES)
    one.wait_for("mortal | born\n", times=3)
    assert "mortal | ended, starting it again\n" in one.said()


def test_killed_process_is_started_again(supervise):
    one = supervise(victim=TICKS)
    one.wait_for("hello")
    time.sleep(1.1)
    one.children()[0].kill()
    one.wait_for("hello", times=2)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["Ctrl-C", "SIGTERM"])
def test_one_signal_ends_all_within_seconds_even_the_stubborn(supervise, number: signal.Signals):
    one = supervise(good=TICKS, stubborn=STUBBORN)
    one.wait_for("hello")
    one.wait_for("no")
    children = one.children()
    one.process.send_signal(number)
    assert one.process.wait(20) == 0
    assert [child for child in children if child.is_running()] == []


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="asks the Linux kernel for a signal")
def test_no_orphan_when_the_supervisor_itself_is_killed(supervise):
    one = supervise(faithful=FAITHFUL)
    one.wait_for("here")
    children = one.children()
    one.process.kill()
    one.process.wait()
    wait_until(lambda: not any(child.is_running() for child in children), seconds=30)


def test_half_a_line_waits_for_its_other_half(tmp_path):
    with (tmp_path / "out").open("w+") as out:
        prefixer = Prefixer(["a", "bbb"], out)
        prefixer.write("a", "one\ntw")
        prefixer.write("bbb", "other\n")
        prefixer.write("a", "o\n")
        out.seek(0)
        assert out.read() == "a   | one\nbbb | other\na   | two\n"


def test_a_log_that_cannot_be_written_does_not_stop_the_work():
    class Full(StringIO):
        def flush(self) -> None:
            raise OSError(28, "No space left on device")

    full = Full()
    prefixer = Prefixer(["a"], full)
    prefixer.write("a", "one\n")
    prefixer.write("a", "two\n")
    assert full.getvalue().endswith("a | two\n"), "it was tried again"
