"""The lease: every step is a conditional update, and a count other than one means stop."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from syncapp.core.faults.errors import WAITS_FOR_PERSON
from syncapp.core.states import Status
from syncapp.engine import control
from syncapp.engine.rows.lease import (
    Lease,
    LeaseLost,
    acquire,
    answered,
    commit,
    keep_runs_away,
    let_runs_come,
    lock_row,
    renew,
)
from syncapp.models import Control, StatusChange, SyncRecord

pytestmark = pytest.mark.django_db(transaction=True)

HOUR = timedelta(hours=1)
DAY = timedelta(hours=25)
INTENT = {
    "side": "advoware",
    "field": "titel",
    "sent": "x",
    "before": "y",
    "other": "x",
    "marker": "r",
    "phase": "sent",
}
ANSWERED = {**INTENT, "field": "zusatz", "phase": "answered"}


@pytest.fixture
def switches() -> Control:
    return control.switches()


def row(**columns: Any) -> SyncRecord:
    return SyncRecord.objects.create(**{"espo_id": "a" * 17, "betnr": 1, "status": "dirty", "requested": 1, **columns})


def take(record: SyncRecord, *, forced: bool = False) -> tuple[Lease, SyncRecord] | None:
    return acquire(SyncRecord, record_id=record.pk, control=control.switches(), forced=forced)


def taken(**columns: Any) -> tuple[Lease, SyncRecord]:
    found = take(row(**columns))
    assert found is not None
    return found


def now() -> Any:
    return timezone.now()


DUE: dict[str, dict[str, Any]] = {
    "pending_sync": {"status": "pending_sync"},
    "dirty": {"status": "dirty"},
    "failed, next_retry_at has come": {"status": "failed", "kind": "transient", "next_retry_at": -HOUR},
    "syncing, lease expired": {"status": "syncing", "lease_token": "dead", "lease_expires": -HOUR},
    "validation, last check over 24 h ago": {"status": "failed", "kind": "validation", "last_check": -DAY},
    "forbidden, last check over 24 h ago": {"status": "failed", "kind": "forbidden", "last_check": -DAY},
    "clean, late_look_at has come": {"status": "clean", "late_look_at": -HOUR, "last_check": -HOUR},
    "conflict, late_look_at has come": {"status": "conflict", "late_look_at": -HOUR, "last_check": -HOUR},
    "clean, last check over 24 h ago": {"status": "clean", "last_check": -DAY},
    "conflict, last check over 24 h ago": {"status": "conflict", "last_check": -DAY},
}
NOT_DUE: dict[str, dict[str, Any]] = {
    "clean": {"status": "clean", "last_check": -HOUR},
    "clean, late look still to come": {"status": "clean", "last_check": -HOUR, "late_look_at": HOUR},
    "conflict": {"status": "conflict", "last_check": -HOUR},
    "failed, in backoff": {"status": "failed", "kind": "transient", "next_retry_at": HOUR, "last_check": -DAY},
    "validation, looked at lately": {"status": "failed", "kind": "validation", "last_check": -HOUR},
    "permanently_failed": {"status": "permanently_failed", "last_check": -DAY, "auto_reset_at": HOUR},
}
NEVER: dict[str, dict[str, Any]] = {
    "deleted_in_advoware": {"status": "deleted_in_advoware", "last_check": -DAY},
    "deleted_in_espocrm": {"status": "deleted_in_espocrm", "last_check": -DAY},
    "syncing, lease held": {"status": "syncing", "lease_token": "alive", "lease_expires": HOUR, "last_check": -DAY},
    "held by hand": {"status": "dirty", "hold": "paused"},
    **{kind: {"status": "failed", "kind": kind, "last_check": -DAY} for kind in sorted(WAITS_FOR_PERSON)},
}


def at_times(columns: dict[str, Any]) -> dict[str, Any]:
    return {name: now() + value if isinstance(value, timedelta) else value for name, value in columns.items()}


def cases(table: dict[str, dict[str, Any]]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("columns", table.values(), ids=table.keys())


@cases(DUE)
def test_due_is_acquired(columns: dict[str, Any]) -> None:
    record = row(**at_times(columns))
    found = take(record)
    assert found is not None
    lease, held = found
    record.refresh_from_db()
    assert (record.status, record.fence, record.lease_token) == (Status.SYNCING, 1, lease.token)
    assert record.lease_expires is not None
    assert timedelta(seconds=280) < record.lease_expires - now() <= timedelta(seconds=305)
    assert (lease.seen, held.requested, held.status) == (1, 1, Status.SYNCING)


@cases(NOT_DUE)
def test_not_due_is_acquired_only_if_forced(columns: dict[str, Any]) -> None:
    record = row(**at_times(columns))
    assert take(record) is None
    assert take(record, forced=True) is not None


@cases(NEVER)
def test_never_acquired_not_even_if_forced(columns: dict[str, Any]) -> None:
    record = row(**at_times(columns))
    assert take(record) is None
    assert take(record, forced=True) is None


def test_an_acquired_record_is_not_acquired_again() -> None:
    record = row()
    assert take(record) is not None
    assert take(record) is None
    assert take(record, forced=True) is None


def test_acquiring_remembers_what_a_put_back_restores() -> None:
    record = row(status="failed", kind="transient", next_retry_at=now() - HOUR)
    take(record)
    record.refresh_from_db()
    assert record.status_before == "failed"


def test_every_step_has_its_cause_in_the_history() -> None:
    lease, record = taken(trigger="update")
    step = StatusChange.objects.get(record=record)
    assert (step.before, step.after, step.event, step.cause) == ("dirty", "syncing", "acquired", "update")
    assert lease.took_over is False


# --- taking over


def dead(**columns: Any) -> dict[str, Any]:
    return {"status": "syncing", "status_before": "clean", "lease_token": "dead", "fence": 7, **columns}


def test_a_dead_holders_intents_are_superseded_and_a_late_look_is_due() -> None:
    lease, _record = taken(**dead(lease_expires=now() - HOUR, open_intents=[INTENT, ANSWERED]))
    record = SyncRecord.objects.get()
    assert (lease.took_over, record.fence) == (True, 8)
    assert record.superseded == [INTENT]
    assert record.open_intents == [INTENT, ANSWERED], "a crash is a lost answer too"
    assert record.late_look_at is not None
    assert timedelta(minutes=14) < record.late_look_at - now() < timedelta(minutes=16)
    assert record.status_before == "clean", "what it was before the first of the two"


def test_what_a_failed_run_sent_without_an_answer_is_superseded_once() -> None:
    columns = {"status": "failed", "next_retry_at": now() - HOUR, "open_intents": [INTENT, ANSWERED]}
    lease, _record = taken(**columns, superseded=[INTENT])
    record = SyncRecord.objects.get()
    assert lease.took_over is False
    assert record.superseded == [INTENT]
    assert record.late_look_at is not None


def test_without_intents_there_is_nothing_to_look_for() -> None:
    taken(**dead(lease_expires=now() - HOUR))
    record = SyncRecord.objects.get()
    assert (record.superseded, record.late_look_at) == ([], None)


def test_a_second_holder_that_dies_adds_to_what_the_first_left() -> None:
    other = {**INTENT, "field": "zusatz"}
    taken(**dead(lease_expires=now() - HOUR, open_intents=[other], superseded=[INTENT]))
    assert SyncRecord.objects.get().superseded == [INTENT, other]


# --- renewing


def test_renew_prolongs_and_commits_the_intents() -> None:
    lease, record = taken()
    SyncRecord.objects.update(lease_expires=now() + timedelta(seconds=5))
    renew(lease, open_intents=[INTENT])
    record.refresh_from_db()
    assert record.open_intents == [INTENT]
    assert record.lease_expires is not None
    assert record.lease_expires - now() > timedelta(seconds=280)


LOST: dict[str, dict[str, Any]] = {
    "another fence": {"fence": 99},
    "another token": {"lease_token": "somebody"},
    "given back": {"lease_token": "", "lease_expires": None},
}


@cases({**LOST, "expired": {"lease_expires": -HOUR}})
def test_renew_of_a_lost_lease_stops_the_run_and_writes_nothing(columns: dict[str, Any]) -> None:
    lease, _record = taken()
    SyncRecord.objects.update(**at_times(columns))
    with pytest.raises(LeaseLost):
        renew(lease, open_intents=[INTENT])
    assert SyncRecord.objects.get().open_intents == []


# --- after an answer


def test_an_answer_is_committed() -> None:
    lease, _record = taken()
    answered(lease, row_id="new", base_advo={"titel": "x"})
    record = SyncRecord.objects.get()
    assert (record.row_id, record.base_advo) == ("new", {"titel": "x"})


def test_an_answer_within_an_expired_lease_that_nobody_took_still_counts() -> None:
    lease, _record = taken()
    SyncRecord.objects.update(lease_expires=now() - HOUR)
    answered(lease, row_id="new")
    assert SyncRecord.objects.get().row_id == "new"


@cases(LOST)
def test_an_answer_after_the_lease_was_lost_asks_for_one_more_look(columns: dict[str, Any]) -> None:
    lease, _record = taken()
    SyncRecord.objects.update(**at_times(columns))
    with pytest.raises(LeaseLost):
        answered(lease, row_id="new")
    record = SyncRecord.objects.get()
    assert (record.row_id, record.requested) == ("", 2)


def test_and_makes_a_record_at_rest_dirty() -> None:
    lease, _record = taken()
    SyncRecord.objects.update(status="clean", lease_token="", lease_expires=None)
    with pytest.raises(LeaseLost):
        answered(lease, row_id="new")
    assert SyncRecord.objects.get().status == "dirty"


# --- commit and put back


def test_commit_gives_the_lease_back() -> None:
    lease, _record = taken()
    commit(lease, status="clean", completed=lease.seen)
    record = SyncRecord.objects.get()
    assert (record.status, record.completed) == ("clean", 1)
    assert (record.lease_token, record.lease_expires, record.lease_holder) == ("", None, "")


@cases(LOST)
def test_commit_of_a_lost_lease_changes_nothing(columns: dict[str, Any]) -> None:
    lease, _record = taken()
    SyncRecord.objects.update(**at_times(columns))
    with pytest.raises(LeaseLost):
        commit(lease, status="clean", completed=lease.seen)
    record = SyncRecord.objects.get()
    assert (record.status, record.completed) == ("syncing", 0)
    with pytest.raises(LeaseLost):
        _in_transaction(lease)


def _in_transaction(lease: Lease) -> None:
    from django.db import transaction

    with transaction.atomic():
        lock_row(lease)


# --- a write that is no run's


def kept(record: SyncRecord) -> str | None:
    return keep_runs_away(SyncRecord, record_id=record.pk, seconds=60)


@cases({**DUE, **NOT_DUE, "deleted_in_espocrm": {"status": "deleted_in_espocrm"}, "paused": {"hold": "paused"}})
def test_a_record_is_kept_from_runs_and_given_back_as_it_was(columns: dict[str, Any]) -> None:
    record = row(**at_times(columns))
    before = _standing(record.pk)
    token = kept(record)
    assert token is not None
    assert take(record, forced=True) is None
    assert kept(record) is None
    let_runs_come(SyncRecord, record_id=record.pk, token=token)
    assert _standing(record.pk) == [*before[:3], 0, *before[4:]]
    given_back = SyncRecord.objects.get()
    assert given_back.late_look_at == record.late_look_at
    assert (take(record) is not None) == (columns in DUE.values())


@pytest.mark.parametrize("look", [None, -HOUR, timedelta(minutes=5)])
def test_a_write_without_an_answer_gets_a_late_look(look: timedelta | None) -> None:
    record = row(late_look_at=look and now() + look)
    token = kept(record)
    assert token is not None
    let_runs_come(SyncRecord, record_id=record.pk, token=token, unanswered=True)
    left = SyncRecord.objects.get()
    assert left.late_look_at is not None
    assert timedelta(minutes=14) < left.late_look_at - now() <= timedelta(minutes=15)
    assert (left.lease_token, left.lease_expires) == ("", None)


def test_it_is_nobody_s_while_a_run_has_it() -> None:
    lease, record = taken()
    assert kept(record) is None
    renew(lease)


def test_a_run_that_has_outslept_its_lease_finds_it_gone_and_what_it_left_is_taken_over() -> None:
    lease, record = taken()
    SyncRecord.objects.update(lease_expires=now() - HOUR)
    token = kept(record)
    assert token is not None
    with pytest.raises(LeaseLost):
        renew(lease)
    let_runs_come(SyncRecord, record_id=record.pk, token=token)
    found = take(record)
    assert found is not None
    assert found[0].took_over


def test_given_back_too_late_it_stays_with_whoever_has_it_now() -> None:
    record = row()
    token = kept(record)
    SyncRecord.objects.update(lease_expires=now() - HOUR)
    found = take(record)
    assert token is not None
    assert found is not None
    let_runs_come(SyncRecord, record_id=record.pk, token=token)
    renew(found[0])


@pytest.mark.parametrize("status", ["clean", "conflict"])
def test_whoever_writes_and_dies_leaves_a_record_that_is_looked_at(status: str) -> None:
    record = row(status=status, last_check=now())
    assert kept(record)
    assert take(record) is None
    left = SyncRecord.objects.get()
    assert left.late_look_at == left.lease_expires
    SyncRecord.objects.update(late_look_at=now() - HOUR, lease_expires=now() - HOUR)
    assert take(record) is not None


# --- taking what was seen a moment ago


def glanced_at(record: SyncRecord, *, forced: bool = False) -> tuple[Lease, SyncRecord] | None:
    switches, _troubled, row = control.at_the_gate(SyncRecord, record_id=record.pk)
    return acquire(SyncRecord, record_id=record.pk, control=switches, forced=forced, at_a_glance=row)


@cases({**DUE, **NOT_DUE, **NEVER})
@pytest.mark.parametrize("forced", [False, True])
def test_a_glance_before_changes_nothing_of_what_may_be_taken(columns: dict[str, Any], forced: bool) -> None:
    record, other = row(**at_times(columns)), row(**{**at_times(columns), "espo_id": "b" * 17, "betnr": 2})
    without, with_glance = take(record, forced=forced), glanced_at(other, forced=forced)
    assert (without is None) == (with_glance is None)
    kept = [_standing(one.pk) for one in (record, other)]
    assert kept[0] == kept[1]
    if with_glance is not None:
        lease, held = with_glance
        assert (held.fence, held.lease_token) == (lease.fence, lease.token)
        assert held.lease_expires == SyncRecord.objects.get(pk=other.pk).lease_expires


def _standing(pk: int) -> list[Any]:
    record = SyncRecord.objects.get(pk=pk)
    steps = list(StatusChange.objects.filter(record=record).values_list("before", "after", "event", "cause"))
    return [record.status, record.status_before, record.fence, len(record.lease_token), record.superseded, steps]


SINCE: dict[str, tuple[dict[str, Any], bool]] = {
    "asked for meanwhile": ({"status": "dirty", "requested": 2}, True),
    "asked for, its status as it was": ({"requested": 2}, True),
    "synced meanwhile, and asked for again": ({"status": "dirty", "fence": 4}, True),
    "taken by another": ({"status": "syncing", "fence": 4, "lease_token": "alive", "lease_expires": HOUR}, False),
    "taken by another that is dead": ({"status": "syncing", "fence": 4, "lease_expires": -HOUR}, True),
    "synced meanwhile": ({"status": "clean", "fence": 4, "last_check": -HOUR, "next_retry_at": None}, False),
    "held by hand": ({"hold": "paused"}, False),
    "what only a newer version knows": ({"status": "of_tomorrow"}, False),
}


@pytest.mark.parametrize("columns, is_due", SINCE.values(), ids=SINCE.keys())
def test_what_has_moved_since_the_glance_is_taken_as_it_stands_now(columns: dict[str, Any], is_due: bool) -> None:
    record = row(status="failed", kind="transient", next_retry_at=now() - HOUR, fence=3)
    switches, _troubled, seen = control.at_the_gate(SyncRecord, record_id=record.pk)
    SyncRecord.objects.filter(pk=record.pk).update(**at_times(columns))
    before = SyncRecord.objects.get(pk=record.pk)
    found = acquire(SyncRecord, record_id=record.pk, control=switches, at_a_glance=seen)
    assert (found is not None) == is_due
    after = SyncRecord.objects.get(pk=record.pk)
    if found is None:
        assert (after.status, after.fence, after.lease_token) == (before.status, before.fence, before.lease_token)
        return
    lease, held = found
    assert (after.fence, after.lease_token, lease.seen) == (before.fence + 1, lease.token, before.requested)
    assert lease.took_over == (before.status == "syncing")
    assert StatusChange.objects.get(record=record).before == before.status
    assert {name: getattr(held, name) for name in _columns()} == {name: getattr(after, name) for name in _columns()}


def _columns() -> list[str]:
    return [field.attname for field in SyncRecord._meta.concrete_fields]


def test_of_two_that_saw_the_same_one_takes_it() -> None:
    record = row()
    switches, _troubled, seen = control.at_the_gate(SyncRecord, record_id=record.pk)
    both = threading.Barrier(2)

    def take_it(_number: int) -> bool:
        try:
            connection.ensure_connection()
            both.wait(timeout=10)
            return acquire(SyncRecord, record_id=record.pk, control=switches, at_a_glance=seen) is not None
        finally:
            connection.close()

    with ThreadPoolExecutor(max_workers=2) as pool:
        assert sorted(pool.map(take_it, range(2))) == [False, True]
    assert SyncRecord.objects.get(pk=record.pk).fence == 1
    assert StatusChange.objects.filter(record=record).count() == 1


def test_the_gate_knows_of_a_record_that_is_not_there() -> None:
    assert control.at_the_gate(SyncRecord, record_id=10**9)[2] is None
    assert acquire(SyncRecord, record_id=10**9, control=control.switches()) is None
