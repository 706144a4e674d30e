"""No base: linked by an earlier system, our database lost, or yesterday's copy of it restored."""

import time
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from syncapp.models import SyncRecord
from tests.support.firm import Firm


def forget(firm: Firm, espo_id: str) -> None:
    """Our database is lost: nothing is known of the record but what both systems show."""
    firm.record(espo_id).delete()


@pytest.fixture
def pair(firm: Firm) -> tuple[str, int]:
    """A record that was synced a while ago: EspoCRM's times have whole seconds, so edits must come a second later."""
    pair = firm.pair()
    time.sleep(1.1)
    forget(firm, pair[0])
    return pair


def case(firm: Firm, espo_id: str) -> str:
    return firm.record(espo_id).conflicts.get().case


def test_equal_values_are_adopted_without_a_write(firm: Firm, pair: tuple[str, int]) -> None:
    espo_id, betnr = pair
    firm.sandbox.clear_calls()
    assert firm.sync(espo_id).status == "clean"
    assert firm.counts() == {"espocrm": {"GET": 1}, "advoware": {"GET": 1}}
    record = firm.record(espo_id)
    assert (record.betnr, record.base_espo["titel"], record.base_advo["titel"]) == (betnr, "Dr.", "Dr.")


def test_only_espocrm_changed_its_values_go_over(firm: Firm, pair: tuple[str, int]) -> None:
    espo_id, betnr = pair
    firm.sandbox.anna.change(espo_id, titel="Prof.", zusatz="")
    assert firm.sync(espo_id).status == "clean"
    assert firm.advo(betnr)["titel"] == "Prof."
    assert not firm.record(espo_id).conflicts.exists()


def test_only_advoware_changed_its_values_go_over(firm: Firm, pair: tuple[str, int]) -> None:
    espo_id, betnr = pair
    firm.sandbox.clerk.change(betnr, titel="Prof.", bAnrede=None)
    assert firm.sync(espo_id).status == "clean"
    assert (firm.espo(espo_id)["titel"], firm.espo(espo_id)["bAnrede"]) == ("Prof.", None)
    assert not firm.record(espo_id).conflicts.exists()


def test_both_changed_where_one_side_is_empty_the_others_value_is_taken(firm: Firm, pair: tuple[str, int]) -> None:
    espo_id, betnr = pair
    firm.sandbox.anna.change(espo_id, zusatz="aus EspoCRM", titel=None)
    firm.sandbox.clerk.change(betnr, bAnrede="", rechtsform="natürliche Person")
    assert firm.sync(espo_id).status == "clean"
    for shown in (firm.espo(espo_id), firm.advo(betnr)):
        assert (shown["zusatz"], shown["titel"], shown["rechtsform"]) == ("aus EspoCRM", "Dr.", "natürliche Person")
        assert shown["bAnrede"] == "Sehr geehrter Herr Dr. Müller-Lüdenscheidt"


def test_both_changed_and_differing_is_a_conflict(firm: Firm, pair: tuple[str, int]) -> None:
    espo_id, betnr = pair
    firm.sandbox.anna.change(espo_id, titel="aus EspoCRM")
    firm.sandbox.clerk.change(betnr, titel="aus Advoware")
    assert firm.sync(espo_id).status == "clean"
    assert firm.advo(betnr)["titel"] == "aus EspoCRM"
    assert case(firm, espo_id) == "both_changed"


def test_differing_though_neither_side_signals_a_change_is_a_conflict(firm: Firm, pair: tuple[str, int]) -> None:
    espo_id, betnr = pair
    firm.sandbox.clerk.change(betnr, titel="unbemerkt")
    firm.sandbox.anna.change(espo_id, advowareRowId=firm.advo(betnr)["rowId"])
    as_bot(firm, espo_id)
    assert firm.sync(espo_id).status == "clean"
    assert case(firm, espo_id) == "differs_unsignalled"
    assert firm.advo(betnr)["titel"] == "Dr."


def as_bot(firm: Firm, espo_id: str) -> None:
    """The last write in EspoCRM is our own user's."""
    from demo.people import Staff

    Staff(firm.sandbox.origin, key="sandbox-espo-key").change(espo_id, description="vom Abgleich")


def test_our_own_users_write_does_not_count_as_a_change(firm: Firm, pair: tuple[str, int]) -> None:
    espo_id, betnr = pair
    as_bot(firm, espo_id)
    firm.sandbox.clerk.change(betnr, titel="Prof.")
    assert firm.sync(espo_id).status == "clean"
    assert firm.espo(espo_id)["titel"] == "Prof."


def test_without_row_id_the_time_of_change_tells(firm: Firm, pair: tuple[str, int]) -> None:
    """Advoware's clock times carry no zone: they are Berlin's, as the setting says."""
    espo_id, betnr = pair
    firm.sandbox.anna.change(espo_id, advowareRowId=None, titel="Prof.")
    assert firm.sync(espo_id).status == "clean"
    assert firm.advo(betnr)["titel"] == "Prof."
    assert not firm.record(espo_id).conflicts.exists()


def test_without_any_sign_of_advoware_both_may_have_changed(firm: Firm, pair: tuple[str, int]) -> None:
    espo_id, _betnr = pair
    firm.sandbox.advoware(omit_geaendertAm=True)
    firm.sandbox.anna.change(espo_id, advowareRowId=None, titel="Prof.")
    assert firm.sync(espo_id).status == "clean"
    assert case(firm, espo_id) == "both_changed"


