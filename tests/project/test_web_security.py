"""What stands in front of every page: headers, the guard of the queue pages, the brake on wrong passwords."""

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client

pytestmark = pytest.mark.django_db
PASSWORD = "correct horse battery"


@pytest.fixture
def staff() -> User:
    return User.objects.create_user("clerk", password=PASSWORD, is_staff=True)


def test_pages_carry_a_content_security_policy_and_may_not_be_framed(client: Client):
    answer = client.get("/admin/login/")
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "script-src 'self' 'unsafe-eval'" in policy
    assert "frame-ancestors 'none'" in policy
    assert answer.headers["X-Frame-Options"] == "DENY"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Referrer-Policy"] == "same-origin"


QUEUE_PAGES = ("", "queues/0/", "queues/0/empty/", "workers/0/", "stats.json", "metrics")


@pytest.mark.parametrize("path", QUEUE_PAGES)
@pytest.mark.parametrize("method", ["get", "post"])
def test_staff_without_the_permission_cannot_reach_queue_pages(client: Client, staff: User, path: str, method: str):
    client.force_login(staff)
    assert getattr(client, method)(f"/admin/django_rq/dashboard/{path}").status_code == 403


@pytest.mark.parametrize("path", QUEUE_PAGES)
def test_nobody_reaches_queue_pages_without_logging_in(client: Client, path: str):
    assert client.get(f"/admin/django_rq/dashboard/{path}").status_code in (302, 403)


def test_staff_with_the_permission_reaches_queue_pages(client: Client, staff: User, redis_url: str):
    staff.user_permissions.add(Permission.objects.get(codename="admin", content_type__app_label="django_rq"))
    client.force_login(staff)
    assert client.get("/admin/django_rq/dashboard/").status_code == 200


def test_other_pages_are_not_the_guards_business(client: Client, staff: User):
    client.force_login(staff)
    assert client.get("/admin/").status_code == 200


def test_login_leads_to_the_admin(client: Client, staff: User):
    answer = client.post("/admin/login/", {"username": "clerk", "password": PASSWORD})
    assert answer.headers["Location"] == "/admin/"


def log_in(client: Client, password: str) -> int:
    return client.post("/admin/login/", {"username": "clerk", "password": password}).status_code


def test_login_is_locked_after_too_many_wrong_passwords(client: Client, staff: User, settings):
    settings.AXES_ENABLED = True
    assert [log_in(client, "wrong") for _ in range(5)] == [200, 200, 200, 200, 429]
    assert log_in(client, PASSWORD) == 429


def test_right_password_in_time_forgets_the_wrong_ones(client: Client, staff: User, settings):
    settings.AXES_ENABLED = True
    for _ in range(3):
        assert [log_in(client, "wrong") for _ in range(3)] == [200, 200, 200]
        assert log_in(client, PASSWORD) == 302
        client.logout()
