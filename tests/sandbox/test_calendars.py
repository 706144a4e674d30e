"""People in the stand-ins' calendars: Google's series and page, its key command, Advoware's Termine, the seed."""

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.test import Client

from sandbox import seed_calendar, switches
from sandbox.google import calendars, events
from sandbox.google.events import INSTANCE_ID
from sandbox.google.reasons import GoogleRefusal
from sandbox.models.advoware import Mitarbeiter, Termin
from sandbox.models.google import GoogleCalendar, GoogleEvent

USER = "kalender@kanzlei.example"
pytestmark = pytest.mark.django_db(databases=["default", "sandbox"])


@pytest.fixture(autouse=True)
def _switches_as_delivered() -> Iterator[None]:
    switches.reset()
    yield
    switches.reset()


@pytest.fixture
def calendar() -> GoogleCalendar:
    return calendars.make(USER, {"summary": "SB", "timeZone": "Europe/Berlin"})


def series(calendar: GoogleCalendar, **more: Any) -> GoogleEvent:
    at = {"timeZone": "Europe/Berlin"}
    body = {
        "id": "abcde",
        "summary": "Runde",
        "start": {"dateTime": "2026-10-12T09:00:00", **at},
        "end": {"dateTime": "2026-10-12T10:00:00", **at},
        "recurrence": ["RRULE:FREQ=WEEKLY;COUNT=6"],
        **more,
    }
    return events.insert(calendar, body)


class TestSeries:
    def test_a_series_keeps_its_hour_over_the_change_of_clocks(self, calendar: GoogleCalendar) -> None:
        """17: 25 October 2026 is the end of summer time."""
        found = events.untouched(series(calendar))
        assert len(found) == 6
        assert {one.body["start"]["dateTime"][11:16] for one in found} == {"09:00"}
        assert {one.body["start"]["dateTime"][19:] for one in found} == {"+02:00", "+01:00"}
        assert found[0].event_id == "abcde_20261012T070000Z"
        assert found[2].event_id == "abcde_20261026T080000Z"

    def test_an_all_day_series(self, calendar: GoogleCalendar) -> None:
        days = {"start": {"date": "2026-10-12"}, "end": {"date": "2026-10-14"}}
        found = events.untouched(series(calendar, **days))
        assert (found[1].event_id, found[1].body["end"]) == ("abcde_20261019", {"date": "2026-10-21"})

    def test_a_changed_rule_drops_the_exceptions_that_fit_no_more(self, calendar: GoogleCalendar) -> None:
        master = series(calendar)
        second, third = (one.event_id for one in events.untouched(master)[1:3])
        for event_id in (second, third):
            events.change(calendar, event_id, {"summary": "anders"})
        events.change(calendar, "abcde", {"recurrence": ["RRULE:FREQ=WEEKLY;COUNT=2"]})
        assert not events.get(calendar, second).cancelled
        assert events.get(calendar, third).cancelled

    def test_a_deleted_series_takes_its_exceptions_along(self, calendar: GoogleCalendar) -> None:
        second = events.untouched(series(calendar))[1].event_id
        events.change(calendar, second, {"summary": "anders"})
        events.delete(calendar, "abcde")
        assert events.get(calendar, second).cancelled
        with pytest.raises(GoogleRefusal):
            events.get(calendar, "abcde_20261026T080000Z")

    def test_all_instances_as_they_are(self, calendar: GoogleCalendar) -> None:
        master = series(calendar)
        moved = events.untouched(master)[1].event_id
        events.change(calendar, moved, {"summary": "anders"})
        assert [one.body["summary"] for one in events.instances(master)][:3] == ["Runde", "anders", "Runde"]

    @pytest.mark.parametrize("rule", ["RRULE:FREQ=NIE", "nonsense", "RRULE:FREQ=DAILY;UNTIL=x"])
    def test_rules_that_nobody_can_read(self, calendar: GoogleCalendar, rule: str) -> None:
        with pytest.raises(GoogleRefusal):
            series(calendar, recurrence=[rule])

    def test_a_series_needs_a_zone(self, calendar: GoogleCalendar) -> None:
        times = {
            side: {"dateTime": f"2026-10-12T{hour}:00:00+02:00"} for side, hour in (("start", "09"), ("end", "10"))
        }
        with pytest.raises(GoogleRefusal, match="required"):
            series(calendar, **times)

    def test_an_id_of_an_instance_is_known_as_one(self) -> None:
        assert INSTANCE_ID.fullmatch("abcde_20261012T070000Z")
        assert INSTANCE_ID.fullmatch("abcde_20261012")
        assert not INSTANCE_ID.fullmatch("abcde")


