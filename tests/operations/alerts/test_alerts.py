"""Alerts: every rule breaks and heals, is told once each way, and a storm is one message."""

import threading
from datetime import datetime, timedelta
from typing import Any

import pytest
import requests
import responses
import time_machine
from django.core import mail
from django.test import Client
from django.utils import timezone

from syncapp.core.faults.errors import ErrorKind
from syncapp.core.states import Status
from syncapp.core.systems import System
from syncapp.core.values import BERLIN
from syncapp.engine import control, dispatcher
from syncapp.engine.rows.requests import RESTING
from syncapp.entities.appointments import configured, due_passes
from syncapp.entities.beteiligte import sweep_steps
from syncapp.entities.beteiligte.probes.remote_metadata import RECHTSFORMEN
from syncapp.models import (
    Alert,
    Appointment,
    Attempt,
    Breaker,
    CalendarEmployee,
    Case,
    ChildCase,
    Conflict,
    Control,
    DeletionTask,
    FailingJob,
    Guard,
    Heartbeat,
    ProxyCall,
    ProxyKey,
    RemoteFact,
    Snooze,
    SyncRecord,
)
from syncapp.operations import alerts
from syncapp.operations.actions import ActionContext
from syncapp.operations.alerts import digest, telling
from syncapp.operations.alerts.rules import RULES
from syncapp.operations.calendars import overview
from syncapp.operations.calendars import passes as calendar_passes
from syncapp.operations.maintenance import sweep
from syncapp.operations.monitoring import attention, partition
from syncapp.operations.monitoring.metrics import exposition
from syncapp.operations.monitoring.signs import regular_jobs
from syncapp.proxy import keys

pytestmark = pytest.mark.django_db
LONG_AGO = timedelta(days=3)


def record(number: int, **columns: Any) -> SyncRecord:
    return SyncRecord.objects.create(espo_id=f"r{number}", **columns)


def attempt(**columns: Any) -> None:
    Attempt.objects.create(espo_id="r1", trigger="update", source="webhook", started_at=timezone.now(), **columns)


def _permanently_failed(settings: Any) -> None:
    settings.ALERT_PERMANENTLY_FAILED = 1
    for number in (1, 2):
        record(number, status=Status.PERMANENTLY_FAILED)


def _slow_sync(settings: Any) -> None:
    attempt(outcome="done", duration_ms=61_000)


def _many_errors(settings: Any) -> None:
    settings.ALERT_ERRORS_PER_HOUR = 2
    for _time in range(3):
        attempt(outcome="failed", duration_ms=10)


def _no_sweep(settings: Any) -> None:
    Heartbeat.objects.create(pk="sweep", at=timezone.now() - timedelta(minutes=31))


def _other_installation(settings: Any) -> None:
    now = timezone.now().isoformat()
    Heartbeat.objects.create(pk="other_installation", at=timezone.now(), detail={"moments": [now] * 3})


def _oldest_unsynced(settings: Any) -> None:
    record(1, status=Status.DIRTY, requested=1, dirty_since=timezone.now() - timedelta(minutes=31))


def _breaker_open(settings: Any) -> None:
    now = timezone.now()
    Breaker.objects.create(
        system="advoware", open_since=now - timedelta(minutes=6), open_until=now + timedelta(minutes=1)
    )


def _long_pause(settings: Any) -> None:
    Heartbeat.objects.create(pk="sweep", at=timezone.now())
    control.set_mode(mode="paused", by="tests")
    Control.objects.update(changed_at=timezone.now() - timedelta(hours=5))


def _guard_stopped(settings: Any) -> None:
    record(0, status=Status.FAILED, kind=ErrorKind.BLOCKED, fault={"code": "guard_removals"})


def _long_round(settings: Any) -> None:
    settings.SYNC_RECHECK_PER_SWEEP = 1
    for number in range(97):
        record(number, status=Status.CLEAN)


def _rechtsformen_unread(settings: Any) -> None:
    RemoteFact.objects.create(pk=RECHTSFORMEN, value=[], fetched_at=timezone.now() - LONG_AGO)


def _proxy_wrong_keys(settings: Any) -> None:
    settings.ALERT_PROXY_WRONG_KEYS = 2
    for _number in range(3):
        ProxyCall.objects.create(method="GET", outcome="unauthorized")


