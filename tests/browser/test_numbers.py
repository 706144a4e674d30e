"""Numbers as the head of an office and an operator get them: a list as a file, a month on paper, a page that moves."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from syncapp.admin.pages import home
from syncapp.engine.rows.counters import count
from syncapp.models import Alert, Breaker
from syncapp.operations.exports import orders
from tests.admin import rooms
from tests.browser.visitor import Visitor
from tests.support.spreadsheets import csv_rows, texts

Come = Callable[..., Visitor]
HIDE = """() => { Object.defineProperty(document, 'hidden', { value: true, configurable: true });
  document.dispatchEvent(new Event('visibilitychange')); }"""
SHOW = """() => { Object.defineProperty(document, 'hidden', { value: false, configurable: true });
  document.dispatchEvent(new Event('visibilitychange')); }"""


def fetched(visitor: Visitor, words: str) -> bytes:
    with visitor.page.expect_download() as download:
        visitor.click(words)
    path: Path = download.value.path()
    return path.read_bytes()


def test_a_list_becomes_a_file_with_the_keyboard_and_a_large_one_is_seen_as_it_goes(
    come: Come, live: None, work: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("Anna Ahrens", "Berta Beyer"):
        rooms.failed(name=name)
    rooms.record(name="Carla Cordes")
    operator = come("Operator", dark=True).go("syncapp_syncrecord_changelist", status__exact="failing")
    operator.tab_to("Exportieren")
    operator.page.keyboard.press("Enter")
    operator.sees("2 Zeilen", "gefiltert wie in der Liste", "personenbezogene Werte")
    operator.tab_to("Excel-Arbeitsmappe")
    operator.page.keyboard.press("ArrowDown")
    operator.page.keyboard.press("Tab")
    operator.page.keyboard.press("Enter")
    operator.sees("fertig", "CSV für Excel")
    rows = csv_rows(fetched(operator, "Datei herunterladen"))
    assert {row[0] for row in rows} == {"Name", "Anna Ahrens", "Berta Beyer"}
    monkeypatch.setattr(orders, "AT_ONCE", 0)
    operator.width(390)
    operator.go("ops_export_new", "syncrecord")
    assert operator.findings() == []
    assert operator.overflow() <= 0
    operator.click("Datei erstellen")
    operator.sees("0 von 3 Zeilen geschrieben", "Sie können diese Seite verlassen")
    work()
    operator.sees("fertig")
    assert texts(fetched(operator, "Datei herunterladen"))[1][0] == "Carla Cordes"
    operator.click("Alle meine Exporte")
    operator.sees("Datensätze", "Herunterladen")
    assert operator.troubles == []


def test_a_month_on_the_screen_on_paper_and_as_a_workbook(come: Come, live: None) -> None:
    count("sync", 1234, outcome="done", verdict="none", trigger="update")
    rooms.conflict()
    boss = come("boss").go("index")
    boss.settle()
    boss.click("Ein Monat oder andere Tage")
    boss.sees("1.234", "Aufgaben", "Konflikte nach Feld")
    assert boss.findings() == []
    assert boss.page.locator("tbody tr").nth(1).inner_text().startswith(f"{timezone.localdate():%d.%m.%Y}")
    boss.page.emulate_media(media="print")
    for hidden in ("nav", "#header-inner", ".ops-no-print"):
        assert not boss.page.locator(hidden).locator("visible=true").count(), hidden
    assert len(boss.page.pdf()) > 10_000
    boss.page.emulate_media(media="screen")
    boss.width(390)
    assert boss.overflow() <= 0
    boss.click("Exportieren")
    boss.click("Datei erstellen")
    assert texts(fetched(boss, "Datei herunterladen"))[1][:2] == ["Insgesamt", "1234"]
    assert boss.troubles == []


def test_the_landing_page_moves_by_itself(come: Come, live: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(home, "LIVE_SECONDS", 0.3)
    operator = come("Operator").go("index")
    operator.settle()
    operator.sees("Diese Seite erneuert sich von selbst")
    find = operator.page.locator("#finder")
    find.fill("Mül")
    rooms.record("dirty", name="Frieda Müller")
    alert = Alert.objects.create(rule="no_sweep", params={"minutes": 40})
    operator.sees("Was wartet, und warum", "bis ein Arbeitsprozess frei ist", "Seit 40 Minuten kein Sammellauf")
    # What somebody is writing stays, and so does the focus on a button that is put in place anew.
    assert find.input_value() == "Mül"
    seen = operator.page.get_by_role("button", name="Gesehen")
    seen.focus()
    later = alert.opened_at + timedelta(minutes=5)
    Breaker.objects.create(system="advoware", kind="transient", open_since=alert.opened_at, open_until=later)
    operator.sees("Advoware ist seit")
    expect(seen).to_be_focused()
    seen.click()
    operator.sees("Gesehen von jan.peters")
    operator.page.context.set_offline(True)
    operator.sees("Was hier steht, kann veraltet sein")
    operator.page.context.set_offline(False)
    operator.sees("Diese Seite erneuert sich von selbst")
    # A hidden tab asks for nothing, and looks at once when somebody comes back.
    operator.page.evaluate(HIDE)
    rooms.failed(name="Anna Ahrens")
    asked: list[str] = []
    operator.page.on("request", lambda request: asked.append(request.url))
    operator.page.wait_for_timeout(700)
    assert asked == []
    operator.page.evaluate(SHOW)
    operator.sees("Inhalt abgelehnt")
    operator.page.evaluate(HIDE)


def test_a_run_tells_its_calls_one_by_one(come: Come, live: None) -> None:
    record = rooms.record()
    attempt = rooms.history(record)
    attempt.call_log = [
        ["espocrm", "GET", "CBeteiligte/{id}", 200, 45, 0, ""],
        ["advoware", "PUT", "Beteiligte/{betNr}", 503, 1300, 60, "transient"],
        ["advoware", "GET", "Beteiligte/{betNr}", None, 5000, 1400, "transient"],
    ]
    attempt.save()
    clerk = come("Clerk", width=390).see_record(record)
    clerk.settle()
    clerk.page.locator("summary", has_text="3 Aufrufe").click()
    clerk.sees("PUT Beteiligte/{betNr}", "503", "1,3 s", "keine Antwort")
    assert clerk.overflow() <= 0
    clerk.go("syncapp_attempt_change", attempt.pk)
    clerk.sees("GET CBeteiligte/{id}", "45 ms")
