"""Set back soon after our write: a conflict until one confirming look has been had, from then on an edit like any.

The answer to a PUT may be an echo, and an old form may be saved over what it brought; a clerk's undo looks the same.
"""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from syncapp.core.states import Event
from syncapp.engine import control
from syncapp.engine.rows.requests import request_sync
from syncapp.entities.beteiligte.probes import confirm
from syncapp.models import Attempt, Breaker, Conflict, Notice, SyncRecord
from syncapp.operations.actions import ActionContext, conflicts
from tests.support.firm import Firm
from tests.support.meanwhile import Meanwhile

# What the sync brings to Advoware, and what a clerk sets back there.
UNDOS: dict[str, tuple[str, object, object]] = {
    "text": ("titel", "Prof.", "Dr."),
    "filled": ("zusatz", "c/o Meier", ""),
    "emptied": ("bAnrede", None, "Sehr geehrter Herr Dr. Müller-Lüdenscheidt"),
    "date": ("geburtsdatum", "1961-04-13", "1961-04-12T00:00:00"),
    "name": ("name", "Müller", "Müller-Lüdenscheidt"),
}


@pytest.fixture(params=UNDOS)
def undo(request: pytest.FixtureRequest) -> tuple[str, object, object]:
    return UNDOS[request.param]


def confirm_writes(firm: Firm, *espo_ids: str) -> dict[str, int]:
    """The confirming look of the next sweep; the calls that it makes are counted anew."""
    firm.sandbox.clear_calls()
    ids = [firm.record(espo_id).pk for espo_id in espo_ids]
    return confirm.confirm_writes(ids)


def brought(firm: Firm, field: str, value: object) -> tuple[str, int]:
    """A pair whose field we have just written in Advoware."""
    espo_id, betnr = firm.pair()
    assert confirm_writes(firm, espo_id) == {"confirmed": 1}
    firm.sandbox.anna.change(espo_id, **{field: value})
    assert firm.sync(espo_id).status == "clean"
    assert firm.record(espo_id).unconfirmed
    return espo_id, betnr


def text_of(value: object) -> object:
    return str(value).removesuffix("T00:00:00") if value else None


def test_it_costs_one_get_in_advoware_and_no_run(firm: Firm) -> None:
    espo_id, _betnr = brought(firm, "titel", "Prof.")
    attempts = Attempt.objects.count()
    assert confirm_writes(firm, espo_id) == {"confirmed": 1}
    assert firm.counts() == {"espocrm": {}, "advoware": {"GET": 1}}
    assert Attempt.objects.count() == attempts
    record = firm.record(espo_id)
    assert (record.unconfirmed, record.open_intents, record.status) == (False, [], "clean")
    assert confirm_writes(firm, espo_id) == {"left": 1}
    assert firm.counts() == {"espocrm": {}, "advoware": {}}
    firm.is_silent(espo_id)


def test_a_hundred_writes_cost_a_hundred_gets(firm: Firm) -> None:
    """The table of costs: n records written in Advoware, n GETs by the next sweep."""
    ids = [firm.pair()[0] for _ in range(5)]
    assert confirm_writes(firm, *ids) == {"confirmed": 5}
    assert firm.counts() == {"espocrm": {}, "advoware": {"GET": 5}}


def test_an_undo_after_the_look_is_an_edit(firm: Firm, undo: tuple[str, Any, Any]) -> None:
    field, value, back = undo
    espo_id, betnr = brought(firm, field, value)
    confirm_writes(firm, espo_id)
    firm.sandbox.clerk.change(betnr, **{field: back})
    firm.sync(espo_id)
    assert text_of(firm.advo(betnr)[field]) == text_of(firm.espo(espo_id)[field]) == text_of(back)
    assert not Conflict.objects.exists()


