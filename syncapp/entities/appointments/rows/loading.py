"""Loading the rows of a calendar as pairs: one query, and no object of the database for any of them.

Invariant: what `store.save` has written is loaded as the equal pair. Almost all rows hold empty lists and two equal
bases, so JSON comes as its text, and each text is read once.
To extend: a field of AppointmentPair is a row of the tables in stored.py.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.db.models import TextField
from django.db.models.functions import Cast

from syncapp.core.appointments.rows import AppointmentPair
from syncapp.entities.appointments.rows.stored import JSON, PLAIN
from syncapp.models import Appointment, CalendarEmployee

# What people decide, and when it is tried again: written otherwise than with the pair.
JSON_HERE = {**{name: of for name, (_to, of) in JSON.items()}, "decided": dict}
COLUMNS = ("pk", "wait_until", "failed_as", "error_kind", *PLAIN)


@dataclass(frozen=True, slots=True)
class LoadedPair:
    """failed_as: digest of what could not be carried; error_kind: why not."""

    pair: AppointmentPair
    failed_as: str
    error_kind: str


def load(employee: CalendarEmployee) -> list[LoadedPair]:
    """All of them, those that are over too."""
    texts = [Cast(name, TextField()) for name in JSON_HERE]
    rows = Appointment.objects.filter(employee=employee).values_list(*COLUMNS, *texts)
    names, read = (*COLUMNS, *JSON_HERE), cache(_read)
    return [_loaded(dict(zip(names, row, strict=True)), read) for row in rows]


def _read(value_of: Callable[[Any], Any], text: str | None) -> Any:
    return value_of(json.loads(text or "null"))


def _loaded(row: dict[str, Any], read: Callable[[Callable[[Any], Any], str | None], Any]) -> LoadedPair:
    plain = {name: of(row[name]) for name, (_to, of) in PLAIN.items()}
    parsed = {name: read(of, row[name]) for name, of in JSON_HERE.items()}
    pair = AppointmentPair(id=row["pk"], wait_until=row["wait_until"], **plain, **parsed)
    return LoadedPair(pair, row["failed_as"], row["error_kind"])
