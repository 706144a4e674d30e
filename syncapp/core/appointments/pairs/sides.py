"""Where each side of a pair stands: what was read, held against the base, and what counts as evidence.

Purpose: the decision table asks for two words, these; here alone it is judged whether something is gone.
Invariant: absence is no evidence. What a list lacks is `unseen` until a single read has said more.

| Advoware shows | side |
| --- | --- |
| the Termin, as the base | same |
| the Termin, otherwise | changed |
| the Termin, of somebody else by now | moved |
| the Termin, private by now, where private ones are left out | withheld |
| the Termin, which Google cannot hold | unsupported |
| nothing in the list; a single read says 404 or 410, and proves it where that is a web page | gone |
| nothing; a single read is empty, an hour after the first empty one | gone |
| nothing; a single read is refused | unsupported |
| nothing, and no more is known | unseen |

| Google shows | side |
| --- | --- |
| the event, as the base; or nothing of it in a list of changes, nor waiting from an earlier one | same |
| the event, otherwise | changed |
| a tombstone; or a single read says gone | deleted |
| the event, which Advoware cannot hold | unsupported |
| nothing in a complete list | unseen |
| nothing; an unanswered write may have made it, and it would have to go now | unseen |
| nothing, and it was never there | absent |

To extend: a further proof is a row here and a line in `advoware_side` or `google_side`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from functools import cached_property

from syncapp.core.appointments.forms.canonical import Canonical, FormReading, Group, event_when, read_event, read_termin
from syncapp.core.appointments.forms.drafts import Shown
from syncapp.core.appointments.forms.reasons import FormReason, SilentNote
from syncapp.core.appointments.plan_shapes import CalendarSnapshot, ReadOutcome, SingleRead
from syncapp.core.appointments.policy import CalendarPolicy, CalendarSide, Private, belongs, is_companion
from syncapp.core.appointments.rows import AppointmentAction, AppointmentPair, SeriesException
from syncapp.core.appointments.shapes import AdvowareTermin, CalendarEvent
from syncapp.core.appointments.windows import Window, act_window, read_window

EMPTY_COUNTS_AFTER = timedelta(hours=1)
# What Advoware shows in place of the text of somebody else's private Termin.
MASKS = frozenset({"", "privat", "privater termin", "belegt"})


class Advoware(StrEnum):
    same = "same"
    changed = "changed"
    gone = "gone"
    moved = "moved"
    withheld = "withheld"
    unseen = "unseen"
    unsupported = "unsupported"


class Google(StrEnum):
    same = "same"
    changed = "changed"
    deleted = "deleted"
    unseen = "unseen"
    unsupported = "unsupported"
    absent = "absent"


@dataclass(frozen=True, slots=True)
class TerminSide:
    """form: with the base's texts where the Termin is masked. read: what it literally said."""

    state: Advoware
    termin: AdvowareTermin | None = None
    form: Canonical | None = None
    read: Canonical | None = None
    reason: FormReason | None = None
    notes: frozenset[SilentNote] = frozenset()
    masked: bool = False


@dataclass(frozen=True, slots=True)
class GoogleSide:
    """event: what is known to be there, if it was shown in this pass or waits since an earlier one."""

    state: Google
    event: CalendarEvent | None = None
    form: Canonical | None = None
    reason: FormReason | None = None
    notes: frozenset[SilentNote] = frozenset()


