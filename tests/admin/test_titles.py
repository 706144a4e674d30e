"""One word for each thing: what the menu calls a page, its title calls it, and the head of the page too."""

import re
from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import translation
from django.utils.text import capfirst

from syncapp.admin.navigation import PLACES, MenuEntry
from syncapp.models import DriftReport
from syncapp.operations.onboarding import roles
from syncapp.words.onboarding.roles import ROLE_NAMES
from tests.admin import rooms
from tests.support.roles import group_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("live")]
LISTED = [place for _group, places in PLACES for place in places if place.address.endswith("_changelist")]
TITLE = re.compile(r"<title>\s*(.*?)\s*</title>", re.DOTALL)
BREADCRUMB = re.compile(r'class="align-middle inline-block leading-5[^"]*">\s*(.*?)\s*</(?:a|span)', re.DOTALL)


@pytest.mark.parametrize("language", ["de", "en"])
@pytest.mark.parametrize("place", LISTED, ids=lambda place: place.address)
def test_a_list_is_called_as_in_the_menu(boss: Client, place: MenuEntry, language: str) -> None:
    text = boss.get(reverse(place.address), headers={"accept-language": language}).text
    with translation.override(language):
        name = str(place.title)
    assert TITLE.findall(text) == [f"{name} | Advosync"]
    assert BREADCRUMB.findall(text)[-1] == capfirst(name)


PAGES = [place for _group, places in PLACES for place in places if place not in LISTED]


@pytest.mark.parametrize("place", PAGES, ids=lambda place: place.address)
def test_a_page_is_called_as_in_the_menu(boss: Client, place: MenuEntry) -> None:
    text = boss.get(reverse(place.address)).text
    with translation.override("de"):
        assert TITLE.findall(text) == [f"{place.title} | Advosync"]


def trail(text: str) -> list[str]:
    """The head of a page, from the start page to what it is about."""
    return [
        " ".join(one.split())
        for one in re.findall(r'class="align-middle inline-block leading-5[^"]*">(.*?)</', text, re.DOTALL)
    ]


def test_a_list_is_below_the_start_page(boss: Client) -> None:
    text = boss.get(reverse("admin:syncapp_syncrecord_changelist")).text
    assert trail(text) == ["Was ist zu tun?", "Datensätze"]
    assert f'href="{reverse("admin:app_list", args=["syncapp"])}"' not in text


@pytest.mark.parametrize("role, called", [("Clerk", "Käthe Strauß"), ("Auditor", "e4711")])
def test_a_row_of_the_history_is_called_by_name(role: str, called: str, as_role: Callable[[str], Client]) -> None:
    """By its id for those who may see no names."""
    attempt = rooms.history(rooms.record(name="Käthe Strauß", espo_id="e4711"))
    *above, own = trail(as_role(role).get(reverse("admin:syncapp_attempt_change", args=[attempt.pk])).text)
    assert above == ["Was ist zu tun?", "Abgleichversuche"]
    assert own.startswith(f"{called}, ")


def test_a_page_that_is_not_in_the_menu_shows_the_way_back(clerk: Client, as_role: Callable[[str], Client]) -> None:
    record = rooms.record("conflict", name="Käthe Strauß")
    rooms.conflict(record)
    page = reverse("admin:syncapp_syncrecord_change", args=[record.pk])
    assert trail(clerk.get(page).text) == ["Datensätze", "Käthe Strauß"]
    assert trail(clerk.get(reverse("admin:ops_queue")).text)[0] == "Konflikte"
    assert trail(clerk.get(reverse("admin:ops_decide", args=[record.pk])).text)[0] == "Datensätze"
    assert trail(as_role("Auditor").get(page).text) == ["Datensätze", f"\u2060betNr {record.betnr}"]
    report = DriftReport.objects.create(by="anna", scope="all")
    compared = as_role("Operator").get(reverse("admin:syncapp_driftreport_change", args=[report.pk])).text
    assert trail(compared) == ["Vergleiche", "Vergleich beider Seiten"]


def test_no_page_begins_betnr_with_a_capital(boss: Client) -> None:
    record = rooms.record()
    rooms.deletion()
    for address in (
        *(reverse(place.address) for place in LISTED),
        reverse("admin:syncapp_syncrecord_change", args=[record.pk]),
        reverse("admin:ops_record_act", args=[record.pk, "unlink"]),
        reverse("admin:ops_catalogue"),
    ):
        assert "BetNr" not in boss.get(address).text, address


def test_deleting_a_role_is_said_in_the_order_of_the_language(boss: Client) -> None:
    text = " ".join(boss.get(reverse("admin:auth_group_change", args=[group_of("Clerk").pk])).text.split())
    assert "Rolle löschen" in text
    assert "Löschen Rolle" not in text


@pytest.mark.parametrize("role", roles.ROLES)
def test_roles_have_german_names_here_and_are_known_by_their_english_ones(role: str) -> None:
    with translation.override("de"):
        german = str(ROLE_NAMES[role])
    with translation.override("en"):
        english = str(ROLE_NAMES[role])
    assert german != english
    assert group_of(role).name == german
    assert roles.usual_role(german) == role
    group_of(role).delete()
    roles.Group.objects.create(name=english)
    assert roles.install() == []
    assert roles.usual_role(english) == role


@pytest.mark.parametrize("kind", ["needs_confirmation", "blocked"])
def test_what_waits_for_a_release_is_not_red(boss: Client, kind: str) -> None:
    record = rooms.failed(kind)
    listed = boss.get(reverse("admin:syncapp_syncrecord_changelist")).text
    page = boss.get(reverse("admin:syncapp_syncrecord_change", args=[record.pk])).text
    for text in (listed, page):
        assert re.search(r'ops-badge ops-warn">.*?wartet auf Freigabe', text)
        assert not re.search(r'ops-badge ops-bad"><[^>]*>\w*</span>fehlgeschlagen', text)
    assert "ops-error ops-warn" in page


def test_bulk_actions_speak_of_many(boss: Client) -> None:
    rooms.record()
    rooms.deletion()
    text = boss.get(reverse("admin:syncapp_syncrecord_changelist")).text
    assert "Diese Datensätze pausieren" in text
    assert "Diesen Datensatz" not in text
