"""A neutral question to each system: does it work, apart from the appointments that are in trouble just now?

Invariant: GETs only; a refusal of one object is an answer too. To extend: a further system is a row of QUESTIONS.
"""

from collections.abc import Callable, Mapping

from django.utils import timezone

from syncapp.core.faults.errors import Opens, kind_row
from syncapp.core.systems import System
from syncapp.core.values import BERLIN
from syncapp.entities.appointments import configured
from syncapp.entities.appointments.clients import CalendarClients
from syncapp.remotes.advoware.client import AdvowareClient
from syncapp.remotes.http.errors import RemoteError


def list_today(advoware: AdvowareClient, kuerzel: str) -> None:
    """The Termine of one employee today. Raises RemoteError."""
    today = timezone.now().astimezone(BERLIN).date()
    advoware.termine(kuerzel, first=today, last=today)


QUESTIONS: Mapping[System, Callable[[CalendarClients], object]] = {
    System.ADVOWARE: lambda clients: list_today(clients.advoware, configured.somebody()),
    System.GOOGLE_CALENDAR: lambda clients: clients.google.calendars(),
}


def trouble_of(system: str, clients: CalendarClients) -> RemoteError | None:
    """What is wrong with the system, whoever asks; None: it works for others."""
    try:
        QUESTIONS[System(system)](clients)
    except RemoteError as error:
        return None if kind_row(error.kind).opens is Opens.NOTHING else error
    return None
