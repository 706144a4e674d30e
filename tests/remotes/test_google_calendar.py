"""Google's client on the wire: exactly what is sent, and what is made of odd answers."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from sandbox.google import keys
from syncapp.core.appointments.shapes import CalendarEvent, EventChange, GoogleTime
from syncapp.remotes.google_calendar.calendars import Role
from syncapp.remotes.google_calendar.client import GoogleCalendarClient, GoogleConfig
from syncapp.remotes.google_calendar.events import LIST_FINGERPRINT, newest, read_event
from syncapp.remotes.google_calendar.quota import MemoryQuota
from syncapp.remotes.http.errors import AuthFailed, Misconfigured, OutcomeUnknown, RemoteError, Transient
from syncapp.remotes.http.exchange import WrongShape
from syncapp.remotes.http.tokens import Fetch
from tests.remotes.scripted import Script, Step, answer, serving

CALENDAR = "c1@group.calendar.google.com"
PATH = "/api/calendars/c1%40group.calendar.google.com"
EVENT = {"id": "abcde", "etag": '"1"', "status": "confirmed", "updated": "2026-11-28T10:00:00.000Z"}
READ = CalendarEvent("abcde", etag='"1"')
LIST = "eventTypes=default&maxResults=2500&showDeleted=true&singleEvents=false"


class FixedTokens:
    """Stands for the token service: says which token was refused."""

    def __init__(self) -> None:
        self.refused: list[str | None] = []

    def token(self, *, key: str, fetch: Fetch, refused: str | None = None) -> str:
        self.refused.append(refused)
        return "second" if refused else "first"


@pytest.fixture(scope="module")
def key_file(tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("google") / "key.json"
    path.write_text(json.dumps(key_of("http://127.0.0.1:1/token")))
    return str(path)


def key_of(token_uri: str) -> dict[str, str]:
    private = keys.new_pair()[0]
    return {
        "type": "service_account",
        "client_email": "sync@x.iam.gserviceaccount.com",
        "private_key": private,
        "token_uri": token_uri,
    }


@pytest.fixture
def connect(key_file: str) -> Callable[..., GoogleCalendarClient]:
    def made(script: Script, **more: Any) -> GoogleCalendarClient:
        config = GoogleConfig(key_file, base_url=script.url, timeout=1)
        return GoogleCalendarClient(config, **{"tokens": FixedTokens(), **more})

    return made


def query_of(line: str) -> str:
    return "&".join(f"{name}={value}" for name, value in sorted(parse_qsl(urlsplit(line.split()[1]).query)))


Act = Callable[[GoogleCalendarClient], object]
TIME = GoogleTime(date_time="2026-11-30T09:00:00", time_zone="Europe/Berlin")
REQUESTS: list[tuple[Act, object, str, str, object]] = [
    (
        lambda c: c.create_calendar("SB", description="Sabine"),
        {"id": "c1"},
        "POST /api/calendars",
        "",
        {"summary": "SB", "description": "Sabine", "timeZone": "Europe/Berlin"},
    ),
    (lambda c: c.calendar(CALENDAR), {"id": "c1"}, f"GET {PATH}", "", None),
    (lambda c: c.delete_calendar(CALENDAR), b"", f"DELETE {PATH}", "", None),
    (lambda c: c.calendars(), {"items": []}, "GET /api/users/me/calendarList", "maxResults=250", None),
    (lambda c: c.add_to_list("c1"), {"id": "c1"}, "POST /api/users/me/calendarList", "", {"id": "c1"}),
    (
        lambda c: c.share(CALENDAR, "a@x.de", Role.WRITER),
        {"id": "user:a@x.de", "role": "writer", "scope": {"type": "user", "value": "a@x.de"}},
        f"POST {PATH}/acl",
        "sendNotifications=false",
        {"role": "writer", "scope": {"type": "user", "value": "a@x.de"}},
    ),
    (lambda c: c.shares(CALENDAR), {"items": []}, f"GET {PATH}/acl", "maxResults=250", None),
    (lambda c: c.events(CALENDAR), {"items": [], "nextSyncToken": "t"}, f"GET {PATH}/events", LIST, None),
    (
        lambda c: c.events(CALENDAR, sync_token="s1"),
        {"items": [], "nextSyncToken": "t"},
        f"GET {PATH}/events",
        f"{LIST}&syncToken=s1",
        None,
    ),
    (lambda c: c.event(CALENDAR, "abcde"), EVENT, f"GET {PATH}/events/abcde", "", None),
    (
        lambda c: c.insert(
            CALENDAR, "abcde", EventChange(start=TIME, end=GoogleTime(date="2026-12-01"), summary="x", recurrence=())
        ),
        EVENT,
        f"POST {PATH}/events",
        "sendUpdates=none",
        {
            "id": "abcde",
            "summary": "x",
            "start": {"dateTime": "2026-11-30T09:00:00", "timeZone": "Europe/Berlin"},
            "end": {"date": "2026-12-01"},
        },
    ),
    (
        lambda c: c.patch(
            CALENDAR,
            READ,
            EventChange(start=TIME, recurrence=(), description="", visibility="private", properties={"a": "b"}),
        ),
        EVENT,
        f"PATCH {PATH}/events/abcde",
        "sendUpdates=none",
        {
            "description": "",
            "visibility": "private",
            "start": {"date": None, "dateTime": "2026-11-30T09:00:00", "timeZone": "Europe/Berlin"},
            "recurrence": [],
            "extendedProperties": {"private": {"a": "b"}},
        },
    ),
    (lambda c: c.delete(CALENDAR, READ), b"", f"DELETE {PATH}/events/abcde", "sendUpdates=none", None),
]


@pytest.mark.parametrize("act, answered, line, query, body", REQUESTS, ids=[row[2] for row in REQUESTS])
def test_requests(
    connect: Callable[..., GoogleCalendarClient], act: Act, answered: object, line: str, query: str, body: object
) -> None:
    with serving(answer(answered, status=204 if answered == b"" else 200)) as script:
        act(connect(script))
    (seen,) = script.seen
    assert seen.line.split("?")[0].removesuffix(" HTTP/1.1") == line
    assert query_of(seen.line) == query
    assert (seen.json if seen.body else None) == body
    assert seen.headers["authorization"] == "Bearer first"
    assert seen.headers.get("if-match") == (
        '"1"' if line.split()[0] in ("PATCH", "DELETE") and "events" in line else None
    )


def test_what_was_not_read_is_not_written(connect: Callable[..., GoogleCalendarClient]) -> None:
    """Without an etag a write would hit whatever is there by now."""
    with serving(answer(EVENT)) as script:
        for act in (
            lambda c: c.patch(CALENDAR, CalendarEvent("abcde"), EventChange(summary="x")),
            lambda c: c.delete(CALENDAR, CalendarEvent("abcde")),
        ):
            with pytest.raises(ValueError, match="etag"):
                act(connect(script))
    assert script.seen == []


class TestLists:
    def pages(self, *pages: dict[str, Any]) -> Iterator[Step]:
        return (answer(page) for page in pages)

    def test_short_and_empty_pages(self, connect: Callable[..., GoogleCalendarClient]) -> None:
        pages = self.pages(
            {"items": [EVENT], "nextPageToken": "p1"},
            {"nextPageToken": "p2"},
            {"items": [{**EVENT, "id": "fghij"}], "nextSyncToken": "t"},
        )
        with serving(*pages) as script:
            feed = connect(script).events(CALENDAR, sync_token="s1")
        assert ([event.id for event in feed.events], feed.sync_token) == (["abcde", "fghij"], "t")
        assert [query_of(seen.line).partition("showDeleted")[0] for seen in script.seen] == [
            "eventTypes=default&maxResults=2500&",
            "eventTypes=default&maxResults=2500&pageToken=p1&",
            "eventTypes=default&maxResults=2500&pageToken=p2&",
        ]
        assert all("syncToken=s1" in seen.line for seen in script.seen)

    def test_an_event_that_comes_twice(self, connect: Callable[..., GoogleCalendarClient]) -> None:
        newer = {**EVENT, "updated": "2026-11-28T11:00:00.000Z", "summary": "neu"}
        for first, second in ((EVENT, newer), (newer, EVENT)):
            pages = self.pages({"items": [first], "nextPageToken": "p"}, {"items": [second], "nextSyncToken": "t"})
            with serving(*pages) as script:
                (event,) = connect(script).events(CALENDAR).events
            assert event.summary == "neu"

    @pytest.mark.parametrize("later", [True, False])
    def test_a_deletion_has_no_time(self, connect: Callable[..., GoogleCalendarClient], later: bool) -> None:
        """What came last holds: what changes while a list is paged moves to its end."""
        both = [EVENT, {"id": EVENT["id"], "status": "cancelled"}]
        with serving(answer({"items": both if later else both[::-1], "nextSyncToken": "t"})) as script:
            (event,) = connect(script).events(CALENDAR).events
        assert event.cancelled is later

    def test_times_are_told_apart_whatever_their_fractions(self) -> None:
        first, second = (CalendarEvent("a", updated=at) for at in ("2026-11-28T10:00:00Z", "2026-11-28T10:00:00.500Z"))
        assert newest([second, first]) == newest([first, second]) == (second,)

    def test_an_empty_page_may_name_no_list(self, connect: Callable[..., GoogleCalendarClient]) -> None:
        with serving(answer({"items": None, "nextSyncToken": "t"}), answer({"items": None})) as script:
            client = connect(script)
            assert client.events(CALENDAR).events == ()
            assert list(client.calendars()) == []

    @pytest.mark.parametrize(
        "page", [{"items": []}, {"items": {}, "nextSyncToken": "t"}, [], {"items": [{}], "nextSyncToken": "t"}]
    )
    def test_half_a_list_is_none(self, connect: Callable[..., GoogleCalendarClient], page: object) -> None:
        with serving(answer(page)) as script, pytest.raises(Misconfigured):
            connect(script).events(CALENDAR)

    def test_an_item_that_is_none_is_an_unexpected_answer(self, connect: Callable[..., GoogleCalendarClient]) -> None:
        with serving(answer({"items": [{"summary": "x"}]})) as script:
            client = connect(script)
            for act in (client.calendars, lambda: client.shares(CALENDAR)):
                with pytest.raises(Misconfigured):
                    act()

    def test_a_list_that_fails_on_its_second_page_is_none(self, connect: Callable[..., GoogleCalendarClient]) -> None:
        steps = (answer({"items": [EVENT], "nextPageToken": "p"}), answer({}, status=503))
        with serving(*steps) as script, pytest.raises(Transient):
            connect(script).events(CALENDAR)

    def test_a_list_without_end_is_given_up(
        self, connect: Callable[..., GoogleCalendarClient], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("syncapp.remotes.google_calendar.client.MAX_PAGES", 3)
        with serving(answer({"items": [], "nextPageToken": "p"})) as script:
            client = connect(script)
            for act in (lambda: client.events(CALENDAR), client.calendars, lambda: client.shares(CALENDAR)):
                with pytest.raises(Transient):
                    act()
        assert len(script.seen) == 9

    def test_the_query_has_a_fingerprint(self) -> None:
        """A stored sync token of another query is of no use; a change of the query must be seen."""
        assert LIST_FINGERPRINT == "6309e0ad4f737ad5"


class TestReading:
    def test_a_tombstone(self) -> None:
        event = read_event({"id": "abcde", "status": "cancelled"})
        assert event == CalendarEvent("abcde", "cancelled")
        assert event.cancelled

    def test_the_whole_of_it(self) -> None:
        event = read_event(
            {
                **EVENT,
                "sequence": 3,
                "summary": "x",
                "location": "y",
                "description": "z",
                "visibility": "private",
                "start": {"date": "2026-11-30"},
                "end": {"dateTime": "2026-11-30T09:00:00+01:00", "timeZone": "Europe/Berlin"},
                "recurrence": ["RRULE:FREQ=DAILY", 7],
                "recurringEventId": "m",
                "originalStartTime": {"date": "2026-11-29"},
                "attendees": [{"email": "a@x.de"}, {"displayName": "Saal"}],
                "organizer": {"email": "b@x.de"},
                "eventType": "focusTime",
                "extendedProperties": {"private": {"frNr": "7", "n": 7}, "shared": {"s": "t"}},
            }
        )
        assert event == CalendarEvent(
            id="abcde",
            etag='"1"',
            updated="2026-11-28T10:00:00.000Z",
            start=GoogleTime("2026-11-30"),
            end=GoogleTime("", "2026-11-30T09:00:00+01:00", "Europe/Berlin"),
            recurrence=("RRULE:FREQ=DAILY",),
            summary="x",
            location="y",
            description="z",
            visibility="private",
            recurring_event_id="m",
            original_start=GoogleTime("2026-11-29"),
            attendees=("a@x.de", ""),
            organised_here=False,
            event_type="focusTime",
            properties={"frNr": "7"},
        )

    @pytest.mark.parametrize(
        "organizer, ours",
        [
            (None, True),
            ({}, True),
            ({"self": True, "email": "b@x.de"}, True),
            ({"self": False}, False),
            ({"email": "C1@group.calendar.google.com"}, True),
            ({"email": "b@x.de"}, False),
        ],
    )
    def test_whose_it_is(self, organizer: object, ours: bool) -> None:
        """By Google's word, else by the calendar's address; where it says nothing, the calendar's."""
        found = read_event({**EVENT, "organizer": organizer}, "c1@group.calendar.google.com")
        assert found.organised_here is ours

    @pytest.mark.parametrize("odd", [{"start": 7}, {"recurrence": "x"}, {"attendees": 7}, {"extendedProperties": []}])
    def test_odd_parts_are_empty(self, odd: dict[str, Any]) -> None:
        assert read_event({**EVENT, **odd}) == read_event(EVENT)

    @pytest.mark.parametrize("value", [None, [], {}, {"id": ""}, {"id": 7}])
    def test_without_an_id_it_is_no_event(self, value: object) -> None:
        with pytest.raises(WrongShape):
            read_event(value)

    def test_another_event_is_no_answer(self, connect: Callable[..., GoogleCalendarClient]) -> None:
        with serving(answer({**EVENT, "id": "zzzzz"})) as script:
            with pytest.raises(Misconfigured):
                connect(script).event(CALENDAR, "abcde")
            with pytest.raises(OutcomeUnknown):
                connect(script).insert(CALENDAR, "abcde", EventChange(summary="x"))


