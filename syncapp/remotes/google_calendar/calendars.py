"""Google's calendars, their list and their shares between JSON and values.

Invariant: an answer counts only if it is recognisably what was asked for.
To extend: a further field is a line in its reader.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, TypeVar

from syncapp.remotes.http.exchange import WrongShape, list_of, object_of, text_in

T = TypeVar("T")


class Role(StrEnum):
    """What somebody may do in a calendar that is shared with them; see calendar roles in Google's documentation."""

    NONE = "none"
    FREE_BUSY_READER = "freeBusyReader"
    READER = "reader"
    WRITER_WITHOUT_PRIVATE = "writerWithoutPrivateAccess"
    WRITER = "writer"
    OWNER = "owner"


@dataclass(frozen=True)
class Calendar:
    id: str
    summary: str
    description: str


@dataclass(frozen=True)
class Share:
    """One rule of who may do what. `scope` is `user`, `group`, `domain` or `default`; `role` in Google's word."""

    id: str
    scope: str
    address: str
    role: str


@dataclass(frozen=True)
class Page(Generic[T]):
    """One page of a list. `next_page` is "" on the last; a `sync_token` comes with the last of events alone."""

    items: tuple[T, ...]
    next_page: str
    sync_token: str


def read_calendar(value: object) -> Calendar:
    """Of calendars and of calendarList, which adds more to the same."""
    raw = object_of(value)
    calendar_id = text_in(raw, "id")
    if not calendar_id:
        raise WrongShape("a calendar without id")
    return Calendar(calendar_id, text_in(raw, "summary") or "", text_in(raw, "description") or "")


def read_share(value: object) -> Share:
    raw = object_of(value)
    rule_id, role, scope = text_in(raw, "id"), text_in(raw, "role"), object_of(raw.get("scope"))
    if not rule_id or not role:
        raise WrongShape("a share without id or role")
    return Share(rule_id, text_in(scope, "type") or "", text_in(scope, "value") or "", role)


def read_page(read: Callable[[object], T], value: object) -> Page[T]:
    """read: one item. An empty page may lack the key, or name it without a list."""
    body = object_of(value)
    items = body.get("items")
    found = () if items is None else list_of(items)
    return Page(tuple(map(read, found)), text_in(body, "nextPageToken") or "", text_in(body, "nextSyncToken") or "")
