"""A system does not take a contact point: told with the number, the system, its reason, the cause and the cure."""

import json
from dataclasses import asdict
from typing import Any

import pytest

from syncapp.core.kommunikation.kinds import Medium
from syncapp.entities.beteiligte.parts.kommunikation.refusals import Refusals
from syncapp.entities.beteiligte.parts.kommunikation.refused_points import refused_lists
from syncapp.models import Attempt, Notice
from syncapp.words import sentences
from syncapp.words.contact_faults import CAUSES, REFUSALS
from tests.support.firm import Firm

NUMBER, OTHER = "+491701234567", "+491709999999"
MOBILE = {"phoneNumber": NUMBER, "type": "Mobile", "primary": True}
MAIL = {"emailAddress": "erika@example.org", "primary": True}
REFUSED = {"status": 400, "body": json.dumps({"errors": {"tlf": ["zu lang"]}})}
FORBIDDEN = {"status": 403}
FAILING = {"status": 500}
# what Anna does, what Advoware answers to which method, what the message says
CASES: dict[str, tuple[dict[str, Any], dict[str, Any], str, str, tuple[str, ...]]] = {
    "a new number": (
        {"phoneNumberData": [MOBILE]},
        REFUSED,
        "POST",
        "validation",
        ("Advoware hat die Telefonnummer +491701234567 nicht angenommen", "Berichtigen Sie den Kontaktweg in EspoCRM"),
    ),
    "a new address": (
        {"emailAddressData": [MAIL]},
        REFUSED,
        "POST",
        "validation",
        ("Advoware hat die E-Mail-Adresse erika@example.org nicht angenommen", "Berichtigen Sie den Kontaktweg"),
    ),
    "a right is missing": (
        {"phoneNumberData": [MOBILE]},
        FORBIDDEN,
        "POST",
        "forbidden",
        ("die Telefonnummer +491701234567 nicht angenommen", "Lassen Sie das Recht in Advoware erteilen"),
    ),
    "a disturbance": (
        {"phoneNumberData": [MOBILE]},
        FAILING,
        "POST",
        "transient",
        ("die Telefonnummer +491701234567 nicht angenommen", "500", "Es wird von selbst erneut versucht"),
    ),
}


def is_plain(message: str) -> None:
    for word in ("Var", "failed", "Name", "Rechtsform", "(400)", "(403)"):
        assert word not in message


@pytest.mark.parametrize("case", CASES)
def test_a_contact_point_that_is_refused_is_told_as_what_it_is(firm: Firm, case: str) -> None:
    edit, answer, method, kind, said = CASES[case]
    espo_id, _betnr = firm.pair()
    firm.sandbox.anna.change(espo_id, **edit)
    firm.sandbox.fault("advoware", "status", method=method, path_contains="Kommunikation", **answer)
    assert firm.sync(espo_id).status == "failed"
    record = firm.record(espo_id)
    assert record.kind == kind
    message = firm.espo(espo_id)["syncErrorMessage"]
    for words in said:
        assert words in message
    is_plain(message)


def test_a_changed_number_and_an_emptied_one(firm: Firm) -> None:
    """What was `Var5: 1 failed (400)`, and its sibling."""
    espo_id, betnr = firm.pair(phoneNumberData=[MOBILE])
    firm.sandbox.anna.change(espo_id, phoneNumberData=[{**MOBILE, "phoneNumber": OTHER}])
    firm.sandbox.fault("advoware", "status", method="PUT", path_contains="Kommunikation", **REFUSED)
    assert firm.sync(espo_id).status == "failed"
    message = firm.espo(espo_id)["syncErrorMessage"]
    assert f"Advoware hat die Telefonnummer {OTHER} nicht angenommen: das Feld tlf." in message
    is_plain(message)
    assert [entry["tlf"] for entry in firm.advo(betnr)["kommunikation"]] == [NUMBER]

    firm.sandbox.anna.change(espo_id, phoneNumberData=[])
    for _run in range(2):  # an empty list has to be seen twice
        firm.sandbox.heal()
        firm.sandbox.fault("advoware", "status", method="PUT", path_contains="Kommunikation", **REFUSED)
        firm.sync(espo_id)
    message = firm.espo(espo_id)["syncErrorMessage"]
    assert f"Advoware hat die Telefonnummer {NUMBER} nicht leeren lassen" in message
    firm.sandbox.heal()
    for _run in range(2):
        firm.sync(espo_id)
    assert firm.record(espo_id).status == "clean"
    assert firm.espo(espo_id)["syncErrorMessage"] is None


