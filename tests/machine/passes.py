"""Passes as jobs run them, over model calendars: the clients in front of the models, and a calendar made of rows.

Purpose: a story that was written for the plan alone (tests/core/appointments) is told to the services and a database.
Invariant: a killed pass leaves what a killed process leaves: committed rows, and a lease that nobody gives back.
"""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, ClassVar

from django.utils import timezone

from syncapp.core.appointments.plan_shapes import Plan, ReadOutcome
from syncapp.core.appointments.rows import AppointmentPair
from syncapp.core.appointments.shapes import AdvowareTermin, CalendarEvent
from syncapp.core.requests import Source
from syncapp.core.states import Event, Status
from syncapp.core.systems import System
from syncapp.engine.runs.sync_record import Order, sync_record
from syncapp.entities.appointments import due_passes
from syncapp.entities.appointments.clients import CalendarClients
from syncapp.entities.appointments.entity import NAME
from syncapp.entities.appointments.rows.loading import load
from syncapp.models import Appointment, CalendarEmployee, CalendarMode, Control
from syncapp.remotes.google_calendar.client import EventFeed
from syncapp.remotes.http.errors import (
    Duplicate,
    Forbidden,
    NotFound,
    OutcomeUnknown,
    SyncTokenExpired,
    Transient,
    VersionConflict,
)
from syncapp.remotes.http.exchange import Recognised
from tests.core.appointments.world import Calendar, Crash, LostAnswer, Refused

LONG_AGO = timedelta(days=3650)
true_now = timezone.now


class Killed(BaseException):
    """kill -9: nobody catches it."""


@contextmanager
def _answers(system: System) -> Iterator[None]:
    """What the models refuse or lose, as the clients say it."""
    where: Any = {"system": system, "operation": "machine"}
    try:
        yield
    except Crash:
        raise Killed from None
    except LostAnswer:
        raise (OutcomeUnknown if system is System.ADVOWARE else Transient)("no answer", **where) from None
    except Refused as refused:
        kinds = {409: Duplicate, 412: VersionConflict, 404: NotFound, 410: NotFound, 403: Forbidden}
        raise kinds[refused.status](status=refused.status, **where) from None


class _Client:
    def with_observer(self, _observer: object) -> Any:
        return self


class AdvowareInFront(_Client):
    seen_alive = True

    def __init__(self, calendar: Calendar) -> None:
        self.model = calendar.advoware

    def termine(self, kuerzel: str, *, first: date, last: date) -> tuple[AdvowareTermin, ...]:
        return tuple(self.model.read_list(kuerzel, first.isoformat(), last.isoformat()))

    def termine_unless(
        self, known: str, kuerzel: str, *, first: date, last: date
    ) -> Recognised[tuple[AdvowareTermin, ...]]:
        found = self.termine(kuerzel, first=first, last=last)
        digest = hashlib.sha256(repr(found).encode()).hexdigest()
        return Recognised(digest, digest == known, lambda: found)

    def termin(self, fr_nr: int) -> AdvowareTermin:
        found = self.model.get(fr_nr)
        if found.termin is None:
            status = 200 if found.outcome is ReadOutcome.empty else 404
            raise NotFound("no such object", system=System.ADVOWARE, operation="machine", status=status)
        return found.termin

    def create_termin(self, change: Any) -> int:
        with _answers(System.ADVOWARE):
            return self.model.post(change)

    def update_termin(self, current: AdvowareTermin, change: Any) -> None:
        with _answers(System.ADVOWARE):
            self.model.put(current.fr_nr, change)

    def delete_termin(self, fr_nr: int) -> None:
        with _answers(System.ADVOWARE):
            self.model.delete(fr_nr)


