"""Updating: every verdict, clearing, what a side does not take, companies, and validation before any write."""

import time
from typing import Any

import pytest

from syncapp.models import FieldChange
from syncapp.services import facts
from syncapp.services.sync_record import configured_clients
from tests.services.conftest import Firm
from tests.services.meanwhile import Meanwhile


def verdict(firm: Firm, espo_id: str) -> str:
    return firm.record(espo_id).attempts.latest("started_at").verdict


def test_no_change_is_no_write(firm: Firm) -> None:
    espo_id, _betnr = firm.pair()
    firm.sync(espo_id)
    assert verdict(firm, espo_id) == "no_change"
    assert firm.counts() == {"espocrm": {"GET": 1}, "advoware": {"GET": 1}}


@pytest.mark.parametrize(
    "field, value, shown",
    [
        ("name", "Lüdenscheidt", "Lüdenscheidt"),
        ("vorname", "Jörg", "Jörg"),
        ("rechtsform", "natürliche Person", "natürliche Person"),
        ("titel", "Prof. Dr.", "Prof. Dr."),
        ("anrede", "Frau", "Frau"),
        ("bAnrede", "Guten Tag", "Guten Tag"),
        ("zusatz", "c/o Meier", "c/o Meier"),
        ("geburtsdatum", "1962-05-13", "1962-05-13T00:00:00"),
    ],
)
def test_espocrm_newer(firm: Firm, field: str, value: str, shown: str) -> None:
    espo_id, betnr = firm.pair()
    firm.sandbox.anna.change(espo_id, **{field: value})
    assert firm.sync(espo_id).status == "clean"
    assert verdict(firm, espo_id) == "espocrm_newer"
    assert firm.advo(betnr)[field] == shown
    firm.is_silent(espo_id)


@pytest.mark.parametrize(
    "field, value, shown",
    [
        ("name", "Lüdenscheidt", "Lüdenscheidt"),
        ("vorname", "Jörg", "Jörg"),
        ("rechtsform", "natürliche Person", "natürliche Person"),
        ("titel", "Prof. Dr.", "Prof. Dr."),
        ("anrede", "Frau", "Frau"),
        ("bAnrede", "Guten Tag", "Guten Tag"),
        ("zusatz", "c/o Meier", "c/o Meier"),
        ("geburtsdatum", "1962-05-13T00:00:00", "1962-05-13"),
    ],
)
def test_advoware_newer(firm: Firm, field: str, value: str, shown: str) -> None:
    espo_id, betnr = firm.pair()
    firm.sandbox.clerk.change(betnr, **{field: value})
    assert firm.sync(espo_id).status == "clean"
    assert verdict(firm, espo_id) == "advoware_newer"
    assert firm.espo(espo_id)[field] == shown
    firm.is_silent(espo_id)


def test_both_changed_to_the_same_is_agreed(firm: Firm) -> None:
    espo_id, betnr = firm.pair()
    firm.sandbox.anna.change(espo_id, titel="Prof.")
    firm.sandbox.clerk.change(betnr, titel="Prof.")
    firm.sandbox.clear_calls()
    assert firm.sync(espo_id).status == "clean"
    assert "PUT" not in firm.counts()["advoware"]
    assert not firm.record(espo_id).conflicts.exists()
    assert firm.record(espo_id).base_advo["titel"] == "Prof."


def test_a_new_row_id_without_a_change_moves_only_the_stored_one(firm: Firm) -> None:
    espo_id, betnr = firm.pair()
    before = firm.record(espo_id)
    firm.sandbox.clerk.change(betnr)
    firm.sandbox.clear_calls()
    assert firm.sync(espo_id).status == "clean"
    after = firm.record(espo_id)
    assert after.row_id == firm.advo(betnr)["rowId"] != before.row_id
    assert (after.base_advo, after.base_espo) == (before.base_advo, before.base_espo)
    assert firm.counts()["espocrm"] == {"GET": 1}


def test_a_put_hands_back_every_unknown_key(firm: Firm) -> None:
    espo_id, betnr = firm.pair()
    firm.sandbox.clerk.change(betnr, bemerkungen="Vorsicht", kennzeichen=7, anlagen=[{"nr": 1}])
    firm.sandbox.anna.change(espo_id, titel="Prof.")
    firm.sync(espo_id)
    held = firm.advo(betnr)
    assert (held["bemerkungen"], held["kennzeichen"], held["anlagen"]) == ("Vorsicht", 7, [{"nr": 1}])
    assert held["titel"] == "Prof."


