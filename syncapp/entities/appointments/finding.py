"""What a search of appointments asks, and subjects that come near where it finds nothing.

Invariant: without the right to see values only numbers and calendars are looked at; what is kept from others is found
by nobody through its texts (rows/search_text.py). To extend: a further number that names an appointment is a condition
of `_numbered`.
"""

from dataclasses import dataclass

from syncapp.core.finding.folding import LONGEST_QUERY, asked_pieces, meets
from syncapp.core.finding.likeness import ALIKE, asked_words, likeness
from syncapp.core.spelling.letters import plain
from syncapp.entities.appointments.rows import search_text
from syncapp.models import Appointment, AppointmentSearchText, CalendarEmployee
from syncapp.models.finding import index

MOST = 500
NEAR = 5


@dataclass(frozen=True, slots=True)
class FoundAppointments:
    """Keys of appointments, and of calendars whose appointments are meant, all of them."""

    appointments: list[int]
    calendars: list[int]


def found(query: str, *, values: bool) -> FoundAppointments:
    """By frNr, by whose calendar it is, and with `values` by subject and place."""
    pieces = asked_pieces(query)
    texts = index.containing(AppointmentSearchText, pieces, most=MOST) if values and pieces else []
    numbered = _numbered(plain(query[:LONGEST_QUERY]).strip())
    return FoundAppointments(list(dict.fromkeys([*numbered, *texts]))[:MOST], calendars_called(query))


def _numbered(wanted: str) -> list[int]:
    """Keys of the appointments with this frNr; Advoware derives some with a negative one."""
    digits = wanted.removeprefix("-")
    if not (digits.isascii() and digits.isdigit() and len(digits) < 19):
        return []
    return list(Appointment.objects.filter(fr_nr=int(wanted)).order_by().values_list("pk", flat=True)[:MOST])


def calendars_called(query: str) -> list[int]:
    """Calendars of whose name all of it is a part, or whose kuerzel it is; there are as many as employees."""
    pieces = asked_pieces(query)
    if not pieces:
        return []
    rows = CalendarEmployee.objects.order_by("pk").values_list("pk", "kuerzel", "name")
    return [pk for pk, kuerzel, name in rows if meets(name, pieces) or pieces == asked_pieces(kuerzel)]


def near(query: str) -> list[Appointment]:
    """A handful of appointments whose subject or place comes near to what was asked for, the nearest first."""
    words = asked_words(query)
    alike = index.alike(AppointmentSearchText, words)
    rows = Appointment.objects.filter(pk__in=alike).select_related("employee").order_by("-starts_on", "-pk")
    ranked = sorted(((_nearness(words, row), row) for row in rows), key=lambda pair: -pair[0])
    return [row for nearness, row in ranked[:NEAR] if nearness >= ALIKE]


def _nearness(words: list[str], row: Appointment) -> float:
    return max((likeness(words, part) for part in search_text.parts_of(search_text.columns_of(row))), default=0.0)
