"""What takes more than one page, walked to its end by keyboard alone."""

from collections.abc import Callable

from playwright.sync_api import expect

from syncapp.models import DeletionTask, OperatorLog
from tests.admin import rooms
from tests.browser.test_refused import without_its_termin
from tests.browser.visitor import Visitor
from tests.support.calendars import Office, office
from tests.support.firm import Firm

__all__ = ["office"]

Come = Callable[..., Visitor]


def to_content(visitor: Visitor) -> None:
    """Past the menu, as somebody without a mouse goes."""
    visitor.page.wait_for_load_state("domcontentloaded")
    visitor.page.keyboard.press("Tab")
    visitor.page.keyboard.press("Enter")
    visitor.page.wait_for_function("document.activeElement.id === 'content'")


def press(visitor: Visitor, words: str) -> None:
    visitor.tab_to(words)
    visitor.page.keyboard.press("Enter")


def say(visitor: Visitor, words: str, text: str) -> None:
    """Type into the field that is called so."""
    visitor.tab_to(words)
    visitor.page.keyboard.type(text)


# --- walked to the end


def test_a_record_is_linked(come: Come, firm: Firm) -> None:
    rooms.go_live()
    espo_id, _betnr = firm.pair(name="Müller", vorname="Frieda")
    other = firm.sandbox.clerk.create(name="Müller", vorname="Frida")["betNr"]
    operator = come("Operator").see_record(firm.record(espo_id))
    operator.settle()
    to_content(operator)
    press(operator, "Mit betNr verknüpfen")
    operator.page.wait_for_url("**/link/")
    to_content(operator)
    say(operator, "betNr in Advoware", str(other))
    operator.page.keyboard.press("Enter")
    expect(operator.page.locator("#said")).to_contain_text(f"Ist betNr {other} dieselbe Person?")
    say(operator, "Grund", "laut Ausweis")
    press(operator, f"Ja, mit betNr {other} verknüpfen")
    operator.sees("Angefordert: Mit betNr verknüpfen")
    assert firm.record(espo_id).betnr == other
    assert OperatorLog.objects.get(action="link").reason == "laut Ausweis"


def test_a_calendar_is_cleaned_up(come: Come, office: Office, work: Callable[[], None]) -> None:
    row = without_its_termin(office)
    boss = come().go("syncapp_calendaremployee_change", row.pk)
    boss.settle()
    to_content(boss)
    press(boss, "In Google aufräumen")
    expect(boss.page.locator("#said")).to_contain_text("Ohne ihren Termin")
    to_content(boss)
    say(boss, "Grund", "Reste")
    press(boss, "1 Eintrag in Google entfernen")
    boss.sees("in Arbeit")
    work()
    expect(boss.page.locator("#said")).to_contain_text("erledigt")
    assert office.events("SB") == []
    assert OperatorLog.objects.get(action="clean_calendar").reason == "Reste"


def test_a_deletion_is_done(come: Come, live: None) -> None:
    task = rooms.deletion()
    clerk = come("Clerk").go("index")
    clerk.settle()
    to_content(clerk)
    press(clerk, "von Hand in Advoware zu löschen")
    clerk.page.wait_for_url("**/syncapp/deletiontask/**")
    to_content(clerk)
    clerk.tab_to("Abhaken")  # what scrolls has the words of all that is in it
    clerk.tab_to("Abhaken")
    expect(clerk.page.get_by_role("link", name=f"Abhaken betNr {task.betnr}", exact=True)).to_be_focused()
    clerk.page.keyboard.press("Enter")
    clerk.page.wait_for_url("**/deletion/**")
    to_content(clerk)
    say(clerk, "Grund", "gelöscht")
    press(clerk, "Als erledigt abhaken")
    expect(clerk.page.locator("#said")).to_contain_text(f"Abgehakt: betNr {task.betnr}.")
    assert DeletionTask.objects.get().done_at is not None


# --- many at once


def test_rows_are_ticked_and_something_is_done_with_them(come: Come, live: None) -> None:
    """The bar of what can be done stood before the table: whoever had ticked a row met it by going back through all."""
    for name in ("Anna Adler", "Berta Busch", "Clara Cohn"):
        rooms.failed(name=name)
    operator = come("Operator").go("syncapp_syncrecord_changelist")
    to_content(operator)
    for name in ("Anna Adler", "Berta Busch"):
        operator.page.get_by_role("checkbox", name=f"Auswählen {name}").focus()
        operator.page.keyboard.press("Space")
    said = operator.page.locator("#said")
    expect(said).to_contain_text("1 von 3 ausgewählt Die Eingabetaste")
    expect(said).to_contain_text("2 von 3 ausgewählt")
    assert said.inner_text().count("Die Eingabetaste") == 1  # once, not with each row
    assert operator.findings() == []
    operator.page.keyboard.press("Enter")
    expect(operator.page.locator("select[name=action]")).to_be_focused()
    operator.page.keyboard.type("Diese Datensätze pau")
    press(operator, "Ausführen")
    operator.sees("Betrifft 2 Datensätze")
    assert operator.troubles == []


def test_the_bar_of_what_can_be_done_follows_the_rows(come: Come, live: None) -> None:
    rooms.failed(name="Anna Adler")
    operator = come("Operator").go("syncapp_syncrecord_changelist")
    operator.page.get_by_role("checkbox", name="Auswählen Anna Adler").check()
    operator.page.locator("#result_list a").last.focus()
    operator.page.keyboard.press("Tab")
    expect(operator.page.locator("select[name=action]")).to_be_focused()
