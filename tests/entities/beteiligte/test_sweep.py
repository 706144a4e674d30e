"""The sweep: what it finds without webhooks, what it costs, and what its picks are."""

from datetime import UTC, datetime, timedelta
from typing import Any, NoReturn

import pytest
from django.db.models import QuerySet
from django.utils import timezone

from syncapp.core.states import Status
from syncapp.core.systems import System
from syncapp.engine import batch, breaker, control
from syncapp.entities.beteiligte import sweep_steps
from syncapp.entities.beteiligte.links import discovery
from syncapp.entities.beteiligte.links.discovery import MARK, discover
from syncapp.entities.beteiligte.probes import recheck, remote_metadata
from syncapp.models import DeletionTask, RemoteFact, Sweep, SyncRecord
from syncapp.operations.maintenance import sweep
from syncapp.remotes.espocrm.client import EspoClient, EspoEntity
from syncapp.remotes.http.errors import Forbidden
from syncapp.remotes.http.exchange import Request
from syncapp.remotes.http.session import RemoteSession
from tests.support.firm import Firm

PHONE = {"phoneNumber": "+495111234567", "type": "Office", "primary": True, "optOut": False, "invalid": False}


def aged(firm: Firm, *espo_ids: str) -> list[int]:
    """Records whose last look is two days old."""
    SyncRecord.objects.filter(espo_id__in=espo_ids).update(last_check=timezone.now() - timedelta(days=2))
    return [firm.record(espo_id).pk for espo_id in espo_ids]


def test_discovers_a_record_that_no_webhook_told_of(firm: Firm) -> None:
    espo_id = firm.new(syncStatus="pending_sync")
    assert discover() == 1
    assert firm.record(espo_id).status == Status.PENDING_SYNC
    assert firm.record(espo_id).requested == 1


def test_discovers_an_edit_by_its_time(firm: Firm) -> None:
    espo_id, _betnr = firm.pair()
    discover()
    other = firm.new(syncStatus="pending_sync")
    discover()  # the mark stands now
    firm.sync(other)
    firm.sandbox.anna.change(espo_id, titel="Prof.")
    assert discover() == 1
    assert firm.record(espo_id).status == Status.DIRTY


def test_a_record_of_the_future_moves_no_mark(firm: Firm, monkeypatch: pytest.MonkeyPatch) -> None:
    """EspoCRM's clock was ahead for a minute: what was changed in it must not hide all that is changed after it."""
    strange, _betnr = firm.pair()
    espo_id, _other = firm.pair()
    real = EspoClient.iterate

    def iterate(client: EspoClient, **options: Any) -> Any:
        for row in real(client, **options):
            future = {"modifiedAt": "2099-01-01 00:00:00"} if row.id == strange else {}
            yield EspoEntity(row.id, {**row.attributes, **future})

    monkeypatch.setattr(EspoClient, "iterate", iterate)
    firm.sandbox.anna.change(strange, titel="Prof.")
    assert discover() == 1
    firm.sandbox.anna.change(espo_id, titel="Prof.")
    assert discover() == 1
    assert firm.record(espo_id).status == Status.DIRTY


def test_a_mark_of_the_future_is_none(firm: Firm) -> None:
    espo_id, _betnr = firm.pair()
    remote_metadata.keep(MARK, (timezone.now() + timedelta(days=365)).isoformat())
    firm.sandbox.anna.change(espo_id, titel="Prof.")
    assert discover() == 1
    assert datetime.fromisoformat(remote_metadata.kept(MARK)) < timezone.now() + timedelta(minutes=1)
    assert discover() == 0


def test_before_the_first_mark_an_edit_that_no_webhook_told_of_is_found(firm: Firm) -> None:
    """An installation in which nothing was ever marked as dirty has no mark to begin with."""
    espo_id, _betnr = firm.pair()
    assert discover() == 0
    RemoteFact.objects.filter(pk=MARK).delete()
    firm.sandbox.anna.change(espo_id, titel="Prof.")
    assert discover() == 1
    assert firm.record(espo_id).status == Status.DIRTY


