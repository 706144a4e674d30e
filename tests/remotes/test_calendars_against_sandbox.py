"""Google's client, and Advoware's Termine, against the stand-ins over real HTTP: what they promise each other."""

import json
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from syncapp.core.appointments.shapes import CalendarEvent, EventChange, GoogleTime, TerminChange
from syncapp.remotes.advoware.client import AdvowareClient
from syncapp.remotes.advoware.termine import Employee
from syncapp.remotes.google_calendar import quota
from syncapp.remotes.google_calendar.calendars import Role
from syncapp.remotes.google_calendar.client import GoogleCalendarClient
from syncapp.remotes.http import session
from syncapp.remotes.http.errors import (
    AccessLost,
    AuthFailed,
    CalendarGone,
    Duplicate,
    Forbidden,
    Invalid,
    Misconfigured,
    NotFound,
    NotOrganizer,
    OutcomeUnknown,
    QuotaExceeded,
    RemoteError,
    SyncTokenExpired,
    Transient,
    VersionConflict,
)
from syncapp.remotes.http.exchange import Call
from syncapp.remotes.registry import advoware_client, forget, google_calendar_client, google_calendar_in_use
from tests.support.sandbox import Sandbox

EVENT_ID = "abcdefghij0123456789"
USER = "kalender@kanzlei.example"


