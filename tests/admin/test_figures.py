"""The charts: differences of the counters by hour and by day, quantiles from buckets, tables for those who listen."""

import re
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from syncapp.engine.rows.counters import SYNC_BUCKETS, count, observe
from syncapp.models import Counter, HourFigures
from syncapp.operations.monitoring import figures

NOON = datetime(2026, 6, 15, 12, 30, tzinfo=UTC)


def ran(outcome: str = "done", seconds: float = 0.3, number: int = 1) -> None:
    for _times in range(number):
        count("sync", outcome=outcome, verdict="none", trigger="update")
        observe("sync_duration_seconds", seconds, buckets=SYNC_BUCKETS, action="update", outcome=outcome)
        count("remote_calls", system="espocrm", method="GET", status=200)


@pytest.mark.django_db
def test_each_hour_has_what_grew_in_it() -> None:
    with time_machine.travel(NOON - timedelta(hours=2), tick=False):
        ran(number=3)
        figures.note()
    with time_machine.travel(NOON - timedelta(hours=1), tick=False):
        ran("failed", number=2)
        count("sync_conflicts")
        figures.note()
    with time_machine.travel(NOON, tick=False):
        ran(number=5)
        spans = figures.last_day()
    assert [sum(span.heaps.values()) for span in spans[-3:]] == [3, 2, 5]
    assert spans[-2].heaps == {"equal": 0, "failed": 2}
    assert [span.conflicts for span in spans[-3:]] == [0, 1, 0]
    assert [span.calls["espocrm"] for span in spans[-3:]] == [3, 2, 5]
    assert len(spans) == 24
    assert figures.totals(spans) == {
        "heaps": {"equal": 8, "failed": 2},
        "calls": {"espocrm": 10},
        "conflicts": 1,
        "runs": 10,
    }


@pytest.mark.django_db
def test_a_month_has_a_bar_a_day() -> None:
    for days in (3, 1):
        with time_machine.travel(NOON - timedelta(days=days), tick=False):
            ran(number=days)
            figures.note()
    with time_machine.travel(NOON, tick=False):
        spans = figures.last_month()
    assert len(spans) == 30
    assert [sum(span.heaps.values()) for span in spans[-4:]] == [3, 0, 1, 0]


@pytest.mark.django_db
def test_a_database_that_was_put_back_shows_nothing_negative() -> None:
    with time_machine.travel(NOON - timedelta(hours=1), tick=False):
        ran(number=9)
        figures.note()
    Counter.objects.all().delete()
    with time_machine.travel(NOON, tick=False):
        ran(number=1)
        assert sum(figures.last_day()[-1].heaps.values()) == 0


@pytest.mark.django_db
def test_of_an_old_day_one_hour_stays() -> None:
    day = (timezone.now() - timedelta(days=50)).replace(hour=9, minute=0, second=0, microsecond=0)
    for hour in range(3):
        HourFigures.objects.create(hour=day + timedelta(hours=hour), figures={})
    figures.note()
    assert HourFigures.objects.order_by("hour")[0].hour == day + timedelta(hours=2)
    assert HourFigures.objects.count() == 2


@pytest.mark.parametrize(
    "buckets, share, wanted",
    [
        ({}, 0.5, None),
        ({"0.1": 1}, 0.5, 0.05),
        ({"0.1": 50, "0.25": 50}, 0.5, 0.1),
        ({"0.1": 50, "0.25": 50}, 0.95, 0.235),
        ({"+Inf": 3}, 0.95, 120.0),
    ],
)
def test_quantile(buckets: dict[str, int], share: float, wanted: float | None) -> None:
    found = figures.quantile(buckets, SYNC_BUCKETS, share)
    assert found == (wanted if wanted is None else pytest.approx(wanted))


@pytest.mark.django_db
@pytest.mark.parametrize("span, shown", [("day", "24 Stunden"), ("month", "30 Tage")])
def test_the_charts_have_the_same_numbers_as_a_table(span: str, shown: str, clerk: Client) -> None:
    ran(number=7)
    ran("failed", seconds=4)
    text = clerk.get(reverse("admin:ops_charts", args=[span])).text
    for words in (shown, "Abgleiche nach Ergebnis", "8 Abgleiche", "<td>7</td>", "<svg", "Als Tabelle"):
        assert words in text
    assert "<script" not in text


@pytest.mark.django_db
def test_nothing_ran_is_said(clerk: Client) -> None:
    assert "Nichts in dieser Zeit" in clerk.get(reverse("admin:ops_charts", args=["day"])).text
    assert clerk.get(reverse("admin:ops_charts", args=["year"])).status_code == 404


@pytest.mark.django_db
def test_an_hour_stands_below_its_bar(clerk: Client) -> None:
    with time_machine.travel(NOON, tick=False):
        ran()
        text = clerk.get(reverse("admin:ops_charts", args=["day"])).text
    # 24 bars that end with 14 h in Berlin: 15 h of yesterday begins at the left, 09 h three quarters on.
    assert '<span style="left: 0%">15 h</span>' in text
    assert '<span style="left: 75%">09 h</span>' in text


@pytest.mark.django_db
def test_great_numbers_are_written_as_elsewhere(clerk: Client) -> None:
    count("sync", 1451, outcome="done", verdict="none", trigger="update")
    text = clerk.get(reverse("admin:ops_charts", args=["day"])).text
    assert "<td>1.451</td>" in text


@pytest.mark.django_db
def test_the_sheet_shows_its_tables_and_asks_little(clerk: Client, django_assert_max_num_queries: object) -> None:
    with time_machine.travel(NOON, tick=False):
        count("sync", 1234, outcome="done", verdict="none", trigger="update")
        with django_assert_max_num_queries(22):  # type: ignore[operator]
            text = clerk.get(reverse("admin:ops_sheet")).text
    for words in ("Zahlen: Juni 2026", "1.234", "Insgesamt", "Drucken oder als PDF sichern", "Aufgaben", "–"):
        assert words in text
    # An export needs its own right.
    assert reverse("admin:ops_export_new", args=["sheet"]) not in text


@pytest.mark.django_db
def test_a_chart_as_a_table_has_the_newest_first_and_a_dash_where_nothing_ran(clerk: Client) -> None:
    with time_machine.travel(NOON, tick=False):
        ran(number=7)
        text = clerk.get(reverse("admin:ops_charts", args=["day"])).text
    rows = re.findall(r'<tr><th scope="row">(.*?)</th><td>(.*?)</td>', text)
    assert rows[:2] == [("14 h", "7"), ("13 h", "–")]
