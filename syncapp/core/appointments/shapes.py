"""What both sides hand in and what is written to them: Termine, events, and the changes of either.

Purpose: the remotes make the first two from what comes over the wire and send the others; nobody else sees JSON.
Invariant: texts are as they came, unread: `canonical.py` alone says what they mean, so that two spellings of one time
are never told apart anywhere else. In a change, None means "leave as it is": the key is not sent.
To extend: a further field is a field here, its reading in `canonical.py` and its writing in `drafts.py`.

What the remotes have to know:

| shape | how it is read or sent |
| --- | --- |
| GoogleTime | `date` or `date_time`, the other one ""; a PATCH sends both keys, the empty one as null |
| EventChange.recurrence | () means: no series any more, sent as [] |
| EventChange.properties | private extended properties; a PATCH merges them |
| EventChange | never has guests; every call carries sendUpdates=none |
| Termin.all_day | None where this Advoware has no field for it; a change's `all_day` is sent only where it has |
| Termin.masked | the remote is sure that text, ort and notiz are not the real ones |
| Termin.several_rows | it came as several rows, for each employee perhaps: whom a PUT means is unknown |
| TerminChange | laid over the whole object as it was just read (`raw`), without its twin fields |
"""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class GoogleTime:
    """`start`, `end` or `originalStartTime` of an event."""

    date: str = ""
    date_time: str = ""
    time_zone: str = ""


@dataclass(frozen=True, slots=True)
class CalendarEvent:
    """One item of `events.list` or `events.get`; a deleted one may hold no more than id and status.

    organised_here: `organizer.self`, true where Google says nothing about an organiser.
    """

    id: str
    status: str = "confirmed"
    etag: str = ""
    updated: str = ""
    start: GoogleTime = GoogleTime()
    end: GoogleTime = GoogleTime()
    recurrence: tuple[str, ...] = ()
    summary: str = ""
    location: str = ""
    description: str = ""
    visibility: str = "default"
    recurring_event_id: str = ""
    original_start: GoogleTime = GoogleTime()
    attendees: tuple[str, ...] = ()
    organised_here: bool = True
    event_type: str = "default"
    properties: Mapping[str, str] = field(default_factory=dict)

    @property
    def cancelled(self) -> bool:
        return self.status == "cancelled"


@dataclass(frozen=True, slots=True)
class AdvowareTermin:
    """One Termin of Advoware; negative numbers are entries that Advoware derives from others (`special`).

    stamp: whatever tells versions apart here, "" where there is nothing; a hint, never a proof.
    """

    fr_nr: int
    anwalt: str = ""
    datum: str = ""
    datum_bis: str = ""
    uhrzeit_von: str = ""
    uhrzeit_bis: str = ""
    text: str = ""
    ort: str = ""
    notiz: str = ""
    privat: bool = False
    dauertermin: bool = False
    turnus: int = 0
    turnus_art: int = 0
    all_day: bool | None = None
    masked: bool = False
    several_rows: bool = False
    stamp: str = ""
    raw: Mapping[str, object] = field(default_factory=dict, compare=False, hash=False)


@dataclass(frozen=True, slots=True)
class EventChange:
    """The body of an insert (everything that is not None) or of a PATCH (only what changes)."""

    start: GoogleTime | None = None
    end: GoogleTime | None = None
    recurrence: tuple[str, ...] | None = None
    summary: str | None = None
    location: str | None = None
    description: str | None = None
    visibility: str | None = None
    properties: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class TerminChange:
    """The body of a POST (everything that is not None), or what a PUT lays over the object that was read.

    datum, datum_bis: `YYYY-MM-DD`. uhrzeit_von, uhrzeit_bis: `HH:MM:SS`. notiz has LF; the remote writes CRLF.
    """

    anwalt: str | None = None
    datum: str | None = None
    datum_bis: str | None = None
    uhrzeit_von: str | None = None
    uhrzeit_bis: str | None = None
    text: str | None = None
    ort: str | None = None
    notiz: str | None = None
    privat: bool | None = None
    dauertermin: bool | None = None
    turnus: int | None = None
    turnus_art: int | None = None
    all_day: bool | None = None
