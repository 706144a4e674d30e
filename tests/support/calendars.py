"""An office whose employees have calendars: both stand-ins over HTTP, and passes as their jobs run them."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from syncapp.core.requests import Source
from syncapp.core.states import Event
from syncapp.engine.rows import locks
from syncapp.engine.runs.sync_record import Order, SyncResult, sync_record
from syncapp.entities.appointments import due_passes
from syncapp.models import Appointment, CalendarEmployee, CalendarMode, CalendarPass
from syncapp.remotes.google_calendar import quota
from syncapp.remotes.google_calendar.calendars import Role
from syncapp.remotes.http import session
from syncapp.remotes.registry import forget, google_calendar_client
from tests.support.sandbox import Sandbox

USER = "kalender@kanzlei.example"
LISTS = {"advoware": {"GET": 1}, "google": {"GET": 1}}


def day(days: int) -> str:
    """So many days from today."""
    return (date.today() + timedelta(days=days)).isoformat()


def hours(days: int, start: str = "09:00", end: str = "10:00") -> dict[str, Any]:
    """Start and end of an event, as Google wants them."""
    return {
        name: {"dateTime": f"{day(days)}T{clock}:00", "timeZone": "Europe/Berlin"}
        for name, clock in (("start", start), ("end", end))
    }


@dataclass
class Office:
    """The installation under test, its calendars, and what people do in Advoware and Google."""

    sandbox: Sandbox
    settings: Any
    calendars: dict[str, str] = field(default_factory=dict)
    silent: set[str] = field(default_factory=set)  # shown to be silent, and nobody has touched anything since

    # --- employees and passes

    def hire(self, kuerzel: str = "SB", **columns: Any) -> CalendarEmployee:
        """An employee with an empty calendar in Google, live, and with writing to Advoware allowed."""
        google = google_calendar_client()
        made = google.create_calendar(f"Termine {kuerzel}", description=kuerzel)
        google.share(made.id, f"{kuerzel.lower()}@kanzlei.example", Role.WRITER)
        self.calendars[kuerzel] = made.id
        self.clear()
        chosen = {"calendar_id": made.id, "mode": CalendarMode.LIVE, "write_to_advoware": True, **columns}
        return CalendarEmployee.objects.create(kuerzel=kuerzel, **{"name": kuerzel, **chosen})

    def employee(self, kuerzel: str = "SB") -> CalendarEmployee:
        return CalendarEmployee.objects.get(kuerzel=kuerzel)

    def sync(self, kuerzel: str = "SB", *, event: Event = Event.CHANGED, **wanted: bool) -> SyncResult:
        """One pass, as the job of the clock would start it."""
        row = self.employee(kuerzel)
        due_passes.request_passes([row.pk], source=Source.SWEEP, cause="tests", event=event, **wanted)
        return sync_record(Order(row.pk, entity_name="calendars"))

    def settle(self, kuerzel: str = "SB", passes: int = 6) -> None:
        """Passes until one writes nothing, and that one is a full one."""
        for _number in range(passes):
            self.clear()
            self.sync(kuerzel, full=True)
            if not self.writes() and self.employee(kuerzel).status == "clean":
                self.silent.add(kuerzel)
                return
        row = self.employee(kuerzel)
        raise AssertionError((row.status, row.kind, row.fault, self.counts(), list(self.rows().values())))

    def due(self, kuerzel: str = "SB") -> None:
        """All waiting times are over; that of the calendar last, since whatever finds it due begins a pass at once."""
        past = timezone.now() - timedelta(hours=1)
        rows = Appointment.objects.filter(employee__kuerzel=kuerzel)
        rows.filter(wait_until__isnull=False).update(wait_until=past)
        rows.filter(empty_since__isnull=False).update(empty_since=past - timedelta(hours=1))
        for row in CalendarEmployee.objects.filter(kuerzel=kuerzel):
            if row.doubt:
                CalendarEmployee.objects.filter(pk=row.pk).update(doubt=row.doubt | {"at": past.isoformat()})
        CalendarEmployee.objects.filter(kuerzel=kuerzel, next_retry_at__isnull=False).update(next_retry_at=past)

    def expire_lease(self, kuerzel: str = "SB") -> None:
        """The pass that held the calendar is dead."""
        CalendarEmployee.objects.filter(kuerzel=kuerzel).update(lease_expires=timezone.now() - timedelta(hours=1))
        locks.remove(f"calendar:{kuerzel}")

    def is_silent(self, kuerzel: str = "SB") -> None:
        """P6: a further pass makes the two list calls and writes nothing."""
        self.clear()
        result = self.sync(kuerzel)
        assert (result.status, self.counts()) == ("clean", LISTS), (result, self.counts(), self.employee().fault)
        self.silent.add(kuerzel)

    def ends_silently(self, passes: int = 6) -> None:
        """P6, after everything: once all faults are lifted, passes come to one that writes nothing, and stay there."""
        self.sandbox.heal()
        rows = CalendarEmployee.objects.filter(mode=CalendarMode.LIVE, active=True, hold="")
        for row in rows.exclude(kuerzel__in=self.silent):
            self.due(row.kuerzel)
            for _number in range(passes):
                if not self._writes_of(row.kuerzel, full=True):
                    break
            assert self._writes_of(row.kuerzel) == 0, (
                row.kuerzel,
                self.counts(),
                list(self.rows(row.kuerzel).values()),
            )

    def _writes_of(self, kuerzel: str, **wanted: bool) -> int:
        self.clear()
        self.sync(kuerzel, **wanted)
        return self.writes()

    # --- what is there

    def row(self, fr_nr: int, kuerzel: str = "SB") -> Appointment:
        return Appointment.objects.get(employee__kuerzel=kuerzel, fr_nr=fr_nr)

    def rows(self, kuerzel: str = "SB") -> "dict[int | None, Appointment]":
        return {row.fr_nr: row for row in Appointment.objects.filter(employee__kuerzel=kuerzel)}

    def last_pass(self, kuerzel: str = "SB") -> CalendarPass:
        return CalendarPass.objects.filter(kuerzel=kuerzel).latest("pk")

    def event(self, fr_nr: int, kuerzel: str = "SB") -> Any:
        return google_calendar_client().event(self.calendars[kuerzel], self.row(fr_nr, kuerzel).google_id)

    def occurrence(self, own: str, kuerzel: str = "SB") -> Any:
        return google_calendar_client().event(self.calendars[kuerzel], own)

    def events(self, kuerzel: str = "SB") -> list[Any]:
        """The living events of a calendar, exceptions of series left out."""
        found = google_calendar_client().events(self.calendars[kuerzel]).events
        return [event for event in found if not event.cancelled and not event.recurring_event_id]

    def termine(self, kuerzel: str = "SB") -> dict[int, dict[str, Any]]:
        rows = self.sandbox.state()["termine"]
        return {row["frNr"]: row for row in rows if row["anwalt"] == kuerzel}

    # --- what people do

    def _touched(self) -> None:
        self.silent.clear()

    def enter(self, days: int = 1, kuerzel: str = "SB", **fields: Any) -> int:
        """A Termin of Advoware; its frNr."""
        self._touched()
        common = {"anwalt": kuerzel, "datum": day(days), "uhrzeitVon": "09:00:00", "uhrzeitBis": "10:00:00"}
        return int(self.sandbox.add_termin(**{**common, "text": "Besprechung", **fields})["frNr"])

    def edit(self, fr_nr: int, **fields: Any) -> None:
        self._touched()
        self.sandbox.control.tell(f"advoware/termine/{fr_nr}", **fields)

    def damage(self, fr_nr: int, **fields: Any) -> None:
        """As no person could enter it: what an older program left behind."""
        self._touched()
        self.sandbox.control.tell(f"advoware/termine/{fr_nr}/damage", **fields)

    def remove(self, fr_nr: int) -> None:
        self._touched()
        self.sandbox.control.tell(f"advoware/termine/{fr_nr}/delete")

    def in_google(self, act: str, event: str = "", kuerzel: str = "SB", **body: Any) -> dict[str, Any]:
        self._touched()
        return self.sandbox.in_google(act, self.calendars[kuerzel], event, **body)

    def type_in(self, days: int = 2, kuerzel: str = "SB", **body: Any) -> str:
        """An event that the employee makes; its id."""
        made = self.in_google("insert", kuerzel=kuerzel, **{"summary": "Zahnarzt", **hours(days), **body})
        return str(made["id"])

    def move(self, own: str, to: str, kuerzel: str = "SB") -> None:
        """Into a colleague's calendar, by hand: Google keeps the event's id, and all that it holds."""
        (event,) = (one for one in self.events(kuerzel) if one.id == own)
        sides = {"start": event.start.date_time, "end": event.end.date_time}
        times = {name: {"dateTime": at, "timeZone": "Europe/Berlin"} for name, at in sides.items()}
        texts = {name: getattr(event, name) for name in ("summary", "location", "description", "visibility")}
        kept = {**texts, **times}
        self.in_google("delete", own, kuerzel)
        self.in_google("insert", "", to, id=own, extendedProperties={"private": dict(event.properties)}, **kept)

    # --- calls

    def clear(self) -> None:
        self.sandbox.clear_calls()

    def counts(self) -> dict[str, dict[str, int]]:
        return {system: found for system, found in self.sandbox.counts().items() if found}

    def writes(self) -> int:
        return sum(number for found in self.counts().values() for method, number in found.items() if method != "GET")


# What `every_kind_of_write` leaves on both sides, by its texts.
LEFT = ("T0 neu", "T1 neu", "neu dort", "neu hier")


def every_kind_of_write(office: Office) -> tuple[int, int]:
    """A calendar in which the next pass has one write of each kind to make; the Termine changed there, and here."""
    office.hire()
    changed_there, changed_here, gone_there = (office.enter(number + 1, text=f"T{number}") for number in range(3))
    office.sync()
    own = office.type_in(8, summary="von hier")
    office.sync()
    office.enter(9, text="neu dort")
    office.type_in(10, summary="neu hier")
    office.edit(changed_there, text="T0 neu")
    office.in_google("change", office.row(changed_here).google_id, summary="T1 neu")
    office.remove(gone_there)
    office.in_google("delete", own)
    return changed_there, changed_here


def series_with_a_moved_occurrence(office: Office) -> tuple[int, str]:
    """A weekly series of Advoware's, of which one occurrence was put elsewhere in Google, with its words; its number,
    and the occurrence's id."""
    office.hire()
    weekly = {"dauertermin": 1, "turnus": 1, "turnusArt": 2, "datumBis": day(60)}
    number = office.enter(1, text="Müller ./. Huber", ort="Saal 3", notiz="Az 12/26", **weekly)
    office.sync()
    start = datetime.fromisoformat(f"{day(8)}T09:00:00").replace(tzinfo=ZoneInfo("Europe/Berlin")).astimezone(UTC)
    moved = f"{office.row(number).google_id}_{start:%Y%m%dT%H%M%SZ}"
    office.in_google("change", moved, **hours(8, "14:00", "15:00"))
    office.sync()
    assert office.occurrence(moved).summary == "Müller ./. Huber"
    return number, moved