def test_before_the_first_mark_what_is_older_than_the_installation_is_no_finding(
    firm: Firm, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was there before is for the first load, which somebody starts on purpose."""
    firm.new(syncStatus="clean")
    monkeypatch.setattr(timezone, "now", lambda: datetime.now(UTC) + timedelta(hours=1))
    assert discover() == 0


def test_a_stamp_of_a_clock_that_is_ahead_does_not_hide_what_comes_until_then(
    firm: Firm, monkeypatch: pytest.MonkeyPatch
) -> None:
    firm.new(syncStatus="pending_sync")
    an_hour_ago = timezone.now() - timedelta(hours=1)
    monkeypatch.setattr(timezone, "now", lambda: an_hour_ago)
    assert discover() == 1
    assert datetime.fromisoformat(remote_metadata.kept(MARK)) <= an_hour_ago


def test_the_same_state_is_found_once(firm: Firm) -> None:
    espo_id = firm.new(syncStatus="dirty")
    assert discover() == 1
    assert discover() == 0
    assert firm.record(espo_id).requested == 1


def test_a_record_as_we_left_it_is_no_finding(firm: Firm) -> None:
    firm.new(syncStatus="pending_sync")
    discover()
    espo_id, _betnr = firm.pair()
    assert discover() == 0
    assert firm.record(espo_id).status == Status.CLEAN


def test_a_restored_record_is_found(firm: Firm) -> None:
    espo_id, _betnr = firm.pair()
    SyncRecord.objects.filter(espo_id=espo_id).update(status=Status.DELETED_IN_ESPOCRM)
    firm.sandbox.anna.change(espo_id, syncStatus="dirty")
    assert discover() == 1
    assert firm.sync(espo_id).status == "clean"


def test_a_record_that_was_found_then_deleted_and_restored_is_found_again(firm: Firm) -> None:
    """EspoCRM restores it in the very state in which the sweep has seen it: neither version nor time move."""
    espo_id, betnr = firm.pair()
    firm.sandbox.anna.change(espo_id, zusatz="c/o Kanzlei", syncStatus="dirty")
    assert discover() == 1
    firm.sandbox.anna.delete(espo_id)
    assert firm.sync(espo_id).status == Status.DELETED_IN_ESPOCRM
    firm.sandbox.restore(espo_id)
    assert discover() == 1
    assert firm.sync(espo_id, forced=False).status == "clean"
    assert firm.advo(betnr)["zusatz"] == "c/o Kanzlei"


def deleted_long_ago(firm: Firm) -> tuple[str, int]:
    """Gone in EspoCRM, with a task for somebody; by now the sweep asks for later changes only."""
    espo_id, betnr = firm.pair()
    firm.sandbox.anna.delete(espo_id)
    assert firm.sync(espo_id).status == Status.DELETED_IN_ESPOCRM
    remote_metadata.keep(MARK, (timezone.now() + timedelta(minutes=10)).isoformat())
    return espo_id, betnr


def test_a_record_that_is_restored_untouched_is_found_though_nothing_tells_of_it(firm: Firm) -> None:
    espo_id, betnr = deleted_long_ago(firm)
    mark = remote_metadata.kept(MARK)
    assert discover() == 0
    firm.sandbox.restore(espo_id)
    assert discover() == 1
    assert firm.sync(espo_id, forced=False).status == "clean"
    assert firm.record(espo_id).betnr == betnr
    assert not DeletionTask.objects.filter(done_at__isnull=True).exists(), "nobody may delete it by hand any more"
    assert remote_metadata.kept(MARK) == mark


def test_deleted_records_are_asked_for_in_turn_and_only_while_somebody_is_to_delete_them(
    firm: Firm, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(discovery, "DELETED_A_SWEEP", 1)
    first, second = deleted_long_ago(firm)[0], deleted_long_ago(firm)[0]
    firm.sandbox.restore(second)
    firm.sandbox.clear_calls()
    assert [discover(), discover()] == [0, 1]
    assert firm.counts()["espocrm"] == {"GET": 6}
    DeletionTask.objects.update(done_at=timezone.now())
    firm.sandbox.clear_calls()
    assert discover() == 0
    assert firm.counts()["espocrm"] == {"GET": 2}
    assert firm.record(first).status == Status.DELETED_IN_ESPOCRM


def blocked(firm: Firm) -> str:
    """A record that a guard has stopped, and that waits for a person."""
    espo_id, _betnr = firm.pair(phoneNumberData=[PHONE])
    SyncRecord.objects.filter(espo_id=espo_id).update(status="failed", kind="blocked", fault={"code": "guard_removals"})
    return espo_id


@pytest.mark.parametrize(
    "edit", [{"zusatz": "c/o Kanzlei"}, {"phoneNumberData": [{**PHONE, "phoneNumber": "+495119999999"}]}]
)
def test_an_edit_that_a_formula_marks_releases_nothing_that_waits_for_a_person(
    firm: Firm, edit: dict[str, object]
) -> None:
    firm.sandbox.espocrm(formula=True)
    espo_id = blocked(firm)
    firm.sandbox.anna.change(espo_id, **{**edit, "syncStatus": "dirty"})
    assert discover() == 1
    record = firm.record(espo_id)
    assert (record.status, record.kind, record.requested) == ("failed", "blocked", 1)
    assert discover() == 0


def test_a_person_s_wish_alone_releases_what_waits_for_one(firm: Firm) -> None:
    espo_id = blocked(firm)
    firm.sandbox.anna.change(espo_id, syncStatus="dirty")
    assert discover() == 1
    assert (firm.record(espo_id).status, firm.record(espo_id).kind) == ("dirty", "")


def test_a_wish_releases_also_where_the_edit_before_it_is_what_waits(firm: Firm) -> None:
    espo_id = blocked(firm)
    firm.sandbox.anna.change(espo_id, zusatz="c/o Kanzlei", syncStatus="dirty")
    discover()
    assert firm.record(espo_id).kind == "blocked"
    firm.sandbox.anna.change(espo_id, syncStatus="pending_sync")
    assert discover() == 1
    assert (firm.record(espo_id).status, firm.record(espo_id).kind) == ("dirty", "")


def test_a_record_that_may_not_be_read_releases_nothing_and_stops_no_sweep(
    firm: Firm, monkeypatch: pytest.MonkeyPatch
) -> None:
    def forbidden(client: EspoClient, record_id: str) -> NoReturn:
        raise Forbidden("no", system=System.ESPOCRM, operation="GET CBeteiligte/{id}")

    espo_id = blocked(firm)
    firm.sandbox.anna.change(espo_id, syncStatus="dirty")
    monkeypatch.setattr(EspoClient, "get", forbidden)
    assert discover() == 1
    assert (firm.record(espo_id).status, firm.record(espo_id).kind) == ("failed", "blocked")


@pytest.mark.parametrize("edit", [{"zusatz": "c/o Kanzlei"}, {"syncStatus": "dirty"}])
def test_after_the_retries_are_used_up_an_edit_is_one_try_and_a_wish_starts_over(
    firm: Firm, edit: dict[str, str]
) -> None:
    firm.sandbox.espocrm(formula=True)
    espo_id, _betnr = firm.pair()
    reset_at = timezone.now() + timedelta(hours=20)
    SyncRecord.objects.filter(espo_id=espo_id).update(
        status=Status.PERMANENTLY_FAILED, kind="transient", retry_count=5, auto_reset_at=reset_at
    )
    firm.sandbox.anna.change(espo_id, **edit)
    assert discover() == 1
    record = firm.record(espo_id)
    kept = (5, reset_at) if "zusatz" in edit else (0, None)
    assert (record.status, record.retry_count, record.auto_reset_at) == ("dirty", *kept)


@pytest.mark.django_db(transaction=True)  # several threads: each sees only what is committed
def test_sweep_of_n_clean_records_costs_one_list_and_n_advoware_gets(firm: Firm) -> None:
    ids = [firm.pair(phoneNumberData=[{"phoneNumber": f"+49511123450{n}", "type": "Office"}])[0] for n in range(4)]
    records = aged(firm, *ids)
    firm.sandbox.clear_calls()
    assert recheck.recheck_records(records) == {"ran": 4}
    assert firm.counts() == {"espocrm": {"GET": 1}, "advoware": {"GET": 4}}
    assert {firm.record(espo_id).status for espo_id in ids} == {"clean"}


def test_the_address_that_asks_for_many_records_is_one_that_web_servers_take(
    firm: Firm, monkeypatch: pytest.MonkeyPatch
) -> None:
    espo_id, _betnr = firm.pair()
    template = firm.record(espo_id)
    lengths: list[int] = []
    prepare = RemoteSession._prepare

    def measured(session: RemoteSession, request: Request) -> Any:
        prepared = prepare(session, request)
        lengths.append(len(prepared.url or ""))
        return prepared

    others = [SyncRecord(espo_id=f"{number:036d}", status=template.status) for number in range(250)]
    ids = [row.pk for row in SyncRecord.objects.bulk_create(others)]
    monkeypatch.setattr(RemoteSession, "_prepare", measured)
    monkeypatch.setattr(batch, "sync_batch", lambda _orders: {})
    recheck.recheck_records(ids)
    assert len(lengths) == 13, "UUIDs: about twenty to an address"
    assert max(lengths) < 2000


def test_recheck_finds_an_edit_in_advoware_and_reads_the_record_before_writing(firm: Firm) -> None:
    espo_id, betnr = firm.pair()
    records = aged(firm, espo_id)
    firm.sandbox.clerk.change(betnr, titel="Dr. Dr.")
    firm.sandbox.clear_calls()
    recheck.recheck_records(records)
    assert firm.counts() == {"espocrm": {"GET": 2, "PATCH": 1}, "advoware": {"GET": 2}}
    assert firm.espo(espo_id)["titel"] == "Dr. Dr."


def test_recheck_reads_a_record_whole_whose_version_moved(firm: Firm) -> None:
    espo_id, betnr = firm.pair()
    records = aged(firm, espo_id)
    firm.sandbox.anna.change(espo_id, titel="Prof.")
    recheck.recheck_records(records)
    assert firm.advo(betnr)["titel"] == "Prof."


def test_a_row_that_was_read_before_a_request_does_not_stand_for_the_record(
    firm: Firm, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else the run would complete the webhook's request by a look at the time before the edit, and say clean."""
    espo_id, betnr = firm.pair()
    records = aged(firm, espo_id)
    real = batch.sync_batch

    def after_a_webhook(orders: Any) -> dict[str, int]:
        assert all(order.stand_in is not None for order in orders)
        firm.sandbox.anna.change(espo_id, titel="Prof.")
        firm.ask(espo_id)
        return real(orders)

    monkeypatch.setattr(batch, "sync_batch", after_a_webhook)
    assert recheck.recheck_records(records) == {"ran": 1}
    assert firm.advo(betnr)["titel"] == "Prof."
    record = firm.record(espo_id)
    assert (record.status, record.completed) == ("clean", record.requested)


def test_auto_reset_after_a_day(firm: Firm) -> None:
    espo_id, _betnr = firm.pair()
    yesterday = timezone.now() - timedelta(hours=1)
    SyncRecord.objects.filter(espo_id=espo_id).update(
        status=Status.PERMANENTLY_FAILED, kind="transient", retry_count=5, auto_reset_at=yesterday
    )
    assert sweep_steps.auto_reset() == 1
    record = firm.record(espo_id)
    assert (record.status, record.retry_count, record.auto_reset_at) == ("failed", 1, None)
    assert record.next_retry_at is not None
    assert record.next_retry_at <= timezone.now()


def test_picks_by_priority_and_at_most_the_limit(firm: Firm, settings: object, monkeypatch: pytest.MonkeyPatch) -> None:
    now = timezone.now()
    rows = [("failed", 30), ("dirty", 20), ("pending_sync", 10), ("dirty", 25), ("clean", 99)]
    for number, (status, age) in enumerate(rows):
        SyncRecord.objects.create(
            espo_id=f"r{number}",
            status=status,
            requested=1,
            next_retry_at=now - timedelta(minutes=1) if status == "failed" else None,
            kind="transient" if status == "failed" else "",
            dirty_since=now - timedelta(minutes=age),
            last_check=now,
        )
    rung: list[int] = []
    monkeypatch.setattr(
        "syncapp.entities.beteiligte.sweep_steps.job_queue.enqueue", lambda ids, **_kw: rung.extend(ids)
    )
    settings.SYNC_SWEEP_LIMIT = 3  # type: ignore[attr-defined]
    assert sweep_steps.pick() == 3
    assert [SyncRecord.objects.get(pk=pk).espo_id for pk in rung] == ["r2", "r3", "r1"]


def test_a_step_that_fails_is_named_and_the_others_run(firm: Firm) -> None:
    firm.sandbox.fault("espocrm", "status", status=500, count=50)
    row = sweep.sweep()
    assert set(row.fault) == {"discovered"}
    assert "EspoCRM" in row.fault["discovered"]
    assert row.counts["purged"] == 0
    assert row.finished_at is not None


def test_a_step_that_fails_for_a_reason_nobody_foresaw_keeps_no_other_from_running(firm: Firm) -> None:
    """Such as a mapping that EspoCRM's metadata contradict: alerts have to be told all the same."""
    firm.settings.ESPOCRM_FIELD_MAP = {"titel": "gibtEsNicht"}
    row = sweep.sweep()
    assert set(row.fault) == {"discovered"}
    assert {"alerts", "purged"} <= row.counts.keys()
    assert row.finished_at is not None


def test_a_row_that_a_webhook_makes_in_the_same_moment_is_no_failure(
    firm: Firm, monkeypatch: pytest.MonkeyPatch
) -> None:
    espo_id = firm.new(syncStatus="pending_sync")
    real = QuerySet.get

    def webhook_comes_between(rows: Any, **wanted: Any) -> Any:
        try:
            return real(rows, **wanted)
        except SyncRecord.DoesNotExist:
            SyncRecord.objects.bulk_create([SyncRecord(espo_id=espo_id)])
            raise

    monkeypatch.setattr(QuerySet, "get", webhook_comes_between)
    assert discover() == 1
    assert SyncRecord.objects.values_list("requested", flat=True).get() == 1


@pytest.mark.parametrize("stop", ["paused", "breaker"])
def test_a_re_check_asks_nobody_while_nothing_may_be_asked(firm: Firm, stop: str) -> None:
    espo_id, _betnr = firm.pair()
    records = aged(firm, espo_id)
    if stop == "paused":
        control.set_mode(mode="paused", by="boss")
    else:
        breaker.failed(system="advoware", kind="auth", reason="")
    firm.sandbox.clear_calls()
    assert recheck.recheck_records(records) == {"left": 1}
    assert firm.counts() == {"espocrm": {}, "advoware": {}}


def test_two_sweeps_find_the_same_once(firm: Firm) -> None:
    espo_id = firm.new(syncStatus="dirty")
    sweep.sweep()
    sweep.sweep()
    assert firm.record(espo_id).requested == 1
    assert Sweep.objects.count() == 2


def test_our_own_word_on_a_failure_is_no_finding(firm: Firm) -> None:
    """The PATCH that shows `failed` in EspoCRM moves its time and version; an edit after it is still found."""
    espo_id, _betnr = firm.pair()
    discover()
    firm.sandbox.anna.change(espo_id, titel="Prof.")
    firm.sandbox.fault("advoware", "status", status=500, method="PUT")
    assert firm.sync(espo_id).status == "failed"
    assert firm.espo(espo_id)["syncStatus"] == "failed"
    assert discover() == 0
    firm.sandbox.anna.change(espo_id, titel="Dr.")
    assert discover() == 1
