"""Clean-up in Google: events that are there twice, events of ours whose Termin is gone, whole calendars.

Invariant: listed first, removed only on demand, and only what is provably ours: an event that bears its own id as our
property and that no open appointment is linked to; a calendar that this installation has made. Rows are kept as over,
so that no id is used again.
"""

from collections import defaultdict
from contextlib import suppress
from dataclasses import dataclass, replace

from django.utils.translation import gettext as _

from syncapp.core.appointments.forms.canonical import read_event
from syncapp.core.appointments.pairs.lone import own_number
from syncapp.core.appointments.rows import PairStatus
from syncapp.core.appointments.shapes import CalendarEvent
from syncapp.models import Appointment, CalendarEmployee
from syncapp.operations.actions import ActionContext, ActionRefused
from syncapp.operations.calendars.employees import change, log, needs_live_installation
from syncapp.remotes.http.errors import NotFound
from syncapp.remotes.registry import advoware_client, google_calendar_client
from syncapp.words.plain_errors import in_words


@dataclass(frozen=True, slots=True)
class FoundEvent:
    """One event, and whether it may be removed. fr_nr: the Termin it names as ours."""

    event: CalendarEvent
    fr_nr: int | None
    removable: bool


def duplicates(row: CalendarEmployee) -> list[tuple[FoundEvent, ...]]:
    """Groups of events that say the same; removable are ours without an appointment, where another one remains."""
    linked = _linked(row)
    groups: dict[object, list[CalendarEvent]] = defaultdict(list)
    for event in _living(row):
        form = read_event(event).form
        if form is not None:
            groups[form].append(event)
    found = []
    for group in groups.values():
        if len(group) < 2:
            continue
        ours = [event for event in group if own_number(event) is not None and event.id not in linked]
        spare = ours if len(ours) < len(group) else ours[1:]
        found.append(tuple(FoundEvent(event, own_number(event), event in spare) for event in group))
    return found


def orphans(row: CalendarEmployee) -> list[FoundEvent]:
    """Events of ours that no appointment is linked to; removable where Advoware says that the Termin is gone."""
    linked = _linked(row)
    lone = [(event, number) for event in _living(row) if (number := own_number(event)) and event.id not in linked]
    return [FoundEvent(event, number, _is_gone(number)) for event, number in lone]


def _linked(row: CalendarEmployee) -> frozenset[str]:
    rows = Appointment.objects.filter(employee=row, fr_nr__isnull=False).exclude(status=PairStatus.closed)
    return frozenset(rows.values_list("google_id", flat=True))


def _living(row: CalendarEmployee) -> list[CalendarEvent]:
    if not row.calendar_id:
        return []
    with in_words():
        events = google_calendar_client().for_employee(row.kuerzel).events(row.calendar_id).events
    return [event for event in events if not event.cancelled and not event.recurring_event_id]


def _is_gone(fr_nr: int) -> bool:
    with in_words():
        try:
            advoware_client().termin(fr_nr)
        except NotFound as missing:
            return missing.status == 404
    return False


def remove(row: CalendarEmployee, events: list[FoundEvent], *, action_context: ActionContext) -> int:
    """Delete those that may be, each under the version that was listed; how many."""
    needs_live_installation()
    client, chosen = google_calendar_client().for_employee(row.kuerzel), [one for one in events if one.removable]
    with in_words():
        for one in chosen:
            client.delete(row.calendar_id, replace(one.event))
    log(row, "calendar_clean", action_context, result=str(len(chosen)))
    return len(chosen)


def ours() -> list[CalendarEmployee]:
    """The calendars that this installation has made."""
    rows = CalendarEmployee.objects.exclude(calendar_id="").filter(calendar_made_at__isnull=False)
    return list(rows.order_by("kuerzel"))


def delete_calendar(row: CalendarEmployee, *, action_context: ActionContext) -> None:
    """The calendar goes in Google, with all its events; nothing happens in Advoware."""
    needs_live_installation()
    if row.calendar_made_at is None or not row.calendar_id:
        raise ActionRefused(_("This calendar was not made here, so it is not deleted from here."))
    change(row, {"mode": "shadow"}, action_context=action_context)
    with in_words(), suppress(NotFound):  # gone already
        google_calendar_client().delete_calendar(row.calendar_id)
    change(row, {"calendar_id": ""}, action_context=action_context)
    log(row, "calendar_delete", action_context)
