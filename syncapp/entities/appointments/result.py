"""How a pass ends that went through: what the calendar keeps, and whether something is left.

| left | the calendar is |
| --- | --- |
| nothing | equal |
| more to make in Google than one pass may; the whole calendar to be listed | dirty, goes on at once |
| something that a side which is not written would need | dirty, set aside until it may be written |
| somebody was faster, a few times | tried again in a minute |
| the process was told to end, or somebody has paused or gone to shadow meanwhile | tried again in a minute, if then |
| Google takes nothing new for hours | failed until then |
| appointments that failed | failed, tried again when the first of them is due |
| appointments that a person has to decide about | decision needed |

Invariant: the sync token is stored with the ending, after every decision; never by a pass that stopped in the middle.
"""

from dataclasses import replace
from typing import Any

from django.db.models import Count, Max, Min, Q
from django.utils import timezone

from syncapp.core.appointments.plan import plan as plan_of
from syncapp.core.appointments.rows import AppointmentAction, PairStatus
from syncapp.core.appointments.standstill import found_nothing
from syncapp.core.states import Event
from syncapp.engine.rows.requests import RESTING
from syncapp.engine.runs.run import RunLog
from syncapp.engine.runs.steps import RunResult
from syncapp.entities.appointments import configured
from syncapp.entities.appointments.apply import AppliedPass
from syncapp.entities.appointments.clients import PassContext
from syncapp.entities.appointments.read import soon
from syncapp.entities.appointments.rows.store import FAILING
from syncapp.entities.appointments.rows.stored import standstill_json
from syncapp.models import Appointment, Outcome
from syncapp.remotes.google_calendar.events import LIST_FINGERPRINT

# A pass that stopped in the middle is neither a failed attempt nor one that went well: a calendar that was given up is.
NOT_PROVED = {name: value for name, value in RESTING.items() if name not in {"retry_count", "auto_reset_at"}}


def result_of(context: PassContext, log: RunLog, applied: AppliedPass) -> RunResult:
    event, outcome, more = _outcome(context, applied)
    resting = NOT_PROVED if applied.unfinished and event is Event.RETRY_LATER else RESTING
    columns = {**resting, **log.columns_seen, "doubt": {}, **_place(context, applied), **more}
    if event is Event.EQUAL:
        columns["standstill"] = _standstill(applied)
    kind, fault = str(more.get("kind", "")), more.get("fault", {})
    return RunResult(event, outcome, columns, completes=not applied.unfinished, kind=kind, fault=fault)


def _place(context: PassContext, applied: AppliedPass) -> dict[str, Any]:
    """Where Google's feed goes on, and when all was read whole. What words an occurrence still shows tells the whole
    list alone."""
    if applied.unfinished:
        return {}
    token = "" if _words_are_left(applied) else applied.reading.token
    place = {"sync_token": token, "token_of": LIST_FINGERPRINT, "last_synced_at": timezone.now()}
    return place | ({"last_full_pass": context.started_at} if applied.reading.snapshot.daily else {})


def _words_are_left(applied: AppliedPass) -> bool:
    words = AppointmentAction.reword_event
    return applied.plan.list_whole or applied.plan.count(words) > applied.done[words.value]


def _outcome(context: PassContext, applied: AppliedPass) -> tuple[Event, Outcome, dict[str, Any]]:
    if _set_aside(applied):
        return Event.LEFT_OVER, Outcome.LEFT_OVER, context.set_aside
    if applied.plan.deferred and not applied.quota:  # more than one pass may make in Google
        return Event.LEFT_OVER, Outcome.LEFT_OVER, {}
    if applied.unfinished:
        return Event.RETRY_LATER, Outcome.LEFT_OVER, soon("pass_stopped")
    if applied.left_over:
        return Event.RETRY_LATER, Outcome.LEFT_OVER, soon("pass_not_finished")
    if applied.plan.list_whole:
        return Event.LEFT_OVER, Outcome.LEFT_OVER, {}
    until = configured.creates_stopped_until() if applied.quota else None
    if until is not None:
        return Event.RETRY_LATER, Outcome.FAILED, soon("quota_exceeded") | {"next_retry_at": until}
    if applied.reading.unchanged:
        return Event.EQUAL, Outcome.DONE, {}  # no row waits for anything
    return _by_the_rows(context)


def _standstill(applied: AppliedPass) -> dict[str, Any]:
    """What the next pass may take for granted: only where this one has found nothing to do."""
    reading = applied.reading
    still = reading.unchanged or found_nothing(reading.snapshot, applied.plan)
    return standstill_json(reading.standstill if still else None)


def _set_aside(applied: AppliedPass) -> bool:
    """Whether a side that is not written at present would have to be."""
    snapshot = applied.reading.snapshot
    if not snapshot.held_sides:
        return False
    freely = plan_of(replace(snapshot, held_sides=frozenset()))
    return any(step.action.side in snapshot.held_sides for step in freely.steps)


def _by_the_rows(context: PassContext) -> tuple[Event, Outcome, dict[str, Any]]:
    found = Appointment.objects.filter(employee=context.row).aggregate(
        failed=Count("pk", filter=FAILING),
        next=Min("wait_until", filter=FAILING),
        kind=Max("error_kind", filter=FAILING),
        asked=Count("pk", filter=Q(status=PairStatus.ask)),
    )
    if found["failed"]:
        failed = soon("appointments_failed", count=found["failed"], asked=found["asked"])
        return Event.RETRY_LATER, Outcome.FAILED, failed | {"kind": found["kind"], "next_retry_at": found["next"]}
    if found["asked"]:
        return Event.HELD, Outcome.HELD, {}
    return Event.EQUAL, Outcome.DONE, {}
