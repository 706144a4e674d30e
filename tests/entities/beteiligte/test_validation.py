"""Before any write: what is wrong is named, all of it, and nothing is written. Our own bookkeeping never blocks."""

import pytest
from django.utils import timezone, translation

from syncapp.entities.beteiligte.probes import remote_metadata
from syncapp.models import RemoteFact
from syncapp.operations.previews.record_preview import record_preview
from syncapp.words import sentences
from syncapp.words.runs.summary import remark_words
from tests.entities.beteiligte.test_other_habits import take_up
from tests.support.firm import Firm


def test_every_fault_is_named_in_one_message(firm: Firm) -> None:
    espo_id, betnr = firm.pair()
    firm.sandbox.anna.change(
        espo_id, vorname="x" * 31, rechtsform="Limited", geburtsdatum="2999-01-01", zusatz="y" * 101
    )
    firm.sandbox.clear_calls()
    assert firm.sync(espo_id).status == "failed"
    assert "PUT" not in firm.counts()["advoware"]
    record = firm.record(espo_id)
    assert (record.kind, record.next_retry_at) == ("validation", None)
    message = firm.espo(espo_id)["syncErrorMessage"]
    for word in ("Vorname", "30", "Rechtsform", "Geburtsdatum", "Zusatz", "100"):
        assert word in message
    assert firm.espo(espo_id)["syncStatus"] == "failed"
    assert firm.advo(betnr)["vorname"] == "Jürgen"


def test_what_advoware_holds_is_checked_before_it_goes_to_espocrm(firm: Firm) -> None:
    espo_id, betnr = firm.pair()
    firm.sandbox.clerk.change(betnr, geburtsdatum="2999-01-01T00:00:00")
    assert firm.sync(espo_id).status == "failed"
    assert firm.record(espo_id).kind == "validation"
    assert firm.espo(espo_id)["geburtsdatum"] == "1961-04-12"


def test_a_corrected_record_is_synced_and_the_message_goes(firm: Firm) -> None:
    espo_id, betnr = firm.pair()
    firm.sandbox.anna.change(espo_id, vorname="x" * 31)
    firm.sync(espo_id)
    firm.sandbox.anna.change(espo_id, vorname="Jörg")
    firm.ask(espo_id)
    assert firm.sync(espo_id, forced=False).status == "clean"
    shown = firm.espo(espo_id)
    assert (shown["syncErrorMessage"], shown["syncStatus"], shown["syncRetryCount"]) == (None, "clean", 0)
    assert firm.advo(betnr)["vorname"] == "Jörg"
    record = firm.record(espo_id)
    assert (record.kind, record.fault) == ("", {})


def test_an_unreadable_list_of_legal_forms_stops_nothing(firm: Firm) -> None:
    espo_id, betnr = firm.pair()
    RemoteFact.objects.filter(pk=remote_metadata.RECHTSFORMEN).delete()
    firm.sandbox.fault("advoware", "status", status=500, path_contains="Rechtsformen", count=5)
    firm.sandbox.anna.change(espo_id, rechtsform="GmbH")
    assert firm.sync(espo_id).status == "clean"
    assert firm.advo(betnr)["rechtsform"] == "GmbH"
    assert {"code": "rechtsformen_unreadable", "params": {}} in firm.record(espo_id).reports


@pytest.mark.parametrize("body", ["[]", '[{"kuerzel": "GmbH"}]'])
def test_a_list_in_which_no_legal_form_is_found_refuses_none(firm: Firm, body: str) -> None:
    espo_id, betnr = firm.pair()
    RemoteFact.objects.filter(pk=remote_metadata.RECHTSFORMEN).delete()
    firm.sandbox.fault("advoware", "status", status=200, path_contains="Rechtsformen", count=5, body=body)
    firm.sandbox.anna.change(espo_id, rechtsform="GmbH")
    assert firm.sync(espo_id).status == "clean"
    assert firm.advo(betnr)["rechtsform"] == "GmbH"
    assert {"code": "rechtsformen_unreadable", "params": {}} in firm.record(espo_id).reports