class TestContent:
    @pytest.mark.parametrize(
        "changes, reason",
        [
            ({"start": None}, "required"),
            ({"start": {"date": "2026-10-12", "dateTime": "2026-10-12T09:00:00Z"}}, "invalid"),
            ({"start": {"dateTime": "2026-10-12T09:00:00"}}, "required"),
            ({"start": {"dateTime": "nie", "timeZone": "Europe/Berlin"}}, "invalid"),
            ({"start": {"dateTime": "2026-10-12T09:00:00", "timeZone": "Mond"}}, "invalid"),
            ({"start": {"date": "2026-10-12"}}, "invalid"),
            ({"end": {"dateTime": "2026-10-12T08:00:00", "timeZone": "Europe/Berlin"}}, "timeRangeEmpty"),
            ({"id": "ABC"}, "invalid"),
            ({"id": "abc"}, "invalid"),
            ({"id": "wxyz-"}, "invalid"),
            ({"visibility": "geheim"}, "invalid"),
            ({"summary": 7}, "invalid"),
            ({"extendedProperties": {"private": {"k" * 45: "v"}}}, "invalid"),
            ({"extendedProperties": {"private": {"k": "v" * 1025}}}, "invalid"),
        ],
    )
    def test_what_google_refuses(self, calendar: GoogleCalendar, changes: dict[str, Any], reason: str) -> None:
        with pytest.raises(GoogleRefusal) as caught:
            series(calendar, **changes)
        assert caught.value.reason == reason

    def test_an_old_sequence_is_refused(self, calendar: GoogleCalendar) -> None:
        series(calendar)
        events.change(calendar, "abcde", {"summary": "neu"})
        with pytest.raises(GoogleRefusal, match="invalid"):
            events.change(calendar, "abcde", {"sequence": 0})


@pytest.fixture
def page(client: Client, settings: Any, calendar: GoogleCalendar) -> Client:
    settings.UNFOLD = {}
    client.force_login(User.objects.create_superuser("chefin", password="x"))
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "de"
    return client


class TestPage:
    ADDRESS = "/sandbox/google-week/"

    def send(self, page: Client, calendar: GoogleCalendar, act: str, event: str = "", **fields: str) -> str:
        form = {"day": "2026-10-12", "start": "09:00", "end": "10:00", "summary": "Runde", "location": ""}
        sent = {"calendar": calendar.pk, "week": "2026-10-12", "act": act, "event": event, **form, **fields}
        answer = page.post(self.ADDRESS, sent, follow=True)
        assert answer.status_code == 200
        return " ".join(answer.text.split())

    def test_an_event_is_made_changed_copied_deleted(self, page: Client, calendar: GoogleCalendar) -> None:
        text = self.send(page, calendar, "insert")
        assert "09:00–10:00" in text
        assert "In Google erledigt." in text
        event = calendar.events.get()
        text = self.send(page, calendar, "change", event.event_id, start="11:00", end="12:00", location="Saal 2")
        assert "11:00–12:00" in text
        assert "Saal 2" in text
        self.send(page, calendar, "copy", event.event_id)
        assert calendar.events.count() == 2
        self.send(page, calendar, "delete", event.event_id)
        event.refresh_from_db()
        assert event.cancelled

    def test_times_are_emptied_for_a_whole_day(self, page: Client, calendar: GoogleCalendar) -> None:
        self.send(page, calendar, "insert")
        event = calendar.events.get()
        text = self.send(page, calendar, "change", event.event_id, start="", end="", last_day="2026-10-13")
        event.refresh_from_db()
        assert (event.body["start"], event.body["end"]) == ({"date": "2026-10-12"}, {"date": "2026-10-14"})
        assert text.count("ganztägig") >= 2  # on both days

    def test_an_instance_is_moved_a_series_split_and_deleted(self, page: Client, calendar: GoogleCalendar) -> None:
        text = self.send(page, calendar, "insert", rule="WEEKLY")
        assert "aus einer Serie" in text
        master = calendar.events.get()
        second = events.untouched(master)[1].event_id
        self.send(page, calendar, "change", second, day="2026-10-20", start="14:00", end="15:00")
        assert events.get(calendar, second).body["start"]["dateTime"] == "2026-10-20T14:00:00+02:00"
        third = events.untouched(master)[2].event_id
        self.send(page, calendar, "split", third, day="2026-10-26", start="16:00", end="17:00")
        master.refresh_from_db()
        assert master.body["recurrence"] == ["RRULE:FREQ=WEEKLY;UNTIL=20261026T075959Z"]
        first = events.untouched(master)[0].event_id
        self.send(page, calendar, "delete_series", first)
        master.refresh_from_db()
        assert master.cancelled

    @pytest.mark.parametrize("fields", [{"day": ""}, {"start": "25:00"}, {"start": "10:00", "end": "09:00"}])
    def test_bad_input_is_told(self, page: Client, calendar: GoogleCalendar, fields: dict[str, str]) -> None:
        text = self.send(page, calendar, "insert", **fields)
        assert "Google lehnt das ab" in text or "Bitte geben Sie" in text
        assert not calendar.events.exists()

    def test_without_a_calendar_it_says_so(self, page: Client, calendar: GoogleCalendar) -> None:
        calendars.remove(calendar)
        assert "Es gibt noch keinen Kalender" in page.get(self.ADDRESS).text
        assert page.post(self.ADDRESS, {"act": "insert"}).status_code == 404

    def test_strangers_do_not_see_it(self, client: Client, calendar: GoogleCalendar) -> None:
        client.force_login(User.objects.create_user("gast", password="x", is_staff=True))
        assert client.get(self.ADDRESS).status_code == 403


