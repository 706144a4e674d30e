"""Loading the rows of a calendar as pairs: one query, and no object of the database for any of them.

Invariant: what `store.save` has written is loaded as the equal pair. Almost all rows hold empty lists and two equal
bases, so JSON comes as its text, and each text is read once.
To extend: a field of AppointmentPair is a name here and a line of `_pair`, and one of `store.columns_of`.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from django.db.models import TextField
from django.db.models.functions import Cast

from syncapp.core.appointments.forms.canonical import Canonical
from syncapp.core.appointments.forms.drafts import Shown
from syncapp.core.appointments.forms.reasons import FormReason, SilentNote
from syncapp.core.appointments.policy import CalendarSide
from syncapp.core.appointments.rows import AppointmentPair, Closed, Kind, PairStatus
from syncapp.entities.appointments.rows.stored import event_of, exceptions_of, form_of, intent_of
from syncapp.models import Appointment, CalendarEmployee

T = TypeVar("T")
COLUMNS = (
    *("pk", "google_id", "fr_nr", "anwalt", "generation", "origin", "kind", "etag", "stamp", "shown", "resting"),
    *("status", "closed", "reason", "empty_since", "reopened", "read_at", "wait_until", "failed_as", "error_kind"),
)
JSON = ("burnt", "base_advoware", "base_google", "notes", "intent", "waiting", "exceptions", "told", "decided")
NAMES = (*COLUMNS, *JSON)


@dataclass(frozen=True, slots=True)
class LoadedPair:
    """failed_as: digest of what could not be carried; error_kind: why not."""

    pair: AppointmentPair
    failed_as: str
    error_kind: str


def load(employee: CalendarEmployee) -> list[LoadedPair]:
    """All of them, those that are over too."""
    texts = [Cast(name, TextField()) for name in JSON]
    rows = Appointment.objects.filter(employee=employee).values_list(*COLUMNS, *texts)
    known = _Texts()
    return [_loaded(dict(zip(NAMES, row, strict=True)), known) for row in rows]


class _Texts:
    """What texts of JSON say, each read once."""

    def __init__(self) -> None:
        self._read: dict[tuple[Callable[[Any], Any], str], Any] = {}

    def read(self, text: str | None, value_of: Callable[[Any], T]) -> T:
        key = value_of, text or "null"
        if key not in self._read:
            self._read[key] = value_of(json.loads(key[1]))
        found: T = self._read[key]
        return found


def _loaded(row: dict[str, Any], known: _Texts) -> LoadedPair:
    return LoadedPair(_pair(row, known), row["failed_as"], row["error_kind"])


def _pair(row: dict[str, Any], known: _Texts) -> AppointmentPair:
    base_advoware: Canonical | None = known.read(row["base_advoware"], form_of)
    return AppointmentPair(
        google_id=row["google_id"],
        id=row["pk"],
        fr_nr=row["fr_nr"],
        anwalt=row["anwalt"],
        generation=row["generation"],
        burnt=known.read(row["burnt"], _texts),
        origin=CalendarSide(row["origin"]),
        kind=Kind(row["kind"]),
        base_advoware=base_advoware,
        base_google=known.read(row["base_google"], form_of),
        etag=row["etag"],
        stamp=row["stamp"],
        shown=Shown(row["shown"]),
        resting=row["resting"],
        status=PairStatus(row["status"]),
        closed=Closed(row["closed"]) if row["closed"] else None,
        reason=FormReason(row["reason"]) if row["reason"] else None,
        notes=known.read(row["notes"], _notes),
        intent=known.read(row["intent"], intent_of),
        waiting=known.read(row["waiting"], event_of),
        exceptions=known.read(row["exceptions"], exceptions_of),
        told=known.read(row["told"], _set),
        decided=known.read(row["decided"], dict),
        empty_since=row["empty_since"],
        reopened=row["reopened"],
        read_at=row["read_at"],
        wait_until=row["wait_until"],
    )


def _texts(stored: list[str]) -> tuple[str, ...]:
    return tuple(stored)


def _set(stored: list[str]) -> frozenset[str]:
    return frozenset(stored)


def _notes(stored: list[str]) -> frozenset[SilentNote]:
    return frozenset(map(SilentNote, stored))