class TestLogin:
    def test_a_401_brings_one_new_token(self, connect: Callable[..., GoogleCalendarClient]) -> None:
        tokens = FixedTokens()
        with serving(answer({}, status=401), answer(EVENT)) as script:
            connect(script, tokens=tokens).event(CALENDAR, "abcde")
        assert tokens.refused == [None, "first"]
        assert [seen.headers["authorization"] for seen in script.seen] == ["Bearer first", "Bearer second"]

    def test_a_second_401_is_the_end(self, connect: Callable[..., GoogleCalendarClient]) -> None:
        with serving(answer({}, status=401)) as script, pytest.raises(AuthFailed):
            connect(script).event(CALENDAR, "abcde")
        assert len(script.seen) == 2

    def test_observers_see_templates_and_no_values(self, connect: Callable[..., GoogleCalendarClient]) -> None:
        calls: list[Any] = []
        with serving(answer(EVENT)) as script:
            connect(script).with_observer(calls.append).for_employee("SB").event(CALENDAR, "abcde")
        assert [(call.system, call.path) for call in calls] == [
            ("google_calendar", "calendars/{calendarId}/events/{eventId}")
        ]


class TestQuota:
    class Counting(MemoryQuota):
        def __init__(self) -> None:
            super().__init__()
            self.taken: list[str] = []
            self.slowed: list[float | None] = []

        def take(self, account: str) -> None:
            self.taken.append(account)

        def slow(self, account: str, seconds: float | None) -> None:
            self.slowed.append(seconds)

    @pytest.mark.parametrize(
        "status, headers, reason, slowed",
        [
            (429, "Retry-After: 7\r\n", "rateLimitExceeded", [7.0]),
            (403, "", "rateLimitExceeded", [None]),
            (403, "", "quotaExceeded", []),
            (503, "Retry-After: 7\r\n", "backendError", []),
        ],
    )
    def test_what_google_says_slows_all(
        self, connect: Callable[..., GoogleCalendarClient], status: int, headers: str, reason: str, slowed: list[Any]
    ) -> None:
        quota = self.Counting()
        body = {"error": {"errors": [{"reason": reason}]}}
        with serving(answer(body, status=status, headers=headers)) as script, pytest.raises(RemoteError):
            connect(script, quota=quota).event(CALENDAR, "abcde")
        assert quota.slowed == slowed
        assert quota.taken == ["sync@x.iam.gserviceaccount.com"]

    def test_every_request_takes_its_place(self, connect: Callable[..., GoogleCalendarClient]) -> None:
        quota = self.Counting()
        with serving(answer({}, status=401), answer(EVENT)) as script:
            connect(script, quota=quota).event(CALENDAR, "abcde")
        assert len(quota.taken) == 2