def _proxy_key_ends(settings: Any) -> None:
    settings.PROXY_ENABLED = True
    proxy_key(timedelta(days=3))


def _proxy_key_ended(settings: Any) -> None:
    settings.PROXY_ENABLED = True
    proxy_key(timedelta(days=-1), last_used_at=timezone.now() - timedelta(days=20))


def proxy_key(lasts: timedelta, **columns: Any) -> None:
    ends = timezone.now() + lasts
    ProxyKey.objects.create(
        name=f"k{ProxyKey.objects.count()}",
        prefix=f"{ProxyKey.objects.count()}",
        rate_per_minute=1,
        expires_at=ends,
        **columns,
    )


def _proxy_unknown(settings: Any) -> None:
    row = ProxyCall.objects.create(method="PUT", outcome="unknown")
    ProxyCall.objects.filter(pk=row.pk).update(at=timezone.now() - timedelta(minutes=6))


def _job_failing(settings: Any) -> None:
    for _time in range(3):
        regular_jobs.went_wrong("recheck", ValueError("x"))


def _calendar(settings: Any, **columns: Any) -> None:
    settings.GOOGLE_SERVICE_ACCOUNT_FILE = "/etc/advosync/google.json"
    CalendarEmployee.objects.create(kuerzel="SB", **columns)


def _calendar_stopped(settings: Any) -> None:
    _calendar(settings, status=Status.FAILED, kind="needs_confirmation", last_check=timezone.now())


def _calendar_given_up(settings: Any) -> None:
    now = timezone.now()
    _calendar(settings, status=Status.PERMANENTLY_FAILED, kind="bug", last_check=now, auto_reset_at=now)


def _calendar_late(settings: Any) -> None:
    _calendar(settings, status=Status.CLEAN, last_check=timezone.now() - timedelta(minutes=61))


def _calendar_quota(settings: Any) -> None:
    settings.GOOGLE_SERVICE_ACCOUNT_FILE = "/etc/advosync/google.json"
    configured.stop_creates()


BREAKS = {
    "calendar_stopped": _calendar_stopped,
    "calendar_given_up": _calendar_given_up,
    "calendar_late": _calendar_late,
    "calendar_quota": _calendar_quota,
    "job_failing": _job_failing,
    "permanently_failed": _permanently_failed,
    "slow_sync": _slow_sync,
    "many_errors": _many_errors,
    "no_sweep": _no_sweep,
    "other_installation": _other_installation,
    "oldest_unsynced": _oldest_unsynced,
    "breaker_open": _breaker_open,
    "long_pause": _long_pause,
    "guard_stopped": _guard_stopped,
    "long_round": _long_round,
    "rechtsformen_unread": _rechtsformen_unread,
    "proxy_wrong_keys": _proxy_wrong_keys,
    "proxy_key_ends": _proxy_key_ends,
    "proxy_key_ended": _proxy_key_ended,
    "proxy_unknown": _proxy_unknown,
}


@pytest.mark.parametrize("code, alerted", [("appointments_failed", False), ("calendar_gone", True)])
def test_a_calendar_of_which_one_appointment_was_refused_waits_for_nobody(
    settings: Any, code: str, alerted: bool
) -> None:
    """It goes on, and the appointment says so itself; there is nothing that anybody could release."""
    _calendar(settings, calendar_id="c", mode="live", status=Status.FAILED, kind="forbidden", fault={"code": code})
    rule = next(rule for rule in RULES if rule.code == "calendar_stopped")
    assert (rule.measure(timezone.now()) is not None) == alerted
    assert overview.tasks().stopped == alerted


@pytest.mark.parametrize(
    "value, age, alerted",
    [
        ([], timedelta(0), True),
        (["GmbH"], timedelta(hours=47), False),
        (["GmbH"], LONG_AGO, True),
    ],
)
def test_legal_forms_that_cannot_be_read(value: list[str], age: timedelta, alerted: bool) -> None:
    RemoteFact.objects.create(pk=RECHTSFORMEN, value=value, fetched_at=timezone.now() - age)
    rule = next(rule for rule in RULES if rule.code == "rechtsformen_unread")
    assert (rule.measure(timezone.now()) is not None) == alerted