class TestKeyCommand:
    @pytest.fixture(autouse=True)
    def _for_developers(self, settings: Any) -> None:
        settings.DEBUG = True

    def test_the_file_is_for_its_owner(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        path = tmp_path / "key.json"
        call_command("sandbox_google_key", str(path), origin="http://127.0.0.1:8123/")
        assert path.stat().st_mode & 0o777 == 0o600
        assert json.loads(path.read_text())["token_uri"] == "http://127.0.0.1:8123/sandbox/google/token"
        assert f"GOOGLE_SERVICE_ACCOUNT_FILE={path}" in capsys.readouterr().out

    def test_a_place_that_is_none(self, tmp_path: Path) -> None:
        with pytest.raises(CommandError, match="cannot be written"):
            call_command("sandbox_google_key", str(tmp_path / "nowhere" / "key.json"))

    def test_not_where_the_sandbox_must_not_run(
        self, tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("sandbox.exposure._start_was_checked", False)
        settings.DEBUG = False
        with pytest.raises(CommandError, match="DEBUG"):
            call_command("sandbox_google_key", str(tmp_path / "key.json"))


class TestSeed:
    def test_three_employees_with_termine_of_every_sort(self) -> None:
        today = date(2026, 11, 30)
        assert seed_calendar.is_empty()
        assert seed_calendar.load(today=today)["employees"] == 3
        assert not seed_calendar.is_empty()
        held = [row.fields for row in Termin.objects.all()]
        assert {row["anwalt"] for row in held} == {"SB", "AI", "RO", "ALLE"}
        for sort in ("privat", "dauertermin", "vorbereitungsDauer", "datumBis"):
            assert any(row[sort] for row in held), sort
        assert any(row["uhrzeitVon"] is None for row in held)
        assert (today - timedelta(days=400)).isoformat() in {row["datum"] for row in held}
        assert Mitarbeiter.objects.get(pk="SB").email == "sabine.berg@kanzlei.example"


class TestAdvowareAdmin:
    def form(self, **fields: str) -> dict[str, str]:
        return {"anwalt": "SB", "datum": "2026-11-30", "text": "Termin", "turnusArt": "0", "notiz": "a\nb", **fields}

    def test_a_termin_is_made_changed_deleted(self, page: Client) -> None:
        answer = page.post("/admin/sandbox/termin/add/", self.form(uhrzeitVon="09:00", privat="on"))
        assert answer.status_code == 302, answer.context["errors"]
        row = Termin.objects.get()
        assert (row.fields["uhrzeitVon"], row.fields["privat"], row.fields["text"]) == ("09:00:00", 1, "Termin")
        address = f"/admin/sandbox/termin/{row.pk}/change/"
        before = row.row_id
        page.post(address, self.form(uhrzeitVon="09:00:00", privat="on", turnus="0"))
        row.refresh_from_db()
        assert row.row_id == before  # nothing changed, nothing written
        page.post(address, self.form(text="anders", turnus="0"))
        row.refresh_from_db()
        assert (row.fields["text"], row.fields["privat"], row.fields["uhrzeitVon"]) == ("anders", 0, None)
        assert row.row_id != before
        page.post(f"/admin/sandbox/termin/{row.pk}/delete/", {"post": "yes"})
        row.refresh_from_db()
        assert row.gone

    def test_bad_values_are_told_at_their_field(self, page: Client) -> None:
        answer = page.post("/admin/sandbox/termin/add/", self.form(uhrzeitVon="25 Uhr"))
        assert "ist keine Uhrzeit" in answer.text
        assert not Termin.objects.exists()

    def test_lists_open_in_german(self, page: Client) -> None:
        seed_calendar.load(today=datetime.now(UTC).astimezone(ZoneInfo("Europe/Berlin")).date())
        assert "Kürzel" in page.get("/admin/sandbox/termin/").text
        assert "Sabine" in page.get("/admin/sandbox/mitarbeiter/").text
