"""Reading: both lists, the rows, and what has to be read singly; the snapshot of a pass.

Invariant: a list counts as a whole or not at all; an error ends the pass before any decision. That an item is gone says
a single read alone, and of an event only while its calendar can be read. What a single read of a Termin says, whoever
asks, goes through `termin_read` or `evidence_read`:

| answer | it counts as |
| --- | --- |
| 404 or 410 without a web page | gone |
| 404 or 410 with a web page | gone, if Advoware's list still lacks it, others are shown singly, and so it is again |
| 200 with nothing in it | empty: gone an hour later |
| 400, 403, 422 | refused, no evidence; to a write an error |
| 5xx | refused, where the list of today is shown; to a write an error |
| anything else | an error |
"""

import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any, TypeVar

from django.utils import timezone

from syncapp.core.appointments import evidence
from syncapp.core.appointments.forms.canonical import read_termin
from syncapp.core.appointments.pairs.sides import IndexedSnapshot
from syncapp.core.appointments.plan_shapes import CalendarSnapshot, ReadOutcome, SingleRead
from syncapp.core.appointments.policy import CalendarPolicy, CalendarSide, FirmWide
from syncapp.core.appointments.rows import AppointmentPair
from syncapp.core.appointments.shapes import AdvowareTermin, CalendarEvent
from syncapp.core.appointments.standstill import Standstill, circumstances
from syncapp.core.appointments.windows import read_window
from syncapp.core.faults.errors import WAITS_FOR_CHANGE, ErrorKind
from syncapp.core.states import Event
from syncapp.core.systems import System
from syncapp.engine.runs.run import Failed, RunLog
from syncapp.engine.runs.steps import Finished, RunResult, Step
from syncapp.entities.appointments import configured, due_passes, neutral
from syncapp.entities.appointments.clients import CalendarClients, PassContext, ReadContext, google_of
from syncapp.entities.appointments.rows import store
from syncapp.entities.appointments.rows.loading import LoadedPair, load
from syncapp.entities.appointments.rows.stored import standstill_of
from syncapp.models import CalendarEmployee, Outcome
from syncapp.remotes.google_calendar.client import EventFeed
from syncapp.remotes.google_calendar.events import LIST_FINGERPRINT
from syncapp.remotes.http.errors import (
    CalendarGone,
    Forbidden,
    NotFound,
    NotFoundPage,
    RemoteError,
    SyncTokenExpired,
    Transient,
)
from syncapp.remotes.http.exchange import Recognised

K = TypeVar("K", int, str)
SOON = timedelta(minutes=1)
READ_AGAIN_AFTER = timedelta(minutes=1)
# Between two renewals of the lease while items are read one by one.
READS_A_LEASE = 20
# Others that are asked for where a web page says of one Termin that there is none: some may be hidden from us.
PROOFS = 3
REFUSED = SingleRead(ReadOutcome.refused)
NOT_PROVED = "a web page in place of the appointment, and nothing proves that it is gone"
NO_CALENDAR = Failed(ErrorKind.NEEDS_CONFIRMATION, "no_calendar")


@dataclass(frozen=True, slots=True)
class CalendarReading:
    """What a pass goes by. token: where Google's feed goes on; writes: whether anything may be written at all.

    standstill: what the next pass may take for granted if this one finds nothing to do; None: nothing. unchanged: so it
    was before, so the snapshot has neither Termine nor rows, and nothing is to be done.
    """

    snapshot: CalendarSnapshot
    token: str
    may_write: bool
    columns: Mapping[str, Any] = field(default_factory=dict)
    standstill: Standstill | None = None
    unchanged: bool = False

    @property
    def indexed(self) -> IndexedSnapshot:
        return IndexedSnapshot(self.snapshot)