def heal() -> None:
    for model in (
        CalendarEmployee,
        SyncRecord,
        Attempt,
        Heartbeat,
        Breaker,
        Guard,
        RemoteFact,
        Control,
        FailingJob,
        ProxyCall,
        ProxyKey,
    ):
        model.objects.all().delete()


def test_every_rule_is_tested() -> None:
    assert set(BREAKS) == {rule.code for rule in RULES}


@pytest.mark.parametrize("code", BREAKS)
def test_rule_breaks_and_heals(code: str, settings: Any) -> None:
    heal()
    assert alerts.evaluate() == (0, 0)
    BREAKS[code](settings)
    assert alerts.evaluate() == (1, 0)
    alert = Alert.objects.get()
    assert alert.rule == code
    assert "–" not in str(alerts.watch.sentence(alert))
    assert alerts.evaluate() == (0, 0)
    heal()
    assert alerts.evaluate() == (0, 1)


def test_a_key_that_is_revoked_has_ended_or_lasts_is_no_alarm(settings: Any) -> None:
    settings.PROXY_ENABLED = True
    proxy_key(timedelta(days=3), revoked_at=timezone.now())
    proxy_key(timedelta(days=-1))
    proxy_key(timedelta(days=30))
    assert alerts.rules.proxy_key_ends(timezone.now()) is None
    settings.PROXY_ENABLED = False
    proxy_key(timedelta(days=3))
    assert alerts.rules.proxy_key_ends(timezone.now()) is None


def test_a_key_for_the_trigger_of_the_calendar_sync_ends_while_the_proxy_is_off(settings: Any) -> None:
    settings.PROXY_ENABLED = False
    proxy_key(timedelta(days=3), grants=["calendar:sync"])
    assert alerts.rules.proxy_key_ends(timezone.now()) is None
    settings.GOOGLE_SERVICE_ACCOUNT_FILE = "key.json"
    found = alerts.rules.proxy_key_ends(timezone.now())
    assert found is not None
    assert found["number"] == 1


def ended_after_it_was_told(settings: Any, used: timedelta) -> ProxyKey:
    """A key of which it was told that it ends, and that has ended by now; `used`: how long before its end."""
    settings.ALERT_EMAILS, settings.PROXY_ENABLED = ["technik@example.org"], True
    proxy_key(timedelta(days=3), last_used_at=timezone.now() - used)
    alerts.evaluate()
    alerts.tell()
    ProxyKey.objects.update(expires_at=timezone.now())
    alerts.evaluate()
    alerts.tell()
    return ProxyKey.objects.get()


def test_a_key_that_has_ended_in_use_is_no_all_clear_but_the_next_alert(settings: Any) -> None:
    """A program that stands still was told as over, just when it began to be refused."""
    row = ended_after_it_was_told(settings, timedelta(days=30))
    assert [alert.rule for alert in alerts.open_alerts()] == ["proxy_key_ended"]
    assert len(mail.outbox) == 2
    told = mail.outbox[1]
    assert "abgelaufen" in told.subject
    assert "Verschieben Sie das Ende" in told.body
    assert "Vorbei" not in told.body
    later = timezone.now() + timedelta(days=90)
    keys.limit(row=row, by="a", expires_at=later, rate_per_minute=1, networks=())
    assert alerts.evaluate() == (0, 1)
    assert alerts.tell() == 1
    assert "Vorbei" in mail.outbox[2].body


def test_a_key_that_has_ended_and_is_revoked_or_not_sent_any_more_is_over(settings: Any) -> None:
    row = ended_after_it_was_told(settings, timedelta(days=1))
    with time_machine.travel(timezone.now() + timedelta(days=33)):
        assert alerts.rules.proxy_key_ended(timezone.now()) == {"number": 1}
    with time_machine.travel(timezone.now() + timedelta(days=35)):
        assert alerts.rules.proxy_key_ended(timezone.now()) is None
    keys.revoke(row=row, by="a", reason="replaced")
    assert alerts.evaluate() == (0, 1)


def test_a_key_that_nobody_used_ends_with_an_all_clear(settings: Any) -> None:
    ended_after_it_was_told(settings, timedelta(days=60))
    assert alerts.open_alerts() == []
    assert "Vorbei" in mail.outbox[1].body


def test_whoever_wants_to_hear_of_no_end_hears_of_none(settings: Any) -> None:
    settings.ALERT_PROXY_KEY_DAYS = 0
    _proxy_key_ended(settings)
    assert alerts.evaluate() == (0, 0)