def test_a_list_that_was_never_readable_is_not_asked_for_at_every_run(firm: Firm) -> None:
    espo_id, _betnr = firm.pair()
    RemoteFact.objects.filter(pk=remote_metadata.RECHTSFORMEN).delete()
    firm.sandbox.fault("advoware", "status", status=404, path_contains="Rechtsformen", count=50)
    for form, gets in (("GmbH", 2), ("AG", 1)):
        firm.sandbox.anna.change(espo_id, rechtsform=form)
        firm.sandbox.clear_calls()
        assert firm.sync(espo_id).status == "clean"
        assert firm.counts()["advoware"] == {"GET": gets, "PUT": 1}
    RemoteFact.objects.filter(pk=remote_metadata.RECHTSFORMEN).update(
        fetched_at=timezone.now() - remote_metadata.NOTHING_READ_LIFETIME
    )
    firm.sandbox.anna.change(espo_id, rechtsform="KG")
    firm.sandbox.clear_calls()
    firm.sync(espo_id)
    assert firm.counts()["advoware"]["GET"] == 2


def test_a_refusal_of_the_remote_system_is_validation_too(firm: Firm) -> None:
    espo_id, _betnr = firm.pair()
    firm.sandbox.fault("advoware", "status", status=400, method="PUT", body='{"message": "zusatz: nein"}')
    firm.sandbox.anna.change(espo_id, zusatz="c/o")
    assert firm.sync(espo_id).status == "failed"
    record = firm.record(espo_id)
    assert (record.kind, record.next_retry_at, record.open_intents) == ("validation", None, [])


# --- our own bookkeeping


def test_a_bookkeeping_field_that_is_refused_is_left_out(firm: Firm) -> None:
    espo_id, _betnr = firm.pair()
    reason = "Field validation failure; entityType: CBeteiligte, field: advowareRowId, type: maxLength."
    firm.sandbox.fault("espocrm", "status", status=400, method="PATCH", headers={"X-Status-Reason": reason})
    firm.sandbox.anna.change(espo_id, titel="Prof.")
    firm.sandbox.clear_calls()
    assert firm.sync(espo_id).status == "clean"
    assert firm.counts()["espocrm"] == {"GET": 1, "PATCH": 2}
    assert {"code": "bookkeeping_refused", "params": {"field": "advowareRowId"}} in firm.record(espo_id).reports
    assert remote_metadata.bookkeeping_refused() == {"advowareRowId"}
    firm.sandbox.anna.change(espo_id, titel="Dr.")
    firm.sandbox.clear_calls()
    assert firm.sync(espo_id).status == "clean"
    assert firm.counts()["espocrm"] == {"GET": 1, "PATCH": 1}, "not tried again"


