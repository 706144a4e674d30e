"""One betNr, several records: merged, relinked and emptied in EspoCRM, with the words of it in any order."""

from collections.abc import Callable

import pytest

from syncapp.core.states import Status
from syncapp.entities.beteiligte.clients import configured_clients
from syncapp.entities.beteiligte.intake import store
from syncapp.entities.beteiligte.links.claims import look_again_at_refused
from syncapp.entities.beteiligte.links.gone import look_for_restored
from syncapp.models import DeletionTask, Notice, SyncRecord
from syncapp.operations.actions import ActionContext, ActionRefused, perform, tasks
from syncapp.operations.previews.first_load_preview import FirstLoadAction, first_load_preview_of
from tests.support.firm import Firm

ANNA = "5a0d0000000000003"


def come_to_rest(firm: Firm, *espo_ids: str) -> None:
    """Whatever has been asked for is done, as the dispatcher sees to it."""
    for _round in range(3):
        for espo_id in espo_ids:
            firm.sync(espo_id, forced=False)


def merged(firm: Firm) -> tuple[str, str, int]:
    """EspoCRM merges B into A: A takes over B's betNr, and B is deleted."""
    kept = firm.new(name="Bleibt")
    gone, betnr = firm.pair(name="Geht auf", assignedUserId=ANNA)
    firm.sandbox.anna.change(kept, betnr=betnr)
    firm.sandbox.anna.delete(gone)
    return kept, gone, betnr


def relinked_elsewhere(firm: Firm) -> tuple[str, str, int]:
    """B is linked to another Beteiligter, and A gets the number that B had."""
    taker = firm.new(name="Bleibt")
    giver, betnr = firm.pair(name="Zieht um")
    other = int(firm.sandbox.clerk.create(name="Andere")["betNr"])
    firm.sandbox.anna.change(giver, betnr=other)
    firm.sandbox.anna.change(taker, betnr=betnr)
    return taker, giver, betnr


def emptied_elsewhere(firm: Firm) -> tuple[str, str, int]:
    """A shows B's number, and B's is emptied: what the message about the double asks for."""
    taker = firm.new(name="Bleibt")
    giver, betnr = firm.pair(name="Gibt ab")
    firm.sandbox.anna.change(taker, betnr=betnr)
    firm.sandbox.anna.change(giver, betnr=None)
    return taker, giver, betnr


@pytest.mark.parametrize("order", ["AB", "BA", "ABA", "AA", "BB"])
@pytest.mark.parametrize("happened", [merged, relinked_elsewhere, emptied_elsewhere])
def test_the_number_is_where_espocrm_shows_it(
    firm: Firm, happened: Callable[[Firm], tuple[str, str, int]], order: str
) -> None:
    taker, giver, betnr = happened(firm)
    for who in order:
        espo_id = taker if who == "A" else giver
        store(action="update", webhook_id="w", elements=[{"id": espo_id, "betnr": betnr}])
        firm.sync(espo_id, forced=False)
    come_to_rest(firm, giver, taker, giver)

    record, other = firm.record(taker), firm.record(giver)
    assert (record.status, record.betnr, record.fault) == ("clean", betnr, {})
    assert firm.espo(taker)["betnr"] == betnr
    assert other.betnr != betnr
    if happened is merged:
        assert (other.status, other.betnr) == ("deleted_in_espocrm", None)
    else:
        assert other.status == "clean"
        assert firm.espo(giver)["betnr"] == other.betnr
    assert not DeletionTask.objects.filter(done_at__isnull=True).exists(), "nobody is asked to delete what is in use"
    firm.is_silent(taker)


@pytest.mark.parametrize("happened", [merged, relinked_elsewhere, emptied_elsewhere])
def test_a_refusal_of_before_is_looked_at_again_when_the_other_record_changes(
    firm: Firm, happened: Callable[[Firm], tuple[str, str, int]]
) -> None:
    """The refusal was right when it was made, and nobody touches the refused record any more."""
    taker = firm.new(name="Bleibt")
    giver, betnr = firm.pair(name="Hat sie")
    firm.sandbox.anna.change(taker, betnr=betnr)
    firm.sync(taker)
    assert firm.record(taker).kind == "duplicate_link"
    if happened is merged:
        firm.sandbox.anna.delete(giver)
    elif happened is relinked_elsewhere:
        firm.sandbox.anna.change(giver, betnr=int(firm.sandbox.clerk.create(name="Andere")["betNr"]))
    else:
        firm.sandbox.anna.change(giver, betnr=None)
    firm.ask(giver)
    firm.sync(giver, forced=False)
    assert firm.record(taker).status == "dirty"
    come_to_rest(firm, taker, giver)
    assert (firm.record(taker).status, firm.record(taker).betnr) == ("clean", betnr)
    assert not DeletionTask.objects.filter(done_at__isnull=True).exists()


def test_a_merge_seen_in_the_right_order_tells_nobody_to_delete(firm: Firm) -> None:
    """A was refused, and B's run finds that A shows the number: no task, and no note, not even for a moment."""
    taker, giver, betnr = merged(firm)
    SyncRecord.objects.create(
        espo_id=taker, status="failed", kind="duplicate_link", fault={"code": "x", "params": {"betnr": betnr}}
    )
    firm.ask(giver)
    assert firm.sync(giver, forced=False).status == "deleted_in_espocrm"
    assert not DeletionTask.objects.exists()
    assert not Notice.objects.exists()
    come_to_rest(firm, taker)
    assert (firm.record(taker).status, firm.record(taker).betnr) == ("clean", betnr)


