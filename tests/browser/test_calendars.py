"""The calendars' pages as people see them: on the desk and on a phone, with both stand-ins behind them."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import expect

from syncapp.entities.appointments import due_passes
from syncapp.models import Appointment, CalendarEmployee
from tests.browser.visitor import Visitor
from tests.support.calendars import Office, hours, office

__all__ = ["office"]

PHONE = 390


@pytest.fixture
def sabine(office: Office) -> CalendarEmployee:
    """Three days of Sabine Berg: two Termine that are equal, one that somebody has moved in Google."""
    office.hire("SB", name="Sabine Berg", google_address="sb@kanzlei.example")
    office.enter(0, text="Besprechung Neumandat", ort="Kanzlei")
    office.enter(1, text="Fristenkontrolle", dauertermin=1, turnus=1, turnusArt=2, datumBis=_day(60))
    moved = office.enter(2, text="Verhandlung LG Hannover")
    office.sync("SB")
    office.in_google("change", office.row(moved).google_id, **hours(3, "14:00", "15:00"))
    return office.employee("SB")


def _day(days: int) -> str:
    return (timezone.localdate() + timedelta(days=days)).isoformat()


def _page(row: CalendarEmployee) -> str:
    return reverse("admin:syncapp_calendaremployee_change", args=[row.pk])


@pytest.mark.parametrize("width", [1360, PHONE])
def test_both_sides_and_what_the_next_pass_does(
    come: Callable[..., Visitor], sabine: CalendarEmployee, width: int, tmp_path: Path
) -> None:
    page = come("Clerk", width=width).page
    page.goto(_page(sabine))
    plan = page.locator("#now")
    expect(plan).to_contain_text("1 Termin wird in Advoware geändert")
    weeks = page.locator("#weeks-shown")
    expect(weeks).to_contain_text("So sind beide Seiten in diesem Augenblick")
    expect(weeks.locator(".ops-entry.ops-warn").first).to_contain_text("Verhandlung LG Hannover")
    expect(weeks.locator(".ops-entry.ops-good").first).to_contain_text("Besprechung Neumandat")
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    page.screenshot(path=str(tmp_path / f"calendar-{width}.png"), full_page=True)


def test_a_clerk_has_it_done_now(
    come: Callable[..., Visitor], sabine: CalendarEmployee, office: Office, work: Callable[[], None]
) -> None:
    office.settings.QUEUE_NAMES = [*office.settings.QUEUE_NAMES, due_passes.QUEUE]
    visitor = come("Clerk")
    page = visitor.page
    page.goto(_page(sabine))
    page.get_by_role("link", name="Jetzt abgleichen").first.click()
    page.get_by_role("button", name="Jetzt abgleichen").click()
    visitor.sees("Ein Durchgang ist angefordert.")
    work()
    page.goto(_page(sabine))
    expect(page.locator("#now")).to_contain_text("Beide Seiten sind gleich")
    assert office.writes()


def test_lists_and_an_appointment(come: Callable[..., Visitor], sabine: CalendarEmployee, tmp_path: Path) -> None:
    row = Appointment.objects.filter(employee=sabine).order_by("pk")[0]
    Appointment.objects.filter(pk=row.pk).update(
        status="ask", questions=[{"code": "conflict", "groups": ["text"], "candidates": []}]
    )
    visitor = come("boss", width=PHONE)
    page = visitor.page
    for name in ("calendaremployee", "appointment", "appointmentconflict", "calendarpass"):
        page.goto(reverse(f"admin:syncapp_{name}_changelist"))
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), name
        page.screenshot(path=str(tmp_path / f"{name}-{PHONE}.png"), full_page=True)
    page.goto(reverse("admin:syncapp_appointment_change", args=[row.pk]))
    page.screenshot(path=str(tmp_path / f"one-{PHONE}.png"), full_page=True)
    page.get_by_role("button", name="Es gilt die Fassung aus Google").click()
    visitor.sees("Entschieden:")


def test_going_live_shows_the_numbers_first(come: Callable[..., Visitor], office: Office, tmp_path: Path) -> None:
    row = office.hire("AI", mode="shadow")
    office.enter(1, "AI")
    visitor = come("boss", width=PHONE)
    page = visitor.page
    page.goto(reverse("admin:ops_calendar_act", args=[row.pk, "go_live"]))
    visitor.sees("1 Termin wird in Google angelegt")
    page.screenshot(path=str(tmp_path / "live.png"), full_page=True)
    page.get_by_label("Grund").fill("Pilot")
    page.get_by_role("button", name="Echtbetrieb beginnen").click()
    visitor.sees("Der Kalender ist im Echtbetrieb")
    row.refresh_from_db()
    assert row.mode == "live"


def test_the_employees_come_from_advoware(come: Callable[..., Visitor], office: Office) -> None:
    office.sandbox.control.tell("advoware/employees", kuerzel="RO", vorname="Renate", name="Otto", email="ro@k.example")
    visitor = come("boss")
    page = visitor.page
    page.goto(reverse("admin:ops_calendars_import"))
    page.get_by_role("button", name="Mitarbeiter aus Advoware einlesen").click()
    visitor.sees("1 neu: RO")
    assert CalendarEmployee.objects.get().google_address == "ro@k.example"
