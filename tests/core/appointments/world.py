"""A firm in memory: Advoware's Termine, Google calendars, and a pass that does what the service does.

Purpose: scenarios and the state machine run whole passes, with lost answers and crashes, in microseconds.
Invariant: the two models know nothing of the plan; `Pass` decides nothing. What is left out on purpose is HTTP.
To extend: an oddity of a remote system is a switch of its model.
"""

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field, fields, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from syncapp.core.appointments import answers, evidence
from syncapp.core.appointments.forms.canonical import Canonical, read_event, read_termin
from syncapp.core.appointments.pairs.sides import IndexedSnapshot
from syncapp.core.appointments.plan import narrowed, plan
from syncapp.core.appointments.plan_shapes import (
    CalendarSnapshot,
    PairPlan,
    PairReport,
    Plan,
    Question,
    ReadOutcome,
    SingleRead,
)
from syncapp.core.appointments.policy import CalendarOwner, CalendarPolicy, CalendarSide
from syncapp.core.appointments.rows import AppointmentAction, AppointmentPair, Closed, PlannedStep
from syncapp.core.appointments.shapes import AdvowareTermin, CalendarEvent, EventChange, GoogleTime, TerminChange
from syncapp.core.appointments.standstill import Standstill, at_rest, circumstances, found_nothing
from syncapp.core.appointments.windows import read_window
from syncapp.core.values import BERLIN

NOON = datetime(2026, 6, 1, 10, 0, tzinfo=UTC)


class LostAnswer(Exception):
    """It arrived or it did not: nobody here knows."""


class Crash(Exception):
    """The process is gone."""


class Refused(Exception):
    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


@dataclass
class Faults:
    """What happens to the next writes: `before`, `after` and `late` lose the answer, `crash_…` end the process too.

    under_way: late writes, which arrive when nobody waits for them any more.
    """

    coming: list[str] = field(default_factory=list)
    under_way: list[Callable[[], Any]] = field(default_factory=list)

    def around(self, write: Callable[[], Any]) -> Any:
        fault = self.coming.pop(0) if self.coming else ""
        if fault.endswith("late"):
            self.under_way.append(write)
        answer = write() if not fault or fault.endswith("after") else None
        if fault:
            raise Crash if fault.startswith("crash_") else LostAnswer
        return answer

    def arrive(self) -> None:
        """What is too late by now is refused, and nobody hears of it."""
        late, self.under_way = self.under_way, []
        for write in late:
            with suppress(Refused):
                write()


@dataclass
class Advoware:
    """Termine by number. keeps: how much of a text is kept; ignores: fields that a PUT does not take; gives_to: whose
    a new one becomes, whatever the POST says; refuses: which it does not show singly."""

    termine: dict[int, AdvowareTermin] = field(default_factory=dict)
    number: int = 100
    keeps: int | None = None
    ignores: frozenset[str] = frozenset()
    gives_to: str = ""
    deletes: bool = True
    lists_old_series: bool = True
    single_is_empty: bool = False
    refuses: frozenset[int] = frozenset()
    listing: Callable[[list[AdvowareTermin]], list[AdvowareTermin]] = lambda found: found
    faults: Faults = field(default_factory=Faults)
    writes: int = 0
    calls: list[str] = field(default_factory=list)

    def read_list(self, kuerzel: str, first: str, last: str) -> list[AdvowareTermin]:
        self.calls.append("list")
        found = [one for one in self.termine.values() if one.anwalt == kuerzel and self._in(one, first, last)]
        return self.listing(found)

    def _in(self, termin: AdvowareTermin, first: str, last: str) -> bool:
        form = read_termin(termin).form
        if form is None:
            return True
        if form.rule is not None and not self.lists_old_series:
            return first <= form.when.start[:10] <= last
        return form.when.start[:10] <= last and (form.last_day() or "9999") >= first

    def get(self, fr_nr: int) -> SingleRead:
        self.calls.append("get")
        if fr_nr in self.refuses:
            return SingleRead(ReadOutcome.refused)
        termin = self.termine.get(fr_nr)
        if termin is None:
            return SingleRead(ReadOutcome.empty if self.single_is_empty else ReadOutcome.gone)
        return SingleRead(ReadOutcome.found, termin=termin)

    def post(self, change: TerminChange) -> int:
        def write() -> int:
            self.number += 1
            made = self._laid_over(AdvowareTermin(self.number), change, frozenset())
            self.termine[self.number] = replace(made, anwalt=self.gives_to or made.anwalt)
            return self.number

        return self._write("post", write)

    def put(self, fr_nr: int, change: TerminChange) -> None:
        def write() -> None:
            if fr_nr not in self.termine:
                raise Refused(404)
            self.termine[fr_nr] = self._laid_over(self.termine[fr_nr], change, self.ignores)

        self._write("put", write)

    def delete(self, fr_nr: int) -> None:
        def write() -> None:
            if not self.deletes:
                raise Refused(403)
            if self.termine.pop(fr_nr, None) is None:
                raise Refused(404)

        self._write("delete", write)

    def _write(self, name: str, write: Callable[[], Any]) -> Any:
        self.calls.append(name)
        self.writes += 1
        return self.faults.around(write)

    def _laid_over(self, termin: AdvowareTermin, change: TerminChange, ignored: frozenset[str]) -> AdvowareTermin:
        new = {one.name: getattr(change, one.name) for one in fields(change)}
        taken = {name: value for name, value in new.items() if value is not None and name not in ignored}
        taken.pop("all_day", None)
        if self.keeps is not None and "text" in taken:
            taken["text"] = taken["text"][: self.keeps]
        if "notiz" in taken:
            taken["notiz"] = taken["notiz"].replace("\n", "\r\n")
        return replace(termin, **taken)

    def enter(self, anwalt: str = "SB", **values: Any) -> int:
        """Somebody makes a Termin in Advoware."""
        self.number += 1
        self.termine[self.number] = AdvowareTermin(self.number, anwalt=anwalt, **values)
        return self.number

    def change(self, fr_nr: int, **values: Any) -> None:
        self.termine[fr_nr] = replace(self.termine[fr_nr], **values)


