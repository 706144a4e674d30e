"""Clean-up in Google: events that are there twice, events of ours whose Termin is gone, whole calendars.

Invariant: listed first, removed only on demand, and only what is provably ours: an event that bears its own id as our
property, that no open appointment is linked to, and that nobody has taken out of the trash or moved here; a calendar
that this installation has made. Rows are kept as over, so that no id is used again.
"""

from collections import defaultdict
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass

from django.db.models import Q
from django.utils.translation import gettext as _

from syncapp.core.appointments.forms.canonical import read_event
from syncapp.core.appointments.pairs.lone import own_number
from syncapp.core.appointments.plan_shapes import ReadOutcome
from syncapp.core.appointments.policy import CalendarSide
from syncapp.core.appointments.rows import Closed, PairStatus
from syncapp.core.appointments.shapes import CalendarEvent
from syncapp.engine import control
from syncapp.entities.appointments.clients import Onlooker, configured_clients
from syncapp.entities.appointments.read import evidence_read
from syncapp.entities.appointments.rows import store
from syncapp.models import Appointment, CalendarEmployee
from syncapp.operations.actions import ActionContext, ActionRefused
from syncapp.operations.calendars.employees import change, log, needs_open_side
from syncapp.remotes.http.errors import NotFound, VersionConflict
from syncapp.remotes.registry import google_calendar_client
from syncapp.words.plain_errors import in_words


@dataclass(frozen=True, slots=True)
class FoundEvent:
    """One event, and whether it may be removed. fr_nr: the Termin it names as ours."""

    event: CalendarEvent
    fr_nr: int | None
    removable: bool


def _alike(living: list[CalendarEvent], kept: frozenset[str]) -> list[tuple[FoundEvent, ...]]:
    """Groups of events that say the same; removable are ours without an appointment, where another one remains."""
    groups: dict[object, list[CalendarEvent]] = defaultdict(list)
    for event in living:
        form = read_event(event).form
        if form is not None:
            groups[form].append(event)
    found = []
    for group in groups.values():
        if len(group) < 2:
            continue
        ours = [event for event in group if own_number(event) is not None and event.id not in kept]
        spare = ours if len(ours) < len(group) else ours[1:]
        found.append(tuple(FoundEvent(event, own_number(event), event in spare) for event in group))
    return found


def _lone(living: list[CalendarEvent], kept: frozenset[str]) -> list[tuple[CalendarEvent, int]]:
    """Events of ours that no appointment is linked to, nor somebody wants although its Termin is gone."""
    return [(event, number) for event in living if (number := own_number(event)) and event.id not in kept]


@dataclass(frozen=True, slots=True)
class Untidy:
    """What a calendar holds too much: groups of events that say the same, and events of ours without an appointment,
    removable where Advoware says that the Termin is gone. later: so many of these are looked up when others are gone.
    """

    groups: tuple[tuple[FoundEvent, ...], ...] = ()
    orphans: tuple[FoundEvent, ...] = ()
    later: int = 0

    @property
    def removable(self) -> list[CalendarEvent]:
        """Each once."""
        found = (one for group in (*self.groups, self.orphans) for one in group if one.removable)
        return list({one.event.id: one.event for one in found}.values())


def find_untidy(row: CalendarEmployee, *, most: int | None = None) -> Untidy:
    """One list, and a look at Advoware for each event without an appointment, for so many at most."""
    living, kept = _living_and_kept(row)
    lone = _lone(living, kept)
    found = tuple(FoundEvent(event, number, _is_gone(row, number)) for event, number in lone[:most])
    return Untidy(tuple(_alike(living, kept)), found, len(lone) - len(found))


def remove_one(row: CalendarEmployee, *, event_id: str, etag: str) -> bool:
    """Delete what was shown as spare, if it still is; False: it was gone already. Raises ActionRefused."""
    needs_open_side(CalendarSide.google, live=True)
    living, kept = _living_and_kept(row)
    event = next((one for one in living if one.id == event_id), None)
    if event is None:
        return False
    if event.etag != etag:
        raise ActionRefused(_("The event was changed meanwhile: please look again."))
    alike = any(one.event.id == event_id and one.removable for group in _alike(living, kept) for one in group)
    lone = next((number for one, number in _lone(living, kept) if one.id == event_id), None)
    if not alike and (lone is None or not _is_gone(row, lone)):
        raise ActionRefused(_("The event is not provably ours and spare, so it stays."))
    with in_words():
        return google_calendar_client().for_employee(row.kuerzel).delete(row.calendar_id, event)


def _living_and_kept(row: CalendarEmployee) -> tuple[list[CalendarEvent], frozenset[str]]:
    """kept: the events that have an appointment, and those that somebody wants although it is gone: taken out of the
    trash, or moved here. They bear our property still, and stand nowhere else."""
    living, rows = _living(row), Appointment.objects.filter(employee=row)
    open_rows = rows.filter(Q(fr_nr__isnull=False) | Q(reopened=True)).exclude(status=PairStatus.closed)
    kept = frozenset((open_rows | rows.filter(closed=Closed.gone)).values_list("google_id", flat=True))
    return living, kept | store.moved_here(row, (), (event for event in living if event.id not in kept))


def _living(row: CalendarEmployee) -> list[CalendarEvent]:
    if not row.calendar_id:
        return []
    with in_words():
        events = google_calendar_client().for_employee(row.kuerzel).events(row.calendar_id).events
    return [event for event in events if not event.cancelled and not event.recurring_event_id]


def _is_gone(row: CalendarEmployee, fr_nr: int) -> bool:
    """Whether Advoware says so, by the proof of a pass; what it derives from another Termin (a negative number) cannot
    be read singly."""
    if fr_nr < 0:
        return False
    with in_words():
        found = evidence_read(Onlooker(row, configured_clients(), control.switches()), fr_nr)
    return found.outcome is ReadOutcome.gone


def remove(row: CalendarEmployee, events: Iterable[FoundEvent], *, action_context: ActionContext) -> int:
    """Delete those that may be, each under the version that was listed; how many. One that was changed since stays."""
    needs_open_side(CalendarSide.google, live=True)
    client, removed = google_calendar_client().for_employee(row.kuerzel), 0
    try:
        with in_words():
            for one in events:
                if one.removable:
                    with suppress(VersionConflict):
                        client.delete(row.calendar_id, one.event)
                        removed += 1
    finally:
        log(row, "calendar_clean", action_context, result=str(removed))
    return removed


def ours() -> list[CalendarEmployee]:
    """The calendars that this installation has made."""
    rows = CalendarEmployee.objects.exclude(calendar_id="").filter(calendar_made_at__isnull=False)
    return list(rows.order_by("kuerzel"))


def delete_calendar(row: CalendarEmployee, *, action_context: ActionContext) -> None:
    """The calendar goes in Google, with all its events; nothing happens in Advoware."""
    needs_open_side(CalendarSide.google)
    if row.calendar_made_at is None or not row.calendar_id:
        raise ActionRefused(_("This calendar was not made here, so it is not deleted from here."))
    change(row, {"mode": "shadow"}, action_context=action_context)
    with in_words(), suppress(NotFound):  # gone already
        google_calendar_client().delete_calendar(row.calendar_id)
    change(row, {"calendar_id": ""}, action_context=action_context)
    log(row, "calendar_delete", action_context)
