"""By keyboard alone and by ear: where the focus goes, what is told, what things are called without their place."""

from collections.abc import Callable

from playwright.sync_api import Page, expect

from syncapp.models import BulkAction, BulkState
from tests.admin import rooms
from tests.browser.visitor import Visitor

Come = Callable[..., Visitor]
DESCRIPTION = """one => one.getAttribute('aria-describedby').split(' ').map(
  id => document.getElementById(id).innerText).join(' ')"""


def focused(page: Page) -> str:
    """The words of what has the focus; "" where nothing has."""
    return str(page.evaluate("document.activeElement === document.body ? '' : document.activeElement.innerText"))


def test_what_moves_keeps_the_focus_and_its_end_is_told(come: Come, live: None) -> None:
    """The page of a mass action is put in place anew each second; “Stop” lost the focus as often."""
    ids = [rooms.permanently_failed(name=f"Person {number}").pk for number in range(3)]
    bulk = BulkAction.objects.create(code="pause", ids=ids, total=3, state=BulkState.RUNNING, actor="anna")
    operator = come("Operator").go("ops_many", bulk.pk)
    operator.tab_to("Anhalten")
    BulkAction.objects.update(position=2, done=2)
    operator.sees("2 von 3 bearbeitet")
    assert "Anhalten" in focused(operator.page)
    expect(operator.page.locator("#said")).to_be_empty()
    BulkAction.objects.update(position=3, done=3, state=BulkState.DONE)
    expect(operator.page.locator("#said")).to_have_text("erledigt 3 von 3 bearbeitet")
    assert focused(operator.page)


def test_what_came_of_an_act_is_told_and_the_title_names_what_it_is_about(come: Come, live: None) -> None:
    record = rooms.permanently_failed(name="Ole Petersen")
    clerk = come("Clerk").go("ops_record_act", record.pk, "sync_now")
    expect(clerk.page).to_have_title("Ole Petersen | Erneut versuchen | Advosync")
    clerk.tab_to("Erneut versuchen")
    clerk.page.keyboard.press("Enter")
    expect(clerk.page.locator("#said")).to_contain_text("Angefordert: Erneut versuchen.")


def test_a_refused_value_stays_and_its_field_has_the_focus_and_the_reason(come: Come, live: None) -> None:
    rooms.conflict()
    clerk = come("Clerk").go("ops_queue")
    clerk.page.keyboard.press("v")
    clerk.page.keyboard.type("x" * 51)
    clerk.page.keyboard.press("Enter")
    field = clerk.page.locator("[name=instead]")
    expect(field).to_be_focused()
    expect(field).to_have_value("x" * 51)
    expect(field).to_have_attribute("aria-invalid", "true")
    assert "Titel ist länger als 50 Zeichen." in str(field.evaluate(DESCRIPTION))


def test_the_finder_is_a_dialog_and_gives_the_focus_back(come: Come, live: None) -> None:
    rooms.record(name="Käthe Strauß")
    clerk = come("Clerk").go("index")
    clerk.settle()
    clerk.tab_to("Suchen …")
    clerk.page.keyboard.press("Enter")
    dialog = clerk.page.get_by_role("dialog", name="Suchen …")
    expect(dialog.get_by_role("searchbox", name="Suchen")).to_be_focused()
    clerk.page.keyboard.type("Strauss")
    expect(clerk.page.locator("#said")).to_have_text("1 Ergebnis")
    clerk.page.keyboard.press("ArrowDown")
    expect(clerk.page.locator("#said")).to_contain_text("Käthe Strauß")
    for _press in range(4):
        clerk.page.keyboard.press("Tab")
        assert not clerk.page.evaluate("document.getElementById('page').contains(document.activeElement)")
    dialog.get_by_role("searchbox").focus()
    clerk.page.keyboard.press("Escape")
    clerk.page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    assert "Suchen …" in focused(clerk.page)


def test_the_filters_are_entered_and_left_by_keyboard(come: Come, live: None) -> None:
    rooms.failed(name="Anna Adler")
    page = come("Clerk").go("syncapp_syncrecord_changelist").page
    button = page.get_by_role("button", name="Filter", exact=True)
    button.press("Enter")
    panel = page.locator("#changelist-filter")
    inside = "document.getElementById('changelist-filter').contains(document.activeElement)"
    page.wait_for_function(inside)
    page.keyboard.press("Escape")
    expect(panel).to_be_hidden()
    expect(button).to_be_focused()
    button.press("Enter")
    page.wait_for_function(inside)
    for _press in range(3):  # past what scrolls, back into the list behind
        page.keyboard.press("Shift+Tab")
    expect(panel).to_be_hidden()


def test_buttons_of_a_list_say_what_they_are_for(come: Come, live: None) -> None:
    task = rooms.deletion()
    rooms.conflict(rooms.record("conflict", name="Käthe Strauß"))
    clerk = come("Clerk").go("syncapp_deletiontask_changelist")
    expect(clerk.page.get_by_role("link", name=f"Abhaken betNr {task.betnr}", exact=True)).to_be_visible()
    clerk.go("syncapp_conflict_changelist")
    expect(clerk.page.get_by_role("checkbox", name="Auswählen Käthe Strauß")).to_be_attached()
    expect(clerk.page.get_by_role("link", name="Entscheiden Käthe Strauß", exact=True)).to_be_visible()
