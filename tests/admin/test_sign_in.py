"""Signing in through the firm: against a provider that really signs. Who gets in, with which role, and who does not."""

import base64
import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from syncapp.models import OperatorLog, UserAccount
from syncapp.operations.people import accounts, role_cards
from tests.support.provider import Provider, configure, new_key, provider
from tests.support.roles import group_of

pytestmark = pytest.mark.django_db
SABINE = {
    "sub": "f3a1-sabine",
    "email": "sabine.krause@kanzlei.example",
    "email_verified": True,
    "given_name": "Sabine",
    "family_name": "Krause",
    "groups": ["alle", "kanzlei-sachbearbeitung"],
}
ROLES = {"kanzlei-admins": "Verwaltung", "kanzlei-betrieb": "Operator", "kanzlei-sachbearbeitung": "Sachbearbeitung"}


@pytest.fixture(scope="module")
def served() -> Iterator[Provider]:
    with provider() as made:
        yield made


@pytest.fixture
def firm_login(served: Provider, settings: Any) -> Provider:
    served.person, served.faults = dict(SABINE), {}
    served.signs_with, served.away, served.algorithm = None, False, "RS256"
    configure(settings, served, OIDC_ROLES=ROLES)
    return served


def sign_in(client: Client | None = None) -> tuple[Client, Any]:
    """The way of a browser: to the provider, back, and on to where that leads."""
    client = client or Client(headers={"accept-language": "de"})
    to_provider = client.get(reverse("oidc_authentication_init"))
    back = urlsplit(requests.get(to_provider["Location"], allow_redirects=False, timeout=5).headers["Location"])
    return client, client.get(f"{back.path}?{back.query}", follow=True)


def is_inside(client: Client) -> bool:
    return client.get(reverse("admin:index")).status_code == 200


def test_the_first_sign_in_makes_an_account_with_the_role_of_the_group(firm_login: Provider) -> None:
    client, answer = sign_in()
    assert answer.redirect_chain[-1][0] == reverse("admin:index")
    assert is_inside(client)
    user = User.objects.get()
    assert (user.username, user.get_full_name(), user.email) == ("sabine.krause", "Sabine Krause", SABINE["email"])
    assert [group.name for group in user.groups.all()] == ["Sachbearbeitung"]
    assert (user.is_staff, user.is_superuser, user.has_usable_password()) == (True, False, False)
    assert list(OperatorLog.objects.order_by("pk").values_list("action", flat=True)) == [
        "user_from_provider",
        "user_role_from_provider",
    ]
    assert client.get(reverse("admin:syncapp_conflict_changelist")).status_code == 200
    assert client.get(reverse("admin:ops_switches")).status_code == 403


def test_each_sign_in_sets_the_role_anew_and_makes_nobody_twice(firm_login: Provider) -> None:
    sign_in()
    firm_login.person |= {"groups": ["kanzlei-betrieb"], "email": "s.schulz@kanzlei.example", "family_name": "Schulz"}
    sign_in()
    user = User.objects.get()
    assert [group.name for group in user.groups.all()] == ["Betrieb"]
    firm_login.person |= {"groups": ["kanzlei-sachbearbeitung", "kanzlei-admins"]}
    sign_in()
    assert User.objects.get().is_superuser, "the first row that fits"
    assert not user.groups.exists()


def test_somebody_with_an_account_is_known_by_the_address_once_and_by_the_subject_then(firm_login: Provider) -> None:
    mine = User.objects.create_user("krause", "Sabine.Krause@kanzlei.example", "Kranich-Ufer-2031", is_staff=True)
    sign_in()
    assert User.objects.get() == mine
    assert UserAccount.objects.get().subject == SABINE["sub"]
    firm_login.person["sub"] = "somebody-else-who-got-the-address"
    client, answer = sign_in()
    assert "gehört hier zu einem anderen Konto" in answer.text
    assert not is_inside(client)


def test_an_address_that_the_provider_doubts_opens_no_account(firm_login: Provider) -> None:
    User.objects.create_superuser("chefin", str(SABINE["email"]), "Kranich-Ufer-2031")
    firm_login.person["email_verified"] = False
    client, answer = sign_in()
    assert "nennt keine E-Mail-Adresse" in answer.text
    assert not is_inside(client)


