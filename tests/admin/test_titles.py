"""One word for each thing: what the menu calls a page, its title calls it, and the head of the page too."""

import re

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import translation
from django.utils.text import capfirst

from syncapp.admin.navigation import PLACES, MenuEntry
from syncapp.operations.onboarding import roles
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


def test_no_page_begins_betnr_with_a_capital(boss: Client) -> None:
    record = rooms.record()
    rooms.deletion()
    for address in (
        *(reverse(place.address) for place in LISTED),
        reverse("admin:syncapp_syncrecord_change", args=[record.pk]),
        reverse("admin:ops_single", args=[record.pk, "unlink"]),
        reverse("admin:ops_catalogue"),
    ):
        assert "BetNr" not in boss.get(address).text, address


def test_deleting_a_role_is_said_in_the_order_of_the_language(boss: Client) -> None:
    text = " ".join(boss.get(reverse("admin:auth_group_change", args=[group_of("Clerk").pk])).text.split())
    assert "Rolle löschen" in text
    assert "Löschen Rolle" not in text


@pytest.mark.parametrize("role", roles.ROLES)
def test_roles_have_german_names_here_and_are_known_by_their_english_ones(role: str) -> None:
    german, english = roles.name_of(role, "de"), roles.name_of(role, "en")
    assert german != english
    assert group_of(role).name == german
    assert roles.meaning_of(german)
    group_of(role).delete()
    roles.Group.objects.create(name=english)
    assert roles.install() == []
    assert roles.meaning_of(english)


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
