"""Lost, half or merely echoed answers of PUT and PATCH: no edit is lost, none doubled, none taken for another."""

import time
from typing import Any

import pytest

from tests.support.firm import Firm
from tests.support.meanwhile import Meanwhile, power_cut

LOST = [
    pytest.param({"fault": "cut_after"}, id="done, answer cut"),
    pytest.param({"fault": "half_body"}, id="done, half an answer"),
    pytest.param({"fault": "half_json"}, id="done, half a JSON"),
    pytest.param({"fault": "empty_200"}, id="done, empty 200"),
    pytest.param({"fault": "wrong_type"}, id="done, JSON of another type"),
    pytest.param({"fault": "status", "status": 500, "after": True}, id="done, server error"),
]
NOT_DONE = [
    pytest.param({"fault": "cut_before"}, id="cut, nothing done"),
    pytest.param({"fault": "status", "status": 500}, id="server error, nothing done"),
    pytest.param({"fault": "html_200"}, id="a proxy's page, nothing done"),
]


@pytest.fixture
def settled(firm: Firm) -> tuple[str, int]:
    """A pair at rest, whose last write has been looked at."""
    espo_id, betnr = firm.pair()
    firm.sync(espo_id)
    firm.sandbox.clear_calls()
    return espo_id, betnr


def again(firm: Firm, espo_id: str) -> None:
    firm.due(espo_id)
    assert firm.sync(espo_id, forced=False).status == "clean", firm.record(espo_id).fault


def no_conflict(firm: Firm, espo_id: str) -> None:
    assert not firm.record(espo_id).conflicts.exists()


# --- PUT


@pytest.mark.parametrize("fault", [*LOST, *NOT_DONE])
def test_a_lost_answer_of_a_put(firm: Firm, settled: tuple[str, int], fault: dict[str, Any]) -> None:
    espo_id, betnr = settled
    firm.sandbox.anna.change(espo_id, titel="Prof.")
    firm.sandbox.fault("advoware", method="PUT", **fault)
    assert firm.sync(espo_id).status == "failed"
    record = firm.record(espo_id)
    sent = [intent["field"] for intent in record.open_intents if intent["phase"] == "sent"]
    assert (record.kind, sent) == ("transient", ["titel"])
    again(firm, espo_id)
    assert firm.advo(betnr)["titel"] == firm.espo(espo_id)["titel"] == "Prof."
    no_conflict(firm, espo_id)
    assert [i for i in firm.record(espo_id).open_intents if i["phase"] == "sent"] == []
    firm.is_silent(espo_id)


@pytest.mark.parametrize("fault", LOST)
def test_it_arrived_and_is_not_written_again(firm: Firm, settled: tuple[str, int], fault: dict[str, Any]) -> None:
    espo_id, _betnr = settled
    firm.sandbox.anna.change(espo_id, titel="Prof.")
    firm.sandbox.fault("advoware", method="PUT", **fault)
    firm.sync(espo_id)
    firm.sandbox.clear_calls()
    again(firm, espo_id)
    assert "PUT" not in firm.counts()["advoware"]


def test_arrived_and_espocrm_went_on_it_is_an_edit_not_a_conflict(firm: Firm, settled: tuple[str, int]) -> None:
    espo_id, betnr = settled
    firm.sandbox.anna.change(espo_id, titel="Prof.")
    firm.sandbox.fault("advoware", "cut_after", method="PUT")
    firm.sync(espo_id)
    firm.sandbox.anna.change(espo_id, titel="Prof. Dr.")
    again(firm, espo_id)
    assert firm.advo(betnr)["titel"] == "Prof. Dr."
    no_conflict(firm, espo_id)


def test_arrived_and_advoware_went_on_it_flows_back(firm: Firm, settled: tuple[str, int]) -> None:
    espo_id, betnr = settled
    firm.sandbox.anna.change(espo_id, titel="Prof.")
    firm.sandbox.fault("advoware", "cut_after", method="PUT")
    firm.sync(espo_id)
    firm.sandbox.clerk.change(betnr, zusatz="c/o Meier")
    again(firm, espo_id)
    assert (firm.espo(espo_id)["zusatz"], firm.advo(betnr)["titel"]) == ("c/o Meier", "Prof.")
    no_conflict(firm, espo_id)


