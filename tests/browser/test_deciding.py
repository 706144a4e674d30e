"""Conflicts as a clerk works through them by keyboard, and errors as an operator puts them aside; undone in the end."""

from collections.abc import Callable

from playwright.sync_api import expect

from syncapp.models import Conflict, SavedView, Snooze, SyncRecord
from tests.admin import rooms
from tests.browser.visitor import Visitor
from tests.support.firm import Firm

Come = Callable[..., Visitor]


def test_conflicts_are_worked_through_by_keyboard_and_together(
    come: Come, firm: Firm, work: Callable[[], None], redis_client: object
) -> None:
    firm.settings.SYNC_CONFLICT_POLICY = {"stammdaten": "manual"}
    espo_id, betnr = firm.pair(name="Müller", vorname="Frieda")
    firm.sync(espo_id)
    firm.sandbox.anna.change(espo_id, titel="Prof. Dr.", zusatz="c/o Meier")
    firm.sandbox.clerk.change(betnr, titel="Dr. med.", zusatz="Hof")
    assert firm.sync(espo_id).status == "conflict"
    for name in ("Ole Petersen", "Käthe Strauß"):
        rooms.conflict(rooms.record("conflict", name=name))
    clerk = come("Clerk").go("syncapp_conflict_changelist")
    clerk.click("Nacheinander entscheiden")
    clerk.sees("4 sind offen", "Frieda Müller", "Datensatz zuletzt geändert")

    def press(key: str) -> None:
        clerk.settle()
        clerk.page.keyboard.press(key)

    press("?")
    clerk.sees("letzte Entscheidung zurücknehmen")
    press("n")
    clerk.sees("davon 1 für später gelassen", "c/o Meier")
    press("a")
    clerk.sees("Ole Petersen", "Wartet auf den Lauf")
    press("u")
    clerk.sees("Zurückgenommen", "c/o Meier")
    press("e")
    clerk.sees("Ole Petersen")
    press("v")
    expect(clerk.page.locator("[name=instead]")).to_be_focused()
    clerk.page.keyboard.type("x" * 51)
    press("Enter")
    clerk.sees("Titel ist länger als 50 Zeichen.", "Ole Petersen")
    clerk.go("ops_decide", firm.record(espo_id).pk)
    clerk.page.get_by_label("Wert für beide Seiten").fill("Dr. jur.")
    expect(clerk.page.get_by_role("radio", name="Keiner von beiden")).to_be_checked()
    clerk.click("So entscheiden")
    clerk.sees("1 Feld entschieden.")
    work()
    for side in (firm.espo(espo_id), firm.advo(betnr)):
        assert (side["titel"], side["zusatz"]) == ("Dr. jur.", "c/o Meier")
    clerk.go("syncapp_conflict_changelist", q="Petersen", open__exact="1")
    clerk.page.locator("#action-toggle:visible, .action-toggle:visible").first.check()
    clerk.page.locator("select[name=action]").select_option(label="Gemeinsam entscheiden")
    clerk.click("Ausführen")
    clerk.sees("Betrifft 1 Konflikt", "Prof. Dr.")
    clerk.page.get_by_role("radio", name="Advoware").check()
    clerk.click("Gemeinsam entscheiden", exact=True)
    clerk.sees("1 angefordert")
    clerk.click("Rückgängig machen")
    clerk.sees("Damit wird rückgängig gemacht", "Betrifft 1 Konflikt")
    clerk.click("Entscheidungen zurücknehmen")
    clerk.sees("1 angefordert", "Damit wird rückgängig gemacht")
    assert Conflict.objects.filter(open=True).count() == 2
    assert clerk.troubles == []


def test_like_errors_are_put_aside_and_a_view_is_kept(come: Come, live: None) -> None:
    for number in range(3):
        rooms.failed(name=f"Person {number}")
    rooms.failed("transient", name="Andere Ursache")
    operator = come("Operator", width=390).go("ops_causes")
    operator.sees("Vorname ist länger als 30 Zeichen", "3 Datensätze zeigen")
    operator.click("Zurückstellen")
    operator.fill(reason="wird in EspoCRM bereinigt")
    operator.click("Zurückstellen", exact=True)
    operator.sees("wird in EspoCRM bereinigt", "Damals waren es 3 Datensätze", "Alarme kommen trotzdem")
    assert operator.overflow() == 0
    operator.go("index")
    operator.sees("davon 3 zurückgestellt")
    operator.width(1360)
    operator.go("syncapp_syncrecord_changelist", quiet="yes")
    operator.sees("Person 0")
    operator.does_not_see("Andere Ursache")
    operator.words("Ansicht speichern").click()
    operator.fill(name="Zurückgestelltes")
    operator.page.get_by_label("Für alle sichtbar").check()
    operator.click("Speichern", exact=True)
    operator.sees("Gespeichert als „Zurückgestelltes“.")
    clerk = come("Clerk", dark=True).go("syncapp_syncrecord_changelist")
    clerk.click("Zurückgestelltes (jan.peters)")
    clerk.sees("Person 2")
    clerk.does_not_see("Andere Ursache")
    clerk.see_record(SyncRecord.objects.get(name="Person 2"))
    clerk.sees("Zurückgestellt von jan.peters, bis es schlimmer wird: wird in EspoCRM bereinigt")
    operator.go("ops_causes").click("Zurückstellung beenden")
    operator.sees("Es erscheint wieder unter dem, was jemanden braucht.")
    assert (Snooze.objects.count(), SavedView.objects.count()) == (0, 1)
    assert operator.troubles == clerk.troubles == []
