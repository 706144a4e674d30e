"""Deletions that people do by hand, and cases with somebody who looks after them."""

from datetime import date

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from syncapp.models import Case, DeletionTask, OperatorLog
from tests.admin import rooms

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("live")]


def test_a_deletion_is_ticked_off_by_name(clerk: Client) -> None:
    task = rooms.deletion()
    assert "Tick" not in clerk.get(reverse("admin:ops_deletion", args=[task.pk])).text
    assert DeletionTask.objects.get().done_at is None
    answer = clerk.post(reverse("admin:ops_deletion", args=[task.pk]), {"reason": "erledigt am Telefon"}, follow=True)
    assert f"Abgehakt: betNr {task.betnr}" in answer.text
    task.refresh_from_db()
    assert task.done_by is not None
    row = OperatorLog.objects.get()
    assert (row.action, row.result, row.reason) == ("deletion_done", f"betNr {task.betnr}", "erledigt am Telefon")


def test_ticking_off_twice_is_said_and_logged_once(clerk: Client) -> None:
    task = rooms.deletion()
    for _times in range(2):
        answer = clerk.post(reverse("admin:ops_deletion", args=[task.pk]), {}, follow=True)
    assert "schon abgehakt" in answer.text
    assert OperatorLog.objects.count() == 1


def test_a_mistake_is_taken_back(clerk: Client) -> None:
    task = rooms.deletion()
    clerk.post(reverse("admin:ops_deletion", args=[task.pk]), {})
    assert "wieder öffnen" in clerk.get(reverse("admin:ops_deletion", args=[task.pk])).text
    clerk.post(reverse("admin:ops_deletion", args=[task.pk]), {"reopen": "1"})
    task.refresh_from_db()
    assert (task.done_at, task.done_by) == (None, None)


def test_the_list_shows_what_is_to_do(clerk: Client) -> None:
    task = rooms.deletion()
    text = clerk.get(reverse("admin:syncapp_deletiontask_changelist")).text
    for word in (str(task.betnr), "zu erledigen", "Abhaken", "Frieda Müller"):
        assert word in text


def test_a_record_tells_what_is_to_be_deleted(clerk: Client) -> None:
    task = rooms.deletion()
    text = clerk.get(reverse("admin:syncapp_syncrecord_change", args=[task.record_id])).text
    assert f"Bitte löschen Sie betNr {task.betnr} von Hand in Advoware" in text


def test_a_case_has_somebody_a_day_and_a_note(clerk: Client) -> None:
    record = rooms.failed()
    anna = User.objects.create_user("anna", is_staff=True)
    body = {"assignee": anna.pk, "due": "2026-12-01", "note": "Ausweis angefordert"}
    clerk.post(reverse("admin:ops_case", args=[record.pk]), body)
    case = Case.objects.get()
    assert (case.assignee, case.due, case.note) == (anna, date(2026, 12, 1), "Ausweis angefordert")
    text = clerk.get(reverse("admin:syncapp_syncrecord_change", args=[record.pk])).text
    assert "Ausweis angefordert" in text
    assert 'value="2026-12-01"' in text
    assert OperatorLog.objects.get().action == "case"


def test_a_case_can_be_emptied(clerk: Client) -> None:
    record = rooms.failed()
    Case.objects.create(record=record, note="alt", due=date(2026, 1, 1))
    clerk.post(reverse("admin:ops_case", args=[record.pk]), {"assignee": "", "due": "", "note": ""})
    case = Case.objects.get()
    assert (case.assignee, case.due, case.note) == (None, None, "")


def test_what_is_wrong_with_a_case_is_told_by_the_name_of_its_field(clerk: Client) -> None:
    address = reverse("admin:ops_case", args=[rooms.record().pk])
    text = clerk.post(address, {"due": "32.13.2026", "note": "x" * 5000}, follow=True).text
    assert "Fällig am: " in text
    assert "Notiz: " in text


@pytest.mark.parametrize(
    "body, words",
    [
        pytest.param({"due": "gestern"}, "gültiges Datum", id="no day"),
        pytest.param({"assignee": "999999"}, "gültige Auswahl", id="nobody"),
        pytest.param({"note": "x" * 5000}, "Zeichen", id="too long"),
    ],
)
def test_a_case_with_nonsense_is_refused_in_words(body: dict[str, str], words: str, clerk: Client) -> None:
    record = rooms.failed()
    answer = clerk.post(reverse("admin:ops_case", args=[record.pk]), body, follow=True)
    assert Case.objects.count() == 0
    (said,) = answer.context["messages"]
    assert (said.level_tag, words in said.message) == ("error", True), said


def test_an_overdue_case_is_marked(clerk: Client) -> None:
    record = rooms.failed()
    Case.objects.create(record=record, due=date(2020, 1, 1))
    assert "überfällig" in clerk.get(reverse("admin:syncapp_syncrecord_change", args=[record.pk])).text


def test_a_reader_sees_no_form(as_role: object) -> None:
    record = rooms.failed()
    Case.objects.create(record=record, note="Geheim")
    text = as_role("Reader").get(reverse("admin:syncapp_syncrecord_change", args=[record.pk])).text  # type: ignore[operator]
    assert "ops_case" not in text
    assert "Geheim" not in text
