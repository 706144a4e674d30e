"""The log and the pages around it say in words what is kept as codes, and find it by these words."""

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from syncapp.core.guards import GuardKind
from syncapp.engine import control, guards
from syncapp.models import DriftReport, Notice, OperatorLog
from tests.admin import rooms

pytestmark = pytest.mark.django_db
LOG = "admin:syncapp_operatorlog_changelist"


@pytest.fixture
def switched(live: None) -> None:
    control.set_mode(mode="shadow", by="jan", reason="Probe")
    control.hold_side(side="advoware", held=True, by="jan", reason="Umzug")
    guards.confirm(sort=GuardKind("removals"), by="jan", reason="gewollt")


@pytest.mark.parametrize("page", [LOG, "admin:ops_switches"])
def test_switches_are_told_in_words(page: str, switched: None, operator: Client) -> None:
    text = operator.get(reverse(page)).text
    assert "Echtbetrieb → Schattenbetrieb" in text
    assert "Löschungen" in text
    assert "live → shadow" not in text


def test_a_hold_and_what_advowares_list_has_done_are_told_in_words(operator: Client) -> None:
    """Also of rows that were stored before there were words for it."""
    for code, result in (("pause", "paused"), ("ignore", "ignored")):
        OperatorLog.objects.create(actor="anna", action=code, result=result)
    for reason in ("not in Advoware's list of employees", "in Advoware's list of employees again"):
        OperatorLog.objects.create(actor="anna", action="calendar_change", target="HK", reason=reason)
    table = operator.get(reverse(LOG)).text.partition("<tbody")[2]
    for said in (
        "pausiert",
        "ignoriert",
        "nicht in Advowares Mitarbeiterliste",
        "wieder in Advowares Mitarbeiterliste",
    ):
        assert said in table
    assert not [
        code for code in ("paused", "ignored", "list of employees") if f">{code}<" in table or " of emp" in table
    ]


@pytest.mark.parametrize("name", ["operatorlog", "notice"])
def test_a_row_leads_to_no_form_with_the_codes_that_the_list_has_words_for(
    switched: None, boss: Client, name: str
) -> None:
    record = rooms.record()
    notice = Notice.objects.create(record=record, espo_id=record.espo_id, event="deleted_in_advoware", params={})
    row: OperatorLog | Notice = notice if name == "notice" else OperatorLog.objects.latest("pk")
    form = reverse(f"admin:syncapp_{name}_change", args=[row.pk])
    assert form not in boss.get(reverse(f"admin:syncapp_{name}_changelist")).text
    assert boss.get(form).status_code == 403


def test_an_act_is_found_by_the_name_that_the_list_shows(switched: None, operator: Client) -> None:
    found = operator.get(reverse(LOG), {"q": "Betriebsart"}).context["cl"].result_list
    assert [entry.action for entry in found] == ["mode"]
    assert not operator.get(reverse(LOG), {"q": "gibt es nicht"}).context["cl"].result_list


@pytest.mark.parametrize("words", ["Jetzt abgleichen", "Erneut versuchen"])
def test_what_was_done_to_many_is_called_as_their_page_is_and_found_by_each_name(words: str, operator: Client) -> None:
    for number, code in ((2, "sync_now"), (3, "pause")):
        OperatorLog.objects.create(actor="anna", action=code, count=number)
    page = reverse(LOG)
    text = operator.get(page).text
    assert "Jetzt abgleichen oder erneut versuchen" in text
    assert "Diese Datensätze pausieren" in text
    found = operator.get(page, {"q": words}).text
    assert "Jetzt abgleichen oder erneut versuchen" in found
    assert "Diese Datensätze pausieren" not in found


def test_a_decision_is_told_in_words_on_the_records_page(live: None, clerk: Client) -> None:
    record = rooms.record()
    OperatorLog.objects.create(
        actor="anna", action="decide_conflict", target=record.espo_id, record=record, result="titel: espocrm"
    )
    text = clerk.get(reverse("admin:syncapp_syncrecord_change", args=[record.pk])).text
    assert "Titel: EspoCRM" in text
    assert "titel: espocrm" not in text


def test_what_is_not_synced_is_named_in_german(live: None, clerk: Client) -> None:
    text = clerk.get(reverse("admin:syncapp_syncrecord_change", args=[rooms.record().pk])).text
    assert "Handelsregisternummer, Registergericht" in text
    assert "handelsRegisterNummer" not in text


def test_one_contact_point_is_not_told_in_the_plural(live: None, clerk: Client) -> None:
    record = rooms.record()
    attempt = rooms.history(record)
    attempt.summary = {"Var1": {"done": 1, "failed": 2}}
    attempt.save()
    text = clerk.get(reverse("admin:syncapp_syncrecord_change", args=[record.pk])).text
    assert "Kontaktwege in Advoware eingetragen: 1" in text
    assert "Kontaktwege in Advoware eingetragen, nicht möglich: 2" in text


@pytest.mark.parametrize(
    "action, result, words",
    [
        ("calendar_change", "mode=live", "Betriebsart: Echtbetrieb"),
        ("calendar_change", "active=False, name=Imhof, Alexander", "abgeglichen: nein, Name: Imhof, Alexander"),
        ("calendar_change", "calendar_id=c_1@group.calendar.google.com", "Kalender in Google: gesetzt"),
        ("calendar_share", "made", "neu angelegt"),
        ("calendar_decide", "conflict: google", "Es gilt die Fassung aus Google"),
        ("calendar_quota", "allowed", "wieder erlaubt"),
        ("snooze_cause", "validation·vorname·max_length···", "Vorname"),
    ],
)
def test_what_came_of_an_act_is_told_in_words(action: str, result: str, words: str, operator: Client) -> None:
    OperatorLog.objects.create(actor="command line (root)", action=action, target="SB", result=result)
    text = operator.get(reverse(LOG)).text
    assert words in text
    assert result not in text
    assert "Befehlszeile (root)" in text
    assert "command line" not in text


@pytest.mark.parametrize("name", ["driftreport", "proxykey"])
def test_what_was_done_with_a_command_is_told_so_in_its_list(name: str, boss: Client) -> None:
    shell = "command line (root)"
    DriftReport.objects.create(by=shell, scope="all")
    rooms.proxy_key("made", created_by=shell, owner="")
    rooms.proxy_key("revoked", revoked_at=timezone.now(), revoked_by=shell)
    text = boss.get(reverse(f"admin:syncapp_{name}_changelist")).text
    assert "Befehlszeile (root)" in text
    assert "command line" not in text


def test_each_guard_is_told_by_what_it_guards(live: None, operator: Client) -> None:
    text = operator.get(reverse("admin:ops_switches")).text
    assert text.count("Neuanlagen in Advoware: höchstens") == 1
    assert text.count("Neue Adressen und Bankverbindungen in Advoware: höchstens") == 1


def test_nobody_is_offered_all_where_nothing_is_left_out(switched: None, operator: Client) -> None:
    assert "Ergebnisse (" not in operator.get(reverse(LOG)).text
    assert "Ergebnis (" in operator.get(reverse(LOG), {"q": "Betriebsart"}).text


def test_the_log_counts_its_entries_in_german(switched: None, operator: Client) -> None:
    assert "3 insgesamt" in " ".join(operator.get(reverse(LOG)).text.split())
