"""Live, shadow, paused; one side held; and a pilot."""

from datetime import timedelta

import pytest
from django.utils import timezone

from syncapp.core.guards import GuardKind
from syncapp.engine import control, guards
from syncapp.engine.dispatcher import dispatch
from syncapp.engine.rows.due import due_now
from syncapp.entities.beteiligte.sweep_steps import request_untold
from syncapp.models import Attempt, Control, DeletionTask, Guard, GuardCount, Notice, SyncRecord
from syncapp.operations.actions import ActionContext, perform, tasks
from syncapp.operations.maintenance import retention
from syncapp.operations.notifications.notify import send_unsent
from tests.support.firm import Firm


def written(firm: Firm) -> list[tuple[str, str, str]]:
    """Every call that is not a read."""
    return [call for call in firm.sandbox.calls() if call[1] != "GET"]


@pytest.fixture
def shadow(firm: Firm) -> Firm:
    control.set_mode(mode="shadow", by="tests")
    return firm


def is_due(firm: Firm, espo_id: str) -> bool:
    return SyncRecord.objects.filter(due_now(control.switches()), espo_id=espo_id).exists()


def test_a_new_installation_starts_in_shadow(db: None) -> None:
    assert control.switches().mode == "shadow"
    assert control.switches().live_since is None


def test_going_live_is_a_moment_that_is_kept(firm: Firm) -> None:
    moment = control.switches().live_since
    assert moment is not None
    control.set_mode(mode="shadow", by="boss")
    control.set_mode(mode="live", by="boss")
    assert control.switches().live_since == moment


# --- shadow


def test_shadow_writes_nothing_and_records_the_plan(firm: Firm) -> None:
    espo_id, betnr = firm.pair()
    control.set_mode(mode="shadow", by="tests")
    firm.sandbox.anna.change(espo_id, titel="Prof.")
    firm.sandbox.clerk.change(betnr, zusatz="c/o")
    firm.ask(espo_id)
    firm.sandbox.clear_calls()
    assert firm.sync(espo_id, forced=False).status == "dirty"
    assert written(firm) == []
    attempt = Attempt.objects.latest("started_at")
    assert attempt.outcome == "shadow"
    assert set(attempt.fields_changed) == {"advoware.titel", "espocrm.zusatz"}
    assert firm.record(espo_id).base_espo["titel"] == "Dr.", "the base has not moved"


def test_shadow_creates_nothing(shadow: Firm) -> None:
    espo_id = shadow.new()
    shadow.sandbox.clear_calls()
    assert shadow.sync(espo_id).status == "pending_sync"
    assert written(shadow) == []
    assert shadow.record(espo_id).create_intent is None


def test_what_shadow_has_looked_at_is_set_aside_until_going_live(shadow: Firm) -> None:
    espo_id = shadow.new()
    shadow.sync(espo_id)
    assert not is_due(shadow, espo_id)
    shadow.ask(espo_id)
    assert is_due(shadow, espo_id), "a new change is planned anew"
    shadow.sync(espo_id, forced=False)
    assert not is_due(shadow, espo_id)
    control.set_mode(mode="live", by="boss")
    assert is_due(shadow, espo_id)
    Control.objects.update(live_since=timezone.now() - timedelta(days=1))
    assert shadow.sync(espo_id, forced=False).status == "clean"


def test_in_shadow_an_equal_pair_stays_what_it_was(firm: Firm) -> None:
    espo_id, _betnr = firm.pair()
    control.set_mode(mode="shadow", by="tests")
    assert firm.sync(espo_id).status == "clean"
    firm.ask(espo_id)
    assert firm.sync(espo_id, forced=False).status == "dirty"


