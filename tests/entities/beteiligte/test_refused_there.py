"""A value that stands in Advoware and that EspoCRM does not take: its field alone is held back, and people are sent
where it stands."""

from typing import Any

import pytest
from django.utils import translation

from syncapp.entities.beteiligte.probes import remote_metadata
from syncapp.models import Notice
from syncapp.words import sentences
from tests.support.firm import Firm


def refusing(firm: Firm, field: str, rule: str) -> None:
    """EspoCRM refuses the field whenever it is sent, however often."""
    reason = f"Field validation failure; entityType: CBeteiligte, field: {field}, type: {rule}."
    firm.sandbox.fault("espocrm", "status", status=400, method="PATCH", headers={"X-Status-Reason": reason})


def said(firm: Firm, espo_id: str) -> str:
    with translation.override("de"):
        return sentences.sentence(firm.record(espo_id).fault)


def patches(firm: Firm) -> int:
    return firm.counts()["espocrm"].get("PATCH", 0)


@pytest.fixture
def refused(firm: Firm) -> tuple[str, int]:
    """`Meyer <Nord>` came from Advoware together with another edit."""
    espo_id, betnr = firm.pair()
    firm.sandbox.clerk.change(betnr, name="Meyer <Nord>", zusatz="c/o Meier")
    firm.sandbox.anna.change(espo_id, titel="Prof.")
    assert firm.sync(espo_id).status == "failed"
    return espo_id, betnr


def test_the_other_fields_of_the_edit_go_on_in_both_directions(firm: Firm, refused: tuple[str, int]) -> None:
    espo_id, betnr = refused
    assert firm.espo(espo_id)["zusatz"] == "c/o Meier"
    assert firm.advo(betnr)["titel"] == "Prof."
    assert firm.espo(espo_id)["name"] == "Müller-Lüdenscheidt"
    assert firm.advo(betnr)["name"] == "Meyer <Nord>"


def test_the_message_says_where_it_stands_and_which_characters(firm: Firm, refused: tuple[str, int]) -> None:
    espo_id, _betnr = refused
    record = firm.record(espo_id)
    assert (record.kind, record.next_retry_at) == ("validation", None)
    assert (
        said(firm, espo_id) == "Abgeglichen bis auf: Name enthält „<“ und „>“, was EspoCRM nicht annimmt (in Advoware)."
    )
    shown = firm.espo(espo_id)
    assert shown["syncStatus"] == "failed"
    assert "Berichtigen Sie die genannten Werte in Advoware" in shown["syncErrorMessage"]
    assert "Nord" not in str(record.fault), "no value in what is told"
    assert Notice.objects.filter(event="failed").count() == 1


def test_it_is_not_sent_again_at_each_run_while_other_edits_go_on(firm: Firm, refused: tuple[str, int]) -> None:
    espo_id, betnr = refused
    firm.sandbox.clear_calls()
    for _run in range(3):
        assert firm.sync(espo_id).status == "failed"
    assert patches(firm) == 0
    firm.sandbox.clerk.change(betnr, zusatz="Hinterhaus")
    firm.sandbox.clear_calls()
    assert firm.sync(espo_id).status == "failed"
    assert patches(firm) == 1
    assert firm.espo(espo_id)["zusatz"] == "Hinterhaus"
    assert "<" in said(firm, espo_id)
    assert Notice.objects.filter(event="failed").count() == 1, "told once"


def test_it_is_looked_at_again_when_the_value_changes(firm: Firm, refused: tuple[str, int]) -> None:
    espo_id, betnr = refused
    firm.sandbox.clerk.change(betnr, name="Meyer (Nord)")
    assert firm.sync(espo_id).status == "clean"
    assert firm.espo(espo_id)["name"] == "Meyer (Nord)"
    assert (firm.record(espo_id).refused_values, firm.record(espo_id).kind) == ({}, "")
    firm.is_silent(espo_id)


def test_another_refused_value_is_tried_once(firm: Firm, refused: tuple[str, int]) -> None:
    espo_id, betnr = refused
    firm.sandbox.clerk.change(betnr, name="Meyer = Nord")
    firm.sandbox.clear_calls()
    assert firm.sync(espo_id).status == "failed"
    assert "=" in said(firm, espo_id)
    firm.sandbox.clear_calls()
    firm.sync(espo_id)
    assert patches(firm) == 0


def test_set_back_in_advoware_it_is_settled(firm: Firm, refused: tuple[str, int]) -> None:
    espo_id, betnr = refused
    firm.sandbox.clerk.change(betnr, name="Müller-Lüdenscheidt")
    assert firm.sync(espo_id).status == "clean"
    assert firm.record(espo_id).refused_values == {}


def test_whoever_tries_again_has_it_sent_again(firm: Firm, refused: tuple[str, int]) -> None:
    """The rule in EspoCRM may have been changed."""
    espo_id, _betnr = refused
    firm.reset(espo_id)
    firm.sandbox.clear_calls()
    assert firm.sync(espo_id).status == "failed"
    assert patches(firm) == 1, "the value once more; the word on it stands there already"


