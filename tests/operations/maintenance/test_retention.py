"""Retention: history ends, in small portions; numbers by day stay, and so does everything that is still to be done."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from axes.models import AccessAttempt
from django.apps import apps
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import User
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.db import connection, models
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from syncapp.engine.rows import counters
from syncapp.models import (
    Alert,
    Appointment,
    AppointmentChange,
    AppointmentConflict,
    Attempt,
    BackfillRun,
    BulkAction,
    CalendarEmployee,
    CalendarPass,
    CalendarStatusChange,
    ChildCase,
    Conflict,
    ContactLink,
    DeletionTask,
    DriftReport,
    FieldChange,
    GuardCount,
    HourFigures,
    InboxElement,
    KeptAnswer,
    Notice,
    OperatorLog,
    ProxyCall,
    ProxyKey,
    StatusChange,
    Sweep,
    SyncRecord,
)
from syncapp.operations.maintenance import retention
from syncapp.operations.monitoring import figures

pytestmark = pytest.mark.django_db
NOW = timezone.now()
OLD = NOW - timedelta(days=400)
DELIVERY = "00000000-0000-0000-0000-000000000000"


def aged(row: models.Model, column: str) -> models.Model:
    """The same row, long ago."""
    type(row)._default_manager.filter(pk=row.pk).update(**{column: OLD})
    return row


def record(**columns: Any) -> SyncRecord:
    return SyncRecord.objects.create(**{"espo_id": "a", "status": "clean", **columns})


def attempt(of: SyncRecord | None = None) -> Attempt:
    return Attempt.objects.create(
        record=of, espo_id="a", trigger="update", source="webhook", started_at=OLD, outcome="done"
    )


def conflict(**columns: Any) -> models.Model:
    row = Conflict(record=record(), field="titel", case="both_changed", policy="manual", **columns)
    row.save()
    return aged(row, "at")


def notice(**columns: Any) -> models.Model:
    of = columns.pop("record", None) or record()
    return aged(Notice.objects.create(**{"record": of, "espo_id": "a", "event": "conflict", **columns}), "created_at")


def element(**columns: Any) -> models.Model:
    row = InboxElement(delivery=DELIVERY, record=record(), espo_id="a", action="update", **columns)
    row.save()
    return aged(row, "received_at")


def field_change() -> models.Model:
    of = record()
    return aged(
        FieldChange.objects.create(record=of, attempt=attempt(of), side="advoware", field="titel", after="Dr."), "at"
    )


def status_change() -> models.Model:
    return aged(StatusChange.objects.create(record=record(), before="clean", after="dirty", event="changed"), "at")


def deletion(**columns: Any) -> models.Model:
    return aged(DeletionTask.objects.create(espo_id="a", betnr=1, **columns), "created_at")


def child_case(**columns: Any) -> models.Model:
    return ChildCase.objects.create(record=record(), kind="adressen", code="waiting", row=1, opened_at=OLD, **columns)


def calendar() -> CalendarEmployee:
    return CalendarEmployee.objects.create(kuerzel="SB")


def appointment_row(model: type[models.Model], column: str, **columns: Any) -> models.Model:
    """Of a calendar's history."""
    of = calendar()
    appointment = Appointment.objects.create(employee=of, fr_nr=1)
    return aged(model._default_manager.create(record=of, appointment=appointment, field="text", **columns), column)


