"""Which Beteiligter belongs to a record: relinked in EspoCRM or in the admin, used twice, given up."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone

from syncapp.engine import control
from syncapp.entities.beteiligte import intake
from syncapp.entities.beteiligte.links.discovery import discover
from syncapp.models import Conflict, ContactLink, Control, DeletionTask, SyncRecord
from syncapp.operations.actions import ActionContext, ActionRefused, perform
from syncapp.operations.actions.binding import read_both
from tests.support.firm import Firm
from tests.support.meanwhile import Meanwhile


def someone_else(firm: Firm, **fields: object) -> int:
    """A Beteiligter that no record of EspoCRM is linked to."""
    return int(firm.sandbox.clerk.create(**{"name": "Andere", "titel": "Mag.", **fields})["betNr"])


def link_in_admin(firm: Firm, espo_id: str, betnr: int) -> str:
    details = {"betnr": betnr, "in_espocrm": firm.espo(espo_id)["betnr"]}
    action_context = ActionContext(actor="boss", reason="same person", details=details)
    return perform(code="link", record=firm.record(espo_id), action_context=action_context)


def test_a_betnr_changed_in_espocrm_relinks(firm: Firm) -> None:
    espo_id, first = firm.pair()
    other = someone_else(firm, name="Müller-Lüdenscheidt", vorname="Jürgen", zusatz="c/o Andere")
    firm.sandbox.anna.change(espo_id, betnr=other)
    assert firm.sync(espo_id).status == "clean"
    record = firm.record(espo_id)
    assert (record.betnr, record.base_advo["zusatz"]) == (other, "c/o Andere")
    assert firm.espo(espo_id)["zusatz"] == "c/o Andere", "empty on one side: the other's value is taken"
    assert firm.advo(first)["titel"] == "Dr.", "the one that was left stays as it was"
    assert record.status_changes.filter(event="relinked").count() == 1
    firm.is_silent(espo_id)


def test_differing_values_of_the_new_one_are_conflicts_not_overwritten_in_silence(firm: Firm) -> None:
    espo_id, _first = firm.pair()
    other = someone_else(firm)
    firm.sandbox.anna.change(espo_id, betnr=other)
    assert firm.sync(espo_id).status == "clean"
    fields = set(Conflict.objects.values_list("field", flat=True))
    assert {"name", "titel"} <= fields


def test_what_was_ordered_of_one_beteiligter_is_not_done_to_another(firm: Firm) -> None:
    """Ordered while nothing ran; before the next run somebody put the record right in EspoCRM."""
    firm.settings.SYNC_CONFLICT_POLICY = {"*": "manual"}
    espo_id, _first = firm.pair()
    other = someone_else(firm)
    boss = ActionContext(actor="boss", reason="Advoware has old values")
    perform(code="everything_from_espocrm", record=firm.record(espo_id), action_context=boss)
    firm.sandbox.anna.change(espo_id, betnr=other)
    firm.relinked(espo_id)
    assert firm.sync(espo_id, forced=False).status == "conflict"
    assert (firm.advo(other)["name"], firm.advo(other)["titel"]) == ("Andere", "Mag.")
    assert set(firm.record(espo_id).conflicts.filter(open=True).values_list("field", flat=True)) >= {"name", "titel"}


def test_a_create_that_was_allowed_once_is_not_allowed_for_good(firm: Firm) -> None:
    """Its number went to another record: whether this one has a Beteiligter of its own is asked anew, since Advoware
    deletes no double."""
    Control.objects.update(live_since=timezone.now() + timedelta(minutes=5))
    old = firm.new(name="Alt")
    assert firm.sync(old).status == "failed"
    perform(code="create_after_all", record=firm.record(old), action_context=ActionContext(actor="boss"))
    assert firm.sync(old, forced=False).status == "clean"
    betnr = firm.record(old).betnr
    firm.sandbox.anna.change(old, betnr=None)
    second = firm.new(name="Zweite", betnr=betnr)
    assert firm.sync(second).status == "clean"
    assert (firm.record(second).betnr, firm.record(old).betnr) == (betnr, None)
    assert firm.sync(old, forced=False).status == "failed"
    assert firm.record(old).kind == "needs_confirmation"


def test_links_and_base_of_the_old_one_are_dropped(firm: Firm) -> None:
    espo_id, first = firm.pair(phoneNumberData=[{"phoneNumber": "+49511123456", "type": "Office"}])
    assert ContactLink.objects.count() == 1
    old_row = firm.record(espo_id).row_id
    other = someone_else(firm)
    firm.sandbox.anna.change(espo_id, betnr=other)
    firm.sync(espo_id)
    record = firm.record(espo_id)
    assert record.row_id == firm.advo(other)["rowId"] != old_row
    entries = {entry["id"] for entry in firm.advo(other)["kommunikation"]}
    assert {link.entry_id for link in record.links.all()} <= entries
    assert len(firm.advo(first)["kommunikation"]) == 1


def test_the_new_one_may_be_the_way_out_of_a_gone_one(firm: Firm) -> None:
    """Gone in Advoware, and somebody links the record to the one that replaced it."""
    keeper, _ = firm.pair(name="Bleibt")
    espo_id, first = firm.pair(name="Geht")
    firm.sandbox.control.tell(f"advoware/beteiligte/{first}/delete")
    assert firm.sync(espo_id).status == "deleted_in_advoware"
    other = someone_else(firm)
    firm.sandbox.anna.change(espo_id, betnr=other)
    firm.relinked(espo_id)
    assert firm.sync(espo_id, forced=False).status == "clean"
    assert firm.record(espo_id).betnr == other
    assert firm.record(keeper).status == "clean"


def test_two_records_with_one_betnr_the_second_is_refused_and_both_are_named(firm: Firm) -> None:
    first, betnr = firm.pair(name="Erste")
    second = firm.new(name="Zweite", betnr=betnr)
    firm.sandbox.clear_calls()
    assert firm.sync(second).status == "failed"
    record = firm.record(second)
    assert (record.kind, record.betnr, record.next_retry_at) == ("duplicate_link", None, None)
    shown = firm.espo(second)
    assert first in shown["syncErrorMessage"]
    assert second in shown["syncErrorMessage"]
    assert shown["betnr"] == betnr, "what a person has typed is not erased"
    assert firm.counts()["advoware"] == {}
    assert firm.record(first).status == "clean"


def test_a_linked_record_that_is_given_anothers_betnr_is_refused_too(firm: Firm) -> None:
    _first, betnr = firm.pair(name="Erste")
    second, own = firm.pair(name="Zweite")
    firm.sandbox.anna.change(second, betnr=betnr)
    assert firm.sync(second).status == "failed"
    assert (firm.record(second).kind, firm.record(second).betnr) == ("duplicate_link", own)
    assert firm.espo(second)["betnr"] == betnr
    firm.reset(second)
    assert firm.sync(second).status == "failed", "still so: only a person settles it"


def test_the_second_one_emptied_is_created(firm: Firm) -> None:
    _first, betnr = firm.pair(name="Erste")
    second = firm.new(name="Zweite", betnr=betnr)
    firm.sync(second)
    firm.sandbox.anna.change(second, betnr=None)
    firm.relinked(second)
    assert firm.sync(second, forced=False).status == "clean"
    assert firm.record(second).betnr not in (None, betnr)


def test_a_record_deleted_in_espocrm_gives_its_betnr_up(firm: Firm) -> None:
    first, betnr = firm.pair(name="Erste")
    firm.sandbox.anna.delete(first)
    assert firm.sync(first).status == "deleted_in_espocrm"
    assert DeletionTask.objects.filter(betnr=betnr, done_at__isnull=True).exists()
    second = firm.new(name="Zweite", betnr=betnr)
    assert firm.sync(second).status == "clean"
    assert (firm.record(first).betnr, firm.record(second).betnr) == (None, betnr)
    assert not DeletionTask.objects.filter(betnr=betnr, done_at__isnull=True).exists(), "it is in use again"


def test_two_workers_claim_one_betnr_at_a_time(firm: Firm, meanwhile: Meanwhile) -> None:
    """Both have looked, neither has seen the other: the database lets only one of them have it."""
    betnr = someone_else(firm, name="Müller-Lüdenscheidt")
    first, second = firm.new(name="Erste", betnr=betnr), firm.new(name="Zweite", betnr=betnr)
    from syncapp.entities.beteiligte.links import claims

    real = claims.remembered_holder

    def too_late(record: SyncRecord, number: int) -> SyncRecord | None:
        seen = real(record, number)
        SyncRecord.objects.update_or_create(espo_id=first, defaults={"betnr": betnr, "status": "clean"})
        return seen

    meanwhile._monkeypatch.setattr(claims, "remembered_holder", too_late)
    assert firm.sync(second).status == "failed"
    assert firm.record(second).kind == "duplicate_link"
    assert first in firm.espo(second)["syncErrorMessage"]


# --- a mistyped betNr is repaired in EspoCRM


def told(firm: Firm, espo_id: str, **changed: object) -> None:
    """Anna changes the record, and EspoCRM's webhook tells of it."""
    firm.sandbox.anna.change(espo_id, **changed)
    intake.store(action="update", webhook_id="w", elements=[{"id": espo_id, **changed}])