@pytest.mark.parametrize("what", ["a decision", "a value that EspoCRM would not take"])
def test_in_shadow_a_pair_that_waits_for_somebody_does_not_count_as_equal(firm: Firm, what: str) -> None:
    """There is nothing to write, and yet the sides differ: once live, it is looked at at once and not within a day."""
    firm.settings.SYNC_CONFLICT_POLICY = {"*": "manual"}
    espo_id, betnr = firm.pair()
    control.set_mode(mode="shadow", by="tests")
    if what == "a decision":
        firm.sandbox.anna.change(espo_id, titel="Prof.")
        firm.sandbox.clerk.change(betnr, titel="Mag.")
    else:
        firm.sandbox.clerk.change(betnr, geburtsdatum="2999-01-01T00:00:00")
    assert firm.sync(espo_id).status == "dirty"
    assert firm.record(espo_id).dirty_since is not None
    assert not is_due(firm, espo_id)
    control.set_mode(mode="live", by="boss")
    assert is_due(firm, espo_id)
    assert firm.sync(espo_id, forced=False).status == ("conflict" if what == "a decision" else "failed")


def test_in_shadow_an_open_conflict_stays_one_as_long_as_the_question_is_the_same(firm: Firm) -> None:
    firm.settings.SYNC_CONFLICT_POLICY = {"*": "manual"}
    espo_id, betnr = firm.pair()
    firm.sandbox.anna.change(espo_id, titel="Prof.")
    firm.sandbox.clerk.change(betnr, titel="Mag.")
    assert firm.sync(espo_id).status == "conflict"
    control.set_mode(mode="shadow", by="tests")
    assert firm.sync(espo_id).status == "conflict"
    assert firm.record(espo_id).dirty_since is None
    firm.sandbox.clerk.change(betnr, titel="Prof.")
    assert firm.sync(espo_id).status == "dirty", "once live, it closes at once"
    control.set_mode(mode="live", by="boss")
    assert firm.sync(espo_id, forced=False).status == "clean"
    assert not firm.record(espo_id).conflicts.filter(open=True).exists()


def test_in_shadow_a_fault_is_recorded_and_nobody_in_espocrm_hears_of_it(shadow: Firm) -> None:
    espo_id = shadow.new(vorname="x" * 31)
    shadow.sandbox.clear_calls()
    assert shadow.sync(espo_id).status == "failed"
    assert written(shadow) == []
    assert not Notice.objects.exists()


@pytest.mark.parametrize("equal", [True, False])
def test_in_shadow_a_record_that_was_corrected_or_answers_again_does_not_count_as_failed(
    firm: Firm, equal: bool
) -> None:
    espo_id, _betnr = firm.pair()
    control.set_mode(mode="shadow", by="tests")
    firm.sandbox.anna.change(espo_id, vorname="x" * 31)
    assert firm.sync(espo_id).status == "failed"
    firm.sandbox.anna.change(espo_id, vorname="Jürgen" if equal else "Georg")
    assert firm.sync(espo_id).status == "dirty"
    assert (firm.record(espo_id).kind, firm.record(espo_id).fault) == ("", {})
    control.set_mode(mode="live", by="boss")
    assert firm.sync(espo_id, forced=False).status == "clean"


def test_a_fault_that_a_shadow_has_found_is_told_once_live(shadow: Firm) -> None:
    espo_id = shadow.new(vorname="x" * 31)
    assert shadow.sync(espo_id).status == "failed"
    control.set_mode(mode="live", by="boss")
    for _look in range(2):
        assert shadow.sync(espo_id).status == "failed"
    assert shadow.espo(espo_id)["syncStatus"] == "failed"
    assert [notice.event for notice in Notice.objects.all()] == ["failed"]


def test_a_fault_that_outlasts_the_history_is_told_once(firm: Firm) -> None:
    espo_id = firm.new(vorname="x" * 31)
    assert firm.sync(espo_id).status == "failed"
    (told,) = Notice.objects.values_list("pk", flat=True)
    Notice.objects.update(sent_at=timezone.now())
    retention.purge(before=timezone.now())
    assert firm.sync(espo_id).status == "failed"
    assert list(Notice.objects.values_list("pk", flat=True)) == [told]


def test_in_shadow_a_deletion_is_recorded_and_nobody_is_told(firm: Firm) -> None:
    espo_id, _betnr = firm.pair()
    control.set_mode(mode="shadow", by="tests")
    firm.sandbox.anna.delete(espo_id)
    firm.sandbox.clear_calls()
    assert firm.sync(espo_id).status == "deleted_in_espocrm"
    assert written(firm) == []


def vanish(firm: Firm, espo_id: str) -> None:
    firm.sandbox.control.tell(f"advoware/beteiligte/{firm.record(espo_id).betnr}/delete")