def test_set_back_after_a_lost_answer_is_a_conflict_and_logged(firm: Firm, settled: tuple[str, int]) -> None:
    """It shows the value from before, and somebody wrote since: lost, or set back? Nobody can tell."""
    espo_id, betnr = settled
    firm.sandbox.anna.change(espo_id, titel="Prof.")
    firm.sandbox.fault("advoware", "cut_after", method="PUT")
    firm.sync(espo_id)
    firm.sandbox.clerk.change(betnr, titel="Dr.")
    again(firm, espo_id)
    assert firm.advo(betnr)["titel"] == "Prof."
    assert firm.record(espo_id).conflicts.get().field == "titel"


def test_a_failed_look_in_between_does_not_lose_the_proof(firm: Firm, settled: tuple[str, int]) -> None:
    """The PUT arrived, its answer was lost; the next run cannot even read; then EspoCRM goes on."""
    espo_id, betnr = settled
    firm.settings.SYNC_CONFLICT_POLICY = {"stammdaten": "advoware_wins"}
    firm.sandbox.anna.change(espo_id, titel="Prof.")
    firm.sandbox.fault("advoware", "cut_after", method="PUT")
    firm.sync(espo_id)
    firm.sandbox.fault("advoware", "status", status=500, method="GET")
    assert firm.sync(espo_id).status == "failed"
    firm.sandbox.anna.change(espo_id, titel="Prof. Dr.")
    again(firm, espo_id)
    assert firm.advo(betnr)["titel"] == "Prof. Dr.", "a later edit, not a conflict that Advoware wins"
    no_conflict(firm, espo_id)


def test_a_refused_put_leaves_no_intent(firm: Firm, settled: tuple[str, int]) -> None:
    espo_id, betnr = settled
    firm.sandbox.anna.change(espo_id, titel="Prof.")
    firm.sandbox.fault("advoware", "status", status=400, method="PUT")
    firm.sync(espo_id)
    assert firm.record(espo_id).open_intents == []
    firm.sandbox.clerk.change(betnr, zusatz="c/o")
    assert firm.sync(espo_id).status == "clean"
    no_conflict(firm, espo_id)


def test_a_crash_after_the_put_is_a_lost_answer(firm: Firm, settled: tuple[str, int], meanwhile: Meanwhile) -> None:
    espo_id, betnr = settled
    firm.sandbox.anna.change(espo_id, titel="Prof.")

    meanwhile.after("advoware", "update", power_cut)
    with pytest.raises(SystemExit):
        firm.sync(espo_id)
    firm.expire_lease(espo_id)
    assert firm.sync(espo_id, forced=False).status == "clean"
    assert firm.advo(betnr)["titel"] == "Prof."
    no_conflict(firm, espo_id)


# --- PATCH


@pytest.mark.parametrize("fault", [*LOST, *NOT_DONE])
def test_a_lost_answer_of_a_patch(firm: Firm, settled: tuple[str, int], fault: dict[str, Any]) -> None:
    espo_id, betnr = settled
    firm.sandbox.clerk.change(betnr, titel="Prof.")
    firm.sandbox.fault("espocrm", method="PATCH", **fault)
    assert firm.sync(espo_id).status == "failed"
    again(firm, espo_id)
    assert firm.espo(espo_id)["titel"] == firm.advo(betnr)["titel"] == "Prof."
    no_conflict(firm, espo_id)
    firm.is_silent(espo_id)


def test_a_patch_that_arrived_and_advoware_went_on(firm: Firm, settled: tuple[str, int]) -> None:
    espo_id, betnr = settled
    firm.sandbox.clerk.change(betnr, titel="Prof.")
    firm.sandbox.fault("espocrm", "cut_after", method="PATCH")
    firm.sync(espo_id)
    firm.sandbox.clerk.change(betnr, titel="Prof. Dr.")
    again(firm, espo_id)
    assert firm.espo(espo_id)["titel"] == "Prof. Dr."
    no_conflict(firm, espo_id)


