"""Bad input through whole passes: each says in a sentence what is wrong where people look, the others go on, nothing is
lost, and once it is mended both sides are equal without anybody's doing.

Two tables: what can be wrong with the way to Google, where no appointment is at fault, and with one Termin.
"""

import html
import json
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.html import strip_tags

from syncapp.models import Breaker, CalendarEmployee
from syncapp.operations.actions import ActionContext, ActionRefused
from syncapp.operations.calendars import employees, sharing, week
from syncapp.operations.calendars.sight import sight
from syncapp.operations.doctor import examine
from syncapp.operations.doctor.calendars import CHECKS
from syncapp.remotes.registry import forget
from syncapp.words.plain_errors import PlainError
from tests.support.calendars import Office, day, hours

CHECK_NAMES = frozenset(check.name for check in CHECKS)


@pytest.fixture
def browse(db: None) -> Callable[..., str]:
    """The text of a page, as the head of the office reads it."""
    client = Client()
    client.force_login(User.objects.create_superuser("chefin"))

    def text(name: str, *args: object) -> str:
        return " ".join(html.unescape(strip_tags(client.get(reverse(f"admin:{name}", args=args)).text)).split())

    return text


def doctor() -> str:
    """What the doctor says about calendars, in German."""
    with translation.override("de"):
        return " ".join(f"{line.found} {line.cure}" for line in examine(names=CHECK_NAMES) if line.code)


# --- the way to Google


def key_file(office: Office) -> Path:
    return Path(office.settings.GOOGLE_SERVICE_ACCOUNT_FILE)


def _another_key(office: Office) -> None:
    """Google has replaced the key; ours signs what it does not know any more."""
    ours = key_file(office).read_text()
    office.sandbox.google_key(key_file(office).parent, new=True)
    key_file(office).write_text(ours)


# name: (what goes wrong, a part of the sentence on the pages, a part of the cure there and at the doctor's)
WAYS: dict[str, tuple[Callable[[Office], Any], str, str]] = {
    "key file missing": (
        lambda office: key_file(office).unlink(),
        "die Schlüsseldatei gibt es nicht",
        "wohin GOOGLE_SERVICE_ACCOUNT_FILE zeigt",
    ),
    "key file not JSON": (
        lambda office: key_file(office).write_text("-----BEGIN"),
        "die Schlüsseldatei enthält kein JSON",
        "einen neuen Schlüssel vom Typ JSON",
    ),
    "key file of another kind": (
        lambda office: key_file(office).write_text(json.dumps({"type": "authorized_user"})),
        "Dienstkonto",
        "einen neuen Schlüssel vom Typ JSON",
    ),
    "wrong key": (_another_key, "kein Zugangsschlüssel", "Erzeugen Sie eine neue Schlüsseldatei"),
    "clock behind": (
        lambda office: office.sandbox.google(clock_ahead_seconds=4000),
        "kein Zugangsschlüssel",
        "Die Uhr dieses Rechners geht falsch",
    ),
    "clock ahead": (
        lambda office: office.sandbox.google(clock_ahead_seconds=-4000),
        "kein Zugangsschlüssel",
        "Die Uhr dieses Rechners geht falsch",
    ),
    "no delegation": (
        lambda office: office.sandbox.google(delegation=False),
        "kein Zugangsschlüssel",
        "für GOOGLE_DELEGATED_USER zu handeln",
    ),
    "API off": (
        lambda office: office.sandbox.google(api_enabled=False),
        "die Google-Kalender-Schnittstelle ist nicht eingeschaltet",
        "Schalten Sie die Google Calendar API",
    ),
}


@pytest.mark.parametrize("name", WAYS)
def test_the_way_to_google(office: Office, browse: Callable[..., str], redis_client: Any, name: str) -> None:
    break_it, said, cure = WAYS[name]
    office.hire(google_address="sb@kanzlei.example")
    first = office.enter(1)
    office.sync()
    whole = key_file(office).read_text()
    office.edit(first, text="neu")
    second = office.enter(2)
    break_it(office)
    _forget_tokens(office, redis_client)
    office.clear()
    for full in (False, True):
        office.sync(full=full)
    row = office.employee()
    assert (row.status, row.retry_count, office.writes()) == ("dirty", 0, 0)  # kept, and no attempt used up
    for text in (browse("index"), browse("syncapp_calendaremployee_change", row.pk)):
        assert said in text
        assert cure in text
    assert "1 Kalender wartet." in browse("index")
    assert cure in browse("ops_calendar_now", row.pk)
    assert said in doctor()
    assert cure in doctor()
    assert first in office.termine()
    key_file(office).write_text(office.sandbox.google_key(key_file(office).parent) and whole)
    if name == "wrong key":
        office.sandbox.google_key(key_file(office).parent, new=True)
    office.sandbox.google(clock_ahead_seconds=0, delegation=True, api_enabled=True)
    _forget_tokens(office, redis_client)
    Breaker.objects.update(open_until=timezone.now() - timedelta(seconds=1))
    office.sync()
    assert (office.event(first).summary, office.event(second).summary) == ("neu", "Besprechung")
    office.is_silent()
    assert doctor() == ""