def twin(firm: Firm) -> str:
    """A second record for a number that another one has."""
    _first, betnr = firm.pair()
    return firm.new(betnr=betnr)


def told() -> list[str]:
    return list(Notice.objects.values_list("event", flat=True))


@pytest.mark.parametrize("hidden_by", ["shadow", "pilot"])
@pytest.mark.parametrize("found", ["duplicate_link", "gone in Advoware", "deleted in EspoCRM"])
def test_what_was_found_while_nothing_was_written_is_shown_and_told_once_it_is(
    firm: Firm, found: str, hidden_by: str
) -> None:
    """No run begins by itself at such a record: nobody in EspoCRM would ever hear of it."""
    firm.pair(name="Bleibt")
    espo_id = twin(firm) if found == "duplicate_link" else firm.pair()[0]
    if found == "gone in Advoware":
        vanish(firm, espo_id)
    elif found == "deleted in EspoCRM":
        firm.sandbox.anna.delete(espo_id)
    if hidden_by == "shadow":
        control.set_mode(mode="shadow", by="tests")
    else:
        firm.settings.SYNC_ONLY = ["TEST-"]
    firm.sandbox.clear_calls()
    status = firm.sync(espo_id).status
    assert status == {"duplicate_link": "failed", "gone in Advoware": "deleted_in_advoware"}.get(
        found, "deleted_in_espocrm"
    )
    assert (written(firm), told(), request_untold()) == ([], [], 0)
    control.set_mode(mode="live", by="boss")
    firm.settings.SYNC_ONLY = []
    assert request_untold() == 1
    assert is_due(firm, espo_id)
    assert firm.sync(espo_id, forced=False).status == status
    assert told() == ["failed" if found == "duplicate_link" else status]
    if found != "deleted in EspoCRM":
        assert firm.espo(espo_id)["syncStatus"] == status
        assert firm.espo(espo_id)["syncErrorMessage"]
    assert request_untold() == 0, "once"


def test_what_somebody_has_deleted_by_hand_while_nothing_was_written_is_asked_for_no_more(firm: Firm) -> None:
    espo_id, _betnr = firm.pair()
    control.set_mode(mode="shadow", by="tests")
    firm.sandbox.anna.delete(espo_id)
    assert firm.sync(espo_id).status == "deleted_in_espocrm"
    tasks.tick_off(task=DeletionTask.objects.get(), action_context=ActionContext(actor="boss"))
    control.set_mode(mode="live", by="boss")
    assert request_untold() == 1
    assert firm.sync(espo_id, forced=False).status == "deleted_in_espocrm"
    assert (DeletionTask.objects.get().done_at is not None, told()) == (True, [])


@pytest.mark.parametrize("found", ["duplicate_link", "gone in Advoware"])
def test_what_was_found_while_espocrm_was_held_is_shown_there_afterwards(firm: Firm, found: str) -> None:
    firm.pair(name="Bleibt")
    espo_id = twin(firm) if found == "duplicate_link" else firm.pair()[0]
    if found == "gone in Advoware":
        vanish(firm, espo_id)
    control.hold_side(side="espocrm", held=True, by="boss")
    status = firm.sync(espo_id).status
    control.hold_side(side="espocrm", held=False, by="boss")
    assert request_untold() == 1
    assert firm.sync(espo_id, forced=False).status == status
    assert firm.espo(espo_id)["syncStatus"] == status
    assert len(told()) == 1
    assert request_untold() == 0


def test_the_guard_counts_what_a_shadow_counts_as_gone(firm: Firm) -> None:
    """Each becomes a task to delete somebody in Advoware by hand, whatever the mode; and told, it counts once more."""
    firm.settings.SYNC_GUARD_MAX_REMOVALS = 1
    gone = [firm.pair()[0] for _times in range(3)]
    control.set_mode(mode="shadow", by="tests")
    for espo_id in gone:
        firm.sandbox.anna.delete(espo_id)
    assert [firm.sync(espo_id).status for espo_id in gone] == ["deleted_in_espocrm", "failed", "failed"]
    assert DeletionTask.objects.count() == 1
    guards.confirm(sort=GuardKind.REMOVALS, by="boss")
    assert [firm.sync(espo_id).status for espo_id in gone[1:]] == ["deleted_in_espocrm"] * 2
    Guard.objects.all().delete()
    GuardCount.objects.all().delete()
    control.set_mode(mode="live", by="boss")
    assert request_untold() == 3
    assert [firm.sync(espo_id, forced=False).status for espo_id in gone] == ["deleted_in_espocrm", "failed", "failed"]
    assert told().count("deleted_in_espocrm") == 1


