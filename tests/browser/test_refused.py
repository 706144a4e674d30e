"""What was typed and refused stays, in its field, also where that comes with a part that is loaded after its page."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import expect

from syncapp.core.states import Status
from syncapp.models import Appointment, CalendarEmployee, Case, OperatorLog, SyncRecord
from syncapp.operations.calendars import cleaning
from syncapp.words import html
from syncapp.words.plain_errors import PlainError
from tests.admin import rooms
from tests.browser.visitor import Visitor
from tests.support.calendars import Office, office
from tests.support.firm import Firm

__all__ = ["office"]

Come = Callable[..., Visitor]
REASON = "[name=reason]:visible"


def without_its_termin(office: Office) -> CalendarEmployee:
    """A calendar with an event of ours that nothing is linked to any more."""
    row = office.hire("SB", name="Sabine Berg")
    number = office.enter(1, text="Besprechung Neumandat")
    office.sync("SB")
    office.remove(number)
    Appointment.objects.all().delete()
    return row


def test_a_reason_for_linking_stays_until_it_is_done(come: Come, firm: Firm) -> None:
    """A run takes the record meanwhile; then Advoware is away; then another number is compared."""
    rooms.go_live()
    espo_id, _betnr = firm.pair(name="Müller", vorname="Frieda")
    first, second = (firm.sandbox.clerk.create(name="Müller", vorname="Frida")["betNr"] for _number in range(2))
    record = firm.record(espo_id)
    operator = come("Operator").go("ops_record_act", record.pk, "link", betnr=str(first))
    operator.page.locator(REASON).fill("laut Ausweis")
    SyncRecord.objects.filter(pk=record.pk).update(status=Status.SYNCING)
    operator.click(f"Ja, mit betNr {first} verknüpfen")
    operator.sees("Der Datensatz wird gerade abgeglichen.", f"Ist betNr {first} dieselbe Person?")
    expect(operator.page.locator(REASON)).to_have_value("laut Ausweis")
    SyncRecord.objects.filter(pk=record.pk).update(status=record.status)
    operator.fill(betnr="999999999")
    operator.click("Vergleichen")
    operator.sees("betNr 999999999")
    operator.fill(betnr=str(second))
    operator.click("Vergleichen")
    operator.sees(f"Ist betNr {second} dieselbe Person?")
    expect(operator.page.locator(REASON)).to_have_value("laut Ausweis")
    operator.click(f"Ja, mit betNr {second} verknüpfen")
    operator.sees("Angefordert: Mit betNr verknüpfen")
    assert OperatorLog.objects.get(action="link").reason == "laut Ausweis"


def test_a_reason_for_cleaning_up_stays_while_google_is_away(
    come: Come, office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(row: CalendarEmployee) -> Any:
        raise PlainError("Google antwortet nicht.")

    boss = come().go("ops_calendar_clean", without_its_termin(office).pk)
    boss.page.locator(REASON).fill("Reste")
    boss.page.evaluate("document.querySelector('[name=events]').value = ''")
    with monkeypatch.context() as meanwhile:
        meanwhile.setattr(cleaning, "_living", away)
        boss.click("1 Eintrag in Google entfernen")
        boss.sees("Es war nichts ausgewählt", "Google antwortet nicht.")
    boss.click("Neu lesen")
    boss.sees("Ohne ihren Termin")
    expect(boss.page.locator(REASON)).to_have_value("Reste")


def test_a_refused_note_stays_with_the_focus_and_reloading_shows_the_record(come: Come, live: None) -> None:
    """Somebody else has noted something meanwhile. Reloaded, the page neither sends again what was refused, nor says
    that one had been logged out."""
    record = rooms.failed()
    case = Case.objects.create(record=record, note="Mandant ruft zurück")
    clerk = come("Clerk").go("syncapp_syncrecord_change", record.pk)
    clerk.fill(note="Ausweis fehlt")
    case.save()
    clerk.click("Speichern")
    clerk.sees("Jemand anders hat dies inzwischen geändert", "Mandant ruft zurück")
    expect(clerk.page.locator("#fault")).to_be_focused()
    expect(clerk.page.locator("[name=note]")).to_have_value("Ausweis fehlt")
    assert clerk.findings() == []
    assert clerk.page.url.endswith(html.record_url(record.pk))
    clerk.page.reload()
    expect(clerk.page.locator("[name=note]")).to_have_value("Mandant ruft zurück")


def test_a_refused_answer_has_the_focus_where_another_was_taken(come: Come, live: None) -> None:
    title = rooms.conflict()
    rooms.conflict(title.record, field="zusatz", espo="c/o Meier", advo="c/o Maier")
    clerk = come("Clerk").go("ops_decide", title.record_id)
    clerk.page.locator(f"[name=instead_{title.pk}]").fill("x" * 51)
    clerk.page.get_by_role("radio", name="Advoware c/o Maier").check()
    clerk.click("So entscheiden")
    clerk.sees("1 Feld entschieden.")
    field = clerk.page.locator(f"[name=instead_{title.pk}]")
    expect(field).to_be_focused()
    expect(field).to_have_value("x" * 51)
    expect(field).to_have_attribute("aria-invalid", "true")
    assert clerk.findings() == []
