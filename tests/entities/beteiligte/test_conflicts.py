"""Conflicts: logged before they are settled, settled by the rule, decided by a person, closed when the sides agree."""

from typing import Any

import pytest

from syncapp.core.sides import Side
from syncapp.core.systems import System
from syncapp.engine import control
from syncapp.models import Conflict, Notice
from syncapp.operations.actions import ActionContext, ActionRefused, perform
from syncapp.operations.actions.conflicts import decide, decide_instead, take_back
from syncapp.remotes.espocrm.client import EspoClient
from syncapp.remotes.http.errors import Transient
from tests.support.firm import Firm
from tests.support.meanwhile import Meanwhile

BOSS = ActionContext(actor="boss", reason="asked the client")


def both_change(firm: Firm, **more: object) -> tuple[str, int]:
    """A pair whose titel differs on both sides, and that nobody has synced since."""
    espo_id, betnr = firm.pair()
    firm.sync(espo_id)
    firm.sandbox.anna.change(espo_id, titel="aus EspoCRM")
    firm.sandbox.clerk.change(betnr, titel="aus Advoware", **more)
    firm.sandbox.clear_calls()
    return espo_id, betnr


def only_conflict(firm: Firm, espo_id: str) -> Conflict:
    return firm.record(espo_id).conflicts.get()


def test_espocrm_wins_by_default(firm: Firm) -> None:
    espo_id, betnr = both_change(firm, zusatz="bleibt")
    assert firm.sync(espo_id).status == "clean"
    assert (firm.advo(betnr)["titel"], firm.espo(espo_id)["titel"]) == ("aus EspoCRM", "aus EspoCRM")
    assert firm.espo(espo_id)["zusatz"] == "bleibt", "the other fields merge"
    logged = only_conflict(firm, espo_id)
    assert (logged.base_espo, logged.base_advo) == ("Dr.", "Dr.")
    assert (logged.espo, logged.advo, logged.kept) == ("aus EspoCRM", "aus Advoware", "espocrm")
    assert (logged.open, logged.policy, logged.case) == (False, "espocrm_wins", "both_changed")


def test_advoware_wins_where_the_setting_says_so(firm: Firm) -> None:
    firm.settings.SYNC_CONFLICT_POLICY = {"stammdaten": "advoware_wins"}
    espo_id, betnr = both_change(firm)
    assert firm.sync(espo_id).status == "clean"
    assert firm.espo(espo_id)["titel"] == firm.advo(betnr)["titel"] == "aus Advoware"
    assert only_conflict(firm, espo_id).kept == "advoware"


def test_the_conflict_is_in_the_log_before_the_loser_is_overwritten(firm: Firm, meanwhile: Meanwhile) -> None:
    espo_id, _betnr = both_change(firm)
    logged: list[int] = []
    meanwhile.before("advoware", "update", lambda: logged.append(Conflict.objects.count()))
    firm.sync(espo_id)
    assert logged == [1]


def test_in_scope_record_espocrms_whole_record_wins(firm: Firm) -> None:
    firm.settings.SYNC_CONFLICT_SCOPE = "record"
    espo_id, betnr = firm.pair()
    firm.sync(espo_id)
    firm.sandbox.anna.change(espo_id, titel="aus EspoCRM")
    firm.sandbox.clerk.change(betnr, zusatz="aus Advoware")
    assert firm.sync(espo_id).status == "clean"
    assert (firm.advo(betnr)["titel"], firm.advo(betnr)["zusatz"]) == ("aus EspoCRM", "")
    assert only_conflict(firm, espo_id).advo == "aus Advoware"


def test_in_scope_record_one_side_alone_is_carried(firm: Firm) -> None:
    firm.settings.SYNC_CONFLICT_SCOPE = "record"
    espo_id, betnr = firm.pair()
    firm.sync(espo_id)
    firm.sandbox.clerk.change(betnr, zusatz="aus Advoware")
    assert firm.sync(espo_id).status == "clean"
    assert firm.espo(espo_id)["zusatz"] == "aus Advoware"


def test_the_user_is_told_which_field_was_replaced(firm: Firm) -> None:
    espo_id, _betnr = both_change(firm)
    firm.sync(espo_id)
    (notice,) = firm.record(espo_id).notices.all()
    assert (notice.event, notice.params) == ("conflict_settled", {"fields": ["titel"]})
    assert notice.sent_at is not None


