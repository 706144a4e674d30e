"""Tasks about addresses and bank accounts: seen, answered once for what was shown, and carried by the next run."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation

from syncapp.admin.records.child_case import ChildCaseAdmin
from syncapp.core.child_lists.decisions import CaseAnswer
from syncapp.core.child_lists.shapes import CaseCode
from syncapp.models import BulkAction, ChildCase, ChildLink, Heartbeat, OperatorLog, SyncRecord
from syncapp.operations.actions import child_cases
from syncapp.operations.previews import record_preview
from tests.admin import rooms
from tests.support.roles import client_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("live")]
LIST = "admin:syncapp_childcase_changelist"


@pytest.fixture(autouse=True)
def _both_kinds(settings: Any) -> None:
    settings.ESPOCRM_ADRESSEN = "entity"
    settings.ESPOCRM_BANK_ENTITY = "CBankverbindungen"
    settings.ADVOWARE_BANK_LIST = "get"


def page(case: ChildCase) -> str:
    return reverse("admin:ops_child_case", args=[case.pk])


def answer(client: Client, case: ChildCase, said: str, **more: object) -> str:
    body = {"answer": said, "seen": child_cases.stamp(case), **more}
    return client.post(page(case), body, follow=True).text


# --- seen


def test_the_landing_page_counts_what_somebody_has_to_do(clerk: Client) -> None:
    rooms.child_case()
    rooms.account_case()
    rooms.child_case(code="double", row=5)
    rooms.child_case(done_at=timezone.now(), done_by="anna")
    rooms.child_case(code="waiting", row=4)
    text = " ".join(clerk.get(reverse("admin:index")).text.split())
    assert "<b>2</b> Aufgaben zu Adressen oder Bankverbindungen" in text
    assert "<b>1</b> Adressen und Bankverbindungen warten auf Übertragung" in text
    assert "Alles in Ordnung" not in text


def test_what_waits_for_a_word_is_not_urgent_and_nobody_is_told_that_nothing_waits(clerk: Client) -> None:
    for name in ("dispatcher", "sweep"):
        Heartbeat.objects.create(name=name, at=timezone.now())
    rooms.child_case(code="waiting", row=4)
    answer = clerk.get(reverse("admin:index"))
    assert answer.context["well"] is True
    assert "Alles in Ordnung; was unter „Zu erledigen“ steht, wartet auf jemanden." in answer.text
    assert "Niemand wird gebraucht" not in answer.text
    assert "So ist es seit" not in answer.text


@pytest.mark.parametrize(
    "codes, reports, words",
    [
        (["waiting"], [], "1 Adresse oder Bankverbindung wartet darauf, dass jemand die Übertragung freigibt"),
        (["waiting"] * 2, [], "2 Adressen oder Bankverbindungen warten darauf, dass jemand die Übertragung freigibt"),
        (["waiting", "differs"], [], "1 Aufgabe zu einer Adresse oder Bankverbindung wartet auf jemanden"),
        ([], [{"code": "child_only_in_espocrm", "params": {"what": "x"}}], "der letzte Lauf hat Anmerkungen"),
        (["double"], [], "Beide Seiten sind gleich; es ist nichts zu tun."),
    ],
)
@pytest.mark.parametrize("name", ["syncapp_syncrecord_change", "ops_state"])
def test_a_record_is_not_called_done_while_something_waits_for_a_person(
    name: str, codes: list[str], reports: list[dict[str, Any]], words: str, clerk: Client
) -> None:
    record = rooms.record(reports=reports)
    for code in codes:
        rooms.child_case(record, code=code, row=4)
    text = clerk.get(reverse(f"admin:{name}", args=[record.pk])).text
    assert words in text
    assert text.count("es ist nichts zu tun") == ("nichts zu tun" in words)


def test_a_record_with_something_to_do_by_hand_is_not_called_done(clerk: Client) -> None:
    record = rooms.record()
    record.links.create(entry_id=7, komm_kz=1, base={"espo": "+49 511 12345"}, type_change_told="Mobile")
    for name in ("syncapp_syncrecord_change", "ops_state"):
        text = clerk.get(reverse(f"admin:{name}", args=[record.pk])).text
        assert "etwas ist von Hand zu tun" in text
        assert "es ist nichts zu tun" not in text


@pytest.mark.parametrize(
    "state, codes",
    [
        ("open", {"same_or_different"}),
        ("waiting", {"waiting"}),
        ("listed", {"double"}),
        ("answered", {"letter_block"}),
        ("closed", {"delete_in_advoware"}),
    ],
)
def test_each_state_has_its_filter(state: str, codes: set[str], clerk: Client) -> None:
    now = timezone.now()
    rooms.child_case()
    rooms.child_case(code="waiting")
    rooms.child_case(code="double")
    rooms.child_case(code="letter_block", done_at=now, done_by="anna")
    rooms.child_case(code="delete_in_advoware", closed_at=now)
    found = clerk.get(reverse(LIST), {"state": state}).context["cl"].result_list
    assert {case.code for case in found} == codes


@pytest.mark.parametrize(
    "code, words",
    [("same_or_different", "zu erledigen"), ("waiting", "wartet auf Übertragung"), ("double", "nur angezeigt")],
)
def test_nothing_is_called_to_do_about_which_nobody_has_to_do_anything(code: str, words: str, clerk: Client) -> None:
    case = rooms.child_case(code=code, row=5)
    assert re.search(
        rf'<span class="ops-badge[^"]*"><span[^>]*>\w+</span>{words}</span>', clerk.get(reverse(LIST)).text
    )
    with translation.override("de"):
        assert words in {str(column.cell(case)) for column in ChildCaseAdmin.export_columns}


def test_the_list_is_narrowed_by_kind_and_task(clerk: Client) -> None:
    rooms.child_case()
    rooms.account_case()
    for query, kind in (({"kind__exact": "bank"}, "bank"), ({"code__exact": "same_or_different"}, "adressen")):
        assert [case.kind for case in clerk.get(reverse(LIST), query).context["cl"].result_list] == [kind]


def test_the_list_says_what_stands_where(clerk: Client) -> None:
    rooms.child_case()
    rooms.account_case()
    text = " ".join(clerk.get(reverse(LIST)).text.split())
    assert "dieselbe Adresse?" in text
    assert "<small>EspoCRM</small> <bdi>Hauptstr. 5, Hannover</bdi>" in text
    assert "<small>Advoware</small> <bdi>DE…3000</bdi>" in text


def test_the_list_costs_the_same_for_one_and_for_many(clerk: Client, django_assert_max_num_queries: Callable) -> None:
    for _times in range(12):
        rooms.child_case()
        rooms.account_case()
    with django_assert_max_num_queries(7):
        clerk.get(reverse(LIST))


def test_the_record_tells_its_tasks_until_somebody_has_answered(clerk: Client, settings: Any) -> None:
    case = rooms.child_case()
    address = reverse("admin:syncapp_syncrecord_change", args=[case.record_id])
    assert "dieselbe Adresse?" in clerk.get(address).text
    settings.ESPOCRM_ADRESSEN, settings.ESPOCRM_BANK_ENTITY = "off", ""
    assert "dieselbe Adresse?" not in clerk.get(address).text


def test_the_record_shows_what_was_equal_after_the_last_sync(clerk: Client) -> None:
    record = rooms.record()
    ChildLink.objects.create(
        record=record,
        kind="adressen",
        espo_id="i1",
        entry_id=3,
        state="linked",
        base_espo={"strasse": "Hauptstr. 5", "ort": "Hannover"},
        base_advo={"strasse": "Hauptstraße 5", "ort": "Hannover"},
    )
    kept = {"how": "plain", "tail": "DE…3000", "values": {"iban": "DE89370400440532013000"}}
    ChildLink.objects.create(
        record=record, kind="bank", espo_id="k1", entry_id=4, state="linked", base_espo=kept, base_advo=kept
    )
    text = clerk.get(reverse("admin:syncapp_syncrecord_change", args=[record.pk])).text
    assert "Hauptstraße 5, Hannover" in text
    assert "DE…3000" in text
    assert "DE89370400440532013000" not in text


def test_what_to_do_by_hand_and_how_it_ends_is_said(clerk: Client, settings: Any) -> None:
    case = rooms.account_case()
    text = clerk.get(page(case)).text
    assert "Bitte ändern Sie sie in Advoware von Hand" in text
    assert "Die Aufgabe schließt sich von selbst, sobald ein Lauf beide Seiten gleich findet." in text
    settings.ADVOWARE_BANK_LIST = "none"
    assert "Sagen Sie hier, wenn es erledigt ist." in clerk.get(page(case)).text


def test_a_case_that_has_closed_itself_says_so(clerk: Client) -> None:
    case = rooms.account_case(closed_at=timezone.now())
    text = clerk.get(page(case)).text
    assert "Diese Aufgabe hat sich von selbst geschlossen:" in text
    assert "So antworten" not in text
    assert "Es gibt nichts mehr zu beantworten." in answer(clerk, case, "noted"), "also where the record was deleted"


def test_a_case_that_somebody_has_answered_says_so_also_once_it_is_closed(clerk: Client) -> None:
    other, case = rooms.child_case(), rooms.child_case()
    answer(clerk, other, "different")
    answer(clerk, case, "same_send")
    said = "Beantwortet von Clerk"
    assert "Dieselbe, die Schreibweise aus EspoCRM gilt" in clerk.get(page(case)).text
    # As the run leaves it that has carried the answer.
    ChildCase.objects.filter(pk=case.pk).update(answer="", closed_at=timezone.now())
    text = clerk.get(page(case)).text
    assert said in text
    assert "Dieselbe, die Schreibweise aus EspoCRM gilt" in text
    assert "Abgeschlossen:" in text
    assert "von selbst geschlossen" not in text
    listed = " ".join(clerk.get(reverse(LIST), {"state": "closed"}).text.split())
    assert "beantwortet und abgeschlossen" in listed
    assert re.search(r"beantwortet und abgeschlossen</span></span><small>Clerk", listed)
    case.refresh_from_db()
    with translation.override("de"):
        cells = {str(column.cell(case)) for column in ChildCaseAdmin.export_columns}
    assert "beantwortet und abgeschlossen" in cells
    assert "Das hat schon jemand beantwortet" in answer(clerk, case, "same")
    OperatorLog.objects.all().delete()
    assert said in clerk.get(page(case)).text


# --- answered


def test_an_answer_waits_for_the_run_that_it_asks_for(clerk: Client, rung: list) -> None:
    case = rooms.child_case()
    text = answer(clerk, case, "same", reason="mit Mandant geklärt")
    assert "Beantwortet. Ein Lauf, der die Antwort umsetzt, ist angefordert" in text
    case.refresh_from_db()
    assert (case.answer, case.closed_at) == ("same", None)
    assert case.done_by.startswith("Clerk")
    record = SyncRecord.objects.get(pk=case.record_id)
    assert record.requested > record.completed
    row = OperatorLog.objects.get()
    assert (row.action, row.result, row.reason) == (
        "settle_case",
        "adressen.same_or_different: same",
        "mit Mandant geklärt",
    )


def test_the_log_says_what_was_answered(operator: Client) -> None:
    case = rooms.child_case()
    answer(operator, case, "different")
    text = operator.get(reverse("admin:syncapp_operatorlog_changelist")).text
    assert "Adresse, dieselbe Adresse? → Zwei verschiedene" in text


def test_what_is_left_as_it_is_asks_for_no_run(clerk: Client, rung: list) -> None:
    case = rooms.account_case()
    assert "Vermerkt." in answer(clerk, case, "noted")
    case.refresh_from_db()
    assert (case.answer, case.done_at is not None, rung) == ("", True, [])


def test_an_answer_to_something_else_than_was_shown_does_not_count(clerk: Client) -> None:
    case = rooms.child_case()
    seen = child_cases.stamp(case)
    ChildCase.objects.filter(pk=case.pk).update(params={**rooms.SIMILAR, "espo_strasse": "Wall 1"})
    text = clerk.post(page(case), {"answer": "same", "seen": seen}).text
    assert "Inzwischen wurde etwas geändert" in text
    assert "Wall 1" in text
    assert "required checked" not in text
    assert not OperatorLog.objects.exists()


def test_a_second_answer_is_refused(clerk: Client) -> None:
    case = rooms.child_case()
    answer(clerk, case, "same")
    assert "Das hat schon jemand beantwortet" in answer(clerk, case, "different")
    assert ChildCase.objects.get().answer == "same"


def test_an_answer_that_the_case_does_not_offer_is_refused(clerk: Client) -> None:
    case = rooms.child_case()
    assert "Diese Antwort passt nicht" in answer(clerk, case, "carry")
    assert "Es wurde nichts gewählt." in answer(clerk, case, "nonsense")


def test_nobody_answers_under_the_hands_of_a_run(clerk: Client) -> None:
    case = rooms.child_case(rooms.locked())
    assert "Der Datensatz wird gerade abgeglichen." in answer(clerk, case, "same")
    assert ChildCase.objects.get().answer == ""


def test_a_found_entry_is_named_by_its_number(clerk: Client) -> None:
    case = rooms.child_case(code="outcome_unknown", row=22, entry_id=0, params={"strasse": "Wall 1"})
    taken = {"record_id": case.record_id, "kind": "adressen", "entry_id": 12, "espo_id": "i9", "state": "linked"}
    ChildLink.objects.create(**taken)
    for number, words in (("", "die Nummer ein"), ("0", "die Nummer ein"), ("12", "gehört schon zu einem anderen")):
        text = answer(clerk, case, "there", number=number)
        assert words in text
        assert 'value="there" required checked' in text, "what was said stays"
        assert f'autocomplete="off" value="{number}"' in text
    answer(clerk, case, "there", number="13")
    case.refresh_from_db()
    assert (case.answer, case.answer_entry) == ("there", 13)


def test_where_nobody_can_read_the_list_no_number_is_asked_for(clerk: Client, settings: Any) -> None:
    settings.ADVOWARE_BANK_LIST = "none"
    case = rooms.account_case(code="outcome_unknown", row=14, params={"account": "DE…3000"})
    assert 'name="number"' not in clerk.get(page(case)).text
    answer(clerk, case, "there")
    assert ChildCase.objects.get().answer == "there"


def test_a_mistake_is_taken_back(clerk: Client) -> None:
    case = rooms.account_case()
    answer(clerk, case, "noted")
    assert "wieder öffnen" in clerk.get(page(case)).text
    clerk.post(page(case), {"reopen": "1"})
    case.refresh_from_db()
    assert (case.done_at, case.done_by) == (None, "")
    assert list(OperatorLog.objects.order_by("pk").values_list("action", flat=True)) == ["settle_case", "case_reopened"]


def test_a_reader_looks_and_answers_nothing(as_role: Callable[[str], Client]) -> None:
    case = rooms.child_case()
    reader = as_role("Reader")
    text = reader.get(page(case)).text
    assert "So antworten" not in text
    assert "Hauptstr. 5" not in text
    assert reader.post(page(case), {"answer": "same", "seen": child_cases.stamp(case)}).status_code == 403


@pytest.mark.parametrize("code", CaseCode)
@pytest.mark.parametrize("kind", ["adressen", "bank"])
@pytest.mark.parametrize("readable", ["get", "none"])
def test_every_answer_that_is_offered_is_taken(
    code: CaseCode, kind: str, readable: str, clerk: Client, settings: Any
) -> None:
    settings.ADVOWARE_BANK_LIST = readable
    made = rooms.child_case(kind=kind, code=code.value, row=7)
    for said in child_cases.answers_to(made):
        case = rooms.child_case(kind=kind, code=code.value, row=7)
        assert str(said) in clerk.get(page(case)).text
        answer(clerk, case, str(said), number="77")
        case.refresh_from_db()
        assert case.done_at is not None
        assert case.answer == ("" if said is CaseAnswer.noted else said)


# --- many


def test_what_waits_is_carried_in_bulk(clerk: Client, rung: list) -> None:
    waiting = [rooms.child_case(code="waiting", row=4) for _times in range(3)]
    asked = rooms.child_case()
    ids = [case.pk for case in (*waiting, asked)]
    clerk.post(reverse(LIST), {"action": "carry_waiting", "_selected_action": ids, "index": 0})
    bulk = BulkAction.objects.get()
    assert "Betrifft <b>4</b>" in clerk.get(reverse("admin:ops_many", args=[bulk.pk])).text
    clerk.post(reverse("admin:ops_many", args=[bulk.pk]), {"reason": "Erstabgleich"})
    bulk.refresh_from_db()
    assert (bulk.done, list(bulk.refused.values())) == (3, [1])
    assert set(ChildCase.objects.filter(answer="carry")) == set(waiting)
    assert rung == [([case.record_id for case in waiting], "sync_records")]
    taken_up = waiting[0]
    ChildCase.objects.filter(pk=taken_up.pk).update(closed_at=timezone.now())
    clerk.post(reverse("admin:ops_many_undo", args=[bulk.pk]))
    undone = BulkAction.objects.latest("pk")
    clerk.post(reverse("admin:ops_many", args=[undone.pk]), {"reason": "zu früh"})
    undone.refresh_from_db()
    assert (undone.code, undone.done, list(undone.refused.values())) == ("undo_answers", 2, [1])
    assert list(ChildCase.objects.filter(answer="carry")) == [taken_up]


def test_tasks_are_worked_through_one_after_another(clerk: Client) -> None:
    first, second = rooms.child_case(), rooms.child_case()
    page = reverse("admin:ops_child_case", args=[first.pk])
    assert reverse("admin:ops_child_case", args=[second.pk]) in clerk.get(page).text
    body = {"answer": "same", "seen": child_cases.stamp(first), "go_on": "1"}
    assert clerk.post(page, body).url == reverse("admin:ops_child_case", args=[second.pk])
    last = reverse("admin:ops_child_case", args=[second.pk])
    body = {"answer": "same", "seen": child_cases.stamp(second), "go_on": "1"}
    assert clerk.post(last, body).url == reverse("admin:syncapp_syncrecord_change", args=[second.record_id])


# --- accounts in full


def shown(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """What the page asks the preview for; it shows an account in part, or in full."""
    asked: list[bool] = []

    def preview(record: SyncRecord, *, in_full: bool) -> record_preview.RecordPreview:
        asked.append(in_full)
        text = "DE89370400440532013000" if in_full else "DE…3000"
        line = record_preview.ElementLine(text, text, None, None, "", "off")
        group = record_preview.ChildGroup("Bankverbindungen", "Bankverbindung", (line,), hides=not in_full)
        return record_preview.RecordPreview(summary="x", children=(group,))

    monkeypatch.setattr("syncapp.admin.pages.record.record_preview", preview)
    return asked


def trusted(person: Callable[[str], User]) -> Client:
    user = person("Clerk")
    user.user_permissions.add(Permission.objects.get(codename="see_accounts"))
    return client_of(user)


def test_an_account_is_shown_in_full_to_whom_it_was_granted_and_the_log_knows(
    person: Callable[[str], User], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked, client, record = shown(monkeypatch), trusted(person), rooms.record()
    text = client.get(reverse("admin:ops_sides", args=[record.pk])).text
    assert ("DE…3000" in text, "Vollständig anzeigen" in text) == (True, True)
    assert not OperatorLog.objects.exists()
    whole = client.post(reverse("admin:ops_accounts", args=[record.pk]))
    assert "DE89370400440532013000" in whole.text
    assert "no-store" in whole["Cache-Control"]
    row = OperatorLog.objects.get()
    assert (row.action, row.record, asked) == ("see_accounts", record, [False, True])


def test_no_usual_role_sees_an_account_in_full(
    as_role: Callable[[str], Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked, record = shown(monkeypatch), rooms.record()
    for role in ("Reader", "Clerk", "Operator", "Auditor"):
        client = as_role(role)
        assert "Vollständig anzeigen" not in client.get(reverse("admin:ops_sides", args=[record.pk])).text
        assert client.post(reverse("admin:ops_accounts", args=[record.pk])).status_code == 403
    assert set(asked) == {False}


def test_looking_needs_a_click_and_not_a_link(person: Callable[[str], User]) -> None:
    assert trusted(person).get(reverse("admin:ops_accounts", args=[rooms.record().pk])).status_code == 302


def test_a_case_is_older_the_longer_nobody_answers(clerk: Client) -> None:
    new = rooms.child_case()
    old = rooms.child_case(opened_at=timezone.now() - timedelta(days=3))
    found = list(clerk.get(reverse(LIST), {"state": "open"}).context["cl"].result_list)
    assert found == [old, new]
