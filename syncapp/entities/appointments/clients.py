"""What a pass works with: both clients, counted; and what somebody does who only looks."""

from dataclasses import dataclass

from syncapp.core.systems import System
from syncapp.engine.runs.run import CallLog, RunContext
from syncapp.models import CalendarEmployee, Control
from syncapp.remotes.advoware.client import AdvowareClient
from syncapp.remotes.google_calendar.client import GoogleCalendarClient
from syncapp.remotes.registry import advoware_client, google_calendar_client

# Whom a pass calls: another system that is down does not hold it up.
SYSTEMS = (System.ADVOWARE, System.GOOGLE_CALENDAR)


@dataclass(frozen=True, slots=True)
class CalendarClients:
    advoware: AdvowareClient
    google: GoogleCalendarClient

    def counted_by(self, calls: CallLog) -> "CalendarClients":
        return CalendarClients(self.advoware.with_observer(calls), self.google.with_observer(calls))


@dataclass(frozen=True, slots=True)
class Onlooker:
    """Somebody who reads and holds nothing."""

    row: CalendarEmployee
    tools: CalendarClients
    control: Control
    may_write: bool = False

    def renew(self) -> None:
        """There is no lease to prolong."""


PassContext = RunContext[CalendarClients, CalendarEmployee]
ReadContext = PassContext | Onlooker


def google_of(context: ReadContext) -> GoogleCalendarClient:
    """Google counts by the employee, as far as it does."""
    return context.tools.google.for_employee(context.row.kuerzel)


def configured_clients() -> CalendarClients:
    return CalendarClients(advoware_client(), google_calendar_client())
