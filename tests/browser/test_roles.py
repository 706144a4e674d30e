"""Each role logs in with its password and finds what it may open; nobody else gets in."""

from collections.abc import Callable
from typing import Any

import pytest

from syncapp.models import SyncRecord
from tests.admin import rooms
from tests.browser.conftest import member_of_staff
from tests.browser.town_calendars import KEY_FILE
from tests.browser.visitor import Visitor

Come = Callable[..., Visitor]
DAILY = ["Was ist zu tun?", "Datensätze", "Konflikte", "Von Hand zu löschen"]
HISTORY = ["Abgleichversuche", "Webhook-Eingang", "Hinweise an Benutzer"]
LOGS = ["Sammelläufe", "Alarme", "Protokoll der Eingriffe"]
TECHNICAL = ["Schalter", "Geltende Einstellungen", "Aufträge und Warteschlangen"]
PEOPLE = ["Benutzer", "Rollen"]
CALENDARS = ["Kalender", "Termine", "Ersetzte Angaben", "Durchgänge der Kalender"]
EVERYTHING = {*DAILY, *CALENDARS, *HISTORY, *LOGS, *TECHNICAL, *PEOPLE}
MAY_OPEN = {
    "Reader": [*DAILY, *CALENDARS[:3]],
    "Clerk": [*DAILY, *CALENDARS, *HISTORY],
    "Operator": [*DAILY, *CALENDARS, *HISTORY, *LOGS, *TECHNICAL],
    "Auditor": [*DAILY, *CALENDARS, *HISTORY, *LOGS, "Schalter"],
    "boss": list(EVERYTHING),
}
# Acts that are buttons on a failed record's page, by role.
MAY_DO = {
    "Reader": set(),
    "Auditor": set(),
    "Clerk": {"Erneut versuchen"},
    "Operator": {"Erneut versuchen", "Diesen Datensatz pausieren"},
}
ACTIONS = {"Erneut versuchen", "Jetzt abgleichen", "Diesen Datensatz pausieren"}


@pytest.mark.parametrize("role", MAY_OPEN)
def test_a_role_logs_in_and_finds_its_pages(come: Come, live: None, settings: Any, role: str) -> None:
    settings.GOOGLE_SERVICE_ACCOUNT_FILE = KEY_FILE
    name = member_of_staff(role, password="Sommer-Regen-7").username
    visitor = come("").go("index")
    visitor.sees("Benutzername")
    visitor.fill(username=name, password="Sommer-Regen-7")
    visitor.click("Anmelden")
    visitor.sees("Was ist zu tun?")
    places = set(visitor.places())
    assert places & EVERYTHING == set(MAY_OPEN[role])
    assert visitor.troubles == []


@pytest.mark.parametrize("role", MAY_DO)
def test_a_role_is_offered_what_it_may_do(come: Come, live: None, role: str) -> None:
    record: SyncRecord = rooms.failed(name="Walpurga Geheim", base_espo={"name": "Geheim"}, base_advo={})
    visitor = come(role).see_record(record)
    visitor.sees("Was zu tun ist")
    buttons = set(visitor.buttons())
    assert buttons & ACTIONS == MAY_DO[role]
    assert ("Walpurga" in visitor.text()) == (role in ("Clerk", "Operator"))


def test_a_wrong_password_lets_nobody_in(come: Come, live: None) -> None:
    member_of_staff("Clerk", password="Sommer-Regen-7")
    visitor = come("").go("index")
    visitor.fill(username="sabine.krause", password="geraten")
    visitor.click("Anmelden")
    visitor.sees("Benutzername oder Passwort stimmt nicht.")
    assert "/login/" in visitor.page.url


def test_somebody_without_a_role_is_told_whom_to_ask(come: Come, live: None) -> None:
    visitor = come("nobody").go("index")
    visitor.sees("Sie haben noch keine Rolle.")