def test_disturbed_systems_are_told_by_the_names_that_people_know() -> None:
    now = timezone.now()
    for system in System:
        Breaker.objects.create(system=system, open_since=now - timedelta(hours=1), open_until=now)
    assert alerts.rules.breaker_open(now) == {"systems": "Advoware, EspoCRM, Google"}


def test_a_write_that_is_under_way_is_no_lost_one() -> None:
    ProxyCall.objects.create(method="PUT", outcome="unknown")
    assert alerts.rules.proxy_unknown(timezone.now()) is None


def test_a_write_of_unknown_outcome_is_not_told_as_over_when_its_day_has_passed(settings: Any) -> None:
    """Nothing has become known of it meanwhile."""
    settings.ALERT_EMAILS = ["technik@example.org"]
    _proxy_unknown(settings)
    alerts.evaluate()
    assert alerts.tell() == 1
    ProxyCall.objects.update(at=timezone.now() - timedelta(days=2))
    assert alerts.evaluate() == (0, 1)
    assert alerts.tell() == 0
    assert len(mail.outbox) == 1


def waiting_since_long_ago(**columns: Any) -> None:
    record(1, status=Status.DIRTY, requested=2, dirty_since=timezone.now() - LONG_AGO, **columns)


@pytest.mark.parametrize("pilot", [[], ["TEST-"]], ids=["shadow", "a pilot's others"])
def test_what_waits_for_another_mode_is_no_alarm_and_no_age(settings: Any, pilot: list[str]) -> None:
    settings.SYNC_ONLY = pilot
    epoch = control.current_epoch(control.switches())
    waiting_since_long_ago(deferred=2, deferred_epoch=epoch)
    assert alerts.rules.oldest_unsynced(timezone.now()) is None
    assert b"sync_oldest_unsynced_seconds 0.0" in exposition()
    assert not SyncRecord.objects.filter(partition.waits_too_long(timezone.now(), control.switches())).exists()


@pytest.mark.parametrize("pilot", [[], ["TEST-"]], ids=["shadow", "a pilot's others"])
def test_nor_is_it_in_a_pause_or_before_the_first_look_after_it(settings: Any, pilot: list[str]) -> None:
    """A pause makes other switches, and nothing that was set aside could be written but for the pause."""
    settings.SYNC_ONLY = pilot
    mode = "live" if pilot else "shadow"
    control.set_mode(mode=mode, by="tests")
    waiting_since_long_ago(deferred=2, deferred_epoch=control.current_epoch(control.switches()))
    for switch in ("paused", mode):
        switches = control.set_mode(mode=switch, by="tests")
        assert alerts.rules.oldest_unsynced(timezone.now()) is None
        assert partition.counted(now=timezone.now(), switches=switches)["aside"] == 1
    settings.SYNC_ONLY = []
    control.set_mode(mode="live", by="tests")
    assert alerts.rules.oldest_unsynced(timezone.now()) == {"number": 1, "limit": settings.ALERT_UNSYNCED_MINUTES}


def test_a_change_since_it_was_set_aside_is_one_that_waits(settings: Any) -> None:
    epoch = control.current_epoch(control.switches())
    waiting_since_long_ago(deferred=1, deferred_epoch=epoch)
    assert alerts.rules.oldest_unsynced(timezone.now()) is not None
    assert b"sync_oldest_unsynced_seconds 0.0" not in exposition()


@pytest.mark.parametrize("code", ["permanently_failed", "guard_stopped", "calendar_given_up"])
def test_what_somebody_holds_keeps_no_alarm_open(code: str, settings: Any) -> None:
    heal()
    BREAKS[code](settings)
    SyncRecord.objects.update(hold="ignored")
    CalendarEmployee.objects.update(hold="paused")
    assert alerts.evaluate() == (0, 0)