def read(context: PassContext, log: RunLog) -> CalendarReading | Step:
    if code := due_passes.left_alone(context.row):
        return left_alone(context, code)
    if not context.row.calendar_id and context.may_write:
        return Finished(NO_CALENDAR)
    try:
        seen = read_sides(context, known=standstill_of(context.row.standstill))
    except CalendarGone as gone:
        return Finished(closed(gone))
    return doubted(context, seen) if isinstance(seen, CalendarSide) else seen


def closed(gone: CalendarGone) -> Failed:
    """The whole calendar is away: that says nothing about its events. This employee waits, looked at once a day
    (`due_passes`)."""
    params = {"operation": gone.operation, "status": gone.status, "reason": gone.reason, "hint": gone.hint}
    return Failed(ErrorKind.FORBIDDEN, due_passes.CALENDAR_GONE, {"system": gone.system, **params})


def soon(code: str, **params: Any) -> dict[str, Any]:
    """The columns of a calendar that is looked at again in a minute; no failed attempt, no word on earlier ones."""
    fault = {"code": code, "params": params}
    return {"kind": ErrorKind.TRANSIENT, "fault": fault, "next_retry_at": timezone.now() + SOON}


def doubted(context: PassContext, side: CalendarSide) -> Finished:
    """A list that lacks more than half of what it should hold is read once more, a minute later."""
    since = context.row.doubt.get("at") or timezone.now().isoformat()
    columns = soon("list_in_doubt", side=side.value) | {"doubt": {"side": side.value, "at": since}}
    return Finished(
        RunResult(Event.RETRY_LATER, Outcome.FAILED, columns, kind=ErrorKind.TRANSIENT, fault=columns["fault"])
    )


def left_alone(context: PassContext, code: str) -> Finished:
    """Neither side was asked. Whatever was wanted is kept: it is done when the calendar is synced again."""
    fault = {"code": code, "params": {}}
    return Finished(RunResult(event=None, outcome=Outcome.PUT_BACK, columns=context.set_aside, fault=fault))


def read_sides(context: ReadContext, *, known: Standstill | None = None) -> CalendarReading | CalendarSide:
    """Both sides as they are now; or the side whose list lacks so much that it has to be read again first.

    known: what a pass went by that found nothing to do. Where nothing has come since, nothing more is read.
    """
    row, now = context.row, timezone.now()
    policy = configured.policy(context.control)
    daily = row.wants(row.full_wanted) or row.last_full_pass is None
    present = circumstances(configured.owner(row), policy, now)
    known = known if not daily and _may_stand_still(context) and known and known.circumstances == present else None
    listed = _termine(context.tools, row, policy, now, known=known.termine if known else "")
    feed, full = _events(context, daily=daily)
    if known and listed.known and not full and not feed.events and store.all_at_rest(row, known.rows):
        nothing = CalendarSnapshot(configured.owner(row), policy, now, termine=(), events=(), pairs=())
        return CalendarReading(nothing, feed.sync_token, context.may_write, standstill=known, unchanged=True)
    snapshot = _snapshot(context, policy, now, listed.value, feed, full=full, daily=daily)
    needed = evidence.needed(snapshot)
    if needed.read_again is not None:
        return needed.read_again
    snapshot = replace(
        snapshot,
        termin_reads=_each(context, needed.termine, evidence_read),
        event_reads=_each(context, needed.events, event_read),
    )
    standstill = Standstill(listed.digest, present, len(snapshot.pairs)) if listed.digest else None
    return CalendarReading(snapshot, feed.sync_token, context.may_write, standstill=standstill)


def _may_stand_still(context: ReadContext) -> bool:
    """Whether this pass is one like any other: nobody wants more of it, and no side is held."""
    row = context.row
    wanted = row.wants(row.force_wanted) or any(row.wants(generation) for generation in row.released.values())
    return not (wanted or row.doubt or context.control.held_sides)