class TestKeyFile:
    @pytest.fixture
    def fault_of(self, tmp_path: Path, key_file: str) -> Callable[[bytes | None], Misconfigured]:
        def found(content: bytes | None) -> Misconfigured:
            path = tmp_path / "key.json"
            if content is not None:
                path.write_bytes(content)
            with serving(answer(EVENT)) as script:
                client = GoogleCalendarClient(GoogleConfig(str(path), base_url=script.url), tokens=FixedTokens())
                with pytest.raises(Misconfigured) as caught:
                    client.event(CALENDAR, "abcde")
            assert script.seen == []
            assert caught.value.hint
            return caught.value

        return found

    def test_it_is_missing(self, fault_of: Callable[[bytes | None], Misconfigured]) -> None:
        assert fault_of(None).reason == "the key file does not exist"

    @pytest.mark.parametrize("content", [b"", b"nonsense", b"[1]", b"\xff\xfe", b"[" * 100_000, b"7"])
    def test_it_is_no_json(self, fault_of: Callable[[bytes | None], Misconfigured], content: bytes) -> None:
        assert fault_of(content).reason == "the key file is not JSON"

    @pytest.mark.parametrize("kind", ["authorized_user", None])
    def test_it_is_another_sort_of_key(
        self, fault_of: Callable[[bytes | None], Misconfigured], kind: str | None
    ) -> None:
        assert fault_of(json.dumps({"type": kind}).encode()).reason == "the key file is not that of a service account"

    @pytest.mark.parametrize("name", ["client_email", "token_uri", "private_key"])
    def test_it_is_incomplete(
        self, fault_of: Callable[[bytes | None], Misconfigured], key_file: str, name: str
    ) -> None:
        raw = json.loads(Path(key_file).read_text())
        assert "incomplete" in fault_of(json.dumps({**raw, name: ""}).encode()).reason

    @pytest.mark.parametrize("key", ["nonsense", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"])
    def test_it_holds_no_key(self, fault_of: Callable[[bytes | None], Misconfigured], key_file: str, key: str) -> None:
        raw = json.loads(Path(key_file).read_text())
        fault = fault_of(json.dumps({**raw, "private_key": key}).encode())
        assert fault.reason == "the key file holds no usable private key"
        assert key.strip() not in f"{fault} {fault.detail}"

    def test_it_is_a_folder(self, tmp_path: Path) -> None:
        client = GoogleCalendarClient(GoogleConfig(str(tmp_path)), tokens=FixedTokens())
        with pytest.raises(Misconfigured) as caught:
            client.event(CALENDAR, "abcde")
        assert caught.value.reason == "the key file cannot be read"
