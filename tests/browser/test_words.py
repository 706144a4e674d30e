"""German by default and English for those whose browser asks for it; hostile values; remote systems that are away."""

import time
from collections.abc import Callable
from typing import Any

import pytest

from syncapp.models import Case
from tests.admin import rooms
from tests.browser.conftest import DESK
from tests.browser.visitor import Visitor
from tests.support.firm import Firm
from tests.support.processes import wait_until

Come = Callable[..., Visitor]
SCRIPT = "<script>window.broken = 1</script><img src=x onerror='window.broken = 1'>"
RIGHT_TO_LEFT = "\u202egnidaelsim\u202c \u05e9\u05dc\u05d5\u05dd"
ENDLESS = "W" * 10_000


def test_german_without_being_asked_and_english_on_demand(come: Come, live: None) -> None:
    rooms.permanently_failed()
    german, english = come("Operator", locale="fr-FR"), come("Operator", locale="en-US")
    german.go("index")
    german.sees("Was ist zu tun?", "dauerhaft fehlgeschlagen", "Datensätze")
    english.go("index")
    english.sees("What needs me", "permanently failed", "Records")


def test_a_german_page_holds_no_english(come: Come, live: None) -> None:
    """The words of the framework too: of the list, the filters, the empty state."""
    rooms.record()
    visitor = come("Operator")
    for name in ("syncrecord", "conflict", "alert", "operatorlog"):
        visitor.go(f"syncapp_{name}_changelist")
        found = [word for word in ENGLISH if word in visitor.text().split()]
        assert found == [], name
        scrolling = {
            part.get_attribute("aria-label") for part in visitor.page.locator(".simplebar-content-wrapper").all()
        }
        assert scrolling <= {"Menü", "Scrollbarer Bereich"}, name


ENGLISH = ("Search", "Filters", "Apply", "Select", "Run", "No", "results", "Results", "total", "entries", "the", "of")


@pytest.mark.parametrize("value", [SCRIPT, RIGHT_TO_LEFT, ENDLESS], ids=["script", "right-to-left", "endless"])
def test_a_hostile_value_breaks_no_page(come: Come, live: None, value: str) -> None:
    record = rooms.record(
        "conflict",
        name=value[:300],
        base_espo={"name": value},
        base_advo={"name": value},
        lists={"phoneNumberData": [[value, value, True, False, False]]},
    )
    rooms.conflict(record, field="name", espo=value, advo=value, base_espo=value)
    attempt = rooms.history(record, text=value)
    Case.objects.create(record=record, note=value)
    visitor = come()
    for name, args in (
        ("syncapp_syncrecord_changelist", ()),
        ("syncapp_syncrecord_change", (record.pk,)),
        ("syncapp_conflict_changelist", ()),
        ("ops_decide", (record.pk,)),
        ("syncapp_inboxelement_changelist", ()),
        ("syncapp_attempt_change", (attempt.pk,)),
        ("syncapp_inboxelement_change", (record.elements.get().pk,)),
    ):
        visitor.go(name, *args)
        visitor.settle()
        for width in (DESK["width"], 390):
            visitor.width(width)
            assert visitor.overflow() <= 0, (name, width)
    assert visitor.page.evaluate("window.broken") is None
    assert [trouble for trouble in visitor.troubles if "Content" not in trouble] == []


def test_no_page_waits_for_a_system_that_does_not_answer(come: Come, firm: Firm) -> None:
    """The page is there at once; what would need the remote system says that it cannot be had."""
    espo_id, _betnr = firm.pair()
    firm.sandbox.fault("espocrm", "delay", seconds=6, count=9)
    visitor = come("Clerk")
    started = time.monotonic()
    visitor.see_record(firm.record(espo_id))
    visitor.sees("Beide Systeme werden gelesen …", "Was geschehen ist")
    assert time.monotonic() - started < 6
    firm.sandbox.heal()
    # What the page has asked for in the meantime is no other test's.
    wait_until(lambda: all(call["done_at"] for call in firm.sandbox.control.calls()), seconds=60)


def test_a_system_that_is_away_is_a_sentence_on_the_page(come: Come, firm: Firm) -> None:
    espo_id, _betnr = firm.pair(titel="Dr.")
    firm.advoware_is_unreachable()
    firm.settings.ESPOCRM_API_BASE_URL = "http://127.0.0.1:1/espocrm/api/v1"
    _forget()
    visitor = come("Clerk").see_record(firm.record(espo_id))
    visitor.sees("Kann im Augenblick nicht verglichen werden.", "Stand beider Seiten nach dem letzten Abgleich")


def _forget() -> Any:
    from syncapp.remotes import registry

    return registry.forget()


def test_on_a_phone_every_cell_bears_the_name_of_its_column(come: Come, live: None) -> None:
    record = rooms.record()
    rooms.history(record)
    visitor = come("Operator", width=390).go("syncapp_operatorlog_changelist")
    visitor.settle()
    labels = "cells => cells.map(cell => cell.dataset.label)"
    found = visitor.page.eval_on_selector_all("#result_list tbody td, #result_list tbody th", labels)
    assert found[:7] == ["Zeitpunkt", "Durch", "Aktion", "Betrifft", "Wie viele", "Grund", "Ergebnis"]
    visitor.go("syncapp_syncrecord_changelist").settle()
    found = visitor.page.eval_on_selector_all("#result_list tbody td, #result_list tbody th", labels)
    assert found[:3] == ["Auswählen", "Name", "Status"]