KEPT: dict[str, Callable[[], models.Model]] = {
    "an alert": lambda: aged(Alert.objects.create(rule="no_sweep"), "opened_at"),
    "an alert whose end nobody was told of yet": lambda: Alert.objects.create(
        rule="no_sweep", closed_at=OLD, told_open_at=OLD
    ),
    "an act on many that goes on": lambda: aged(
        BulkAction.objects.create(code="sync_now", actor="anna", state="running"), "created_at"
    ),
    "an act on many that holds a record": lambda: record(
        held_by=BulkAction.objects.create(code="pause", actor="anna", ended_at=OLD), hold="paused"
    ),
    "an open task about an address": lambda: child_case(closed_at=None),
    "an appointment that is there": lambda: aged(
        Appointment.objects.create(employee=calendar(), fr_nr=1), "created_at"
    ),
    "an open conflict": lambda: conflict(open=True),
    "an unfinished deletion": deletion,
    "a notice that was not sent": notice,
    "a notice of what a record still fails with": lambda: notice(
        event="failed", sent_at=OLD, record=record(status="failed", kind="validation")
    ),
    "an element that nobody has judged": lambda: element(result="waiting"),
    "intents of writes without an answer": lambda: aged(
        record(open_intents=[{"side": "advoware", "field": "titel"}]), "created_at"
    ),
    "the intent of a create": lambda: aged(record(create_intent={"at": "2020-01-01"}), "created_at"),
    "bases": lambda: aged(record(base_espo={"titel": "Dr."}, base_advo={"titel": "Dr."}), "created_at"),
    "links of contact points": lambda: ContactLink.objects.create(record=record(), entry_id=1, komm_kz=1),
}
PURGED: dict[str, Callable[[], models.Model]] = {
    "an attempt": attempt,
    "a field change": field_change,
    "a status change": status_change,
    "a settled conflict": lambda: conflict(open=False),
    "a deletion that was done": lambda: deletion(done_at=OLD),
    "a notice that was sent": lambda: notice(sent_at=OLD),
    "a notice of what a record failed with": lambda: notice(event="failed", sent_at=OLD),
    "a notice of a record that is gone": lambda: aged(
        Notice.objects.create(espo_id="a", event="failed", sent_at=OLD), "created_at"
    ),
    "a notice that was refused": lambda: notice(refused="no right"),
    "a task about an address that is closed": lambda: child_case(closed_at=OLD),
    "an act of an operator": lambda: aged(OperatorLog.objects.create(actor="anna", action="mode"), "at"),
    "a sweep": lambda: Sweep.objects.create(started_at=OLD),
    "a comparison": lambda: aged(DriftReport.objects.create(by="anna", scope="all"), "started_at"),
    "an alert that is over": lambda: Alert.objects.create(rule="no_sweep", closed_at=OLD),
    "an alert that is told to be over": lambda: Alert.objects.create(
        rule="no_sweep", closed_at=OLD, told_open_at=OLD, told_closed_at=OLD
    ),
    "an act on many": lambda: BulkAction.objects.create(code="sync_now", actor="anna", state="done", ended_at=OLD),
    "an act on many that nobody confirmed": lambda: aged(
        BulkAction.objects.create(code="sync_now", actor="anna"), "created_at"
    ),
    "a first load": lambda: BackfillRun.objects.create(ended_at=OLD),
    "a change of an appointment": lambda: appointment_row(AppointmentChange, "at", action="patch", side="google"),
    "an appointment's value that gave way": lambda: appointment_row(
        AppointmentConflict, "at", code="both_changed", side="google"
    ),
    "a pass over a calendar": lambda: CalendarPass.objects.create(
        record=calendar(), kuerzel="SB", trigger="update", source="sweep", started_at=OLD, outcome="done"
    ),
    "a status change of a calendar": lambda: aged(
        CalendarStatusChange.objects.create(record=calendar(), before="clean", after="dirty", event="changed"), "at"
    ),
    "a closed appointment": lambda: Appointment.objects.create(
        employee=calendar(), fr_nr=1, status="closed", closed_at=OLD
    ),
    "a call of another program": lambda: aged(ProxyCall.objects.create(method="GET"), "at"),
    "a wrong password": lambda: aged(
        AccessAttempt.objects.create(username="clerk", failures_since_start=1), "attempt_time"
    ),
    "a change of a user": lambda: LogEntry.objects.create(
        user=User.objects.create(username="chief"), action_time=OLD, object_repr="clerk", action_flag=2
    ),
}


# Every kind of row has an end; here are those that have none, each with its reason.
NO_END = {
    "what is synced": {"SyncRecord", "ContactLink", "ChildLink", "CalendarEmployee"},
    "of a record or an appointment as long as there is one": {"Case", "Snooze", "SearchText", "AppointmentSearchText"},
    "put together as they come": {"RecordCount", "Counter", "HourFigures"},
    "one for each of a few": {
        *("Control", "QueuePause", "Breaker", "Heartbeat", "ProcessSign", "FailingJob", "RemoteFact", "Guard"),
    },
    "people's own": {"SavedView", "UserAccount", "ProxyKey"},
    "goes with another row": {"DriftRow", "ExportPart"},
}


def test_every_kind_of_row_has_an_end_or_a_reason_to_have_none() -> None:
    ours = {model.__name__ for model in apps.get_app_config("syncapp").get_models()}
    ended = {rows.model.__name__ for rows in retention._rules(NOW)}
    assert ours - ended == set().union(*NO_END.values())


