"""The closing line of the whole suite is pytest's own, and it adds up."""

from collections import Counter
from collections.abc import Callable
from threading import Event
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


def test_both_databases_are_asked_at_once_and_told_one_after_the_other(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    begun = Event()

    def on_postgres(options: list[str], say: Callable[[str], object]) -> tuple[int, Counter[str]]:
        say("on PostgreSQL\n")
        begun.set()
        return 1, Counter(failed=1)

    def on_sqlite(title: str, options: list[str]) -> tuple[int, Counter[str]]:
        assert begun.wait(20), "the one waits for the other"
        print("on SQLite")
        return 0, Counter(passed=2)

    monkeypatch.setattr(suite, "on_postgres", on_postgres)
    monkeypatch.setattr(suite, "session", on_sqlite)
    assert suite.main([]) == 1
    lines = [line for line in capsys.readouterr().out.splitlines() if "at work" not in line]
    assert lines[:2] == ["on SQLite", "on PostgreSQL"]
    assert "1 failed, 2 passed" in lines[-1]


class Item(SimpleNamespace):
    """As much of pytest's as the plugin looks at."""

    __hash__ = object.__hash__

    def get_closest_marker(self, name: str) -> object:
        return self.mark


def item(nodeid: str, *fixtures: str, mark: object = None) -> Any:
    return Item(nodeid=nodeid, fixturenames=fixtures, mark=mark)


def left_on_a_second_database(items: list[Any]) -> tuple[list[str], list[str]]:
    """(what runs, what pytest is told of as left out)"""
    told: list[Any] = []
    config: Any = SimpleNamespace(hook=SimpleNamespace(pytest_deselected=lambda items: told.extend(items)))
    database_only.pytest_collection_modifyitems(config, items)
    return [one.nodeid for one in items], [one.nodeid for one in told]


def test_a_second_database_is_asked_by_those_alone_that_ask_one():
    items = [
        item("a.py::pure", "settings"),
        item("a.py::asking", "live", "db"),
        item("a.py::x", mark=pytest.mark.django_db),
    ]
    assert left_on_a_second_database(items) == (["a.py::asking", "a.py::x"], ["a.py::pure"])


def test_of_many_cases_a_second_database_is_asked_a_few_but_every_value_that_it_has_to_keep():
    rows = [item(f"a.py::test_row[{number}]", "db") for number in range(5)]
    values = [item(f"entities/test_odd_text.py::test_text[{number}]", "db") for number in range(5)]
    kept, left_out = left_on_a_second_database([*rows, *values])
    assert kept == ["a.py::test_row[0]", "a.py::test_row[1]", *(one.nodeid for one in values)]
    assert left_out == [f"a.py::test_row[{number}]" for number in (2, 3, 4)]


def test_what_a_second_database_is_asked_exists_and_all_cases_of_values_are_among_it():
    assert [path for path in suite.DATABASE_TESTS if not (suite.TESTS / path).exists()] == []
    assert all(any(path.endswith(name) for path in suite.DATABASE_TESTS) for name in database_only.OF_VALUES)


def test_what_lasts_is_dealt_out_to_the_beginnings_and_nothing_is_lost():
    assert dealt("AB", "123456789", processes=2) == list("A12345B6789")
    assert dealt("ABC", "1234", processes=2) == list("AC12B34")
    assert dealt("A", "", processes=4) == ["A"]
    assert sorted(dealt("XYZ", "1234567", processes=3)) == sorted("XYZ1234567")
