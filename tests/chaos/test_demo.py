"""The check of the demo as a newcomer starts it: a process of its own, which ends by itself and leaves nothing."""

import subprocess

import pytest

from demo.steps import STEPS
from tests.project.test_demo import DEMO, NEWCOMER, leftovers
from tests.support.processes import ROOT

pytestmark = pytest.mark.chaos


def test_check_walks_through_every_step_and_leaves_nothing_behind() -> None:
    result = subprocess.run([*DEMO, "--check"], cwd=ROOT, env=NEWCOMER, capture_output=True, text=True, timeout=600)
    assert result.returncode == 0, result.stdout + result.stderr
    lines = result.stdout.splitlines()
    for line, step in zip(lines, STEPS, strict=False):
        assert line.startswith(f"ok      {step.title}")
    assert lines[len(STEPS) :] == ["all steps ok"]
    assert leftovers("demo-check") == []