def test_the_loser_can_be_restored(firm: Firm) -> None:
    from syncapp.operations.actions.conflicts import restore

    espo_id, betnr = both_change(firm)
    firm.sync(espo_id)
    restore(conflict=only_conflict(firm, espo_id), action_context=BOSS)
    assert firm.espo(espo_id)["titel"] == "aus Advoware"
    assert firm.sync(espo_id, forced=False).status == "clean"
    assert firm.advo(betnr)["titel"] == "aus Advoware"


# --- manual


@pytest.fixture
def manual(firm: Firm) -> Firm:
    firm.settings.SYNC_CONFLICT_POLICY = {"stammdaten": "manual"}
    return firm


def test_manual_holds_only_the_fields_in_conflict(manual: Firm) -> None:
    espo_id, betnr = both_change(manual, zusatz="geht weiter")
    assert manual.sync(espo_id).status == "conflict"
    assert (manual.espo(espo_id)["titel"], manual.advo(betnr)["titel"]) == ("aus EspoCRM", "aus Advoware")
    assert manual.espo(espo_id)["zusatz"] == "geht weiter"
    assert manual.espo(espo_id)["syncStatus"] == "conflict"
    held = only_conflict(manual, espo_id)
    assert (held.open, held.kept) == (True, "")


def test_a_held_field_stays_held_and_is_told_once(manual: Firm) -> None:
    espo_id, betnr = both_change(manual)
    manual.sync(espo_id)
    manual.sandbox.anna.change(espo_id, zusatz="weiter")
    assert manual.sync(espo_id).status == "conflict"
    assert manual.advo(betnr)["zusatz"] == "weiter"
    assert Conflict.objects.count() == 1
    assert [notice.event for notice in manual.record(espo_id).notices.all()] == ["conflict_open"]


@pytest.mark.parametrize("keep, value", [(Side.espocrm, "aus EspoCRM"), (Side.advoware, "aus Advoware")])
def test_a_decision_is_carried(manual: Firm, keep: Side, value: str) -> None:
    espo_id, betnr = both_change(manual)
    manual.sync(espo_id)
    decide(conflict=only_conflict(manual, espo_id), keep=keep, action_context=BOSS)
    assert manual.record(espo_id).status == "dirty"
    assert manual.sync(espo_id, forced=False).status == "clean"
    assert manual.espo(espo_id)["titel"] == manual.advo(betnr)["titel"] == value
    settled = only_conflict(manual, espo_id)
    assert (settled.open, settled.kept) == (False, keep)
    assert manual.record(espo_id).decisions == {}
    manual.is_silent(espo_id)


def test_a_decision_holds_only_for_the_values_that_were_shown(manual: Firm) -> None:
    espo_id, betnr = both_change(manual)
    manual.sync(espo_id)
    decide(conflict=only_conflict(manual, espo_id), keep=Side.espocrm, action_context=BOSS)
    manual.sandbox.clerk.change(betnr, titel="noch anders")
    assert manual.sync(espo_id, forced=False).status == "conflict"
    assert manual.advo(betnr)["titel"] == "noch anders"
    held = Conflict.objects.get(open=True)
    assert (held.espo, held.advo) == ("aus EspoCRM", "noch anders")


def test_a_conflict_whose_values_move_on_is_replaced_by_one_with_todays_values(manual: Firm) -> None:
    espo_id, _betnr = both_change(manual)
    manual.sync(espo_id)
    manual.sandbox.anna.change(espo_id, titel="später")
    assert manual.sync(espo_id).status == "conflict"
    assert Conflict.objects.get(open=True).espo == "später"
    assert Conflict.objects.filter(open=False).count() == 1


def test_a_conflict_whose_sides_have_come_to_agree_closes_itself(manual: Firm) -> None:
    espo_id, betnr = both_change(manual)
    manual.sync(espo_id)
    manual.sandbox.clerk.change(betnr, titel="aus EspoCRM")
    assert manual.sync(espo_id).status == "clean"
    settled = only_conflict(manual, espo_id)
    assert (settled.open, settled.kept) == (False, "agreed")
    assert manual.espo(espo_id)["syncStatus"] == "clean"


def test_a_conflict_cannot_be_decided_twice(manual: Firm) -> None:
    espo_id, _betnr = both_change(manual)
    manual.sync(espo_id)
    shown = only_conflict(manual, espo_id)
    decide(conflict=shown, keep=Side.espocrm, action_context=BOSS)
    with pytest.raises(ActionRefused):
        decide(conflict=shown, keep=Side.advoware, action_context=BOSS)


