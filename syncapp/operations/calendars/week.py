"""The coming weeks of one calendar, both sides beside each other, day by day.

Purpose: what people compare with their phone. Stored: as both sides were after the last pass; seen now: as they are.
Invariant: pure but for the two functions that gather; texts are handed on, and shown only to those who may see values.
To extend: a further mark of an appointment is a member of SideAgreement and its words in admin/pages/calendars.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from itertools import zip_longest

from django.db.models import Q

from syncapp.core.appointments.forms.canonical import Canonical, read_event, read_termin
from syncapp.core.appointments.forms.drafts import Agreed, Shown, both, differing_groups
from syncapp.core.appointments.forms.reasons import FormReason
from syncapp.core.appointments.forms.series import When, occurrences, original_start
from syncapp.core.appointments.plan_shapes import Plan
from syncapp.core.appointments.rows import PairStatus, SeriesException
from syncapp.entities.appointments.read import CalendarReading
from syncapp.entities.appointments.rows.stored import agreed_forms, exceptions_of, form_of, google_form
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
    unsupported = "unsupported"


@dataclass(frozen=True, slots=True)
class SeenAppointment:
    """One appointment as both sides hold it. pk: of its row. shown: how much of it Google shows.
    exceptions: occurrences of a series that differ in Google alone. agreed: what a pass has taken for equal."""

    advoware: Canonical | None
    google: Canonical | None
    pk: int | None = None
    status: str = ""
    shown: str = Shown.full
    actions: tuple[str, ...] = ()
    exceptions: tuple[SeriesException, ...] = ()
    agreed: Agreed = None
    unread: FormReason | None = None  # why the Termin has no form here, although it stands in Advoware

    @property
    def agreement(self) -> SideAgreement:
        if self.status == PairStatus.unsupported:
            return SideAgreement.unsupported  # whatever of it can be shown: it may stand on either side
        if self.advoware is None:
            return SideAgreement.google_only
        if self.google is None:
            return SideAgreement.advoware_only
        differs = differing_groups(self.advoware, self.google, self.shown, self.agreed)
        return SideAgreement.differs if differs else SideAgreement.equal


@dataclass(frozen=True, slots=True)
class DayEntry:
    """What of an appointment happens on one day, on either side. when: as the first side that has it says."""

    seen: SeenAppointment
    when: When
    advoware: When | None = None
    google: When | None = None

    @property
    def agreement(self) -> SideAgreement:
        """Of this day: an appointment that was moved stands on one day there and on another one here, and so may one
        occurrence of a series that is equal otherwise."""
        if self.seen.agreement in (SideAgreement.differs, SideAgreement.unsupported):
            return self.seen.agreement
        if self.advoware and self.google:
            return self.seen.agreement if self.advoware == self.google else SideAgreement.differs
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
        advoware = _by_day(_occurrences(seen.advoware, (), monday, last), monday, last)
        google = _by_day(_occurrences(seen.google, seen.exceptions, monday, last), monday, last)
        for day in advoware.keys() | google.keys():
            by_day[day] += _beside_each_other(seen, advoware.get(day, ()), google.get(day, ()))
    return tuple(_week(by_day, monday + index * WEEK) for index in range(number))


def _week(by_day: Mapping[date, list[DayEntry]], monday: date) -> CalendarWeek:
    days = [monday + index * DAY for index in range(7)]
    return CalendarWeek(tuple(CalendarDay(day, tuple(sorted(by_day.get(day, ()), key=_order))) for day in days))


def _order(entry: DayEntry) -> tuple[bool, str]:
    return not entry.when.all_day, entry.when.start[10:]


def _beside_each_other(seen: SeenAppointment, advoware: Sequence[When], google: Sequence[When]) -> Iterator[DayEntry]:
    """What happens of it on one day; of a series that may be several things in Google, one of them moved there."""
    for when in advoware:
        if when in google:
            yield DayEntry(seen, when, when, when)
    here = [when for when in advoware if when not in google]
    there = [when for when in google if when not in advoware]
    for one, other in zip_longest(here, there):
        when = one or other
        if when is not None:
            yield DayEntry(seen, when, one, other)


def _occurrences(
    form: Canonical | None, exceptions: Sequence[SeriesException], first: date, last: date
) -> Iterator[When]:
    """What happens of it; of exceptions those that belong to an occurrence: left out where they were, and shown where
    they are now."""
    if form is None:
        return
    elsewhere = {original: one for one in exceptions if (original := original_start(one.original_start, form.when))}
    for when in occurrences(form.when, form.rule, first=first, last=last):
        known = elsewhere.get(when.start)
        if known is None or not (known.cancelled or known.when):
            yield when
    moved = {original: one.when for original, one in elsewhere.items() if one.when and _touches(one.when, first, last)}
    if moved:
        ends = (date.fromisoformat(pick(moved)[:10]) for pick in (min, max))
        begun = {when.start for when in occurrences(form.when, form.rule, first=next(ends), last=next(ends))}
        yield from (when for original, when in moved.items() if original in begun)


def _touches(when: When, first: date, last: date) -> bool:
    return when.first_day <= last and when.end[:10] >= first.isoformat()


def _by_day(found: Iterable[When], first: date, last: date) -> dict[date, list[When]]:
    """Each day on which something of it happens, with the occurrences that it belongs to."""
    days: dict[date, list[When]] = defaultdict(list)
    for when in found:
        day = max(when.first_day, first)
        ends = min(date.fromisoformat(when.end[:10]), last, day + MOST_DAYS * DAY)
        while day <= ends:
            days[day].append(when)
            day += DAY
    return days


def stored(row: CalendarEmployee, *, monday: date, number: int) -> list[SeenAppointment]:
    """As both sides were after the last pass."""
    last = monday + number * WEEK - DAY
    inside = Q(starts_on__lte=last) & (Q(ends_on__gte=monday) | Q(ends_on=None))
    elsewhere = ~Q(exceptions=[])  # an occurrence may have been moved out of the days of its series
    rows = Appointment.objects.filter(inside | elsewhere, employee=row).exclude(status=PairStatus.closed).order_by("pk")
    return [_stored(one) for one in rows]


def _stored(row: Appointment) -> SeenAppointment:
    advoware = form_of(row.base_advoware) if row.fr_nr is not None else None
    google, exceptions = google_form(row), exceptions_of(row.exceptions)
    agreed = agreed_forms(row) if row.status == PairStatus.ok else None
    return SeenAppointment(advoware, google, row.pk, row.status, row.shown, exceptions=exceptions, agreed=agreed)


def as_they_are(reading: CalendarReading, plan: Plan) -> list[SeenAppointment]:
    """As both sides are at this moment, with what the next pass does about each appointment."""
    missing = reading.snapshot.policy.missing_time
    termine = {one.fr_nr: read_termin(one, missing).form for one in reading.snapshot.termine}
    living = (one for one in reading.snapshot.events if not one.cancelled and not one.recurring_event_id)
    events = {one.id: read_event(one).form for one in living}
    planned = {one.pair.google_id: one for one in plan.pairs}
    pairs = {one.google_id: one for one in reading.snapshot.pairs}
    pairs |= {own: one.pair for own, one in planned.items() if one.pair.is_open}
    exceptions = reading.indexed.exceptions
    found = []
    for own, pair in pairs.items():
        number = pair.fr_nr if pair.fr_nr is not None else 0
        actions = tuple(step.action.value for step in planned[own].steps) if own in planned else ()
        sides = termine.pop(number, None), events.pop(own, None)
        agreed, apart = both(pair.base_advoware, pair.base_google), exceptions.get(own, ())
        found.append(SeenAppointment(*sides, pair.id, pair.status.value, pair.shown, actions, apart, agreed))
    found += [SeenAppointment(form, None) for form in termine.values() if form is not None]
    alone = ((own, form) for own, form in events.items() if form is not None)
    found += [SeenAppointment(None, form, exceptions=exceptions.get(own, ())) for own, form in alone]
    return [one for one in found if one.advoware is not None or one.google is not None]