def _forget_tokens(office: Office, redis_client: Any) -> None:
    office.sandbox.control.tell("google/tokens/revoke")
    redis_client.flushdb()
    forget()


def test_a_calendar_that_somebody_deleted(office: Office, browse: Callable[..., str]) -> None:
    """Nothing is deleted in Advoware; the other calendars go on; a new one is filled again."""
    office.hire(google_address="sb@kanzlei.example")
    office.hire("AI", google_address="ai@kanzlei.example")
    mine, theirs = office.enter(1), office.enter(1, "AI")
    office.sync()
    office.sync("AI")
    office.in_google("remove_calendar")
    office.edit(theirs, text="neu")
    office.sync(full=True)
    office.sync("AI")
    assert office.event(theirs, "AI").summary == "neu"
    row = office.employee()
    assert (row.status, mine in office.termine()) == ("failed", True)
    said = (
        "Der Kalender wurde in Google gelöscht oder ist für das Dienstkonto gesperrt. In Advoware wurde nichts gelöscht"
    )
    assert said in browse("syncapp_calendaremployee_change", row.pk)
    assert "Kalender angehalten" in browse("index")
    assert "Der Kalender von SB ist nicht lesbar" in doctor()
    context = ActionContext("tests", source="command")
    employees.change(row, {"calendar_id": ""}, action_context=context)
    sharing.make_and_share(office.employee(), action_context=context)
    office.calendars["SB"] = office.employee().calendar_id
    office.settle()
    assert len(office.events()) == 1
    assert doctor() == ""


def test_a_share_that_google_refuses(office: Office) -> None:
    """The address is outside of the firm; the calendar is there all the same, and the next pass fills it."""
    office.sandbox.google(external_sharing=False)
    row = employees.add(kuerzel="SB", address="sb@elsewhere.example", actor="tests")
    with pytest.raises(PlainError) as refused, translation.override("de"):
        sharing.make_and_share(row, action_context=ActionContext("tests", source="command"))
    assert "Google lehnt es ab, den Kalender für diese Adresse freizugeben" in str(refused.value)
    row.refresh_from_db()
    assert (bool(row.calendar_id), row.shared_role) == (True, "")
    assert "sb@elsewhere.example steht nicht in" in doctor()
    office.calendars["SB"] = row.calendar_id
    employees.change(row, {"mode": "live"}, action_context=ActionContext("tests", source="command"))
    office.enter(1)
    office.settle()
    assert len(office.events()) == 1


def test_a_kuerzel_that_nobody_has(office: Office) -> None:
    with translation.override("de"), pytest.raises(ActionRefused, match="Für ZZ gibt es keinen Kalender"):
        employees.find("ZZ")


def test_a_kuerzel_that_advoware_does_not_know(office: Office) -> None:
    """Its calendar stays empty, and the doctor says why; an empty list of employees says nothing about anybody."""
    office.hire("ZZ", google_address="zz@kanzlei.example")
    assert office.sync("ZZ").status == "clean"
    assert "ZZ" not in doctor()
    office.sandbox.control.tell("advoware/employees", kuerzel="SB", vorname="A", name="Berg", email="")
    assert "Advoware kennt niemanden mit dem Kürzel ZZ" in doctor()


def test_a_kuerzel_that_advoware_names_twice_is_taken_once(office: Office) -> None:
    for spelled in ("SB", "sb", "AI"):
        office.sandbox.control.tell("advoware/employees", kuerzel=spelled, vorname="A", name=spelled, email="")
    found = employees.read_from_advoware(actor="tests")
    assert sorted(found.new) == ["AI", "SB"]
    assert found.twice == ("sb",)
    assert CalendarEmployee.objects.count() == 2