@dataclass
class Google:
    """One calendar: events with versions, ids that are burnt for ever, a feed of changes. keeps: how much of a
    description is kept."""

    events: dict[str, CalendarEvent] = field(default_factory=dict)
    version: int = 0
    changed: dict[str, int] = field(default_factory=dict)
    token_expired: bool = False
    keeps_tombstones: bool = True
    keeps: int | None = None
    list_fault: Callable[[list[CalendarEvent]], list[CalendarEvent]] = lambda found: found
    faults: Faults = field(default_factory=Faults)
    writes: int = 0
    inserts_refused: bool = False
    calls: list[str] = field(default_factory=list)

    def read_list(self, token: int | None) -> tuple[list[CalendarEvent], int, bool]:
        """Events, the next token, and whether the list is complete."""
        self.calls.append("list")
        if token is None or self.token_expired:
            self.token_expired = False
            found = [one for one in self.events.values() if self.keeps_tombstones or not one.cancelled]
            return self.list_fault(found), self.version, True
        return [self.events[own] for own, at in self.changed.items() if at > token], self.version, False

    def get(self, own: str) -> SingleRead:
        self.calls.append("get")
        event = self.events.get(own)
        if event is None or event.cancelled:
            return SingleRead(ReadOutcome.gone, event=event)
        return SingleRead(ReadOutcome.found, event=event)

    def insert(self, own: str, change: EventChange) -> CalendarEvent:
        def write() -> CalendarEvent:
            if own in self.events:
                raise Refused(409)
            return self._keep(_event_with(CalendarEvent(own), change))

        return self._write("insert", write)

    def patch(self, own: str, etag: str, change: EventChange) -> CalendarEvent:
        def write() -> CalendarEvent:
            return self._keep(_event_with(self._current(own, etag), change))

        return self._write("patch", write)

    def delete(self, own: str, etag: str) -> None:
        def write() -> None:
            self._current(own, etag)
            self.remove(own)

        self._write("delete", write)

    def _current(self, own: str, etag: str) -> CalendarEvent:
        event = self.events.get(own)
        if event is None or event.cancelled:
            raise Refused(410 if event else 404)
        if etag and etag != event.etag:
            raise Refused(412)
        return event

    def _write(self, name: str, write: Callable[[], Any]) -> Any:
        self.calls.append(name)
        self.writes += 1
        return self.faults.around(write)

    def _keep(self, event: CalendarEvent) -> CalendarEvent:
        self.version += 1
        self.changed.pop(event.id, None)
        self.changed[event.id] = self.version
        said = event.description[: self.keeps]
        kept = replace(event, description=said, etag=f'"{self.version}"', updated=f"{self.version:09}")
        self.events[event.id] = kept
        return kept

    def remove(self, own: str) -> None:
        """A tombstone: nothing but its id is promised."""
        self._keep(CalendarEvent(own, status="cancelled"))

    def restore(self, event: CalendarEvent) -> None:
        """Out of the trash."""
        self._keep(replace(event, status="confirmed"))

    def enter(self, own: str, **values: Any) -> str:
        """The employee makes an event."""
        self._keep(CalendarEvent(own, **values))
        return own

    def change(self, own: str, **values: Any) -> None:
        self._keep(replace(self.events[own], **values))

    def alive(self) -> list[CalendarEvent]:
        return [one for one in self.events.values() if not one.cancelled and not one.recurring_event_id]