class GoogleInFront(_Client):
    def __init__(self, calendar: Calendar) -> None:
        self.model = calendar.google

    def for_employee(self, _kuerzel: str) -> "GoogleInFront":
        return self

    def calendar(self, _calendar_id: str) -> None:
        """It is there."""

    def events(self, _calendar_id: str, *, sync_token: str = "") -> EventFeed:
        if sync_token and self.model.token_expired:
            self.model.token_expired = False
            raise SyncTokenExpired(system=System.GOOGLE_CALENDAR, operation="machine", status=410)
        events, token, _full = self.model.read_list(int(sync_token) if sync_token else None)
        return EventFeed(tuple(events), str(token))

    def event(self, _calendar_id: str, event_id: str) -> CalendarEvent:
        self.model.calls.append("get")
        event = self.model.events.get(event_id)
        if event is None:
            raise NotFound(system=System.GOOGLE_CALENDAR, operation="machine", status=404)
        return event

    def insert(self, _calendar_id: str, event_id: str, change: Any) -> CalendarEvent:
        with _answers(System.GOOGLE_CALENDAR):
            return self.model.insert(event_id, change)

    def patch(self, _calendar_id: str, event: CalendarEvent, change: Any) -> CalendarEvent:
        with _answers(System.GOOGLE_CALENDAR):
            return self.model.patch(event.id, event.etag, change)

    def delete(self, _calendar_id: str, event: CalendarEvent) -> bool:
        with suppress(NotFound), _answers(System.GOOGLE_CALENDAR):
            self.model.delete(event.id, event.etag)
            return True
        return False


@dataclass
class PassedCalendar(Calendar):
    """One employee, whose rows are in the database and whose passes are those of a job."""

    at_work: ClassVar["PassedCalendar"]

    def __post_init__(self) -> None:
        PassedCalendar.at_work = self
        self.pk = CalendarEmployee.objects.create(
            kuerzel=self.employee.kuerzel,
            calendar_id=self.employee.calendar_id,
            mode=CalendarMode.LIVE,
            full_content=self.employee.full_content,
            write_to_advoware=self.employee.write_to_advoware,
        ).pk

    @property
    def clients(self) -> CalendarClients:
        return CalendarClients(AdvowareInFront(self), GoogleInFront(self))  # type: ignore[arg-type]

    @property
    def rows(self) -> dict[int, AppointmentPair]:  # type: ignore[override]
        """As they are stored; read once until something is written."""
        if self._rows is None:
            loaded = load(CalendarEmployee(pk=self.pk))
            self._rows = {one.pair.id: one.pair for one in loaded if one.pair.id is not None}
        return self._rows

    @rows.setter
    def rows(self, _rows: object) -> None:
        self._rows: dict[int, AppointmentPair] | None = None

    def changed(self) -> None:
        self._rows = None

    def backed_up(self) -> Any:
        names = ("sync_token", "standstill", "last_full_pass")
        employee = CalendarEmployee.objects.filter(pk=self.pk).values(*names).get()
        return list(Appointment.objects.filter(employee=self.pk)), employee

    def put_back(self, kept: Any) -> None:
        rows, employee = kept
        Appointment.objects.filter(employee=self.pk).delete()
        Appointment.objects.bulk_create(rows)
        CalendarEmployee.objects.filter(pk=self.pk).update(**employee)
        self.changed()

    def decide(self, pair: AppointmentPair, question: str, choice: str) -> None:
        row = Appointment.objects.get(pk=pair.id)
        Appointment.objects.filter(pk=pair.id).update(decided={**row.decided, question: choice})
        self.changed()

    def _pass(self, daily: bool) -> None:
        """What looks too short to be true is read again after a minute, by a pass of its own."""
        PassedCalendar.at_work = self
        self.last = Plan()
        self._job(daily)
        if CalendarEmployee.objects.get(pk=self.pk).doubt:
            self.now += timedelta(minutes=2)
            self._job(daily)

    def _job(self, daily: bool) -> None:
        rows = CalendarEmployee.objects.filter(pk=self.pk)
        past = true_now() - LONG_AGO
        rows.filter(next_retry_at__isnull=False).update(next_retry_at=past)
        rows.exclude(lease_token="").update(lease_expires=past)
        Control.objects.update(held_sides=[side.value for side in self.held_sides])
        failed = rows.filter(status__in=(Status.FAILED, Status.PERMANENTLY_FAILED)).exists()
        event = Event.RESET if failed else Event.CHANGED
        due_passes.request_passes([self.pk], source=Source.SWEEP, cause="machine", full=daily, force=daily, event=event)
        rows.update(released=dict.fromkeys(self.released, rows.get().requested))
        with suppress(Killed):
            sync_record(Order(self.pk, entity_name=NAME, forced=True))
