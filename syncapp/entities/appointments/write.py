"""One write to either side, and what its answer makes of the row.

Invariant: a PUT or a deletion in Advoware goes out only if the Termin was just read and is still what was decided
about, one process at a time for each Termin (a lock in Redis keeps them apart, intents in the database make it safe),
and counts by what is read afterwards; Google is written under the version that was decided about. Undecided instead of
an answer: there is none to keep, and the pair is decided anew, in this pass or a later one.
To extend: a new AppointmentAction is a row of WRITES; one that writes a Termin which others may write too belongs into
`store.WRITES_OF_A_TERMIN` as well, and has its lock by that.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from enum import Enum, auto
from typing import TypeVar

from syncapp.core.appointments import answers
from syncapp.core.appointments.answers import AnsweredWrite
from syncapp.core.appointments.plan_shapes import ReadOutcome
from syncapp.core.appointments.rows import AppointmentAction, AppointmentPair, PlannedStep
from syncapp.core.appointments.shapes import AdvowareTermin, CalendarEvent
from syncapp.core.systems import System
from syncapp.engine.rows.locks import BriefLock
from syncapp.entities.appointments import configured
from syncapp.entities.appointments.clients import PassContext, google_of
from syncapp.entities.appointments.read import CalendarReading, event_read, termin_read
from syncapp.entities.appointments.rows import store
from syncapp.models import CalendarEmployee
from syncapp.remotes.http.errors import (
    Duplicate,
    Forbidden,
    NotFound,
    NotFoundPage,
    RemoteError,
    VersionConflict,
    Where,
)

T = TypeVar("T")
NOT_FOUND_BY_PUT = (
    "it shows the appointment, but does not find it to change it; if that goes for all, try another "
    "ADVOWARE_TERMIN_NUMBER_IN"
)


class Undecided(Enum):
    """Why there is no answer to keep."""

    CHANGED = auto()  # it is not what was decided about any more, or was gone right after the write
    BUSY = auto()  # somebody is just writing the same Termin or occurrence; nothing was written, a later pass looks


Answered = AnsweredWrite | Undecided
Write = Callable[[PassContext, CalendarReading, PlannedStep, AppointmentPair], Answered]


def lock_of(fr_nr: int) -> BriefLock:
    """Of whoever writes this Termin: a pass, a person who brings something back, another program over the proxy."""
    return BriefLock(f"termin:{fr_nr}")


@contextmanager
def alone(fr_nr: int, *, but: CalendarEmployee | None = None) -> Iterator[bool]:
    """Whether nobody else of this installation writes this Termin; nobody begins before this one is through.

    but: the calendar whose pass asks. Redis may forget the lock. Each pass has committed its intent before it looks for
    those of others here, so of two that are as far as this at least one sees the other.
    """
    lock = lock_of(fr_nr)
    taken = lock.acquire()
    try:
        yield taken and not store.is_announced(fr_nr, but=but)
    finally:
        if taken:
            lock.release()


def send(context: PassContext, reading: CalendarReading, step: PlannedStep, pair: AppointmentPair) -> Answered:
    """Write, and the row after it. Raises what the remote system says of errors."""
    carry_out = WRITES[step.action]
    if step.action not in store.WRITES_OF_A_TERMIN:
        return carry_out(context, reading, step, pair)
    with alone(_given(step.fr_nr), but=context.row) as is_alone:
        return carry_out(context, reading, step, pair) if is_alone else Undecided.BUSY


def _insert(context: PassContext, reading: CalendarReading, step: PlannedStep, pair: AppointmentPair) -> Answered:
    try:
        event = google_of(context).insert(context.row.calendar_id, step.google_id, _given(step.event))
    except Duplicate:
        # Where Google shows nothing under an id that it does not give out, the id is burnt all the same.
        there = event_read(context, step.google_id).event or CalendarEvent(step.google_id, status="cancelled")
        return answers.after_duplicate(reading.indexed, step, pair, there)
    return answers.after_event(step, pair, event)


def _patch(context: PassContext, reading: CalendarReading, step: PlannedStep, pair: AppointmentPair) -> Answered:
    event = _version(context, step)
    if event is None:
        return Undecided.CHANGED
    try:
        shown = google_of(context).patch(context.row.calendar_id, event, _given(step.event))
    except Forbidden:
        if _is_gone(context, step):
            return Undecided.CHANGED
        raise
    return answers.after_event(step, pair, shown)


def _reword(context: PassContext, reading: CalendarReading, step: PlannedStep, pair: AppointmentPair) -> Answered:
    event = _version(context, step)
    if event is not None:
        try:
            google_of(context).patch(context.row.calendar_id, event, _given(step.event))
        except VersionConflict:
            return Undecided.BUSY
        except (Forbidden, NotFound):
            if not _is_gone(context, step):
                raise
    return answers.after_words(pair)


def _delete_event(context: PassContext, reading: CalendarReading, step: PlannedStep, pair: AppointmentPair) -> Answered:
    event = _version(context, step)
    if event is not None:
        try:
            google_of(context).delete(context.row.calendar_id, event)
        except Forbidden:
            if not _is_gone(context, step):
                raise
    return answers.after_deletion(step, pair)


def _is_gone(context: PassContext, step: PlannedStep) -> bool:
    """A write to what somebody has just deleted may be refused as if we lacked the right."""
    return event_read(context, step.google_id).outcome is ReadOutcome.gone


def _version(context: PassContext, step: PlannedStep) -> CalendarEvent | None:
    """The event under the version that was decided about; None: it is gone."""
    if step.etag:
        return CalendarEvent(step.google_id, etag=step.etag)
    found = event_read(context, step.google_id).event
    return None if found is None or found.cancelled else found


def _put(context: PassContext, reading: CalendarReading, step: PlannedStep, pair: AppointmentPair) -> Answered:
    current = termin_read(context, _given(step.fr_nr)).termin
    if current is None or not _is_expected(current, reading, step):
        return Undecided.CHANGED
    try:
        context.tools.advoware.update_termin(current, _given(step.termin))
    except NotFound as missing:
        if not _is_found_by_a_second_put(context, reading, step, missing):
            return Undecided.CHANGED
    shown = termin_read(context, current.fr_nr).termin
    return Undecided.CHANGED if shown is None else answers.after_put(reading.indexed, step, pair, shown)


def _is_found_by_a_second_put(
    context: PassContext, reading: CalendarReading, step: PlannedStep, missing: NotFound
) -> bool:
    """What Advoware shows and yet does not find by a PUT is a matter of the setting. A web page says so only the second
    time, once Advoware has shown that it is at work. False: it is another Termin by now."""
    current = termin_read(context, _given(step.fr_nr)).termin
    if current is None:
        raise missing
    if isinstance(missing, NotFoundPage):
        if not _is_expected(current, reading, step):
            return False
        try:
            context.tools.advoware.update_termin(current, _given(step.termin))
            return True
        except NotFound as again:
            missing = again
    where = Where(system=System.ADVOWARE, operation=missing.operation, status=missing.status)
    raise Forbidden(NOT_FOUND_BY_PUT, **where) from None


def _post(context: PassContext, reading: CalendarReading, step: PlannedStep, pair: AppointmentPair) -> Answered:
    """A POST cannot be repeated: Advoware has to be at work just now."""
    advoware = context.tools.advoware
    if not advoware.seen_alive:
        today = reading.snapshot.now.date()
        advoware.termine(context.row.kuerzel, first=today, last=today)
    number = advoware.create_termin(_given(step.termin))
    try:
        shown = advoware.termin(number)
    except RemoteError:
        return answers.after_number(step, pair, number)
    return answers.after_put(reading.indexed, step, pair, shown)


def _delete_termin(
    context: PassContext, reading: CalendarReading, step: PlannedStep, pair: AppointmentPair
) -> Answered:
    fr_nr = _given(step.fr_nr)
    found, missing = termin_read(context, fr_nr).termin, None
    for _time in range(2):
        if found is not None and not _is_expected(found, reading, step):
            return Undecided.CHANGED
        try:
            context.tools.advoware.delete_termin(fr_nr)
            missing = None
        except NotFound as error:
            missing = error
        is_page = isinstance(missing, NotFoundPage)
        if found is not None or is_page:
            found = termin_read(context, fr_nr).termin
        if found is None or not is_page:
            break  # else Advoware is at work, as it has just shown: what answers now is its own word
    if found is not None:
        where = Where(system=System.ADVOWARE, operation="DELETE Termine", status=405)
        raise Forbidden("Advoware does not delete this", **where)
    if missing is None:
        configured.set_can_delete(True)
    return answers.after_deletion(step, pair)


def _is_expected(found: AdvowareTermin, reading: CalendarReading, step: PlannedStep) -> bool:
    """Still what was decided about: for a deletion it also has to be this calendar's own. The list may show this
    employee's row alone of several."""
    seen = reading.indexed
    owned = step.action is not AppointmentAction.delete_termin or seen.belongs(found)
    return owned and not found.several_rows and seen.reading(found).form == step.expects


def _given(value: T | None) -> T:
    if value is None:
        raise ValueError("a step lacks what it is to write")
    return value


WRITES: Mapping[AppointmentAction, Write] = {
    AppointmentAction.insert_event: _insert,
    AppointmentAction.patch_event: _patch,
    AppointmentAction.reword_event: _reword,
    AppointmentAction.delete_event: _delete_event,
    AppointmentAction.put_termin: _put,
    AppointmentAction.post_termin: _post,
    AppointmentAction.delete_termin: _delete_termin,
}