def test_what_is_tried_for_another_round_is_not_over_before_it_has_gone_well(settings: Any) -> None:
    """Each day it is tried anew: that was told as over, and an hour later as an alert, day after day."""
    heal()
    _permanently_failed(settings)
    SyncRecord.objects.update(kind="transient", auto_reset_at=timezone.now())
    assert alerts.evaluate() == (1, 0)
    assert b"sync_given_up 2.0" in exposition()
    assert sweep_steps.auto_reset() == 2
    assert set(SyncRecord.objects.values_list("status", flat=True)) == {Status.FAILED}
    assert alerts.evaluate() == (0, 0)
    assert b"sync_given_up 2.0" in exposition(), "Prometheus would take less for the end, and more for a new alert"
    SyncRecord.objects.filter(espo_id="r1").update(status=Status.CLEAN)
    assert alerts.evaluate() == (0, 1)
    assert b"sync_given_up 1.0" in exposition()


def test_a_calendar_that_was_given_up_is_told_until_a_pass_goes_well_and_not_while_it_is_tried(settings: Any) -> None:
    """Each light pass tries it anew: waiting and at work it would be over, and a minute later an alert again."""
    _calendar_given_up(settings)
    assert alerts.evaluate() == (1, 0)
    told = telling.text_of(alerts.open_alerts(), [])
    assert "1 Kalender sind dauerhaft fehlgeschlagen: SB." in told
    assert "/admin/syncapp/calendaremployee/?state=given_up" in told
    CalendarEmployee.objects.update(last_check=None)
    assert due_passes.request_due_passes() == 1
    assert CalendarEmployee.objects.get().status == Status.DIRTY
    assert alerts.evaluate() == (0, 0)
    assert overview.tasks().given_up == 1
    assert b"calendars_given_up 1.0" in exposition()
    CalendarEmployee.objects.update(status=Status.CLEAN, **RESTING)
    assert alerts.evaluate() == (0, 1)
    assert b"calendars_given_up 0.0" in exposition()


@pytest.mark.parametrize("status", [Status.PERMANENTLY_FAILED, Status.DIRTY])
def test_a_calendar_that_was_given_up_is_told_until_a_pass_goes_well_whoever_asks_for_one(
    status: str, settings: Any
) -> None:
    """“Pass now” told it as over, and five failures later as an alert again: five hours without a word."""
    _calendar_given_up(settings)
    CalendarEmployee.objects.update(status=status)
    assert alerts.evaluate() == (1, 0)
    calendar_passes.run_now(CalendarEmployee.objects.get(), action_context=ActionContext("anna"))
    row = CalendarEmployee.objects.get()
    assert (row.status, row.requested > row.completed, row.next_retry_at) == (Status.DIRTY, True, None)
    assert alerts.evaluate() == (0, 0)
    assert overview.tasks().given_up == 1
    assert b"calendars_given_up 1.0" in exposition()
    CalendarEmployee.objects.update(status=Status.CLEAN, **RESTING)
    assert alerts.evaluate() == (0, 1)


def test_one_that_failed_for_a_person_to_mend_has_no_age() -> None:
    record(1, status=Status.FAILED, kind="validation", dirty_since=timezone.now() - LONG_AGO)
    assert b"sync_oldest_unsynced_seconds 0.0" in exposition()


def test_told_when_it_opens_and_when_it_is_over_and_not_in_between(settings: Any) -> None:
    settings.ALERT_EMAILS = ["technik@example.org"]
    settings.PUBLIC_URL = "https://sync.example.org"
    _breaker_open(settings)
    for _time in range(3):
        alerts.evaluate()
        alerts.tell()
    heal()
    for _time in range(2):
        alerts.evaluate()
        alerts.tell()
    assert len(mail.outbox) == 2
    assert "Advoware" in mail.outbox[0].body
    assert "https://sync.example.org/admin/" in mail.outbox[0].body


def test_a_storm_of_failures_is_one_message(settings: Any) -> None:
    settings.ALERT_EMAILS = ["technik@example.org"]
    SyncRecord.objects.bulk_create(
        SyncRecord(espo_id=f"s{n}", status=Status.PERMANENTLY_FAILED, kind="transient", name="Frau Geheim")
        for n in range(10_000)
    )
    alerts.evaluate()
    assert alerts.tell() == 1
    assert len(mail.outbox) == 1
    assert "10000" in mail.outbox[0].subject + mail.outbox[0].body
    assert "Geheim" not in mail.outbox[0].body


@responses.activate
def test_posted_to_a_chat_as_text(settings: Any) -> None:
    settings.ALERT_WEBHOOK_URL = "https://chat.example.org/hook"
    posted = responses.post("https://chat.example.org/hook", status=200)
    _breaker_open(settings)
    alerts.evaluate()
    assert alerts.tell() == 1
    assert b'"text"' in (posted.calls[0].request.body or b"")


