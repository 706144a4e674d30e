"""The commands of every day: sync, resync, reset_failed, release_locks, sync_status, mode, sweep, dispatch."""

import logging
import uuid
from datetime import timedelta
from typing import Any

import pytest
import redis
from django.apps import apps
from django.utils import timezone

from syncapp.core.states import Status
from syncapp.engine.rows.locks import RecordLock, lock_name
from syncapp.models import (
    Breaker,
    Case,
    Conflict,
    Control,
    DeletionTask,
    InboxElement,
    KeptAnswer,
    OperatorLog,
    ProxyCall,
    ProxyKey,
    SyncRecord,
)
from tests.commands.conftest import Firm, manage

WRITES = {"POST", "PUT", "PATCH", "DELETE"}


def writes(firm: Firm) -> list[tuple[str, str, str]]:
    return [call for call in firm.sandbox.calls() if call[1] in WRITES]


def failed(espo_id: str, **columns: object) -> SyncRecord:
    defaults = {"status": Status.FAILED, "kind": "validation", "last_check": timezone.now(), "retry_count": 3}
    return SyncRecord.objects.create(espo_id=espo_id, **{**defaults, **columns})


class TestSync:
    def test_says_what_was_done(self, firm: Firm):
        espo_id = firm.new()
        said = manage("sync", espo_id)
        assert said.code == 0
        assert f"{espo_id}: equal on both sides, betNr {firm.record(espo_id).betnr}" in said.out

    @pytest.mark.parametrize("verbosity, told", [(1, False), (2, True)])
    def test_calls_are_not_told_between_the_answers(
        self, firm: Firm, caplog: pytest.LogCaptureFixture, verbosity: int, told: bool
    ):
        espo_id, _betnr = firm.pair()
        with caplog.at_level("INFO"):
            caplog.clear()
            manage("sync", espo_id, verbosity=verbosity)
            lines = [one for one in caplog.records if one.name == "advosync.remote"]
            assert logging.getLogger().level == logging.INFO
        assert bool(lines) is told

    def test_dry_run_writes_nothing_and_names_the_fields(self, firm: Firm):
        espo_id, _betnr = firm.pair()
        firm.sandbox.anna.change(espo_id, titel="Prof.")
        before = SyncRecord.objects.values().get(espo_id=espo_id)
        firm.sandbox.clear_calls()
        said = manage("sync", espo_id, "--dry-run")
        assert said.code == 0
        assert "titel: to_advoware (espo_changed)" in said.out
        assert "Prof." not in said.out
        assert writes(firm) == []
        assert SyncRecord.objects.values().get(espo_id=espo_id) == before

    def test_dry_run_of_an_unknown_record_makes_no_row(self, firm: Firm):
        espo_id = firm.new()
        firm.sandbox.clear_calls()
        said = manage("sync", espo_id, "--dry-run", "--json")
        assert said.json[0]["action"] == "create"
        assert not SyncRecord.objects.filter(espo_id=espo_id).exists()
        assert writes(firm) == []

    def test_dry_run_names_contact_points(self, firm: Firm):
        espo_id, _betnr = firm.pair()
        firm.sandbox.anna.change(espo_id, phoneNumberData=[{"phoneNumber": "+4951112345", "type": "Office"}])
        assert "contact point: Var1" in manage("sync", espo_id, "--dry-run").out

    def test_failure_is_one_line_and_code_1(self, firm: Firm):
        espo_id = firm.new(name="x" * 200)
        said = manage("sync", espo_id)
        assert said.code == 1
        assert said.err == f"not synced: {espo_id}"
        assert "Name is longer than 140 characters" in said.out

    def test_unknown_id(self, firm: Firm):
        assert manage("sync", "65a0b1c2d3e4f5a6b").code == 1
        assert not SyncRecord.objects.exists()

    def test_unreachable_system_is_one_line(self, firm: Firm):
        espo_id = firm.new()
        firm.sandbox.fault("espocrm", "status", status=500, count=None)
        said = manage("sync", espo_id, "--dry-run")
        assert said.code == 1
        assert "EspoCRM did not answer properly" in said.out + said.err
        assert "Traceback" not in said.err

    def test_force_ignores_the_waiting_time(self, firm: Firm):
        espo_id, _betnr = firm.pair()
        later = timezone.now() + timedelta(hours=2)
        SyncRecord.objects.filter(espo_id=espo_id).update(
            status=Status.FAILED, kind="transient", retry_count=4, next_retry_at=later
        )
        assert manage("sync", espo_id, "--force").code == 0
        record = firm.record(espo_id)
        assert (record.status, record.retry_count) == ("clean", 0)


