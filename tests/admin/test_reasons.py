"""What a remote system's failure is called on a German page: no English reason, and advice that fits what is known."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation

from syncapp.core.systems import System
from syncapp.models import Breaker
from syncapp.remotes.advoware.wording import LOGIN_TEXTS
from syncapp.remotes.http.answers import COMMON_ROWS, UNKNOWN_STATUS, Answers, ErrorRow
from syncapp.remotes.http.exchange import Answer, Request
from syncapp.remotes.http.failures import FAILURE_HINTS, FAILURES
from syncapp.remotes.registry import ANSWERS
from syncapp.words import reasons, sentences
from tests.admin import rooms

pytestmark = pytest.mark.django_db


def german(text: str) -> str:
    with translation.override("de"):
        return reasons.told(text)


ROWS = [
    *((row, ANSWERS[System.ADVOWARE]) for row in (*COMMON_ROWS, UNKNOWN_STATUS)),
    *((row, answers) for answers in ANSWERS.values() for row in answers.rows),
]


@pytest.mark.parametrize("row, answers", ROWS, ids=lambda value: getattr(value, "name", ""))
def test_every_answer_has_a_german_reason_and_hint(row: ErrorRow, answers: Answers) -> None:
    text = next(iter(LOGIN_TEXTS)) if row.name == "advoware_login_text" else ""
    error = row.build(Request("GET", "Beteiligte/{betNr}", {"betNr": 7}), Answer(503, {}, text.encode()), answers)
    for said in filter(None, (error.reason, error.hint)):
        assert german(said) != said


@pytest.mark.parametrize("said", [*FAILURES, *FAILURE_HINTS.values(), *LOGIN_TEXTS.values()])
def test_every_failed_call_has_a_german_reason_and_hint(said: str) -> None:
    assert german(f"{said} [ReadTimeout]") == german(said) != said


def test_the_reason_that_names_a_field_is_german_too() -> None:
    assert german("field vorname, rule maxLength") == "das Feld vorname (Regel maxLength)"
    assert german("field vorname, rule unknown") == "das Feld vorname"


def test_the_landing_page_says_in_german_why_a_system_is_disturbed(clerk: Client, live: None) -> None:
    now = timezone.now()
    until = now + timedelta(minutes=5)
    Breaker.objects.create(system="advoware", open_since=now, open_until=until, reason="error 503 without a text")
    text = clerk.get(reverse("admin:index")).text
    assert "meldet Fehler 503 ohne Text" in text
    assert "without a text" not in text


def test_a_refusal_without_a_field_sends_nobody_to_the_named_fields(clerk: Client, live: None) -> None:
    params = {
        "system": "advoware",
        "operation": "PUT Beteiligte/{betNr}",
        "status": 400,
        "reason": "error 400 without a text",
    }
    record = rooms.failed("validation", fault={"code": "remote_validation", "params": params})
    page = clerk.get(reverse("admin:syncapp_syncrecord_change", args=[record.pk])).text
    assert "Advoware hat den Inhalt abgelehnt: meldet Fehler 400 ohne Text." in page
    assert "nennt das Feld nicht" in page
    assert "genannten Felder" not in page


def test_a_refusal_that_names_its_field_keeps_the_usual_advice() -> None:
    fault = {"code": "remote_validation", "params": {"reason": "field vorname, rule maxLength"}}
    assert sentences.advice("validation", fault) == sentences.KINDS["validation"].advice


CONTACT_FAULTS = {
    "a run's own sum": {"code": "contacts_failed", "params": {"summary": "x"}},
    "EspoCRM's field": {
        "code": "remote_validation",
        "params": {"system": "espocrm", "reason": "field phoneNumberData, rule valid"},
    },
    "EspoCRM's addresses": {
        "code": "remote_validation",
        "params": {
            "system": "espocrm",
            "reason": "Field validation failure; entityType: CBeteiligte, field: emailAddress, type: emailAddress.",
        },
    },
    "Advoware's field": {"code": "remote_validation", "params": {"reason": "field tlf, rule unknown"}},
    "our own validation": {"code": "validation", "params": {"faults": [{"field": "phoneNumberData", "rule": "x"}]}},
    "an entry": {"code": "validation", "params": {"faults": [{"field": "kommunikation.7", "rule": "x"}]}},
}  # fmt: skip


@pytest.mark.parametrize("fault", CONTACT_FAULTS.values(), ids=CONTACT_FAULTS)
def test_refused_contact_points_bring_no_advice_about_names_and_legal_forms(clerk: Client, live: None, fault) -> None:
    """On the record's page, in EspoCRM and in the notice to its user alike."""
    record = rooms.failed("validation", fault=fault)
    page = clerk.get(reverse("admin:syncapp_syncrecord_change", args=[record.pk])).text
    with translation.override("de"):
        texts = (page, sentences.for_espocrm("validation", fault),
                 sentences.notice_text("failed", {"kind": "validation", "fault": fault}))  # fmt: skip
    for text in texts:
        assert "Berichtigen Sie den Kontaktweg dort, wo er eingetragen wurde." in text
        assert "genannten Felder" not in text
        assert "nennt das Feld nicht" not in text
    assert "Eine Nummer oder Adresse, die es nicht annimmt" in page
    assert "unbekannte Rechtsform" not in page.partition("Was geschehen ist")[0]


