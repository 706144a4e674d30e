"""Whose pass is due: the light one, the daily full one, and who is left alone."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from syncapp import jobs
from syncapp.core.requests import Source
from syncapp.core.states import Status
from syncapp.core.values import BERLIN
from syncapp.engine import breaker, dispatcher, job_queue, registry
from syncapp.entities.appointments import due_passes
from syncapp.entities.beteiligte.clients import SYSTEMS as OF_RECORDS
from syncapp.models import CalendarEmployee, CalendarMode
from tests.support.calendars import Office

NOW = datetime(2026, 6, 2, 12, 0, tzinfo=BERLIN)


@pytest.fixture
def in_use(db: None, redis_client: object, settings: Any) -> None:
    settings.GOOGLE_SERVICE_ACCOUNT_FILE = "/etc/advosync/google.json"


def calendar(kuerzel: str = "SB", **columns: Any) -> CalendarEmployee:
    """One that was looked at just now, and whole this morning."""
    usual = {
        "status": Status.CLEAN,
        "mode": CalendarMode.LIVE,
        "last_check": NOW - timedelta(minutes=1),
        "last_full_pass": NOW.replace(hour=3, minute=16),
    }
    return CalendarEmployee.objects.create(kuerzel=kuerzel, **{**usual, **columns})


def due(now: datetime = NOW) -> list[tuple[str, bool]]:
    """(kuerzel, is it a full pass) of those that are asked for."""
    due_passes.request_due_passes(now)
    rows = CalendarEmployee.objects.filter(requested__gt=0).order_by("kuerzel")
    return [(row.kuerzel, row.full_wanted > 0) for row in rows]


def test_nobody(in_use: None) -> None:
    calendar()
    assert due() == []


def test_a_quarter_of_an_hour_later_a_light_pass(in_use: None) -> None:
    row = calendar()
    assert due(NOW + timedelta(minutes=13)) == []
    assert due(NOW + timedelta(minutes=15)) == [("SB", False)]
    row.refresh_from_db()
    assert (row.status, row.requested) == (Status.DIRTY, 1)
    due_passes.request_due_passes(NOW + timedelta(minutes=16))  # it still waits for its worker: not asked for once more
    row.refresh_from_db()
    assert row.requested == 1


@pytest.mark.parametrize("mode", [CalendarMode.LIVE, CalendarMode.SHADOW])
def test_what_was_set_aside_gets_its_daily_pass_where_no_light_one_comes(
    in_use: None, settings: Any, mode: str
) -> None:
    """A calendar that CALENDAR_ONLY had left out, or one in shadow: a full pass was asked for, and only put aside."""
    settings.CALENDAR_SYNC_MINUTES = 0
    yesterday = {"last_check": NOW - timedelta(days=1), "last_full_pass": NOW - timedelta(days=1)}
    aside = {"requested": 3, "completed": 2, "full_wanted": 3, "deferred": 3, "status": Status.DIRTY}
    row = calendar(mode=mode, **aside, **yesterday)
    assert due_passes.request_due_passes(NOW) == 1
    row.refresh_from_db()
    assert row.full_wanted == row.requested == 4
    assert due_passes.request_due_passes(NOW + timedelta(minutes=1)) == 0


@pytest.mark.parametrize("clock, full", [("03:14", False), ("03:15", True), ("12:00", True)])
def test_once_a_day_a_full_one(in_use: None, clock: str, full: bool) -> None:
    hour, minute = map(int, clock.split(":"))
    now = (NOW + timedelta(days=1)).replace(hour=hour, minute=minute)
    calendar(last_check=now - timedelta(minutes=1))
    assert due(now) == ([("SB", True)] if full else [])


@pytest.mark.parametrize("night", ["2026-03-29", "2026-10-25"])
@pytest.mark.parametrize("at", ["01:30", "02:00", "02:30", "02:59", "03:00"])
def test_one_full_pass_in_the_night_of_the_changed_clocks(in_use: None, settings: Any, night: str, at: str) -> None:
    """Also at a time that this night does not have, or has twice: asked every minute, from midnight to noon."""
    settings.CALENDAR_FULL_SYNC_AT, settings.CALENDAR_SYNC_MINUTES = at, 0
    midnight = datetime.fromisoformat(f"{night}T00:00").replace(tzinfo=BERLIN).astimezone(UTC)
    passes = [midnight - timedelta(hours=12)]
    for minute in range(12 * 60):
        now = midnight + timedelta(minutes=minute)
        if passes[-1] < due_passes.last_full_time(now):
            passes.append(now)
    assert len(passes) == 2, passes


def test_the_full_pass_of_the_night_without_its_hour_is_asked_for_once(in_use: None, settings: Any) -> None:
    settings.CALENDAR_FULL_SYNC_AT, settings.CALENDAR_SYNC_MINUTES = "02:30", 0
    just_after = datetime(2026, 3, 29, 3, 31, tzinfo=BERLIN)
    row = calendar(last_full_pass=just_after - timedelta(days=1))
    for minute in range(0, 20, 5):
        now = just_after + timedelta(minutes=minute)
        due_passes.request_due_passes(now)
        row.refresh_from_db()
        CalendarEmployee.objects.update(last_full_pass=now, completed=row.requested, status=Status.CLEAN)
    assert row.requested == 1


def test_a_clock_that_was_ahead_puts_no_light_pass_off(in_use: None) -> None:
    calendar(last_check=NOW + timedelta(hours=1))
    assert due() == [("SB", False)]


def test_only_the_daily_one(in_use: None, settings: Any) -> None:
    settings.CALENDAR_SYNC_MINUTES = 0
    calendar()
    assert due(NOW + timedelta(hours=9)) == []


@pytest.mark.parametrize("columns", [{"active": False}, {"mode": CalendarMode.OFF}, {"hold": "paused"}])
def test_left_alone(in_use: None, columns: dict[str, Any]) -> None:
    calendar(last_check=None, **columns)
    assert due() == []


def test_who_waits_for_a_person_is_not_asked_about_again(in_use: None) -> None:
    calendar(last_check=None, status=Status.FAILED, kind="needs_confirmation")
    calendar("AI", last_check=None, status=Status.FAILED, kind="forbidden")
    assert due() == [("AI", False)]


def test_calendar_only(in_use: None, settings: Any) -> None:
    settings.CALENDAR_ONLY = ["ai"]
    calendar(last_check=None)
    calendar("AI", last_check=None)
    assert due() == [("AI", False)]


def test_without_google_nothing_is_asked_and_nothing_shows(db: None, settings: Any) -> None:
    assert settings.GOOGLE_SERVICE_ACCOUNT_FILE == ""
    calendar(last_check=None)
    assert due() == []
    assert [entity.name for entity in registry.entities()] == ["beteiligte"]
    assert "calendar" not in settings.QUEUE_NAMES
    assert "advosync-calendars" not in {row.id for row in jobs.SCHEDULE}


def test_jobs_carry_them_out(office: Office, django_capture_on_commit_callbacks: Any) -> None:
    """The clock's job asks, the queue has the job, and the job makes the passes of all of them."""
    for kuerzel in ("SB", "AI"):
        office.hire(kuerzel)
        office.enter(1, kuerzel)
    with django_capture_on_commit_callbacks(execute=True):
        assert jobs.run_due_calendars() == 2
    assert job_queue.waiting("calendar") == 1
    ids = list(CalendarEmployee.objects.values_list("pk", flat=True))
    assert [jobs.sync_calendars([row_id]) for row_id in ids] == [{"ran": 1}] * 2
    assert (len(office.events("SB")), len(office.events("AI"))) == (1, 1)