class TestResync:
    def test_asks_for_a_forced_sync_and_leaves_a_log_row(self, firm: Firm):
        espo_id, _betnr = firm.pair()
        said = manage("resync", "--all", "--reason", "after the update")
        assert said.code == 0
        record = firm.record(espo_id)
        assert (record.status, record.source, record.version) == ("dirty", "command", None)
        row = OperatorLog.objects.get(action="resync")
        assert (row.count, row.reason) == (1, "after the update")
        assert row.actor.startswith("command line")

    def test_dry_run_changes_nothing(self, firm: Firm):
        espo_id, _betnr = firm.pair()
        said = manage("resync", "--status", "clean", "--dry-run")
        assert said.out.strip() == f"1 records: {espo_id}"
        assert firm.record(espo_id).status == "clean"
        assert not OperatorLog.objects.filter(action="resync").exists()
        assert firm.sandbox.calls() == []

    def test_needs_a_choice(self, db: None):
        assert manage("resync").code == 2

    def test_more_than_100_need_a_yes(self, firm: Firm):
        SyncRecord.objects.bulk_create(SyncRecord(espo_id=f"r{n}", status=Status.CLEAN) for n in range(101))
        assert manage("resync", "--all").code == 2
        assert not SyncRecord.objects.filter(status=Status.DIRTY).exists()
        assert manage("resync", "--all", "--yes", "--json").json["done"] == 101

    def test_limit_takes_the_longest_untouched(self, firm: Firm):
        now = timezone.now()
        for number in range(3):
            SyncRecord.objects.create(
                espo_id=f"r{number}", status=Status.CLEAN, last_check=now - timedelta(days=number)
            )
        manage("resync", "--all", "--limit", 1)
        assert SyncRecord.objects.get(status=Status.DIRTY).espo_id == "r2"

    def test_since(self, firm: Firm):
        failed("old", last_check=timezone.now() - timedelta(days=3))
        failed("new")
        since = timezone.localtime() - timedelta(days=1)
        said = manage("resync", "--since", f"{since:%Y-%m-%dT%H:%M}", "--dry-run", "--json")
        assert said.json["first"] == ["new"]

    def test_held_records_are_left_out_and_counted(self, firm: Firm):
        failed("held", hold="paused")
        said = manage("resync", "--all", "--json")
        assert said.json["done"] == 0
        assert sum(said.json["refused"].values()) == 1


class TestResetFailed:
    def test_starts_over(self, firm: Firm):
        failed("a")
        failed("b", status=Status.PERMANENTLY_FAILED, kind="transient")
        assert manage("reset_failed", "--json").json["done"] == 2
        assert set(SyncRecord.objects.values_list("status", "retry_count", "kind")) == {("dirty", 0, "")}
        assert OperatorLog.objects.get(action="sync_now").count == 2

    def test_by_status_kind_and_age(self, firm: Firm):
        failed("young")
        failed("old", last_check=timezone.now() - timedelta(hours=30))
        failed("other", kind="forbidden", last_check=timezone.now() - timedelta(hours=30))
        said = manage("reset_failed", "--status", "failed", "--kind", "validation", "--older-than", 24, "--json")
        assert said.json["done"] == 1
        assert SyncRecord.objects.get(status=Status.DIRTY).espo_id == "old"

    def test_never_answers_for_a_person(self, firm: Firm):
        failed("unknown", kind="create_outcome_unknown")
        said = manage("reset_failed")
        assert SyncRecord.objects.get().status == Status.FAILED
        assert "1 left out" in said.out

    def test_dry_run(self, firm: Firm):
        failed("a")
        assert manage("reset_failed", "--dry-run").out.strip() == "1 records: a"
        assert SyncRecord.objects.get().status == Status.FAILED

    @pytest.mark.parametrize("wrong", ["-1", "soon"])
    def test_wrong_age(self, db: None, wrong: str):
        assert "older-than" in manage("reset_failed", f"--older-than={wrong}").err


