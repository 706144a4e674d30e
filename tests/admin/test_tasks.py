"""Deletions that people do by hand, and cases with somebody who looks after them."""

import re
from collections.abc import Callable
from datetime import date

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client
from django.urls import reverse

from syncapp.models import Case, DeletionTask, OperatorLog, SyncRecord
from syncapp.words import html
from tests.admin import rooms
from tests.support.roles import client_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("live")]


def test_a_deletion_is_ticked_off_by_name(clerk: Client) -> None:
    task = rooms.deletion()
    assert "Tick off" not in clerk.get(reverse("admin:ops_deletion", args=[task.pk])).text
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


def seen_in(client: Client, record: SyncRecord) -> str:
    """What the form of a case sends along: how it stood when the page was opened."""
    found = re.search(r'name="seen" value="([^"]*)"', client.get(html.record_url(record.pk)).text)
    assert found
    return found[1]


def test_what_somebody_else_has_noted_since_is_not_written_over(clerk: Client, operator: Client) -> None:
    record = rooms.failed()
    opened = seen_in(clerk, record)
    address = reverse("admin:ops_case", args=[record.pk])
    theirs = {"assignee": "", "due": "", "note": "Mandant ruft zurück", "seen": seen_in(operator, record)}
    operator.post(address, theirs)
    answer = clerk.post(address, {"assignee": "", "due": "", "note": "Ausweis fehlt", "seen": opened})
    assert "Jemand anders hat dies inzwischen geändert" in answer.text
    # What stands there now is shown, and what was to be noted stays written, to be saved knowing of it.
    assert ">Ausweis fehlt</textarea>" in answer.text
    assert "Mandant ruft zurück" in answer.text
    assert Case.objects.get().note == "Mandant ruft zurück"
    # Sent twice by one click too many, it is there already.
    assert "Gespeichert" in operator.post(address, theirs, follow=True).text
    clerk.post(address, {"assignee": "", "due": "", "note": "Ausweis fehlt", "seen": seen_in(clerk, record)})
    assert Case.objects.get().note == "Ausweis fehlt"


def test_who_may_not_see_the_note_does_not_empty_it(person: Callable[[str], User]) -> None:
    user, record = person("Clerk"), rooms.failed()
    user.groups.clear()
    user.user_permissions.set(Permission.objects.filter(codename__in=("view_syncrecord", "work_case")))
    Case.objects.create(record=record, note="Ausweis angefordert")
    client = client_of(user)
    assert 'name="note"' not in client.get(html.record_url(record.pk)).text
    client.post(reverse("admin:ops_case", args=[record.pk]), {"assignee": user.pk, "due": "", "note": ""})
    case = Case.objects.get()
    assert (case.assignee, case.note) == (user, "Ausweis angefordert")


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
    answer = clerk.post(reverse("admin:ops_case", args=[record.pk]), body)
    assert Case.objects.count() == 0
    assert words in answer.context["fault"]
    assert 'id="fault"' in answer.text


def test_what_was_written_stays_where_a_case_is_refused(clerk: Client) -> None:
    """Even of a record that nothing is wrong with any more and that had no case: the form stands open with it."""
    record, anna = rooms.record(), User.objects.create_user("anna", is_staff=True)
    body = {"assignee": anna.pk, "due": "32.13.2026", "note": "Ausweis angefordert"}
    answer = clerk.post(reverse("admin:ops_case", args=[record.pk]), body)
    assert ">Ausweis angefordert</textarea>" in answer.text
    assert f'<option value="{anna.pk}" selected>' in answer.text
    assert 'value="32.13.2026"' in answer.text
    assert f'data-address="{html.record_url(record.pk)}"' in answer.text
    assert 'data-field="due"' in answer.text


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