@pytest.fixture(autouse=True)
def _impatient(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.ADVOWARE_TIMEOUT_SECONDS = 2
    monkeypatch.setattr(session, "CONNECT_TIMEOUT", 0.5)
    monkeypatch.setattr(quota, "SLOWED_SECONDS", 0.1)


@pytest.fixture
def google(sandbox: Sandbox, settings: Any, redis_url: str, tmp_path: Path) -> GoogleCalendarClient:
    settings.GOOGLE_SERVICE_ACCOUNT_FILE = sandbox.google_key(tmp_path)
    settings.GOOGLE_CALENDAR_API_URL = sandbox.google_url
    settings.GOOGLE_DELEGATED_USER = USER
    settings.GOOGLE_TIMEOUT_SECONDS = 2
    forget()
    return google_calendar_client()


@pytest.fixture
def calendar(google: GoogleCalendarClient) -> str:
    return google.create_calendar("SB Termine", description="Anna").id


def at(day: str, clock: str) -> GoogleTime:
    return GoogleTime(date_time=f"{day}T{clock}:00", time_zone="Europe/Berlin")


def timed(text: str = "Besprechung", day: str = "2026-11-30", **more: Any) -> EventChange:
    return EventChange(start=at(day, "09:00"), end=at(day, "10:00"), summary=text, **more)


class TestGoogle:
    def test_an_event_s_life(self, google: GoogleCalendarClient, calendar: str) -> None:
        made = google.insert(calendar, EVENT_ID, timed(description="Zeile 1\nZeile 2", properties={"frNr": "7"}))
        assert (made.id, made.summary, made.organised_here) == (EVENT_ID, "Besprechung", True)
        assert made.start.date_time == "2026-11-30T09:00:00+01:00"
        assert google.event(calendar, EVENT_ID) == made
        changed = google.patch(calendar, made, EventChange(location="Saal 2", properties={"frNr": "8"}))
        assert (changed.location, changed.summary, changed.properties) == ("Saal 2", "Besprechung", {"frNr": "8"})
        assert changed.etag != made.etag
        assert google.delete(calendar, changed)
        assert google.event(calendar, EVENT_ID).cancelled
        assert not google.delete(calendar, changed)  # 8, 34: gone is as good as deleted

    def test_an_id_is_burnt_by_its_deletion(self, google: GoogleCalendarClient, calendar: str) -> None:
        made = google.insert(calendar, EVENT_ID, timed())
        with pytest.raises(Duplicate):
            google.insert(calendar, EVENT_ID, timed())
        google.delete(calendar, made)
        with pytest.raises(Duplicate):
            google.insert(calendar, EVENT_ID, timed())
        assert google.event(calendar, EVENT_ID).cancelled
        with pytest.raises(NotFound):
            google.patch(calendar, made, EventChange(summary="x"))

    def test_a_patch_meets_a_change(self, google: GoogleCalendarClient, calendar: str, sandbox: Sandbox) -> None:
        made = google.insert(calendar, EVENT_ID, timed())
        sandbox.in_google("change", calendar, EVENT_ID, summary="von Hand")
        for act in (
            lambda: google.patch(calendar, made, EventChange(summary="x")),
            lambda: google.delete(calendar, made),
        ):
            with pytest.raises(VersionConflict):
                act()
        assert google.event(calendar, EVENT_ID).summary == "von Hand"

    def test_a_timed_event_becomes_all_day(self, google: GoogleCalendarClient, calendar: str) -> None:
        made = google.insert(calendar, EVENT_ID, timed())
        days = EventChange(start=GoogleTime(date="2026-11-30"), end=GoogleTime(date="2026-12-02"))
        whole = google.patch(calendar, made, days)
        assert (whole.start, whole.end) == (GoogleTime("2026-11-30"), GoogleTime("2026-12-02"))
        again = google.patch(
            calendar, whole, EventChange(start=at("2026-11-30", "08:00"), end=at("2026-11-30", "08:30"))
        )
        assert (again.start.date, again.end.date_time) == ("", "2026-11-30T08:30:00+01:00")

    def test_a_series_and_its_exceptions(self, google: GoogleCalendarClient, calendar: str, sandbox: Sandbox) -> None:
        rule = ("RRULE:FREQ=WEEKLY;UNTIL=20261221T225959Z",)
        made = google.insert(calendar, EVENT_ID, timed(recurrence=rule))
        assert made.recurrence == rule
        first = google.events(calendar)
        instance = f"{EVENT_ID}_20261207T080000Z"
        sandbox.in_google("change", calendar, instance, summary="verschoben")
        sandbox.in_google("delete", calendar, f"{EVENT_ID}_20261214T080000Z")
        delta = google.events(calendar, sync_token=first.sync_token)
        moved, gone = delta.events
        assert (moved.id, moved.recurring_event_id, moved.cancelled) == (instance, EVENT_ID, False)
        assert moved.original_start.date_time == "2026-12-07T09:00:00+01:00"
        assert (gone.recurring_event_id, gone.cancelled) == (EVENT_ID, True)
        assert {event.id for event in google.events(calendar).events} == {EVENT_ID, moved.id, gone.id}
        single = google.patch(calendar, google.event(calendar, EVENT_ID), EventChange(recurrence=()))
        assert single.recurrence == ()
        assert google.event(calendar, instance).cancelled  # an exception of what is no series any more

    def test_this_and_following_splits(self, google: GoogleCalendarClient, calendar: str, sandbox: Sandbox) -> None:
        google.insert(calendar, EVENT_ID, timed(recurrence=("RRULE:FREQ=WEEKLY;UNTIL=20261221T225959Z",)))
        made = sandbox.in_google("split", calendar, f"{EVENT_ID}_20261207T080000Z", summary="ab hier")
        assert google.event(calendar, EVENT_ID).recurrence == ("RRULE:FREQ=WEEKLY;UNTIL=20261207T075959Z",)
        assert google.event(calendar, made["id"]).recurrence == ("RRULE:FREQ=WEEKLY;UNTIL=20261221T225959Z",)

    def test_a_copy_carries_the_properties(self, google: GoogleCalendarClient, calendar: str, sandbox: Sandbox) -> None:
        google.insert(calendar, EVENT_ID, timed(properties={"frNr": "7", "id": EVENT_ID}))
        copy = google.event(calendar, sandbox.in_google("copy", calendar, EVENT_ID)["id"])
        assert copy.id != EVENT_ID
        assert copy.properties == {"frNr": "7", "id": EVENT_ID}

    def test_a_feed_shows_what_changed_since(self, google: GoogleCalendarClient, calendar: str) -> None:
        empty = google.events(calendar)
        assert empty.events == ()
        made = google.insert(calendar, EVENT_ID, timed())
        delta = google.events(calendar, sync_token=empty.sync_token)
        assert delta.events == (made,)
        assert google.events(calendar, sync_token=delta.sync_token).events == ()
        google.delete(calendar, made)
        (tombstone,) = google.events(calendar, sync_token=delta.sync_token).events
        assert (tombstone.id, tombstone.cancelled, tombstone.summary) == (EVENT_ID, True, "")
        assert google.events(calendar).events == ()  # tombstones are in the feed alone

    def test_pages(self, google: GoogleCalendarClient, calendar: str, sandbox: Sandbox) -> None:
        ids = [google.insert(calendar, f"{EVENT_ID}{n}", timed(f"Nr. {n}")).id for n in range(5)]
        sandbox.google(page_size=2, empty_pages=True)
        pages: list[Call] = []
        feed = google.with_observer(pages.append).events(calendar)
        assert [event.id for event in feed.events] == ids
        assert len(pages) == 5  # 2, none, 2, none, 1

    def test_a_sync_token_expires(self, google: GoogleCalendarClient, calendar: str, sandbox: Sandbox) -> None:
        token = google.events(calendar).sync_token
        sandbox.control.tell("google/sync-tokens/expire", calendar=calendar)
        with pytest.raises(SyncTokenExpired):
            google.events(calendar, sync_token=token)
        with pytest.raises(SyncTokenExpired):
            google.events(calendar, sync_token="nonsense")
        assert google.events(calendar, sync_token=google.events(calendar).sync_token).events == ()

    def test_a_404_counts_only_while_the_calendar_is_there(
        self, google: GoogleCalendarClient, calendar: str, sandbox: Sandbox
    ) -> None:
        """3: 404 is the answer of a calendar that is gone, too."""
        made = google.insert(calendar, EVENT_ID, timed())
        with pytest.raises(NotFound):
            google.event(calendar, "abcde99999")
        assert not google.delete(calendar, CalendarEvent("abcde99999", etag='"1"'))
        sandbox.in_google("remove_calendar", calendar)
        for act in (
            lambda: google.delete(calendar, made),
            lambda: google.events(calendar),
            lambda: google.calendar(calendar),
            lambda: google.insert(calendar, f"{EVENT_ID}1", timed()),
        ):
            with pytest.raises(CalendarGone):
                act()
        with pytest.raises(NotFound):
            google.event(calendar, EVENT_ID)

    def test_shares(self, google: GoogleCalendarClient, calendar: str, sandbox: Sandbox) -> None:
        """30: what Google has taken is read back. 22: nobody gets a mail."""
        shared = google.share(calendar, "anna@kanzlei.example", Role.WRITER)
        assert google.share(calendar, "anna@kanzlei.example", Role.READER).id == shared.id
        assert {share.address: share.role for share in google.shares(calendar)} == {
            USER: "owner",
            "anna@kanzlei.example": "reader",
        }
        sandbox.google(external_sharing=False)
        with pytest.raises(Forbidden):
            google.share(calendar, "anna@example.org", Role.READER)
        assert sandbox.control.ask("google/mails") == {"mails": []}

    def test_calendars(self, google: GoogleCalendarClient, calendar: str, sandbox: Sandbox) -> None:
        other = google.create_calendar("Kanzlei", description="alle")
        sandbox.google(page_size=1)
        assert {found.id for found in google.calendars()} == {calendar, other.id}
        assert google.add_to_list(other.id) == google.calendar(other.id) == other
        google.delete_calendar(other.id)
        assert [found.id for found in google.calendars()] == [calendar]

    def test_too_many_calendars_and_events(self, google: GoogleCalendarClient, calendar: str, sandbox: Sandbox) -> None:
        """23, 25: no creates any more, all else goes on."""
        sandbox.google(new_calendars=1, new_events=1)
        made = google.insert(calendar, EVENT_ID, timed())
        with pytest.raises(QuotaExceeded):
            google.create_calendar("noch einer", description="")
        with pytest.raises(QuotaExceeded):
            google.insert(calendar, f"{EVENT_ID}1", timed())
        assert google.patch(calendar, made, EventChange(summary="geht")).summary == "geht"

    def test_contents_that_google_refuses(self, google: GoogleCalendarClient, calendar: str) -> None:
        backwards = EventChange(start=at("2026-11-30", "10:00"), end=at("2026-11-30", "09:00"))
        with pytest.raises(Invalid) as caught:
            google.insert(calendar, EVENT_ID, backwards)
        assert (caught.value.rule, caught.value.reason) == ("timeRangeEmpty", "Google's rule timeRangeEmpty")
        with pytest.raises(Invalid) as caught:
            google.insert(calendar, "mit-Strich", timed())
        assert (caught.value.field, caught.value.rule) == ("id", "invalid")
        with pytest.raises(Invalid):
            google.insert(calendar, EVENT_ID, timed(recurrence=("RRULE:FREQ=NIE",)))
        assert google.events(calendar).events == ()

    def test_a_foreign_event_is_let_go(self, google: GoogleCalendarClient, calendar: str, sandbox: Sandbox) -> None:
        body = {"start": {"date": "2026-11-30"}, "end": {"date": "2026-12-01"}, "foreignOrganizer": "x@example.org"}
        event = google.event(calendar, sandbox.in_google("insert", calendar, **body)["id"])
        assert not event.organised_here
        with pytest.raises(NotOrganizer):
            google.patch(calendar, event, EventChange(summary="x"))

    def test_what_google_makes_of_a_description(
        self, google: GoogleCalendarClient, calendar: str, sandbox: Sandbox
    ) -> None:
        sandbox.google(html_descriptions=True)
        made = google.insert(calendar, EVENT_ID, timed("  Titel ", description="a\nb" + "x" * 9000))
        assert made.summary == "Titel"
        assert made.description.startswith("a<br>b")
        assert len(made.description) < 8300

    def test_quota_user_and_silence(self, google: GoogleCalendarClient, calendar: str, sandbox: Sandbox) -> None:
        sandbox.clear_calls()
        employee = google.for_employee("SB")
        made = employee.insert(calendar, EVENT_ID, timed())
        employee.delete(calendar, employee.patch(calendar, made, EventChange(summary="x")))
        employee.share(calendar, "anna@kanzlei.example", Role.READER)
        queries = [call["query"] for call in sandbox.control.calls()]
        assert queries == [["quotaUser", "sendUpdates"]] * 3 + [["quotaUser", "sendNotifications"]]


# The reason, the request that it meets -> the error: every row of Google's answers, as the stand-in gives it.
REASONS: list[tuple[str, str, type[RemoteError]]] = [
    ("invalid", "PATCH", Invalid),
    ("timeRangeEmpty", "PATCH", Invalid),
    ("rateLimitExceeded", "GET", Transient),
    ("userRateLimitExceeded", "PATCH", Transient),
    ("tooManyRequests", "PATCH", Transient),
    ("quotaExceeded", "PATCH", QuotaExceeded),
    ("requiredAccessLevel", "PATCH", AccessLost),
    ("forbidden", "GET", AccessLost),
    ("insufficientPermissions", "GET", Misconfigured),
    ("accessNotConfigured", "GET", Misconfigured),
    ("forbiddenForNonOrganizer", "PATCH", NotOrganizer),
    ("notFound", "GET", NotFound),
    ("duplicate", "PATCH", Duplicate),
    ("conflict", "PATCH", Transient),
    ("deleted", "PATCH", NotFound),
    ("fullSyncRequired", "LIST", SyncTokenExpired),
    ("updatedMinTooLongAgo", "LIST", SyncTokenExpired),
    ("conditionNotMet", "PATCH", VersionConflict),
    ("backendError", "GET", Transient),
    ("backendError", "PATCH", OutcomeUnknown),
    ("backendUnavailable", "PATCH", OutcomeUnknown),
]


@pytest.mark.parametrize("reason, method, error", REASONS, ids=lambda value: value if isinstance(value, str) else "")
def test_every_reason_on_demand(
    google: GoogleCalendarClient, calendar: str, sandbox: Sandbox, reason: str, method: str, error: type[RemoteError]
) -> None:
    made = google.insert(calendar, EVENT_ID, timed())
    acts: dict[str, Callable[[], object]] = {
        "GET": lambda: google.event(calendar, EVENT_ID),
        "LIST": lambda: google.events(calendar),
        "PATCH": lambda: google.patch(calendar, made, EventChange(summary="x")),
    }
    sandbox.refuse_google(reason, method="GET" if method == "LIST" else method)
    with pytest.raises(RemoteError) as caught:
        acts[method]()
    assert type(caught.value) is error
    assert google.event(calendar, EVENT_ID).summary == "Besprechung"


class TestLogin:
    def test_as_the_service_account_itself(self, google: GoogleCalendarClient, settings: Any) -> None:
        settings.GOOGLE_DELEGATED_USER = ""
        own = google_calendar_client()
        assert own.acting_account == "advosync@sandbox.iam.gserviceaccount.com"
        made = own.create_calendar("eigener", description="")
        with pytest.raises(CalendarGone):
            google.calendar(made.id)  # another account does not even see it

    def test_a_lost_token_is_replaced_once(self, google: GoogleCalendarClient, calendar: str, sandbox: Sandbox) -> None:
        sandbox.control.tell("google/tokens/revoke")
        sandbox.clear_calls()
        google.calendar(calendar)
        assert [call["method"] for call in sandbox.control.calls()] == ["GET", "POST", "GET"]

    def test_a_token_is_shared_by_all_processes(
        self, google: GoogleCalendarClient, calendar: str, sandbox: Sandbox
    ) -> None:
        forget()
        sandbox.clear_calls()
        google_calendar_client().calendar(calendar)
        assert [call["method"] for call in sandbox.control.calls()] == ["GET"]

    @pytest.mark.parametrize(
        "habit, user, hint",
        [
            ({"delegation": False}, USER, "admin console"),
            ({"clock_ahead_seconds": 900}, USER, "clock of this machine"),
            ({}, "fremd@example.org", "Google knows no such user"),
        ],
    )
    def test_faults_of_the_set_up(
        self,
        google: GoogleCalendarClient,
        sandbox: Sandbox,
        settings: Any,
        habit: dict[str, object],
        user: str,
        hint: str,
    ) -> None:
        sandbox.google(**habit)
        settings.GOOGLE_DELEGATED_USER = user
        forget()
        sandbox.control.tell("google/tokens/revoke")
        with pytest.raises(AuthFailed) as caught:
            google_calendar_client().check_login() if user != USER else google_calendar_client().calendars()
        assert hint in caught.value.hint

    def test_a_key_that_was_replaced_at_google(
        self, google: GoogleCalendarClient, sandbox: Sandbox, tmp_path: Path
    ) -> None:
        old = json.loads((tmp_path / "google.json").read_text())
        sandbox.google_key(tmp_path, new=True)
        google.check_login()  # the new file is read without a restart
        (tmp_path / "google.json").write_text(json.dumps({**old, "project_id": "again"}))
        google._tokens._kept.clear()
        google._tokens._redis.flushdb()  # type: ignore[attr-defined]
        with pytest.raises(AuthFailed) as caught:
            google.check_login()
        assert "make a new key file" in caught.value.hint

    def test_a_missing_scope_and_a_switched_off_api(self, google: GoogleCalendarClient, sandbox: Sandbox) -> None:
        sandbox.google(api_enabled=False)
        with pytest.raises(Misconfigured) as caught:
            google.calendars()
        assert "switch on the Google Calendar API" in caught.value.hint

    def test_without_a_key_file_nothing_is_asked(self, sandbox: Sandbox, settings: Any) -> None:
        settings.GOOGLE_SERVICE_ACCOUNT_FILE = ""
        settings.GOOGLE_CALENDAR_API_URL = sandbox.google_url
        sandbox.clear_calls()
        assert not google_calendar_in_use()
        with pytest.raises(Misconfigured):
            google_calendar_client().calendars()
        assert sandbox.control.calls() == []


HABITS: list[dict[str, object]] = [
    {},
    {"termin_names": "pascal"},
    {"termin_times": "HH:MM"},
    {"termin_times": "HH:MM:SS.fff"},
    {"termin_times": "datetime"},
    {"termin_start_in_datum": True},
    {"termin_truth": "bool"},
    {"termin_all_day_field": "abwesenheit"},
    {"termin_all_day_field": "ganztaegig", "termin_truth": "bool"},
    {"termin_stamp": "rowId"},
    {"termin_stamp": "none"},
    {"termin_one_as_list": True},
    {"termin_post_answer": "number"},
    {"termin_post_answer": "FrNr"},
    {"termin_post_answer": "list"},
    {"termin_number_in": "path"},
    {"termin_number_in": "body"},
    {"termin_delete": "204"},
    {"termin_missing": "empty"},
    {"termin_twin": True},
    {"termin_twin": True, "termin_names": "pascal"},
]


class TestTermine:
    @pytest.mark.parametrize("habits", HABITS, ids=lambda habits: "-".join(map(str, habits.values())) or "usual")
    def test_a_termin_s_life(
        self, advoware: AdvowareClient, sandbox: Sandbox, settings: Any, habits: dict[str, object]
    ) -> None:
        """Whatever of the unknown turns out to be so (calendar facts, open unknowns)."""
        sandbox.advoware(**habits)
        settings.ADVOWARE_TERMIN_NUMBER_IN = habits.get("termin_number_in", "query")
        advoware = advoware_client()
        number = advoware.create_termin(
            TerminChange(
                anwalt="SB",
                datum="2026-11-30",
                datum_bis="2026-11-30",
                uhrzeit_von="09:00:00",
                uhrzeit_bis="10:00:00",
                text="Verhandlung",
                ort="Saal 2",
                notiz="Zeile 1\nZeile 2",
                privat=False,
                dauertermin=False,
            )
        )
        made = advoware.termin(number)
        assert (made.fr_nr, made.anwalt, made.text, made.ort) == (number, "SB", "Verhandlung", "Saal 2")
        assert made.notiz.replace("\r\n", "\n") == "Zeile 1\nZeile 2"
        clock = made.datum if habits.get("termin_start_in_datum") else made.uhrzeit_von
        assert "09:00" in clock
        assert (made.all_day is None) == ("termin_all_day_field" not in habits)
        assert bool(made.stamp) == (habits.get("termin_stamp") != "none")
        day, texts = "2026-12-01", {"text": "Verhandlung II", "notiz": "a\nb"}
        times = {"datum": day, "datum_bis": day, "uhrzeit_von": "11:00:00", "uhrzeit_bis": "12:30:00"}
        change = TerminChange(**times, **texts, privat=True)
        advoware.update_termin(made, change)
        changed = advoware.termin(number)
        assert changed.datum.startswith("2026-12-01")
        assert "11:00" in (changed.datum if habits.get("termin_start_in_datum") else changed.uhrzeit_von)
        assert "12:30" in changed.uhrzeit_bis
        assert (changed.text, changed.ort, changed.privat) == ("Verhandlung II", "Saal 2", True)
        listed = advoware.termine("SB", first=date(2026, 12, 1), last=date(2026, 12, 31))
        assert listed == (changed,)
        advoware.delete_termin(number)
        with pytest.raises(NotFound):
            advoware.termin(number)

    def test_a_put_hands_back_what_it_does_not_know(self, advoware: AdvowareClient, sandbox: Sandbox) -> None:
        number = sandbox.add_termin(datum="2026-11-30", anwalt="SB", text="x", nr=4711, eigenes={"a": 1})["frNr"]
        advoware.update_termin(advoware.termin(number), TerminChange(text="y"))
        assert advoware.termin(number).raw["eigenes"] == {"a": 1}
        assert advoware.termin(number).raw["nr"] == 4711

    @pytest.mark.parametrize("status", ["403", "405"])
    def test_an_advoware_that_does_not_delete(self, advoware: AdvowareClient, sandbox: Sandbox, status: str) -> None:
        number = sandbox.add_termin(datum="2026-11-30", anwalt="SB", text="x")["frNr"]
        sandbox.advoware(termin_delete=status)
        with pytest.raises(Forbidden):
            advoware.delete_termin(number)
        assert advoware.termin(number).text == "x"

    def test_a_deletion_of_what_is_gone(self, advoware: AdvowareClient, sandbox: Sandbox) -> None:
        with pytest.raises(NotFound):
            advoware.delete_termin(999)

    def test_what_a_put_does_not_take_shows_when_read_back(self, advoware: AdvowareClient, sandbox: Sandbox) -> None:
        number = sandbox.add_termin(datum="2026-11-30", anwalt="SB", text="x", ort="alt")["frNr"]
        sandbox.advoware(termin_put_ignores=["ort"])
        advoware.update_termin(advoware.termin(number), TerminChange(text="y", ort="neu"))
        found = advoware.termin(number)
        assert (found.text, found.ort) == ("y", "alt")

    def test_lists(self, advoware: AdvowareClient, sandbox: Sandbox) -> None:
        one = sandbox.add_termin(datum="2026-11-30", anwalt="SB", text="einer")["frNr"]
        series = sandbox.add_termin(
            datum="2019-01-07", datumBis="2037-12-31", anwalt="sb", dauertermin=1, turnus=1, turnusArt=2, text="Serie"
        )["frNr"]
        firm = sandbox.add_termin(datum="2026-11-30", anwalt="ALLE", text="alle")["frNr"]
        sandbox.add_termin(datum="2026-11-30", anwalt="AI", text="anderer")
        sandbox.add_termin(datum="2027-11-30", anwalt="SB", text="später")

        def numbers(kuerzel: str = "SB") -> set[int]:
            found = advoware.termine(kuerzel, first=date(2026, 11, 1), last=date(2026, 12, 1))
            return {termin.fr_nr for termin in found}

        assert numbers() == {one, series}
        assert numbers("Allgemein") == {firm}
        sandbox.advoware(termin_lists_old_series=False, termin_lists_firm_wide=True)
        assert numbers() == {one, firm}  # 33: the old series has to be asked for by itself
        found = advoware.termin(series)
        assert (found.dauertermin, found.turnus, found.turnus_art) == (True, 1, 2)

    def test_special_entries(self, advoware: AdvowareClient, sandbox: Sandbox) -> None:
        number = sandbox.add_termin(
            datum="2026-11-30", uhrzeitVon="09:00:00", anwalt="SB", text="Gericht", vorbereitungsDauer="00:15:00"
        )["frNr"]
        sandbox.advoware(termin_special=True)
        real, special = advoware.termine("SB", first=date(2026, 11, 1), last=date(2026, 12, 1))
        assert real.fr_nr == number
        assert special.fr_nr < 0
        assert advoware.termin(special.fr_nr) == special
        for act in (
            lambda: advoware.update_termin(special, TerminChange(text="x")),
            lambda: advoware.delete_termin(special.fr_nr),
        ):
            with pytest.raises(ValueError, match="derives"):
                act()

    def test_masked_private_ones(self, advoware: AdvowareClient, sandbox: Sandbox) -> None:
        number = sandbox.add_termin(datum="2026-11-30", anwalt="SB", text="Arzt", privat=1)["frNr"]
        assert not advoware.termin(number).masked
        sandbox.advoware(termin_masks_private=True)
        assert advoware.termin(number).masked

    @pytest.mark.parametrize("shape", ["objects", "strings"])
    def test_employees(self, advoware: AdvowareClient, sandbox: Sandbox, shape: str) -> None:
        sandbox.control.tell(
            "advoware/employees", kuerzel="SB", vorname="Sabine", name="Berg", email="sb@kanzlei.example"
        )
        sandbox.control.tell("advoware/employees", kuerzel="XX", aktiv=False)
        sandbox.advoware(employees_shape=shape)
        known = Employee("SB", "Sabine Berg", "sb@kanzlei.example") if shape == "objects" else Employee("SB")
        assert advoware.employees() == (known,)

    def test_another_path_of_the_employees(self, advoware: AdvowareClient, settings: Any) -> None:
        settings.ADVOWARE_EMPLOYEES_PATH = "/license/KuerzelForProduct/64"
        with pytest.raises(Misconfigured):
            advoware_client().employees()