def test_a_task_whose_number_is_in_use_again_is_withdrawn_and_said_so(firm: Firm) -> None:
    taker, giver, betnr = merged(firm)
    firm.ask(giver)
    firm.sync(giver, forced=False)
    task = DeletionTask.objects.get(betnr=betnr, done_at__isnull=True)
    firm.sync(taker)
    task.refresh_from_db()
    assert task.done_at is not None
    assert (task.done_by, task.used_by) == (None, taker)
    told = Notice.objects.get(event="deletion_withdrawn")
    assert (told.user_id, told.params) == (ANNA, {"betnr": betnr, "record": taker})
    with pytest.raises(ActionRefused):
        tasks.untick(task=task, action_context=ActionContext(actor="boss"))


def test_a_restored_record_withdraws_its_own_task_and_says_so(firm: Firm) -> None:
    espo_id, betnr = firm.pair(assignedUserId=ANNA)
    firm.sandbox.anna.delete(espo_id)
    firm.sync(espo_id)
    firm.sandbox.restore(espo_id)
    firm.ask(espo_id)
    look_for_restored(firm.record(espo_id), clients=configured_clients())
    assert DeletionTask.objects.get(betnr=betnr).used_by == espo_id
    assert Notice.objects.filter(event="deletion_withdrawn").count() == 1


def test_a_number_that_espocrm_could_not_be_told_is_not_taken_for_emptied(firm: Firm) -> None:
    """Created, and the PATCH with the number was lost: a copy that somebody typed it into must not take it away."""
    giver = firm.new(name="Neu")
    firm.sandbox.fault("espocrm", "status", status=500, method="PUT", count=20)
    firm.sandbox.fault("espocrm", "status", status=500, method="PATCH", count=20)
    firm.sync(giver)
    firm.sandbox.heal()
    betnr = firm.record(giver).betnr
    assert betnr is not None
    assert firm.espo(giver)["betnr"] is None
    taker = firm.new(name="Kopie", betnr=betnr)
    firm.sync(taker)
    assert (firm.record(taker).kind, firm.record(giver).betnr) == ("duplicate_link", betnr)


def test_a_living_record_that_shows_its_number_keeps_it(firm: Firm) -> None:
    holder, betnr = firm.pair(name="Erste")
    second = firm.new(name="Zweite", betnr=betnr)
    firm.sandbox.clear_calls()
    firm.sync(second)
    assert firm.record(second).kind == "duplicate_link"
    assert firm.counts()["espocrm"]["GET"] == 2, "one for itself, one that checks the other"
    assert firm.record(holder).betnr == betnr
    assert look_again_at_refused() == 0, "still so"


def test_one_that_is_remembered_as_deleted_and_is_back_keeps_its_number(firm: Firm) -> None:
    holder, betnr = firm.pair(name="Erste")
    firm.sandbox.anna.delete(holder)
    firm.sync(holder)
    firm.sandbox.restore(holder)
    second = firm.new(name="Zweite", betnr=betnr)
    firm.sync(second)
    assert firm.record(second).kind == "duplicate_link"
    assert firm.record(holder).betnr == betnr


def test_while_a_run_is_at_work_on_the_other_it_is_tried_again(firm: Firm) -> None:
    taker, giver, betnr = merged(firm)
    firm.ask(giver)
    SyncRecord.objects.filter(espo_id=giver).update(status=Status.SYNCING, lease_token="theirs", fence=9)
    firm.sync(taker)
    record = firm.record(taker)
    assert (record.kind, record.fault["code"]) == ("transient", "betnr_moves")
    assert record.next_retry_at is not None
    assert firm.record(giver).betnr == betnr


def test_the_sweep_looks_again_at_a_refusal_whose_cause_has_gone_unheard(firm: Firm) -> None:
    taker, giver, betnr = merged(firm)
    SyncRecord.objects.create(
        espo_id=taker, status="failed", kind="duplicate_link", fault={"code": "x", "params": {"betnr": betnr}}
    )
    SyncRecord.objects.filter(espo_id=giver).update(betnr=None)
    assert look_again_at_refused() == 1
    come_to_rest(firm, taker)
    assert firm.record(taker).status == "clean"


@pytest.mark.parametrize("act", ["unlink", "link"])
def test_a_number_given_up_in_the_admin_is_free_for_who_was_refused(firm: Firm, act: str) -> None:
    holder, betnr = firm.pair(name="Erste")
    second = firm.new(name="Zweite", betnr=betnr)
    firm.sync(second)
    details = {"betnr": int(firm.sandbox.clerk.create(name="Andere")["betNr"]), "in_espocrm": betnr}
    context = ActionContext(actor="boss", reason="same person", details=details if act == "link" else {})
    perform(code=act, record=firm.record(holder), action_context=context)
    come_to_rest(firm, second)
    assert (firm.record(second).status, firm.record(second).betnr) == ("clean", betnr)


@pytest.mark.django_db(transaction=True)
def test_the_preview_asks_espocrm_before_it_speaks_of_a_double(firm: Firm) -> None:
    taker, _giver, betnr = merged(firm)
    assert first_load_preview_of(taker).action is not FirstLoadAction.duplicate
    holder, taken = firm.pair(name="Hat sie")
    second = firm.new(name="Zweite", betnr=taken)
    assert first_load_preview_of(second).action is FirstLoadAction.duplicate
    assert (firm.record(holder).betnr, betnr) == (taken, betnr)