def test_a_patch_that_did_not_arrive_and_espocrm_shows_a_status_of_ours_since(
    firm: Firm, settled: tuple[str, int]
) -> None:
    """The failed run after the lost PATCH must not move the version that tells whether the PATCH arrived."""
    espo_id, betnr = settled
    firm.sandbox.clerk.change(betnr, titel="Prof.")
    firm.sandbox.fault("espocrm", "cut_before", method="PATCH")
    firm.sync(espo_id)
    firm.sandbox.fault("advoware", "status", status=403, method="GET")
    assert firm.sync(espo_id).status == "failed"
    assert firm.sync(espo_id).status == "clean"
    assert firm.espo(espo_id)["titel"] == firm.advo(betnr)["titel"] == "Prof."
    no_conflict(firm, espo_id)


def test_set_back_after_a_lost_patch_is_a_conflict_and_logged(firm: Firm, settled: tuple[str, int]) -> None:
    espo_id, betnr = settled
    firm.sandbox.clerk.change(betnr, titel="Prof.")
    firm.sandbox.fault("espocrm", "cut_after", method="PATCH")
    firm.sync(espo_id)
    firm.sandbox.anna.change(espo_id, titel="Dr.")
    again(firm, espo_id)
    assert firm.record(espo_id).conflicts.get().field == "titel"
    assert firm.espo(espo_id)["titel"] == firm.advo(betnr)["titel"] == "Dr."


def test_a_patch_without_the_time_of_sync_that_espocrm_refused_is_not_known_by_it(
    firm: Firm, settled: tuple[str, int]
) -> None:
    """It arrived with the time of before, which proves nothing: what somebody typed since would be written over."""
    espo_id, betnr = settled
    time.sleep(1.1)  # the time of sync has whole seconds
    firm.sandbox.clerk.change(betnr, titel="Prof.")
    reason = "Field validation failure; entityType: CBeteiligte, field: advowareLastSync, type: valid."
    firm.sandbox.fault("espocrm", "status", status=400, method="PATCH", headers={"X-Status-Reason": reason})
    firm.sandbox.fault("espocrm", "cut_after", method="PATCH")
    assert firm.sync(espo_id).status == "failed"
    assert firm.espo(espo_id)["titel"] == "Prof."
    firm.sandbox.anna.change(espo_id, titel="Dr.")
    again(firm, espo_id)
    assert firm.record(espo_id).conflicts.get().field == "titel"
    assert firm.espo(espo_id)["titel"] == firm.advo(betnr)["titel"] == "Dr."


def test_a_crash_after_the_patch_is_a_lost_answer(firm: Firm, settled: tuple[str, int], meanwhile: Meanwhile) -> None:
    espo_id, betnr = settled
    firm.sandbox.clerk.change(betnr, titel="Prof.")

    meanwhile.after("espocrm", "patch", power_cut)
    with pytest.raises(SystemExit):
        firm.sync(espo_id)
    firm.expire_lease(espo_id)
    assert firm.sync(espo_id, forced=False).status == "clean"
    assert firm.espo(espo_id)["titel"] == "Prof."
    no_conflict(firm, espo_id)
    assert [report["code"] for report in firm.record(espo_id).reports] == []


def test_after_a_put_a_lost_patch_carries_only_the_rest(firm: Firm, settled: tuple[str, int]) -> None:
    espo_id, betnr = settled
    firm.sandbox.anna.change(espo_id, titel="Prof.")
    firm.sandbox.clerk.change(betnr, zusatz="c/o")
    firm.sandbox.fault("espocrm", "cut_before", method="PATCH")
    firm.sync(espo_id)
    firm.sandbox.clear_calls()
    again(firm, espo_id)
    assert firm.counts() == {"espocrm": {"GET": 1, "PATCH": 1}, "advoware": {"GET": 1}}
    assert (firm.espo(espo_id)["zusatz"], firm.advo(betnr)["titel"]) == ("c/o", "Prof.")


