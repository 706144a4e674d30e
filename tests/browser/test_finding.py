"""Finding as a person does it: Ctrl+K and "/", columns put in order, filters opened, applied, taken back and closed."""

from collections.abc import Callable
from typing import Any

from django.urls import reverse
from playwright.sync_api import expect

from syncapp.entities.appointments.rows import search_text
from tests.admin import rooms
from tests.browser.town_calendars import KEY_FILE, settle_calendars
from tests.browser.visitor import Visitor

Come = Callable[..., Visitor]
DIALOG = "#search-input-command"


def twelve() -> None:
    for number in range(12):
        values = rooms.VALUES | {"geburtsdatum": f"19{70 + number}-03-09"}
        phone = {"phoneNumberData": [[f"+4951112345{number:02d}", "Office", True, False, False]]}
        rooms.record(name="Matthias Müller", base_espo=values, base_advo=values, lists=phone)


def address(visitor: Visitor) -> str:
    return visitor.page.evaluate("location.pathname + location.search")


def test_ctrl_k_finds_the_one_of_twelve_by_the_keyboard_alone(come: Come, live: None) -> None:
    twelve()
    wanted = rooms.record("conflict", name="Käthe Strauß")
    rooms.conflict(wanted)
    visitor = come("Clerk").go("index")
    visitor.settle()
    visitor.page.keyboard.press("Control+k")
    expect(visitor.page.locator(DIALOG)).to_be_focused()
    visitor.page.keyboard.type("Strauss, Käthe")
    visitor.sees("geb. 09.03.1971")
    assert visitor.findings() == []
    visitor.page.keyboard.press("ArrowDown")
    visitor.page.keyboard.press("Enter")
    visitor.page.wait_for_url(f"**{reverse('admin:syncapp_syncrecord_change', args=[wanted.pk])}")


def test_a_slash_asks_from_every_page_and_names_what_comes_near(come: Come, live: None, settings: Any) -> None:
    settings.GOOGLE_SERVICE_ACCOUNT_FILE = KEY_FILE
    settle_calendars()
    search_text.fill_gaps()
    rooms.record(name="Frieda Meierhofer")
    visitor = come("Clerk").go("ops_guide")
    visitor.settle()
    visitor.page.keyboard.press("/")
    expect(visitor.page.locator(DIALOG)).to_be_focused()
    visitor.page.keyboard.type("Frida Meyerhofer")
    visitor.sees("wurde nichts gefunden", "Frieda Meierhofer")
    visitor.page.keyboard.press("Control+a")
    visitor.page.keyboard.type("hannover verhandlung")
    visitor.sees("Verhandlung LG Hannover", "Sabine Berg (SB) · frNr 4712")
    assert visitor.findings() == []


def test_a_slash_on_a_list_goes_to_the_lists_own_search(come: Come, live: None) -> None:
    twelve()
    visitor = come("Clerk").go("syncapp_syncrecord_changelist")
    visitor.settle()
    visitor.page.keyboard.press("/")
    visitor.page.keyboard.type("Müller, Matthias 1234507")
    visitor.page.keyboard.press("Enter")
    expect(visitor.page.locator("#result_list tbody tr")).to_have_count(1)
    expect(visitor.page.locator("#result_list mark").first).to_have_text("Matthias")


def test_a_list_is_put_in_order_by_its_head(come: Come, live: None) -> None:
    for name in ("Zoe Zander", "Anna Adler", "Moritz Mann"):
        rooms.record(name=name)
    visitor = come("Clerk").go("syncapp_syncrecord_changelist")
    visitor.page.locator("thead a", has_text="Name").first.click()
    expect(visitor.page.locator("#result_list tbody tr").first).to_contain_text("Anna Adler")


def test_filters_on_a_phone_are_opened_taken_back_and_closed(come: Come, live: None) -> None:
    rooms.record(name="Zoe Zander")
    rooms.failed(name="Anna Adler")
    visitor = come("Clerk")
    visitor.width(390)
    visitor.go("syncapp_syncrecord_changelist", status__exact="failing")
    visitor.settle()
    visitor.does_not_see("Zoe Zander")
    visitor.click("Filter")
    panel = visitor.page.locator("#changelist-filter")
    expect(panel).to_be_visible()
    visitor.click("Schließen", exact=True)
    expect(panel).to_be_hidden()
    visitor.click("Filter")
    visitor.click("Zurücksetzen", exact=True)
    visitor.sees("Zoe Zander")
    assert "status__exact" not in address(visitor)
    assert visitor.overflow() <= 0


def test_days_are_chosen_with_the_browsers_own_calendar(come: Come, live: None) -> None:
    rooms.conflict()
    visitor = come("Clerk").go("syncapp_conflict_changelist")
    visitor.settle()
    if visitor.page.get_by_role("button", name="Filter").is_visible():
        visitor.click("Filter")
    visitor.page.locator("input[name=at_until]").fill("2001-01-01")
    visitor.click("Anwenden", exact=True)
    expect(visitor.page.locator("#result_list")).to_have_count(0)
    assert "at_until=2001-01-01" in address(visitor)