def _event_with(event: CalendarEvent, change: EventChange) -> CalendarEvent:
    new = {one.name: getattr(change, one.name) for one in fields(change)}
    taken = {name: value for name, value in new.items() if value is not None}
    taken["properties"] = {**event.properties, **taken["properties"]}
    for name in ("summary", "location", "description"):
        if name in taken:
            taken[name] = taken[name].strip()
    for name in ("start", "end"):
        if name in taken:
            taken[name] = stated(taken[name])
    return replace(event, **taken)


def stated(time: GoogleTime) -> GoogleTime:
    """As Google gives times back: with the offset."""
    if not time.date_time:
        return time
    local = datetime.fromisoformat(time.date_time)
    return replace(time, date_time=local.replace(tzinfo=local.tzinfo or BERLIN).isoformat())


def timed(start: str, end: str, zone: str = "Europe/Berlin") -> dict[str, GoogleTime]:
    """`2026-06-02T09:00` to …, as start and end of an event."""
    return {
        "start": stated(GoogleTime(date_time=f"{start}:00", time_zone=zone)),
        "end": stated(GoogleTime(date_time=f"{end}:00", time_zone=zone)),
    }


def whole_days(first: str, after: str) -> dict[str, GoogleTime]:
    return {"start": GoogleTime(date=first), "end": GoogleTime(date=after)}


def at(day: str, start: str = "09:00:00", end: str = "10:00:00") -> dict[str, str]:
    """The times of a Termin of one day."""
    return {"datum": f"{day}T00:00:00", "datum_bis": f"{day}T00:00:00", "uhrzeit_von": start, "uhrzeit_bis": end}