class TestReleaseLocks:
    def test_without_redis_it_says_what_was_not_looked_at(self, firm: Firm, settings: Any):
        settings.REDIS_URL = "redis://127.0.0.1:1/1"
        said = manage("release_locks")
        assert (said.code, said.err.count("Redis does not answer")) == (1, 1)

    def held(self, espo_id: str, *, minutes: int) -> SyncRecord:
        now = timezone.now()
        return SyncRecord.objects.create(
            espo_id=espo_id,
            status=Status.SYNCING,
            lease_token="t",
            lease_holder="host:1:2",
            fence=1,
            lease_since=now,
            lease_expires=now + timedelta(minutes=minutes),
        )

    def test_of_one_record(self, firm: Firm, redis_client: redis.Redis):
        self.held("a", minutes=5)
        redis_client.set(lock_name("cbeteiligte:a"), "t")
        assert manage("release_locks", "a").out.count("1 of 1 locks released") == 1
        assert redis_client.get(lock_name("cbeteiligte:a")) is None
        record = SyncRecord.objects.get()
        assert record.lease_expires is not None
        assert record.lease_expires <= timezone.now()
        assert OperatorLog.objects.filter(action="release_lock").count() == 1

    def test_expired_only(self, firm: Firm):
        self.held("running", minutes=5)
        self.held("dead", minutes=-5)
        assert manage("release_locks", "--expired", "--json").json["held"] == ["dead"]

    def test_asks_before_it_takes_a_record_from_a_run(self, firm: Firm):
        self.held("running", minutes=5)
        assert manage("release_locks").code == 2
        assert manage("release_locks", "--yes").code == 0

    def test_a_lock_without_a_lease_goes(self, firm: Firm, redis_client: redis.Redis):
        assert RecordLock("cbeteiligte:stray").acquire()
        assert manage("release_locks", "--dry-run").out.strip() == "stray: a lock in Redis without a run"
        assert manage("release_locks").code == 0
        assert redis_client.keys("sync_lock:*") == []


class TestSyncStatus:
    def test_json(self, firm: Firm):
        firm.pair()
        seen = manage("sync_status", "--json").json
        assert seen["healthy"] is True
        assert seen["records"]["clean"] == 1
        assert seen["mode"] == "live"
        assert set(seen["queues"]) == {"webhook", "sweep", "bulk", "schedule"}

    def test_for_people(self, firm: Firm):
        failed("a")
        said = manage("sync_status")
        assert "failed: validation" in said.out
        assert said.code == 0

    def test_open_breaker_is_code_1(self, firm: Firm):
        now = timezone.now()
        Breaker.objects.create(system="advoware", open_since=now, open_until=now, reason="no token", kind="auth")
        said = manage("sync_status")
        assert (said.code, said.err) == (1, "advoware is not called")

    def test_watch_ends_with_ctrl_c(self, firm: Firm, monkeypatch: pytest.MonkeyPatch):
        def stop(seconds: float) -> None:
            raise KeyboardInterrupt

        monkeypatch.setattr("time.sleep", stop)
        said = manage("sync_status", "--watch")
        assert said.code == 0
        assert said.out.startswith("mode")


class TestMode:
    def test_shows(self, db: None):
        assert manage("mode").out.strip() == "shadow"

    def test_going_live_shows_the_preview_and_asks(self, db: None):
        SyncRecord.objects.create(espo_id="a")
        said = manage("mode", "live")
        assert said.code == 2
        assert "1 records wait to be synced" in said.out
        assert Control.objects.get().mode == "shadow"

    def test_going_live_with_yes(self, db: None):
        said = manage("mode", "live", "--yes", "--reason", "ready")
        assert said.out.splitlines()[-1] == "live, ready"
        assert Control.objects.get().live_since is not None
        assert OperatorLog.objects.get().action == "mode"

    def test_dry_run_changes_nothing(self, db: None):
        assert manage("mode", "live", "--dry-run").code == 0
        assert Control.objects.get().mode == "shadow"

    def test_plan_of_the_shadow_is_shown(self, firm: Firm):
        espo_id, _betnr = firm.pair()
        manage("mode", "shadow")
        firm.sandbox.anna.change(espo_id, titel="Prof.")
        firm.ask(espo_id)
        firm.sync(espo_id)
        assert "espocrm_newer: advoware.titel for 1 records" in manage("mode", "live", "--dry-run").out

    def test_one_side(self, db: None):
        manage("mode", "live", "--yes")
        assert manage("mode", "paused", "--side", "advoware").out.strip() == "live, no writes to advoware"
        assert manage("mode", "live", "--side", "advoware").out.strip() == "live"

    def test_one_side_with_an_end(self, db: None):
        manage("mode", "live", "--yes")
        held = manage("mode", "paused", "--side", "advoware", "--until", "2099-12-24T18:00")
        assert held.out.strip() == "live, no writes to advoware until 2099-12-24 18:00"

    def test_pause_with_an_end(self, db: None):
        assert "paused until 2099-12-24 18:00" in manage("mode", "paused", "--until", "2099-12-24T18:00").out

    @pytest.mark.parametrize(
        "arguments",
        [
            ("live", "--until", "2099-12-24"),
            ("shadow", "--side", "advoware"),
            ("paused", "--until", "2001-01-01"),
            ("asleep",),
        ],
    )
    def test_wrong_use(self, db: None, arguments: tuple[str, ...]):
        assert manage("mode", *arguments).code in (1, 2)