def test_what_was_written_stands_in_the_history(firm: Firm) -> None:
    espo_id, betnr = firm.pair()
    firm.sandbox.anna.change(espo_id, titel="Prof.")
    firm.sandbox.clerk.change(betnr, zusatz="c/o")
    FieldChange.objects.all().delete()
    firm.sync(espo_id)
    rows = FieldChange.objects.values_list("side", "field", "before", "after")
    assert set(rows) == {("advoware", "titel", "Dr.", "Prof."), ("espocrm", "zusatz", None, "c/o")}


# --- clearing


def test_clearing_text_in_espocrm_is_carried(firm: Firm) -> None:
    espo_id, betnr = firm.pair()
    firm.sandbox.anna.change(espo_id, titel="", geburtsdatum=None)
    assert firm.sync(espo_id).status == "clean"
    assert (firm.advo(betnr)["titel"], firm.advo(betnr)["geburtsdatum"]) == ("", None)
    firm.is_silent(espo_id)


def test_clearing_in_advoware_is_carried(firm: Firm) -> None:
    espo_id, betnr = firm.pair()
    firm.sync(espo_id)
    firm.sandbox.clerk.change(betnr, titel=None, bAnrede="", geburtsdatum=None)
    assert firm.sync(espo_id).status == "clean"
    shown = firm.espo(espo_id)
    assert (shown["titel"], shown["bAnrede"], shown["geburtsdatum"]) == (None, None, None)
    firm.is_silent(espo_id)


def test_an_empty_date_is_spelled_as_the_setting_says(firm: Firm) -> None:
    espo_id, betnr = firm.pair()
    time.sleep(1.1)  # the mapping has changed, so EspoCRM's whole seconds tell who changed the field
    firm.sandbox.advoware(empty_date="0001-01-01T00:00:00")
    firm.settings.ADVOWARE_EMPTY_DATE = "0001-01-01T00:00:00"
    facts._resolved.cache_clear()
    firm.sandbox.anna.change(espo_id, geburtsdatum=None)
    assert firm.sync(espo_id).status == "clean"
    assert firm.advo(betnr)["geburtsdatum"] is None
    facts._resolved.cache_clear()


def test_the_name_must_not_be_emptied(firm: Firm) -> None:
    """Advoware may hold an empty name through another way in; it is not carried."""
    espo_id, betnr = firm.pair()
    record = firm.record(espo_id)
    record.base_advo["name"] = "Vorher"
    record.base_espo["name"] = "Müller-Lüdenscheidt"
    record.save()
    firm.sandbox.anna.change(espo_id, titel="Prof.")
    from syncapp.clients.espocrm import EspoClient, EspoRecord

    real = EspoClient.get

    def without_name(client: EspoClient, record_id: str) -> EspoRecord:
        shown = real(client, record_id)
        return EspoRecord(shown.id, {**shown.attributes, "name": ""})

    pytest.MonkeyPatch().setattr(EspoClient, "get", without_name)
    try:
        firm.sandbox.clear_calls()
        assert firm.sync(espo_id).status == "failed"
    finally:
        EspoClient.get = real  # type: ignore[method-assign]
    assert "PUT" not in firm.counts()["advoware"]
    assert firm.record(espo_id).kind == "validation"
    assert firm.advo(betnr)["name"] == "Müller-Lüdenscheidt"


# --- what a side does not take


def test_a_field_that_advoware_ignores_is_shown_and_sent_once(firm: Firm) -> None:
    espo_id, betnr = firm.pair()
    firm.sandbox.advoware(put_ignores=["titel"])
    firm.sandbox.anna.change(espo_id, titel="Prof.", zusatz="c/o")
    assert firm.sync(espo_id).status == "clean"
    record = firm.record(espo_id)
    assert {"code": "not_taken", "params": {"side": "advoware", "field": "titel"}} in record.reports
    assert (record.base_advo["titel"], record.base_espo["titel"]) == ("Dr.", "Prof.")
    assert firm.espo(espo_id)["titel"] == "Prof.", "it does not flow back"
    firm.is_silent(espo_id)