def _snapshot(
    context: ReadContext,
    policy: CalendarPolicy,
    now: datetime,
    termine: tuple[AdvowareTermin, ...],
    feed: EventFeed,
    *,
    full: bool,
    daily: bool,
) -> CalendarSnapshot:
    """Both lists, with the rows and what people want of this pass; single reads are still to come."""
    row = context.row
    pairs = _pairs(load(row), termine, feed.events, policy)
    opened = tuple(pair for pair in pairs if pair.is_open)
    return CalendarSnapshot(
        employee=configured.owner(row),
        policy=policy,
        now=now,
        termine=termine,
        events=feed.events,
        pairs=opened,
        closed=tuple(pair for pair in pairs if not pair.is_open),
        full_google=full,
        daily=daily,
        released=frozenset(code for code, generation in row.released.items() if row.wants(generation)),
        held_sides=frozenset(side for side in CalendarSide if side.value in context.control.held_sides),
        second_reading=_is_second(row.doubt, now),
        force=row.wants(row.force_wanted),
        written_by_copies=store.written_by_others(row),
        moved_here=store.moved_here(row, opened, feed.events),
        named=store.named(row, opened, feed.events),
        changes=store.recent_changes(row, now),
    )


def _is_second(doubt: Mapping[str, Any], now: datetime) -> bool:
    return bool(doubt) and now - datetime.fromisoformat(doubt["at"]) >= READ_AGAIN_AFTER


def _termine(
    clients: CalendarClients, row: CalendarEmployee, policy: CalendarPolicy, now: datetime, *, known: str
) -> Recognised[tuple[AdvowareTermin, ...]]:
    """The employee's list; with that of the whole firm where everybody gets copies, and then without a digest."""
    window = read_window(now, policy)
    first, last = date.fromisoformat(window.first), date.fromisoformat(window.last)
    if row.firm_wide or policy.firm_wide is not FirmWide.copy:
        return clients.advoware.termine_unless(known, configured.listed_as(row), first=first, last=last)
    mine = clients.advoware.termine(row.kuerzel, first=first, last=last)
    both = (mine, _of_the_firm(clients, first, last))
    merged = tuple({termin.fr_nr: termin for termine in both for termin in termine}.values())
    return Recognised("", False, lambda: merged)


def _of_the_firm(clients: CalendarClients, first: date, last: date) -> tuple[AdvowareTermin, ...]:
    """Nothing where Advoware knows no such list (404, as of an unknown kuerzel): nobody's own Termine wait for that."""
    try:
        return clients.advoware.termine(configured.FIRM_KUERZEL, first=first, last=last)
    except RemoteError as refused:
        if refused.status != 404:
            raise
        return ()


def _events(context: ReadContext, *, daily: bool) -> tuple[EventFeed, bool]:
    """What changed since the last pass, or the whole calendar; whether it is the whole."""
    row, google = context.row, google_of(context)
    if not row.calendar_id:
        return EventFeed((), ""), True
    if not daily and row.sync_token and row.token_of == LIST_FINGERPRINT:
        try:
            return google.events(row.calendar_id, sync_token=row.sync_token), False
        except SyncTokenExpired:
            pass
    return google.events(row.calendar_id), True


def _pairs(
    rows: list[LoadedPair],
    termine: tuple[AdvowareTermin, ...],
    events: tuple[CalendarEvent, ...],
    policy: CalendarPolicy,
) -> list[AppointmentPair]:
    """The stored pairs; one that was refused is due at once where it says something else by now."""
    if not any(row.pair.wait_until for row in rows):
        return [row.pair for row in rows]
    listed = {termin.fr_nr: termin for termin in termine}
    etags = {event.id: event.etag for event in events}
    pairs = []
    for row in rows:
        pair = row.pair
        said = said_as(None if pair.fr_nr is None else listed.get(pair.fr_nr), policy)
        moved = said != row.failed_as or etags.get(pair.google_id, pair.etag) != pair.etag
        due = moved and row.error_kind in WAITS_FOR_CHANGE
        pairs.append(replace(pair, wait_until=None) if due else pair)
    return pairs