def test_without_a_group_that_gives_a_role_nobody_gets_in(firm_login: Provider) -> None:
    firm_login.person["groups"] = ["alle"]
    client, answer = sign_in()
    assert "Keine Ihrer Gruppen gibt hier eine Rolle" in answer.text
    assert not is_inside(client)
    assert not User.objects.exists()


def test_without_rows_only_people_with_an_account_get_in_and_keep_their_role(
    firm_login: Provider, settings: Any
) -> None:
    settings.OIDC_ROLES = {}
    _client, answer = sign_in()
    assert "noch kein Konto" in answer.text
    mine = User.objects.create_user("krause", str(SABINE["email"]), is_staff=True)
    mine.groups.add(group_of("Auditor"))
    client, _answer = sign_in()
    assert is_inside(client)
    assert [group.name for group in mine.groups.all()] == ["Revision"]


def test_a_row_to_a_role_that_is_none_lets_nobody_in(firm_login: Provider, settings: Any) -> None:
    settings.OIDC_ROLES = {"alle": "Kaffeekasse"}
    assert "Rolle, die es hier nicht gibt" in sign_in()[1].text
    assert not User.objects.exists()


@pytest.mark.parametrize(
    "claim, groups",
    [
        pytest.param(
            "realm_access.roles", {"realm_access": {"roles": ["kanzlei-betrieb"]}}, id="Keycloak, realm roles"
        ),
        pytest.param("roles", {"roles": ["kanzlei-betrieb"]}, id="Entra, app roles"),
        pytest.param("groups", {"groups": "kanzlei-betrieb"}, id="one group as a text"),
    ],
)
def test_groups_are_read_where_the_provider_tells_them(
    claim: str, groups: dict[str, Any], firm_login: Provider, settings: Any
) -> None:
    settings.OIDC_GROUPS_CLAIM = claim
    firm_login.person = {**SABINE, "groups": None} | groups
    sign_in()
    assert [group.name for group in User.objects.get().groups.all()] == ["Betrieb"]


def test_entra_that_names_the_address_as_the_login(firm_login: Provider) -> None:
    firm_login.person = {**SABINE, "email": None, "email_verified": None, "preferred_username": SABINE["email"]}
    sign_in()
    assert User.objects.get().email == SABINE["email"]


FORGED: dict[str, dict[str, Any]] = {
    "of another issuer": {"iss": "https://evil.example"},
    "for another program": {"aud": "another-client"},
    "for several, given to another": {"aud": ["advosync", "another"], "azp": "another"},
    "for another attempt": {"nonce": "another"},
    "without a nonce": {"nonce": None},
    "that has ended": {"exp": 1},
    "without an end": {"exp": None},
    "without a subject": {"sub": None},
}


@pytest.mark.parametrize("forged", FORGED)
def test_a_token_that_is_not_meant_for_us_now_lets_nobody_in(forged: str, firm_login: Provider) -> None:
    firm_login.faults = FORGED[forged]
    client, answer = sign_in()
    assert answer.redirect_chain[-1][0] == reverse("admin:login")
    assert (
        "Anmeldung über die Kanzlei hat nicht geklappt" in answer.text or "nicht für diese Installation" in answer.text
    )
    assert not is_inside(client)
    assert not User.objects.exists()


def test_a_token_signed_by_somebody_else_lets_nobody_in(firm_login: Provider) -> None:
    firm_login.signs_with = new_key()
    assert not is_inside(sign_in()[0])
    firm_login.signs_with, firm_login.algorithm = None, "HS256"
    assert not is_inside(sign_in()[0])


def test_an_unsigned_token_lets_nobody_in(firm_login: Provider, monkeypatch: pytest.MonkeyPatch) -> None:
    def unsigned(form: dict[str, str]) -> dict[str, Any]:
        nonce = firm_login.codes.pop(form["code"])["nonce"]
        claims = {**SABINE, "iss": firm_login.issuer, "aud": "advosync", "exp": 9_999_999_999, "nonce": nonce}
        parts = ({"alg": "none", "kid": "key-1"}, claims)
        text = ".".join(base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode() for part in parts)
        return {"access_token": "x", "id_token": f"{text}."}

    monkeypatch.setattr(firm_login, "token", unsigned)
    assert not is_inside(sign_in()[0])