def swept(firm: Firm, espo_id: str, **changed: object) -> None:
    """Anna changes the record, the webhook is lost, and the sweep finds it."""
    discover()
    firm.sandbox.anna.change(espo_id, **changed)
    assert discover() == 1


@pytest.mark.parametrize("tell", [told, swept])
@pytest.mark.parametrize("repair", ["its own again", "emptied"])
def test_a_mistyped_betnr_is_repaired_in_espocrm(firm: Firm, repair: str, tell: Callable[..., None]) -> None:
    """Both are no news by what we know of the record, and both are what the message asks for."""
    _other, taken = firm.pair(name="Erste")
    espo_id, own = firm.pair(name="Zweite")
    tell(firm, espo_id, betnr=taken)
    assert firm.sync(espo_id, forced=False).status == "failed"
    assert firm.record(espo_id).kind == "duplicate_link"

    tell(firm, espo_id, betnr=own if repair == "its own again" else None)
    assert firm.record(espo_id).status == "dirty"
    assert firm.sync(espo_id, forced=False).status == "clean"
    shown = firm.espo(espo_id)
    assert (firm.record(espo_id).betnr, shown["betnr"], shown["syncErrorMessage"]) == (own, own, None)
    assert firm.advo(taken)["name"] == "Erste"
    firm.is_silent(espo_id)


