"""The sheet of a month: which days, and what happened in them."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest
import time_machine
from django.utils import timezone, translation

from syncapp.engine.rows.counters import SYNC_BUCKETS, count, observe
from syncapp.models import HourFigures
from syncapp.operations.exports.tables import NOTHING
from syncapp.operations.monitoring import figures
from syncapp.operations.monitoring.sheet import built, chosen_days
from syncapp.operations.monitoring.sheet.days import months
from tests.admin import rooms

HOUR = timedelta(hours=1)
NOON = datetime(2026, 6, 15, 12, 30, tzinfo=UTC)


def between(first: str, last: str) -> dict[str, str]:
    return {"from": first, "until": last}


@pytest.fixture(autouse=True)
def _german() -> object:
    with translation.override("de"), time_machine.travel(NOON, tick=False):
        yield


@pytest.mark.parametrize(
    "query, first, last, step, name",
    [
        ({}, date(2026, 6, 1), date(2026, 6, 15), "day", "Juni 2026"),
        ({"month": "2026-02"}, date(2026, 2, 1), date(2026, 2, 28), "day", "Februar 2026"),
        ({"month": "2026-13"}, date(2026, 6, 1), date(2026, 6, 15), "day", "Juni 2026"),
        ({"month": "2027-01"}, date(2026, 6, 15), date(2026, 6, 15), "hour", "15.06.2026"),
        (
            {"from": "2026-06-03", "until": "2026-06-09"},
            date(2026, 6, 3),
            date(2026, 6, 9),
            "day",
            "03.06.2026 – 09.06.2026",
        ),
        (
            {"from": "2026-06-09", "until": "2026-06-03"},
            date(2026, 6, 3),
            date(2026, 6, 9),
            "day",
            "03.06.2026 – 09.06.2026",
        ),
        (
            {"from": "2026-06-14", "until": "2026-06-15"},
            date(2026, 6, 14),
            date(2026, 6, 15),
            "hour",
            "14.06.2026 – 15.06.2026",
        ),
        ({"from": "2026-01-10"}, date(2026, 1, 10), date(2026, 6, 15), "month", "10.01.2026 – 15.06.2026"),
        ({"until": "2026-05-20"}, date(2026, 5, 1), date(2026, 5, 20), "day", "01.05.2026 – 20.05.2026"),
        ({"from": "0001-01-01", "until": "9999-12-31"}, date(2026, 6, 1), date(2026, 6, 15), "day", "Juni 2026"),
        ({"from": "x", "until": "'; --"}, date(2026, 6, 1), date(2026, 6, 15), "day", "Juni 2026"),
    ],
)
def test_chosen_days(query: dict[str, str], first: date, last: date, step: str, name: str) -> None:
    days = chosen_days(query)
    assert (days.first, days.last, days.step, days.name) == (first, last, step, name)
    assert days.begins == sorted(days.begins) != []
    assert all(days.begin <= begin < days.end for begin in days.begins)


def test_a_day_has_as_many_hours_as_the_clock_makes_it() -> None:
    with time_machine.travel(datetime(2026, 3, 30, 12, tzinfo=UTC), tick=False):
        assert len(chosen_days({"from": "2026-03-29", "until": "2026-03-29"}).begins) == 23


@pytest.mark.parametrize("first, last, hours", [("2026-03-01", "2026-03-31", 23), ("2026-10-01", "2026-10-31", 25)])
def test_the_days_of_a_month_of_changed_clocks_follow_without_gap_or_overlap(first: str, last: str, hours: int) -> None:
    """One day has an hour less or more; the others have 24, and together they are the month."""
    with time_machine.travel(datetime(2026, 11, 15, 12, tzinfo=UTC), tick=False):
        days = chosen_days(between(first, last))
    bounds = [*days.begins, days.end]
    lengths = [(end.astimezone(UTC) - begin.astimezone(UTC)) // HOUR for begin, end in pairwise(bounds)]
    assert sorted(set(lengths)) == sorted({24, hours})
    assert (len(lengths), lengths.count(hours)) == (31, 1)
    assert {timezone.localtime(begin).hour for begin in days.begins} == {0}


def test_the_hour_that_autumn_repeats_is_there_twice() -> None:
    with time_machine.travel(datetime(2026, 11, 15, 12, tzinfo=UTC), tick=False):
        begins = chosen_days(between("2026-10-25", "2026-10-25")).begins
    assert len({begin.astimezone(UTC) for begin in begins}) == 25


def test_months_newest_first() -> None:
    assert months(since=date(2026, 4, 20)) == [date(2026, 6, 1), date(2026, 5, 1), date(2026, 4, 1)]


def ran(outcome: str = "done", number: int = 1, kind: str = "") -> None:
    for _times in range(number):
        count("sync", outcome=outcome, verdict="none", trigger="update")
        observe("sync_duration_seconds", 0.3, buckets=SYNC_BUCKETS, action="update", outcome=outcome)
        count("remote_calls", system="advoware", method="GET", status=503 if kind else 200)
        if kind:
            count("sync_errors", kind=kind)


def everything(_right: str) -> bool:
    return True


@pytest.mark.django_db
def test_the_newest_day_comes_first_and_a_dash_where_nothing_ran() -> None:
    with time_machine.travel(NOON - timedelta(days=2), tick=False):
        ran(number=3)
        ran("failed", number=2, kind="transient")
        figures.note()
    ran(number=7)
    days = chosen_days({"from": "2026-06-12", "until": "2026-06-15"})
    by_day, failures, calls, *_others = built(days, may=everything)
    rows = [list(row) for row in by_day.rows]
    assert [row[0] for row in rows] == ["Insgesamt", "15.06.2026", "14.06.2026", "13.06.2026", "12.06.2026"]
    assert [row[1] for row in rows] == [12, 7, NOTHING, 5, NOTHING]
    assert set(rows[2][1:]) == {NOTHING}
    assert rows[3][2:6] == [3, 0, 2, 0]
    assert [row[1:] for row in failures.rows] == [(2, 100.0)]
    assert list(calls.rows) == [("Advoware", 12, 2)]


@pytest.mark.django_db
def test_figures_that_an_earlier_release_did_not_keep_begin_with_nothing() -> None:
    """Else the first hour after an update would show all failures since the first day."""
    ran("failed", number=9, kind="transient")
    figures.note()
    row = HourFigures.objects.get()
    HourFigures.objects.update(
        figures={key: row.figures[key] for key in row.figures if key not in ("kinds", "failed_calls")}
    )
    with time_machine.travel(NOON + timedelta(hours=2), tick=False):
        ran("failed", kind="transient")
        spans = figures.last_day()
    assert sum(sum(span.kinds.values()) for span in spans) == 0
    assert spans[-1].runs == 1


@pytest.mark.django_db
def test_a_long_silence_is_no_beginning() -> None:
    """The last look before the time counts, however long ago it was: else all history would fall on the first day."""
    with time_machine.travel(NOON - timedelta(days=200), tick=False):
        ran(number=50)
        figures.note()
    ran(number=2)
    assert [span.runs for span in figures.between([NOON - timedelta(days=1), NOON], NOON + timedelta(hours=1))] == [
        0,
        2,
    ]


@pytest.mark.django_db
def test_tasks_that_came_were_done_and_are_open() -> None:
    with time_machine.travel(NOON - timedelta(days=20), tick=False):
        old = rooms.deletion()
        rooms.conflict()
    rooms.deletion()
    rooms.conflict(open=False, decided_at=NOON)
    rooms.lost()  # a rule settled it: nobody's task
    type(old).objects.filter(pk=old.pk).update(done_at=NOON)
    rooms.child_case()
    rooms.child_case(code="double", row=5)  # nothing has to be done
    rooms.child_case(code="waiting", row=4)
    rooms.child_case(code="waiting", row=3, closed_at=NOON)
    tables = {table.title: list(table.rows) for table in built(chosen_days({}), may=everything)}
    assert tables["Aufgaben"] == [
        ("Konflikte zu entscheiden", 1, 1, 1),
        ("Löschungen von Hand", 1, 1, 1),
        ("Adressen und Konten", 1, 0, 1),
        ("Adressen und Konten, die auf Übertragung warten", 2, 1, 1),
    ]
    assert tables["Konflikte nach Feld"] == [("Titel", 2, 0)]


@pytest.mark.django_db
def test_other_programs_stand_there_for_those_who_may_see_their_calls(settings: object) -> None:
    settings.PROXY_ENABLED = True  # type: ignore[attr-defined]
    rooms.proxy_call(caller="Kanzlei-App", duration_ms=10)
    rooms.proxy_call(caller="Kanzlei-App", outcome="failed", method="PUT", duration_ms=30)
    titles = [table.title for table in built(chosen_days({}), may=lambda _right: False)]
    assert "Andere Programme" not in titles
    *_others, table = built(chosen_days({}), may=everything)
    assert list(table.rows) == [("Kanzlei-App", 2, 1, 0, 1, 0, 20, 30)]
