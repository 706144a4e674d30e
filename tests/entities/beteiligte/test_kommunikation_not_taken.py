"""Advoware says yes to a contact point and keeps another value: the record says so, and what to do."""

from collections.abc import Callable
from typing import Any

import pytest

from syncapp.models import Conflict, Notice
from syncapp.remotes.advoware.beteiligte import AdvowareKommunikation
from syncapp.remotes.advoware.client import AdvowareClient
from syncapp.words import sentences
from tests.entities.beteiligte.test_kommunikation import OFFICE, entry, phones, tlfs
from tests.scenarios.kommunikation.stage import REFUSAL
from tests.support.firm import Firm

NEW = {**OFFICE, "phoneNumber": "+495117777777"}


@pytest.fixture
def deaf(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Advoware's PUT leaves `tlf` as it is; what comes back lets it hear again."""
    real = AdvowareClient.update_kommunikation

    def update(
        client: AdvowareClient, bet_nr: int, held: AdvowareKommunikation, **values: Any
    ) -> AdvowareKommunikation:
        return real(client, bet_nr, held, **{**values, "tlf": held.tlf})

    monkeypatch.setattr(AdvowareClient, "update_kommunikation", update)
    return monkeypatch.undo


def puts(firm: Firm) -> int:
    return firm.counts()["advoware"].get("PUT", 0)


def says(firm: Firm, espo_id: str) -> str:
    record = firm.record(espo_id)
    assert (record.status, record.kind) == ("failed", "validation")
    return f"{sentences.sentence(record.fault, values=True)} {sentences.advice(record.kind, record.fault)}"


def test_a_changed_number_that_is_not_taken_fails_the_record_and_is_sent_once(
    firm: Firm, deaf: Callable[[], None]
) -> None:
    espo_id, betnr = firm.pair(phoneNumberData=[OFFICE])
    stored = firm.record(espo_id).kommunikation_hash
    firm.sandbox.anna.change(espo_id, phoneNumberData=[NEW])
    firm.sync(espo_id)
    assert "Advoware hat die Telefonnummer +495117777777 bestätigt" in says(firm, espo_id)
    assert "Nehmen Sie dieselbe Änderung in Advoware von Hand vor" in says(firm, espo_id)
    assert puts(firm) == 2, "the value, and the marker of before"
    assert firm.record(espo_id).kommunikation_hash == stored == firm.espo(espo_id)["kommunikationHash"]
    firm.sandbox.clear_calls()
    firm.sandbox.anna.change(espo_id, titel="Prof.")
    firm.sync(espo_id)
    assert puts(firm) == 1, "the title alone"
    assert "Advoware hat die Telefonnummer +495117777777 bestätigt" in says(firm, espo_id)
    assert (tlfs(firm, betnr), phones(firm, espo_id)) == (["+495111234567"], ["+495117777777"])
    assert Notice.objects.filter(record__espo_id=espo_id).count() == 1


def test_put_right_in_advoware_by_hand_the_record_is_clean(firm: Firm, deaf: Callable[[], None]) -> None:
    espo_id, betnr = firm.pair(phoneNumberData=[OFFICE])
    firm.sandbox.anna.change(espo_id, phoneNumberData=[NEW])
    firm.sync(espo_id)
    deaf()
    firm.sandbox.clerk.change_contact(betnr, entry(firm, betnr, "+495111234567")["id"], tlf="0511 7777777", online=True)
    assert firm.sync(espo_id).status == "clean"
    firm.is_silent(espo_id)


def test_what_espocrm_keeps_because_it_refused_the_other_value_is_not_logged_as_lost(
    firm: Firm, deaf: Callable[[], None]
) -> None:
    """Advoware had kept the old number; somebody enters a third one there, and EspoCRM does not take that."""
    espo_id, betnr = firm.pair(phoneNumberData=[OFFICE])
    firm.sandbox.anna.change(espo_id, phoneNumberData=[NEW])
    firm.sync(espo_id)
    deaf()
    firm.sandbox.clerk.change_contact(betnr, entry(firm, betnr, "+495111234567")["id"], tlf="0511 9999999", online=True)
    firm.sandbox.fault(
        "espocrm",
        "status",
        method="PATCH",
        status=400,
        headers={"X-Status-Reason": REFUSAL.format(field="phoneNumber")},
        body='{"messageTranslation": {"data": {"field": "phoneNumber", "type": "valid"}}}',
    )
    firm.sync(espo_id)
    assert (phones(firm, espo_id), tlfs(firm, betnr)) == (["+495117777777"], ["0511 9999999"])
    assert not Conflict.objects.exists()
    firm.sandbox.clerk.change_contact(betnr, entry(firm, betnr, "0511 9999999")["id"], tlf="0511 8888888", online=True)
    firm.sync(espo_id)
    assert phones(firm, espo_id) == ["+495118888888"]
    assert [(lost.espo, lost.kept) for lost in Conflict.objects.all()] == [("+495117777777", "advoware")]


def test_a_deleted_number_that_advoware_keeps_does_not_come_back(firm: Firm, deaf: Callable[[], None]) -> None:
    espo_id, betnr = firm.pair(phoneNumberData=[OFFICE, {"phoneNumber": "+491701234567", "type": "Mobile"}])
    firm.sandbox.anna.change(espo_id, phoneNumberData=[OFFICE])
    firm.sync(espo_id)
    firm.sandbox.clear_calls()
    for _ in range(3):
        firm.sync(espo_id)
        assert "dass die Telefonnummer +491701234567 geleert ist, und hat sie noch" in says(firm, espo_id)
    assert puts(firm) == 0
    assert phones(firm, espo_id) == ["+495111234567"]
    assert "+491701234567" in tlfs(firm, betnr)
    assert Notice.objects.filter(record__espo_id=espo_id).count() == 1


def test_a_new_number_that_advoware_cuts_is_told(firm: Firm, monkeypatch: pytest.MonkeyPatch) -> None:
    real = AdvowareClient.create_kommunikation

    def create(client: AdvowareClient, bet_nr: int, **values: Any) -> AdvowareKommunikation:
        return real(client, bet_nr, **{**values, "tlf": values["tlf"][:9]})

    monkeypatch.setattr(AdvowareClient, "create_kommunikation", create)
    espo_id, betnr = firm.pair()
    firm.sandbox.anna.change(espo_id, phoneNumberData=[OFFICE])
    for _ in range(2):
        firm.sync(espo_id)
        assert "Advoware hat die Telefonnummer +495111234567 bestätigt" in says(firm, espo_id)
    assert (tlfs(firm, betnr), phones(firm, espo_id)) == (["+49511123"], ["+495111234567"])
