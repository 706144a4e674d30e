"""Two employees' calendars and one Advoware, run against each other: people edit on both sides, answers get lost,
processes die, days go by.

Checked all the time: what somebody entered is overwritten or deleted by a pass only if it was carried before, or if it
is named in a report; what may have been made in Advoware is not made again unless a person says so. What became of a
write without an answer is taken from the two systems, never from what our rows say of it. Checked at the end, when
people have answered what they were asked: each Termin that is to be seen has one event in its calendar and no other
one, each event that may have a Termin has one; both say the same; nothing was doubled; a further pass writes nothing.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from syncapp.core.appointments.forms.canonical import GROUPS, TEXTS, Canonical, Group, Value, read_event, read_termin
from syncapp.core.appointments.forms.drafts import ANONYMOUS_TITLE, PRIVATE_TITLE, SHOWS_ALL, shown_in_google
from syncapp.core.appointments.forms.series import occurrences, to_google
from syncapp.core.appointments.pairs.lone import own_number
from syncapp.core.appointments.pairs.origins import named_by
from syncapp.core.appointments.plan_shapes import NEW, QuestionCode
from syncapp.core.appointments.policy import (
    CalendarOwner,
    CalendarPolicy,
    CalendarSide,
    ConflictRule,
    DeleteInAdvoware,
    GoneAndChanged,
    Private,
)
from syncapp.core.appointments.rows import AppointmentAction, AppointmentPair, PairStatus, PlannedStep
from syncapp.core.appointments.shapes import GoogleTime
from syncapp.core.appointments.windows import act_window
from tests.core.appointments.world import NOON, Advoware, Calendar, Google, timed, whole_days

DAYS = st.integers(-50, 420).map(lambda days: (NOON + timedelta(days=days)).date())
KUERZEL = st.sampled_from(["SB", "AI"])
HOURS = st.sampled_from(
    [("09:00", "10:00"), ("02:30", "03:15"), ("23:30", "23:45"), ("00:30", "01:00"), ("14:00", "14:00")]
)
FAULT = st.sampled_from(["before", "after", "late", "crash_before", "crash_after", "crash_late"])
FAULTS = st.lists(FAULT, min_size=1, max_size=3)
RULES = (
    "RRULE:FREQ=WEEKLY",
    "RRULE:FREQ=DAILY;INTERVAL=3;COUNT=5",
    "RRULE:FREQ=MONTHLY",
    "RRULE:FREQ=WEEKLY;BYDAY=MO,TU",
)
CHOOSE = st.integers(0, 10**6)


@dataclass
class Edit:
    """Something that a person entered and nobody has carried yet."""

    side: str
    item: Any
    group: Group
    value: Value


@dataclass
class Ledger:
    """What people entered, until the other side shows it."""

    edits: list[Edit] = field(default_factory=list)

    def enter(self, side: str, item: Any, before: Canonical | None, after: Canonical | None) -> None:
        if after is None:
            self.edits = [one for one in self.edits if (one.side, one.item) != (side, item)]
            return
        for group in GROUPS:
            if before is None or before.of(group) != after.of(group):
                self.edits = [one for one in self.edits if (one.side, one.item, one.group) != (side, item, group)]
                if before is not None:
                    self.edits.append(Edit(side, item, group, after.of(group)))


class Appointments(RuleBasedStateMachine):
    """calendar_type: what makes the passes; here the plan alone, in tests/machine the passes of the jobs."""

    calendar_type: Callable[..., Calendar] = Calendar

    @initialize(
        old_series=st.booleans(),
        tombstones=st.booleans(),
        empty=st.booleans(),
        deletes=st.booleans(),
        keeps=st.sampled_from([None, 6]),
        delete=st.sampled_from(list(DeleteInAdvoware)),
        gone=st.sampled_from(list(GoneAndChanged)),
        conflict=st.sampled_from(list(ConflictRule)),
        private=st.sampled_from(Private),
        full_content=st.booleans(),
    )
    def start(
        self,
        old_series: bool,
        tombstones: bool,
        empty: bool,
        deletes: bool,
        keeps: int | None,
        delete: DeleteInAdvoware,
        gone: GoneAndChanged,
        conflict: ConflictRule,
        private: Private,
        full_content: bool,
    ) -> None:
        self.advoware = Advoware(lists_old_series=old_series, single_is_empty=empty, deletes=deletes, keeps=keeps)
        policy = CalendarPolicy(delete_in_advoware=delete, conflict=conflict, gone_and_changed=gone, private=private)
        self.calendars = {
            kuerzel: type(self).calendar_type(
                advoware=self.advoware,
                google=Google(keeps_tombstones=tombstones),
                policy=policy,
                employee=CalendarOwner(kuerzel, f"{kuerzel}@calendar", full or full_content, write_to_advoware=True),
            )
            for kuerzel, full in (("SB", True), ("AI", False))
        }
        self.now = NOON
        self.number = 0
        self.ledger = Ledger()
        self.watch()

    # --- What people do ---------------------------------------------------------------------------------------------

    def token(self) -> str:
        self.number += 1
        return f"T{self.number:03}"

    @rule(
        kuerzel=KUERZEL,
        day=DAYS,
        hours=HOURS,
        turnus=st.sampled_from([0, 0, 0, 1, 2, 3]),
        private=st.booleans(),
    )
    def enter_termin(self, kuerzel: str, day: Any, hours: tuple[str, str], turnus: int, private: bool) -> None:
        self.advoware.enter(
            kuerzel,
            text=self.token(),
            datum=day.isoformat(),
            datum_bis=_after(day, 200 if turnus else 0),
            uhrzeit_von=hours[0],
            uhrzeit_bis=hours[1],
            privat=private,
            dauertermin=bool(turnus),
            turnus=1 if turnus else 0,
            turnus_art=turnus,
        )

    @rule(
        kuerzel=KUERZEL,
        day=DAYS,
        hours=HOURS,
        repeats=st.sampled_from(["", "", "", *RULES]),
        whole=st.booleans(),
    )
    def enter_event(self, kuerzel: str, day: Any, hours: tuple[str, str], repeats: str, whole: bool) -> None:
        times = (
            whole_days(day.isoformat(), (day + timedelta(days=2)).isoformat())
            if whole
            else timed(f"{day}T{hours[0]}", f"{day}T{hours[1]}")
        )
        name = self.token()
        self.calendars[kuerzel].google.enter(
            name.lower(), summary=name, recurrence=(repeats,) if repeats else (), **times
        )

    @precondition(lambda self: self.advoware.termine)
    @rule(chosen=CHOOSE, what=st.sampled_from(["text", "time", "day", "notiz", "privat", "single"]), day=DAYS)
    def edit_termin(self, chosen: int, what: str, day: Any) -> None:
        number = sorted(self.advoware.termine)[chosen % len(self.advoware.termine)]
        termin = self.advoware.termine[number]
        changes: dict[str, dict[str, Any]] = {
            "text": {"text": self.token()},
            "notiz": {"notiz": f"{self.token()}\r\nzwei"},
            "privat": {"privat": not termin.privat},
            "time": {"uhrzeit_von": "16:00", "uhrzeit_bis": f"17:{chosen % 60:02}"},
            "day": {
                "datum": day.isoformat(),
                "datum_bis": (day + timedelta(days=200 if termin.dauertermin else 0)).isoformat(),
            },
            "single": {"dauertermin": False, "datum_bis": termin.datum},
        }
        self.change_termin(number, **changes[what])
        self.take_back = lambda: self.change_termin(number, **{name: getattr(termin, name) for name in changes[what]})

    def change_termin(self, number: int, **changes: Any) -> None:
        if number in self.advoware.termine:
            before = read_termin(self.advoware.termine[number]).form
            self.advoware.change(number, **changes)
            self.ledger.enter("advoware", number, before, read_termin(self.advoware.termine[number]).form)

    def pick(self, kuerzel: str, chosen: int) -> str | None:
        alive = sorted(event.id for event in self.calendars[kuerzel].google.alive())
        return alive[chosen % len(alive)] if alive else None

    @rule(
        kuerzel=KUERZEL,
        chosen=CHOOSE,
        what=st.sampled_from(["text", "time", "day", "notiz", "privat", "rule", "single"]),
        day=DAYS,
    )
    def edit_event(self, kuerzel: str, chosen: int, what: str, day: Any) -> None:
        own = self.pick(kuerzel, chosen)
        if own is None:
            return
        google = self.calendars[kuerzel].google
        event = google.events[own]
        changes: dict[str, dict[str, Any]] = {
            "text": {"summary": self.token()},
            "notiz": {"description": f"<b>{self.token()}</b><br>zwei"},
            "privat": {"visibility": "default" if event.visibility == "private" else "private"},
            "time": timed(f"{day}T11:00", f"{day}T11:{chosen % 60:02}"),
            "day": whole_days(day.isoformat(), (day + timedelta(days=1)).isoformat()),
            "rule": {"recurrence": (RULES[chosen % len(RULES)],)},
            "single": {"recurrence": ()},
        }
        self.change_event(kuerzel, own, **changes[what])
        self.take_back = lambda: self.change_event(
            kuerzel, own, **{name: getattr(event, name) for name in changes[what]}
        )

    def change_event(self, kuerzel: str, own: str, **changes: Any) -> None:
        google = self.calendars[kuerzel].google
        if not google.events[own].cancelled:
            before = read_event(google.events[own]).form
            google.change(own, **changes)
            self.ledger.enter("google", (kuerzel, own), before, read_event(google.events[own]).form)

    take_back: Callable[[], None] | None = None

    @precondition(lambda self: self.take_back is not None)
    @rule()
    def undo(self) -> None:
        """Somebody puts back what was there before the last edit."""
        assert self.take_back is not None
        self.take_back()

    @precondition(lambda self: self.advoware.termine)
    @rule(chosen=CHOOSE)
    def delete_termin(self, chosen: int) -> None:
        number = sorted(self.advoware.termine)[chosen % len(self.advoware.termine)]
        del self.advoware.termine[number]
        self.ledger.enter("advoware", number, None, None)

    @rule(kuerzel=KUERZEL, chosen=CHOOSE)
    def delete_event(self, kuerzel: str, chosen: int) -> None:
        own = self.pick(kuerzel, chosen)
        if own is not None:
            self.trash = (kuerzel, self.calendars[kuerzel].google.events[own])
            self.calendars[kuerzel].google.remove(own)
            self.ledger.enter("google", (kuerzel, own), None, None)
            self.unanswered.pop((kuerzel, own), None)

    trash: tuple[str, Any] | None = None

    @precondition(lambda self: self.trash is not None)
    @rule()
    def take_out_of_trash(self) -> None:
        assert self.trash is not None
        kuerzel, event = self.trash
        if self.calendars[kuerzel].google.events[event.id].cancelled:
            self.calendars[kuerzel].google.restore(event)
        self.trash = None

    @rule(kuerzel=KUERZEL, chosen=CHOOSE)
    def copy_event(self, kuerzel: str, chosen: int) -> None:
        own = self.pick(kuerzel, chosen)
        if own is not None:
            google = self.calendars[kuerzel].google
            google.enter(f"copy{self.token().lower()}", **_contents(google.events[own]))

    @rule(kuerzel=KUERZEL, chosen=CHOOSE, after=st.integers(1, 4))
    def split_series(self, kuerzel: str, chosen: int, after: int) -> None:
        """`This and following`, in the afternoon: the series ends the day before, another one begins."""
        own = self.pick(kuerzel, chosen)
        form = None if own is None else read_event(self.calendars[kuerzel].google.events[own]).form
        if own is None or form is None or form.rule is None or form.when.all_day:
            return
        first = form.when.first_day
        days = [one.first_day for one in occurrences(form.when, form.rule, first=first, last=first + timedelta(200))]
        if len(days) <= after:
            return
        google, day = self.calendars[kuerzel].google, days[after]
        event, times = google.events[own], timed(f"{day}T15:00", f"{day}T15:{chosen % 60:02}")
        google.enter(f"rest{self.token().lower()}", **{**_contents(event), **times})
        ended = replace(form.rule, until=(day - timedelta(days=1)).isoformat())
        self.change_event(kuerzel, own, recurrence=to_google(ended, form.when))

    @rule(kuerzel=KUERZEL, chosen=CHOOSE, cancelled=st.booleans())
    def move_occurrence(self, kuerzel: str, chosen: int, cancelled: bool) -> None:
        own = self.pick(kuerzel, chosen)
        google = self.calendars[kuerzel].google
        if own is None or not google.events[own].recurrence:
            return
        form = read_event(google.events[own]).form
        if form is None:
            return
        start = next(occurrences(form.when, form.rule, first=form.when.first_day, last=form.when.first_day)).start
        google.enter(
            f"{own}_{chosen % 3}",
            recurring_event_id=own,
            original_start=GoogleTime(date_time=f"{start}:{chosen % 3:02}"),
            status="cancelled" if cancelled else "confirmed",
            **_words(google.events[own]),
            **timed("2026-06-01T07:00", "2026-06-01T08:00"),
        )

    @precondition(lambda self: self.advoware.termine)
    @rule(chosen=CHOOSE)
    def give_away(self, chosen: int) -> None:
        number = sorted(self.advoware.termine)[chosen % len(self.advoware.termine)]
        self.advoware.change(number, anwalt="AI" if self.advoware.termine[number].anwalt == "SB" else "SB")

    # --- What goes wrong --------------------------------------------------------------------------------------------

    @rule(faults=FAULTS)
    def advoware_loses_answers(self, faults: list[str]) -> None:
        self.advoware.faults.coming = faults

    @rule(kuerzel=KUERZEL, faults=FAULTS)
    def google_loses_answers(self, kuerzel: str, faults: list[str]) -> None:
        self.calendars[kuerzel].google.faults.coming = faults

    @rule(
        kuerzel=KUERZEL,
        in_google=st.booleans(),
        fault=st.sampled_from(["crash_before", "crash_after", "crash_late"]),
        undone=st.booleans(),
    )
    def process_dies(self, kuerzel: str, in_google: bool, fault: str, undone: bool) -> None:
        """Between an intent and its write, between the write and its answer; the next pass finds a changed mind."""
        side = self.calendars[kuerzel].google if in_google else self.advoware
        side.faults.coming = [fault]
        self.sync(kuerzel, False)
        side.faults.coming = []
        if undone and self.take_back is not None:
            self.take_back()
        self.sync(kuerzel, False)

    @rule()
    def late_writes_arrive(self) -> None:
        self.advoware.faults.arrive()
        for calendar in self.calendars.values():
            calendar.google.faults.arrive()
        # What they have overwritten, no pass can find any more.
        self.ledger.edits = [edit for edit in self.ledger.edits if self.shows(edit)]

    def shows(self, edit: Edit) -> bool:
        if edit.side == "advoware":
            termin = self.advoware.termine.get(edit.item)
            form = read_termin(termin).form if termin is not None else None
        else:
            kuerzel, own = edit.item
            form = read_event(self.calendars[kuerzel].google.events[own]).form
        return form is not None and form.of(edit.group) == edit.value

    @rule(kuerzel=KUERZEL)
    def token_expires(self, kuerzel: str) -> None:
        self.calendars[kuerzel].google.token_expired = True

    @rule(kuerzel=KUERZEL, daily=st.booleans())
    def pass_with_empty_advoware_list(self, kuerzel: str, daily: bool) -> None:
        self.advoware.listing = lambda found: []
        self.sync(kuerzel, daily)
        self.advoware.listing = lambda found: found

    @rule(kuerzel=KUERZEL, daily=st.booleans())
    def pass_with_empty_google_list(self, kuerzel: str, daily: bool) -> None:
        google = self.calendars[kuerzel].google
        google.token_expired, google.list_fault = True, lambda found: []
        self.sync(kuerzel, daily)
        google.list_fault = lambda found: found

    @rule(kuerzel=KUERZEL)
    def pass_while_advoware_is_held(self, kuerzel: str) -> None:
        """Everything that writes there is put off, nothing is forgotten."""
        calendar = self.calendars[kuerzel]
        calendar.held_sides = frozenset({CalendarSide.advoware})
        self.sync(kuerzel, False)
        calendar.held_sides = frozenset()

    was_put_back = False
    kept: dict[str, Any] | None = None

    @rule()
    def back_up(self) -> None:
        self.kept = {kuerzel: one.backed_up() for kuerzel, one in self.calendars.items()}

    @precondition(lambda self: self.kept is not None)
    @rule()
    def put_back(self) -> None:
        """The database of before, while both systems are as they are."""
        assert self.kept is not None
        self.was_put_back = True
        self.unanswered.clear()
        for kuerzel, kept in self.kept.items():
            self.calendars[kuerzel].put_back(kept)

    # --- Passes -----------------------------------------------------------------------------------------------------

    @rule(days=st.integers(1, 45))
    def days_go_by(self, days: int) -> None:
        self.now += timedelta(days=days)

    @rule(kuerzel=KUERZEL, daily=st.booleans())
    def run_pass(self, kuerzel: str, daily: bool) -> None:
        self.sync(kuerzel, daily)

    def sync(self, kuerzel: str, daily: bool) -> int:
        calendar = self.calendars[kuerzel]
        calendar.now = self.now
        writes = calendar.sync(daily=daily)
        self.now = calendar.now
        self.answer(calendar)
        self.check_overwritten(calendar)
        self.hear_of_found(calendar)
        return writes

    def watch(self) -> None:
        """Every write of a pass is held against what people have entered there."""
        self.overwritten: list[Edit] = []
        self.unanswered: dict[tuple[str, str], PlannedStep] = {}
        self.made_again: list[PlannedStep] = []
        for calendar in self.calendars.values():
            calendar.before_step = lambda step, calendar=calendar: self.weigh(calendar, step)  # type: ignore[misc]
            calendar.after_answer = lambda step, calendar=calendar: self.hear(calendar, step)  # type: ignore[misc]

    def weigh(self, calendar: Calendar, step: PlannedStep) -> None:
        row = calendar.employee.kuerzel, step.google_id
        before = self.unanswered.get(row)
        if step.action is AppointmentAction.post_termin and before is not None and before.action is step.action:
            self.made_again.append(step)
        self.ledger.edits = [edit for edit in self.ledger.edits if not self.carried(edit, step)]
        self.unanswered[row] = step
        self.overwritten += [edit for edit in self.ledger.edits if self.overwrites(calendar, step, edit)]

    def overwrites(self, calendar: Calendar, step: PlannedStep, edit: Edit) -> bool:
        if step.action is AppointmentAction.insert_event:
            return False  # what is there already makes it fail
        side = step.action.side
        item: Any = (calendar.employee.kuerzel, step.google_id) if side is CalendarSide.google else step.fr_nr
        there = calendar.google.events if side is CalendarSide.google else self.advoware.termine
        if (edit.side, edit.item) != (side.value, item):
            return False
        if (step.google_id if side is CalendarSide.google else item) not in there:
            return False
        if step.action in (AppointmentAction.delete_event, AppointmentAction.delete_termin):
            return True
        sent = step.intent.sent
        return edit.group in step.groups and sent is not None and sent.of(edit.group) != edit.value

    def hear(self, calendar: Calendar, step: PlannedStep) -> None:
        self.unanswered.pop((calendar.employee.kuerzel, step.google_id), None)

    def hear_of_found(self, calendar: Calendar) -> None:
        """A Termin that a later pass has found is as good as answered: it may be deleted, and made once more."""
        kuerzel = calendar.employee.kuerzel
        settled = [pair for pair in calendar.open_rows() if pair.fr_nr is not None and pair.intent is None]
        posts = {row for row, step in self.unanswered.items() if step.action is AppointmentAction.post_termin}
        for row in posts & {(kuerzel, pair.google_id) for pair in settled}:
            del self.unanswered[row]

    def check_overwritten(self, calendar: Calendar) -> None:
        """What the other side shows by now is carried; what was overwritten must have been named."""
        assert not self.made_again, "made again, though it may have been made"
        named = {(lost.group, lost.value) for report in calendar.reports for lost in report.lost}
        for edit in self.overwritten:
            assert (edit.group, edit.value) in named, f"lost without a word: {edit}"
        gone = {id(edit) for edit in self.overwritten}
        self.overwritten = []
        self.ledger.edits = [edit for edit in self.ledger.edits if id(edit) not in gone and not self.carried(edit)]

    def carried(self, edit: Edit, in_hand: PlannedStep | None = None) -> bool:
        """in_hand: the write that is about to be sent, so that its intent says nothing yet."""
        return any(
            self.has_carried(edit, kuerzel, pair, in_hand)
            for kuerzel, one in self.calendars.items()
            for pair in one.open_rows()
        )

    def has_carried(self, edit: Edit, kuerzel: str, pair: AppointmentPair, in_hand: PlannedStep | None) -> bool:
        """The base says so, and no write is under way that may not have arrived, or that has and nobody has noticed."""
        mine = pair.fr_nr == edit.item if edit.side == "advoware" else (kuerzel, pair.google_id) == edit.item
        base = pair.base_advoware if edit.side == "advoware" else pair.base_google
        if not mine or base is None or base.of(edit.group) != edit.value:
            return False
        open_intent = pair.intent is not None and (in_hand is None or pair.intent != in_hand.intent)
        return not open_intent and not self.is_contradicted(edit, kuerzel, pair)

    def is_contradicted(self, edit: Edit, kuerzel: str, pair: AppointmentPair) -> bool:
        """Whether the other side shows what an unanswered write of ours has brought there, and the row knows nothing of
        it."""
        lost = self.unanswered.get((kuerzel, pair.google_id))
        if lost is None or lost.action.side.value == edit.side or edit.group not in lost.groups:
            return False
        if lost.action.side is CalendarSide.google:
            there = self.calendars[kuerzel].google.events.get(pair.google_id)
            form, base = read_event(there).form if there is not None else None, pair.base_google
        else:
            termin = self.advoware.termine.get(pair.fr_nr or 0)
            form, base = read_termin(termin).form if termin is not None else None, pair.base_advoware
        sent = lost.intent.sent
        if form is None or sent is None or base is None:
            return False
        return form.of(edit.group) == sent.of(edit.group) != base.of(edit.group)

    def answer(self, calendar: Calendar) -> None:
        """A person looks at what is asked and answers."""
        if calendar.last.many_new or calendar.last.held:
            return
        chosen = {pair.decided[code] for pair in calendar.open_rows() for code in _NAMING if code in pair.decided}
        for planned in calendar.last.pairs:
            for question in planned.questions:
                pair = next((one for one in calendar.open_rows() if one.google_id == planned.pair.google_id), None)
                if pair is None:
                    continue
                if question.code is QuestionCode.conflict:
                    for group in question.groups:
                        calendar.decide(pair, f"conflict:{group.value}", "advoware")
                        pair = next(one for one in calendar.open_rows() if one.google_id == planned.pair.google_id)
                elif question.code is QuestionCode.gone_and_changed:
                    calendar.decide(pair, question.code, "google")
                elif question.code in _NAMING:
                    free = [number for number in self.candidates(calendar, pair, question) if str(number) not in chosen]
                    choice = str(free[0]) if free else NEW
                    chosen.add(choice)
                    self.unanswered.pop((calendar.employee.kuerzel, pair.google_id), None)
                    calendar.decide(pair, question.code, choice)

    def candidates(self, calendar: Calendar, pair: AppointmentPair, question: Any) -> list[int]:
        """What the person finds in Advoware: it may lie outside what the pass has read."""
        linked = {one.fr_nr for one in calendar.open_rows()}
        sent = pair.intent.sent if pair.intent else None
        found = set(question.candidates)
        if sent is not None:
            for number, termin in self.advoware.termine.items():
                form = read_termin(termin).form
                if (
                    form is not None
                    and termin.anwalt == calendar.employee.kuerzel
                    and (form.when, form.rule) == (sent.when, sent.rule)
                ):
                    found |= {number} if sent.text.startswith(form.text) else set()
        return sorted(found - linked)

    # --- The end ----------------------------------------------------------------------------------------------------

    def teardown(self) -> None:
        if not hasattr(self, "calendars"):
            return
        self.late_writes_arrive()
        self.advoware.faults.coming = []
        for calendar in self.calendars.values():
            calendar.google.faults.coming = []
            calendar.released = frozenset({"too_many_removals", "advoware_list_small", "google_list_small", "many_new"})
        silent = 0
        for _ in range(30):
            self.now += timedelta(hours=2)
            wrote = sum(self.sync(kuerzel, daily=True) for kuerzel in self.calendars)
            # What a pass has read may have been told to its row alone; the next one reads what that asks for.
            silent = 0 if wrote or self.open_business() else silent + 1
            # Not near midnight, when another day comes into the window.
            if silent >= 2 and 6 <= self.now.hour <= 18:
                break
        quiet = [self.sync(kuerzel, daily) for kuerzel in self.calendars for daily in (True, False)]
        written = [(step.action, step.groups) for one in self.calendars.values() for step in one.last.steps]
        assert quiet == [0, 0, 0, 0], f"a further pass writes {written}"
        for calendar in self.calendars.values():
            self.check(calendar)

    def open_business(self) -> bool:
        return any(
            pair.decided or pair.empty_since for calendar in self.calendars.values() for pair in calendar.open_rows()
        )

    def check(self, calendar: Calendar) -> None:
        termine = {
            number: termin
            for number, termin in self.advoware.termine.items()
            if termin.anwalt == calendar.employee.kuerzel
        }
        rows = {pair.fr_nr: pair for pair in calendar.open_rows() if pair.fr_nr is not None}
        alive = {event.id: event for event in calendar.google.alive()}
        linked = {pair.google_id for pair in rows.values()}
        for number, termin in termine.items():
            self.check_termin(calendar, termin, rows.get(number), alive)
        for own, event in alive.items():
            if own in linked:
                continue
            row = next((pair for pair in calendar.open_rows() if pair.google_id == own), None)
            assert row is not None, f"an event that nobody knows: {event}"
            assert row.status is PairStatus.only_in_google, f"{row} of {event}"
            orphaned = self.was_put_back and own_number(event) is not None
            form = read_event(event).form
            orphaned = orphaned or self.is_told_of_another(calendar, row, event)
            left_out = form is not None and form.privat and calendar.policy.private is Private.skip
            assert orphaned or left_out or form is None, f"left alone without a reason: {event}"
        for number, row in rows.items():
            if number not in termine:
                assert row.google_id not in alive or row.status is not PairStatus.ok or row.resting, (
                    f"without a Termin: {row}"
                )
            if row.status is PairStatus.ok and row.google_id in alive:
                self.check_occurrences(calendar, row)
        doubled = [own for own, count in Counter(pair.google_id for pair in calendar.open_rows()).items() if count > 1]
        assert not doubled

    def check_occurrences(self, calendar: Calendar, row: AppointmentPair) -> None:
        """Where a series shows no words, none of Advoware's stands in an occurrence of it."""
        if row.shown in SHOWS_ALL or row.base_advoware is None:
            return
        hidden = {str(row.base_advoware.of(group)) for group in TEXTS} - {"", ANONYMOUS_TITLE, PRIVATE_TITLE}
        for event in calendar.google.events.values():
            if event.recurring_event_id == row.google_id and not event.cancelled:
                said = {event.summary, event.location, event.description}
                assert not said & hidden, f"words that are to be hidden: {event}"

    def is_told_of_another(self, calendar: Calendar, row: AppointmentPair, event: Any) -> bool:
        """Left alone since it bears the number of another Termin: of a series that runs on in a calendar without texts,
        or of one whose hidden text nobody knows any more, or may tell."""
        form, number = read_event(event).form, named_by(event)
        if form is None or number is None or number == row.fr_nr:
            return False
        if "only_in_google:rest_of_series" in row.told:
            termin = self.advoware.termine.get(number)
            series = None if termin is None else read_termin(termin).form
            return form.rule is not None and series is not None and series.rule is not None
        return "only_in_google:text_not_known" in row.told and form.text in (ANONYMOUS_TITLE, PRIVATE_TITLE)

    def check_termin(self, calendar: Calendar, termin: Any, row: AppointmentPair | None, alive: dict[str, Any]) -> None:
        form = read_termin(termin).form
        if form is None:
            assert row is None or row.status is PairStatus.unsupported
            return
        window = act_window(calendar.now, calendar.policy)
        if row is None and termin.privat and calendar.policy.private is Private.skip:
            return
        if row is None:
            listed = self.advoware.lists_old_series or form.rule is None
            assert not listed or not window.holds(form), f"nowhere to be seen: {termin}"
            return
        if row.status in (PairStatus.unsupported, PairStatus.awaiting_removal):
            return
        if row.google_id not in alive:
            assert not window.holds(form), f"nowhere to be seen: {termin}, {row}"
            return
        shown = read_event(alive[row.google_id]).form
        wanted = shown_in_google(form, row.shown)
        if shown is None or row.shown.value == "busy" or (row.resting and row.base_advoware != form):
            return  # typed into a private one; or a Termin far away whose change no list shows
        assert shown == wanted, f"{shown} is not {wanted}"


_NAMING = (QuestionCode.ambiguous, QuestionCode.post_outcome_unknown, QuestionCode.first_meeting_far_away)


def _after(day: date, days: int) -> str:
    return (day + timedelta(days=days)).isoformat()


def _words(event: Any) -> dict[str, Any]:
    return {name: getattr(event, name) for name in ("summary", "location", "description", "visibility")}


def _contents(event: Any) -> dict[str, Any]:
    names = ("start", "end", "recurrence", "summary", "location", "description", "visibility", "properties")
    return {name: getattr(event, name) for name in names}


TestAppointments = Appointments.TestCase