def said_as(termin: AdvowareTermin | None, policy: CalendarPolicy) -> str:
    """A digest of what a Termin says, to notice that it says something else."""
    form = None if termin is None else read_termin(termin, policy.missing_time).form
    return hashlib.sha256(repr(form).encode("utf-8", "surrogatepass")).hexdigest()


def _each(
    context: ReadContext, wanted: Iterable[K], single: Callable[[ReadContext, K], SingleRead]
) -> dict[K, SingleRead]:
    found: dict[K, SingleRead] = {}
    for number, one in enumerate(wanted):
        if number % READS_A_LEASE == 0:
            context.renew()
        found[one] = single(context, one)
    return found


def termin_read(context: ReadContext, fr_nr: int) -> SingleRead:
    """Raises Transient where a web page came in place of the Termin, and nothing proves that it is gone."""
    found = _proved(context, fr_nr, _asked)
    if found is REFUSED:
        raise Transient(NOT_PROVED, system=System.ADVOWARE, operation="GET Termine", status=404)
    return found


def evidence_read(context: ReadContext, fr_nr: int) -> SingleRead:
    """What is refused about this one alone proves nothing, and stops no other."""
    return _proved(context, fr_nr, _asked_about_one)


def _proved(context: ReadContext, fr_nr: int, ask: Callable[[ReadContext, int], SingleRead | None]) -> SingleRead:
    """A web page that says "not found" is believed the second time alone, and only where Advoware itself answers."""
    found = ask(context, fr_nr)
    if found is not None:
        return found
    context.renew()
    if not _shows_others(context, but=fr_nr):
        return REFUSED
    return ask(context, fr_nr) or SingleRead(ReadOutcome.gone)


def _asked(context: ReadContext, fr_nr: int) -> SingleRead | None:
    """None: a web page in place of an answer."""
    try:
        return SingleRead(ReadOutcome.found, termin=context.tools.advoware.termin(fr_nr))
    except NotFoundPage:
        return None
    except NotFound as missing:
        # An empty answer proves less than a 404.
        return SingleRead(ReadOutcome.empty if missing.status == 200 else ReadOutcome.gone)


def _asked_about_one(context: ReadContext, fr_nr: int) -> SingleRead | None:
    """An error over there is about this one alone as well, if Advoware lists meanwhile."""
    try:
        return _asked(context, fr_nr)
    except Forbidden:
        return REFUSED
    except Transient as error:
        if not _is_error_there(error):
            raise
    context.renew()
    neutral.list_today(context.tools.advoware, configured.listed_as(context.row))
    return REFUSED


def _shows_others(context: ReadContext, *, but: int) -> bool:
    """Whether Advoware's list, read again, lacks this Termin, and another one that it holds is answered for singly by
    Advoware itself. A list without others has to do."""
    window = read_window(timezone.now(), configured.policy(context.control))
    first, last = date.fromisoformat(window.first), date.fromisoformat(window.last)
    listed = context.tools.advoware.termine(configured.listed_as(context.row), first=first, last=last)
    numbers = [termin.fr_nr for termin in listed if termin.fr_nr > 0]
    if but in numbers:
        return False
    for other in numbers[:PROOFS]:
        try:
            context.tools.advoware.termin(other)
        except Forbidden:
            continue
        except Transient as error:
            if not _is_error_there(error):
                raise
            continue
        except NotFound as missing:
            return not isinstance(missing, NotFoundPage)
        return True
    return not numbers


def _is_error_there(error: Transient) -> bool:
    return error.status is not None and error.status // 100 == 5


def event_read(context: ReadContext, event_id: str) -> SingleRead:
    """Gone only while the calendar can be read: a closed one answers the same. Raises CalendarGone then."""
    google, calendar_id = google_of(context), context.row.calendar_id
    try:
        event = google.event(calendar_id, event_id)
    except CalendarGone:
        raise
    except NotFound:
        google.calendar(calendar_id)
        return SingleRead(ReadOutcome.gone)
    return SingleRead(ReadOutcome.gone if event.cancelled else ReadOutcome.found, event=event)
