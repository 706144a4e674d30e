"""The switches: each asks first, says how many it concerns, wants a reason, and logs who it was."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from syncapp.admin.pages.switches import SWITCHES
from syncapp.engine import control
from syncapp.models import Control, Guard, OperatorLog, SyncRecord
from tests.admin import rooms

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("live")]


def turn(client: Client, code: str, **body: object) -> None:
    answer = client.post(reverse("admin:ops_switch", args=[code]), {"reason": "Wartung", **body})
    assert answer.status_code == 302


@pytest.mark.parametrize("mode", ["shadow", "paused", "live"])
def test_the_mode_is_changed_and_logged(mode: str, operator: Client) -> None:
    turn(operator, mode)
    assert Control.objects.get().mode == mode
    row = OperatorLog.objects.get(action="mode")
    assert (row.target, row.reason) == (mode, "Wartung")
    assert row.actor.startswith("Operator")


@pytest.mark.parametrize("side", ["espocrm", "advoware"])
def test_the_writes_to_one_side_are_held_and_resumed(side: str, operator: Client) -> None:
    turn(operator, f"hold_{side}")
    assert Control.objects.get().held_sides == [side]
    assert f"ops/switches/resume_{side}" in operator.get(reverse("admin:ops_switches")).text
    turn(operator, f"resume_{side}")
    assert Control.objects.get().held_sides == []


def test_held_writes_end_by_themselves_and_the_pages_say_when(operator: Client) -> None:
    end = timezone.localtime() + timedelta(hours=2)
    turn(operator, "hold_advoware", until=f"{end:%Y-%m-%dT%H:%M}")
    turn(operator, "hold_espocrm")
    control = Control.objects.get()
    until = control.held_end("advoware")
    assert until is not None
    assert abs(until - end) < timedelta(minutes=1)
    assert control.held_end("espocrm") is None
    assert re.search(rf"Advoware bis [^<]*{end:%H:%M}, EspoCRM<", operator.get(reverse("admin:ops_switches")).text)
    assert re.search(rf"Nach Advoware wird nichts geschrieben bis [^<]*{end:%H:%M}<", operator.get("/admin/").text)


def test_a_pause_ends_by_itself(operator: Client) -> None:
    end = timezone.localtime() + timedelta(hours=2)
    turn(operator, "paused", until=f"{end:%Y-%m-%dT%H:%M}")
    until = Control.objects.get().until
    assert until is not None
    assert abs(until - end) < timedelta(minutes=1)


@pytest.mark.parametrize(
    "body, words",
    [
        ({"reason": ""}, "geben Sie einen Grund an"),
        ({"until": "2020-01-01T00:00"}, "liegt in der Vergangenheit"),
        ({"until": "2026-02-31T00:00"}, "kein wirklicher Zeitpunkt"),
        ({"until": "morgen"}, "kein wirklicher Zeitpunkt"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_switched(body: dict[str, str], words: str, operator: Client) -> None:
    answer = operator.post(reverse("admin:ops_switch", args=["paused"]), {"reason": "x", **body})
    assert answer.status_code == 200
    assert words in answer.text
    assert Control.objects.get().mode == "live"


@pytest.mark.parametrize("code", SWITCHES)
def test_asking_switches_nothing(code: str, operator: Client) -> None:
    before = Control.objects.values().get()
    assert operator.get(reverse("admin:ops_switch", args=[code])).status_code == 200
    assert Control.objects.values().get() == before
    assert Guard.objects.count() == 0


def test_going_live_says_how_many_wait_and_shows_some(operator: Client) -> None:
    control.set_mode(mode="shadow", by="tests", reason="x")
    rooms.record("dirty")
    rooms.record("pending_sync")
    rooms.record()
    text = operator.get(reverse("admin:ops_switch", args=["live"])).text
    assert "2 Datensätze warten darauf, geschrieben zu werden" in text
    assert "Frieda Müller" in text


def test_an_unknown_switch_is_not_found(operator: Client) -> None:
    assert operator.get(reverse("admin:ops_switch", args=["explode"])).status_code == 404


def test_what_a_guard_stopped_is_shown_and_confirmed(operator: Client, rung: list) -> None:
    fault = {"code": "guard_removals", "params": {"limit": 20, "number": 21}}
    record = rooms.failed("blocked", fault=fault)
    Guard.objects.create(sort="removals", blocked_at=timezone.now())
    text = operator.get(reverse("admin:ops_switches")).text
    assert "hat etwas angehalten" in text
    assert "1 Datensatz wartet" in text
    turn(operator, "guard_removals")
    guard = Guard.objects.get()
    assert guard.open_until is not None
    assert guard.open_until > timezone.now()
    assert SyncRecord.objects.get(pk=record.pk).status == "dirty"
    assert rung == [([record.pk], "sync_records")]
    assert OperatorLog.objects.get(action="confirm_guard").count == 1


def test_an_auditor_sees_but_cannot_switch(as_role: object) -> None:
    client = as_role("Auditor")  # type: ignore[operator]
    text = client.get(reverse("admin:ops_switches")).text
    assert "Betriebsart" in text
    assert "ops/switches/paused" not in text


def test_ending_a_pause_does_not_speak_of_shadow_mode(operator: Client) -> None:
    control.set_mode(mode="paused", by="jan", reason="Wartung")
    text = operator.get(reverse("admin:ops_switch", args=["live"])).text
    assert "was bisher nur geplant war oder warten musste" in text
    assert "Schattenbetrieb nur geplant" not in text


def test_a_page_left_open_does_not_switch_back_what_a_colleague_has_switched(operator: Client) -> None:
    page = reverse("admin:ops_switch", args=["live"])
    found = re.search(r'name="epoch" value="(\d+)"', operator.get(page).text)
    assert found is not None
    control.set_mode(mode="paused", by="paul", reason="Server wird gewartet")
    control.hold_side(side="advoware", held=True, by="paul", reason="Server wird gewartet")
    answer = operator.post(page, {"reason": "weiter", "epoch": found[1]})
    assert (answer.status_code, Control.objects.get().mode) == (200, "paused")
    assert "(zuletzt geschaltet von paul): „pausiert“, und nach Advoware wird nichts geschrieben." in answer.text
    assert "weiter" in answer.text  # the reason is not lost
    again = re.search(r'name="epoch" value="(\d+)"', answer.text)
    assert again is not None
    turn(operator, "live", epoch=again[1])
    assert Control.objects.get().mode == "live"


def test_what_a_colleague_has_switched_is_told_though_something_is_missing_on_the_page(operator: Client) -> None:
    """The page that comes back with the fault is one of the present: sent again, it would switch unwarned."""
    page = reverse("admin:ops_switch", args=["paused"])
    found = re.search(r'name="epoch" value="(\d+)"', operator.get(page).text)
    assert found is not None
    control.hold_side(side="advoware", held=True, by="paul", reason="Server wird gewartet")
    answer = operator.post(page, {"reason": " ", "epoch": found[1]})
    assert "zuletzt geschaltet von paul" in answer.text
