"""The coming weeks of one calendar, both sides beside each other, day by day.

Purpose: what people compare with their phone. Stored: as both sides were after the last pass; seen now: as they are.
Invariant: pure but for the two functions that gather; texts are handed on, and shown only to those who may see values.
To extend: a further mark of an appointment is a member of SideAgreement and its words in admin/pages/calendars.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from django.db.models import Q

from syncapp.core.appointments.forms.canonical import TEXTS, Canonical, Group, read_event, read_termin
from syncapp.core.appointments.forms.drafts import SHOWS_ALL
from syncapp.core.appointments.forms.series import When, occurrences
from syncapp.core.appointments.plan_shapes import Plan
from syncapp.core.appointments.rows import AppointmentPair, PairStatus
from syncapp.entities.appointments.read import CalendarReading
from syncapp.entities.appointments.rows.stored import form_of
from syncapp.models import Appointment, CalendarEmployee

DAY = timedelta(days=1)
WEEK = timedelta(days=7)
# A single appointment is shown for so many days at most; a holiday of months would fill the page otherwise.
MOST_DAYS = 60


class SideAgreement(StrEnum):
    equal = "equal"
    differs = "differs"
    advoware_only = "advoware_only"
    google_only = "google_only"


@dataclass(frozen=True, slots=True)
class SeenAppointment:
    """One appointment as both sides hold it. pk: of its row. less: Google shows less of it on purpose."""

    advoware: Canonical | None
    google: Canonical | None
    pk: int | None = None
    status: str = ""
    less: bool = False
    actions: tuple[str, ...] = ()

    @property
    def agreement(self) -> SideAgreement:
        if self.advoware is None:
            return SideAgreement.google_only
        if self.google is None:
            return SideAgreement.advoware_only
        hidden = TEXTS | {Group.privat} if self.less else frozenset()
        return SideAgreement.differs if self.advoware.differing(self.google) - hidden else SideAgreement.equal


@dataclass(frozen=True, slots=True)
class DayEntry:
    """What of an appointment happens on one day, on either side. when: as the first side that has it says."""

    seen: SeenAppointment
    when: When
    advoware: When | None = None
    google: When | None = None

    @property
    def agreement(self) -> SideAgreement:
        """Of this day: an appointment that was moved stands on one day there and on another one here."""
        if self.seen.agreement is SideAgreement.differs or (self.advoware and self.google):
            return self.seen.agreement
        return SideAgreement.advoware_only if self.advoware else SideAgreement.google_only


@dataclass(frozen=True, slots=True)
class CalendarDay:
    day: date
    entries: tuple[DayEntry, ...]


@dataclass(frozen=True, slots=True)
class CalendarWeek:
    days: tuple[CalendarDay, ...]

    @property
    def monday(self) -> date:
        return self.days[0].day


def monday_of(day: date) -> date:
    return day - timedelta(days=day.weekday())


def weeks(found: Iterable[SeenAppointment], *, monday: date, number: int) -> tuple[CalendarWeek, ...]:
    """So many weeks from that Monday, each day with what happens on it, all-day first, then by the clock."""
    last = monday + number * WEEK - DAY
    by_day: dict[date, list[DayEntry]] = defaultdict(list)
    for seen in found:
        advoware, google = (dict(_days(form, monday, last)) for form in (seen.advoware, seen.google))
        for day, when in (google | advoware).items():
            by_day[day].append(DayEntry(seen, when, advoware.get(day), google.get(day)))
    return tuple(_week(by_day, monday + index * WEEK) for index in range(number))


def _week(by_day: Mapping[date, list[DayEntry]], monday: date) -> CalendarWeek:
    days = [monday + index * DAY for index in range(7)]
    return CalendarWeek(tuple(CalendarDay(day, tuple(sorted(by_day.get(day, ()), key=_order))) for day in days))


def _order(entry: DayEntry) -> tuple[bool, str]:
    return not entry.when.all_day, entry.when.start[10:]


def _days(form: Canonical | None, first: date, last: date) -> Iterator[tuple[date, When]]:
    """Each day on which something of it happens, with the occurrence that it belongs to."""
    if form is None:
        return
    for when in occurrences(form.when, form.rule, first=first, last=last):
        day = max(when.first_day, first)
        ends = min(date.fromisoformat(when.end[:10]), last, day + MOST_DAYS * DAY)
        while day <= ends:
            yield day, when
            day += DAY


def stored(row: CalendarEmployee, *, monday: date, number: int) -> list[SeenAppointment]:
    """As both sides were after the last pass."""
    last = monday + number * WEEK - DAY
    inside = Q(starts_on__lte=last) & (Q(ends_on__gte=monday) | Q(ends_on=None))
    rows = Appointment.objects.filter(inside, employee=row).exclude(status=PairStatus.closed).order_by("pk")
    return [
        SeenAppointment(
            form_of(one.base_advoware) if one.fr_nr is not None else None,
            form_of(one.base_google),
            one.pk,
            one.status,
            one.shown not in SHOWS_ALL,
        )
        for one in rows
    ]


def as_they_are(reading: CalendarReading, plan: Plan) -> list[SeenAppointment]:
    """As both sides are at this moment, with what the next pass does about each appointment."""
    missing = reading.policy.missing_time
    termine = {one.fr_nr: read_termin(one, missing).form for one in reading.snapshot.termine}
    living = (one for one in reading.snapshot.events if not one.cancelled and not one.recurring_event_id)
    events = {one.id: read_event(one).form for one in living}
    planned = {one.pair.google_id: one for one in plan.pairs}
    pairs = {one.google_id: one for one in reading.snapshot.pairs}
    pairs |= {own: one.pair for own, one in planned.items() if one.pair.is_open}
    found = []
    for own, pair in pairs.items():
        number = pair.fr_nr if pair.fr_nr is not None else 0
        actions = tuple(step.action.value for step in planned[own].steps) if own in planned else ()
        found.append(_seen(pair, termine.pop(number, None), events.pop(own, None), actions))
    found += [SeenAppointment(form, None) for form in termine.values() if form is not None]
    found += [SeenAppointment(None, form) for form in events.values() if form is not None]
    return [one for one in found if one.advoware is not None or one.google is not None]


def _seen(
    pair: AppointmentPair, advoware: Canonical | None, google: Canonical | None, actions: tuple[str, ...]
) -> SeenAppointment:
    return SeenAppointment(advoware, google, pair.id, pair.status.value, pair.shown not in SHOWS_ALL, actions)
