"""The closing line of the whole suite is pytest's own, and it adds up."""

from collections import Counter
from types import SimpleNamespace
from typing import Any

import pytest

from tests import suite
from tests.support import database_only
from tests.support.order import dealt

LINES = {
    "3 failed, 12 passed, 1 skipped, 2 warnings in 4.56s": {"failed": 3, "passed": 12, "skipped": 1, "warnings": 2},
    "===== 1 passed, 1 warning, 1 error in 0.12s =====": {"passed": 1, "warnings": 1, "errors": 1},
}


@pytest.mark.parametrize("line", LINES)
def test_counts_are_read_from_pytests_last_line(line: str):
    assert suite.counted(line) == LINES[line]


def test_summary_adds_up_in_pytests_form():
    line = suite.summary(Counter(passed=3) + Counter(passed=2, failed=1), 12.3)
    assert line.strip("= ") == "1 failed, 5 passed in 12.30s"


def test_failing_session_is_seen_and_counted(tmp_path, capsys: pytest.CaptureFixture[str]):
    (tmp_path / "test_it.py").write_text("def test_good(): pass\ndef test_bad(): assert 0\n")
    options = [
        "-q",
        "-p",
        "no:django",
        "-p",
        "no:randomly",
        "-c",
        "/dev/null",
        "--rootdir",
        str(tmp_path),
        str(tmp_path),
    ]
    code, counts = suite.session("title", options)
    assert code == 1
    assert counts == {"passed": 1, "failed": 1}
    assert "##### title" in capsys.readouterr().out


def test_session_without_tests_is_no_failure(tmp_path):
    code, counts = suite.session(
        "empty", ["-q", "-p", "no:django", "-c", "/dev/null", "--rootdir", str(tmp_path), str(tmp_path)]
    )
    assert (code, counts) == (0, {})


def test_a_second_database_is_asked_by_those_alone_that_ask_one():
    def item(*fixtures: str, mark: object = None) -> Any:
        return SimpleNamespace(fixturenames=fixtures, get_closest_marker=lambda name: mark)

    asking, marked, pure = item("live", "db"), item(mark=pytest.mark.django_db), item("settings")
    told: list[Any] = []
    config: Any = SimpleNamespace(hook=SimpleNamespace(pytest_deselected=lambda items: told.extend(items)))
    items = [pure, asking, marked]
    database_only.pytest_collection_modifyitems(config, items)
    assert (items, told) == ([asking, marked], [pure])


def test_what_lasts_is_dealt_out_to_the_beginnings_and_nothing_is_lost():
    assert dealt("AB", "123456789", processes=2) == list("A12345B6789")
    assert dealt("ABC", "1234", processes=2) == list("AC12B34")
    assert dealt("A", "", processes=4) == ["A"]
    assert sorted(dealt("XYZ", "1234567", processes=3)) == sorted("XYZ1234567")