def test_what_the_guard_stops_after_going_live_is_told_once_it_is_confirmed(firm: Firm) -> None:
    """Its task was made in the shadow; what somebody has done of it meanwhile is not asked for again."""
    gone = [firm.pair()[0] for _times in range(3)]
    control.set_mode(mode="shadow", by="tests")
    for espo_id in gone:
        firm.sandbox.anna.delete(espo_id)
    assert [firm.sync(espo_id).status for espo_id in gone] == ["deleted_in_espocrm"] * 3
    done = DeletionTask.objects.get(espo_id=gone[2])
    tasks.tick_off(task=done, action_context=ActionContext(actor="boss"))
    firm.settings.SYNC_GUARD_MAX_REMOVALS = 0
    control.set_mode(mode="live", by="boss")
    assert request_untold() == 3
    assert [firm.sync(espo_id, forced=False).status for espo_id in gone] == ["failed"] * 3
    assert request_untold() == 0, "it waits for the guard alone"
    guards.confirm(sort=GuardKind.REMOVALS, by="boss")
    assert [firm.sync(espo_id, forced=False).status for espo_id in gone] == ["deleted_in_espocrm"] * 3
    assert told().count("deleted_in_espocrm") == 2
    assert DeletionTask.objects.count() == 3
    assert request_untold() == 0


def test_what_a_version_before_has_told_is_not_told_again(firm: Firm) -> None:
    """It left the mark of the shadow before it at every record, however the runs since then ended."""
    firm.pair(name="Bleibt")
    espo_id, other = firm.pair()[0], firm.pair()[0]
    firm.sandbox.anna.delete(espo_id)
    vanish(firm, other)
    statuses = [firm.sync(espo_id).status, firm.sync(other).status]
    assert sorted(told()) == ["deleted_in_advoware", "deleted_in_espocrm"]
    SyncRecord.objects.update(deferred_epoch=1)
    firm.settings.SYNC_GUARD_MAX_REMOVALS = 0
    request_untold()
    assert [firm.sync(one, forced=False).status for one in (espo_id, other)] == statuses
    assert (len(told()), request_untold()) == (2, 0)


def test_it_is_looked_at_once_however_the_run_ends(db: None) -> None:
    """The ending for when the full one fails clears no mark: each sweep would begin the same run again."""
    control.set_mode(mode="live", by="tests")
    SyncRecord.objects.create(espo_id="a", status="failed", kind="bug", deferred_epoch=1)
    assert request_untold() == 1
    SyncRecord.objects.update(status="failed")
    assert request_untold() == 0


def test_what_stays_outside_a_pilot_that_changes_is_counted_once(firm: Firm) -> None:
    firm.settings.SYNC_ONLY = ["TEST-"]
    espo_id, _betnr = firm.pair(name="TEST-Müller")
    firm.settings.SYNC_ONLY = ["PILOT-"]
    firm.sandbox.anna.delete(espo_id)
    assert firm.sync(espo_id).status == "deleted_in_espocrm"
    firm.settings.SYNC_ONLY, firm.settings.SYNC_GUARD_MAX_REMOVALS = ["PILOT-", "ZWEI-"], 0
    assert request_untold() == 1
    assert firm.sync(espo_id, forced=False).status == "deleted_in_espocrm"
    assert (request_untold(), told()) == (0, [])


# --- paused


def test_paused_costs_no_call_and_uses_up_no_retry(firm: Firm) -> None:
    espo_id, _betnr = firm.pair()
    firm.sandbox.anna.change(espo_id, titel="Prof.")
    firm.ask(espo_id)
    control.set_mode(mode="paused", by="boss", reason="Umzug")
    firm.sandbox.clear_calls()
    result = firm.sync(espo_id)
    assert (result.ended, result.detail) == ("paused", "Umzug")
    assert dispatch() == 0
    assert firm.counts() == {"espocrm": {}, "advoware": {}}
    assert (firm.record(espo_id).status, firm.record(espo_id).retry_count) == ("dirty", 0)
    control.set_mode(mode="live", by="boss")
    assert firm.sync(espo_id, forced=False).status == "clean"


