"""Carrying a plan out: appointment by appointment, write by write.

Invariant: before a write its intent is committed with the renewed lease, after it what its answer proved; each in a
transaction that shows that the pass still holds the calendar. One appointment's trouble stops no other. Whatever a pass
leaves undone, the next one plans again.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from typing import Any

from django.db import transaction
from django.utils import timezone

from syncapp.core.appointments import answers
from syncapp.core.appointments.answers import AnsweredWrite
from syncapp.core.appointments.forms.canonical import Canonical, value_json
from syncapp.core.appointments.plan import narrowed, plan
from syncapp.core.appointments.plan_shapes import PairPlan, PairReport, PairRow, Plan
from syncapp.core.appointments.policy import CalendarSide
from syncapp.core.appointments.rows import AppointmentAction, AppointmentPair, PlannedStep
from syncapp.core.appointments.shapes import CalendarEvent
from syncapp.engine import batch, control
from syncapp.engine.runs.run import RunLog
from syncapp.entities.appointments import configured, refusals, write
from syncapp.entities.appointments.check import PassPlan
from syncapp.entities.appointments.clients import PassContext
from syncapp.entities.appointments.read import CalendarReading, event_read, evidence_read, said_as
from syncapp.entities.appointments.refusals import FINE, ErrorMeaning
from syncapp.entities.appointments.rows import store
from syncapp.models import AppointmentChange, AppointmentConflict, CalendarEmployee
from syncapp.remotes.http.errors import RemoteError, Transient

# How often one appointment is decided anew within a pass.
ANEW = 3
# So many writes in a row without a good answer: the system is at fault, not the appointments.
IN_A_ROW = 3
WHOLE = frozenset({AppointmentAction.insert_event, AppointmentAction.post_termin})
# A pass that makes so many takes long enough for somebody to ask how far it is.
WORTH_WATCHING = 20
_told: ContextVar[Callable[[int], None]] = ContextVar("told", default=lambda left: None)


@dataclass(slots=True)
class AppliedPass:
    """What a pass has carried out, for its ending.

    quota: something new is left that Google does not take for a while. left_over: something has to be tried again soon.
    unfinished: stopped in the middle, so Google's feed has to be read from the same place again. silent: writes in a
    row without a good answer.
    """

    reading: CalendarReading
    plan: Plan
    done: Counter[str] = field(default_factory=Counter)
    failed: Counter[str] = field(default_factory=Counter)
    quota: bool = False
    left_over: bool = False
    unfinished: bool = False
    silent: int = 0


def apply(context: PassContext, log: RunLog, reading: CalendarReading, plan: PassPlan) -> AppliedPass:
    made = plan.plan
    applied = AppliedPass(reading, made, quota=made.deferred > 0 and not reading.snapshot.policy.create_in_google)
    if made.pairs and context.row.standstill:
        context.answered(standstill={})  # however this pass ends, the rows are not what they were
    _show_the_whole(context, log, reading, made)
    try:
        _carry_out(context, applied)
    finally:
        log.add_round(_counts(applied))
    return applied


@contextmanager
def watched(told: Callable[[int], None]) -> Iterator[None]:
    """told: how many appointments are still to be written, later portions included; while passes go on in this
    thread."""
    before = _told.set(told)
    try:
        yield
    finally:
        _told.reset(before)


def _show_the_whole(context: PassContext, log: RunLog, reading: CalendarReading, made: Plan) -> None:
    """Of a first load its page says at once how much there is to be in Google: `all`, beside what is planned."""
    coming = made.count(AppointmentAction.insert_event) + made.deferred
    if coming >= WORTH_WATCHING:
        there = sum(pair.is_linked and pair.base_google is not None for pair in reading.snapshot.pairs)
        log.columns["planned"] |= {"all": there + coming}
        context.answered(planned=log.columns["planned"])


def _carry_out(context: PassContext, applied: AppliedPass) -> None:
    told, made = _told.get(), applied.plan
    left = sum(bool(planned.steps) for planned in made.pairs) + made.deferred
    told(left)
    for planned in made.pairs:
        if batch.PROCESS_ENDS.is_set() or (planned.steps and _is_told_otherwise(context)):
            applied.unfinished = True
            break
        _PairWriter(context, applied, planned).carry_out(planned)
        if planned.steps:
            left -= 1
            told(left)


def _is_told_otherwise(context: PassContext) -> bool:
    """Whether somebody has paused, stopped the writes to a side or gone to shadow since the pass began.

    A pass takes minutes where much is new, and whoever stops it means now: what is in hand ends, nothing more begins.
    """
    switches, began = control.of_sides(control.switches(), context.entity.sides), context.control
    if (switches.mode, switches.held_sides) != (began.mode, began.held_sides):
        return True
    found = context.row
    as_it_was = CalendarEmployee.objects.filter(pk=found.pk, hold=found.hold, mode=found.mode, active=found.active)
    return not as_it_was.exists()


def _counts(applied: AppliedPass) -> dict[str, dict[str, int]]:
    counts: dict[str, dict[str, int]] = {name: {"done": number} for name, number in sorted(applied.done.items())}
    for name, number in sorted(applied.failed.items()):
        counts.setdefault(name, {})["failed"] = number
    return counts


class _PairWriter:
    """One appointment of the plan."""

    def __init__(self, context: PassContext, applied: AppliedPass, planned: PairPlan) -> None:
        self.context, self.applied, self.reading = context, applied, applied.reading
        self.seen: Mapping[str, str] = planned.before.decided if planned.before is not None else {}

    def carry_out(self, planned: PairPlan, depth: int = 0) -> None:
        if self.applied.quota and any(step.action is AppointmentAction.insert_event for step in planned.steps):
            return self._put_off(planned)
        if not planned.steps:
            self._keep(planned.pair, self._more(planned, done=True), planned.reports)
            return None
        pair = planned.pair
        for number, step in enumerate(planned.steps):
            first, last = number == 0, number == len(planned.steps) - 1
            more = self._more(planned, done=False) if first else {}
            pair = self._announce(replace(pair, intent=step.intent), more, planned.reports if first else ())
            try:
                answered = write.send(self.context, self.reading, step, pair)
            except RemoteError as error:
                return self._refused(planned, step, pair, error, depth)
            if isinstance(answered, write.Undecided):
                kept = self._keep(replace(pair, intent=None), {}, ())
                if answered is write.Undecided.CHANGED:
                    return self._anew(kept, depth)
                self.applied.left_over = True
                return None
            pair = self._answered(step, pair, answered, done=last)
            if answered.again:
                return self._anew(pair, depth)
        return None

    # --- what is committed

    def _more(self, planned: PairPlan, *, done: bool) -> dict[str, Any]:
        asked = [
            {
                "code": one.code.value,
                "groups": sorted(group.value for group in one.groups),
                "candidates": list(one.candidates),
                "cannot": one.cannot,
            }
            for one in planned.questions
        ]
        waits = planned.pair.wait_until is not None and planned.pair.wait_until > self.reading.snapshot.now
        forced = self.reading.snapshot.force
        if planned.row is PairRow.unseen:
            return {}  # nobody has looked: what was asked is asked still
        return {"questions": asked} | (FINE if done and (forced or not waits) else {})

    def _announce(
        self, pair: AppointmentPair, more: Mapping[str, Any], reports: Sequence[PairReport]
    ) -> AppointmentPair:
        """The row with its intent, under a prolonged lease."""
        with transaction.atomic():
            self.context.renew()
            return self._saved(pair, more, reports)

    def _keep(self, pair: AppointmentPair, more: Mapping[str, Any], reports: Sequence[PairReport]) -> AppointmentPair:
        """The row without a write."""
        with transaction.atomic():
            self.context.answered(updated_at=timezone.now())
            return self._saved(pair, more, reports)

    def _answered(
        self, step: PlannedStep, before: AppointmentPair, answer: AnsweredWrite, *, done: bool
    ) -> AppointmentPair:
        self.applied.silent = 0
        self.applied.done[step.action.value] += 1
        now = timezone.now()
        more = dict(FINE) if done and not answer.again else {}
        if step.action.side is CalendarSide.advoware:
            more["advoware_written_at"] = now
        with transaction.atomic():
            self.context.answered(updated_at=now)
            pair = self._saved(answer.pair, more, answer.reports)
            _note_changes(self.context, step, before, pair)
        return pair

    def _saved(self, pair: AppointmentPair, more: Mapping[str, Any], reports: Sequence[PairReport]) -> AppointmentPair:
        news = [one for one in reports if not one.again]
        row_id = store.save(self.context.row, pair, more, seen=self.seen, news=news)
        _note_conflicts(self.context, row_id, reports)
        return replace(pair, id=row_id)

    # --- what goes otherwise

    def _refused(
        self, planned: PairPlan, step: PlannedStep, pair: AppointmentPair, error: RemoteError, depth: int
    ) -> None:
        found = refusals.meaning_of(error, step)
        match found:
            case ErrorMeaning.anew:
                return self._anew(self._keep(replace(pair, intent=None), {}, ()), depth)
            case ErrorMeaning.quota:
                configured.stop_creates()
                self.applied.quota = True
                return self._put_off(planned)
            case ErrorMeaning.by_hand:
                configured.set_can_delete(False)
                answered = answers.after_refused_deletion(pair)
                self._keep(answered.pair, FINE, answered.reports)
                return None
            case ErrorMeaning.stop:
                if refusals.is_no_post(pair, error):
                    self._keep(replace(pair, intent=None), {}, ())
                raise error
        self.applied.failed[step.action.value] += 1
        listed = next((one for one in self.reading.snapshot.termine if one.fr_nr == pair.fr_nr), None)
        said = said_as(listed, self.reading.snapshot.policy)
        failed = refusals.failed_pair(pair, found, error)
        self._keep(failed, refusals.failure_columns(error, pair, said), ())
        if refusals.may_be_about_all(error):
            self._count_silence(error)
        return None

    def _count_silence(self, error: RemoteError) -> None:
        self.applied.silent += 1
        if self.applied.silent >= IN_A_ROW:
            raise error

    def _put_off(self, planned: PairPlan) -> None:
        """Not in this pass: the row says what was seen, and no more."""
        if planned.put_off is not None:
            self._keep(replace(planned.put_off, intent=None), {}, ())

    def _anew(self, pair: AppointmentPair, depth: int) -> None:
        """The sides have moved on: both are read again, and the pair is decided anew, a few times at most."""
        if depth >= ANEW:
            self.applied.left_over = True
            return
        try:
            termin = evidence_read(self.context, pair.fr_nr) if pair.fr_nr is not None else None
            event = event_read(self.context, pair.google_id).event
        except Transient as error:
            self.applied.left_over = True
            self._count_silence(error)
            return
        if event is None and pair.base_google is not None:  # it was there, and Google shows not even that it is gone
            event = CalendarEvent(pair.google_id, status="cancelled")
        small = narrowed(self.reading.snapshot, pair, termin=termin, event=event)
        for planned in plan(small).pairs:
            self.carry_out(planned, depth + 1)


def _note_changes(context: PassContext, step: PlannedStep, before: AppointmentPair, after: AppointmentPair) -> None:
    """What was written, for the history; of what was made or deleted as a whole, that it was."""
    common = {"record": context.row, "appointment_id": after.id, "action": step.action.value}
    side = step.action.side.value
    sent = step.intent.sent
    if step.action in WHOLE or sent is None:
        AppointmentChange.objects.create(side=side, **common)
        return
    base = before.base_google if step.action.side is CalendarSide.google else before.base_advoware
    AppointmentChange.objects.bulk_create(
        AppointmentChange(side=side, field=group.value, before=_text(base, group), after=_text(sent, group), **common)
        for group in sorted(step.groups)
    )


def _text(form: Canonical | None, group: Any) -> str | None:
    return None if form is None else str(form.of(group))


def _note_conflicts(context: PassContext, row_id: int, reports: Sequence[PairReport]) -> None:
    AppointmentConflict.objects.bulk_create(
        AppointmentConflict(
            record=context.row,
            appointment_id=row_id,
            code=report.code.value,
            field=lost.group.value,
            side=lost.side.value,
            lost=None if lost.value is None else str(lost.value),
            kept=None if lost.kept is None else str(lost.kept),
            value=value_json(lost.value),
        )
        for report in reports
        for lost in report.lost
    )
