"""A browser in which no script runs, or to which the theme's does not come: no page stays white, acts stay possible."""

from collections.abc import Callable

from playwright.sync_api import expect

from syncapp.models import SyncRecord
from tests.admin import rooms
from tests.browser.visitor import Visitor
from tests.support.firm import Firm

Come = Callable[..., Visitor]
PHONE = 390


def test_somebody_works_without_javascript(come: Come, firm: Firm) -> None:
    rooms.go_live()
    espo_id, _betnr = firm.pair(name="Müller", vorname="Frieda")
    other = firm.sandbox.clerk.create(name="Petersen", vorname="Ole")["betNr"]
    record = firm.record(espo_id)
    operator = come("Operator", script=False).go("syncapp_syncrecord_changelist")
    expect(operator.page.locator("noscript p")).to_be_visible()
    operator.page.locator("input.action-select").first.check()
    operator.page.locator("select[name=action]").select_option(label="Diese Datensätze pausieren")
    operator.click("Ausführen")
    operator.fill(reason="Umzug")
    operator.click("Diese Datensätze pausieren")
    operator.see_record(record).click("Mit betNr verknüpfen")
    operator.fill(betnr=str(other))
    operator.click("Vergleichen")
    operator.sees(f"Ist betNr {other} dieselbe Person?")
    operator.click("Ja, mit betNr")
    operator.sees("Angefordert: Mit betNr verknüpfen")
    assert SyncRecord.objects.get(pk=record.pk).betnr == other


def test_nobody_waits_for_what_never_comes(come: Come, firm: Firm) -> None:
    rooms.go_live()
    record = firm.record(firm.pair(name="Müller", vorname="Frieda")[0])
    operator = come("Operator", script=False).go("index")
    expect(operator.page.locator("html")).to_have_css("animation-name", "none")
    expect(operator.page.locator("noscript p")).to_be_visible()
    expect(operator.words("Die Zahlen werden gezählt")).to_be_hidden()
    expect(operator.words("werden gefragt")).to_be_hidden()
    operator.see_record(record)
    operator.sees("Stand beider Seiten nach dem letzten Abgleich")
    expect(operator.words("Beide Systeme werden gelesen")).to_be_hidden()


def test_a_theme_whose_script_does_not_come_hides_no_page(come: Come, live: None) -> None:
    rooms.failed(name="Anna Ahrens")
    clerk = come("Clerk", width=PHONE)
    clerk.page.route("**/alpine.js*", lambda route: route.abort())
    clerk.go("syncapp_syncrecord_changelist")
    expect(clerk.page.locator("html")).to_have_css("visibility", "visible")
    clerk.click("Anna Ahrens")
    clerk.sees("Was zu tun ist")
    assert clerk.overflow() <= 0