def test_a_betnr_that_was_never_synced_is_both_changed(firm: Firm) -> None:
    """Typed in by hand: no time, no rowId. Nothing is overwritten by assumption."""
    made = firm.sandbox.clerk.create(name="Müller-Lüdenscheidt", vorname="Jürgen", titel="Dipl.-Ing.", zusatz="c/o")
    espo_id = firm.new(betnr=made["betNr"])
    assert firm.sync(espo_id).status == "clean"
    assert len(firm.sandbox.state()["advoware"]) == 1
    held = firm.advo(made["betNr"])
    assert (held["titel"], held["zusatz"]) == ("Dr.", "c/o")
    assert firm.espo(espo_id)["zusatz"] == "c/o"
    assert firm.record(espo_id).conflicts.get().field == "titel"
    firm.is_silent(espo_id)


def copied(espo_id: str) -> dict[str, Any]:
    """The record's row as a backup has it; what EspoCRM remembers of a later sync is told apart by the second."""
    found: dict[str, Any] = SyncRecord.objects.filter(espo_id=espo_id).values().get()
    time.sleep(1.1)
    return found


def put_back(row: dict[str, Any]) -> None:
    SyncRecord.objects.filter(pk=row["id"]).update(**{name: value for name, value in row.items() if name != "id"})


def test_yesterdays_copy_of_our_database_is_a_stale_base(firm: Firm) -> None:
    espo_id, betnr = firm.pair()
    yesterday = copied(espo_id)
    firm.sandbox.clerk.change(betnr, titel="gestern Abend")
    firm.sync(espo_id)
    time.sleep(1.1)
    put_back(yesterday)
    firm.sandbox.anna.change(espo_id, zusatz="heute früh")
    firm.sandbox.clear_calls()
    assert firm.sync(espo_id).status == "clean"
    record = firm.record(espo_id)
    assert {"code": "stale_base", "params": {}} in record.reports
    assert not record.conflicts.exists(), "titel is equal on both sides, whatever yesterday's base says"
    assert (firm.advo(betnr)["zusatz"], firm.advo(betnr)["titel"]) == ("heute früh", "gestern Abend")


def test_a_stale_base_does_not_bring_back_what_was_cleared_since(firm: Firm) -> None:
    espo_id, betnr = firm.pair()
    yesterday = copied(espo_id)
    firm.sandbox.anna.change(espo_id, titel=None)
    firm.sync(espo_id)
    put_back(yesterday)
    firm.sandbox.clear_calls()
    assert firm.sync(espo_id).status == "clean"
    assert (firm.espo(espo_id)["titel"], firm.advo(betnr)["titel"]) == (None, "")


def test_a_stale_base_and_a_number_that_espocrm_refuses_cost_no_other_number(firm: Firm) -> None:
    """What the run has just marked counts as new in the list that goes again, not as deleted in EspoCRM."""
    espo_id, betnr = firm.pair(phoneNumberData=[{"phoneNumber": "+495111234567", "type": "Office", "primary": True}])
    yesterday = copied(espo_id)
    firm.sandbox.clerk.change(betnr, titel="gestern Abend")
    firm.sync(espo_id)
    time.sleep(1.1)
    put_back(yesterday)
    firm.sandbox.anna.change(espo_id, zusatz="heute früh")
    for tlf in ("0511 666666", "0511 777777"):
        firm.sandbox.clerk.add_contact(betnr, tlf=tlf, kommKz=1, online=True)
    reason = "Field validation failure; entityType: CBeteiligte, field: phoneNumber, type: valid."
    firm.sandbox.fault("espocrm", "status", status=400, headers={"X-Status-Reason": reason}, method="PATCH")
    assert firm.sync(espo_id).status == "clean"
    shown = sorted(row["phoneNumber"] for row in firm.espo(espo_id)["phoneNumberData"])
    assert shown == ["+495111234567", "+49511666666"]
    assert [entry["tlf"] for entry in firm.advo(betnr)["kommunikation"]][1:] == ["0511 666666", "0511 777777"]
    assert not firm.record(espo_id).conflicts.exists()


def test_our_own_patch_whose_answer_was_lost_does_not_make_the_base_stale(firm: Firm) -> None:
    espo_id, _betnr = firm.pair()
    time.sleep(1.1)
    firm.sandbox.anna.change(espo_id, titel="Prof.")
    firm.sandbox.fault("espocrm", "cut_after", method="PATCH")
    assert firm.sync(espo_id).status == "failed"
    assert firm.sync(espo_id).status == "clean"
    assert "stale_base" not in [report["code"] for report in firm.record(espo_id).reports]


def test_a_mapping_that_has_changed_means_no_base_for_that_field(firm: Firm) -> None:
    espo_id, betnr = firm.pair()
    time.sleep(1.1)
    firm.sandbox.anna.change(espo_id, description="aus einem anderen Feld")
    firm.settings.ESPOCRM_FIELD_MAP = {"zusatz": "description"}
    assert firm.sync(espo_id).status == "clean"
    assert firm.advo(betnr)["zusatz"] == "aus einem anderen Feld"
    assert firm.record(espo_id).base_versions["zusatz"] != firm.record(espo_id).base_versions["titel"]


def test_a_base_that_is_young_enough_is_not_stale(firm: Firm) -> None:
    espo_id, _betnr = firm.pair()
    SyncRecord.objects.filter(espo_id=espo_id).update(last_synced_at=timezone.now() + timedelta(hours=1))
    firm.sync(espo_id)
    assert firm.record(espo_id).reports == []
