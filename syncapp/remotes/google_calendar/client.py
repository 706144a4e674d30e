"""Google's Calendar API as plain calls: calendars, their list and shares, events.

Invariants. No call writes guests or mails anybody (`sendUpdates=none`, `sendNotifications=false`). PATCH and DELETE of
an event go under If-Match: whoever changed it meanwhile wins, as VersionConflict. An insert has an id of ours, so it
may be repeated: the second one is a Duplicate. A list counts only as a whole: without its last page there is no sync
token. On a 401 there is one new token and one repetition. Before each request its place in Google's quota is taken.

To extend: add a method that builds a Request and a reader; oddities go to quirks.py, refusals to answers.py.
"""

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from typing import TypeVar

from syncapp.core.appointments.shapes import CalendarEvent, EventChange
from syncapp.core.systems import System
from syncapp.remotes.google_calendar.answers import ANSWERS
from syncapp.remotes.google_calendar.calendars import Calendar, Page, Role, Share, read_calendar, read_page, read_share
from syncapp.remotes.google_calendar.events import LIST_PARAMS, body_of, event_with, newest, read_events
from syncapp.remotes.google_calendar.quota import MemoryQuota
from syncapp.remotes.google_calendar.tokens import ServiceAccountKey, read_token, service_account
from syncapp.remotes.http.errors import NotFound, Transient
from syncapp.remotes.http.exchange import Request
from syncapp.remotes.http.session import RemoteClient, RemoteSession
from syncapp.remotes.http.tokens import MemoryTokenStore, Token, bearing, with_token

T = TypeVar("T")
TOKEN_TIMEOUT = 20.0
QUOTA_USER_LENGTH = 40
MAX_PAGES = 1000
SILENT = (("sendUpdates", "none"),)
UNTOLD = (("sendNotifications", "false"),)
TOO_FAST = (403, 429)


@dataclass(frozen=True)
class GoogleConfig:
    """`delegated_user`: who is acted for, with domain-wide delegation; "": the service account itself."""

    key_file: str
    base_url: str = "https://www.googleapis.com/calendar/v3"
    delegated_user: str = ""
    timeout: float = 30.0


@dataclass(frozen=True)
class EventFeed:
    """What `events` read: all of it or what changed since, tombstones included, and where to go on from."""

    events: tuple[CalendarEvent, ...]
    sync_token: str


