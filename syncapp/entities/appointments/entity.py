"""Calendars, as the engine runs them: the leased row is an employee's calendar, a run is a pass over it.

Purpose: the row of engine/registry.py for calendars; every step is a module of this folder.
"""

from syncapp.core.appointments.policy import CalendarSide
from syncapp.engine import registry
from syncapp.engine.runs.run import CallLog
from syncapp.entities.appointments import due_passes, neutral
from syncapp.entities.appointments.apply import apply
from syncapp.entities.appointments.check import check, plan
from syncapp.entities.appointments.clients import SYSTEMS, CalendarClients, configured_clients
from syncapp.entities.appointments.read import read
from syncapp.entities.appointments.result import result_of
from syncapp.models import CalendarEmployee, CalendarMode, Control, Mode
from syncapp.remotes.http.errors import RemoteError
from syncapp.remotes.registry import google_calendar_in_use

NAME = "calendars"


class Calendars(registry.Entity):
    """See engine/registry.py for what each of these is asked for.

    No webhook tells of appointments; nothing is derived from the row; nobody but a person ends a calendar, so there is
    none that could be back; and of a failure pages, alerts and doctor tell, since nobody looks for it in either system.
    due_passes.py says hour by hour whose pass is due, so a sweep does nothing here.
    """

    name = NAME
    model = CalendarEmployee
    job = due_passes.JOB
    queue = due_passes.QUEUE
    urgent_queue = due_passes.QUEUE
    systems = SYSTEMS
    sides = tuple(CalendarSide)
    read = staticmethod(read)
    plan = staticmethod(plan)
    check = staticmethod(check)
    apply = staticmethod(apply)
    result_of = staticmethod(result_of)

    @property
    def in_use(self) -> bool:
        return google_calendar_in_use()

    def probe(self, system: str) -> RemoteError | None:
        return neutral.trouble_of(system, configured_clients())

    def answers(self, system: str, tools: CalendarClients) -> bool:
        return neutral.trouble_of(system, tools) is None

    def equip(self, calls: CallLog) -> CalendarClients:
        return configured_clients().counted_by(calls)

    def may_write(self, row: CalendarEmployee, switches: Control, tools: CalendarClients) -> bool:
        return switches.mode == Mode.LIVE and row.mode == CalendarMode.LIVE


registry.register(Calendars())
