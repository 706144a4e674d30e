"""Rows of the database and the pairs of core.appointments: what a pass commits.

Invariant: a row is written only within the transaction in which the pass has shown that it still holds the calendar.
What people decided while the pass went on is never overwritten: `decided` loses only what the pass has used.
To extend: a field of AppointmentPair is a row of the tables in stored.py.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Count, Q
from django.db.models.functions import Now
from django.utils import timezone

from syncapp.core.appointments.forms.canonical import seen_form
from syncapp.core.appointments.forms.drafts import Shown
from syncapp.core.appointments.pairs.lone import own_number
from syncapp.core.appointments.pairs.origins import named_by
from syncapp.core.appointments.pairs.situation import TOLD_ONCE
from syncapp.core.appointments.plan_shapes import PairReport
from syncapp.core.appointments.policy import CalendarSide
from syncapp.core.appointments.rows import AppointmentAction, AppointmentPair, PairStatus
from syncapp.core.appointments.shapes import CalendarEvent
from syncapp.core.appointments.standstill import RESTLESS
from syncapp.core.guards import RETURNS_WINDOW, Change
from syncapp.entities.appointments.rows import search_text
from syncapp.entities.appointments.rows.stored import JSON, PLAIN, form_of
from syncapp.models import Appointment, AppointmentChange, CalendarEmployee

# So long an appointment that is over is kept, for the ids that it burnt.
CLOSED_FOR = timedelta(days=90)
LATEST_REPORTS = 5
# `core.appointments.standstill.at_rest`, asked of the database.
WAITS = Q(intent__isnull=False) | Q(empty_since__isnull=False) | Q(wait_until__isnull=False)
# Of a Termin that may stand in several calendars: a new one is only in its maker's.
WRITES_OF_A_TERMIN = (AppointmentAction.put_termin.value, AppointmentAction.delete_termin.value)
# Whose last write failed, or that were refused.
FAILING = (Q(status=PairStatus.failed) | ~Q(error_kind="")) & ~Q(status=PairStatus.closed)
AT_REST = ~(WAITS | Q(status__in=RESTLESS)) & Q(decided={}, error_kind="")


def columns_of(pair: AppointmentPair) -> dict[str, Any]:
    """Every column that mirrors a pair, but `decided`, which people write too."""
    starts_on, ends_on = _days(pair)
    mirrored = {name: to(getattr(pair, name)) for name, (to, _of) in (*PLAIN.items(), *JSON.items())}
    return mirrored | {"starts_on": starts_on, "ends_on": ends_on}


def _days(pair: AppointmentPair) -> tuple[date | None, date | None]:
    """First and last day of what was agreed; of an event without a Termin, of what Google shows. A series by a rule
    that nobody here can read has no end."""
    form, event, endless = pair.base_advoware or pair.base_google, pair.waiting, False
    if form is None and event is not None and not event.cancelled:
        form = seen_form(event)
        endless = form is not None and form.rule is None and bool(event.recurrence)
    if form is None:
        return None, None
    last = "" if endless else form.last_day()
    return form.when.first_day, date.fromisoformat(last) if last else None


def save(
    employee: CalendarEmployee,
    pair: AppointmentPair,
    more: Mapping[str, Any],
    *,
    seen: Mapping[str, str],
    news: Sequence[PairReport] = (),
) -> int:
    """Write the row of a pair, a new one where it has no id yet; its id. Within the caller's transaction.

    seen: what people had decided when the pass loaded the row. news: what is to be told of it.
    """
    columns = {**columns_of(pair), **more, "updated_at": timezone.now()}
    rows = Appointment.objects.filter(employee=employee)
    rows = rows.filter(pk=pair.id) if pair.id is not None else rows.filter(google_id=pair.google_id)
    found = rows.select_for_update().first()
    told = [report_json(one) for one in news]
    if pair.fr_nr is not None and (found is None or found.fr_nr != pair.fr_nr):
        # A row that is over keeps its ids; the number is the row's that has the Termin now.
        others = Appointment.objects.filter(employee=employee, fr_nr=pair.fr_nr, status=PairStatus.closed)
        (others if found is None else others.exclude(pk=found.pk)).update(fr_nr=None)
    if found is None:
        created = Appointment.objects.create(employee=employee, decided=dict(pair.decided), reports=told, **columns)
        search_text.refresh(created.pk, before=None, now=columns)
        return created.pk
    columns["reports"] = _still_told(found.reports, pair) + told
    columns["closed_at"] = None if pair.is_open else found.closed_at or timezone.now()
    if found.decided:
        columns["decided"] = _still_decided(found.decided, pair, seen)
    Appointment.objects.filter(pk=found.pk).update(**columns)
    search_text.refresh(found.pk, before=search_text.columns_of(found), now=columns)
    return found.pk


def _still_decided(stored: Mapping[str, str], pair: AppointmentPair, seen: Mapping[str, str]) -> dict[str, str]:
    """Without what was carried out, or settled by itself; what somebody has chosen since is for the next pass."""
    return {name: choice for name, choice in stored.items() if name in pair.decided or seen.get(name) != choice}


def report_json(report: PairReport) -> dict[str, Any]:
    groups = sorted(group.value for group in report.groups)
    at = timezone.now().isoformat(timespec="seconds")
    return {"code": report.code.value, "detail": report.detail, "groups": groups, "count": report.count, "at": at}


def _still_told(stored: list[dict[str, Any]], pair: AppointmentPair) -> list[dict[str, Any]]:
    """States as long as they hold; of what happened once, the latest few."""
    holding = [one for one in stored if one["code"] in TOLD_ONCE and f"{one['code']}:{one['detail']}" in pair.told]
    return holding + [one for one in stored if one["code"] not in TOLD_ONCE][-LATEST_REPORTS:]


def all_at_rest(employee: CalendarEmployee, rows: int) -> bool:
    """Whether there are so many open rows, and none of them waits for anything."""
    opened = Appointment.objects.filter(employee=employee).exclude(status=PairStatus.closed)
    found = opened.aggregate(opened=Count("pk"), resting=Count("pk", filter=AT_REST))
    return bool(found["opened"] == found["resting"] == rows)


def recent_changes(employee: CalendarEmployee, now: datetime) -> dict[str, Sequence[Change]]:
    """google id -> what passes gave to its fields within the hour that tells oscillation, oldest first."""
    rows = AppointmentChange.objects.filter(record=employee, at__gt=now - RETURNS_WINDOW).exclude(field="")
    found: dict[str, list[Change]] = {}
    for row in rows.select_related("appointment").order_by("pk"):
        change = Change(row.field, row.before, row.after, row.at)
        found.setdefault(row.appointment.google_id, []).append(change)
    return dict(found)


def written_by_others(employee: CalendarEmployee) -> frozenset[int]:
    """Numbers of Termine that passes over other calendars have written since this one was last looked at."""
    rows = Appointment.objects.exclude(employee=employee).filter(advoware_written_at__isnull=False)
    if employee.last_check is not None:
        rows = rows.filter(advoware_written_at__gt=employee.last_check)
    return frozenset(number for number in rows.values_list("fr_nr", flat=True) if number is not None)


def moved_here(
    employee: CalendarEmployee, pairs: Iterable[AppointmentPair], events: Iterable[CalendarEvent]
) -> frozenset[str]:
    """Which of these events, and of those that still wait here, passes over another calendar have taken for deleted, so
    that they deleted the Termin, or had people asked to: in truth somebody has moved them here, as Google keeps the id
    then.

    pairs: those that are open. No query where each event of ours has its Termin here; the calendars are named since no
    index knows the ids alone.
    """
    named = {event.id: own_number(event) for event in _without_termin(pairs, events)}
    ids = [event_id for event_id, number in named.items() if number is not None]
    others = CalendarEmployee.objects.exclude(pk=employee.pk).values("pk")
    deleted = Appointment.objects.filter(employee__in=others, google_id__in=ids)
    by_hand = Q(status=PairStatus.awaiting_removal)
    deleted = deleted.filter(by_hand | Q(changes__action=AppointmentAction.delete_termin))
    # The Termin that it names: moved on once more, it names one that the calendar in between may still have.
    rows = deleted.values_list("google_id", "fr_nr")
    return frozenset(google_id for google_id, fr_nr in rows if named[google_id] == fr_nr)


def named(
    employee: CalendarEmployee, pairs: Iterable[AppointmentPair], events: Iterable[CalendarEvent]
) -> tuple[AppointmentPair, ...]:
    """The rows of other calendars whose Termin these events, or those that still wait here, bear the number of: what is
    known there of texts that Google does not show; the one that was written last at the end.

    No query where each event that bears a number has its Termin here.
    """
    numbers = {named_by(event) for event in _without_termin(pairs, events)} - {None}
    if not numbers:
        return ()
    rows = Appointment.objects.exclude(employee=employee).filter(fr_nr__in=numbers).order_by("updated_at", "pk")
    known = rows.values_list("google_id", "fr_nr", "origin", "shown", "base_advoware", "base_google")
    return tuple(
        AppointmentPair(
            google_id,
            fr_nr=fr_nr,
            origin=CalendarSide(origin),
            shown=Shown(shown),
            base_advoware=form_of(advoware),
            base_google=form_of(google),
        )
        for google_id, fr_nr, origin, shown, advoware, google in known
    )


def _without_termin(pairs: Iterable[AppointmentPair], events: Iterable[CalendarEvent]) -> Iterator[CalendarEvent]:
    """The living events without a Termin; an occurrence that differs from its series bears the number of that."""
    linked, waiting = set(), []
    for pair in pairs:
        if pair.is_linked:
            linked.add(pair.google_id)
        if pair.waiting is not None:
            waiting.append(pair.waiting)
    for event in (*waiting, *events):
        if not event.cancelled and not event.recurring_event_id and event.id not in linked:
            yield event


def is_announced(fr_nr: int, *, but: CalendarEmployee | None = None) -> bool:
    """Whether a pass that is still at work, over any calendar `but` this one, has said that it is about to write this
    Termin."""
    rows = Appointment.objects.exclude(employee=but).filter(fr_nr=fr_nr, intent__action__in=WRITES_OF_A_TERMIN)
    return rows.exclude(employee__lease_token="").filter(employee__lease_expires__gt=Now()).exists()
