"""What each appointment is found by, kept in a narrow table of its own, in step with the appointment.

Invariant: written in the transaction that changes the appointment, and gone with it. What is kept from others is in no
index: an appointment that is private on either side, one that Google shows without its texts, one that Advoware derived
from another or from a leave. It keeps a row without text.
To extend: a further thing to be found by is a line of `parts_of`, and a column of COLUMNS.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from django.db.models import QuerySet

from syncapp.core.appointments.forms.canonical import PRIVATE
from syncapp.core.appointments.forms.drafts import Shown
from syncapp.core.appointments.rows import Closed, Kind
from syncapp.models import Appointment, AppointmentSearchText
from syncapp.models.finding.search_text import PORTION, kept, lines_of, put

# What of an appointment says by what it is found.
COLUMNS = ("kind", "shown", "closed", "base_advoware", "base_google", "waiting")


def columns_of(row: Appointment) -> dict[str, Any]:
    return {name: getattr(row, name) for name in COLUMNS}


def parts_of(columns: Mapping[str, Any]) -> list[str]:
    """Subject and place as either side holds them, and as Google shows them where that is not settled yet."""
    apart = columns["kind"] == Kind.special or columns["closed"] == Closed.withheld  # what it was before it was private
    if columns["shown"] != Shown.full or apart:
        return []
    forms = [form for form in (columns["base_advoware"], columns["base_google"]) if form]
    event = columns["waiting"] or {}
    is_detached = columns["closed"] == Closed.detached  # what that calendar said is kept in case that it comes back
    if any(form["privat"] for form in forms) or event.get("visibility") in PRIVATE:
        return []
    said = [
        text
        for form in forms
        if not (is_detached and form is columns["base_google"])
        for text in (form["text"], form["ort"])
    ]
    return list(dict.fromkeys(text for text in (*said, *_shown_by(event)) if text))


def _shown_by(event: Mapping[str, Any]) -> Iterator[str]:
    """A deleted event shows nothing, whatever its tombstone says."""
    if event.get("status") != "cancelled":
        yield str(event.get("summary") or "")
        yield str(event.get("location") or "")


def refresh(pk: int, *, before: Mapping[str, Any] | None, now: Mapping[str, Any]) -> None:
    """Keep the search text in step with a row that was just written; before: as it was, None for a new one."""
    parts = parts_of(now)
    if before is None or parts_of(before) != parts:
        put([_row(pk, parts)])


def rewrite(rows: "QuerySet[Appointment]") -> int:
    """Of appointments that something else than a pass has changed; how many."""
    found = rows.values("pk", *COLUMNS)
    return put([_row(columns["pk"], parts_of(columns)) for columns in found.iterator(chunk_size=PORTION)])


def fill_gaps(*, limit: int = 2000) -> int:
    """Search texts for appointments that have none, such as after an upgrade; how many."""
    return rewrite(Appointment.objects.filter(search_text__isnull=True).order_by("pk")[:limit])


def _row(pk: int, parts: list[str]) -> AppointmentSearchText:
    return AppointmentSearchText(appointment_id=pk, **kept(lines_of(parts)))