@dataclass(frozen=True)
class IndexedSnapshot:
    """A snapshot with its indexes."""

    snapshot: CalendarSnapshot

    @property
    def policy(self) -> CalendarPolicy:
        return self.snapshot.policy

    @cached_property
    def act(self) -> Window:
        return act_window(self.snapshot.now, self.policy)

    @cached_property
    def read(self) -> Window:
        return read_window(self.snapshot.now, self.policy)

    @cached_property
    def termine(self) -> Mapping[int, AdvowareTermin]:
        """The list, with what single reads have found."""
        singles = {number: one.termin for number, one in self.snapshot.termin_reads.items() if one.termin is not None}
        return singles | {termin.fr_nr: termin for termin in self.snapshot.termine}

    @cached_property
    def listed(self) -> frozenset[int]:
        """What the list of this employee holds, whatever it says of each."""
        return frozenset(termin.fr_nr for termin in self.snapshot.termine)

    @cached_property
    def events(self) -> Mapping[str, CalendarEvent]:
        """What Google showed in this pass, but for exceptions of series."""
        singles = {own: one.event for own, one in self.snapshot.event_reads.items() if one.event is not None}
        return singles | {event.id: event for event in self.snapshot.events if not event.recurring_event_id}

    @cached_property
    def row_ids(self) -> frozenset[str]:
        """The ids of events that some row has."""
        return frozenset(pair.google_id for pair in (*self.snapshot.pairs, *self.snapshot.closed))

    @cached_property
    def exceptions(self) -> Mapping[str, tuple[SeriesException, ...]]:
        """The occurrences of each series that were shown to differ from it."""
        found: dict[str, list[SeriesException]] = {}
        for event in self.snapshot.events:
            if event.recurring_event_id:
                original = event.original_start.date or event.original_start.date_time or event.id
                when = None if event.cancelled else event_when(event)
                found.setdefault(event.recurring_event_id, []).append(SeriesException(original, event.cancelled, when))
        return {master: tuple(ones) for master, ones in found.items()}

    def is_due(self, pair: AppointmentPair) -> bool:
        """Whether a row that has failed is tried again in this pass."""
        return self.snapshot.force or pair.wait_until is None or pair.wait_until <= self.snapshot.now

    def read_singly(self, pair: AppointmentPair, number: int | None) -> datetime | None:
        """When that Termin or the row's event was last read by itself; what Google shows of it anew begins anew."""
        read = number in self.snapshot.termin_reads or pair.google_id in self.snapshot.event_reads
        news = pair.google_id in self.events
        return self.snapshot.now if read else None if news else pair.read_at

    def empty_since(self, pair: AppointmentPair, number: int | None) -> datetime | None:
        """Since when single reads of that Termin, which no list shows, come back empty; as it was if nobody has
        looked."""
        single = None if number is None else self.snapshot.termin_reads.get(number)
        if single is None:
            return pair.empty_since
        return (pair.empty_since or self.snapshot.now) if single.outcome is ReadOutcome.empty else None

    def proves_gone(self, single: SingleRead, empty_since: datetime | None) -> bool:
        """A single read says so, or is empty, an hour after the first empty one."""
        if single.outcome is not ReadOutcome.empty:
            return single.outcome is ReadOutcome.gone
        return empty_since is not None and self.snapshot.now - empty_since >= EMPTY_COUNTS_AFTER

    def reading(self, termin: AdvowareTermin) -> FormReading:
        return read_termin(termin, self.policy.missing_time)

    def belongs(self, termin: AdvowareTermin) -> bool:
        return belongs(termin, self.snapshot.employee, self.policy)

    def writable(self, termin: AdvowareTermin) -> bool:
        """Whether a change in Google may go to this Termin."""
        return self.snapshot.employee.write_to_advoware and not is_companion(termin, self.snapshot.employee)

    def shown(self, pair: AppointmentPair, side: TerminSide) -> Shown:
        """How Google is to show it. Private here: since Advoware says so; what an employee made or marked private in
        their own calendar keeps its text there."""
        if not self.snapshot.employee.full_content:
            return Shown.anonymous
        if side.form is None or not (side.form.privat or side.masked) or pair.origin is CalendarSide.google:
            return Shown.full
        was = pair.base_advoware
        marked_in_google = was is not None and was.privat and pair.shown is Shown.full and not side.masked
        if marked_in_google:
            return Shown.full
        return Shown.open if self.policy.private is Private.full and not side.masked else Shown.busy


def advoware_side(context: IndexedSnapshot, pair: AppointmentPair) -> TerminSide:
    number = pair.fr_nr
    termin = None if number is None else context.termine.get(number)
    if termin is None:
        return _not_listed(context, pair)
    if not context.belongs(termin):
        moved = termin.anwalt != pair.anwalt
        reading = context.reading(termin)
        return TerminSide(Advoware.moved if moved else Advoware.unseen, termin, reading.form, reading.form)
    reading = context.reading(termin)
    if reading.form is None:
        return TerminSide(Advoware.unsupported, termin, reason=reading.reason)
    masked = _is_masked(context, termin, reading.form, pair)
    form = _unmasked(reading.form, pair) if masked else reading.form
    state = Advoware.same if form == pair.base_advoware else Advoware.changed
    return TerminSide(state, termin, form, reading.form, notes=reading.notes, masked=masked)


def _not_listed(context: IndexedSnapshot, pair: AppointmentPair) -> TerminSide:
    single = None if pair.fr_nr is None else context.snapshot.termin_reads.get(pair.fr_nr)
    if single is None:
        return TerminSide(Advoware.unseen)
    if single.outcome is ReadOutcome.refused:
        return TerminSide(Advoware.unsupported, reason=FormReason.not_shown)
    return TerminSide(Advoware.gone if context.proves_gone(single, pair.empty_since) else Advoware.unseen)