def test_what_is_decided_while_a_run_goes_on_is_for_the_next_run(manual: Firm, meanwhile: Meanwhile) -> None:
    """The run that is under way has not seen the decision, so it must not clear it."""
    from syncapp.models import SyncRecord

    espo_id, betnr = both_change(manual)
    manual.sync(espo_id)
    choice = {"titel": {"keep": "espocrm", "espo": "aus EspoCRM", "advo": "aus Advoware"}}
    manual.sandbox.anna.change(espo_id, zusatz="weiter")

    def decide_now() -> None:
        SyncRecord.objects.filter(espo_id=espo_id).update(decisions=choice, override="everything_from_espocrm")
        manual.ask(espo_id)

    meanwhile.before("advoware", "update", decide_now)
    assert manual.sync(espo_id).status == "dirty"
    record = manual.record(espo_id)
    assert (record.decisions, record.override) == (choice, "everything_from_espocrm")
    assert manual.sync(espo_id, forced=False).status == "clean"
    assert manual.advo(betnr)["titel"] == "aus EspoCRM"
    assert (manual.record(espo_id).decisions, manual.record(espo_id).override) == ({}, "")


# --- everything from one side


@pytest.mark.parametrize("side, value", [("espocrm", "aus EspoCRM"), ("advoware", "aus Advoware")])
def test_everything_from_one_side_for_one_run(firm: Firm, side: str, value: str) -> None:
    espo_id, betnr = firm.pair()
    firm.sync(espo_id)
    firm.sandbox.anna.change(espo_id, titel="aus EspoCRM", zusatz="E")
    firm.sandbox.clerk.change(betnr, titel="aus Advoware", bAnrede="A")
    perform(code=f"everything_from_{side}", record=firm.record(espo_id), action_context=BOSS)
    assert firm.sync(espo_id, forced=False).status == "clean"
    assert firm.espo(espo_id)["titel"] == firm.advo(betnr)["titel"] == value
    assert (firm.espo(espo_id)["bAnrede"] == "A") is (side == "advoware")
    assert firm.record(espo_id).override == ""
    assert firm.record(espo_id).conflicts.filter(open=False).exists(), "what was overruled can be restored"
    firm.is_silent(espo_id)


def test_an_order_outlives_a_failed_run(firm: Firm) -> None:
    espo_id, betnr = firm.pair()
    firm.sync(espo_id)
    firm.sandbox.clerk.change(betnr, titel="aus Advoware")
    perform(code="everything_from_espocrm", record=firm.record(espo_id), action_context=BOSS)
    firm.sandbox.fault("advoware", "status", status=500, method="PUT")
    assert firm.sync(espo_id).status == "failed"
    assert firm.record(espo_id).override == "everything_from_espocrm"
    assert firm.sync(espo_id).status == "clean"
    assert firm.advo(betnr)["titel"] == "Dr."


# --- neither: this value instead


def test_a_value_of_ones_own_is_written_to_both_sides(manual: Firm) -> None:
    espo_id, betnr = both_change(manual)
    manual.sync(espo_id)
    held = only_conflict(manual, espo_id)
    assert held.espo_by
    assert held.espo_changed_at is not None
    assert held.advo_changed_at is not None
    decide_instead(conflict=held, entered=" von Hand ", action_context=BOSS)
    assert manual.sync(espo_id, forced=False).status == "clean"
    assert manual.espo(espo_id)["titel"] == manual.advo(betnr)["titel"] == "von Hand"
    settled = only_conflict(manual, espo_id)
    assert (settled.open, settled.kept, settled.entered) == (False, "neither", "von Hand")
    assert manual.record(espo_id).decisions == {}
    manual.is_silent(espo_id)


@pytest.mark.parametrize("system, method", [("advoware", "PUT"), ("espocrm", "PATCH")])
def test_a_value_of_ones_own_survives_a_lost_answer(manual: Firm, system: str, method: str) -> None:
    """Wherever the run stops in between, the next one brings the value to the side that lacks it."""
    espo_id, betnr = both_change(manual)
    manual.sync(espo_id)
    decide_instead(conflict=only_conflict(manual, espo_id), entered="von Hand", action_context=BOSS)
    manual.sandbox.fault(system, "cut_after", method=method)
    assert manual.sync(espo_id, forced=False).status != "clean"
    assert manual.sync(espo_id).status == "clean"
    assert manual.espo(espo_id)["titel"] == manual.advo(betnr)["titel"] == "von Hand"
    manual.is_silent(espo_id)