def test_the_mark_that_is_refused(firm: Firm) -> None:
    espo_id, betnr = firm.pair()
    firm.sandbox.clerk.add_contact(betnr, tlf="0511 88888", kommKz=1, online=True)
    firm.sandbox.fault("advoware", "status", method="PUT", path_contains="Kommunikation", **FORBIDDEN)
    assert firm.sync(espo_id).status == "failed"
    message = firm.espo(espo_id)["syncErrorMessage"]
    assert "Advoware hat den Vermerk nicht angenommen, den der Abgleich bei 0511 88888 führt" in message
    is_plain(message)


def test_values_are_for_the_record_and_espocrm_not_for_history_and_notes(firm: Firm) -> None:
    espo_id, _betnr = firm.pair()
    firm.sandbox.anna.change(espo_id, phoneNumberData=[MOBILE])
    firm.sandbox.fault("advoware", "status", method="POST", path_contains="Kommunikation", **REFUSED)
    firm.sync(espo_id)
    record = firm.record(espo_id)
    assert NUMBER in sentences.sentence(record.fault, values=True)
    assert NUMBER not in sentences.sentence(record.fault)
    assert NUMBER not in json.dumps(Attempt.objects.order_by("-pk")[0].fault)
    notice = Notice.objects.get(event="failed")
    assert NUMBER not in json.dumps(notice.params)
    assert NUMBER not in sentences.notice_text(notice.event, notice.params)


@pytest.mark.parametrize("medium, ignored", [(m, i) for m in Medium for i in (False, True)])
def test_a_list_that_espocrm_refuses_or_ignores(medium: Medium, ignored: bool) -> None:
    lists = frozenset({medium})
    (point,) = refused_lists(Refusals(lists=lists, ignored=lists if ignored else frozenset()))
    fault = {"code": "contacts_failed", "params": {"points": [asdict(point)]}}
    told = sentences.for_espocrm("validation", fault)
    assert "EspoCRM hat" in told
    assert ("Telefonnummern" if medium is Medium.phone else "E-Mail-Adressen") in told
    assert ("Lassen Sie in EspoCRM das Recht" if ignored else "Öffnen Sie den Datensatz in EspoCRM") in told
    is_plain(told)


@pytest.mark.parametrize("cause", CAUSES)
def test_every_cause_has_its_own_words(cause: str) -> None:
    fault = {"code": "contacts_failed", "params": {"points": [{"system": "advoware", "cause": cause, "what": "value"}]}}
    others = [str(row.advice) for name, row in CAUSES.items() if name != cause]
    assert str(sentences.advice("validation", fault)) not in others
    assert "{" not in f"{sentences.advice('validation', fault)}{sentences.explained('validation', fault).cause}"
    assert "Rechtsform" not in str(sentences.explained("validation", fault).cause)


@pytest.mark.parametrize("what", REFUSALS)
def test_every_refusal_has_words_without_a_gap(what: str) -> None:
    fault = {"code": "contacts_failed", "params": {"points": [{"system": "espocrm", "what": what, "value": "0511 1"}]}}
    assert "{" not in sentences.sentence(fault, values=True)


def test_many_are_told_in_a_few_words() -> None:
    points = [{"system": "advoware", "what": "value", "point": "phone", "value": f"0511 {n}"} for n in range(9)]
    told = sentences.sentence({"code": "contacts_failed", "params": {"points": points}}, values=True)
    assert "0511 4" in told
    assert "0511 5" not in told
    assert "4 weitere wurden nicht angenommen" in told


@pytest.mark.parametrize("params", [{}, {"points": []}, {"summary": "Var5: 1 failed (400)"}], ids=str)
def test_a_row_of_before_is_told_without_a_code(params: dict[str, Any]) -> None:
    told = sentences.sentence({"code": "contacts_failed", "params": params})
    assert told == "Einige Kontaktwege konnten nicht geschrieben werden."