def test_an_undo_before_the_look_is_a_conflict_that_says_what_it_may_be(firm: Firm, undo: tuple[str, Any, Any]) -> None:
    field, value, back = undo
    espo_id, betnr = brought(firm, field, value)
    firm.sandbox.clerk.change(betnr, **{field: back})
    assert confirm_writes(firm, espo_id) == {"differs": 1}
    assert firm.record(espo_id).status == "dirty"
    assert firm.sync(espo_id).status == "clean"
    conflict = firm.record(espo_id).conflicts.get()
    assert (conflict.case, conflict.kept, text_of(conflict.advo)) == ("set_back", "espocrm", text_of(back))
    assert Notice.objects.filter(event="set_back_settled", params={"fields": [field]}).count() == 1
    assert text_of(firm.advo(betnr)[field]) == text_of(firm.espo(espo_id)[field]) == text_of(value)
    conflicts.restore(conflict=conflict, action_context=ActionContext(actor="boss"))
    firm.sync(espo_id)
    assert text_of(firm.advo(betnr)[field]) == text_of(firm.espo(espo_id)[field]) == text_of(back)


def test_held_by_the_policy_it_waits_for_a_decision(firm: Firm, settings: Any) -> None:
    settings.SYNC_CONFLICT_POLICY = {"*": "manual"}
    espo_id, betnr = brought(firm, "titel", "Prof.")
    firm.sandbox.clerk.change(betnr, titel="Dr.")
    assert firm.sync(espo_id).status == "conflict"
    assert Notice.objects.filter(event="set_back_open").count() == 1
    assert firm.sync(espo_id).status == "conflict"
    assert [(row.case, row.open) for row in Conflict.objects.all()] == [("set_back", True)]


def test_emptying_as_the_first_edit_after_a_create(firm: Firm) -> None:
    espo_id, betnr = firm.pair()
    assert firm.record(espo_id).unconfirmed
    confirm_writes(firm, espo_id)
    firm.sandbox.clerk.change(betnr, titel="")
    firm.sync(espo_id)
    assert not firm.espo(espo_id)["titel"]
    assert not Conflict.objects.exists()


def test_any_look_is_the_confirming_one(firm: Firm) -> None:
    """A run that came by for another reason has seen it: no GET is owed any more."""
    espo_id, _betnr = brought(firm, "titel", "Prof.")
    firm.sync(espo_id)
    assert not firm.record(espo_id).unconfirmed


def test_another_edit_at_the_look_is_carried_by_a_run(firm: Firm) -> None:
    espo_id, betnr = brought(firm, "titel", "Prof.")
    firm.sandbox.clerk.change(betnr, zusatz="c/o Meier")
    assert confirm_writes(firm, espo_id) == {"differs": 1}
    firm.sync(espo_id)
    assert firm.espo(espo_id)["zusatz"] == "c/o Meier"
    assert not Conflict.objects.exists()


def test_a_contact_point_that_was_changed_meanwhile_is_found_by_it(firm: Firm) -> None:
    espo_id, betnr = firm.pair(phoneNumberData=[{"phoneNumber": "+495111000001", "type": "Office"}])
    (entry,) = firm.advo(betnr)["kommunikation"]
    assert confirm_writes(firm, espo_id) == {"confirmed": 1}
    firm.sandbox.anna.change(espo_id, titel="Prof.")
    firm.sync(espo_id)
    firm.sandbox.clerk.change_contact(
        betnr, entry["id"], tlf="+495111000002", bemerkung=entry["bemerkung"], online=True
    )
    assert confirm_writes(firm, espo_id) == {"differs": 1}
    firm.sync(espo_id)
    assert [row["phoneNumber"] for row in firm.espo(espo_id)["phoneNumberData"]] == ["+495111000002"]


def test_a_contact_point_that_is_set_back_is_an_edit(firm: Firm) -> None:
    """The answer to the write of an entry is known to be its own, so nothing is doubtful here."""
    espo_id, betnr = firm.pair(phoneNumberData=[{"phoneNumber": "+495111000001", "type": "Office"}])
    firm.sandbox.anna.change(espo_id, phoneNumberData=[{"phoneNumber": "+495111000002", "type": "Office"}])
    firm.sync(espo_id)
    (entry,) = firm.advo(betnr)["kommunikation"]
    assert entry["tlf"] == "+495111000002"
    firm.sandbox.clerk.change_contact(
        betnr, entry["id"], tlf="+495111000001", bemerkung=entry["bemerkung"], online=True
    )
    firm.sync(espo_id)
    assert [row["phoneNumber"] for row in firm.espo(espo_id)["phoneNumberData"]] == ["+495111000001"]