@pytest.mark.parametrize("tell", [told, swept])
def test_the_betnr_that_was_found_settles_a_create_in_doubt(firm: Firm, tell: Callable[..., None]) -> None:
    espo_id = firm.new()
    made = someone_else(firm, name="Müller-Lüdenscheidt")
    firm.sync(espo_id)
    SyncRecord.objects.filter(espo_id=espo_id).update(
        status="failed", kind="create_outcome_unknown", fault={"code": "create_outcome_unknown"}, betnr=None
    )
    tell(firm, espo_id, betnr=made)
    assert firm.sync(espo_id, forced=False).status == "clean"
    assert firm.record(espo_id).betnr == made


@pytest.mark.parametrize("tell", [told, swept])
def test_another_betnr_is_the_way_out_of_a_gone_one(firm: Firm, tell: Callable[..., None]) -> None:
    firm.pair(name="Bleibt")
    espo_id, first = firm.pair(name="Geht")
    firm.sandbox.control.tell(f"advoware/beteiligte/{first}/delete")
    assert firm.sync(espo_id).status == "deleted_in_advoware"
    other = someone_else(firm)
    tell(firm, espo_id, betnr=other)
    assert firm.sync(espo_id, forced=False).status == "clean"
    assert firm.record(espo_id).betnr == other


def test_another_edit_of_a_refused_record_starts_no_run(firm: Firm) -> None:
    """Its betnr stands in every list row: only another one is news."""
    _other, taken = firm.pair(name="Erste")
    espo_id, _own = firm.pair(name="Zweite")
    told(firm, espo_id, betnr=taken)
    firm.sync(espo_id)
    swept(firm, espo_id, titel="Prof.")
    assert firm.record(espo_id).status == "failed"


# --- in the admin


def test_linked_in_the_admin_against_what_espocrm_shows(firm: Firm) -> None:
    espo_id, first = firm.pair()
    other = someone_else(firm)
    link_in_admin(firm, espo_id, other)
    assert firm.record(espo_id).status == "dirty"
    assert firm.sync(espo_id, forced=False).status == "clean"
    assert (firm.record(espo_id).betnr, firm.espo(espo_id)["betnr"]) == (other, other)
    assert firm.advo(first)["titel"] == "Dr."
    firm.is_silent(espo_id)


def test_linked_in_the_admin_where_espocrm_names_a_double(firm: Firm) -> None:
    first, betnr = firm.pair(name="Erste")
    second = firm.new(name="Zweite", betnr=betnr)
    firm.sync(second)
    other = someone_else(firm)
    link_in_admin(firm, second, other)
    assert firm.sync(second, forced=False).status == "clean"
    assert (firm.espo(second)["betnr"], firm.record(first).betnr) == (other, betnr)


