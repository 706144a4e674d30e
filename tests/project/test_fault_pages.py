"""What a person reads when a page cannot be shown: what happened and what to do, in German, with a way back."""

import pytest
from django.contrib.auth.models import User
from django.template.loader import render_to_string
from django.test import Client
from django.utils import translation

pytestmark = pytest.mark.django_db


@pytest.fixture
def staff() -> User:
    return User.objects.create_user("clerk", password="correct horse battery", is_staff=True)


def german(staff: User, *, csrf: bool = False) -> Client:
    client = Client(headers={"accept-language": "de"}, enforce_csrf_checks=csrf, raise_request_exception=False)
    client.force_login(staff)
    return client


def leads_back(text: str) -> bool:
    return 'href="/admin/"' in text and "Zur Startseite" in text


def test_what_a_role_may_not_see(staff: User):
    answer = german(staff).get("/admin/ops/settings/")
    assert answer.status_code == 403
    assert "Das dürfen Sie nicht" in answer.text
    assert leads_back(answer.text)


def test_what_does_not_exist(staff: User):
    answer = german(staff).get("/admin/ops/nowhere/")
    assert answer.status_code == 404
    assert "Diese Seite gibt es nicht" in answer.text
    assert leads_back(answer.text)


@pytest.mark.parametrize("page", ["syncrecord", "driftreport", "calendaremployee", "appointment"])
def test_a_sign_that_only_looks_like_a_number(page: str, staff: User, settings):
    settings.GOOGLE_SERVICE_ACCOUNT_FILE = "/etc/advosync/google.json"
    staff.is_superuser = True
    staff.save()
    assert german(staff).get(f"/admin/syncapp/{page}/²/change/").status_code == 404


def test_an_address_that_guesses_at_columns(staff: User):
    staff.is_superuser = True
    staff.save()
    answer = german(staff).get("/admin/syncapp/syncrecord/?name__startswith=O")
    assert answer.status_code == 400
    assert "Diese Adresse ist nicht verständlich" in answer.text
    assert leads_back(answer.text)


def test_a_page_that_was_open_too_long(staff: User):
    answer = german(staff, csrf=True).post("/admin/logout/")
    assert answer.status_code == 403
    assert "laden Sie die Seite neu" in answer.text
    assert leads_back(answer.text)


def test_a_fault_needs_no_request_to_be_told():
    with translation.override("de"):
        text = render_to_string("500.html")
    assert "Es geht keine Änderung verloren" in text
    assert leads_back(text)


def test_a_locked_login_says_for_how_long(client: Client, staff: User, settings):
    settings.AXES_ENABLED = True
    wrong = {"username": "clerk", "password": "wrong"}
    answers = [client.post("/admin/login/", wrong, headers={"accept-language": "de"}) for _ in range(5)]
    assert answers[-1].status_code == 429
    assert f"Warten Sie {settings.AXES_COOLOFF_TIME.seconds // 60} Minuten" in answers[-1].text