def test_written_there_without_a_change_is_confirmed(firm: Firm) -> None:
    espo_id, betnr = brought(firm, "titel", "Prof.")
    firm.sandbox.clerk.change(betnr, titel="Prof.")
    assert confirm_writes(firm, espo_id) == {"confirmed": 1}
    assert firm.record(espo_id).row_id == firm.advo(betnr)["rowId"]
    firm.is_silent(espo_id)


def test_gone_at_the_look_is_seen_to_by_a_run(firm: Firm) -> None:
    firm.pair()
    espo_id, betnr = brought(firm, "titel", "Prof.")
    firm.sandbox.control.tell(f"advoware/beteiligte/{betnr}/delete")
    assert confirm_writes(firm, espo_id) == {"differs": 1}
    assert firm.sync(espo_id).status == "deleted_in_advoware"


def test_an_outage_leaves_it_to_the_next_sweep_and_opens_the_breaker(firm: Firm) -> None:
    ids = [firm.pair()[0] for _ in range(8)]
    firm.sandbox.fault("advoware", "status", status=503, count=None)
    found = confirm_writes(firm, *ids)
    assert found["unreadable"] + found["left"] == 8
    assert Breaker.objects.get(system="advoware").open_since is not None
    assert SyncRecord.objects.filter(unconfirmed=True, status="clean").count() == 8
    firm.sandbox.heal()
    Breaker.objects.all().delete()
    assert confirm_writes(firm, *ids) == {"confirmed": 8}


def test_paused_nobody_is_asked(firm: Firm) -> None:
    espo_id, _betnr = brought(firm, "titel", "Prof.")
    control.set_mode(mode="paused", by="boss")
    assert confirm_writes(firm, espo_id) == {"left": 1}
    assert firm.counts() == {"espocrm": {}, "advoware": {}}


def test_a_run_that_came_between_wins(firm: Firm, meanwhile: Meanwhile) -> None:
    espo_id, betnr = brought(firm, "titel", "Prof.")

    def run() -> None:
        firm.sandbox.anna.change(espo_id, titel="PD")
        firm.sync(espo_id)

    meanwhile.after("advoware", "get", run)
    assert confirm_writes(firm, espo_id) == {"overtaken": 1}
    assert firm.record(espo_id).unconfirmed
    assert firm.advo(betnr)["titel"] == "PD"
    assert confirm_writes(firm, espo_id) == {"confirmed": 1}


def test_a_record_that_is_due_anyway_is_left_to_its_run(firm: Firm) -> None:
    espo_id, _betnr = brought(firm, "titel", "Prof.")
    record = firm.record(espo_id)
    request_sync(SyncRecord, record_id=record.pk, event=Event.CHANGED, trigger="update", source="webhook")
    assert confirm_writes(firm, espo_id) == {"left": 1}


def test_a_field_that_the_answers_hide_is_asked_for_once(firm: Firm) -> None:
    espo_id, _betnr = brought(firm, "titel", "Prof.")
    firm.sandbox.advoware(omit_fields=["titel"])
    assert confirm_writes(firm, espo_id) == {"confirmed": 1}
    record = firm.record(espo_id)
    assert not record.unconfirmed
    assert [intent["field"] for intent in record.open_intents] == ["titel"]


def test_each_sweep_takes_its_budget_the_longest_waiting_first(firm: Firm, settings: Any) -> None:
    ids = [firm.pair()[0] for _ in range(3)]
    for place, espo_id in enumerate(ids):
        SyncRecord.objects.filter(espo_id=espo_id).update(last_check=timezone.now() - timedelta(hours=place))
    settings.SYNC_CONFIRM_PER_SWEEP = 2
    assert confirm.enqueue_confirming() == 2
    settings.SYNC_CONFIRM_PER_SWEEP = 500
    assert confirm.enqueue_confirming() == 3