def test_a_betnr_that_does_not_exist_cannot_be_linked(firm: Firm) -> None:
    espo_id, _betnr = firm.pair()
    with pytest.raises(ActionRefused):
        read_both(record=firm.record(espo_id), betnr=999999)


def test_a_betnr_of_another_record_cannot_be_linked(firm: Firm) -> None:
    first, betnr = firm.pair(name="Erste")
    second, _own = firm.pair(name="Zweite")
    with pytest.raises(ActionRefused, match=first):
        read_both(record=firm.record(second), betnr=betnr)
    with pytest.raises(ActionRefused, match=first):
        link_in_admin(firm, second, betnr)


def test_nothing_is_linked_under_a_run(firm: Firm, meanwhile: Meanwhile) -> None:
    espo_id, first = firm.pair()
    other = someone_else(firm)
    firm.sandbox.anna.change(espo_id, titel="Prof.")
    refused: list[str] = []

    def link_meanwhile() -> None:
        try:
            link_in_admin(firm, espo_id, other)
        except ActionRefused as refusal:
            refused.append(str(refusal))

    meanwhile.before("advoware", "update", link_meanwhile)
    assert firm.sync(espo_id).status == "clean"
    assert len(refused) == 1
    assert (firm.record(espo_id).betnr, firm.advo(first)["titel"]) == (first, "Prof.")


def test_linked_in_the_admin_what_espocrm_says_of_the_old_one_proves_nothing(firm: Firm) -> None:
    """Linked by an earlier system, to the wrong one; put right in shadow. EspoCRM's bookkeeping of the last sync speaks
    of the one that was left: by it, only the new Beteiligter would have changed, and all of it would be taken."""
    espo_id, first = firm.pair()
    SyncRecord.objects.all().delete()
    control.set_mode(mode="shadow", by="boss")
    firm.sync(espo_id)
    assert (firm.record(espo_id).betnr, firm.record(espo_id).last_synced_at) == (first, None)
    other = someone_else(firm, name="Müller-Lüdenscheidt")
    link_in_admin(firm, espo_id, other)
    control.set_mode(mode="live", by="boss")
    assert firm.sync(espo_id, forced=False).status == "clean"
    assert firm.espo(espo_id)["titel"] == firm.advo(other)["titel"] == "Dr."
    assert firm.record(espo_id).conflicts.get(field="titel").advo == "Mag."


@pytest.mark.parametrize("act", ["link", "unlink"])
def test_questions_about_the_old_one_end_with_the_link(firm: Firm, act: str) -> None:
    firm.settings.SYNC_CONFLICT_POLICY = {"*": "manual"}
    espo_id, betnr = firm.pair()
    firm.sandbox.anna.change(espo_id, titel="Prof.")
    firm.sandbox.clerk.change(betnr, titel="Mag.")
    assert firm.sync(espo_id).status == "conflict"
    if act == "link":
        link_in_admin(firm, espo_id, someone_else(firm))
    else:
        perform(code="unlink", record=firm.record(espo_id), action_context=ActionContext(actor="boss", reason="no"))
    assert not Conflict.objects.filter(open=True).exists()


@pytest.mark.parametrize("stopped", ["shadow", "paused", "held", "outside the pilot"])
def test_nothing_is_unlinked_while_nothing_may_be_written_to_espocrm(firm: Firm, stopped: str) -> None:
    """It empties the betnr there, which is a write like any other."""
    espo_id, betnr = firm.pair()
    if stopped == "held":
        control.hold_side(side="espocrm", held=True, by="boss")
    elif stopped == "outside the pilot":
        firm.settings.SYNC_ONLY = ["TEST-"]
    else:
        control.set_mode(mode=stopped, by="boss")
    with pytest.raises(ActionRefused):
        perform(code="unlink", record=firm.record(espo_id), action_context=ActionContext(actor="boss", reason="no"))
    assert firm.espo(espo_id)["betnr"] == betnr
    assert (firm.record(espo_id).betnr, firm.record(espo_id).hold) == (betnr, "")


def test_within_the_pilot_a_record_is_unlinked(firm: Firm) -> None:
    firm.settings.SYNC_ONLY = ["TEST-"]
    espo_id, _betnr = firm.pair(name="TEST-Müller")
    perform(code="unlink", record=firm.record(espo_id), action_context=ActionContext(actor="boss", reason="no"))
    assert firm.espo(espo_id)["betnr"] is None
