"""Metrics and probes: what they say, to whom, and from where the numbers come."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import InterfaceError, OperationalError, connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from prometheus_client.parser import text_string_to_metric_families

from syncapp.core.faults.errors import KINDS
from syncapp.engine.rows.counters import Buffer, count, observe
from syncapp.entities.appointments import configured
from syncapp.models import Breaker, CalendarEmployee, ChildCase, Counter, Heartbeat, SyncRecord
from syncapp.operations.monitoring.metrics import exposition
from syncapp.operations.monitoring.overview import overview
from tests.support.firm import Firm


def samples(text: str) -> dict[str, float]:
    """`name{labels}` -> value, as Prometheus' own parser reads it."""
    found = {}
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            labels = ",".join(f'{key}="{value}"' for key, value in sorted(sample.labels.items()))
            found[f"{sample.name}{{{labels}}}" if labels else sample.name] = sample.value
    return found


def test_a_sync_shows_in_every_metric_that_concerns_it(firm: Firm) -> None:
    espo_id, _betnr = firm.pair()
    firm.sandbox.anna.change(espo_id, titel="Prof.")
    firm.sync(espo_id)
    shown = samples(exposition().decode())
    assert shown['sync_total{outcome="done",trigger="none",verdict="espocrm_newer"}'] == 2
    assert shown['remote_calls_total{method="PUT",status="200",system="advoware"}'] == 1
    assert shown['sync_records{status="clean"}'] == 1
    assert shown["sync_oldest_unsynced_seconds"] == 0
    assert shown['breaker_open{system="advoware"}'] == 0
    assert shown['queue_length{queue="webhook"}'] >= 0
    assert any(name.startswith("sync_duration_seconds_bucket{") for name in shown)
    assert any(name.startswith("remote_call_duration_seconds_count{") for name in shown)


@pytest.mark.django_db
def test_histogram_buckets_are_cumulative() -> None:
    for seconds in (0.05, 0.2, 0.2, 700):
        observe("sync_duration_seconds", seconds, buckets=(0.1, 0.25), action="update", outcome="done")
    shown = samples(exposition().decode())
    bucket = 'sync_duration_seconds_bucket{action="update",le="%s",outcome="done"}'
    assert [shown[bucket % bound] for bound in ("0.1", "0.25", "+Inf")] == [1, 3, 4]
    assert shown['sync_duration_seconds_sum{action="update",outcome="done"}'] == pytest.approx(700.45)


@pytest.mark.django_db
def test_counters_add_up_in_one_row() -> None:
    for _time in range(3):
        count("sync_errors", kind="transient")
    count("sync_errors", 4, kind="bug")
    assert dict(Counter.objects.values_list("labels", "value")) == {"kind=transient": 3, "kind=bug": 4}


@pytest.mark.django_db
def test_a_figure_is_gathered_and_in_a_test_written_when_somebody_looks() -> None:
    with CaptureQueriesContext(connection) as captured:
        count("sync_errors", kind="bug")
    assert captured.captured_queries == []
    assert Counter.objects.get().value == 1


@pytest.mark.django_db
def test_where_nothing_is_gathered_a_figure_is_written_at_once(settings: Any) -> None:
    settings.COUNTER_FLUSH_SECONDS = 0
    with CaptureQueriesContext(connection) as captured:
        count("sync_errors", kind="bug")
    assert any("syncapp_counter" in query["sql"] for query in captured.captured_queries)
    assert Counter.objects.get().value == 1


@pytest.mark.django_db
def test_kinds_of_error_begin_at_zero_so_that_the_first_storm_is_an_increase() -> None:
    shown = samples(exposition().decode())
    assert {shown[f'sync_errors_total{{kind="{kind}"}}'] for kind in KINDS} == {0}
    assert shown["sync_retries_total"] == shown["sync_conflicts_total"] == 0


@pytest.mark.django_db
@pytest.mark.parametrize(
    "headers, token, status",
    [
        pytest.param({}, "", 200, id="loopback"),
        pytest.param({"X-Forwarded-For": "203.0.113.9"}, "", 401, id="behind a proxy is not loopback"),
        pytest.param({"X-Forwarded-Proto": "https"}, "", 401, id="a proxy that says https alone"),
        pytest.param({"X-Forwarded-Server": "proxy"}, "", 401, id="a proxy that says its name alone"),
        pytest.param({"Forwarded": "for=203.0.113.9"}, "", 401, id="the standard's header"),
        pytest.param({"X-Forwarded-For": "203.0.113.9", "Authorization": "Bearer s3cret"}, "s3cret", 200, id="token"),
        pytest.param({"X-Forwarded-For": "a", "Authorization": "bearer s3cret"}, "s3cret", 200, id="in lower case"),
        pytest.param({"X-Forwarded-For": "a", "Authorization": "s3cret"}, "s3cret", 401, id="a token without Bearer"),
        pytest.param({"X-Forwarded-For": "a", "Authorization": "Basic s3cret"}, "s3cret", 401, id="another scheme"),
        pytest.param({"X-Forwarded-For": "203.0.113.9", "Authorization": "Bearer no"}, "s3cret", 401, id="wrong token"),
        pytest.param({"X-Forwarded-For": "203.0.113.9", "Authorization": "Bearer "}, "", 401, id="no token set"),
    ],
)
def test_who_may_read_metrics(
    client: Client, settings: object, headers: dict[str, str], token: str, status: int
) -> None:
    settings.METRICS_TOKEN = token  # type: ignore[attr-defined]
    assert client.get("/metrics", headers=headers).status_code == status