RULES: dict[str, tuple[str, dict[str, Any], str]] = {
    "maxLength": ("titel", {"titel": "Prof. Dr. Dr. h. c."}, "Titel ist länger, als EspoCRM annimmt (in Advoware)"),
    "required": ("titel", {"titel": ""}, "Titel ist leer, was EspoCRM nicht annimmt (in Advoware)"),
    "valid": ("anrede", {"anrede": "Divers"}, "Anrede hat einen Wert, den EspoCRM nicht annimmt (in Advoware)"),
    "pattern": ("titel", {"titel": "Dr."}, "Titel enthält Zeichen, die EspoCRM nicht annimmt (in Advoware)"),
}


@pytest.mark.parametrize("rule", RULES)
def test_every_rule_of_espocrm_has_its_words(firm: Firm, rule: str) -> None:
    field, change, words = RULES[rule]
    espo_id, betnr = firm.pair(titel="PD")
    firm.sync(espo_id)
    firm.sandbox.clerk.change(betnr, **change, zusatz="c/o Meier")
    refusing(firm, field, rule)
    assert firm.sync(espo_id).status == "failed"
    assert words in said(firm, espo_id)
    assert firm.espo(espo_id)["zusatz"] == "c/o Meier"


def test_two_refused_fields_are_both_named(firm: Firm) -> None:
    espo_id, betnr = firm.pair()
    firm.sandbox.clerk.change(betnr, name="A <b>", titel="Prof. <x>", zusatz="c/o Meier")
    refusing(firm, "titel", "pattern")
    assert firm.sync(espo_id).status == "failed"
    assert "Name" in said(firm, espo_id)
    assert "Titel" in said(firm, espo_id)
    assert firm.espo(espo_id)["zusatz"] == "c/o Meier"
    assert set(firm.record(espo_id).refused_values) == {"name", "titel"}


def test_our_own_rules_hold_back_their_field_alone_too(firm: Firm) -> None:
    espo_id, betnr = firm.pair()
    firm.sandbox.clerk.change(betnr, geburtsdatum="2999-01-01T00:00:00", zusatz="c/o Meier")
    assert firm.sync(espo_id).status == "failed"
    assert said(firm, espo_id) == "Abgeglichen bis auf: Geburtsdatum liegt in der Zukunft (in Advoware)."
    assert firm.espo(espo_id)["zusatz"] == "c/o Meier"
    assert firm.espo(espo_id)["geburtsdatum"] == "1961-04-12"
    firm.sandbox.clerk.change(betnr, geburtsdatum="1961-04-13T00:00:00")
    assert firm.sync(espo_id).status == "clean"


def test_faults_on_both_sides_are_named_together_and_nothing_is_written(firm: Firm) -> None:
    espo_id, betnr = firm.pair()
    firm.sandbox.clerk.change(betnr, geburtsdatum="2999-01-01T00:00:00", bAnrede="Guten Tag")
    firm.sandbox.anna.change(espo_id, zusatz="y" * 101)
    assert firm.sync(espo_id).status == "failed"
    assert "Zusatz" in said(firm, espo_id)
    assert "(in Advoware)" in said(firm, espo_id)
    assert "dort, wo sie stehen" in firm.espo(espo_id)["syncErrorMessage"]
    assert firm.espo(espo_id)["bAnrede"] != "Guten Tag"


def test_contact_points_of_the_same_run_go_on(firm: Firm) -> None:
    espo_id, betnr = firm.pair()
    firm.sandbox.clerk.change(betnr, name="Meyer <Nord>")
    firm.sandbox.clerk.add_contact(betnr, tlf="+495111000001", bemerkung="", kommKz=1, online=True)
    assert firm.sync(espo_id).status == "failed"
    assert [row["phoneNumber"] for row in firm.espo(espo_id)["phoneNumberData"]] == ["+495111000001"]
    firm.sandbox.clear_calls()
    firm.sync(espo_id)
    assert firm.counts() == {"espocrm": {"GET": 1}, "advoware": {"GET": 1}}


def test_the_metadata_say_which_characters(firm: Firm, monkeypatch: pytest.MonkeyPatch) -> None:
    espo_id, betnr = firm.pair()
    monkeypatch.setattr(remote_metadata, "pattern_of", lambda attribute: "$noAsciiSpecialCharacters")
    firm.sandbox.clerk.change(betnr, titel="Dr. & Co")
    refusing(firm, "titel", "pattern")
    firm.sync(espo_id)
    assert "Titel enthält „&“ und „.“, was EspoCRM nicht annimmt" in said(firm, espo_id)


def test_a_refusal_that_names_no_field_of_ours_stops_all_as_ever(firm: Firm) -> None:
    espo_id, betnr = firm.pair()
    firm.sandbox.clerk.change(betnr, zusatz="c/o Meier")
    refusing(firm, "kundennummer", "required")
    assert firm.sync(espo_id).status == "failed"
    assert firm.record(espo_id).fault["code"] == "remote_validation"
    assert firm.espo(espo_id)["zusatz"] is None