# --- answers that only echo, that lack the rowId, that are lists


def test_an_answer_that_only_echoes_is_believed_for_one_look(firm: Firm, settled: tuple[str, int]) -> None:
    espo_id, betnr = settled
    firm.sandbox.advoware(put_answer_echoes=True)
    firm.sandbox.anna.change(espo_id, titel="Prof.")
    assert firm.sync(espo_id).status == "clean"
    firm.is_silent(espo_id)
    assert firm.advo(betnr)["titel"] == "Prof."


def test_what_was_echoed_but_not_stored_is_found_by_the_first_look(firm: Firm, settled: tuple[str, int]) -> None:
    """rowId equal: nobody wrote since, so what is read is the base; it neither flows back nor is sent again."""
    espo_id, betnr = settled
    firm.sandbox.advoware(put_answer_echoes=True, put_ignores=["titel"])
    firm.sandbox.anna.change(espo_id, titel="Prof.")
    assert firm.sync(espo_id).status == "clean"
    firm.is_silent(espo_id)
    assert (firm.espo(espo_id)["titel"], firm.advo(betnr)["titel"]) == ("Prof.", "Dr.")
    assert firm.record(espo_id).base_advo["titel"] == "Dr."
    firm.is_silent(espo_id)


def test_what_was_echoed_and_cut_short_is_ours(firm: Firm, settled: tuple[str, int]) -> None:
    espo_id, betnr = settled
    firm.sandbox.advoware(put_answer_echoes=True)
    firm.sandbox.anna.change(espo_id, zusatz="c/o Meier und Söhne")
    firm.sync(espo_id)
    firm.sandbox.clerk.change(betnr, zusatz="c/o Meier")
    assert firm.sync(espo_id).status == "clean"
    assert firm.espo(espo_id)["zusatz"] == "c/o Meier und Söhne"
    no_conflict(firm, espo_id)


def test_echoed_and_the_value_from_before_with_another_row_id_is_a_conflict(
    firm: Firm, settled: tuple[str, int]
) -> None:
    espo_id, betnr = settled
    firm.sandbox.advoware(put_answer_echoes=True, put_ignores=["titel"])
    firm.sandbox.anna.change(espo_id, titel="Prof.")
    firm.sync(espo_id)
    firm.sandbox.advoware(put_answer_echoes=False, put_ignores=[])
    firm.sandbox.clerk.change(betnr, kurzname="egal")
    assert firm.sync(espo_id).status == "clean"
    assert firm.record(espo_id).conflicts.get().field == "titel"
    assert firm.advo(betnr)["titel"] == "Prof."


def test_echoed_and_anything_else_is_a_persons_edit(firm: Firm, settled: tuple[str, int]) -> None:
    espo_id, betnr = settled
    firm.sandbox.advoware(put_answer_echoes=True)
    firm.sandbox.anna.change(espo_id, titel="Prof.")
    firm.sync(espo_id)
    firm.sandbox.clerk.change(betnr, titel="Dipl.-Ing.")
    assert firm.sync(espo_id).status == "clean"
    assert firm.espo(espo_id)["titel"] == "Dipl.-Ing."
    no_conflict(firm, espo_id)


def test_an_answer_without_row_id_costs_one_get(firm: Firm, settled: tuple[str, int]) -> None:
    espo_id, betnr = settled
    firm.sandbox.advoware(row_id_in_answers=False)
    firm.sandbox.anna.change(espo_id, titel="Prof.")
    firm.sandbox.clear_calls()
    assert firm.sync(espo_id).status == "clean"
    assert firm.counts()["advoware"] == {"GET": 2, "PUT": 1}
    assert firm.record(espo_id).row_id == firm.advo(betnr)["rowId"]