# --- one Termin

# name: (what is wrong with it, a part of the sentence on its page)
UNREADABLE: dict[str, tuple[dict[str, Any], str]] = {
    "without a date": ({"datum": ""}, "kein Datum"),
    "no such date": ({"datum": "2026-02-30"}, "Datum"),
    "25 o'clock": ({"uhrzeitVon": "25:00:00"}, "Uhrzeit"),
    "end before start": ({"uhrzeitVon": "11:00:00", "uhrzeitBis": "09:00:00"}, "Ende"),
    "unknown turnus": ({"dauertermin": 1, "turnus": 1, "turnusArt": 9}, "Rhythmus"),
}


@pytest.mark.parametrize("before", [True, False], ids=["new", "linked"])
@pytest.mark.parametrize("name", UNREADABLE)
def test_a_termin_that_cannot_be_held(office: Office, browse: Callable[..., str], name: str, before: bool) -> None:
    fields, said = UNREADABLE[name]
    office.hire()
    good = office.enter(1, text="gut")
    bad = office.enter(2)
    if not before:
        office.sync()
    office.damage(bad, **fields)
    office.edit(good, text="besser")
    office.sync()
    assert office.event(good).summary == "besser"
    row = office.row(bad)
    assert row.status == "unsupported"
    assert said in browse("syncapp_appointment_change", row.pk)
    assert said in browse("syncapp_appointment_changelist")
    assert bad in office.termine()
    office.is_silent()
    office.edit(bad, datum=day(2), uhrzeitVon="09:00:00", uhrzeitBis="10:00:00", dauertermin=0, turnusArt=0)
    office.settle()
    assert (office.row(bad).status, len(office.events())) == ("ok", 2)


TEXTS = {
    "20 kB": "x" * 20_000,
    "20 kB of umlauts": "ä" * 10_000,
    "NUL": "vor\x00nach",
    "controls": "vor\x01\x0b\x1fnach",
    "HTML": "<b>fett</b> & <script>alert(1)</script> 3 < 4",
    "CRLF": "eins\r\nzwei\r\n\r\n",
    "right to left": "Müller \u202egnp.exe\u202c",
}


@pytest.mark.parametrize("name", TEXTS)
def test_an_odd_text(office: Office, browse: Callable[..., str], name: str) -> None:
    """Stories 13 and 31: what Google cuts, trims or turns into HTML is neither written again nor brought back."""
    office.sandbox.google(html_descriptions=True)
    office.hire()
    fr_nr = office.enter(1, notiz=TEXTS[name])
    good = office.enter(2, text="gut")
    office.settle()
    before = office.termine()[fr_nr]["notiz"]
    assert office.event(good).summary == "gut"
    office.in_google("change", office.row(fr_nr).google_id, **hours(1, "12:00", "13:00"))
    office.sync()
    assert office.termine()[fr_nr]["notiz"] == before
    assert office.termine()[fr_nr]["uhrzeitVon"] == "12:00:00"
    text = browse("syncapp_appointment_change", office.row(fr_nr).pk)
    assert ("Zu lang für Google, dort steht nur der Anfang (Notiz)." in text) is name.startswith("20 kB")
    office.settle()
    stored = week.stored(office.employee(), monday=week.monday_of(date.fromisoformat(day(1))), number=2)
    for seen in (*stored, *sight(office.employee()).appointments):
        assert seen.agreement == "equal"


def test_2000_exceptions_of_a_series(office: Office, browse: Callable[..., str]) -> None:
    """They stay in Google, are told once in one sentence, and cost no write and no further page of ours."""
    office.hire()
    daily = {"dauertermin": 1, "turnus": 1, "turnusArt": 1, "datumBis": day(2400)}
    fr_nr, good = office.enter(1, **daily), office.enter(2, text="gut")
    office.sync()
    master = office.row(fr_nr).google_id
    office.in_google("move_instances", master, number=2000)
    office.edit(good, text="besser")
    office.clear()
    office.sync()
    assert (office.event(good).summary, office.writes()) == ("besser", 1)
    row = office.row(fr_nr)
    assert (row.status, len(row.exceptions)) == ("ok", 2000)
    assert "weichen nur in Google ab2000" in browse("syncapp_appointment_change", row.pk)
    assert fr_nr in office.termine()
    office.is_silent()