@pytest.mark.parametrize("before", ["live", "shadow"])
def test_a_pause_with_an_end_leads_back_to_what_was_there(firm: Firm, before: str) -> None:
    control.set_mode(mode=before, by="boss")
    control.set_mode(mode="paused", by="boss")
    control.set_mode(mode="paused", by="boss", until=timezone.now() + timedelta(hours=1))
    assert control.switches().mode == "paused"
    Control.objects.update(until=timezone.now() - timedelta(seconds=1))
    assert control.switches().mode == before


def test_the_writes_to_one_side_go_on_by_themselves_at_their_end(db: None) -> None:
    control.set_mode(mode="live", by="boss")
    control.hold_side(side="espocrm", held=True, by="boss")
    control.hold_side(side="advoware", held=True, by="boss", until=timezone.now() + timedelta(hours=1))
    assert control.switches().held_sides == ["advoware", "espocrm"]
    epoch = control.switches().epoch
    Control.objects.update(held_until={"advoware": (timezone.now() - timedelta(seconds=1)).isoformat()})
    after = control.switches()
    assert (after.mode, after.held_sides, after.held_until) == ("live", ["espocrm"], None)
    assert after.epoch > epoch, "what was set aside meanwhile is looked at again"


def test_why_writes_were_held_is_said_no_longer_than_they_are(db: None) -> None:
    control.set_mode(mode="live", by="boss")
    soon = timezone.now() + timedelta(hours=1)
    control.hold_side(side="advoware", held=True, by="boss", reason="closing", until=soon)
    assert control.switches().reason == "closing"
    Control.objects.update(held_until={"advoware": (timezone.now() - timedelta(seconds=1)).isoformat()})
    assert (control.switches().held_sides, control.switches().reason) == ([], "")


def test_the_reason_of_a_pause_outlasts_the_end_of_held_writes(db: None) -> None:
    soon = timezone.now() + timedelta(hours=1)
    control.hold_side(side="advoware", held=True, by="boss", reason="closing", until=soon)
    since = control.set_mode(mode="paused", by="boss", reason="update").changed_at
    Control.objects.update(held_until={"advoware": (timezone.now() - timedelta(seconds=1)).isoformat()})
    after = control.switches()
    assert (after.held_sides, after.reason, after.changed_at) == ([], "update", since)


def test_an_end_that_an_older_version_left_behind_ends_nothing(db: None) -> None:
    """During a rolling update a worker that knows no ends resumes, and stops again until somebody resumes."""
    control.hold_side(side="advoware", held=True, by="boss", until=timezone.now() + timedelta(hours=1))
    Control.objects.update(held_sides=[])
    assert control.switches().held_until is None
    Control.objects.update(held_sides=["advoware"])
    assert (control.switches().held_sides, control.switches().held_until) == (["advoware"], None)


def test_held_once_more_without_an_end_lasts(db: None) -> None:
    control.hold_side(side="advoware", held=True, by="boss", until=timezone.now() + timedelta(hours=1))
    control.hold_side(side="espocrm", held=True, by="boss")
    assert set(control.switches().held_until or {}) == {"advoware"}
    control.hold_side(side="advoware", held=True, by="boss")
    assert (control.switches().held_sides, control.switches().held_until) == (["advoware", "espocrm"], None)


def test_the_end_of_a_pause_does_not_undo_what_somebody_has_set_since(firm: Firm) -> None:
    control.set_mode(mode="paused", by="boss", until=timezone.now() + timedelta(hours=1))
    Control.objects.update(until=timezone.now() - timedelta(seconds=1))
    seen = Control.objects.get()  # by a process that is about to lift it
    control.set_mode(mode="paused", by="boss", reason="for longer")
    assert control._lifted(seen).mode == "paused"
    assert control.switches().reason == "for longer"


