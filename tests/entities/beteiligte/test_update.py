"""Updating: every verdict, clearing, what a side does not take, companies, and validation before any write."""

import time

import pytest

from syncapp.entities.beteiligte.probes import remote_metadata
from syncapp.models import FieldChange
from tests.support.firm import Firm


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
    remote_metadata._resolved.cache_clear()
    firm.sandbox.anna.change(espo_id, geburtsdatum=None)
    assert firm.sync(espo_id).status == "clean"
    assert firm.advo(betnr)["geburtsdatum"] is None
    remote_metadata._resolved.cache_clear()


def test_the_name_must_not_be_emptied(firm: Firm) -> None:
    """Advoware may hold an empty name through another way in; it is not carried."""
    espo_id, betnr = firm.pair()
    record = firm.record(espo_id)
    record.base_advo["name"] = "Vorher"
    record.base_espo["name"] = "Müller-Lüdenscheidt"
    record.save()
    firm.sandbox.anna.change(espo_id, titel="Prof.")
    from syncapp.remotes.espocrm.client import EspoClient, EspoEntity

    real = EspoClient.get

    def without_name(client: EspoClient, record_id: str) -> EspoEntity:
        shown = real(client, record_id)
        return EspoEntity(shown.id, {**shown.attributes, "name": ""})

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
    espo_id, _betnr = firm.pair()
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
    from syncapp.core.beteiligte import plan

    espo_id, betnr = firm.pair()
    monkeypatch.setattr(plan, "validate", lambda *_values, **_rules: [])
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
    from syncapp.remotes.espocrm.client import EspoClient, EspoEntity

    espo_id, betnr = firm.pair()
    real = EspoClient.get

    def hiding(client: EspoClient, record_id: str) -> EspoEntity:
        shown = real(client, record_id)
        return EspoEntity(shown.id, {name: v for name, v in shown.attributes.items() if name != "titel"})

    monkeypatch.setattr(EspoClient, "get", hiding)
    assert firm.sync(espo_id).status == "clean"
    assert firm.advo(betnr)["titel"] == "Dr."
    assert {"code": "hidden_in_espocrm", "params": {"fields": ["titel"]}} in firm.record(espo_id).reports