def _is_masked(context: IndexedSnapshot, termin: AdvowareTermin, form: Canonical, pair: AppointmentPair) -> bool:
    """Whether Advoware shows something else than the text, since the Termin is private."""
    if termin.masked:
        return True
    if not termin.privat or form.text.strip().casefold() not in MASKS:
        return False
    base = pair.base_advoware
    if base is not None and form.text != base.text:
        return True
    # Nobody has ever seen another text. It was typed where Google made it or showed it in full, or where more than such
    # a word is there; else a PUT of the whole object would write the word over the true texts.
    unseen = base is None or pair.shown in (Shown.busy, Shown.anonymous)
    return unseen and pair.origin is CalendarSide.advoware and not (form.ort or form.notiz)


def _unmasked(form: Canonical, pair: AppointmentPair) -> Canonical:
    base = pair.base_advoware
    return form if base is None else replace(form, text=base.text, ort=base.ort, notiz=base.notiz)


def google_side(context: IndexedSnapshot, pair: AppointmentPair) -> GoogleSide:
    event = _shown_event(context, pair)
    if event is None:
        return GoogleSide(_unshown(context, pair))
    if event.cancelled:
        return GoogleSide(Google.deleted if pair.base_google or pair.is_linked else Google.absent, event)
    reading = read_event(event)
    if reading.form is None:
        return GoogleSide(Google.unsupported, event, reason=reading.reason)
    same = pair.base_google is not None and not typed_in_google(pair, reading.form)
    return GoogleSide(Google.same if same else Google.changed, event, reading.form, notes=reading.notes)


def typed_in_google(pair: AppointmentPair, form: Canonical) -> frozenset[Group]:
    """What is not as it was agreed on; while nobody has seen whether a PUT arrived, also what is not as it carried it:
    somebody may have typed the old value again since."""
    typed = form.differing(pair.base_google) if pair.base_google is not None else frozenset(Group)
    intent = pair.intent
    if intent is None or intent.action is not AppointmentAction.put_termin or intent.carried is None:
        return typed
    return typed | (form.differing(intent.carried) & intent.groups)


def withheld(context: IndexedSnapshot, pair: AppointmentPair, advoware: TerminSide, google: GoogleSide) -> bool:
    """Whether Google may not show the Termin any more: it has become private in Advoware, where such are left out.

    Not where it was private in Google before: a changed setting deletes nothing, and what somebody has marked so in
    their own calendar is theirs.
    """
    form = advoware.form
    if context.policy.private is not Private.skip or advoware.state is not Advoware.changed or form is None:
        return False
    known = (pair.base_advoware, pair.base_google, google.form)
    return form.privat and not any(one is not None and one.privat for one in known)


def perhaps_there(context: IndexedSnapshot, pair: AppointmentPair) -> bool:
    """Whether an unanswered write may have made its event, which no list shows, and which is to go now, or will be once
    a single read has found its Termin gone: somebody may have changed it since, and only a single read can say so."""
    unanswered = pair.intent is not None and pair.intent.action is AppointmentAction.insert_event
    if not unanswered or pair.google_id in context.events:
        return False
    advoware = advoware_side(context, pair)
    perhaps_gone = advoware.state is Advoware.unseen and advoware.termin is None
    goes = perhaps_gone or advoware.state in (Advoware.gone, Advoware.moved)
    return goes or withheld(context, pair, advoware, GoogleSide(Google.absent))


def _shown_event(context: IndexedSnapshot, pair: AppointmentPair) -> CalendarEvent | None:
    """The event as this pass has seen it, or as an earlier one has; a tombstone where a single read found it gone."""
    shown = context.events.get(pair.google_id)
    if shown is not None:
        return shown
    single = context.snapshot.event_reads.get(pair.google_id)
    if single is not None and single.outcome is ReadOutcome.gone and (pair.waiting or pair.base_google):
        return CalendarEvent(pair.google_id, status="cancelled")
    waiting = pair.waiting
    # What an earlier pass saw says nothing against a complete list that lacks it; nor does the list against it.
    return waiting if waiting is None or waiting.cancelled or not context.snapshot.full_google else None


def _unshown(context: IndexedSnapshot, pair: AppointmentPair) -> Google:
    if pair.base_google is None and pair.waiting is None:
        unread = pair.google_id not in context.snapshot.event_reads
        return Google.unseen if unread and perhaps_there(context, pair) else Google.absent
    return Google.unseen if context.snapshot.full_google else Google.same
