"""Calendars, as the engine runs them: the leased row is an employee's calendar, a run is a pass over it.

Purpose: the row of engine/registry.py for calendars; every step is a module of this folder.
"""

from contextlib import AbstractContextManager, nullcontext
from typing import Any

from django.db.models import Q

from syncapp.core.appointments.policy import CalendarSide
from syncapp.core.echoes import Judged
from syncapp.core.faults.retry import FailurePlan
from syncapp.engine import registry
from syncapp.engine.runs.run import CallLog, Failed, RunLog
from syncapp.entities.appointments import due_passes, neutral
from syncapp.entities.appointments.apply import apply
from syncapp.entities.appointments.check import check, plan
from syncapp.entities.appointments.clients import SYSTEMS, CalendarClients, PassContext, configured_clients
from syncapp.entities.appointments.read import read
from syncapp.entities.appointments.result import result_of
from syncapp.models import CalendarEmployee, CalendarMode, Control, InboxElement, Mode
from syncapp.remotes.http.errors import RemoteError
from syncapp.remotes.registry import google_calendar_in_use

NAME = "calendars"


class Calendars:
    """See engine/registry.py for what each of these is asked for."""

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
    sweep_steps = ()  # due_passes.py says hour by hour whose pass is due

    @property
    def in_use(self) -> bool:
        return google_calendar_in_use()

    def session(self) -> AbstractContextManager[None]:
        return nullcontext()

    def probe(self, system: str) -> RemoteError | None:
        return neutral.trouble_of(system, configured_clients())

    def answers(self, system: str, tools: CalendarClients) -> bool:
        return neutral.trouble_of(system, tools) is None

    def equip(self, calls: CallLog) -> CalendarClients:
        return configured_clients().counted_by(calls)

    def before_lease(self, row: CalendarEmployee, tools: CalendarClients) -> None:
        """Nothing but a person ends a calendar, so there is none that could be back."""

    def may_write(self, row: CalendarEmployee, switches: Control, tools: CalendarClients) -> bool:
        return switches.mode == Mode.LIVE and row.mode == CalendarMode.LIVE

    def show_failure(self, context: PassContext, log: RunLog, failed: Failed, plan: FailurePlan) -> None:
        """Nobody looks for it in Google or Advoware: pages, alerts and doctor show it."""

    def also_asked(self) -> Q:
        return Q(pk__in=())

    def waiting(self, row: CalendarEmployee) -> list[InboxElement]:
        """No webhook tells of appointments."""
        return []

    def close_inbox(self, row: CalendarEmployee) -> None:
        """See `waiting`."""

    def judge_waiting(self, row: CalendarEmployee, tools: CalendarClients) -> list[tuple[InboxElement, Judged]]:
        return []

    def refresh(self, row: Any, as_found: Any) -> None:
        """Nothing is derived from the row."""


registry.register(Calendars())