class GoogleCalendarClient(RemoteClient):
    def __init__(self, config: GoogleConfig, *, tokens: MemoryTokenStore, quota: MemoryQuota | None = None) -> None:
        self.config = config
        self._tokens = tokens
        self._quota = quota or MemoryQuota()
        self._quota_user = ""
        self._api = RemoteSession(answers=ANSWERS, base_url=config.base_url, timeout=config.timeout)

    def for_employee(self, kuerzel: str) -> "GoogleCalendarClient":
        """Google counts this employee's requests by themselves, as far as it does."""
        return self._like(_quota_user=kuerzel[:QUOTA_USER_LENGTH])

    def acting_as(self, user: str) -> "GoogleCalendarClient":
        """In the name of another user of the organisation; only with domain-wide delegation."""
        return self._like(config=replace(self.config, delegated_user=user))

    @property
    def acting_account(self) -> str:
        """Who makes the requests, and owns what is made. Misconfigured if the key file is not good."""
        return self.config.delegated_user or self._account.email

    # --- calendars

    def create_calendar(self, summary: str, *, description: str) -> Calendar:
        """Not repeatable: after OutcomeUnknown look through `calendars` for what was made. Google allows few a day."""
        body = {"summary": summary, "description": description, "timeZone": "Europe/Berlin"}
        return self._call(Request("POST", "calendars", body=body), read_calendar)

    def calendar(self, calendar_id: str) -> Calendar:
        return self._call(Request("GET", "calendars/{calendarId}", {"calendarId": calendar_id}), read_calendar)

    def delete_calendar(self, calendar_id: str) -> None:
        """Never the acting account's own first calendar: Google refuses that."""
        self._call(Request("DELETE", "calendars/{calendarId}", {"calendarId": calendar_id}), _nothing)

    def calendars(self) -> tuple[Calendar, ...]:
        """The calendars in the acting account's list."""
        request = Request("GET", "users/me/calendarList", params=(("maxResults", "250"),))
        return self._all(request, read_calendar)

    def add_to_list(self, calendar_id: str) -> Calendar:
        """Puts a calendar into the acting account's own list."""
        return self._call(Request("POST", "users/me/calendarList", body={"id": calendar_id}), read_calendar)

    # --- shares

    def share(self, calendar_id: str, address: str, role: Role) -> Share:
        """Repeatable: the rule of an address is one. That Google takes it does not prove that the address exists."""
        body = {"role": role.value, "scope": {"type": "user", "value": address}}
        request = Request("POST", "calendars/{calendarId}/acl", {"calendarId": calendar_id}, UNTOLD, body)
        return self._call(request, read_share)

    def shares(self, calendar_id: str) -> tuple[Share, ...]:
        request = Request("GET", "calendars/{calendarId}/acl", {"calendarId": calendar_id}, (("maxResults", "250"),))
        return self._all(request, read_share)

    # --- events

    def events(self, calendar_id: str, *, sync_token: str = "") -> EventFeed:
        """Everything, or with a token what changed since. SyncTokenExpired: read everything, delete nothing by that."""
        since = (("syncToken", sync_token),) if sync_token else ()
        values = {"calendarId": calendar_id}
        request = Request("GET", "calendars/{calendarId}/events", values, (*LIST_PARAMS, *since))
        pages = list(self._pages(request, partial(read_events, calendar_id)))
        return EventFeed(newest(event for page in pages for event in page.items), pages[-1].sync_token)

    def event(self, calendar_id: str, event_id: str) -> CalendarEvent:
        """Also one that is deleted: its status says so. NotFound says nothing while the calendar cannot be read."""
        values = {"calendarId": calendar_id, "eventId": event_id}
        return self._call(
            Request("GET", "calendars/{calendarId}/events/{eventId}", values),
            partial(event_with, event_id, calendar_id),
        )

    def insert(self, calendar_id: str, event_id: str, change: EventChange) -> CalendarEvent:
        """Repeatable. Duplicate: the id is taken, by an event that may be deleted: `event` tells."""
        values, body = {"calendarId": calendar_id}, {"id": event_id, **body_of(change, whole=True)}
        request = Request("POST", "calendars/{calendarId}/events", values, SILENT, body)
        return self._call(request, partial(event_with, event_id, calendar_id))

    def patch(self, calendar_id: str, event: CalendarEvent, change: EventChange) -> CalendarEvent:
        """Only what `change` names, and only if the event is still the one that was read."""
        request = self._on(event, "PATCH", calendar_id, body_of(change, whole=False))
        return self._call(request, partial(event_with, event.id, calendar_id))

    def delete(self, calendar_id: str, event: CalendarEvent) -> bool:
        """Whether it was there to be deleted; False if it was gone already, which is just as good.

        A 404 counts only once the calendar was seen: it is the answer of a calendar closed to us, too (CalendarGone).
        """
        try:
            self._call(self._on(event, "DELETE", calendar_id, None), _nothing)
        except NotFound as missing:
            if missing.status == 404:
                self.calendar(calendar_id)
            return False
        return True

    def _on(self, event: CalendarEvent, method: str, calendar_id: str, body: object) -> Request:
        if not event.etag:
            raise ValueError("an event without etag would be written whatever it is now")
        values = {"calendarId": calendar_id, "eventId": event.id}
        headers = {"If-Match": event.etag}
        return Request(method, "calendars/{calendarId}/events/{eventId}", values, SILENT, body, headers)

    def _pages(self, request: Request, read: Callable[[object], Page[T]]) -> Iterator[Page[T]]:
        """Page by page; a list counts only as a whole."""
        page_token = ""
        for _number in range(MAX_PAGES):
            more: tuple[tuple[str, str], ...] = (("pageToken", page_token),) if page_token else ()
            page = self._call(replace(request, params=(*request.params, *more)), read)
            yield page
            page_token = page.next_page
            if not page_token:
                return
        raise Transient("the list does not end", system=System.GOOGLE_CALENDAR, operation=request.operation)

    def _all(self, request: Request, read: Callable[[object], T]) -> tuple[T, ...]:
        return tuple(item for page in self._pages(request, partial(read_page, read)) for item in page.items)

    # --- login and quota

    @property
    def _account(self) -> ServiceAccountKey:
        return service_account(self.config.key_file)

    def check_key(self) -> None:
        """Misconfigured where the key file is not good; nothing is asked of Google."""
        service_account(self.config.key_file)

    def check_login(self) -> None:
        """Asks for a token as the next call would, and fails as it would; for `doctor`."""
        self._token(self._account, None)

    def _call(self, request: Request, read: Callable[[object], T]) -> T:
        return with_token(partial(self._token, self._account), partial(self._send, request, read))

    def _send(self, request: Request, read: Callable[[object], T], token: str) -> T:
        account = self.acting_account
        self._quota.take(account)
        user = (("quotaUser", self._quota_user),) if self._quota_user else ()
        signed = bearing(replace(request, params=(*request.params, *user)), token)
        try:
            return self._api.call(signed, read, observers=self._observers)
        except Transient as later:
            if later.status in TOO_FAST:
                self._quota.slow(account, later.retry_after)
            raise

    def _token(self, account: ServiceAccountKey, refused: str | None) -> str:
        parts = f"{account.fingerprint} {self.config.delegated_user}".encode()
        key = hashlib.sha256(parts).hexdigest()[:32]
        return self._tokens.token(key=key, fetch=partial(self._fetch_token, account), refused=refused)

    def _fetch_token(self, account: ServiceAccountKey) -> Token:
        base, _, path = account.token_uri.rpartition("/")
        timeout = min(self.config.timeout, TOKEN_TIMEOUT)
        session = RemoteSession(answers=ANSWERS, base_url=base, timeout=timeout)
        request = account.token_request(path, delegated_user=self.config.delegated_user)
        return session.call(request, read_token, observers=self._observers)


def _nothing(value: object) -> None:
    """What a DELETE answers is nothing, whatever it looks like."""
