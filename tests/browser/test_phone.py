"""Every table that sets both sides side by side shows them one below the other on a phone, each with its name."""

from collections.abc import Callable
from typing import Any

from syncapp.models import Attempt, DriftReport
from tests.admin import rooms
from tests.browser.town import ago
from tests.browser.town_calendars import KEY_FILE, settle_calendars
from tests.browser.visitor import Visitor
from tests.support.firm import Firm

Come = Callable[..., Visitor]
PHONE = 390
# For each table that has a column for both systems: the column's names in the head, and what each row shows of itself:
# the places of both cells, their label as drawn, and whether the whole of each is within the window.
SIDES = """sides => [...document.querySelectorAll('.ops table')]
  .filter(table => sides.every(name => [...table.querySelectorAll('thead th')].some(
    head => head.textContent.trim() === name)))
  .flatMap(table => {
    const heads = [...table.querySelectorAll('thead th')].map(head => head.textContent.trim());
    return [...table.querySelectorAll('tbody tr')].filter(row => row.children.length === heads.length).map(row =>
      sides.map(name => {
        const cell = row.children[heads.indexOf(name)], box = cell.getBoundingClientRect();
        const label = getComputedStyle(cell, '::before').content.replaceAll('"', '');
        return { label, top: box.top, bottom: box.bottom, inside: box.left >= 0 && box.right <= innerWidth };
      }));
  })"""

# On how many lines the words of a cell stand.
LINES = """words => {
  const cell = [...document.querySelectorAll('td')].findLast(one => one.textContent.trim() === words);
  const range = document.createRange(); range.selectNodeContents(cell);
  return new Set([...range.getClientRects()].map(box => box.top)).size; }"""
INLINE = """() => [...document.querySelectorAll('.ops-note')].filter(
  note => getComputedStyle(note).display === 'inline').length"""


def rows_on_a_phone(visitor: Visitor, *sides: str) -> list[Any]:
    sides = sides or ("EspoCRM", "Advoware")
    visitor.settle()
    visitor.width(PHONE)
    rows = visitor.page.evaluate(SIDES, list(sides))
    for first, second in rows:
        assert (first["label"], second["label"]) == sides
        assert second["top"] >= first["bottom"] - 1
        assert first["inside"]
        assert second["inside"]
    assert visitor.overflow() <= 0
    return list(rows)


def test_a_record_that_is_read_live(come: Come, firm: Firm) -> None:
    number = {"phoneNumber": "+493023125410", "type": "Office", "primary": True}
    espo_id, betnr = firm.pair(name="Müller", vorname="Frieda", phoneNumberData=[number])
    firm.sandbox.clerk.change(betnr, titel="Dr. Dr. h. c. mult. der Rechtswissenschaften")
    rows = rows_on_a_phone(come("Clerk").see_record(firm.record(espo_id)))
    assert len(rows) >= 9  # the fields and the number


def test_a_record_whose_systems_are_away(come: Come, live: None) -> None:
    clerk = come("Clerk").see_record(rooms.record())
    clerk.settle()
    nothing = clerk.words("Es ist noch nichts geschehen.").bounding_box()
    assert nothing
    assert nothing["height"] < 30, "on one line, not in the column of the times"
    assert len(rows_on_a_phone(clerk)) >= 3


def test_a_comparison_breaks_no_number(come: Come, live: None) -> None:
    record = rooms.record()
    report = DriftReport.objects.create(by="anna", scope="all")
    drift = {"field": "kommunikation", "state": "differs", "reason": "failed", "expected": True}
    report.rows.create(record=record, espo_id=record.espo_id, betnr=record.betnr, **drift)
    auditor = come("Auditor", width=PHONE).go("syncapp_driftreport_change", report.pk)
    for words in (str(record.betnr), "Kontaktwege"):
        assert auditor.page.evaluate(LINES, words) == 1, words
    assert auditor.overflow() <= 0


def test_conflicts_open_and_past(come: Come, live: None) -> None:
    record = rooms.record("conflict")
    rooms.conflict(record, field="titel", espo="Prof. Dr.", advo="Dr. med.", base_espo="Dr.")
    rooms.conflict(record, field="zusatz", espo="a", advo="b", base_espo="c", open=False)
    assert len(rows_on_a_phone(come("Clerk").see_record(record))) >= 5


def test_the_question_before_a_link(come: Come, firm: Firm) -> None:
    espo_id, _betnr = firm.pair(name="Müller", vorname="Frieda")
    betnr = firm.sandbox.clerk.create(name="Petersen", vorname="Ole")["betNr"]
    clerk = come("Operator").go("ops_record_act", firm.record(espo_id).pk, "link")
    clerk.fill(betnr=str(betnr))
    clerk.click("Vergleichen")
    clerk.sees("Ist betNr")
    assert len(rows_on_a_phone(clerk)) >= 2


def test_the_foot_of_a_list_of_many_pages(come: Come, live: None) -> None:
    record = rooms.record()
    Attempt.objects.bulk_create(
        Attempt(record=record, started_at=ago(minutes=number), outcome="done", trigger="sweep") for number in range(600)
    )
    clerk = come("Clerk", width=PHONE).go("syncapp_attempt_changelist")
    clerk.sees("600 insgesamt")
    assert clerk.overflow() <= 0


def test_calendars(come: Come, live: None, settings: Any) -> None:
    settings.GOOGLE_SERVICE_ACCOUNT_FILE = KEY_FILE
    calendars, visitor = settle_calendars(), come("Clerk")
    visitor.go("syncapp_appointment_change", calendars.asked.pk)
    assert len(rows_on_a_phone(visitor, "Advoware", "Google")) >= 6
    # What a system that is away answered with is a block of its own, not a line that runs over what is above it.
    assert visitor.page.evaluate(INLINE) == 0
    visitor.go("syncapp_calendaremployee_change", calendars.one.pk)
    visitor.words("Als Liste, beide Seiten nebeneinander").click()
    assert len(rows_on_a_phone(visitor, "Advoware", "Google")) >= 3