def test_a_run_finishes_the_record_that_it_is_at(firm: Firm, meanwhile: object) -> None:
    espo_id, betnr = firm.pair()
    firm.sandbox.anna.change(espo_id, titel="Prof.")
    meanwhile.before("advoware", "update", lambda: control.set_mode(mode="paused", by="boss"))  # type: ignore[attr-defined]
    assert firm.sync(espo_id).status == "clean"
    assert firm.advo(betnr)["titel"] == "Prof."


def test_notices_wait_for_a_mode_that_may_write(firm: Firm) -> None:
    espo_id, _betnr = firm.pair()
    Notice.objects.create(record=firm.record(espo_id), espo_id=espo_id, event="conflict_open", params={"fields": []})
    control.set_mode(mode="paused", by="boss")
    assert send_unsent() == 0
    control.set_mode(mode="live", by="boss")
    control.hold_side(side="espocrm", held=True, by="boss")
    assert send_unsent() == 0
    control.hold_side(side="espocrm", held=False, by="boss")
    assert send_unsent() == 1


# --- one side held


def test_with_advoware_held_nothing_is_written_there(firm: Firm) -> None:
    espo_id, betnr = firm.pair()
    control.hold_side(side="advoware", held=True, by="boss")
    firm.sandbox.anna.change(espo_id, titel="Prof.")
    firm.sandbox.clerk.change(betnr, zusatz="c/o")
    firm.sandbox.clear_calls()
    assert firm.sync(espo_id).status == "dirty"
    assert firm.counts()["advoware"] == {"GET": 1}
    assert (firm.espo(espo_id)["zusatz"], firm.record(espo_id).base_espo["titel"]) == ("c/o", "Dr.")
    assert not is_due(firm, espo_id)
    control.hold_side(side="advoware", held=False, by="boss")
    assert is_due(firm, espo_id)
    assert firm.sync(espo_id, forced=False).status == "clean"
    assert firm.advo(betnr)["titel"] == "Prof."
    assert not firm.record(espo_id).conflicts.exists()


def test_with_espocrm_held_nothing_is_written_there(firm: Firm) -> None:
    espo_id, betnr = firm.pair()
    control.hold_side(side="espocrm", held=True, by="boss")
    firm.sandbox.anna.change(espo_id, titel="Prof.")
    firm.sandbox.clerk.change(betnr, zusatz="c/o")
    firm.sandbox.clear_calls()
    assert firm.sync(espo_id).status == "dirty"
    assert firm.counts()["espocrm"] == {"GET": 1}
    assert firm.advo(betnr)["titel"] == "Prof."
    control.hold_side(side="espocrm", held=False, by="boss")
    assert firm.sync(espo_id, forced=False).status == "clean"
    assert firm.espo(espo_id)["zusatz"] == "c/o"
    assert not firm.record(espo_id).conflicts.exists()


def test_with_espocrm_held_a_failure_is_not_shown_there(firm: Firm) -> None:
    espo_id, _betnr = firm.pair()
    control.hold_side(side="espocrm", held=True, by="boss")
    firm.sandbox.anna.change(espo_id, vorname="x" * 31)
    firm.sandbox.clear_calls()
    assert firm.sync(espo_id).status == "failed"
    assert written(firm) == []


def test_an_open_question_does_not_hide_what_a_held_side_still_owes(firm: Firm) -> None:
    """A conflict alone would be looked at again a day after the side is free."""
    firm.settings.SYNC_CONFLICT_POLICY = {"*": "espocrm_wins", "titel": "manual"}
    espo_id, betnr = firm.pair()
    control.hold_side(side="advoware", held=True, by="boss")
    firm.sandbox.anna.change(espo_id, titel="Prof.", zusatz="c/o")
    firm.sandbox.clerk.change(betnr, titel="Mag.")
    assert firm.sync(espo_id).status == "dirty"
    assert firm.record(espo_id).conflicts.get().open
    assert not is_due(firm, espo_id)
    control.hold_side(side="advoware", held=False, by="boss")
    assert is_due(firm, espo_id)
    assert firm.sync(espo_id, forced=False).status == "conflict"
    assert (firm.advo(betnr)["zusatz"], firm.advo(betnr)["titel"]) == ("c/o", "Mag.")
    assert firm.record(espo_id).conflicts.get().open