@pytest.mark.parametrize(
    "fault",
    [
        {"code": "validation", "params": {"faults": [{"field": "vorname", "rule": "max_length", "limit": 30}]}},
        {
            "code": "validation",
            "params": {"faults": [{"field": "vorname", "rule": "x"}, {"field": "phoneNumberData", "rule": "x"}]},
        },
        {"code": "remote_validation", "params": {"reason": "field vorname, rule maxLength"}},
        {"code": "remote_validation", "params": {"reason": "error 400 without a text"}},
    ],
)
def test_other_refusals_keep_their_explanation(fault) -> None:
    assert sentences.explained("validation", fault).cause == sentences.KINDS["validation"].cause


@pytest.mark.parametrize("code", ["oscillation_conflicts", "oscillation_field"])
def test_what_goes_back_and_forth_sends_nobody_to_a_guard_that_has_nothing_to_confirm(
    operator: Client, clerk: Client, live: None, code: str
) -> None:
    record = rooms.failed("blocked", fault={"code": code, "params": {"field": "titel"}})
    page = clerk.get(reverse("admin:syncapp_syncrecord_change", args=[record.pk])).text
    assert "stellen Sie das ab. Wählen Sie dann „Erneut versuchen“" in page
    for text in (page, operator.get(reverse("admin:ops_causes")).text):
        assert "Sehen Sie sich die Beispiele an" not in text
    assert "Ungewöhnlich viele Änderungen" not in page
    assert "Ihre Rolle darf das nicht" not in page
    assert "wartet auf Freigabe" not in page
    assert record.espo_id not in operator.get(reverse("admin:ops_switches")).text


def test_the_errors_by_cause_name_the_system_in_which_it_is_to_be_corrected(operator: Client, live: None) -> None:
    fault = {"field": "name", "rule": "bad_characters", "characters": "<", "side": "advoware"}
    rooms.failed(fault={"code": "partly_refused", "params": {"faults": [fault]}})
    text = operator.get(reverse("admin:ops_causes")).text
    assert "Berichtigen Sie die genannten Werte in Advoware" in text
    assert "in EspoCRM; der Abgleich" not in text


def test_the_errors_by_cause_give_no_advice_of_one_record_for_contact_points_of_all(
    operator: Client, live: None
) -> None:
    """They are one cause, and each has its own reason, which its page tells."""
    points = [{"what": "value", "system": "espocrm", "point": "phone", "cause": "not_accepted"}]
    rooms.failed(fault={"code": "contacts_failed", "params": {"points": [{**points[0], "cause": "not_kept"}]}})
    rooms.failed(fault={"code": "contacts_failed", "params": {"points": points}})
    text = operator.get(reverse("admin:ops_causes")).text
    assert "Berichtigen Sie den Kontaktweg dort, wo er eingetragen wurde." in text
    assert "dieselbe Änderung" not in text
