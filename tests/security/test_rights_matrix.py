"""Every address of the installation by role, and by somebody without a login. Generated: a page without a row fails."""

from collections.abc import Callable

import pytest
from django.test import Client

from tests.admin.test_rights import PAGES
from tests.security.addresses import Address, every_address
from tests.security.rights import LED_BACK, MODELS, OTHERS, ROLES, SENT, door_of, who_may_open
from tests.security.world import World, listed_models

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("redis_url")]
ADDRESSES = {one.name or one.route: one for one in every_address()}
PAGES_OF_THE_ADMIN = [name for name in ADDRESSES if name.startswith("admin:") and name != "admin:logout"]
REFUSED = {403, 404}  # 404: a page that is there for nobody


def path(name: str, planted: World) -> str:
    """About a row that exists; a word that test_rights.py names comes before ours."""
    address: Address = ADDRESSES[name]
    about = PAGES[name][0] if name in PAGES else ""
    words = [argument for argument, kind in address.arguments.items() if kind == "str"]
    return planted.path(address, **dict.fromkeys(words, about) if about else {})


def test_every_address_has_a_row() -> None:
    unnamed = {name for name, address in ADDRESSES.items() if not address.name and name}  # redirects of the admin
    undecided = [name for name in ADDRESSES if name not in unnamed and not _decided(name)]
    assert undecided == [], "decide who may: tests/security/rights.py, tests/admin/test_rights.py"
    assert {name for name in unnamed if not name.startswith("admin/")} == set()


def _decided(name: str) -> bool:
    return name in SENT or who_may_open(name) is not None or door_of(name) is not None


def test_no_row_is_left_over() -> None:
    assert {*PAGES, *OTHERS, *SENT} - set(ADDRESSES) == set()
    assert {f"syncapp.{name}" for name in MODELS} == {name for name in listed_models() if name.startswith("syncapp.")}


@pytest.mark.parametrize("name", [name for name in PAGES_OF_THE_ADMIN if name not in SENT or name in PAGES])
def test_page_opens_for_those_who_may(name: str, planted: World, as_role: Callable[[str], Client]) -> None:
    allowed, where = who_may_open(name), path(name, planted)
    assert allowed is not None
    got = {role: as_role(role).get(where).status_code for role in ROLES}
    led_back = name.removeprefix("admin:syncapp_").partition("_")[0] in LED_BACK
    refused = {role for role, status in got.items() if status in REFUSED or (led_back and status == 302)}
    assert {role for role, status in got.items() if status == 403} <= set(ROLES) - allowed, got
    assert set(ROLES) - allowed <= refused, got


@pytest.mark.parametrize("name", SENT)
def test_post_is_taken_from_those_who_may(name: str, planted: World, as_role: Callable[[str], Client]) -> None:
    where = path(name, planted)
    got = {role: as_role(role).post(where, {}).status_code for role in ROLES}
    assert {role for role, status in got.items() if status != 403} == SENT[name], got


@pytest.mark.parametrize("name", [name for name in PAGES_OF_THE_ADMIN if name != "admin:login"])
def test_page_needs_a_login(name: str, client: Client) -> None:
    for method in ("get", "post"):
        answer = getattr(client, method)(path(name, World()))
        refused = answer.status_code in REFUSED
        assert refused or (answer.status_code == 302 and "/admin/login/" in answer.url), (method, answer.status_code)


@pytest.mark.parametrize("name", [name for name in ADDRESSES if door_of(name) and not name.startswith("admin")])
def test_what_needs_no_login_tells_no_person(name: str, planted: World, client: Client) -> None:
    for method in ("get", "post"):
        answer = getattr(client, method)(path(name, planted), REMOTE_ADDR="203.0.113.9")
        assert answer.status_code < 500 or name == "health_ready"
        assert "Frieda" not in answer.text
    if "key" in str(door_of(name)) or "METRICS_TOKEN" in str(door_of(name)):
        assert answer.status_code in (401, 404, 405), "opened without what it needs"