@pytest.mark.parametrize("entered", ["x" * 51, "aus EspoCRM", "aus Advoware"])
def test_a_value_that_cannot_be_or_stands_there_already_is_refused(manual: Firm, entered: str) -> None:
    espo_id, _betnr = both_change(manual)
    manual.sync(espo_id)
    held = only_conflict(manual, espo_id)
    with pytest.raises(ActionRefused):
        decide_instead(conflict=held, entered=entered, action_context=BOSS)
    held.refresh_from_db()
    assert held.open


def test_a_decision_waits_while_a_side_is_not_written(manual: Firm) -> None:
    """It is not asked for again when that side may be written: it was decided."""
    espo_id, betnr = both_change(manual)
    manual.sync(espo_id)
    decide_instead(conflict=only_conflict(manual, espo_id), entered="von Hand", action_context=BOSS)
    control.hold_side(side="advoware", held=True, by="boss", reason="Update")
    manual.sync(espo_id, forced=False)
    assert manual.advo(betnr)["titel"] == "aus Advoware"
    control.hold_side(side="advoware", held=False, by="boss")
    assert manual.sync(espo_id).status == "clean"
    assert manual.espo(espo_id)["titel"] == manual.advo(betnr)["titel"] == "von Hand"
    assert Conflict.objects.count() == 1


# --- taken back


def test_a_decision_that_no_run_has_carried_is_taken_back(manual: Firm) -> None:
    espo_id, betnr = both_change(manual)
    manual.sync(espo_id)
    decide(conflict=only_conflict(manual, espo_id), keep=Side.espocrm, action_context=BOSS)
    take_back(conflict=only_conflict(manual, espo_id), action_context=BOSS)
    assert manual.sync(espo_id, forced=False).status == "conflict"
    assert manual.advo(betnr)["titel"] == "aus Advoware"
    again = only_conflict(manual, espo_id)
    assert (again.open, again.kept, again.decided_by) == (True, "", None)


def test_what_a_run_has_carried_is_not_taken_back(manual: Firm) -> None:
    espo_id, _betnr = both_change(manual)
    manual.sync(espo_id)
    decide(conflict=only_conflict(manual, espo_id), keep=Side.espocrm, action_context=BOSS)
    manual.sync(espo_id, forced=False)
    with pytest.raises(ActionRefused):
        take_back(conflict=only_conflict(manual, espo_id), action_context=BOSS)


def test_a_value_that_gave_way_is_told_though_the_run_fails_after_it(
    firm: Firm, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The next run finds both sides equal, and no conflict to tell of."""
    espo_id, betnr = firm.pair()
    firm.sandbox.anna.change(espo_id, titel="Prof.", zusatz="c/o")
    firm.sandbox.clerk.change(betnr, titel="Mag.", anrede="Frau")
    with monkeypatch.context() as broken:
        broken.setattr(EspoClient, "patch", _refuse)
        assert firm.sync(espo_id).status == "failed"
    assert firm.advo(betnr)["titel"] == "Prof."
    assert firm.sync(espo_id).status == "clean"
    told = [notice for notice in Notice.objects.all() if notice.event == "conflict_settled"]
    assert [notice.params["fields"] for notice in told] == [["titel"]]


def test_what_gave_way_on_either_side_is_told_in_one_notice(firm: Firm) -> None:
    """EspoCRM's title stays, Advoware's form of address does: to the one who reads it that is one run of one record."""
    firm.settings.SYNC_CONFLICT_POLICY = {"*": "espocrm_wins", "anrede": "advoware_wins"}
    espo_id, betnr = firm.pair()
    firm.sandbox.anna.change(espo_id, titel="Prof.", anrede="Frau")
    firm.sandbox.clerk.change(betnr, titel="Mag.", anrede="Eheleute")
    assert firm.sync(espo_id).status == "clean"
    assert (firm.advo(betnr)["titel"], firm.espo(espo_id)["anrede"]) == ("Prof.", "Eheleute")
    told = [(notice.event, notice.params) for notice in Notice.objects.all()]
    assert told == [("conflict_settled", {"fields": ["anrede", "titel"]})]


def _refuse(*_args: Any, **_options: Any) -> Any:
    raise Transient("gone", system=System.ESPOCRM, operation="PATCH")
