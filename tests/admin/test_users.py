"""People and their roles: made, invited, locked out; nobody is locked out for good, and nobody rises by themselves."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from syncapp.models import OperatorLog, UserAccount
from syncapp.models.casework import RIGHTS
from syncapp.operations.onboarding.roles import CALENDARS
from syncapp.operations.people import accounts, invitations, role_cards
from syncapp.operations.people.accounts import AccountFault, Given
from tests.support.roles import client_of, group_of

pytestmark = pytest.mark.django_db
NEW = "admin:ops_user_new"
PASSWORD = "Kranich-Ufer-2031"
SECRET = re.compile(r'id="the-secret">([^<]+)<')


@pytest.fixture
def chief() -> User:
    return User.objects.create_superuser("chefin", "chefin@kanzlei.example", PASSWORD)


@pytest.fixture
def boss(chief: User) -> Client:
    return client_of(chief)


@pytest.mark.parametrize("asked", ["Müller, Sabine", "muller", "Frau Mueller", "mueller-sab", "sabine@kanzlei"])
def test_people_are_found_as_they_are_said(asked: str, boss: Client) -> None:
    wanted = User.objects.create_user(
        "mueller-sab", "sabine@kanzlei.example", first_name="Sabine", last_name="Müller", is_staff=True
    )
    found = boss.get(reverse("admin:auth_user_changelist"), {"q": asked}).context["cl"].result_list
    assert [one.pk for one in found] == [wanted.pk]


def told(role: str = "Clerk", **other: Any) -> dict[str, Any]:
    key = role if role in ("", "administrator") else str(group_of(role).pk)
    form = {"first_name": "Sabine", "last_name": "Krause", "email": "sabine.krause@kanzlei.example", "role": key}
    return form | {"way": "invite"} | other


def someone(role: str = "Clerk", *, by: User, **other: Any) -> User:
    form = told(role, **other)
    return accounts.make(given=Given(form["first_name"], form["last_name"], form["email"], "", form["role"]), by=by)


def with_rights(*codes: str) -> tuple[User, Client]:
    user = User.objects.create_user("personal", "personal@kanzlei.example", PASSWORD, is_staff=True)
    user.user_permissions.set(Permission.objects.filter(content_type__app_label="auth", codename__in=codes))
    return user, client_of(user)


def test_a_new_person_is_invited_by_mail_and_chooses_a_password(boss: Client, settings: Any) -> None:
    settings.PUBLIC_URL = "https://sync.kanzlei.example"
    answer = boss.post(reverse(NEW), told(), follow=True)
    assert "Eine Einladung wurde an sabine.krause@kanzlei.example geschickt" in answer.text
    (letter,) = mail.outbox
    assert letter.to == ["sabine.krause@kanzlei.example"]
    address = re.search(r"https://sync\.kanzlei\.example(\S+)", letter.body)
    assert address is not None
    user = User.objects.get(username="sabine.krause")
    assert (user.is_staff, user.is_superuser, user.has_usable_password()) == (True, False, False)
    assert [group.name for group in user.groups.all()] == ["Sachbearbeitung"]
    assert "eingeladen" in boss.get(reverse("admin:auth_user_changelist")).text

    visitor = Client(headers={"accept-language": "de"})
    assert "sabine.krause" in visitor.get(address[1]).text
    assert visitor.get(address[1]).status_code == 200, "looking does not use it up"
    token = address[1].partition("token=")[2]
    page = reverse("invitation")
    for password, again, fault in ((PASSWORD, "anders", "stimmen nicht überein"), ("12345", "12345", "zu kurz")):
        assert fault in visitor.post(page, {"token": token, "password": password, "again": again}).text
    answer = visitor.post(page, {"token": token, "password": PASSWORD, "again": PASSWORD}, follow=True)
    assert "Willkommen" in answer.text
    assert answer.redirect_chain[-1][0] == reverse("admin:index")
    second = Client().post(page, {"token": token, "password": PASSWORD, "again": PASSWORD})
    assert second.status_code == 410, "once"
    assert Client().login(username="sabine.krause", password=PASSWORD)


def test_without_mail_the_link_is_shown_once(boss: Client, settings: Any) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.console.EmailBackend"
    answer = boss.post(reverse(NEW), told())
    link = SECRET.search(answer.text)
    assert link is not None
    assert "no-store" in answer["Cache-Control"]
    assert Client().get(link[1].replace("http://testserver", "")).status_code == 200
    token = link[1].partition("token=")[2]
    assert not UserAccount.objects.filter(invitation=token).exists()
    assert not OperatorLog.objects.filter(result__contains=token).exists()
    assert token not in boss.get(reverse("admin:ops_user", args=[User.objects.get(first_name="Sabine").pk])).text


def test_a_mail_server_that_refuses_leaves_the_link_to_pass_on(boss: Client, monkeypatch: Any) -> None:
    monkeypatch.setattr(invitations, "mail", lambda *letter: False)
    answer = boss.post(reverse(NEW), told())
    assert "Der Mailserver hat die Einladung nicht angenommen" in answer.text
    assert SECRET.search(answer.text)


def test_a_first_password_has_to_be_changed_before_anything_else(boss: Client) -> None:
    shown = SECRET.search(boss.post(reverse(NEW), told(way="first_password")).text)
    assert shown is not None
    first = shown[1]
    client = Client(headers={"accept-language": "de"})
    client.post(reverse("admin:login"), {"username": "sabine.krause", "password": first})
    answer = client.get(reverse("admin:syncapp_syncrecord_changelist"), follow=True)
    assert answer.redirect_chain[-1][0] == reverse("admin:password_change")
    assert "zuerst ein eigenes Passwort" in answer.text
    change = {"old_password": first, "new_password1": first, "new_password2": first}
    assert "das Sie bekommen haben" in client.post(reverse("admin:password_change"), change).text
    assert client.get(reverse("admin:index")).status_code == 302
    change |= {"new_password1": PASSWORD, "new_password2": PASSWORD}
    assert client.post(reverse("admin:password_change"), change).status_code == 302
    assert client.get(reverse("admin:syncapp_syncrecord_changelist")).status_code == 200


def test_a_new_first_password_ends_every_login_and_every_invitation(boss: Client, chief: User) -> None:
    user = someone(by=chief)
    token = invitations.invite(user=user, by=chief)
    inside = Client()
    inside.force_login(user)
    assert inside.get(reverse("admin:index")).status_code == 200
    boss.post(reverse("admin:ops_user_act", args=[user.pk, "first_password"]))
    assert inside.get(reverse("admin:index")).status_code == 302
    assert invitations.invited(token) is None


def test_an_invitation_ends_by_time_by_a_newer_one_and_by_a_lock(chief: User) -> None:
    user = someone(by=chief)
    first, second = (invitations.invite(user=user, by=chief) for _number in range(2))
    assert invitations.invited(first) is None
    assert invitations.invited(second) == user
    accounts.set_active(user=user, active=False, by=chief)
    assert invitations.invited(second) is None
    accounts.set_active(user=user, active=True, by=chief)
    UserAccount.objects.update(invitation_ends=timezone.now() - timedelta(seconds=1))
    assert invitations.invited(second) is None
    assert invitations.accept(token=second, password=PASSWORD) is None
    assert invitations.invited("") is None


def test_one_role_takes_the_place_of_another_and_special_rights_are_given_by_name(boss: Client, chief: User) -> None:
    user = someone("Reader", by=chief)
    user.groups.add(group_of("Auditor"))
    page = reverse("admin:ops_user", args=[user.pk])
    assert "mehrere Rollen" in boss.get(page).text
    boss.post(page, told("Operator", login="sabine.krause", special=["see_accounts", "switch_mode"]))
    assert [group.name for group in user.groups.all()] == ["Betrieb"]
    assert role_cards.special_of(user) == {"see_accounts"}
    assert user.user_permissions.count() == 1, "no right but those that are given by name"
    boss.post(page, told("", login="sabine.krause"))
    assert role_cards.special_of(user) == set()
    assert not user.groups.exists()


def test_every_card_says_in_german_what_its_role_really_may(boss: Client) -> None:
    group_of("Clerk").permissions.remove(Permission.objects.get(codename="release_lock"))
    text = boss.get(reverse(NEW)).text
    for words in ("Einsicht", "Sachbearbeitung", "Betrieb", "Revision", "Verwaltung", "Darf Konflikte entscheiden"):
        assert words in text
    (clerk,) = [card for card in role_cards.cards() if card.name == "Sachbearbeitung"]
    assert clerk.rights
    assert str(dict(RIGHTS)["release_lock"]) not in clerk.rights
    assert "Can " not in text
    assert not [code for code, _words in RIGHTS if f">{code}<" in text]


@pytest.mark.parametrize("way", ["role", "lock", "delete"])
def test_the_last_administrator_stays(way: str, boss: Client, chief: User) -> None:
    """A second one who was only invited cannot log in, and does not count; by whom it is asked does not matter."""
    other = someone("administrator", by=chief)
    form = told("Clerk", first_name="Petra", email="chefin@kanzlei.example", login="chefin")
    given = Given(form["first_name"], form["last_name"], form["email"], form["login"], form["role"])

    def attempt() -> None:
        if way == "role":
            accounts.change(user=chief, given=given, by=other)
        elif way == "lock":
            accounts.set_active(user=chief, active=False, by=other)
        else:
            accounts.delete(user=chief, by=other)

    with pytest.raises(AccountFault, match=r"last administrator|letzte Konto"):
        attempt()
    assert User.objects.get(username="chefin").is_superuser
    other.set_password(PASSWORD)
    other.save()
    attempt()
    assert not User.objects.filter(username="chefin", is_superuser=True, is_active=True).exists()


def test_the_page_says_why_the_last_administrator_stays(boss: Client, chief: User) -> None:
    form = told("Clerk", email="chefin@kanzlei.example", login="chefin")
    assert "letzte Konto der Verwaltung" in boss.post(reverse("admin:ops_user", args=[chief.pk]), form).text
    for code in ("lock", "delete"):
        text = boss.post(reverse("admin:ops_user_act", args=[chief.pk, code])).text
        assert "jemand anderen aus der Verwaltung" in text
    assert User.objects.filter(username="chefin", is_superuser=True, is_active=True).exists()


def test_whoever_manages_people_without_being_one_makes_and_touches_no_administrator(chief: User) -> None:
    user, client = with_rights("view_user", "add_user", "change_user", "delete_user")
    assert "Verwaltung</b>" not in client.get(reverse(NEW)).text
    assert "darf nur die Verwaltung vergeben" in client.post(reverse(NEW), told("administrator")).text
    for code in ("first_password", "invite", "lock", "delete"):
        answer = client.post(reverse("admin:ops_user_act", args=[chief.pk, code]))
        assert "darf nur die Verwaltung ändern" in answer.text, code
    page = reverse("admin:ops_user", args=[chief.pk])
    assert "Speichern" not in client.get(page).text
    client.post(page, told("Reader", email="fremd@kanzlei.example", login="chefin"))
    chief.refresh_from_db()
    assert chief.email == "chefin@kanzlei.example"
    assert chief.check_password(PASSWORD)
    own = told("Operator", email="personal@kanzlei.example", login="personal")
    assert "Die eigene Rolle" in client.post(reverse("admin:ops_user", args=[user.pk]), own).text
    assert not user.groups.exists()


@pytest.mark.parametrize(
    "change, words",
    [
        pytest.param({"email": "keine"}, "gültige E-Mail-Adresse", id="address that is none"),
        pytest.param({"email": "CHEFIN@kanzlei.example"}, "hat schon jemand anders", id="address of somebody else"),
        pytest.param({"login": "Chefin"}, "hat schon jemand anders", id="login of somebody else"),
        pytest.param({"login": "a b/c"}, "gültig", id="login with signs that none may have"),
        pytest.param({"first_name": "", "last_name": " "}, "geben Sie einen Namen an", id="no name"),
        pytest.param({"role": "999"}, "eine der Rollen", id="role that is none"),
    ],
)
def test_what_is_wrong_is_said_and_what_was_typed_stays(change: dict[str, str], words: str, boss: Client) -> None:
    answer = boss.post(reverse(NEW), told() | change)
    assert words in answer.text
    assert 'value="Krause"' in answer.text or change.get("last_name")
    assert User.objects.count() == 1


def test_a_login_that_is_taken_gets_a_number(chief: User) -> None:
    logins = [someone(by=chief, email=f"krause@{number}.example").username for number in range(3)]
    assert logins == ["krause", "krause2", "krause3"]


def test_djangos_own_pages_of_users_lead_to_ours(boss: Client, chief: User, as_role: Callable[..., Client]) -> None:
    assert boss.get(reverse("admin:auth_user_add")).status_code in (302, 403)
    assert boss.get(reverse("admin:auth_user_change", args=[chief.pk]))["Location"].endswith(f"/users/{chief.pk}/")
    assert boss.get(reverse("admin:auth_user_change", args=["9" * 5000])).status_code == 302
    assert boss.get(f"/admin/auth/user/{chief.pk}/password/").status_code in (302, 404)
    assert boss.post(reverse("admin:auth_user_delete", args=[chief.pk]), {"post": "yes"}).status_code == 403
    stranger = as_role("Operator")
    for name, args in (("add", []), ("change", [chief.pk])):
        assert stranger.get(reverse(f"admin:auth_user_{name}", args=args)).status_code == 403


@pytest.mark.parametrize("page", [NEW, "admin:ops_user", "admin:ops_user_act"])
def test_nobody_else_opens_the_pages(page: str, chief: User, as_role: Callable[..., Client]) -> None:
    args = {NEW: [], "admin:ops_user": [chief.pk], "admin:ops_user_act": [chief.pk, "lock"]}[page]
    for role in ("Reader", "Clerk", "Operator", "Auditor"):
        client = as_role(role)
        assert client.get(reverse(page, args=args)).status_code == 403
        assert client.post(reverse(page, args=args), told()).status_code == 403


def test_everything_is_logged_and_nothing_secret(boss: Client, chief: User) -> None:
    user = someone(by=chief)
    for code in ("invite", "first_password", "lock", "unlock", "delete"):
        page = reverse("admin:ops_user_act", args=[user.pk, code])
        assert boss.get(page).status_code == 200
        boss.post(page)
    codes = list(OperatorLog.objects.order_by("pk").values_list("action", flat=True))
    assert codes == [f"user_{word}" for word in ["made", "invited", "first_password", "locked", "unlocked", "deleted"]]
    text = boss.get(reverse("admin:syncapp_operatorlog_changelist")).text
    assert "Legte ein Konto an" in text
    assert "user_made" not in text


def test_the_form_of_a_role_is_german_and_keeps_what_it_does_not_offer(boss: Client) -> None:
    role = group_of("Reader")
    strange = Permission.objects.get(content_type__app_label="sessions", codename="view_session")
    role.permissions.add(strange)
    page = reverse("admin:auth_group_change", args=[role.pk])
    text = boss.get(page).text
    assert "Darf Konflikte entscheiden" in text
    assert "Sehen: Datensätze" in text
    assert "Can " not in text
    chosen = Permission.objects.filter(codename__in=["view_syncrecord", "sync_now"])
    boss.post(page, {"name": role.name, "permissions": [right.pk for right in chosen]})
    kept = set(role.permissions.values_list("codename", flat=True))
    assert kept == {"view_syncrecord", "sync_now", "view_session", *CALENDARS}  # there are no calendars here


def test_who_was_locked_before_choosing_a_password_is_not_said_to_log_in_again(boss: Client, chief: User) -> None:
    user = someone(by=chief)
    invitations.invite(user=user, by=chief)
    page = reverse("admin:ops_user", args=[user.pk])
    assert "Einladung gilt bis" in boss.get(page).text
    boss.post(reverse("admin:ops_user_act", args=[user.pk, "lock"]))
    assert "Einladung gilt bis" not in boss.get(page).text
    text = boss.post(reverse("admin:ops_user_act", args=[user.pk, "unlock"]), follow=True).text
    assert "ist nicht mehr gesperrt. Ist eingeladen" in text
    assert "wieder anmelden" not in text


def test_an_invitation_speaks_of_no_password_that_was_given_before(boss: Client, chief: User) -> None:
    link = invitations.link(invitations.invite(user=someone(by=chief), by=chief), base="http://testserver/")
    text = Client(headers={"accept-language": "de"}).get(link.replace("http://testserver", "")).text
    assert 'id="rules"' in text
    assert "zuerst bekommen" not in text