@pytest.mark.parametrize("side, value", [("espocrm", "aus EspoCRM"), ("advoware", "aus Advoware")])
def test_an_order_waits_for_the_side_that_it_would_write_to(firm: Firm, side: str, value: str) -> None:
    """Used up without being carried, it would leave the side that was to give way as the only one that changed."""
    espo_id, betnr = firm.pair(titel="aus EspoCRM" if side == "espocrm" else "Dr.")
    firm.sandbox.clerk.change(betnr, titel="aus Advoware")
    if side == "advoware":
        assert firm.sync(espo_id).status == "clean"
        firm.sandbox.anna.change(espo_id, titel="aus EspoCRM")
    held = "advoware" if side == "espocrm" else "espocrm"
    control.hold_side(side=held, held=True, by="boss")
    perform(code=f"everything_from_{side}", record=firm.record(espo_id), action_context=ActionContext(actor="boss"))
    assert firm.sync(espo_id, forced=False).status == "dirty"
    control.hold_side(side=held, held=False, by="boss")
    assert firm.sync(espo_id, forced=False).status == "clean"
    assert firm.espo(espo_id)["titel"] == firm.advo(betnr)["titel"] == value
    assert firm.record(espo_id).override == ""
    assert firm.record(espo_id).conflicts.get().kept == side, "what the log says of it is what was done"


def test_a_conflict_that_a_held_side_keeps_open_is_logged_and_told_once(firm: Firm) -> None:
    """However often the record is edited meanwhile: nothing goes back and forth, and nothing has been replaced yet."""
    espo_id, betnr = firm.pair()
    control.hold_side(side="advoware", held=True, by="boss")
    firm.sandbox.anna.change(espo_id, titel="Prof.")
    firm.sandbox.clerk.change(betnr, titel="Mag.")
    for text in ("1", "2", "3", "4", "5"):
        firm.sandbox.anna.change(espo_id, zusatz=text)
        firm.ask(espo_id)
        assert firm.sync(espo_id, forced=False).status == "dirty"
    assert firm.record(espo_id).conflicts.count() == 1
    assert not Notice.objects.exists()
    control.hold_side(side="advoware", held=False, by="boss")
    assert firm.sync(espo_id, forced=False).status == "clean"
    assert (firm.advo(betnr)["titel"], firm.advo(betnr)["zusatz"]) == ("Prof.", "5")
    assert firm.record(espo_id).conflicts.count() == 1
    assert [notice.event for notice in Notice.objects.all()] == ["conflict_settled"]


def test_an_order_is_over_once_the_side_that_it_writes_to_is_written(firm: Firm) -> None:
    """What EspoCRM's bookkeeping waits for keeps it from nothing: kept, it would undo each later edit in Advoware."""
    espo_id, betnr = firm.pair(titel="aus EspoCRM")
    firm.sandbox.clerk.change(betnr, titel="aus Advoware")
    firm.sandbox.anna.change(espo_id, syncStatus="dirty")
    control.hold_side(side="espocrm", held=True, by="boss")
    perform(code="everything_from_espocrm", record=firm.record(espo_id), action_context=ActionContext(actor="boss"))
    assert firm.sync(espo_id, forced=False).status == "dirty"
    assert firm.advo(betnr)["titel"] == "aus EspoCRM"
    firm.sandbox.clerk.change(betnr, titel="neu")
    assert firm.sync(espo_id).status == "dirty"
    control.hold_side(side="espocrm", held=False, by="boss")
    assert firm.sync(espo_id, forced=False).status == "clean"
    assert firm.espo(espo_id)["titel"] == firm.advo(betnr)["titel"] == "neu"


def test_a_value_that_is_replaced_while_the_other_side_is_held_is_told_at_once(firm: Firm) -> None:
    """No later run would see the conflict."""
    espo_id, betnr = firm.pair()
    control.hold_side(side="espocrm", held=True, by="boss")
    firm.sandbox.anna.change(espo_id, titel="Prof.")
    firm.sandbox.clerk.change(betnr, titel="Mag.", zusatz="c/o")
    firm.ask(espo_id)
    assert firm.sync(espo_id, forced=False).status == "dirty"
    assert firm.advo(betnr)["titel"] == "Prof."
    assert [notice.event for notice in Notice.objects.all()] == ["conflict_settled"]
    control.hold_side(side="espocrm", held=False, by="boss")
    assert firm.sync(espo_id, forced=False).status == "clean"
    assert Notice.objects.count() == firm.record(espo_id).conflicts.count() == 1