def test_what_the_brakes_have_counted_is_kept_for_a_day() -> None:
    for sort, hours in (("kept", 23), ("gone", 25)):
        row = GuardCount.objects.create(sort=sort, key="a", number=1)
        GuardCount.objects.filter(pk=row.pk).update(at=timezone.now() - timedelta(hours=hours))
    retention.purge(before=OLD)
    assert [row.sort for row in GuardCount.objects.all()] == ["kept"]


@pytest.mark.parametrize("name", KEPT)
def test_what_is_still_to_be_done_is_never_purged(name: str) -> None:
    row = KEPT[name]()
    before = type(row)._default_manager.filter(pk=row.pk).values().get()
    retention.purge(before=NOW)
    assert type(row)._default_manager.filter(pk=row.pk).values().get() == before


@pytest.mark.parametrize("name", PURGED)
def test_history_ends(name: str) -> None:
    row = PURGED[name]()
    retention.purge(before=OLD - timedelta(days=1))
    assert type(row)._default_manager.filter(pk=row.pk).exists(), "too young yet"
    retention.purge(before=NOW)
    assert not type(row)._default_manager.filter(pk=row.pk).exists()


def test_an_answer_for_repetitions_is_kept_for_a_day() -> None:
    key = ProxyKey.objects.create(name="k", prefix="k", rate_per_minute=1, expires_at=NOW)
    kept, gone = (KeptAnswer.objects.create(key=key, name=name) for name in ("kept", "gone"))
    KeptAnswer.objects.filter(pk=gone.pk).update(begun_at=timezone.now() - timedelta(hours=25))
    KeptAnswer.objects.filter(pk=kept.pk).update(begun_at=timezone.now() - timedelta(hours=23))
    retention.purge(before=OLD)
    assert list(KeptAnswer.objects.all()) == [kept]


def test_a_session_goes_when_it_is_over_and_not_before() -> None:
    over, lasts = SessionStore(), SessionStore()
    for session in (over, lasts):
        session.create()
    Session.objects.filter(pk=over.session_key).update(expire_date=NOW - timedelta(minutes=1))
    retention.purge_due()
    assert list(Session.objects.values_list("pk", flat=True)) == [lasts.session_key]


def test_a_judged_element_is_kept_for_a_month_at_most() -> None:
    row = element(result="echo", judged_at=OLD)
    InboxElement.objects.filter(pk=row.pk).update(received_at=NOW - timedelta(days=29))
    retention.purge(before=OLD)
    assert InboxElement.objects.exists()
    InboxElement.objects.filter(pk=row.pk).update(received_at=NOW - timedelta(days=31))
    retention.purge(before=OLD)
    assert not InboxElement.objects.exists()


def test_a_sweep_purges_one_small_portion_of_each_kind(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retention, "PORTION", 10)
    Attempt.objects.bulk_create(
        Attempt(espo_id="a", trigger="update", source="webhook", started_at=OLD, outcome="done") for _row in range(35)
    )
    with CaptureQueriesContext(connection) as captured:
        assert retention.purge_due() == 10
    deletes = [q["sql"] for q in captured.captured_queries if q["sql"].startswith("DELETE")]
    assert deletes
    assert all(" IN (" in sql and sql.count(", ") <= 10 for sql in deletes)
    assert Attempt.objects.count() == 25
    assert retention.purge(before=NOW) == 25


def test_the_numbers_of_a_day_outlive_its_history() -> None:
    day = (NOW - figures.KEPT - timedelta(days=3)).replace(hour=8, minute=0, second=0, microsecond=0)
    for hour in range(4):
        moment = day + timedelta(hours=hour)
        HourFigures.objects.create(hour=moment, figures={"heaps": {"equal": 10 * (hour + 1)}, "calls": {}})
    attempt()
    retention.purge(before=NOW)
    figures.note()
    assert not Attempt.objects.exists()
    kept = HourFigures.objects.filter(hour__lt=NOW - figures.KEPT).values_list("hour", "figures")
    assert [(hour, of["heaps"]) for hour, of in kept] == [(day + timedelta(hours=3), {"equal": 40})]


def test_counters_are_not_purged() -> None:
    counters.count("sync", outcome="done", verdict="none", trigger="update")
    counters.BUFFER.flush()
    retention.purge(before=NOW + timedelta(days=1))
    assert figures.standing()["heaps"] == {"equal": 1}