class TestSweepAndDispatch:
    def test_dispatch(self, firm: Firm):
        SyncRecord.objects.create(espo_id="a", status=Status.DIRTY, requested=1)
        assert manage("dispatch", "--dry-run").out.strip() == "1 records are due"
        assert manage("dispatch", "--json").json == {"enqueued": 1}

    def test_sweep(self, firm: Firm):
        firm.new(syncStatus="dirty")
        assert manage("sweep", "--json").json["counts"]["discovered"] == 1

    def test_sweep_with_a_fault_is_code_1(self, firm: Firm):
        firm.sandbox.fault("espocrm", "status", status=500, count=None)
        said = manage("sweep")
        assert said.code == 1
        assert "discovered: EspoCRM did not answer properly" in said.err


def traces(text: str) -> set[str]:
    """The tables of ours that hold this text in any column."""
    return {
        model.__name__
        for model in apps.get_app_config("syncapp").get_models()
        for row in model._default_manager.values()
        if text.casefold() in str(row).casefold()
    }


class TestPurge:
    def test_history(self, firm: Firm):
        firm.pair()
        assert manage("purge_history", "--older-than", 1, "--dry-run").out.strip() == "0 rows would be deleted"
        deleted = manage("purge_history", "--older-than", 0, "--json").json["rows"]
        assert deleted > 0
        assert OperatorLog.objects.get(action="purge_history").count == deleted

    def test_person(self, firm: Firm):
        espo_id, _betnr = firm.pair()
        assert manage("purge_person", espo_id).code == 2
        assert manage("purge_person", espo_id, "--yes").code == 0
        assert not firm.record(espo_id).changes.exclude(after=None).exists()

    def test_person_who_still_lives_in_espocrm_goes_on_being_synced(self, firm: Firm):
        espo_id, betnr = firm.pair()
        assert manage("purge_person", espo_id, "--yes").code == 0
        assert firm.record(espo_id).base_espo["name"]
        firm.sandbox.anna.change(espo_id, titel="Prof.")
        assert firm.sync(espo_id).status == "clean"
        assert firm.advo(betnr)["titel"] == "Prof."

    def test_person_who_is_gone_in_espocrm_leaves_no_value_anywhere(self, firm: Firm):
        name, phone = "Sonderbar-Einmalig", "+4930123987654"
        espo_id, _betnr = firm.pair(name=name, phoneNumberData=[{"phoneNumber": phone, "type": "Office"}])
        record = firm.record(espo_id)
        Case.objects.create(record=record, note=f"{name} ruft zurück")
        Conflict.objects.create(record=record, field="name", case="both_changed", policy="manual", espo=name, open=True)
        InboxElement.objects.create(
            delivery=uuid.uuid4(), espo_id=espo_id, action="update", attributes={"name": name}, result="waiting"
        )
        firm.sandbox.anna.delete(espo_id)
        firm.sync(espo_id)
        assert firm.record(espo_id).status == "deleted_in_espocrm"
        assert traces(name) | traces(phone) != set()
        assert manage("purge_person", espo_id, "--yes").code == 0
        assert traces(name) | traces(phone) | traces(phone.removeprefix("+")) == set()
        assert manage("purge_person", espo_id, "--dry-run").out.startswith(f"{espo_id}: 0 rows")
        assert DeletionTask.objects.filter(espo_id=espo_id, done_at__isnull=True).exists()

    def test_person_in_calls_of_other_programs(self, firm: Firm):
        espo_id, betnr = firm.pair()
        key = ProxyKey.objects.create(name="k", prefix="k", rate_per_minute=1, expires_at=timezone.now())
        about = {"method": "PUT", "template": "Beteiligte/{int}/Kommunikationen/{int}"}
        theirs = ProxyCall.objects.create(**about, path_ids=[str(betnr), "7"])
        others = ProxyCall.objects.create(**about, path_ids=["1", str(betnr)])
        elsewhere = ProxyCall.objects.create(method="GET", template="Akten/{id}", path_ids=[str(betnr)])
        KeptAnswer.objects.create(key=key, name="theirs", call=theirs, body="Müller")
        KeptAnswer.objects.create(key=key, name="others", call=others)
        assert manage("purge_person", espo_id, "--yes").code == 0
        left = dict(ProxyCall.objects.values_list("pk", "path_ids"))
        assert left == {theirs.pk: [], others.pk: ["1", str(betnr)], elsewhere.pk: [str(betnr)]}
        assert list(KeptAnswer.objects.values_list("name", flat=True)) == ["others"]

    def test_person_dry_run(self, firm: Firm):
        espo_id, _betnr = firm.pair()
        assert "rows hold values" in manage("purge_person", espo_id, "--dry-run").out
        assert firm.record(espo_id).changes.exclude(after=None).exists()