def test_google_s_breaker_stops_calendars_alone(office: Office, django_capture_on_commit_callbacks: Any) -> None:
    row = office.hire()
    CalendarEmployee.objects.update(status=Status.DIRTY, requested=1)
    for _number in range(9):
        breaker.failed(system="google_calendar", kind="transient", reason="x")
    with django_capture_on_commit_callbacks(execute=True):
        dispatcher.dispatch()
    assert job_queue.waiting("calendar") == 0
    assert office.sync().ended == "breaker_open"
    assert not breaker.any_open(systems=OF_RECORDS)
    breaker.try_at_once("google_calendar")
    with django_capture_on_commit_callbacks(execute=True):
        dispatcher.dispatch()  # asks, finds it well, and lets the calendar go on
    assert job_queue.waiting("calendar") == 1
    assert office.sync().status == "clean"
    row.refresh_from_db()
    assert row.retry_count == 0


def test_espocrm_s_breaker_does_not_stop_calendars(office: Office) -> None:
    office.hire()
    for _number in range(9):
        breaker.failed(system="espocrm", kind="transient", reason="x")
    assert office.sync().status == "clean"


LEFT_ALONE = [
    ("calendar_not_chosen", {}, ["AI"]),
    ("calendar_set_aside", {"active": False}, []),
    ("calendar_off", {"mode": CalendarMode.OFF}, []),
]


@pytest.mark.parametrize("code, columns, only", LEFT_ALONE)
def test_no_way_in_leads_to_a_calendar_that_is_left_alone(
    office: Office, django_capture_on_commit_callbacks: Any, code: str, columns: dict[str, Any], only: list[str]
) -> None:
    """Whoever asked, and whatever was asked before it was left alone: no call, no write, and the wish is kept."""
    row = office.hire()
    office.enter()
    CalendarEmployee.objects.update(**columns)
    office.settings.CALENDAR_ONLY = only
    office.clear()
    for source in Source:
        due_passes.request_passes([row.pk], source=source, cause="tests", full=True, urgent=True)
        with django_capture_on_commit_callbacks(execute=True):
            dispatcher.dispatch()
        jobs.sync_calendars([row.pk])
    assert (office.counts(), office.events()) == ({}, [])
    row.refresh_from_db()
    assert (row.completed, row.requested) == (0, len(Source))
    assert office.last_pass().fault == {"code": code, "params": {}}
    with django_capture_on_commit_callbacks(execute=True):
        assert dispatcher.due_count() == 0  # put back: the dispatcher does not come for it over and over
    office.settings.CALENDAR_ONLY = []
    CalendarEmployee.objects.update(active=True, mode=CalendarMode.LIVE, last_check=None)
    due_passes.request_due_passes()
    assert jobs.sync_calendars([row.pk]) == {"ran": 1}
    assert len(office.events()) == 1
    office.is_silent()
