"""What stands in front of every page: headers, the way to RQ's pages, the brake on wrong passwords."""

import pytest
from django.contrib.auth.models import User
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.test import Client, RequestFactory

from advosync_project.addresses import client_address

pytestmark = pytest.mark.django_db
PASSWORD = "correct horse battery"


@pytest.fixture
def boss() -> User:
    return User.objects.create_superuser("boss", password=PASSWORD)


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


# Where RQ's own pages were, and all that could be emptied there with one click.
QUEUE_PAGES = ("", "queues/0/", "queues/0/empty/", "queues/0/failed/", "workers/0/", "stats.json", "metrics")


@pytest.mark.parametrize("path", QUEUE_PAGES)
@pytest.mark.parametrize("method", ["get", "post"])
def test_rqs_own_pages_lead_to_ours_whoever_asks(client: Client, boss: User, path: str, method: str):
    for _visit in range(2):  # without a login, and with every right
        answer = getattr(client, method)(f"/admin/django_rq/dashboard/{path}")
        assert (answer.status_code, answer.headers["Location"]) == (302, "/admin/ops/jobs/")
        client.force_login(boss)


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


PROXY = "127.0.0.1"


def failing(client: Client, address: str, password: str = "wrong") -> int:
    """A login as it arrives through nginx, which writes the address behind whatever the client claimed."""
    told = {"username": "clerk", "password": password}
    return client.post(
        "/admin/login/", told, REMOTE_ADDR=PROXY, headers={"X-Forwarded-For": f"192.0.2.77, {address}"}
    ).status_code


def test_behind_the_proxy_a_stranger_locks_out_himself_and_nobody_else(client: Client, staff: User, settings):
    settings.AXES_ENABLED = settings.TRUST_PROXY_HEADERS = True
    assert [failing(client, "203.0.113.9") for _ in range(5)][-1] == 429
    assert failing(client, "203.0.113.9", PASSWORD) == 429
    assert failing(client, "198.51.100.4", PASSWORD) == 302


@pytest.mark.parametrize(
    "trusted, forwarded, direct, counted",
    [
        pytest.param(False, "192.0.2.1", "203.0.113.9", "203.0.113.9", id="nobody is believed without the setting"),
        pytest.param(True, "192.0.2.1, 203.0.113.9", PROXY, "203.0.113.9", id="the proxy's own entry is the last"),
        pytest.param(True, "203.0.113.9, nonsense", PROXY, PROXY, id="no address: the proxy's"),
        pytest.param(True, "", "203.0.113.9", "203.0.113.9", id="no header: who asks"),
        pytest.param(False, "", "2001:db8:1:2:3:4:5:6", "2001:db8:1:2::", id="one holder has a whole /64"),
        pytest.param(False, "", "::ffff:203.0.113.9", "203.0.113.9", id="IPv4 in IPv6 is that IPv4 address"),
        pytest.param(False, "", "", "", id="a socket file has none"),
    ],
)
def test_address_that_a_login_is_counted_under(settings, trusted: bool, forwarded: str, direct: str, counted: str):
    settings.TRUST_PROXY_HEADERS = trusted
    headers = {"X-Forwarded-For": forwarded} if forwarded else {}
    assert client_address(RequestFactory().get("/", REMOTE_ADDR=direct, headers=headers)) == counted


@pytest.mark.parametrize("password", ["kurz7zch", "8391746205", "password123"])
def test_password_that_is_easily_guessed_is_refused(staff: User, password: str):
    with pytest.raises(ValidationError):
        validate_password(password, staff)


def test_a_login_ends_with_the_working_day(client: Client, staff: User):
    client.post("/admin/login/", {"username": "clerk", "password": PASSWORD})
    assert client.session.get_expiry_age() <= 12 * 3600
