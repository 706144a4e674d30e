"""What people do with the phone in their hand: let somebody in, keep and share a view, watch the landing page move.

Each step fits the window, and whatever has to be pressed is large enough for a thumb.
"""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from playwright.sync_api import expect

from syncapp.admin.pages import home
from syncapp.models import SavedView
from tests.admin import rooms
from tests.browser.visitor import Visitor
from tests.support.roles import group_of

Come = Callable[..., Visitor]
PHONE = 390
CHIP = ".ops-chips a[href='?status__exact=failing']"


def fits(visitor: Visitor) -> None:
    assert visitor.overflow() <= 0
    assert visitor.small_targets() == []


def test_a_user_is_created(come: Come, live: None, settings: Any) -> None:
    settings.EMAIL_BACKEND, settings.PUBLIC_URL = "django.core.mail.backends.console.EmailBackend", ""
    boss = come(width=PHONE, dark=True).go("auth_user_changelist")
    fits(boss)
    boss.click("Neuer Benutzer")
    fits(boss)
    boss.fill(first_name="Jonas", last_name="Reuter", email="jonas.reuter@kanzlei.example")
    boss.page.get_by_role("radio", name="Revision").check()
    boss.page.locator("summary", has_text="Revision").click()
    boss.sees("Darf Listen und Zahlen exportieren")
    boss.click("Konto anlegen")
    boss.sees("Dies wird nur einmal angezeigt.")
    fits(boss)
    boss.click("Ich habe es weitergegeben")
    boss.sees("Ist eingeladen und hat noch kein Passwort gewählt.")
    fits(boss)
    assert User.objects.get(email="jonas.reuter@kanzlei.example").groups.get() == group_of("Auditor")
    assert boss.troubles == []


def test_a_view_is_kept_and_shared(come: Come, live: None) -> None:
    rooms.failed(name="Anna Ahrens")
    rooms.record(name="Berta Beyer")
    operator = come("Operator", width=PHONE).go("syncapp_syncrecord_changelist")
    operator.page.locator(CHIP).click()
    operator.sees("Anna Ahrens")
    operator.words("Ansicht speichern").click()
    operator.fill(name="Was klemmt")
    operator.page.get_by_label("Für alle sichtbar").check()
    fits(operator)
    operator.click("Speichern", exact=True)
    operator.sees("Gespeichert als „Was klemmt“.")
    clerk = come("Clerk", width=PHONE).go("syncapp_syncrecord_changelist")
    clerk.sees("Berta Beyer")
    clerk.click("Was klemmt (jan.peters)")
    clerk.sees("Anna Ahrens")
    clerk.does_not_see("Berta Beyer")
    fits(clerk)
    operator.words("Ansicht speichern").click()
    operator.click("„Was klemmt“ löschen")
    operator.sees("Die Ansicht „Was klemmt“ ist gelöscht.")
    assert not SavedView.objects.exists()
    assert operator.troubles == clerk.troubles == []


def test_the_landing_page_moves(come: Come, live: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(home, "LIVE_SECONDS", 0.3)
    clerk = come("Clerk", width=PHONE).go("index")
    clerk.settle()
    find = clerk.page.locator("#finder")
    find.fill("Mül")
    find.scroll_into_view_if_needed()
    stood = clerk.page.evaluate("scrollY")
    rooms.record("dirty", name="Frieda Müller")
    clerk.sees("Was wartet, und warum", "bis ein Arbeitsprozess frei ist")
    # What somebody is writing stays; so does what the thumb is about to press.
    assert find.input_value() == "Mül"
    expect(find).to_be_focused()
    rooms.failed(name="Anna Ahrens")
    clerk.sees("Inhalt abgelehnt")
    assert clerk.page.evaluate("scrollY") >= stood
    fits(clerk)
    clerk.page.get_by_role("link", name="Inhalt abgelehnt").first.click()
    clerk.sees("Anna Ahrens")
    assert clerk.troubles == []