def test_a_field_that_advoware_shortens_does_not_flow_back(firm: Firm, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its limit is lower than we know: it cuts, and says so in its answer."""
    from syncapp.services import passes

    espo_id, betnr = firm.pair()
    monkeypatch.setattr(passes, "validate", lambda *_values, **_rules: [])
    firm.sandbox.advoware(too_long="cut")
    firm.sandbox.anna.change(espo_id, zusatz="x" * 120)
    assert firm.sync(espo_id).status == "clean"
    assert firm.advo(betnr)["zusatz"] == "x" * 100
    assert firm.espo(espo_id)["zusatz"] == "x" * 120
    assert {"code": "not_taken", "params": {"side": "advoware", "field": "zusatz"}} in firm.record(espo_id).reports
    firm.is_silent(espo_id)
    firm.sandbox.clerk.change(betnr, titel="Prof.")
    firm.sync(espo_id)
    assert (firm.espo(espo_id)["zusatz"], firm.espo(espo_id)["titel"]) == ("x" * 120, "Prof.")


def test_a_later_edit_of_a_field_that_was_not_taken_is_carried(firm: Firm) -> None:
    espo_id, betnr = firm.pair()
    firm.sandbox.advoware(put_ignores=["titel"])
    firm.sandbox.anna.change(espo_id, titel="Prof.")
    firm.sync(espo_id)
    firm.sandbox.advoware(put_ignores=[])
    firm.sandbox.anna.change(espo_id, titel="Prof. Dr.")
    firm.sync(espo_id)
    assert firm.advo(betnr)["titel"] == "Prof. Dr."


def test_advowares_edit_of_a_field_that_it_did_not_take_is_carried(firm: Firm) -> None:
    espo_id, betnr = firm.pair()
    firm.sandbox.advoware(put_ignores=["titel"])
    firm.sandbox.anna.change(espo_id, titel="Prof.")
    firm.sync(espo_id)
    firm.sandbox.advoware(put_ignores=[])
    firm.sandbox.clerk.change(betnr, titel="Dipl.-Ing.")
    firm.sync(espo_id)
    assert firm.espo(espo_id)["titel"] == "Dipl.-Ing."


# --- hidden and missing fields


def test_a_field_that_advoware_does_not_show_is_left_out_and_reported(firm: Firm) -> None:
    espo_id, betnr = firm.pair()
    firm.sandbox.advoware(omit_fields=["zusatz"])
    firm.sandbox.anna.change(espo_id, zusatz="c/o", titel="Prof.")
    assert firm.sync(espo_id).status == "clean"
    assert {"code": "missing_in_advoware", "params": {"fields": ["zusatz"]}} in firm.record(espo_id).reports
    assert firm.advo(betnr)["titel"] == "Prof."
    firm.sandbox.advoware(omit_fields=[])
    assert firm.sync(espo_id).status == "clean"
    assert firm.advo(betnr)["zusatz"] == "c/o", "not forgotten"


def test_a_field_that_espocrm_hides_is_not_an_empty_one(firm: Firm, monkeypatch: pytest.MonkeyPatch) -> None:
    from syncapp.clients.espocrm import EspoClient, EspoRecord

    espo_id, betnr = firm.pair()
    real = EspoClient.get

    def hiding(client: EspoClient, record_id: str) -> EspoRecord:
        shown = real(client, record_id)
        return EspoRecord(shown.id, {name: v for name, v in shown.attributes.items() if name != "titel"})

    monkeypatch.setattr(EspoClient, "get", hiding)
    assert firm.sync(espo_id).status == "clean"
    assert firm.advo(betnr)["titel"] == "Dr."
    assert {"code": "hidden_in_espocrm", "params": {"fields": ["titel"]}} in firm.record(espo_id).reports


# --- companies and persons


def test_a_company_keeps_what_only_persons_have(firm: Firm) -> None:
    firm.settings.COMPANY_RECHTSFORMEN = ["GmbH"]
    facts._resolved.cache_clear()
    espo_id, betnr = firm.pair()
    firm.sandbox.anna.change(espo_id, name="Nordwind GmbH", rechtsform="GmbH", vorname="", geburtsdatum=None)
    assert firm.sync(espo_id).status == "clean"
    held = firm.advo(betnr)
    assert (held["name"], held["rechtsform"]) == ("Nordwind GmbH", "GmbH")
    assert (held["vorname"], held["geburtsdatum"]) == ("Jürgen", "1961-04-12T00:00:00"), "neither compared nor cleared"
    firm.is_silent(espo_id)
    facts._resolved.cache_clear()


@pytest.fixture
def persons(firm: Firm) -> Firm:
    """The same installation with a Person entity and its enum of salutations."""
    from syncapp.clients import configured

    firm.settings.ESPOCRM_ENTITY_TYPE = "CBeteiligtePerson"
    firm.settings.ESPOCRM_VALUE_MAP = {"salutationName": {"Mr.": "Herr", "Ms.": "Frau"}}
    firm.sandbox.anna.entity = "CBeteiligtePerson"
    configured.forget()
    facts.forget()
    clients = configured_clients()
    facts.read_all(espocrm=clients.espocrm, advoware=clients.advoware)
    yield firm
    firm.sandbox.anna.entity = "CBeteiligte"
    configured.forget()
    facts.forget()


def person(persons: Firm, **attributes: object) -> tuple[str, int]:
    given: dict[str, Any] = {
        "firstName": "Jürgen",
        "lastName": "Müller",
        "salutationName": "Mr.",
        "dateOfBirth": "1961-04-12",
        **attributes,
    }
    espo_id = str(persons.sandbox.anna.create(**given)["id"])
    assert persons.sync(espo_id).status == "clean", persons.record(espo_id).fault
    return espo_id, persons.record(espo_id).betnr or 0


def test_a_person_entity_has_its_own_names(persons: Firm) -> None:
    espo_id, betnr = person(persons)
    held = persons.advo(betnr)
    assert (held["vorname"], held["name"], held["anrede"]) == ("Jürgen", "Müller", "Herr")
    assert held["geburtsdatum"] == "1961-04-12T00:00:00"
    persons.sandbox.clerk.change(betnr, name="Maier", anrede="Frau", geburtsdatum="1962-01-01T00:00:00")
    assert persons.sync(espo_id).status == "clean"
    shown = persons.espo(espo_id)
    assert (shown["lastName"], shown["salutationName"], shown["dateOfBirth"]) == ("Maier", "Ms.", "1962-01-01")
    persons.is_silent(espo_id)


def test_a_company_in_a_person_entity_is_called_by_firmenname(persons: Firm) -> None:
    espo_id, betnr = person(persons, lastName="–", firstName="", firmenname="Nordwind GmbH", dateOfBirth=None)
    assert persons.advo(betnr)["name"] == "Nordwind GmbH"
    persons.sandbox.clerk.change(betnr, name="Südwind GmbH")
    assert persons.sync(espo_id).status == "clean"
    assert (persons.espo(espo_id)["firmenname"], persons.espo(espo_id)["lastName"]) == ("Südwind GmbH", "–")
    persons.is_silent(espo_id)


def test_a_salutation_without_counterpart_is_left_out_and_reported(persons: Firm) -> None:
    espo_id, betnr = person(persons)
    persons.sandbox.anna.change(espo_id, salutationName="Dr.", titel="Dr.")
    assert persons.sync(espo_id).status == "clean"
    assert (persons.advo(betnr)["anrede"], persons.advo(betnr)["titel"]) == ("Herr", "Dr.")
    assert {"code": "no_counterpart", "params": {"fields": ["anrede"]}} in persons.record(espo_id).reports
    persons.is_silent(espo_id)


# --- validation


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
    from syncapp.models import RemoteFact

    RemoteFact.objects.filter(pk=facts.RECHTSFORMEN).delete()
    firm.sandbox.fault("advoware", "status", status=500, path_contains="Rechtsformen", count=5)
    firm.sandbox.anna.change(espo_id, rechtsform="GmbH")
    assert firm.sync(espo_id).status == "clean"
    assert firm.advo(betnr)["rechtsform"] == "GmbH"
    assert {"code": "rechtsformen_unreadable", "params": {}} in firm.record(espo_id).reports


def test_a_refusal_of_the_remote_system_is_validation_too(firm: Firm) -> None:
    espo_id, _betnr = firm.pair()
    firm.sandbox.fault("advoware", "status", status=400, method="PUT", body='{"message": "zusatz: nein"}')
    firm.sandbox.anna.change(espo_id, zusatz="c/o")
    assert firm.sync(espo_id).status == "failed"
    record = firm.record(espo_id)
    assert (record.kind, record.next_retry_at, record.open_intents) == ("validation", None, [])


# --- our own bookkeeping


def test_a_bookkeeping_field_that_is_refused_is_left_out(firm: Firm) -> None:
    espo_id, betnr = firm.pair()
    reason = "Field validation failure; entityType: CBeteiligte, field: advowareRowId, type: maxLength."
    firm.sandbox.fault("espocrm", "status", status=400, method="PATCH", headers={"X-Status-Reason": reason})
    firm.sandbox.anna.change(espo_id, titel="Prof.")
    firm.sandbox.clear_calls()
    assert firm.sync(espo_id).status == "clean"
    assert firm.counts()["espocrm"] == {"GET": 1, "PATCH": 2}
    assert {"code": "bookkeeping_refused", "params": {"field": "advowareRowId"}} in firm.record(espo_id).reports
    assert facts.bookkeeping_refused() == {"advowareRowId"}
    firm.sandbox.anna.change(espo_id, titel="Dr.")
    firm.sandbox.clear_calls()
    assert firm.sync(espo_id).status == "clean"
    assert firm.counts()["espocrm"] == {"GET": 1, "PATCH": 1}, "not tried again"


def test_a_data_field_that_is_refused_is_not_left_out(firm: Firm) -> None:
    espo_id, betnr = firm.pair()
    reason = "Field validation failure; entityType: CBeteiligte, field: titel, type: maxLength."
    firm.sandbox.fault("espocrm", "status", status=400, method="PATCH", headers={"X-Status-Reason": reason})
    firm.sandbox.clerk.change(betnr, titel="Prof.")
    assert firm.sync(espo_id).status == "failed"
    assert firm.record(espo_id).kind == "validation"
    assert facts.bookkeeping_refused() == set()


# --- EspoCRM moves between our GET and our PATCH


def test_a_stale_version_looks_again_at_once(firm: Firm, meanwhile: Meanwhile) -> None:
    espo_id, betnr = firm.pair()
    firm.sandbox.clerk.change(betnr, titel="Prof.")
    meanwhile.before("espocrm", "patch", lambda: firm.sandbox.anna.change(espo_id, zusatz="von Anna"))
    assert firm.sync(espo_id).status == "clean"
    assert (firm.espo(espo_id)["titel"], firm.espo(espo_id)["zusatz"]) == ("Prof.", "von Anna")
    assert (firm.advo(betnr)["titel"], firm.advo(betnr)["zusatz"]) == ("Prof.", "von Anna")
    record = firm.record(espo_id)
    assert not record.conflicts.exists(), "nothing of the refused PATCH was carried, so nothing is in doubt"
    assert record.retry_count == 0
    firm.is_silent(espo_id)


def test_a_stale_version_on_the_very_field_is_a_conflict(firm: Firm, meanwhile: Meanwhile) -> None:
    espo_id, betnr = firm.pair()
    firm.sandbox.clerk.change(betnr, titel="aus Advoware")
    meanwhile.before("espocrm", "patch", lambda: firm.sandbox.anna.change(espo_id, titel="von Anna"))
    assert firm.sync(espo_id).status == "clean"
    assert firm.espo(espo_id)["titel"] == firm.advo(betnr)["titel"] == "von Anna"
    assert firm.record(espo_id).conflicts.get().advo == "aus Advoware"


def test_twice_again_and_then_it_counts(firm: Firm, meanwhile: Meanwhile) -> None:
    espo_id, betnr = firm.pair()
    firm.sandbox.clerk.change(betnr, titel="Prof.")
    edits = iter(range(9))
    edit = lambda: firm.sandbox.anna.change(espo_id, zusatz=f"Anna {next(edits)}")  # noqa: E731
    meanwhile.before("espocrm", "patch", edit, times=3)
    assert firm.sync(espo_id).status == "failed"
    record = firm.record(espo_id)
    assert (record.kind, record.retry_count, record.fault["code"]) == ("transient", 1, "espocrm_keeps_moving")
    firm.due(espo_id)
    assert firm.sync(espo_id, forced=False).status == "clean"
    assert firm.advo(betnr)["zusatz"] == "Anna 2"


def test_after_the_put_the_second_look_puts_nothing_twice(firm: Firm, meanwhile: Meanwhile) -> None:
    espo_id, betnr = firm.pair()
    firm.sandbox.anna.change(espo_id, titel="Prof.")
    meanwhile.before("espocrm", "patch", lambda: firm.sandbox.anna.change(espo_id, description="egal"))
    firm.sandbox.clear_calls()
    assert firm.sync(espo_id).status == "clean"
    assert firm.counts()["advoware"] == {"GET": 2, "PUT": 1}


def test_an_answer_with_another_version_asks_for_one_more_look(firm: Firm, monkeypatch: pytest.MonkeyPatch) -> None:
    """Optimistic locking is not atomic: somebody may slip in between the check and the write."""
    from syncapp.clients.espocrm import EspoClient

    espo_id, betnr = firm.pair()
    real = EspoClient.patch

    def slipping_in(client: EspoClient, record_id: str, attributes: Any, *, version: int | None = None) -> Any:
        firm.sandbox.anna.change(espo_id, zusatz="von Anna")
        return real(client, record_id, attributes, version=None)

    firm.sandbox.clerk.change(betnr, titel="Prof.")
    monkeypatch.setattr(EspoClient, "patch", slipping_in)
    assert firm.sync(espo_id).status == "dirty"
    monkeypatch.undo()
    record = firm.record(espo_id)
    assert (record.version, record.requested > record.completed) == (None, True)
    assert firm.sync(espo_id, forced=False).status == "clean"
    assert firm.advo(betnr)["zusatz"] == "von Anna"


def test_without_versions_what_the_answer_shows_otherwise_asks_for_one_more_look(
    firm: Firm, meanwhile: Meanwhile
) -> None:
    firm.sandbox.espocrm(optimistic_locking=False)
    espo_id, betnr = firm.pair()
    assert firm.record(espo_id).version is None
    firm.sandbox.clerk.change(betnr, titel="Prof.")
    meanwhile.before("espocrm", "patch", lambda: firm.sandbox.anna.change(espo_id, zusatz="von Anna"))
    assert firm.sync(espo_id).status == "dirty"
    assert firm.sync(espo_id, forced=False).status == "clean"
    assert (firm.espo(espo_id)["titel"], firm.advo(betnr)["zusatz"]) == ("Prof.", "von Anna")
    firm.is_silent(espo_id)


def test_without_versions_a_quiet_record_is_silent(firm: Firm) -> None:
    firm.sandbox.espocrm(optimistic_locking=False)
    espo_id, betnr = firm.pair()
    firm.sandbox.anna.change(espo_id, titel="Prof.")
    assert firm.sync(espo_id).status == "clean"
    firm.is_silent(espo_id)


# --- EspoCRM shows that we are at work


def test_syncing_is_shown_where_the_firm_wants_it(firm: Firm, meanwhile: Meanwhile) -> None:
    firm.settings.ESPOCRM_SHOW_SYNCING = True
    espo_id, betnr = firm.pair()
    firm.sandbox.anna.change(espo_id, titel="Prof.")
    seen: list[str] = []
    meanwhile.before("advoware", "update", lambda: seen.append(firm.espo(espo_id)["syncStatus"]))
    firm.sandbox.clear_calls()
    assert firm.sync(espo_id).status == "clean"
    assert seen == ["syncing"]
    assert (firm.espo(espo_id)["syncStatus"], firm.advo(betnr)["titel"]) == ("clean", "Prof.")
    assert [call[1] for call in firm.sandbox.calls("espocrm")].count("PATCH") == 2


def test_syncing_is_shown_while_a_beteiligter_is_created(firm: Firm, meanwhile: Meanwhile) -> None:
    firm.settings.ESPOCRM_SHOW_SYNCING = True
    espo_id = firm.new()
    seen: list[str] = []
    meanwhile.before("advoware", "create", lambda: seen.append(firm.espo(espo_id)["syncStatus"]))
    assert firm.sync(espo_id).status == "clean"
    assert seen == ["syncing"]


def test_somebody_writes_before_syncing_is_shown(firm: Firm, meanwhile: Meanwhile) -> None:
    firm.settings.ESPOCRM_SHOW_SYNCING = True
    espo_id, betnr = firm.pair()
    firm.sandbox.anna.change(espo_id, titel="Prof.")
    meanwhile.before("espocrm", "patch", lambda: firm.sandbox.anna.change(espo_id, zusatz="von Anna"))
    assert firm.sync(espo_id).status == "clean"
    assert (firm.advo(betnr)["titel"], firm.advo(betnr)["zusatz"]) == ("Prof.", "von Anna")