@responses.activate
@pytest.mark.parametrize("status", [301, 302, 303, 307, 400, 404, 500, 503])
def test_what_cannot_be_sent_is_told_the_next_time(settings: Any, status: int) -> None:
    settings.ALERT_WEBHOOK_URL = "https://chat.example.org/hook"
    elsewhere = responses.get("https://login.example.org/", status=200)
    responses.post("https://chat.example.org/hook", status=status, headers={"Location": "https://login.example.org/"})
    _breaker_open(settings)
    alerts.evaluate()
    assert alerts.tell() == 0
    assert elsewhere.call_count == 0
    responses.replace("POST", "https://chat.example.org/hook", status=200)
    assert alerts.tell() == 1


def test_the_dispatcher_tells_of_a_system_that_is_away_and_leaves_the_rest_to_the_sweep(settings: Any) -> None:
    settings.ALERT_EMAILS = ["technik@example.org"]
    Heartbeat.objects.create(pk="sweep", at=timezone.now())
    _permanently_failed(settings)
    _breaker_open(settings)
    for _minute in range(2):
        dispatcher.dispatch()
    assert [alert.rule for alert in alerts.open_alerts()] == ["breaker_open"]
    Breaker.objects.all().delete()
    dispatcher.dispatch()
    assert alerts.open_alerts() == []
    assert len(mail.outbox) == 2, "that it is away, and that it is back"
    alerts.evaluate()
    assert [alert.rule for alert in alerts.open_alerts()] == ["permanently_failed"]


def test_the_dispatcher_notices_that_no_sweep_runs(settings: Any) -> None:
    settings.ALERT_EMAILS = ["technik@example.org"]
    _no_sweep(settings)
    dispatcher.dispatch()
    assert [alert.rule for alert in alerts.open_alerts()] == ["no_sweep"]
    assert len(mail.outbox) == 1


def test_the_dispatcher_notices_that_no_sweep_has_ever_run(settings: Any) -> None:
    settings.ALERT_EMAILS = ["technik@example.org"]
    control.set_mode(mode="paused", by="tests")
    Control.objects.update(changed_at=timezone.now() - timedelta(minutes=40))
    dispatcher.dispatch()
    assert [alert.rule for alert in alerts.open_alerts()] == ["no_sweep"]


@pytest.mark.django_db(transaction=True)
def test_where_the_clock_stands_still_the_web_process_tells_once(client: Client, settings: Any) -> None:
    settings.ALERT_EMAILS = ["technik@example.org"]
    _no_sweep(settings)
    beside = alerts.notice_silence()
    assert beside is not None
    beside.join(10)
    assert [alert.rule for alert in alerts.open_alerts()] == ["no_sweep"]
    assert alerts.notice_silence() is None
    assert client.get("/health/ready").status_code == 200
    assert len(mail.outbox) == 1


@pytest.mark.django_db(transaction=True)
def test_asking_for_readiness_watches_over_the_sweep(client: Client, settings: Any) -> None:
    settings.ALERT_EMAILS = ["technik@example.org"]
    _no_sweep(settings)
    client.get("/health/ready")
    for beside in threading.enumerate():
        if beside.name == "silence":
            beside.join(10)
    assert len(mail.outbox) == 1


def test_while_the_dispatcher_runs_the_web_process_leaves_it_to_it() -> None:
    _no_sweep(None)
    Heartbeat.objects.create(pk="dispatcher", at=timezone.now())
    assert alerts.notice_silence() is None


def test_a_dispatcher_that_is_set_to_come_seldom_runs_between_two_rounds(settings: Any) -> None:
    settings.SYNC_DISPATCH_SECONDS = 1800
    _no_sweep(None)
    Heartbeat.objects.create(pk="dispatcher", at=timezone.now() - timedelta(minutes=30))
    assert alerts.notice_silence() is None


