"""Snoozed: set apart, still counted, and loud again with the day or as soon as it gets worse."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from syncapp.core.faults import causes as core_causes
from syncapp.engine import control
from syncapp.models import Snooze, SyncRecord
from syncapp.operations.actions import ActionContext, ActionRefused, perform, snoozing
from syncapp.operations.alerts import rules
from syncapp.operations.monitoring import attention, causes, quiet
from tests.admin import rooms

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("live")]
ANNA = ActionContext("anna", "kommt neu")
FAULTS: tuple[dict[str, Any], ...] = (
    {},
    rooms.TOO_LONG,
    rooms.AWAY,
    {"code": "bug", "params": {"error": "KeyError"}},
    {"code": "missing_list"},
    {"code": "oscillation_field", "params": {"field": "titel"}},
    {"code": "partly_refused", "params": {"faults": []}},
    {"code": "partly_refused", "params": {"faults": [{"field": "titel", "rule": None}, {"field": "x", "rule": "y"}]}},
    {"code": "remote_auth", "params": {"system": "espocrm", "status": None, "reason": "Frieda"}},
)


@pytest.fixture(autouse=True)
def _nothing_is_enqueued(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr("syncapp.engine.job_queue.enqueue_each", lambda *_args, **_more: None)
    return


def counts() -> attention.Counts:
    return attention.counted(now=timezone.now(), switches=control.switches())


def is_quiet(record: SyncRecord) -> bool:
    return quiet.is_quiet(record, timezone.now())


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: str(fault.get("code", "none")))
def test_the_database_makes_the_same_cause_of_a_fault(fault: dict[str, Any]) -> None:
    record = rooms.failed(fault=fault)
    assert (SyncRecord.objects.get(pk=record.pk).cause or "") == core_causes.of(fault)


def test_the_database_reads_the_definition_of_the_cause_in_no_time() -> None:
    """PostgreSQL reads it for each UPDATE of a record, whatever that changes."""
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has compiled it")
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT length(adbin) FROM pg_attrdef JOIN pg_attribute ON attrelid = adrelid AND attnum = adnum"
            " WHERE adrelid = 'syncapp_syncrecord'::regclass AND attgenerated = 's'"
        )
        assert [length < 1000 for (length,) in cursor.fetchall()] == [True]


def test_a_cause_names_no_person_and_can_be_taken_apart() -> None:
    cause = core_causes.of(FAULTS[-1])
    assert "Frieda" not in cause
    assert core_causes.joined(core_causes.parts(cause) or ()) == cause
    assert core_causes.parts("Frieda") is core_causes.parts("·····") is None


def test_like_errors_stand_together_the_most_first() -> None:
    for _times in range(3):
        rooms.failed()
    other = {"code": "validation", "params": {"faults": [{"field": "titel", "rule": "max_length", "limit": 50}]}}
    rooms.failed(fault=other)
    rooms.failed(hold="paused")
    rooms.permanently_failed()
    found = [(group.kind, group.number, group.words) for group in causes.groups()]
    assert [(kind, number) for kind, number, _words in found] == [
        ("validation", 3),
        ("transient", 1),
        ("validation", 1),
    ]
    assert "Vorname" in found[0][2]
    assert "Titel" in found[2][2]


def test_the_one_that_has_failed_for_longest_speaks_for_its_cause() -> None:
    now = timezone.now()
    ages = (1, 5, 3)
    made = [rooms.failed(dirty_since=now - timedelta(hours=hours)) for hours in ages]
    given_up = rooms.permanently_failed(kind="validation", fault=made[0].fault, dirty_since=now - timedelta(hours=9))
    (group,) = causes.groups()
    assert (group.number, group.example, group.since) == (4, given_up, given_up.dirty_since)
    SyncRecord.objects.update(dirty_since=None)
    (group,) = causes.groups()
    assert (group.number, group.since) == (4, None)


def test_refused_contact_points_of_one_record_do_not_speak_for_those_of_all() -> None:
    """Each has its own, for a reason of its own: the headline told the oldest record's as if it were all."""
    for what, system in (("emptying", "advoware"), ("list_refused", "espocrm")):
        point = {"what": what, "system": system, "point": "phone", "cause": "not_accepted", "reason": "zu lang"}
        rooms.failed(fault={"code": "contacts_failed", "params": {"points": [point]}})
    (group,) = causes.groups()
    assert (group.number, group.words) == (2, "Einige Kontaktwege konnten nicht geschrieben werden.")


def test_of_failures_whose_fault_says_nothing_any_one_stands_for_all() -> None:
    for _times in range(3):
        rooms.failed("bug", fault={}, dirty_since=timezone.now())
    (group,) = causes.groups()
    assert (group.cause, group.number, group.since) == ("", 3, None)


def test_how_many_fail_for_one_reason_costs_nothing(django_assert_num_queries: Any) -> None:
    """The page of causes once looked through the fault of every failed record."""
    for _times in range(30):
        rooms.failed()
    rooms.failed("transient")
    with django_assert_num_queries(1 + 2):
        assert [group.number for group in causes.groups()] == [30, 1]