def test_a_bookkeeping_field_that_is_left_out_without_a_word_is_not_sent_for_ever(
    firm: Firm, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The role of our user may lack the right to a field: EspoCRM then takes the rest and says nothing."""
    espo_id, _betnr = firm.pair(phoneNumberData=[{"phoneNumber": "+495111234567", "type": "Office"}])
    shown = firm.espo(espo_id)["kommunikationHash"]
    take_up(lambda request, found: {**found, "kommunikationHash": shown}, monkeypatch, system="espocrm")
    firm.sandbox.anna.change(espo_id, phoneNumberData=[{"phoneNumber": "+495117777777", "type": "Office"}])
    assert firm.sync(espo_id).status == "clean"
    assert {"code": "bookkeeping_refused", "params": {"field": "kommunikationHash"}} in firm.record(espo_id).reports
    firm.is_silent(espo_id)


def test_a_status_that_a_formula_sets_back_is_not_left_out(firm: Firm, monkeypatch: pytest.MonkeyPatch) -> None:
    espo_id, _betnr = firm.pair()
    firm.sandbox.anna.change(espo_id, titel="Prof.", syncStatus="dirty")
    take_up(lambda request, found: {**found, "syncStatus": "dirty"}, monkeypatch, system="espocrm")
    assert firm.sync(espo_id).status == "clean"
    assert remote_metadata.bookkeeping_refused() == set()


def test_a_bookkeeping_field_that_is_read_only_is_not_sent(firm: Firm) -> None:
    """By the Entity Manager's tick, which holds for every user: EspoCRM takes the rest and says nothing."""
    fields = dict(remote_metadata.kept(remote_metadata.ENTITY_FIELDS))
    fields |= {name: {**fields[name], "readOnly": True} for name in ("syncStatus", "betnr")}
    remote_metadata.keep(remote_metadata.ENTITY_FIELDS, fields)
    espo_id = firm.new()
    assert firm.sync(espo_id).status == "clean"
    assert (firm.espo(espo_id)["syncStatus"], firm.espo(espo_id)["betnr"]) == ("pending_sync", None)
    assert firm.record(espo_id).betnr is not None
    firm.is_silent(espo_id)


def test_a_data_field_that_is_refused_is_not_left_out(firm: Firm) -> None:
    espo_id, betnr = firm.pair()
    reason = "Field validation failure; entityType: CBeteiligte, field: titel, type: maxLength."
    firm.sandbox.fault("espocrm", "status", status=400, method="PATCH", headers={"X-Status-Reason": reason})
    firm.sandbox.clerk.change(betnr, titel="Prof.")
    assert firm.sync(espo_id).status == "failed"
    assert firm.record(espo_id).kind == "validation"
    assert remote_metadata.bookkeeping_refused() == set()


# --- legal forms


@pytest.mark.parametrize("typed", ["gmbh", "G. m. b. H.", "GMBH"])
def test_a_legal_form_that_is_spelled_otherwise_is_carried_as_advoware_spells_it(firm: Firm, typed: str) -> None:
    espo_id, betnr = firm.pair()
    firm.sandbox.anna.change(espo_id, rechtsform=typed)
    assert firm.sync(espo_id).status == "clean"
    assert firm.advo(betnr)["rechtsform"] == "GmbH"
    assert {"code": "rechtsform_respelled", "params": {"value": "GmbH"}} in firm.record(espo_id).reports
    with translation.override("en"):
        assert list(remark_words(firm.record(espo_id).reports)) == ["Legal form carried as Advoware spells it: GmbH"]
    assert firm.espo(espo_id)["rechtsform"] == typed
    firm.is_silent(espo_id)


def test_a_new_record_too(firm: Firm) -> None:
    espo_id, betnr = firm.pair(rechtsform="gmbh & co kg")
    assert firm.advo(betnr)["rechtsform"] == "GmbH & Co. KG"
    firm.is_silent(espo_id)


def test_the_preview_says_it_before(firm: Firm) -> None:
    espo_id, _betnr = firm.pair()
    firm.sandbox.anna.change(espo_id, rechtsform="gmbh")
    with translation.override("en"):
        preview = record_preview(firm.record(espo_id))
    assert (preview.faults, preview.notes) == ((), ("Legal form carried as Advoware spells it: GmbH",))


def test_an_unknown_legal_form_names_the_nearest(firm: Firm) -> None:
    espo_id, betnr = firm.pair()
    firm.sandbox.anna.change(espo_id, rechtsform="GmhB")
    assert firm.sync(espo_id).status == "failed"
    said = "Legal form is not one of Advoware's legal forms; perhaps GmbH is meant"
    with translation.override("en"):
        assert said in sentences.sentence(firm.record(espo_id).fault)
        assert record_preview(firm.record(espo_id)).faults == (said,)
    with translation.override("de"):
        assert "gemeint ist vielleicht GmbH" in sentences.sentence(firm.record(espo_id).fault)
    assert not firm.advo(betnr)["rechtsform"]