def test_a_code_that_another_browser_asked_for_is_refused(firm_login: Provider) -> None:
    victim = Client()
    address = Client().get(reverse("oidc_authentication_init"))["Location"]
    back = urlsplit(requests.get(address, allow_redirects=False, timeout=5).headers["Location"])
    assert victim.get(f"{back.path}?{back.query}").status_code == 302
    assert not is_inside(victim)


def test_a_provider_that_is_away_is_a_sentence_on_the_login_page(firm_login: Provider) -> None:
    firm_login.away = True
    client, answer = sign_in()
    assert "Anmeldung über die Kanzlei hat nicht geklappt" in answer.text
    assert not is_inside(client)


def test_whoever_says_no_at_the_provider_is_back_at_the_login(firm_login: Provider) -> None:
    answer = Client().get(reverse("oidc_authentication_callback"), {"error": "access_denied", "state": "x"})
    assert answer["Location"] == reverse("admin:login")


def test_a_locked_account_stays_locked_and_a_lock_ends_a_login_at_once(firm_login: Provider) -> None:
    client, _answer = sign_in()
    chief = User.objects.create_superuser("chefin", password="Kranich-Ufer-2031")
    user = User.objects.get(email=SABINE["email"])
    accounts.set_active(user=user, active=False, by=chief)
    assert not is_inside(client)
    client, answer = sign_in()
    assert "Ihr Konto ist gesperrt" in answer.text
    assert not is_inside(client)


def test_the_groups_take_the_right_from_an_administrator_but_not_from_the_last(firm_login: Provider) -> None:
    firm_login.person["groups"] = ["kanzlei-admins"]
    sign_in()
    firm_login.person["groups"] = ["kanzlei-sachbearbeitung"]
    client, _answer = sign_in()
    assert is_inside(client)
    assert User.objects.get().is_superuser
    User.objects.create_superuser("chefin", password="Kranich-Ufer-2031")
    sign_in()
    assert role_cards.role_name(User.objects.get(email=SABINE["email"])) == "Sachbearbeitung"


def test_failing_sign_ins_lock_no_office_out(firm_login: Provider, settings: Any) -> None:
    settings.AXES_ENABLED = True
    firm_login.person["groups"] = []
    for _number in range(7):
        sign_in()
    firm_login.person["groups"] = ["kanzlei-betrieb"]
    assert is_inside(sign_in()[0])


def test_a_first_password_binds_nobody_who_comes_through_the_firm(firm_login: Provider) -> None:
    chief = User.objects.create_superuser("chefin", password="Kranich-Ufer-2031")
    mine = User.objects.create_user("krause", str(SABINE["email"]), is_staff=True)
    accounts.set_first_password(user=mine, by=chief)
    assert is_inside(sign_in()[0])


def test_the_login_page_offers_it_and_a_way_back_to_where_one_was(firm_login: Provider, settings: Any) -> None:
    settings.OIDC_LABEL = "Microsoft"
    text = Client(headers={"accept-language": "de"}).get(reverse("admin:login"), {"next": "/admin/ops/guide/"}).text
    assert "Mit Microsoft anmelden" in text
    assert f"{reverse('oidc_authentication_init')}?next=/admin/ops/guide/" in text
    client = Client()
    client.get(reverse("oidc_authentication_init"), {"next": "https://evil.example/"})
    assert not client.session["oidc_login_next"]


def test_without_a_provider_there_is_no_button_and_no_way() -> None:
    assert "oidc" not in Client().get(reverse("admin:login")).text
    for name in ("oidc_authentication_init", "oidc_authentication_callback"):
        assert Client().get(reverse(name), {"code": "x", "state": "y"}).status_code == 404


def test_a_wrong_password_is_said_in_one_sentence(settings: Any) -> None:
    settings.AXES_ENABLED = False
    client = Client(headers={"accept-language": "de"})
    text = client.post(reverse("admin:login"), {"username": "sabine.krause", "password": "falsch"}).text
    assert text.count("Benutzername oder Passwort stimmt nicht.") == 1
    assert not [said for said in ("Staff", "aufgeführten Fehler") if said in text]
