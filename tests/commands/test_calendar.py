"""`manage.py calendar`: each verb once as it is meant, and what it refuses."""

import json
import time
from types import SimpleNamespace

import pytest

from syncapp.core.appointments import brakes
from syncapp.engine import control
from syncapp.management.base import ProgressBar
from syncapp.management.commands import calendar as command
from syncapp.models import CalendarEmployee, OperatorLog
from syncapp.operations.actions import ActionContext
from syncapp.operations.calendars import cleaning, employees, passes, sharing
from syncapp.remotes.registry import google_calendar_client
from tests.commands.conftest import manage
from tests.support.calendars import Office


def employ(office: Office, *kuerzel: str) -> None:
    for one in kuerzel:
        office.sandbox.control.tell(
            "advoware/employees", kuerzel=one, vorname="A", name=one, email=f"{one.lower()}@kanzlei.example"
        )


def test_without_google_there_is_nothing(live: None) -> None:
    said = manage("calendar", "employees")
    assert (said.code, "GOOGLE_SERVICE_ACCOUNT_FILE" in said.err) == (1, True)


def test_from_advoware_to_a_live_calendar(office: Office) -> None:
    employ(office, "SB", "AI")
    said = manage("calendar", "employees", "--from-advoware")
    assert (said.code, "2 new" in said.err) == (0, True)
    CalendarEmployee.objects.filter(kuerzel="AI").update(active=False, left_at="2026-01-01T00:00Z")
    assert "0 new, 2 known, 1 back, 0 not there any more" in manage("calendar", "employees", "--from-advoware").err
    assert manage("calendar", "share", "SB").code == 0
    assert manage("calendar", "set", "sb", "mode=live", "write_to_advoware=true").code == 0
    row = CalendarEmployee.objects.get(kuerzel="SB")
    assert (row.mode, row.write_to_advoware, row.google_address) == ("live", True, "sb@kanzlei.example")
    assert row.calendar_id
    office.calendars["SB"] = row.calendar_id
    office.enter()
    said = manage("calendar", "sync", "SB", "--dry-run")
    assert "insert_event" in said.out
    assert office.events() == []
    assert manage("calendar", "compare", "SB").code == 1
    assert manage("calendar", "sync", "SB").out.strip() == "SB: equal"
    assert len(office.events()) == 1
    assert manage("calendar", "compare", "SB").code == 0
    assert OperatorLog.objects.filter(target="SB").count() >= 3


def held_by_a_pass(kuerzel: str) -> None:
    CalendarEmployee.objects.filter(kuerzel=kuerzel).update(
        status="syncing", lease_token="x", lease_expires="2099-01-01T00:00Z"
    )


def let_go(kuerzel: str) -> None:
    CalendarEmployee.objects.filter(kuerzel=kuerzel).update(status="pending", lease_token="", lease_expires=None)


@pytest.mark.parametrize(
    "arguments", [("share", "SB"), ("set", "SB", "name=Berg"), ("employees", "--set", "SB=b@k.de")]
)
def test_a_command_that_meets_a_pass_waits_for_its_end(
    office: Office, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...]
) -> None:
    employ(office, "SB")
    manage("calendar", "employees", "--from-advoware")
    held_by_a_pass("SB")
    waits: list[float] = []

    def sleep(seconds: float) -> None:
        waits.append(seconds)
        if len(waits) == 3:
            let_go("SB")

    monkeypatch.setattr(command, "time", SimpleNamespace(sleep=sleep, monotonic=time.monotonic))
    said = manage("calendar", *arguments)
    assert (said.code, len(waits), said.err.count("waiting up to")) == (0, 3, 1)