def test_its_row_id_is_kept_only_if_every_field_is_explained(
    firm: Firm, settled: tuple[str, int], meanwhile: Meanwhile
) -> None:
    espo_id, betnr = settled
    firm.sandbox.advoware(row_id_in_answers=False)
    firm.sandbox.anna.change(espo_id, titel="Prof.")
    meanwhile.after("advoware", "update", lambda: firm.sandbox.clerk.change(betnr, zusatz="schnell"))
    assert firm.sync(espo_id).status == "clean"
    assert firm.record(espo_id).row_id == ""
    assert firm.sync(espo_id).status == "clean"
    assert firm.espo(espo_id)["zusatz"] == "schnell"
    assert firm.record(espo_id).row_id == firm.advo(betnr)["rowId"]


def test_the_get_for_the_row_id_fails_and_the_put_counts_all_the_same(firm: Firm, settled: tuple[str, int]) -> None:
    espo_id, betnr = settled
    firm.sandbox.advoware(row_id_in_answers=False)
    firm.sandbox.anna.change(espo_id, titel="Prof.")
    firm.sandbox.fault("advoware", "status", status=500, method="GET", skip=1)
    assert firm.sync(espo_id).status == "failed"
    assert firm.record(espo_id).base_advo["titel"] == "Prof."
    again(firm, espo_id)
    no_conflict(firm, espo_id)
    assert firm.advo(betnr)["titel"] == "Prof."


def test_a_put_that_answers_a_list(firm: Firm, settled: tuple[str, int]) -> None:
    espo_id, betnr = settled
    firm.sandbox.advoware(put_answers_list=True)
    firm.sandbox.anna.change(espo_id, titel="Prof.")
    assert firm.sync(espo_id).status == "clean"
    assert firm.record(espo_id).row_id == firm.advo(betnr)["rowId"]
    firm.is_silent(espo_id)


def test_the_base_of_what_was_written_is_the_answer_not_a_later_look(
    firm: Firm, settled: tuple[str, int], meanwhile: Meanwhile
) -> None:
    """Somebody edits right after our PUT: a GET for the base would hide it."""
    espo_id, betnr = settled
    firm.sandbox.anna.change(espo_id, titel="Prof.")
    meanwhile.after("advoware", "update", lambda: firm.sandbox.clerk.change(betnr, titel="Dipl.-Ing."))
    firm.sync(espo_id)
    assert firm.record(espo_id).base_advo["titel"] == "Prof."
    firm.sync(espo_id)
    assert firm.espo(espo_id)["titel"] == "Dipl.-Ing."


def test_a_field_cleared_right_after_the_create_is_not_taken_for_ours(firm: Firm) -> None:
    """The first look after a POST: empty again, and somebody wrote: not taken, or cleared? Logged, and EspoCRM's."""
    espo_id, betnr = firm.pair()
    firm.sandbox.clerk.change(betnr, titel=None)
    assert firm.sync(espo_id).status == "clean"
    assert firm.record(espo_id).conflicts.get().field == "titel"
    assert firm.advo(betnr)["titel"] == "Dr."


def test_what_a_look_proved_outlives_a_write_that_is_refused(firm: Firm) -> None:
    """The proof is committed with the intents that it settled: else the next edit in Advoware looks like a conflict."""
    espo_id, betnr = firm.pair()
    firm.sandbox.anna.change(espo_id, titel="Prof. Dr.")
    firm.sandbox.fault("advoware", "cut_after", method="PUT")
    assert firm.sync(espo_id).status == "failed"
    firm.sandbox.anna.change(espo_id, vorname="Hans")
    firm.sandbox.fault("advoware", "status", status=403, method="PUT")
    assert firm.sync(espo_id).status == "failed"
    firm.sandbox.heal()
    firm.sandbox.clerk.change(betnr, titel="Dr. h. c.")
    assert firm.sync(espo_id).status == "clean"
    assert (firm.espo(espo_id)["titel"], firm.advo(betnr)["titel"]) == ("Dr. h. c.", "Dr. h. c.")
    assert not firm.record(espo_id).conflicts.filter(field="titel").exists()
