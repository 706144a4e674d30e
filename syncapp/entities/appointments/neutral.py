"""A neutral question to each system: does it work, apart from the appointments that are in trouble just now?

Invariant: GETs only; a refusal of one object is an answer too. To extend: a further system is a row of QUESTIONS.
"""

from collections.abc import Callable, Mapping

from django.utils import timezone

from syncapp.core.faults.errors import Opens, kind_row
from syncapp.core.systems import System
from syncapp.core.values import BERLIN
from syncapp.engine import breaker
from syncapp.entities.appointments.clients import CalendarClients
from syncapp.entities.appointments.configured import FIRM_KUERZEL
from syncapp.models import CalendarEmployee
from syncapp.remotes.http.errors import RemoteError


def _advoware(clients: CalendarClients) -> None:
    """The Termine of one employee today."""
    today = timezone.now().astimezone(BERLIN).date()
    someone = CalendarEmployee.objects.order_by("pk").values_list("kuerzel", flat=True).first()
    clients.advoware.termine(someone or FIRM_KUERZEL, first=today, last=today)


def _google(clients: CalendarClients) -> None:
    """The list of calendars."""
    clients.google.calendars()


QUESTIONS: Mapping[System, Callable[[CalendarClients], None]] = {
    System.ADVOWARE: _advoware,
    System.GOOGLE_CALENDAR: _google,
}


def answers(system: str, clients: CalendarClients) -> bool:
    """Whether the system works for others."""
    try:
        QUESTIONS[System(system)](clients)
    except RemoteError as error:
        return kind_row(error.kind).opens is Opens.NOTHING
    return True


def ask(gate: breaker.Gate, clients: CalendarClients) -> bool:
    """Ask every system whose probe the gate holds, and close or prolong its breaker; whether all of them work."""
    for system in gate.probes:
        try:
            QUESTIONS[System(system)](clients)
        except RemoteError as error:
            if kind_row(error.kind).opens is not Opens.NOTHING:
                breaker.failed(system=system, kind=error.kind, reason=error.reason, hint=error.hint)
                return False
        breaker.succeeded(system, opens=gate.failing[system])
    return True


def ask_those_that_are_due(clients: CalendarClients) -> None:
    """For the dispatcher."""
    breaker.ask_those_that_are_due(QUESTIONS, lambda gate: ask(gate, clients))