@pytest.fixture
def office(
    live: None,
    sandbox: Sandbox,
    redis_client: object,
    settings: Any,
    tmp_path_factory: pytest.TempPathFactory,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Office]:
    """At the end of every test: a further pass writes nothing (P6). One key for all: making it costs more."""
    monkeypatch.setattr(session, "CONNECT_TIMEOUT", 0.5)
    monkeypatch.setattr(quota, "SLOWED_SECONDS", 0.05)
    settings.GOOGLE_SERVICE_ACCOUNT_FILE = sandbox.google_key(tmp_path_factory.getbasetemp())
    settings.GOOGLE_CALENDAR_API_URL = sandbox.google_url
    settings.GOOGLE_DELEGATED_USER = USER
    settings.GOOGLE_TIMEOUT_SECONDS = 2
    settings.ADVOWARE_TIMEOUT_SECONDS = 2
    forget()
    made = Office(sandbox, settings)
    yield made
    made.ends_silently()


@contextmanager
def before_write(act: Callable[[], None]) -> Iterator[None]:
    """`act` happens once, after a pass has read and before it writes."""
    from syncapp.entities.appointments import write

    true_send, done = write.send, []

    def send(*args: Any) -> Any:
        if not done:
            done.append(True)
            act()
        return true_send(*args)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(write, "send", send)
        yield