@pytest.mark.parametrize(
    "address, card",
    [
        pytest.param("https://hooks.slack.com/services/a", False, id="Slack"),
        pytest.param("https://firm.webhook.office.com/webhookb2/a", False, id="Teams, incoming webhook"),
        pytest.param("https://prod-1.westeurope.logic.azure.com:443/workflows/a", True, id="Teams, workflow"),
        pytest.param("https://a.b.environment.api.powerplatform.com:443/x", True, id="Teams, workflow, newer address"),
        pytest.param("https://logic.azure.com.example.org/a", False, id="only looks like it"),
    ],
)
def test_a_chat_gets_the_shape_that_it_reads(address: str, card: bool) -> None:
    sent = telling.message("Ein Alarm\nhttps://sync.example.org/admin/", to=address)
    assert sent["text"].startswith("Ein Alarm")
    assert ("attachments" in sent) is card
    if card:
        (only,) = sent["attachments"]
        assert only["contentType"] == "application/vnd.microsoft.card.adaptive"
        lines = [block["text"] for block in only["content"]["body"]]
        assert lines == ["Ein Alarm", "https://sync.example.org/admin/"]


def test_a_mail_server_that_never_answers_is_not_waited_for(settings: Any) -> None:
    assert 0 < settings.EMAIL_TIMEOUT <= 30


def test_digest_says_what_is_open_for_whom_since_when_and_no_value(settings: Any, django_user_model: Any) -> None:
    settings.ALERT_EMAILS = ["technik@example.org"]
    settings.DIGEST_HOUR = 0
    clerk = django_user_model.objects.create(username="frau.klein")
    failed = record(1, status=Status.FAILED, kind="validation", name="Geheim", dirty_since=timezone.now())
    Case.objects.create(record=failed, assignee=clerk)
    Conflict.objects.create(
        record=failed, field="titel", case="both_changed", policy="manual", open=True, espo="Geheim"
    )
    DeletionTask.objects.create(espo_id="r9", betnr=12)
    for entry, code in enumerate(("change_in_advoware", "waiting", "double"), 1):
        ChildCase.objects.create(
            record=failed,
            kind="adressen",
            code=code,
            row=12,
            entry_id=entry,
            params={"ort": "Geheim"},
            opened_at=timezone.now(),
        )
    assert alerts.send_digest_if_due()
    assert not alerts.send_digest_if_due()
    body = mail.outbox[0].body
    assert "Aufgaben zu Adressen und Bankverbindungen: 1, am längsten seit" in body
    since = timezone.localtime(failed.dirty_since).strftime("%d.%m. %H:%M")
    (hers,) = [line for line in body.splitlines() if "frau.klein" in line]
    assert "bei frau.klein: 1" in hers
    assert since in hers
    assert "Geheim" not in body
    assert len(body.splitlines()) >= 4


@pytest.mark.parametrize(
    "columns, told",
    [
        ({"status": "permanently_failed", "kind": "transient"}, "dauerhaft fehlgeschlagen: 1"),
        ({"status": "failed", "kind": "bug"}, "Fehler in Advosync: 1"),
        ({"status": "deleted_in_advoware"}, "in Advoware nicht mehr vorhanden: 1"),
        ({"status": "failed", "kind": "transient"}, ""),
        ({"status": "failed", "kind": "validation", "hold": "ignored"}, ""),
        ({"status": "permanently_failed", "kind": "transient", "hold": "paused"}, ""),
    ],
)
def test_the_digest_tells_what_the_landing_page_says_is_to_do(columns: dict[str, Any], told: str) -> None:
    record(1, **columns)
    lines = digest.digest_lines()
    assert [line.removeprefix("• ") for line in lines[:1]] == ([told] if told else [])
    counts = attention.counted(now=timezone.now(), switches=control.switches())
    assert counts.calm is not bool(told)


def test_the_digest_leaves_out_what_is_snoozed_and_tells_the_others() -> None:
    for number in (1, 2):
        one = record(number, status=Status.FAILED, kind="validation")
    Snooze.objects.create(record=one, by="anna", seen="failed|validation|")
    assert digest.digest_lines()[0].endswith(": 1")


def test_the_digest_tells_of_appointments(settings: Any) -> None:
    _calendar(settings, status=Status.CLEAN, last_check=timezone.now())
    (calendar,) = CalendarEmployee.objects.all()
    for number, status in enumerate(("ask", "ask", "awaiting_removal", "ok")):
        Appointment.objects.create(employee=calendar, google_id=f"g{number}", status=status)
    assert digest.digest_lines()[:2] == ["• Termine zu entscheiden: 2", "• Termin in Advoware zu löschen: 1"]