def test_the_records_of_a_cause_are_found_by_its_index() -> None:
    made = [SyncRecord(espo_id=f"x{number}", status="failed", kind="bug", fault={"code": "bug"}) for number in range(9)]
    SyncRecord.objects.bulk_create(made)
    cause = core_causes.of({"code": "bug"})
    rows = SyncRecord.objects.filter(status="failed", kind="bug", hold="", cause=cause, dirty_since__isnull=False)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET LOCAL enable_seqscan TO off")
            cursor.execute("SET LOCAL enable_bitmapscan TO off")
        plan = rows.order_by("dirty_since")[:1].explain()
    assert "record_cause" in plan, plan
    assert "Sort" not in plan, plan
    assert "TEMP B-TREE" not in plan, plan


def test_a_snoozed_record_is_counted_and_calls_nobody() -> None:
    record = rooms.failed()
    assert not counts().calm
    perform(code="snooze", record=record, action_context=ANNA)
    now = counts()
    assert (now.heaps["failed_validation"], now.quiet["failed_validation"], now.calm) == (1, 1, True)
    perform(code="wake", record=SyncRecord.objects.get(pk=record.pk), action_context=ANNA)
    assert not counts().calm


WORSE: dict[str, dict[str, Any]] = {
    "another kind of error": {"kind": "transient"},
    "another cause": {"fault": {"code": "validation", "params": {"faults": [{"field": "titel", "rule": "required"}]}}},
    "another status": {"status": "permanently_failed"},
}


@pytest.mark.parametrize("changes", WORSE.values(), ids=WORSE)
def test_a_record_is_loud_again_when_it_gets_worse(changes: dict[str, Any]) -> None:
    record = rooms.snoozed().record
    assert record is not None
    assert is_quiet(record)
    SyncRecord.objects.filter(pk=record.pk).update(**changes)
    assert not is_quiet(record)
    assert quiet.clear_ended(timezone.now()) == 1


def test_one_more_failed_attempt_of_the_same_kind_is_not_worse() -> None:
    record = rooms.snoozed().record
    assert record is not None
    SyncRecord.objects.filter(pk=record.pk).update(retry_count=7, last_check=timezone.now())
    assert is_quiet(record)


def test_a_record_is_loud_again_with_its_day() -> None:
    now = timezone.now()
    row = rooms.snoozed(until=now + timedelta(hours=1))
    assert row.record is not None
    assert quiet.is_quiet(row.record, now)
    assert not quiet.is_quiet(row.record, now + timedelta(hours=2))
    assert quiet.clear_ended(now) == 0
    assert quiet.clear_ended(now + timedelta(hours=2)) == 1


@pytest.mark.parametrize(
    "then, now, worse", [(1, 6, False), (1, 7, True), (4, 9, False), (10, 20, False), (10, 21, True), (100, 201, True)]
)
def test_a_cause_gets_worse_with_more_than_twice_and_five_more(then: int, now: int, worse: bool) -> None:
    assert quiet.is_worse(then=then, now=now) is worse


def test_a_snoozed_cause_covers_what_fails_so_later_until_it_is_many_more() -> None:
    first = rooms.failed()
    cause = core_causes.of(first.fault)
    snoozing.snooze_cause(cause=cause, number=1, action_context=ANNA)
    assert is_quiet(rooms.failed())
    other = rooms.failed("transient")
    assert not is_quiet(other)
    for _times in range(5):
        rooms.failed()
    assert not is_quiet(first)
    (standing,) = quiet.of_causes(timezone.now())
    assert (standing.number, standing.worse) == (7, True)
    assert quiet.clear_ended(timezone.now()) == 1


@pytest.mark.parametrize("until", ["2020-01-01", "today", "2999-01-01", "morgen"])
def test_a_day_that_makes_no_sense_is_refused(until: str) -> None:
    day = timezone.localdate().isoformat() if until == "today" else until
    with pytest.raises(ActionRefused):
        snoozing.snooze(rooms.failed(), ActionContext("anna", details={"until": day}))
    assert not Snooze.objects.exists()


def test_nothing_that_may_be_lost_can_be_made_quiet(settings: Any) -> None:
    """What waits unsynced for too long is no failure to look away from; and no alert asks what is snoozed."""
    late = rooms.record("dirty", dirty_since=timezone.now() - timedelta(days=1))
    with pytest.raises(ActionRefused):
        perform(code="snooze", record=late, action_context=ANNA)
    with pytest.raises(ActionRefused):
        perform(code="snooze", record=rooms.failed("create_outcome_unknown"), action_context=ANNA)
    settings.ALERT_PERMANENTLY_FAILED = 0
    rooms.snoozed(rooms.permanently_failed())
    assert rules.permanently_failed(timezone.now()) == {"number": 1, "limit": 0}
    assert rules.oldest_unsynced(timezone.now()) is not None
