"""A clerk, an operator and the head of an office with a phone in the dark, each through a morning, by tapping alone.

What they come upon by the way is looked at as well: the way back, an empty list, a page that is not theirs.
"""

from collections.abc import Callable
from pathlib import Path

from django.urls import reverse
from playwright.sync_api import expect

from syncapp.engine.rows.counters import count
from syncapp.entities.beteiligte.finding import texts
from syncapp.models import Conflict, SyncRecord
from tests.admin import rooms
from tests.browser.visitor import Visitor
from tests.support.spreadsheets import csv_rows

Come = Callable[..., Visitor]
PHONE = 390


def fits(visitor: Visitor) -> None:
    """Nothing is wider than the phone, too dark to read, or too small for a thumb."""
    visitor.settle()
    assert visitor.is_dark()
    assert visitor.overflow() <= 0
    assert visitor.findings("color-contrast") == []
    assert visitor.small_targets() == []


def test_a_clerk_finds_somebody_and_decides(come: Come, live: None) -> None:
    kaethe = rooms.record("conflict", name="Käthe Strauß", espo_id="e4711")
    texts.refresh(kaethe, before=[])
    rooms.conflict(kaethe)
    rooms.conflict(rooms.record("conflict", name="Ole Petersen"), field="zusatz", espo="Hof", advo="c/o Meier")
    clerk = come("Clerk", width=PHONE, dark=True).go("index")
    clerk.sees("Felder zu entscheiden")
    fits(clerk)
    clerk.page.get_by_role("button", name="Menü ein- oder ausblenden").click()
    clerk.click("Suchen …")
    expect(clerk.page.locator("#search-input-command")).to_be_focused()
    clerk.page.keyboard.type("Dr. Strauss, Käthe")
    clerk.sees("geb. 09.03.1971")
    clerk.page.locator("#command-results-list a").first.click()
    clerk.sees("Auf beiden Seiten geändert")
    fits(clerk)
    clerk.page.locator(".ops-back").click()
    clerk.page.locator("#searchbar").fill("Niemand Unbekannt")
    clerk.page.locator("#searchbar-submit").click()
    clerk.sees("wurde nichts gefunden", "Nichts gefunden")
    fits(clerk)
    clerk.click("Alle anzeigen")
    clerk.sees("2 insgesamt")
    clerk.go("syncapp_conflict_changelist").click("Nacheinander entscheiden")
    clerk.page.get_by_label("Keiner von beiden, sondern").fill("Prof. Dr. jur.")
    fits(clerk)
    clerk.click("Diesen Wert nehmen")
    clerk.sees("Prof. Dr. jur.", "Ole Petersen")
    clerk.click("Zurücknehmen")
    clerk.sees("Zurückgenommen", "Käthe Strauß")
    clerk.click("Offen lassen, nächster")
    clerk.click("EspoCRM hat recht")
    clerk.sees("Sie sind durch", "1 Konflikt ist offen geblieben")
    fits(clerk)
    assert list(Conflict.objects.filter(open=True).values_list("record", flat=True)) == [kaethe.pk]
    assert clerk.troubles == []
    clerk.page.goto(reverse("admin:ops_jobs"))
    clerk.sees("Das dürfen Sie nicht", "Zur Startseite")
    assert clerk.overflow() <= 0


def test_an_operator_mends_and_takes_back(come: Come, live: None, redis_client: object) -> None:
    for name in ("Anna Ahrens", "Berta Beyer"):
        rooms.failed(name=name)
    operator = come("Operator", width=PHONE, dark=True).go("syncapp_export_changelist")
    operator.sees("Hier ist noch nichts.", "„Exportieren“")
    fits(operator)
    operator.go("syncapp_syncrecord_changelist", status__exact="failing")
    operator.page.locator("#action-toggle:visible, .action-toggle:visible").first.check()
    operator.page.locator("select[name=action]").select_option(label="Diese Datensätze pausieren")
    operator.click("Ausführen")
    operator.sees("Betrifft 2 Datensätze")
    fits(operator)
    operator.fill(reason="Umzug")
    operator.click("Diese Datensätze pausieren")
    operator.sees("2 von 2 bearbeitet")
    assert SyncRecord.objects.filter(hold="paused").count() == 2
    operator.click("Rückgängig machen")
    operator.sees("Damit wird rückgängig gemacht")
    operator.click("Pausen rückgängig machen")
    operator.sees("2 angefordert")
    assert SyncRecord.objects.filter(hold="paused").count() == 0
    operator.page.locator(".ops-back").click()
    operator.sees("Diese Datensätze pausieren")
    fits(operator)
    operator.go("ops_jobs").click("Pausieren")
    operator.fill(reason="Advoware wird gewartet")
    operator.page.locator("main form button.ops-main").click()
    operator.sees("ist pausiert")
    fits(operator)
    operator.click("Fortsetzen")
    operator.page.locator("main form button.ops-main").click()
    operator.sees("läuft sofort weiter")
    assert operator.troubles == []


def test_the_head_of_the_office_reads_the_month_and_takes_it_along(come: Come, live: None) -> None:
    count("sync", 1234, outcome="done", verdict="none", trigger="update")
    rooms.conflict(rooms.record("conflict", name="Walpurga Geheim"))
    rooms.child_case(code="double", row=5)
    head = come("Auditor", width=PHONE, dark=True).go("index")
    head.settle()
    fits(head)
    head.click("Ein Monat oder andere Tage")
    head.sees("1.234", "Konflikte nach Feld", "Adressen und Konten, die auf Übertragung warten")
    fits(head)
    head.click("Exportieren")
    head.page.get_by_role("radio", name="CSV für Excel").check()
    head.click("Datei erstellen")
    head.sees("fertig")
    fits(head)
    with head.page.expect_download() as download:
        head.click("Datei herunterladen")
    path: Path = download.value.path()
    assert "1234" in {cell for row in csv_rows(path.read_bytes()) for cell in row}, "a number, not a text with a point"
    head.click("Alle meine Exporte")
    expect(head.page.locator("#result_list tbody tr")).to_have_count(1)
    head.go("syncapp_conflict_changelist")
    head.sees("offen")
    head.does_not_see("Walpurga", "Nacheinander entscheiden")
    fits(head)
    assert head.troubles == []