@pytest.mark.parametrize("night", ["2026-03-29", "2026-10-25"])
@pytest.mark.parametrize("hour", [1, 2, 3, 7])
def test_one_digest_in_the_night_of_the_changed_clocks(settings: Any, night: str, hour: int) -> None:
    """Also at an hour that this night does not have, or has twice; asked at every sweep of two days."""
    settings.ALERT_EMAILS, settings.DIGEST_HOUR = ["technik@example.org"], hour
    DeletionTask.objects.create(espo_id="r9", betnr=12)
    midnight = datetime.fromisoformat(f"{night}T00:00").replace(tzinfo=BERLIN)
    with time_machine.travel(midnight, tick=False) as clock:
        first = [bool(alerts.send_digest_if_due()) for _sweep in range(23 * 4) if clock.shift(900) is None]
        clock.shift(6 * 3600)
        assert alerts.send_digest_if_due() is (timezone.localtime().hour >= hour)
    assert first.count(True) == 1


def test_digest_that_a_mail_server_refused_follows_later_the_same_day(
    settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.ALERT_EMAILS = ["technik@example.org"]
    settings.DIGEST_HOUR = 0
    DeletionTask.objects.create(espo_id="r9", betnr=12)
    with monkeypatch.context() as away:
        away.setattr("syncapp.operations.alerts.digest.mail", lambda *_mail: False)
        assert not alerts.send_digest_if_due()
    assert alerts.send_digest_if_due()
    assert not alerts.send_digest_if_due()


def test_no_digest_where_nothing_is_open(settings: Any) -> None:
    settings.ALERT_EMAILS = ["technik@example.org"]
    settings.DIGEST_HOUR = 0
    assert not alerts.send_digest_if_due()
    assert mail.outbox == []


def test_the_message_that_it_is_over_says_what(settings: Any) -> None:
    settings.ALERT_EMAILS = ["technik@example.org"]
    _breaker_open(settings)
    alerts.evaluate()
    alerts.tell()
    heal()
    alerts.evaluate()
    alerts.tell()
    assert "Advoware" in mail.outbox[1].body
    assert mail.outbox[1].subject != mail.outbox[0].subject


def test_what_breaks_at_once_is_told_together(settings: Any) -> None:
    settings.ALERT_EMAILS = ["technik@example.org"]
    heal()
    _breaker_open(settings)
    _guard_stopped(settings)
    _many_errors(settings)
    alerts.evaluate()
    assert alerts.tell() == 3
    assert len(mail.outbox) == 1


def test_what_somebody_has_seen_is_still_told_when_it_is_over(settings: Any, django_user_model: Any) -> None:
    settings.ALERT_EMAILS = ["technik@example.org"]
    _breaker_open(settings)
    alerts.evaluate()
    alerts.tell()
    seen = alerts.watch.acknowledge(alert=Alert.objects.get(), user_id=django_user_model.objects.create().pk)
    assert seen
    alerts.evaluate()
    assert alerts.tell() == 0
    heal()
    alerts.evaluate()
    assert alerts.tell() == 1


@responses.activate
def test_every_sweep_pings_the_watcher_outside(settings: Any) -> None:
    settings.DEADMAN_PING_URL = "https://watch.example.org/ping"
    pinged = responses.get("https://watch.example.org/ping", status=200)
    control.set_mode(mode="paused", by="tests")
    sweep.sweep()
    assert pinged.call_count == 1


@responses.activate
def test_a_watcher_that_is_away_keeps_nothing_from_running(settings: Any) -> None:
    settings.DEADMAN_PING_URL = "https://watch.example.org/ping"
    responses.get("https://watch.example.org/ping", body=requests.ConnectionError("away"))
    control.set_mode(mode="paused", by="tests")
    assert sweep.sweep().fault == {}


def test_without_an_address_nobody_is_pinged(settings: Any) -> None:
    settings.DEADMAN_PING_URL = ""
    with responses.RequestsMock() as asked:
        alerts.ping_dead_man()
        assert len(asked.calls) == 0


def test_what_a_rule_becomes_is_measured_before_it() -> None:
    codes = [rule.code for rule in RULES]
    for rule in RULES:
        assert not rule.becomes or codes.index(rule.becomes) < codes.index(rule.code)