@dataclass
class Calendar:
    """One employee: both sides, the rows, and passes over them."""

    advoware: Advoware = field(default_factory=Advoware)
    google: Google = field(default_factory=Google)
    policy: CalendarPolicy = field(default_factory=CalendarPolicy)
    employee: CalendarOwner = field(default_factory=lambda: CalendarOwner("SB", "sb@calendar", write_to_advoware=True))
    now: datetime = NOON
    rows: dict[int, AppointmentPair] = field(default_factory=dict)
    token: int | None = None
    next_id: int = 0
    released: frozenset[str] = frozenset()
    held_sides: frozenset[CalendarSide] = frozenset()
    copies: frozenset[int] = frozenset()
    changes: dict[str, list[Any]] = field(default_factory=dict)
    reports: list[PairReport] = field(default_factory=list)
    questions: list[Question] = field(default_factory=list)
    last: Plan = field(default_factory=Plan)
    before_step: Callable[[PlannedStep], None] = lambda step: None
    after_answer: Callable[[PlannedStep], None] = lambda step: None
    standstill: Standstill | None = None
    stood_still: int = 0
    reworded: int = 0

    def sync(self, *, daily: bool = False, minutes: int = 15) -> int:
        """One pass; how many writes it made."""
        self.now += timedelta(minutes=minutes)
        before = self.advoware.writes + self.google.writes
        self.reports, self.questions = [], []
        with suppress(Crash):
            self._pass(daily)
        return self.advoware.writes + self.google.writes - before

    def settle(self, passes: int = 6) -> None:
        """Passes until one writes nothing, the daily one among them."""
        for number in range(passes):
            if not self.sync(daily=True) and number and not self.last.deferred:
                return
        raise AssertionError(f"still writing: {[(step.action, step.groups) for step in self.last.steps]}")

    def snapshot(self, *, daily: bool = False, second: bool = False) -> tuple[CalendarSnapshot, int]:
        window = read_window(self.now, self.policy)
        termine = self.advoware.read_list(self.employee.kuerzel, window.first, window.last)
        events, token, full = self.google.read_list(None if daily else self.token)
        snapshot = CalendarSnapshot(
            employee=self.employee,
            policy=self.policy,
            now=self.now,
            termine=termine,
            events=events,
            pairs=tuple(pair for pair in self.rows.values() if pair.is_open),
            closed=tuple(pair for pair in self.rows.values() if not pair.is_open),
            full_google=full,
            daily=daily,
            released=self.released,
            held_sides=self.held_sides,
            second_reading=second,
            written_by_copies=self.copies,
            changes=self.changes,
        )
        needed = evidence.needed(snapshot)
        if needed.read_again is not None:
            return self.snapshot(daily=daily, second=True)
        reads = {number: self.advoware.get(number) for number in needed.termine}
        singles = {own: self.google.get(own) for own in needed.events}
        return replace(snapshot, termin_reads=reads, event_reads=singles), token

    def _pass(self, daily: bool) -> None:
        snapshot, token = self.snapshot(daily=daily)
        self.last = plan(snapshot)
        if self.last.read_again is not None:
            snapshot, token = self.snapshot(daily=daily, second=True)
            self.last = plan(snapshot)
        self._check_standstill(snapshot)
        if self.last.held is not None or self.last.read_again is not None:
            return
        before = self.reworded
        for planned in self.last.pairs:
            self._carry_out(snapshot, planned)
        words_left = self.last.count(AppointmentAction.reword_event) > self.reworded - before
        self.token = None if words_left or self.last.list_whole else token

    def _check_standstill(self, snapshot: CalendarSnapshot) -> None:
        """In every pass of every test: one that could do without its plan has an empty one."""
        present = circumstances(self.employee, self.policy, self.now)
        found = Standstill(repr(snapshot.termine), present, len(snapshot.pairs))
        news = snapshot.full_google or snapshot.events or self.released or self.held_sides
        if found == self.standstill and not news and all(map(at_rest, snapshot.pairs)):
            self.stood_still += 1
            assert self.last == Plan(), "a standstill would have hidden this"
        self.standstill = found if found_nothing(snapshot, self.last) else None

    def _carry_out(self, snapshot: CalendarSnapshot, planned: PairPlan, depth: int = 0) -> None:
        self.reports += planned.reports
        self.questions += planned.questions
        row = self._save(planned.pair)
        for step in planned.steps:
            self.before_step(step)
            row = self._save(replace(row, intent=step.intent))
            try:
                answered = self._write(snapshot, step, row)
            except LostAnswer:
                return
            self.after_answer(step)
            if answered is None:
                return self._anew(snapshot, self._save(replace(row, intent=None)), depth)
            self.reports += answered.reports
            row = self._save(answered.pair)
            if answered.again:
                return self._anew(snapshot, row, depth)
        return None

    def _anew(self, snapshot: CalendarSnapshot, row: AppointmentPair, depth: int) -> None:
        """Read once more, decided anew; three times at most."""
        if depth >= 3:
            return
        termin = self.advoware.get(row.fr_nr) if row.fr_nr is not None else None
        event = self.google.get(row.google_id).event
        small = replace(narrowed(snapshot, row, termin=termin, event=event), policy=self.policy)
        for planned in plan(small).pairs:
            self._carry_out(snapshot, planned, depth + 1)

    def _write(
        self, snapshot: CalendarSnapshot, step: PlannedStep, row: AppointmentPair
    ) -> answers.AnsweredWrite | None:
        """The answer read; None: the sides have moved on, the pair is decided anew."""
        context = IndexedSnapshot(snapshot)
        try:
            return self._sent(context, step, row)
        except Refused as refused:
            if refused.status == 409:
                event = self.google.events[step.google_id]
                return answers.after_duplicate(context, step, row, event)
            if step.action is AppointmentAction.delete_termin and refused.status in (403, 405):
                self.policy = replace(self.policy, can_delete=False)
                return answers.after_refused_deletion(row)
            if step.action in (AppointmentAction.delete_event, AppointmentAction.delete_termin) and refused.status in (
                404,
                410,
            ):
                return answers.after_deletion(step, row)
            return None

    def _sent(self, context: IndexedSnapshot, step: PlannedStep, row: AppointmentPair) -> answers.AnsweredWrite | None:
        match step.action:
            case AppointmentAction.insert_event:
                assert step.event is not None
                return answers.after_event(step, row, self.google.insert(step.google_id, step.event))
            case AppointmentAction.patch_event:
                assert step.event is not None
                return answers.after_event(step, row, self.google.patch(step.google_id, step.etag, step.event))
            case AppointmentAction.reword_event:
                assert step.event is not None
                self.google.patch(step.google_id, step.etag, step.event)
                self.reworded += 1
                return answers.after_words(row)
            case AppointmentAction.delete_event:
                self.google.delete(step.google_id, step.etag)
                return answers.after_deletion(step, row)
            case AppointmentAction.put_termin:
                return self._put(context, step, row)
            case AppointmentAction.post_termin:
                assert step.termin is not None
                number = self.advoware.post(step.termin)
                return answers.after_put(context, step, row, self._read(number))
            case AppointmentAction.delete_termin:
                assert step.fr_nr is not None
                read = self.advoware.get(step.fr_nr).termin
                if read is not None and read_termin(read, self.policy.missing_time).form != step.expects:
                    return None
                self.advoware.delete(step.fr_nr)
                return answers.after_deletion(step, row)

    def _put(self, context: IndexedSnapshot, step: PlannedStep, row: AppointmentPair) -> answers.AnsweredWrite | None:
        assert step.fr_nr is not None
        assert step.termin is not None
        read = self.advoware.get(step.fr_nr).termin
        if read is None or read_termin(read, self.policy.missing_time).form != step.expects:
            return None
        self.advoware.put(step.fr_nr, step.termin)
        shown = self.advoware.get(step.fr_nr).termin
        return None if shown is None else answers.after_put(context, step, row, shown)

    def _read(self, number: int) -> AdvowareTermin:
        found = self.advoware.get(number).termin
        assert found is not None
        return found

    def _save(self, pair: AppointmentPair) -> AppointmentPair:
        """By id, else by its google id: both are unique."""
        if pair.id is None:
            same = next((one for one in self.rows.values() if one.google_id == pair.google_id), None)
            self.next_id += 1
            pair = replace(pair, id=same.id if same else self.next_id)
        assert pair.id is not None
        was = self.rows.get(pair.id)
        if pair.fr_nr is not None and (was is None or was.fr_nr != pair.fr_nr):
            self._take_number(pair.fr_nr)
        self.rows[pair.id] = pair
        self._check_unique(pair)
        return pair

    def _take_number(self, fr_nr: int) -> None:
        """As the store does: a row that is over keeps its ids; the number is the row's that has the Termin now."""
        for own, pair in self.rows.items():
            if pair.fr_nr == fr_nr and not pair.is_open:
                self.rows[own] = replace(pair, fr_nr=None)

    def _check_unique(self, saved: AppointmentPair) -> None:
        for pair in self.rows.values():
            if pair.id != saved.id:
                assert pair.google_id != saved.google_id, "two rows for one event"
                assert pair.fr_nr is None or pair.fr_nr != saved.fr_nr, "two rows for one Termin"

    def backed_up(self) -> Any:
        """What our database holds of this calendar."""
        return dict(self.rows), self.token, self.standstill

    def put_back(self, kept: Any) -> None:
        """The database of then, while both systems are as they are."""
        rows, self.token, self.standstill = kept
        self.rows = dict(rows)

    # --- What tests look at -----------------------------------------------------------------------------------------

    def row(self, fr_nr: int) -> AppointmentPair:
        return next(pair for pair in self.rows.values() if pair.fr_nr == fr_nr)

    def event(self, fr_nr: int) -> CalendarEvent:
        return self.google.events[self.row(fr_nr).google_id]

    def told(self) -> list[str]:
        return [report.code.value for report in self.reports]

    def asked(self) -> list[str]:
        return [question.code.value for question in self.questions]

    def decide(self, pair: AppointmentPair, question: str, choice: str) -> None:
        assert pair.id is not None
        self.rows[pair.id] = replace(pair, decided={**pair.decided, question: choice})

    def open_rows(self) -> Iterator[AppointmentPair]:
        return (pair for pair in self.rows.values() if pair.is_open)

    def forms(self) -> tuple[list[Canonical], list[Canonical]]:
        """What both sides say, sorted."""
        termine = [read_termin(one).form for one in self.advoware.termine.values()]
        events = [read_event(one).form for one in self.google.alive()]
        return sorted(filter(None, termine), key=repr), sorted(filter(None, events), key=repr)

    def assert_equal(self) -> None:
        termine, events = self.forms()
        assert termine == events


__all__ = ["NOON", "Calendar", "CalendarSide", "Closed", "at", "timed", "whole_days"]