@pytest.mark.django_db
def test_a_stranger_may_not_read_metrics(client: Client) -> None:
    answer = client.get("/metrics", REMOTE_ADDR="203.0.113.9")
    assert answer.status_code == 401
    assert answer["WWW-Authenticate"].startswith("Bearer")


@pytest.mark.django_db
def test_ready_without_redis_since_webhooks_are_kept(client: Client) -> None:
    Heartbeat.objects.all().delete()
    Breaker.objects.all().delete()
    answer = client.get("/health/ready")
    assert answer.status_code == 200
    parts = answer.json()["parts"]
    assert parts["database"]["ok"]
    assert not parts["sweep"]["ok"]


@pytest.mark.django_db
def test_not_ready_where_a_migration_is_missing(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "syncapp.operations.monitoring.signs.health.MigrationExecutor.migration_plan", lambda *_args: ["one"]
    )
    answer = client.get("/health/ready")
    assert answer.status_code == 503
    assert answer.json()["parts"]["migrations"]["detail"] == "1 missing"


def test_live_asks_nobody(client: Client) -> None:
    assert client.get("/health/live").content == b"ok\n"


@pytest.mark.django_db
@pytest.mark.parametrize("error", [OperationalError, InterfaceError])
def test_figures_that_cannot_be_written_are_kept(
    error: type[Exception], monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    settings.COUNTER_FLUSH_SECONDS = 0  # no thread that writes

    def away(*_row: object) -> None:
        raise error

    buffer = Buffer()
    with monkeypatch.context() as patched:
        patched.setattr("syncapp.engine.rows.counters._raise", away)
        buffer.add({("sync_errors", "kind=bug"): 2})
        assert buffer.flush() == 0
    assert buffer.flush() == 1
    assert Counter.objects.get().value == 2


@pytest.mark.django_db
@pytest.mark.parametrize("error", [OperationalError, InterfaceError])
def test_not_ready_without_a_database(client: Client, error: type[Exception], monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*_words: object, **_options: object) -> None:
        raise error

    monkeypatch.setattr("django.db.backends.base.base.BaseDatabaseWrapper.cursor", away)
    answer = client.get("/health/ready")
    assert answer.status_code == 503
    assert answer.json()["parts"]["database"] == {"ok": False, "detail": error.__name__, "needed": True}
    assert client.get("/health/live").status_code == 200


@pytest.mark.django_db
def test_open_cases_are_shown_by_list_and_reason_and_closed_ones_are_not() -> None:
    record = SyncRecord.objects.create(espo_id="a")
    now = timezone.now()
    for entry, moments in enumerate(({}, {}, {"closed_at": now}, {"done_at": now}), 1):
        ChildCase.objects.create(
            record=record, kind="bank", code="conflict", row=9, entry_id=entry, opened_at=now, **moments
        )
    shown = samples(exposition().decode())
    assert shown['sync_cases{list="bank",reason="conflict"}'] == 2
    assert shown['sync_cases{list="adressen",reason="outcome_unknown"}'] == 0


@pytest.mark.django_db
def test_a_scrape_makes_as_many_queries_as_the_documents_say(django_assert_num_queries: Any) -> None:
    exposition()  # the switches get their row
    with django_assert_num_queries(9):
        exposition()


def calendar_figures() -> dict[str, float]:
    names = ("calendars_stopped", "calendars_given_up", "calendar_oldest_pass_seconds", "calendar_creates_stopped")
    shown = samples(exposition().decode())
    return {name: shown[name] for name in names if name in shown}


@pytest.mark.django_db
def test_calendars_show_what_their_alerts_look_at(settings: Any, redis_client: object) -> None:
    assert calendar_figures() == {}  # nothing of calendars without Google
    settings.GOOGLE_SERVICE_ACCOUNT_FILE = "/etc/advosync/google.json"
    assert set(calendar_figures().values()) == {0}
    now = timezone.now()
    for kuerzel, columns in (
        ("AI", {"last_check": now - timedelta(hours=2)}),
        ("RO", {"last_check": now, "auto_reset_at": now}),
        ("SB", {"last_check": now - timedelta(days=9), "status": "failed", "kind": "needs_confirmation"}),
        ("XX", {"last_check": now - timedelta(days=9), "active": False}),
    ):
        CalendarEmployee.objects.create(kuerzel=kuerzel, **columns)
    configured.stop_creates()
    figures = calendar_figures()
    assert figures.pop("calendar_oldest_pass_seconds") == pytest.approx(7200, abs=60)
    assert figures == {"calendars_stopped": 1, "calendars_given_up": 1, "calendar_creates_stopped": 1}


@pytest.mark.django_db
def test_of_a_redis_that_is_away_no_length_of_a_queue_is_told(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """How long Prometheus waits for it is tests/engine/test_job_queue.py's."""
    monkeypatch.setattr("syncapp.engine.job_queue.waiting", lambda _name: None)
    shown = samples(exposition().decode())
    assert not [name for name in shown if name.startswith("queue_length")]
    assert overview()["queues"] == dict.fromkeys(settings.QUEUE_NAMES)
