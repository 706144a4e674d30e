"""Gone on one side: only on proof, with a task or a notice, and nothing deleted on the other side."""

import pytest
from django.utils import timezone

from syncapp.engine import control, job_queue
from syncapp.engine.dispatcher import dispatch
from syncapp.engine.runs import results
from syncapp.entities.beteiligte.intake import store
from syncapp.models import Breaker, DeletionTask, InboxElement, Notice, SyncRecord
from syncapp.operations.actions import ActionContext
from syncapp.operations.monitoring import attention
from tests.admin import rooms
from tests.support.firm import Firm
from tests.support.meanwhile import Meanwhile

ANNA = "5a0d0000000000003"


@pytest.fixture
def rung(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The records that the dispatcher enqueues."""
    ids: list[int] = []
    monkeypatch.setattr(job_queue, "enqueue", lambda some, **_options: ids.extend(some))
    return ids


def vanish(firm: Firm, betnr: int) -> None:
    firm.sandbox.control.tell(f"advoware/beteiligte/{betnr}/delete")


def notes(firm: Firm) -> list[str]:
    """What people in EspoCRM were told."""
    shown = firm.sandbox.control.http.get(
        f"{firm.sandbox.espocrm_url}/Notification", headers={"X-Api-Key": "sandbox-staff-key"}, timeout=10
    ).json()
    return [row["noteData"]["post"] for row in shown["list"] if row.get("noteData", {}).get("post")]


# --- deleted in EspoCRM


def test_deleted_in_espocrm_becomes_a_task_and_the_responsible_user_is_told(firm: Firm) -> None:
    espo_id, betnr = firm.pair(assignedUserId=ANNA)
    firm.sandbox.anna.delete(espo_id)
    firm.sandbox.clear_calls()
    assert firm.sync(espo_id).status == "deleted_in_espocrm"
    task = DeletionTask.objects.get()
    assert (task.betnr, task.espo_id, task.assigned_user_id, task.done_at) == (betnr, espo_id, ANNA, None)
    assert any(str(betnr) in note for note in notes(firm))
    assert firm.advo(betnr)["name"] == "Müller-Lüdenscheidt", "nothing is deleted in Advoware"
    methods = {(system, method) for system, method, path in firm.sandbox.calls() if "/Note" not in path}
    assert methods == {("espocrm", "GET"), ("advoware", "GET")}


def test_without_an_assigned_user_the_configured_ones_are_told(firm: Firm) -> None:
    firm.settings.ESPOCRM_NOTIFY_USERS = [ANNA]
    espo_id, betnr = firm.pair()
    firm.sandbox.anna.delete(espo_id)
    firm.sync(espo_id)
    assert any(str(betnr) in note for note in notes(firm))


def test_the_task_is_made_once(firm: Firm) -> None:
    espo_id, _betnr = firm.pair(assignedUserId=ANNA)
    firm.sandbox.anna.delete(espo_id)
    firm.sync(espo_id)
    firm.ask(espo_id)
    firm.sync(espo_id)
    assert (DeletionTask.objects.count(), Notice.objects.count()) == (1, 1)


def test_a_record_that_was_never_linked_leaves_no_task(firm: Firm) -> None:
    espo_id = firm.new()
    firm.sandbox.fault("advoware", "status", status=400, method="POST", path_contains="Beteiligte")
    firm.sync(espo_id)
    firm.sandbox.anna.delete(espo_id)
    firm.ask(espo_id)
    assert firm.sync(espo_id).status == "deleted_in_espocrm"
    assert not DeletionTask.objects.exists()


def test_one_that_may_have_been_created_leaves_a_task_without_a_number(firm: Firm) -> None:
    espo_id = firm.new()
    firm.sandbox.fault("advoware", "cut_after", method="POST", path_contains="Beteiligte")
    firm.sync(espo_id)
    firm.sandbox.anna.delete(espo_id)
    firm.reset(espo_id)
    assert firm.sync(espo_id).status == "deleted_in_espocrm"
    assert DeletionTask.objects.get().betnr is None


def test_a_task_is_ticked_off_by_a_person(firm: Firm) -> None:
    from syncapp.operations.actions import tasks

    espo_id, _betnr = firm.pair()
    firm.sandbox.anna.delete(espo_id)
    firm.sync(espo_id)
    task = DeletionTask.objects.get()
    tasks.tick_off(task=task, action_context=ActionContext(actor="boss"))
    task.refresh_from_db()
    assert task.done_at is not None


def test_deleted_between_our_get_and_our_patch(firm: Firm, meanwhile: Meanwhile) -> None:
    espo_id, betnr = firm.pair()
    firm.sandbox.clerk.change(betnr, titel="Prof.")
    meanwhile.before("espocrm", "patch", lambda: firm.sandbox.anna.delete(espo_id))
    assert firm.sync(espo_id).status == "deleted_in_espocrm"
    assert DeletionTask.objects.count() == 1


@pytest.mark.parametrize("reason", [None, "Not Found", "Record other does not exist."])
def test_any_other_404_of_espocrm_is_a_configuration_fault(firm: Firm, reason: str | None) -> None:
    espo_id, _betnr = firm.pair()
    before = firm.record(espo_id)
    headers = {"X-Status-Reason": reason} if reason else {}
    firm.sandbox.fault("espocrm", "status", status=404, method="GET", headers=headers, path_contains="CBeteiligte/")
    assert firm.sync(espo_id).status == "clean", "put back as it was"
    after = firm.record(espo_id)
    assert (after.kind, after.retry_count, after.requested) == ("", 0, before.requested)
    assert Breaker.objects.get(system="espocrm").kind == "configuration"
    assert not DeletionTask.objects.exists()


def test_a_restored_record_goes_on_where_it_was(firm: Firm) -> None:
    espo_id, betnr = firm.pair()
    firm.sandbox.anna.delete(espo_id)
    firm.sync(espo_id)
    firm.sandbox.restore(espo_id)
    firm.sandbox.anna.change(espo_id, titel="Prof.")
    firm.ask(espo_id)
    assert firm.record(espo_id).status == "deleted_in_espocrm", "the request is kept"
    assert firm.sync(espo_id, forced=False).status == "clean"
    record = firm.record(espo_id)
    assert (record.betnr, firm.advo(betnr)["titel"]) == (betnr, "Prof.")
    assert not record.conflicts.exists()
    assert not DeletionTask.objects.filter(done_at__isnull=True).exists(), "nobody may delete it by hand any more"


def test_whether_it_was_restored_is_asked_until_espocrm_answers(firm: Firm, rung: list[int]) -> None:
    """The one job of its webhook may be lost, or come while nothing can be asked."""
    espo_id, _betnr = firm.pair()
    firm.sandbox.anna.delete(espo_id)
    firm.sync(espo_id)
    firm.sandbox.restore(espo_id)
    firm.ask(espo_id)
    firm.sandbox.fault("espocrm", fault="status", method="GET", status=503, count=9)
    assert firm.sync(espo_id, forced=False).ended == "not_due"
    assert Breaker.objects.get(system="espocrm").failures == 1
    firm.sandbox.heal()
    dispatch()
    assert rung == [firm.record(espo_id).pk]
    assert firm.sync(espo_id, forced=False).status == "clean"


def test_one_that_stays_deleted_is_asked_for_once(firm: Firm, rung: list[int]) -> None:
    espo_id, _betnr = firm.pair()
    firm.sandbox.anna.delete(espo_id)
    firm.sync(espo_id)
    firm.ask(espo_id)
    firm.sync(espo_id, forced=False)
    dispatch()
    assert rung == []


def test_an_element_for_a_record_that_stays_deleted_costs_one_get(firm: Firm) -> None:
    espo_id, _betnr = firm.pair()
    firm.sandbox.anna.delete(espo_id)
    firm.sync(espo_id)
    firm.ask(espo_id)
    firm.sandbox.clear_calls()
    assert firm.sync(espo_id, forced=False).ended == "not_due"
    assert firm.counts() == {"espocrm": {"GET": 1}, "advoware": {}}
    firm.sandbox.clear_calls()
    firm.sync(espo_id, forced=False)
    assert firm.counts() == {"espocrm": {}, "advoware": {}}


# --- an id that nobody knows


def deliver(action: str, espo_id: str) -> int:
    touched, _results = store(action=action, webhook_id="w", elements=[{"id": espo_id}])
    return touched[0]


@pytest.mark.parametrize("action", ["create", "update", "delete"])
def test_an_id_that_espocrm_does_not_know_either_closes_the_element(firm: Firm, action: str) -> None:
    from syncapp.engine.runs.sync_record import Order, sync_record

    store(action=action, webhook_id="w", elements=[{"id": "0123456789abcdef0", "titel": "x"}])
    record = SyncRecord.objects.get()
    sync_record(Order(record.pk))
    assert not SyncRecord.objects.exists()
    assert not DeletionTask.objects.exists()
    element = InboxElement.objects.get()
    assert (element.result, element.record) == ("unknown", None)


def test_a_delete_that_arrives_before_its_create(firm: Firm) -> None:
    """Looked at as EspoCRM is now: the record is there, so it is created."""
    from syncapp.engine.runs.sync_record import Order, sync_record

    espo_id = firm.new()
    record_id = deliver("delete", espo_id)
    assert sync_record(Order(record_id)).status == "clean"
    assert firm.espo(espo_id)["betnr"]


def test_named_again_while_we_looked_it_is_looked_at_again(firm: Firm, meanwhile: Meanwhile) -> None:
    from syncapp.engine.runs.sync_record import Order, sync_record

    record_id = deliver("delete", "0123456789abcdef0")
    meanwhile.after("espocrm", "get", lambda: None)
    real = results.lock_row
    named: list[int] = []

    def named_again(lease: object) -> object:
        if not named:
            named.append(deliver("create", "0123456789abcdef0"))
        return real(lease)  # type: ignore[arg-type]

    meanwhile._monkeypatch.setattr(results, "lock_row", named_again)
    assert sync_record(Order(record_id)).status == "pending_sync"
    assert SyncRecord.objects.get().requested == 2


# --- gone in Advoware


def in_dispute(firm: Firm) -> tuple[str, int]:
    firm.settings.SYNC_CONFLICT_POLICY = {"*": "manual"}
    espo_id, betnr = firm.pair(titel="Dr.")
    firm.sandbox.anna.change(espo_id, titel="Prof.")
    firm.sandbox.clerk.change(betnr, titel="Mag.")
    assert firm.sync(espo_id).status == "conflict"
    rooms.child_case(firm.record(espo_id))
    return espo_id, betnr


def questions(firm: Firm, espo_id: str) -> tuple[int, int]:
    """What is open of a record, and what the landing page counts."""
    record = firm.record(espo_id)
    counts = attention.counted(now=timezone.now(), switches=control.switches())
    open_here = record.conflicts.filter(open=True).count(), record.child_cases.filter(closed_at=None).count()
    assert (counts.conflicts, counts.children) == open_here
    return open_here


def test_nobody_is_asked_about_what_is_deleted_until_it_is_restored(firm: Firm) -> None:
    espo_id, _betnr = in_dispute(firm)
    assert questions(firm, espo_id) == (1, 1)
    answered = rooms.child_case(firm.record(espo_id), done_at=timezone.now(), done_by="anna", answer="leave")
    firm.sandbox.anna.delete(espo_id)
    firm.sync(espo_id)
    answered.refresh_from_db()
    assert answered.closed_at is None, "left as it is, also when the record comes back"
    answered.delete()
    assert questions(firm, espo_id) == (0, 0)
    firm.sandbox.restore(espo_id)
    firm.ask(espo_id)
    assert firm.sync(espo_id, forced=False).status == "conflict"
    assert questions(firm, espo_id) == (1, 0), "the task was about what neither side has"


def test_what_a_failed_run_had_asked_is_asked_anew_when_the_record_is_restored(firm: Firm) -> None:
    firm.settings.SYNC_CONFLICT_POLICY = {"*": "manual"}
    espo_id, betnr = firm.pair(titel="Dr.")
    firm.sandbox.anna.change(espo_id, titel="Prof.", vorname="Evi")
    firm.sandbox.clerk.change(betnr, titel="Mag.")
    firm.sandbox.fault("advoware", "status", status=500, method="PUT")
    assert (firm.sync(espo_id).status, questions(firm, espo_id)) == ("failed", (1, 0))
    firm.sandbox.anna.delete(espo_id)
    assert (firm.sync(espo_id).status, questions(firm, espo_id)) == ("deleted_in_espocrm", (0, 0))
    firm.sandbox.restore(espo_id)
    firm.ask(espo_id)
    assert firm.sync(espo_id, forced=False).status == "conflict"
    assert questions(firm, espo_id) == (1, 0)


def test_nobody_is_asked_about_what_is_gone_in_advoware(firm: Firm) -> None:
    firm.pair(name="Bleibt")
    espo_id, betnr = in_dispute(firm)
    vanish(firm, betnr)
    assert firm.sync(espo_id).status == "deleted_in_advoware"
    assert questions(firm, espo_id) == (0, 0)


def test_gone_in_advoware_with_another_readable_betnr(firm: Firm) -> None:
    firm.pair(name="Bleibt")
    espo_id, betnr = firm.pair(name="Geht", assignedUserId=ANNA)
    vanish(firm, betnr)
    assert firm.sync(espo_id).status == "deleted_in_advoware"
    assert any(str(betnr) in note for note in notes(firm))
    shown = firm.espo(espo_id)
    assert shown["syncStatus"] == "deleted_in_advoware"
    assert str(betnr) in shown["syncErrorMessage"]


@pytest.mark.parametrize("status, body", [(200, "null"), (200, "[]"), (200, "{}"), (204, "")])
def test_one_that_advoware_answers_with_nothing_is_gone_and_stops_nobody_else(
    firm: Firm, status: int, body: str
) -> None:
    well, _other = firm.pair(name="Bleibt")
    espo_id, betnr = firm.pair(name="Geht")
    firm.sandbox.fault(
        "advoware", "status", status=status, body=body, method="GET", path_contains=f"Beteiligte/{betnr}", count=9
    )
    assert firm.sync(espo_id).status == "deleted_in_advoware"
    assert not Breaker.objects.filter(open_until__isnull=False).exists()
    assert firm.sync(well).status == "clean"


@pytest.mark.parametrize("times, found", [(1, "clean"), (9, "deleted_in_advoware")])
def test_a_web_page_that_says_so_is_believed_the_second_time(firm: Firm, times: int, found: str) -> None:
    """Once, it may be of a server in front, while Advoware comes back; an IIS may put it in place of every 404."""
    firm.pair(name="Bleibt")
    espo_id, betnr = firm.pair(name="Geht")
    page, path = "<!DOCTYPE html><title>Not Found</title>", f"Beteiligte/{betnr}"
    firm.sandbox.fault("advoware", "status", status=404, body=page, method="GET", path_contains=path, count=times)
    assert firm.sync(espo_id).status == found


def test_an_advoware_that_answers_everything_with_nothing_touches_no_record(firm: Firm) -> None:
    firm.pair(name="Andere")
    espo_id, _betnr = firm.pair()
    firm.sandbox.fault("advoware", "status", status=200, body="null", method="GET", count=99)
    assert firm.sync(espo_id).status == "clean"
    assert Breaker.objects.get(system="advoware").kind == "configuration"


def test_no_further_sync_until_somebody_resets(firm: Firm) -> None:
    firm.pair(name="Bleibt")
    espo_id, betnr = firm.pair(name="Geht")
    vanish(firm, betnr)
    firm.sync(espo_id)
    firm.ask(espo_id)
    assert firm.record(espo_id).status == "deleted_in_advoware"
    assert firm.sync(espo_id).ended == "not_due"
    firm.reset(espo_id)
    assert firm.sync(espo_id).status == "deleted_in_advoware"
    assert firm.record(espo_id).notices.count() == 2


def test_without_another_known_betnr_it_is_a_configuration_fault(firm: Firm) -> None:
    espo_id, betnr = firm.pair()
    vanish(firm, betnr)
    assert firm.sync(espo_id).status == "clean", "put back as it was"
    breaker = Breaker.objects.get(system="advoware")
    assert (breaker.kind, breaker.open_until is not None) == ("configuration", True)


def test_several_that_vanish_at_once_are_no_configuration_fault(firm: Firm) -> None:
    """The first number that is asked for proof has vanished as well."""
    firm.pair(name="Bleibt")
    other, other_betnr = firm.pair(name="Geht auch")
    espo_id, betnr = firm.pair(name="Geht")
    vanish(firm, betnr)
    vanish(firm, other_betnr)
    assert firm.sync(espo_id).status == "deleted_in_advoware"
    assert firm.sync(other).status == "deleted_in_advoware"


def test_a_wrong_prefix_touches_no_record(firm: Firm) -> None:
    firm.pair(name="Andere")
    espo_id, _betnr = firm.pair()
    firm.settings.ADVOWARE_API_PREFIX = "api/v2/advonet"
    assert firm.sync(espo_id).status == "clean"
    assert firm.record(espo_id).kind == ""
    assert Breaker.objects.get(system="advoware").kind == "configuration"


def test_vanished_between_our_get_and_our_put(firm: Firm, meanwhile: Meanwhile) -> None:
    firm.pair(name="Bleibt")
    espo_id, betnr = firm.pair(name="Geht")
    firm.sandbox.anna.change(espo_id, titel="Prof.")
    meanwhile.before("advoware", "update", lambda: vanish(firm, betnr))
    assert firm.sync(espo_id).status == "deleted_in_advoware"


# --- many at once


def test_many_deletions_at_once_stop_until_somebody_confirms(firm: Firm) -> None:
    from syncapp.core.guards import GuardKind
    from syncapp.engine import guards

    firm.settings.SYNC_GUARD_MAX_REMOVALS = 2
    ids = [firm.pair(name=f"Nummer {n}")[0] for n in range(4)]
    for espo_id in ids:
        firm.sandbox.anna.delete(espo_id)
        firm.ask(espo_id)
    ended = [firm.sync(espo_id).status for espo_id in ids]
    assert ended == ["deleted_in_espocrm", "deleted_in_espocrm", "failed", "failed"]
    assert firm.record(ids[2]).kind == "blocked"
    assert DeletionTask.objects.count() == 2
    guards.confirm(sort=GuardKind.REMOVALS, by="boss")
    assert [firm.sync(espo_id).status for espo_id in ids[2:]] == ["deleted_in_espocrm"] * 2
