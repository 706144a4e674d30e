"""The canonical form of an appointment: one meaning for both systems, field group by field group.

Purpose: what a Termin and an event say, so that the two, and each of them and its base, can be compared.
Invariant: reading what was written from a form gives that form (`drafts.py` writes); nothing here raises for odd
texts: what cannot be held on the other side is a Reading without a form, with its reason.

| Advoware shows | it is |
| --- | --- |
| `datum` + `uhrzeitVon` to `datumBis` (else `datum`) + `uhrzeitBis` | a time; several days are one event |
| no `uhrzeitBis` | the time that `datumBis` holds, else half an hour on the last day |
| no `uhrzeitVon` | as `missing_time` says: all-day, or from that time on; noted |
| its all-day field, 00:00 to 23:59, or 00:00 to 00:00 | all-day, `datum` to `datumBis`, both of them included |
| a start in the hour that spring leaves out, and an end right after it | both an hour later |
| an end before the start | not representable |
| whole days until 31 December 9999 | not representable: Google's end would be the day after |

| Google shows | it is |
| --- | --- |
| `date` | all-day; its end is exclusive |
| `dateTime` | a time by Berlin's clocks, to the minute; start and end may be equal |
| a time from midnight to 23:59 or to midnight | all-day, since Advoware has no other way to say that |
| visibility private or confidential | privat |

To extend: a further group is a member of Group, a field of Canonical, its reading here and its writing in `drafts.py`.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from enum import StrEnum
from typing import Any

from syncapp.core.appointments.forms import berlin, series
from syncapp.core.appointments.forms.plain_text import lines, plain
from syncapp.core.appointments.forms.reasons import FormReason, NotRepresentable, SilentNote
from syncapp.core.appointments.forms.series import SeriesRule, When
from syncapp.core.appointments.shapes import AdvowareTermin, CalendarEvent

ALL_DAY = "all_day"
DEFAULT_LENGTH = 30 * berlin.MINUTE
PRIVATE = frozenset({"private", "confidential"})


class Group(StrEnum):
    """What is merged as a whole."""

    when = "when"
    rule = "rule"
    text = "text"
    ort = "ort"
    notiz = "notiz"
    privat = "privat"


GROUPS = tuple(Group)
TEXTS = frozenset({Group.text, Group.ort, Group.notiz})
Value = When | SeriesRule | str | bool | None


@dataclass(frozen=True, slots=True)
class Canonical:
    """What an appointment says."""

    when: When
    rule: SeriesRule | None = None
    text: str = ""
    ort: str = ""
    notiz: str = ""
    privat: bool = False

    def of(self, group: Group) -> Value:
        value: Value = getattr(self, group)
        return value

    def with_values(self, values: Mapping[Group, Value]) -> "Canonical":
        fields = {group.value: values.get(group, self.of(group)) for group in GROUPS}
        return Canonical(**fields)  # type: ignore[arg-type]

    def with_groups_of(self, other: "Canonical", groups: Iterable[Group]) -> "Canonical":
        return self.with_values({group: other.of(group) for group in groups})

    def differing(self, other: "Canonical") -> frozenset[Group]:
        return frozenset(group for group in GROUPS if self.of(group) != other.of(group))

    def last_day(self) -> str:
        """The last day on which something of it happens; "" for a series without end."""
        return self.when.end[:10] if self.rule is None else self.rule.until

    def to_json(self) -> dict[str, Any]:
        return {group.value: value_json(self.of(group)) for group in GROUPS}

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> "Canonical":
        when, rule = When(*stored["when"]), stored["rule"]
        known = SeriesRule(series.Freq(rule[0]), rule[1], rule[2]) if rule else None
        return cls(when, known, stored["text"], stored["ort"], stored["notiz"], stored["privat"])


def value_json(value: Value) -> Any:
    """One group of a form, as `Canonical.to_json` spells it."""
    if isinstance(value, When):
        return [value.all_day, value.start, value.end]
    if isinstance(value, SeriesRule):
        return [value.freq.value, value.interval, value.until]
    return value


@dataclass(frozen=True, slots=True)
class FormReading:
    """What was read: a form, or the reason why there is none."""

    form: Canonical | None
    reason: FormReason | None = None
    notes: frozenset[SilentNote] = frozenset()


def read_termin(termin: AdvowareTermin, missing_time: str = ALL_DAY) -> FormReading:
    """What a Termin says; `missing_time` is `all_day`, or the time (`09:00`) of one that has none."""
    notes: set[SilentNote] = set()
    try:
        when = _termin_when(termin, missing_time, notes)
        rule = series.from_advoware(termin, when) if termin.dauertermin else None
    except NotRepresentable as reason:
        return FormReading(None, reason.reason)
    form = Canonical(when, rule, lines(termin.text), lines(termin.ort), lines(termin.notiz), termin.privat)
    return FormReading(form, None, frozenset(notes))


def _termin_when(termin: AdvowareTermin, missing_time: str, notes: set[SilentNote]) -> When:
    first = berlin.moment(termin.datum)
    if first is None:
        raise NotRepresentable(FormReason.no_date)
    # The last day of a series is that of its last occurrence: an occurrence ends on the day it began.
    last = (None if termin.dauertermin else berlin.moment(termin.datum_bis)) or first
    start, end = _clocks(termin, first, last, missing_time, notes)
    if last.date() < first.date():
        raise NotRepresentable(FormReason.end_before_start)
    if termin.all_day or start is None or (start == berlin.MIDNIGHT and end in (berlin.MIDNIGHT, berlin.LAST_MINUTE)):
        return _whole_days(first.date(), last.date())
    return _timed(_at(first, start), _end_of(last, start, end), notes)


def _clocks(
    termin: AdvowareTermin, first: datetime, last: datetime, missing_time: str, notes: set[SilentNote]
) -> tuple[time | None, time | None]:
    """Start and end; a start of None is all-day."""
    start, end = berlin.clock(termin.uhrzeit_von), berlin.clock(termin.uhrzeit_bis)
    if start is None and first.time() != berlin.MIDNIGHT:
        start = first.time()
    if end is None and last > first and last.time() != berlin.MIDNIGHT:
        # The last minute of a day is how a whole one ends, and no end of what began at nine.
        end = None if last.time() == berlin.LAST_MINUTE and start != berlin.MIDNIGHT else last.time()
    if start is None and not termin.all_day:
        notes.add(SilentNote.missing_time)
        start = None if missing_time == ALL_DAY else berlin.clock(missing_time)
    return start, end


def _at(day: datetime, at: time) -> datetime:
    return datetime.combine(day.date(), at)


def _end_of(last: datetime, start: time, end: time | None) -> datetime:
    try:
        return _at(last, end) if end is not None else _at(last, start) + DEFAULT_LENGTH
    except OverflowError:
        raise NotRepresentable(FormReason.unreadable_date) from None


def _timed(start: datetime, end: datetime, notes: set[SilentNote]) -> When:
    if end < start:
        raise NotRepresentable(FormReason.end_before_start)
    lasts = end - start
    start, end = berlin.shown(start, notes), berlin.shown(end, notes)
    if lasts and end <= start:  # the start went an hour on from the hour that spring leaves out: the end goes along
        end = start + lasts
    return When(False, berlin.spelled_minute(start), berlin.spelled_minute(end))


def read_event(event: CalendarEvent) -> FormReading:
    """What an event says; one that is deleted says nothing and is not to be handed in."""
    notes: set[SilentNote] = set()
    try:
        when = _event_when(event, notes)
        rule = series.from_google(event.recurrence, when, event.start) if event.recurrence else None
    except NotRepresentable as reason:
        return FormReading(None, reason.reason)
    form = Canonical(
        when, rule, lines(event.summary), lines(event.location), plain(event.description), event.visibility in PRIVATE
    )
    return FormReading(form, None, frozenset(notes))


def living_form(event: CalendarEvent | None) -> Canonical | None:
    """What an event says; None where it is deleted, or says what Advoware could not hold."""
    return None if event is None or event.cancelled else read_event(event).form


def seen_form(event: CalendarEvent) -> Canonical | None:
    """What people can be shown of an event, also of one that Advoware could not hold; None: not even when it is."""
    form, when = read_event(event).form, event_when(event)
    if form is not None or when is None:
        return form
    return Canonical(when, None, lines(event.summary), lines(event.location), privat=event.visibility in PRIVATE)


def event_when(event: CalendarEvent) -> When | None:
    """When it happens, and no more; None where that cannot be read."""
    try:
        return _event_when(event, set())
    except NotRepresentable:
        return None


def _event_when(event: CalendarEvent, notes: set[SilentNote]) -> When:
    if event.start.date:
        return _all_day(event)
    start, end = event.start, event.end
    if not start.date_time or not end.date_time:
        raise NotRepresentable(FormReason.no_date)
    first = berlin.google_moment(start.date_time, start.time_zone, notes)
    last = berlin.google_moment(end.date_time, end.time_zone or start.time_zone, notes)
    if last < first:
        raise NotRepresentable(FormReason.end_before_start)
    if first.time() == berlin.MIDNIGHT and last.time() in (berlin.MIDNIGHT, berlin.LAST_MINUTE):
        whole = last - berlin.MINUTE if last > first and last.time() == berlin.MIDNIGHT else last
        return _whole_days(first.date(), whole.date())
    return When(False, berlin.spelled_minute(first), berlin.spelled_minute(last))


def _all_day(event: CalendarEvent) -> When:
    try:
        first = datetime.fromisoformat(event.start.date).date()
        after = datetime.fromisoformat(event.end.date or event.start.date).date()
        last = max(first, after - berlin.DAY)
    except (ValueError, OverflowError):
        raise NotRepresentable(FormReason.unreadable_date) from None
    if after < first:
        raise NotRepresentable(FormReason.end_before_start)
    return _whole_days(first, last)


def _whole_days(first: date, last: date) -> When:
    """Google's end is the day after: the last day that there is cannot be written there."""
    if last == date.max:
        raise NotRepresentable(FormReason.unreadable_date)
    return When(True, first.isoformat(), last.isoformat())
