"""Errors: what each kind does to the record, to its waiting time, and to what people in EspoCRM see."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import InterfaceError, OperationalError
from django.utils import timezone

from syncapp.engine import memory
from syncapp.models import Attempt, Breaker, SyncRecord
from syncapp.remotes.advoware.client import AdvowareClient
from tests.support.firm import Firm

LOGIN_TEXT = "Das Kennwort ist falsch: Falscher Name oder falsches Kennwort"


def caused_by(error: Exception, name: str, value: str) -> Exception:
    """As Django passes on what the driver says."""
    error.__cause__ = type("OfTheDriver", (Exception,), {name: value})()
    return error


def minutes_from_now(record: SyncRecord) -> float:
    assert record.next_retry_at is not None
    return (record.next_retry_at - timezone.now()).total_seconds() / 60


@pytest.mark.parametrize(
    "fault",
    [{"status": 500}, {"status": 502}, {"status": 503}, {"status": 429}],
    ids=["500", "502", "503", "429"],
)
def test_transient_is_retried_with_backoff(firm: Firm, edited: tuple[str, int], fault: dict[str, Any]) -> None:
    espo_id, betnr = edited
    firm.sandbox.fault("advoware", "status", method="PUT", **fault)
    assert firm.sync(espo_id, forced=False).status == "failed"
    record = firm.record(espo_id)
    assert (record.kind, record.retry_count) == ("transient", 1)
    assert 0.9 < minutes_from_now(record) < 1.2
    shown = firm.espo(espo_id)
    assert (shown["syncStatus"], shown["syncRetryCount"]) == ("failed", 1)
    assert shown["syncNextRetry"] is not None
    assert "Advoware" in shown["syncErrorMessage"]
    assert firm.sync(espo_id, forced=False).ended == "not_due", "its time has not come"
    firm.due(espo_id)
    assert firm.sync(espo_id, forced=False).status == "clean"
    assert firm.advo(betnr)["titel"] == "Prof."
    shown = firm.espo(espo_id)
    assert (shown["syncStatus"], shown["syncRetryCount"], shown["syncNextRetry"]) == ("clean", 0, None)
    assert shown["syncErrorMessage"] is None


def test_retry_after_is_honoured(firm: Firm, edited: tuple[str, int]) -> None:
    espo_id, _betnr = edited
    firm.sandbox.fault("advoware", "status", status=429, method="GET", headers={"Retry-After": "1200"})
    assert firm.sync(espo_id).status == "failed"
    assert 19 < minutes_from_now(firm.record(espo_id)) < 21


def test_the_fifth_failure_is_permanent_and_people_are_told(firm: Firm, edited: tuple[str, int]) -> None:
    espo_id, _betnr = edited
    firm.settings.BREAKER_FAILURES = 99
    firm.sandbox.fault("advoware", "status", status=500, method="PUT", count=9)
    waits = []
    for _attempt in range(4):
        assert firm.sync(espo_id, forced=False).status == "failed"
        waits.append(round(minutes_from_now(firm.record(espo_id))))
        firm.due(espo_id)
    assert [0.9 < wait / expected < 1.2 for wait, expected in zip(waits, (1, 5, 15, 60), strict=True)] == [True] * 4
    assert firm.sync(espo_id, forced=False).status == "permanently_failed"
    record = firm.record(espo_id)
    assert (record.retry_count, record.next_retry_at) == (5, None)
    assert record.auto_reset_at is not None
    assert timedelta(hours=23) < record.auto_reset_at - timezone.now() < timedelta(hours=25)
    shown = firm.espo(espo_id)
    assert (shown["syncStatus"], shown["syncRetryCount"]) == ("permanently_failed", 5)
    assert shown["syncAutoResetAt"] is not None
    assert [notice.event for notice in record.notices.all()] == ["failed"]
    assert firm.sync(espo_id, forced=False).ended == "not_due"


def test_an_edit_during_the_backoff_gives_a_try_that_does_not_count(firm: Firm, edited: tuple[str, int]) -> None:
    espo_id, _betnr = edited
    firm.sandbox.fault("advoware", "status", status=500, method="PUT", count=2)
    firm.sync(espo_id)
    before = firm.record(espo_id)
    firm.sandbox.anna.change(espo_id, zusatz="c/o")
    firm.ask(espo_id)
    assert firm.record(espo_id).status == "dirty"
    assert firm.sync(espo_id, forced=False).status == "failed"
    after = firm.record(espo_id)
    assert (after.retry_count, after.next_retry_at) == (1, before.next_retry_at)


def test_an_edit_of_a_permanently_failed_record_gives_one_try(firm: Firm, edited: tuple[str, int]) -> None:
    espo_id, betnr = edited
    reset_at = timezone.now() + timedelta(hours=7)
    SyncRecord.objects.filter(espo_id=espo_id).update(
        status="permanently_failed", kind="transient", retry_count=5, auto_reset_at=reset_at
    )
    firm.sandbox.fault("advoware", "status", status=500, method="PUT")
    firm.ask(espo_id)
    assert firm.sync(espo_id, forced=False).status == "permanently_failed"
    assert (firm.record(espo_id).retry_count, firm.record(espo_id).auto_reset_at) == (5, reset_at)
    assert not firm.record(espo_id).notices.exists(), "told before"
    firm.ask(espo_id)
    assert firm.sync(espo_id, forced=False).status == "clean"
    record = firm.record(espo_id)
    assert (record.retry_count, record.auto_reset_at, record.kind) == (0, None, "")
    assert firm.advo(betnr)["titel"] == "Prof."


def test_forbidden_stops_that_record_only(firm: Firm, edited: tuple[str, int]) -> None:
    espo_id, _betnr = edited
    firm.sandbox.fault("advoware", "status", status=403, method="PUT", body='{"message": "gesperrt"}')
    assert firm.sync(espo_id).status == "failed"
    record = firm.record(espo_id)
    assert (record.kind, record.next_retry_at, record.retry_count) == ("forbidden", None, 0)
    assert not Breaker.objects.filter(open_until__isnull=False).exists()


def test_a_refused_record_is_looked_at_again_after_a_day(firm: Firm, edited: tuple[str, int]) -> None:
    espo_id, betnr = edited
    firm.sandbox.fault("advoware", "status", status=403, method="PUT")
    firm.sync(espo_id)
    assert firm.sync(espo_id, forced=False).ended == "not_due"
    SyncRecord.objects.update(last_check=timezone.now() - timedelta(hours=25))
    assert firm.sync(espo_id, forced=False).status == "clean"
    assert firm.advo(betnr)["titel"] == "Prof."


def test_a_validation_fault_is_told_once(firm: Firm) -> None:
    espo_id, _betnr = firm.pair()
    firm.sandbox.anna.change(espo_id, vorname="x" * 31)
    firm.sync(espo_id)
    firm.sync(espo_id)
    assert firm.record(espo_id).notices.count() == 1
    firm.sandbox.anna.change(espo_id, zusatz="y" * 101)
    firm.sync(espo_id)
    assert firm.record(espo_id).notices.count() == 2, "another fault is news"


def test_any_other_exception_is_a_bug_with_its_place_and_no_values(
    firm: Firm, edited: tuple[str, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    espo_id, _betnr = edited

    def broken(*_arguments: object) -> None:
        raise ZeroDivisionError("Müller-Lüdenscheidt")

    monkeypatch.setattr(AdvowareClient, "update", broken)
    assert firm.sync(espo_id).status == "failed"
    record = firm.record(espo_id)
    assert (record.kind, record.retry_count) == ("bug", 1)
    attempt = Attempt.objects.get(record=record, outcome="failed")
    assert "ZeroDivisionError" in attempt.traceback
    assert "test_failures.py" in attempt.traceback
    assert "Müller" not in attempt.traceback + str(attempt.fault) + firm.espo(espo_id)["syncErrorMessage"]


def test_a_jobs_time_out_is_transient(firm: Firm, edited: tuple[str, int], monkeypatch: pytest.MonkeyPatch) -> None:
    from rq.timeouts import JobTimeoutException

    espo_id, _betnr = edited

    def too_long(*_arguments: object) -> None:
        raise JobTimeoutException

    monkeypatch.setattr(AdvowareClient, "update", too_long)
    assert firm.sync(espo_id).status == "failed"
    assert (firm.record(espo_id).kind, firm.record(espo_id).fault["code"]) == ("transient", "job_timeout")
    monkeypatch.undo()
    assert firm.sync(espo_id).status == "clean"


@pytest.mark.parametrize(
    "error, code",
    [
        (OperationalError("the connection is closed"), "database_away"),
        (InterfaceError("connection already closed"), "database_away"),
        (caused_by(OperationalError(), "sqlite_errorname", "SQLITE_FULL"), "disk_full"),
        (caused_by(OperationalError(), "sqlstate", "53100"), "disk_full"),
        (MemoryError(), "out_of_memory"),
    ],
)
def test_trouble_of_our_own_machine_passes_and_is_no_error_of_the_program(
    firm: Firm, edited: tuple[str, int], monkeypatch: pytest.MonkeyPatch, error: Exception, code: str
) -> None:
    espo_id, _betnr = edited

    def fails(*_arguments: object) -> None:
        raise error

    monkeypatch.setattr(AdvowareClient, "update", fails)
    assert firm.sync(espo_id).status == "failed"
    assert (firm.record(espo_id).kind, firm.record(espo_id).fault["code"]) == ("transient", code)
    assert memory.IS_SHORT.is_set() == (code == "out_of_memory")
    memory.IS_SHORT.clear()
    monkeypatch.undo()
    assert firm.sync(espo_id).status == "clean"


# --- what EspoCRM shows


def test_a_failure_that_says_nothing_new_is_not_written_again(firm: Firm, edited: tuple[str, int]) -> None:
    espo_id, _betnr = edited
    firm.sandbox.fault("advoware", "status", status=500, method="PUT", count=2)
    firm.sync(espo_id)
    firm.sandbox.clear_calls()
    firm.ask(espo_id)
    firm.sync(espo_id)
    assert firm.counts()["espocrm"] == {"GET": 1}


def test_a_status_that_a_person_has_set_is_set_right_by_the_next_failure(firm: Firm, edited: tuple[str, int]) -> None:
    espo_id, _betnr = edited
    firm.sandbox.fault("advoware", "status", status=403, method="PUT", count=2)
    firm.sync(espo_id)
    firm.sandbox.anna.change(espo_id, syncStatus="dirty")
    firm.reset(espo_id)
    firm.sync(espo_id)
    assert firm.espo(espo_id)["syncStatus"] == "failed"


def test_the_failures_own_patch_leaves_the_version_known(firm: Firm, edited: tuple[str, int]) -> None:
    espo_id, _betnr = edited
    firm.sandbox.fault("advoware", "status", status=403, method="PUT")
    firm.sync(espo_id)
    assert firm.record(espo_id).version == firm.espo(espo_id)["versionNumber"]


def test_a_failure_in_espocrm_itself_is_not_written_there(firm: Firm) -> None:
    espo_id, betnr = firm.pair()
    firm.sandbox.clerk.change(betnr, titel="Prof.")
    firm.sandbox.fault("espocrm", "status", status=500, method="PATCH")
    firm.sandbox.clear_calls()
    assert firm.sync(espo_id).status == "failed"
    assert firm.counts()["espocrm"] == {"GET": 1, "PATCH": 1}


def test_a_status_that_cannot_be_written_harms_nothing(firm: Firm, edited: tuple[str, int]) -> None:
    espo_id, _betnr = edited
    firm.sandbox.fault("advoware", "status", status=403, method="PUT")
    firm.sandbox.fault("espocrm", "status", status=500, method="PATCH")
    assert firm.sync(espo_id).status == "failed"
    assert firm.record(espo_id).kind == "forbidden"
    assert firm.sync(espo_id).status == "clean"


def test_both_systems_away(firm: Firm, edited: tuple[str, int]) -> None:
    espo_id, _betnr = edited
    firm.sandbox.fault("advoware", "status", status=500, count=9)
    firm.sandbox.fault("espocrm", "status", status=500, count=9)
    assert firm.sync(espo_id).status == "failed"
    assert firm.record(espo_id).kind == "transient"
