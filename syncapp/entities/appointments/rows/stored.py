"""What a row keeps of core.appointments: each field of a pair as a column, and the JSON of events and intents.

Invariant: reading what was written gives an equal value; a key that an older version did not write has its default.
To extend: a field of AppointmentPair is a row of PLAIN or JSON; one of CalendarEvent or AppointmentIntent needs a
default there and nothing here.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, fields
from enum import StrEnum
from operator import attrgetter
from typing import Any

from syncapp.core.appointments.forms.canonical import Canonical, Group, living_form, seen_form, value_json
from syncapp.core.appointments.forms.drafts import Agreed, Shown, both
from syncapp.core.appointments.forms.reasons import FormReason, SilentNote
from syncapp.core.appointments.forms.series import When
from syncapp.core.appointments.policy import CalendarSide
from syncapp.core.appointments.rows import (
    AppointmentAction,
    AppointmentIntent,
    Closed,
    Kind,
    PairStatus,
    SeriesException,
)
from syncapp.core.appointments.shapes import CalendarEvent, GoogleTime
from syncapp.core.appointments.standstill import Standstill
from syncapp.models import Appointment

Json = dict[str, Any]
_TIMES = ("start", "end", "original_start")
_TUPLES = ("recurrence", "attendees")
_FIELDS = tuple(field.name for field in fields(CalendarEvent))


def form_json(form: Canonical | None) -> Json | None:
    return None if form is None else form.to_json()


def form_of(stored: Mapping[str, Any] | None) -> Canonical | None:
    return None if stored is None else Canonical.from_json(stored)


def google_form(row: Appointment) -> Canonical | None:
    """What Google showed last: where that is not settled yet, it stands in the event that waits."""
    return living_form(event_of(row.waiting)) or form_of(row.base_google)


def agreed_forms(row: Appointment) -> Agreed:
    """What each side held when a pass took both for equal; what is asked about since is not agreed upon."""
    return both(form_of(row.base_advoware), form_of(row.base_google))


def known_form(row: Appointment) -> Canonical | None:
    """What the row is called by: what was agreed last; of an event without a Termin, what Google shows of it."""
    agreed = form_of(row.base_advoware) or form_of(row.base_google)
    event = None if agreed else event_of(row.waiting)
    return agreed if event is None or event.cancelled else seen_form(event)


def event_json(event: CalendarEvent | None) -> Json | None:
    return None if event is None else asdict(event) | {name: list(getattr(event, name)) for name in _TUPLES}


def event_of(stored: Mapping[str, Any] | None) -> CalendarEvent | None:
    if stored is None:
        return None
    known = {name: stored[name] for name in _FIELDS if name in stored}
    for name in _TIMES:
        if name in known:
            known[name] = GoogleTime(**known[name])
    for name in _TUPLES:
        if name in known:
            known[name] = tuple(known[name])
    return CalendarEvent(**known)


def intent_json(intent: AppointmentIntent | None) -> Json | None:
    if intent is None:
        return None
    return {
        "action": intent.action.value,
        "groups": sorted(group.value for group in intent.groups),
        "sent": form_json(intent.sent),
        "carried": form_json(intent.carried),
        "shown": intent.shown and intent.shown.value,
    }


def intent_of(stored: Mapping[str, Any] | None) -> AppointmentIntent | None:
    if stored is None:
        return None
    return AppointmentIntent(
        AppointmentAction(stored["action"]),
        frozenset(Group(group) for group in stored["groups"]),
        form_of(stored["sent"]),
        form_of(stored["carried"]),
        Shown(stored["shown"]) if stored["shown"] else None,
    )


def exceptions_json(exceptions: tuple[SeriesException, ...]) -> list[list[Any]]:
    return [[one.original_start, one.cancelled, one.when and value_json(one.when)] for one in exceptions]


def exceptions_of(stored: list[list[Any]]) -> tuple[SeriesException, ...]:
    """An older version has not written where a moved one is."""
    return tuple(
        SeriesException(start, cancelled, When(*when[0]) if when and when[0] else None)
        for start, cancelled, *when in stored
    )


def standstill_json(standstill: Standstill | None) -> Json:
    return {} if standstill is None else asdict(standstill)


def standstill_of(stored: Mapping[str, Any]) -> Standstill | None:
    """None where there was none, or where an older version has told less of it."""
    names = [field.name for field in fields(Standstill)]
    return Standstill(**{name: stored[name] for name in names}) if all(name in stored for name in names) else None


def _as_it_is(value: Any) -> Any:
    return value


def _or_none(of: Callable[[str], StrEnum]) -> "Stored":
    return lambda value: value.value if value else "", lambda stored: of(stored) if stored else None


def _notes(stored: Iterable[str]) -> frozenset[SilentNote]:
    return frozenset(map(SilentNote, stored))


# How a field of a pair becomes its column, and the other way round.
Stored = tuple[Callable[[Any], Any], Callable[[Any], Any]]
UNCHANGED: Stored = (_as_it_is, _as_it_is)
VALUE = attrgetter("value")
PLAIN: Mapping[str, Stored] = {
    **dict.fromkeys(("google_id", "fr_nr", "generation", "etag", "stamp", "resting"), UNCHANGED),
    **dict.fromkeys(("empty_since", "reopened", "read_at"), UNCHANGED),
    "anwalt": (lambda names: names[:200], _as_it_is),
    "origin": (VALUE, CalendarSide),
    "kind": (VALUE, Kind),
    "shown": (VALUE, Shown),
    "status": (VALUE, PairStatus),
    "closed": _or_none(Closed),
    "reason": _or_none(FormReason),
}
JSON: Mapping[str, Stored] = {
    "burnt": (list, tuple),
    "base_advoware": (form_json, form_of),
    "base_google": (form_json, form_of),
    "notes": (lambda notes: sorted(map(VALUE, notes)), _notes),
    "intent": (intent_json, intent_of),
    "waiting": (event_json, event_of),
    "exceptions": (exceptions_json, exceptions_of),
    "told": (sorted, frozenset),
}
