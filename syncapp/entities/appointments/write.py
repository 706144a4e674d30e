"""One write to either side, and what its answer makes of the row.

Invariant: a PUT or a deletion in Advoware goes out only if the Termin was just read and is still what was decided
about, one process at a time for each Termin; Google is written under the version that was decided about. Undecided
instead of an answer: there is none to keep, and the pair is decided anew, in this pass or a later one.
To extend: a new AppointmentAction is a row of WRITES.
"""

from collections.abc import Callable, Mapping
from datetime import date
from enum import Enum, auto
from functools import wraps
from typing import TypeVar

from syncapp.core.appointments import answers
from syncapp.core.appointments.answers import AnsweredWrite
from syncapp.core.appointments.pairs.sides import Context
from syncapp.core.appointments.rows import AppointmentAction, AppointmentPair, Step
from syncapp.core.appointments.shapes import AdvowareTermin, CalendarEvent
from syncapp.engine.rows.locks import BriefLock
from syncapp.entities.appointments import configured
from syncapp.entities.appointments.clients import PassContext
from syncapp.entities.appointments.read import CalendarReading, event_read, termin_read
from syncapp.remotes.http.errors import Duplicate, NotFound, RemoteError

T = TypeVar("T")


class Undecided(Enum):
    """Why there is no answer to keep."""

    CHANGED = auto()  # it is not what was decided about any more, or was gone right after the write
    BUSY = auto()  # a pass over another calendar is just writing the same Termin; nothing was sent


Answered = AnsweredWrite | Undecided
Write = Callable[[PassContext, CalendarReading, Step, AppointmentPair], Answered]


def _alone(write: Write) -> Write:
    """This write, while no pass over another calendar writes the same Termin."""

    @wraps(write)
    def write_alone(context: PassContext, reading: CalendarReading, step: Step, pair: AppointmentPair) -> Answered:
        lock = BriefLock(f"termin:{_given(step.fr_nr)}")
        if not lock.acquire():
            return Undecided.BUSY
        try:
            return write(context, reading, step, pair)
        finally:
            lock.release()

    return write_alone


def send(context: PassContext, reading: CalendarReading, step: Step, pair: AppointmentPair) -> Answered:
    """Write, and the row after it. Raises what the remote system says of errors."""
    return WRITES[step.action](context, reading, step, pair)


def _insert(context: PassContext, reading: CalendarReading, step: Step, pair: AppointmentPair) -> Answered:
    google, calendar_id = context.tools.of(context.row.kuerzel).google, context.row.calendar_id
    try:
        event = google.insert(calendar_id, step.google_id, _given(step.event))
    except Duplicate:
        there = google.event(calendar_id, step.google_id)
        return answers.after_duplicate(Context(reading.snapshot, reading.policy), step, pair, there)
    return answers.after_event(step, pair, event)


def _patch(context: PassContext, reading: CalendarReading, step: Step, pair: AppointmentPair) -> Answered:
    event = _version(context, step)
    if event is None:
        return Undecided.CHANGED
    google = context.tools.of(context.row.kuerzel).google
    return answers.after_event(step, pair, google.patch(context.row.calendar_id, event, _given(step.event)))


def _delete_event(context: PassContext, reading: CalendarReading, step: Step, pair: AppointmentPair) -> Answered:
    event = _version(context, step)
    if event is not None:
        context.tools.of(context.row.kuerzel).google.delete(context.row.calendar_id, event)
    return answers.after_deletion(step, pair)


def _version(context: PassContext, step: Step) -> CalendarEvent | None:
    """The event under the version that was decided about; None: it is gone."""
    if step.etag:
        return CalendarEvent(step.google_id, etag=step.etag)
    found = event_read(context, step.google_id).event
    return None if found is None or found.cancelled else found


@_alone
def _put(context: PassContext, reading: CalendarReading, step: Step, pair: AppointmentPair) -> Answered:
    current = _as_expected(context, reading, step)
    if current is None:
        return Undecided.CHANGED
    context.tools.advoware.update_termin(current, _given(step.termin))
    shown = termin_read(context, _given(step.fr_nr)).termin
    if shown is None:
        return Undecided.CHANGED
    return answers.after_put(Context(reading.snapshot, reading.policy), step, pair, shown)


def _post(context: PassContext, reading: CalendarReading, step: Step, pair: AppointmentPair) -> Answered:
    """A POST cannot be repeated: Advoware has to be at work just now."""
    advoware = context.tools.advoware
    if not advoware.seen_alive:
        today = date.fromisoformat(reading.snapshot.now.date().isoformat())
        advoware.termine(context.row.kuerzel, first=today, last=today)
    number = advoware.create_termin(_given(step.termin))
    try:
        shown = advoware.termin(number)
    except RemoteError:
        return answers.after_number(step, pair, number)
    return answers.after_put(Context(reading.snapshot, reading.policy), step, pair, shown)


@_alone
def _delete_termin(context: PassContext, reading: CalendarReading, step: Step, pair: AppointmentPair) -> Answered:
    fr_nr = _given(step.fr_nr)
    found = termin_read(context, fr_nr).termin
    if found is not None and Context(reading.snapshot, reading.policy).reading(found).form != step.expects:
        return Undecided.CHANGED
    try:
        context.tools.advoware.delete_termin(fr_nr)
    except NotFound:
        return answers.after_deletion(step, pair)
    configured.set_can_delete(True)
    return answers.after_deletion(step, pair)


def _as_expected(context: PassContext, reading: CalendarReading, step: Step) -> AdvowareTermin | None:
    found = termin_read(context, _given(step.fr_nr)).termin
    if found is None or Context(reading.snapshot, reading.policy).reading(found).form != step.expects:
        return None
    return found


def _given(value: T | None) -> T:
    if value is None:
        raise ValueError("a step lacks what it is to write")
    return value


WRITES: Mapping[AppointmentAction, Write] = {
    AppointmentAction.insert_event: _insert,
    AppointmentAction.patch_event: _patch,
    AppointmentAction.delete_event: _delete_event,
    AppointmentAction.put_termin: _put,
    AppointmentAction.post_termin: _post,
    AppointmentAction.delete_termin: _delete_termin,
}