def test_a_pass_that_does_not_end_is_told_and_nothing_is_changed(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    employ(office, "SB")
    manage("calendar", "employees", "--from-advoware")
    held_by_a_pass("SB")
    monkeypatch.setattr(command, "PATIENCE_SECONDS", 0.0)
    said = manage("calendar", "set", "SB", "active=false")
    assert (said.code, "try again in a minute" in said.err) == (1, True)
    assert CalendarEmployee.objects.get(kuerzel="SB").active


def test_a_first_load_shows_how_far_it_is_and_ends_in_one_call(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(brakes, "NEW_EVENTS", 5)
    shown: list[object] = []
    monkeypatch.setattr(ProgressBar, "say", lambda self, title: shown.append(title))
    monkeypatch.setattr(ProgressBar, "at", lambda self, done, total=None: shown.append(round(done, 2)))
    office.hire("AI")
    office.hire()
    for number in range(12):
        office.enter(number)
    assert manage("calendar", "sync", "AI", "SB").out.split("\n")[:2] == ["AI: equal", "SB: equal"]
    whole = [(f"SB: {number} of 12 appointments", round(1 + number / 12, 2)) for number in (*range(6), *range(5, 11))]
    whole += [(f"SB: {number} of 12 appointments", round(1 + number / 12, 2)) for number in (10, 11, 12)]
    assert shown == ["AI", 1, "SB", *(said for pair in whole for said in pair), 2]
    assert len(office.events()) == 12


def test_who_left_is_set_aside_and_an_empty_list_says_nothing(office: Office) -> None:
    employ(office, "SB")
    manage("calendar", "employees", "--from-advoware")
    CalendarEmployee.objects.create(kuerzel="XX")
    manage("calendar", "employees", "--from-advoware")
    assert not CalendarEmployee.objects.get(kuerzel="XX").active
    office.sandbox.reset()
    manage("calendar", "employees", "--from-advoware")
    assert CalendarEmployee.objects.get(kuerzel="SB").active


@pytest.mark.parametrize(
    "arguments, code, part",
    [
        (("sync",), 2, "KUERZEL"),
        (("sync", "ZZ"), 2, "ZZ"),
        (("set", "ZZ", "mode=live"), 2, "ZZ"),
        (("set", "SB", "mode=maybe"), 1, "off, shadow or live"),
        (("set", "SB", "full_content=maybe"), 2, "true or false"),
        (("set", "SB", "colour=red"), 1, "colour"),
        (("employees", "--set", "SB"), 2, "KUERZEL=ADDRESS"),
        (("employees", "--set", "SB=nonsense"), 1, "e-mail"),
        (("release", "SB"), 1, "Nothing holds"),
        (("capability", "delete=perhaps"), 2, "delete=unknown"),
        (("delete_all", "--number", "7"), 2, "nothing was deleted"),
    ],
)
def test_refused(office: Office, arguments: tuple[str, ...], code: int, part: str) -> None:
    office.hire()
    said = manage("calendar", *arguments)
    assert (said.code, part in said.err) == (code, True), said


def test_release_locks(office: Office) -> None:
    """The first script of the earlier system."""
    office.hire()
    CalendarEmployee.objects.update(status="syncing", lease_token="x", lease_expires="2099-01-01T00:00Z", fence=1)
    said = manage("calendar", "release_locks", "SB")
    assert said.out.startswith("SB: released")
    office.sync()
    assert office.employee().status == "clean"


def test_delete_all(office: Office) -> None:
    """The second: a dry run unless the number is typed, and only what was made here; nothing goes in Advoware."""
    office.hire("AI")
    employ(office, "SB")
    manage("calendar", "employees", "--from-advoware")
    manage("calendar", "share", "SB")
    manage("calendar", "set", "SB", "mode=live")
    office.calendars["SB"] = office.employee().calendar_id
    fr_nr = office.enter()
    office.sync()
    assert manage("calendar", "delete_all").out.strip() == "1 calendars would be deleted: SB"
    assert len(office.events()) == 1
    assert manage("calendar", "delete_all", "--number", 1).code == 0
    row = office.employee()
    assert (row.calendar_id, row.mode, office.row(fr_nr).status) == ("", "shadow", "closed")
    assert fr_nr in office.termine()
    assert office.employee("AI").calendar_id  # not made here


def test_delete_all_leaves_a_calendar_that_was_only_pointed_at(office: Office) -> None:
    """Made here once, and pointed at another one since: that one is not ours."""
    employ(office, "SB")
    manage("calendar", "employees", "--from-advoware")
    manage("calendar", "share", "SB")
    office.hire("AI")
    CalendarEmployee.objects.filter(kuerzel="AI").update(calendar_id="")
    assert manage("calendar", "set", "SB", f"calendar_id={office.calendars['AI']}").code == 0
    office.calendars["SB"] = office.calendars["AI"]
    assert manage("calendar", "delete_all").out.startswith("0 calendars")
    assert manage("calendar", "delete_all", "--number", 1).code == 2
    assert office.events() == []


def test_the_clean_up_goes_by_the_switches(office: Office) -> None:
    office.hire()
    fr_nr = office.enter()
    office.sync()
    office.row(fr_nr).delete()
    office.remove(fr_nr)
    control.hold_side(side="google", held=True, by="tests")
    said = manage("calendar", "orphans", "SB", "--remove")
    assert (said.code, "stopped" in said.err, len(office.events())) == (1, True, 1)
    control.hold_side(side="google", held=False, by="tests")
    control.set_mode(mode="shadow", by="tests")
    assert (manage("calendar", "orphans", "SB", "--remove").code, len(office.events())) == (1, 1)
    control.set_mode(mode="live", by="tests")
    assert (manage("calendar", "orphans", "SB", "--remove").code, office.events()) == (0, [])


def test_the_calendar_of_the_firm_is_shared_with_everybody(office: Office) -> None:
    """As readers; one whom Google refuses keeps it from nobody else, and is named by the doctor's check."""
    employ(office, "SB", "AI", "RO")
    manage("calendar", "employees", "--from-advoware")
    CalendarEmployee.objects.filter(kuerzel="RO").update(google_address="ro@example.org")
    row = employees.add(kuerzel="ALLE", actor="tests")
    office.sandbox.google(external_sharing=False)
    sharing.make_and_share(row, action_context=ActionContext("tests", source="command"))
    row.refresh_from_db()
    client = google_calendar_client()
    roles = {one.address: one.role for one in client.shares(row.calendar_id)}
    assert (roles["sb@kanzlei.example"], roles["ai@kanzlei.example"]) == ("reader", "reader")
    assert sharing.unshared(row, client) == ["ro@example.org"]
    office.sandbox.google(external_sharing=True)
    assert sharing.make_and_share(row, action_context=ActionContext("tests", source="command")).seen
    assert sharing.unshared(row, client) == []


def test_duplicates_and_orphans(office: Office) -> None:
    office.hire()
    fr_nr, gone = office.enter(1, text="A"), office.enter(2, text="B")
    office.sync()
    office.in_google("copy", office.row(fr_nr).google_id)
    said = manage("calendar", "duplicates", "SB", "--remove")
    assert "2 alike, 0 of them spare" in said.out  # a copy is somebody's own event, not provably ours
    row = office.row(gone)
    row.delete()
    office.remove(gone)
    assert f"frNr {gone} is gone" in manage("calendar", "orphans", "SB").out
    assert "1 removed" in manage("calendar", "orphans", "SB", "--remove").out
    assert sorted(event.summary for event in office.events()) == ["A", "A"]


@pytest.mark.parametrize("seen", [False, True])
def test_what_somebody_wants_although_its_termin_is_gone_is_not_cleaned_up(office: Office, seen: bool) -> None:
    """Fetched from the trash, or moved here: it stands nowhere else, and it was called an orphan and deleted."""
    for kuerzel in ("SB", "AI"):
        office.hire(kuerzel)
    fetched, moved = office.type_in(2), office.type_in(3, summary="Umzug")
    office.sync()
    for fr_nr in office.termine():
        office.edit(fr_nr, ort="Saal 3")
    office.sync()  # from now on the events name their Termine
    office.in_google("delete", fetched)
    office.move(moved, "AI")
    office.sync()
    assert office.termine() == {}
    office.in_google("undelete", fetched)
    CalendarEmployee.objects.update(write_to_advoware=False)
    if seen:
        office.sync()
        office.sync("AI")
    assert "0 removed" in manage("calendar", "orphans", "SB", "--remove").out
    assert "0 removed" in manage("calendar", "orphans", "AI", "--remove").out
    assert [event.id for event in (*office.events(), *office.events("AI"))] == [fetched, moved]


def test_breaker_reset_frees_the_quota(office: Office) -> None:
    office.hire()
    office.enter()
    office.sandbox.refuse_google("quotaExceeded", method="POST")
    office.sync()
    assert office.employee().fault["code"] == "quota_exceeded"
    assert "made again" in manage("breaker", "reset", "google").out
    office.due()
    office.sync()
    assert len(office.events()) == 1


def test_a_calendar_that_was_missing_begins_anew(office: Office) -> None:
    office.hire()
    calendar_id = office.calendars["SB"]
    CalendarEmployee.objects.update(calendar_id="")
    office.sync()
    assert office.employee().fault["code"] == "no_calendar"
    said = manage("calendar", "sync", "SB")
    assert (said.code, "no calendar in Google yet" in said.out) == (1, True)
    manage("calendar", "set", "SB", f"calendar_id={calendar_id}")
    office.sync()
    assert office.employee().status == "clean"


def test_who_pauses_a_calendar_and_why_stands_in_the_list(office: Office) -> None:
    row = office.hire()
    passes.pause(row, action_context=ActionContext("jan.peters", "Urlaub", "person"))
    line = manage("calendar", "employees").out
    assert "paused by jan.peters since" in line.lower()
    assert "Urlaub" in line
    (shown,) = json.loads(manage("calendar", "employees", "--json").out)
    assert (shown["hold"], shown["hold_reason"], shown["hold_actor"]) == ("paused", "Urlaub", "jan.peters")
    office.enter()
    said = manage("calendar", "sync", "SB")
    assert (said.code, "Urlaub" in said.out, office.events()) == (1, True, [])


def test_calendar_only_holds_everybody_else_back(office: Office) -> None:
    """`--all`, a name and what works on all calendars alike; what is left out is said, not passed over."""
    for kuerzel in ("SB", "AI"):
        office.hire(kuerzel)
        office.enter(1, kuerzel)
    office.settings.CALENDAR_ONLY = ["ai"]
    said = manage("calendar", "sync", "--all")
    assert (said.code, said.out.strip(), "CALENDAR_ONLY: SB" in said.err) == (0, "AI: equal", True)
    said = manage("calendar", "sync", "SB")
    assert (said.code, "CALENDAR_ONLY" in said.out) == (1, True)
    assert (office.events("SB"), len(office.events("AI"))) == ([], 1)
    assert "SB" not in manage("calendar", "compare").out
    assert "CALENDAR_ONLY" in manage("calendar", "employees").out
    office.settings.CALENDAR_ONLY = []
    assert manage("calendar", "sync", "--all").code == 0
    assert len(office.events("SB")) == 1


@pytest.mark.parametrize("held", [False, True])
def test_what_is_only_planned_is_planned_once_and_said(office: Office, held: bool) -> None:
    """In shadow, or while a side is held, a pass changes nothing: another one at once would not either."""
    office.hire(mode="live" if held else "shadow")
    office.enter()
    if held:
        control.hold_side(side="google", held=True, by="tests")
    office.clear()
    said = manage("calendar", "sync", "SB")
    assert (said.code, "Planned only" in said.out, office.events()) == (1, True, [])
    assert office.counts()["advoware"] == {"GET": 1}


def test_what_advoware_derives_is_never_taken_for_gone(office: Office) -> None:
    """A negative number cannot be read singly: that it is not found proves nothing."""
    assert not cleaning._is_gone(office.hire(), -5)
