"""Asking for passes, and what keeps them from happening: pauses, brakes, locks.

Invariant: a brake is released for the next pass alone; a lock that is taken away ends its holder's right to write.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Q, QuerySet
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext as _

from syncapp.core.appointments.plan_shapes import HoldReason, QuestionCode
from syncapp.core.faults.errors import WAITS_FOR_PERSON
from syncapp.core.requests import Hold, Source
from syncapp.core.states import WAITING, Event, Status
from syncapp.engine.rows import locks
from syncapp.engine.runs.sync_record import Ended, Order, SyncResult, sync_record
from syncapp.entities.appointments import configured, due_passes
from syncapp.entities.appointments.apply import watched
from syncapp.entities.appointments.entity import NAME
from syncapp.models import Appointment, CalendarEmployee
from syncapp.operations.actions import ActionContext, ActionRefused, log_action
from syncapp.operations.calendars import overview
from syncapp.operations.calendars.employees import ask_for_pass, log
from syncapp.remotes.registry import google_calendar_in_use
from syncapp.words import sentences
from syncapp.words.calendars.holds import held_words

# Portions of a first load that one call in the foreground goes through.
PORTIONS = 100


@dataclass(frozen=True, slots=True)
class PassResult:
    """How passes in the foreground ended, and the calendar afterwards. ok: both sides are equal, nothing waits.
    left_alone: why none was made."""

    row: CalendarEmployee
    ended: str
    left_alone: str = ""

    @property
    def ok(self) -> bool:
        return self.ended == Ended.RAN and self.row.status == Status.CLEAN


def run_now(row: CalendarEmployee, *, action_context: ActionContext, full: bool = False) -> None:
    """A worker makes the pass at once. One that is given up stays so until it has gone well: another round of tries
    would end the alarm before anything is mended."""
    event = Event.RESET if row.status == Status.FAILED and not row.waits_for_person else Event.CHANGED
    ask_for_pass(row, action_context, code="run_now", full=full, event=event)
    log(row, "calendar_full_pass" if full else "calendar_pass", action_context)


def run_in_foreground(
    row: CalendarEmployee,
    *,
    actor: str,
    full: bool = False,
    force: bool = False,
    wait: Callable[[], None],
    told: Callable[[int], None] = lambda left: None,
) -> PassResult:
    """Passes until the calendar is done, in this process; one that is going on elsewhere is waited for.

    told: called with the number of appointments that are still to be written, again after each of them. A calendar that
    is left alone is not asked about.
    """
    if why := why_left_alone(row):
        return PassResult(row, Ended.NOT_DUE, why)
    due_passes.request_passes([row.pk], source=Source.COMMAND, cause=f"sync: {actor}", full=full, force=force)
    result = SyncResult(Ended.NOT_DUE)
    for _portion in range(PORTIONS):
        with watched(told):
            result = sync_record(Order(row.pk, Source.COMMAND, actor, forced=True, entity_name=NAME))
        if result.ended == Ended.BUSY or (result.ended == Ended.NOT_DUE and due_passes.is_running(row)):
            wait()
            continue
        row.refresh_from_db()
        if result.ended != Ended.RAN or row.status not in WAITING or row.deferred >= row.requested:
            break
    row.refresh_from_db()
    return PassResult(row, result.ended, _why_set_aside(row))


def _why_set_aside(row: CalendarEmployee) -> str:
    if row.status not in WAITING or row.deferred < row.requested:
        return ""
    return _("Planned only: nothing is written at present (shadow, or a side that is held).")


def why_left_alone(row: CalendarEmployee) -> str:
    """Why no pass over this calendar would do anything, whoever asks; "" where one would."""
    if row.hold:
        return held_words(row, now=timezone.now())
    code = due_passes.left_alone(row)
    return sentences.sentence({"code": code, "params": {}}) if code else ""


@transaction.atomic
def pause(row: CalendarEmployee, *, action_context: ActionContext) -> None:
    held = {
        "hold": Hold.PAUSED,
        "hold_reason": action_context.reason,
        "hold_actor": action_context.actor[:150],
        "hold_since": timezone.now(),
    }
    if CalendarEmployee.objects.filter(pk=row.pk, hold="").update(**held) != 1:
        raise ActionRefused(_("The calendar is paused already."))
    log(row, "calendar_pause", action_context)


@transaction.atomic
def resume(row: CalendarEmployee, *, action_context: ActionContext) -> None:
    free = {"hold": "", "hold_reason": "", "hold_actor": "", "hold_since": None}
    if CalendarEmployee.objects.filter(pk=row.pk).exclude(hold="").update(**free) != 1:
        raise ActionRefused(_("The calendar is not paused."))
    log(row, "calendar_resume", action_context)
    ask_for_pass(row, action_context, code="resumed", full=True)


def release(row: CalendarEmployee, *, action_context: ActionContext) -> str:
    """What a brake has stopped goes through in the next pass, once; what was released."""
    with transaction.atomic():
        locked = CalendarEmployee.objects.select_for_update().get(pk=row.pk)
        code = _stopped_by(locked)
        if not code:
            raise ActionRefused(_("Nothing holds this calendar."))
        CalendarEmployee.objects.filter(pk=row.pk).update(
            released={**locked.released, code: locked.requested + 1}, doubt={}
        )
        log(row, "calendar_release", action_context, result=code)
        event = Event.RESET if locked.waits_for_person else Event.CHANGED
        ask_for_pass(row, action_context, code="release", full=True, event=event)
    return code


def _stopped_by(row: CalendarEmployee) -> str:
    code = str(row.fault.get("code", "")) if row.waits_for_person else ""
    if code in frozenset(HoldReason):
        return code
    asked = Appointment.objects.filter(employee=row, questions__icontains=QuestionCode.many_new.value)
    return QuestionCode.many_new.value if asked.exists() else code


def stopped() -> "QuerySet[CalendarEmployee]":
    """The calendars that go on only when a person has seen to it; none where calendars are not set up."""
    return _looked_after().filter(overview.WAITS)


def given_up() -> "QuerySet[CalendarEmployee]":
    """The calendars that go wrong with each pass, until one goes well; none where calendars are not set up."""
    return _looked_after().filter(overview.GIVEN_UP)


def late(since: datetime) -> "QuerySet[CalendarEmployee]":
    """The calendars that nobody has looked at since then, and that nothing keeps from it."""
    never = Q(last_check=None, created_at__lt=since)
    return going_on().filter(Q(last_check__lt=since) | never)


def going_on() -> "QuerySet[CalendarEmployee]":
    """The calendars that are looked at again by themselves, with every pass; none where calendars are not set up."""
    return _looked_after().exclude(kind__in=WAITS_FOR_PERSON).exclude(due_passes.IS_GONE)


def _looked_after() -> "QuerySet[CalendarEmployee]":
    return due_passes.synced() if google_calendar_in_use() else CalendarEmployee.objects.none()


def creates_stopped_until() -> datetime | None:
    """Until when Google takes nothing new; None: it does."""
    return configured.creates_stopped_until() if google_calendar_in_use() else None


def allow_creates(*, action_context: ActionContext) -> bool:
    """Google's quota is free again; whether there was a stop. What is wrong about it the next pass finds out anew."""
    stopped = configured.allow_creates()
    _log_of_systems(action_context, "calendar_quota", "allowed" if stopped else "was not stopped")
    return stopped


def set_delete(value: bool | None, *, action_context: ActionContext) -> None:
    """Whether Advoware deletes Termine; None: to be tried again."""
    configured.set_can_delete(value)
    _log_of_systems(action_context, "calendar_capability", f"delete={value}")


def _log_of_systems(action_context: ActionContext, action: str, result: str) -> None:
    log_action(action_context=action_context, action=action, target="Advoware, Google", result=result)


def held(rows: Sequence[CalendarEmployee]) -> Iterator[CalendarEmployee]:
    """Those that a pass holds, or, without a holder, a lock in Redis that no pass stands behind."""
    leased = CalendarEmployee.objects.filter(pk__in=[row.pk for row in rows]).exclude(lease_token="")
    locked = set(locks.names())
    yield from leased.order_by("kuerzel")
    for row in rows:
        if row.key in locked and not leased.filter(pk=row.pk).exists():
            yield row


def release_lock(row: CalendarEmployee, *, action_context: ActionContext) -> None:
    """The lease expires now: its holder can write no more, and the next pass settles what it may have written."""
    CalendarEmployee.objects.filter(pk=row.pk).exclude(lease_token="").update(lease_expires=Now())
    locks.remove(row.key)
    log(row, "calendar_release_lock", action_context, result=row.lease_holder)