def test_a_program_that_sets_a_value_back_is_stopped_while_the_other_side_is_held(firm: Firm) -> None:
    """The same values each time, and each time one was replaced: each is logged, and counts as going back and forth."""
    espo_id, betnr = firm.pair(titel="A")
    firm.sandbox.anna.change(espo_id, titel="B", syncStatus="dirty")
    firm.sandbox.clerk.change(betnr, titel="C")
    control.hold_side(side="espocrm", held=True, by="boss")
    for logged in (1, 2, 3):
        assert firm.sync(espo_id).status == "dirty"
        assert firm.record(espo_id).conflicts.count() == logged
        firm.sandbox.clerk.change(betnr, titel="C")
    assert firm.sync(espo_id).status == "failed"
    assert firm.record(espo_id).fault["code"] == "oscillation_conflicts"


def test_a_betnr_that_espocrm_could_not_be_told_is_still_owed(firm: Firm) -> None:
    control.hold_side(side="espocrm", held=True, by="boss")
    espo_id = firm.new()
    assert firm.sync(espo_id).status == "dirty"
    betnr = firm.record(espo_id).betnr
    assert (betnr is not None, firm.espo(espo_id)["betnr"], is_due(firm, espo_id)) == (True, None, False)
    control.hold_side(side="espocrm", held=False, by="boss")
    assert is_due(firm, espo_id)
    assert firm.sync(espo_id, forced=False).status == "clean"
    assert firm.espo(espo_id)["betnr"] == betnr


# --- a pilot


@pytest.mark.parametrize("chosen", ["id", "prefix"])
def test_only_the_pilot_is_live(firm: Firm, chosen: str) -> None:
    inside, outside = firm.new(name="TEST-Müller"), firm.new(name="Maier")
    firm.settings.SYNC_ONLY = [inside] if chosen == "id" else ["TEST-"]
    assert firm.sync(inside).status == "clean"
    firm.sandbox.clear_calls()
    assert firm.sync(outside).status == "pending_sync"
    assert written(firm) == []


def test_the_prefix_is_that_of_the_name_not_of_the_first_name(firm: Firm) -> None:
    firm.settings.SYNC_ONLY = ["TEST-"]
    espo_id = firm.new(name="Maier", vorname="TEST-Anna")
    firm.sandbox.clear_calls()
    firm.sync(espo_id)
    assert written(firm) == []


def test_a_wider_pilot_takes_up_what_the_narrower_one_set_aside(firm: Firm) -> None:
    espo_id = firm.new(name="Maier")
    firm.settings.SYNC_ONLY = ["TEST-"]
    firm.sync(espo_id)
    assert not is_due(firm, espo_id)
    firm.settings.SYNC_ONLY = []
    assert is_due(firm, espo_id)
    assert firm.sync(espo_id, forced=False).status == "clean"


def test_a_record_outside_the_pilot_gets_no_status_and_no_note(firm: Firm) -> None:
    firm.settings.SYNC_ONLY = ["TEST-"]
    espo_id = firm.new(name="Maier", vorname="x" * 31)
    firm.sandbox.clear_calls()
    assert firm.sync(espo_id).status == "failed"
    assert written(firm) == []


def test_a_record_of_the_pilot_that_is_gone_at_its_first_look_is_shown_and_told(firm: Firm) -> None:
    """Linked by an earlier system: nothing but EspoCRM's answer says what it is called, and whom to tell."""
    firm.settings.SYNC_ONLY = ["TEST-"]
    firm.pair(name="TEST-Bleibt")
    espo_id = firm.new(name="TEST-Geht", betnr=99_999, assignedUserId="5a0d0000000000003")
    assert firm.sync(espo_id).status == "deleted_in_advoware"
    assert firm.espo(espo_id)["syncStatus"] == "deleted_in_advoware"
    assert (told(), firm.record(espo_id).assigned_user_id) == (["deleted_in_advoware"], "5a0d0000000000003")
