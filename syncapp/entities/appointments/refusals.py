"""What an error in the middle of a pass means: for the one appointment, or for the calendar as a whole.

| error | what happens |
| --- | --- |
| 412; 404 on an event or a Termin | nothing was written: read again, decided anew |
| content, event or Termin refused | the appointment has failed, until it changes or a day has passed |
| Google's quota (`quotaExceeded`) | nothing new in Google for six hours, for all calendars; the rest goes on |
| Advoware refuses to delete (403, 405) | a person has to; remembered, never asked again by itself |
| no answer, too fast, 5xx | the appointment is tried again by the retry table; the third in a row ends the pass |
| 403 of Google's for a reason that nobody here knows | that appointment has failed; the third in a row ends the pass |
| calendar closed, login, configuration | the pass ends |

Invariant: what proves that nothing was written takes the intent back (of a write that may be repeated it may stay);
what proves nothing leaves it.
To extend: a further error is a row here and a line of `ErrorMeaning`.
"""

from dataclasses import replace
from datetime import timedelta
from enum import StrEnum
from typing import Any

from django.utils import timezone

from syncapp.core.appointments import answers
from syncapp.core.appointments.rows import AppointmentAction, AppointmentPair, PairStatus, PlannedStep
from syncapp.core.faults.retry import RetryState
from syncapp.core.systems import System
from syncapp.engine.runs import failures
from syncapp.models import Appointment
from syncapp.remotes.http.errors import (
    AccessLost,
    AuthFailed,
    CalendarGone,
    Duplicate,
    Forbidden,
    Invalid,
    Misconfigured,
    NotFound,
    OutcomeUnknown,
    QuotaExceeded,
    RemoteError,
    Transient,
    VersionConflict,
)

# What was refused is looked at again after that, also where it has not changed.
LOOKED_AT_AGAIN = timedelta(hours=24)
CANNOT_DELETE = (403, 405)


class ErrorMeaning(StrEnum):
    anew = "anew"
    refused = "refused"
    quota = "quota"
    by_hand = "by_hand"
    later = "later"
    stop = "stop"


def meaning_of(error: RemoteError, step: PlannedStep) -> ErrorMeaning:
    """The row of the table above for this error."""
    match error:
        case AuthFailed() | Misconfigured() | CalendarGone() | AccessLost():
            return ErrorMeaning.stop
        case VersionConflict() | NotFound():
            return ErrorMeaning.anew
        case QuotaExceeded():
            return ErrorMeaning.quota
        case Forbidden() if step.action is AppointmentAction.delete_termin and error.status in CANNOT_DELETE:
            return ErrorMeaning.by_hand
        case Forbidden() | Invalid() | Duplicate():
            return ErrorMeaning.refused
        case Transient():
            return ErrorMeaning.later
    return ErrorMeaning.stop


def may_be_about_all(error: RemoteError) -> bool:
    """Whether the next writes may well fare the same: no answer, or a refusal of Google's whose reason says nothing."""
    unknown = type(error) is Forbidden and error.system == System.GOOGLE_CALENDAR
    return unknown or isinstance(error, Transient)


def failed_pair(pair: AppointmentPair, kind: ErrorMeaning, error: RemoteError) -> AppointmentPair:
    """The row after the error. A POST that was perhaps carried out waits for what the list shows, whatever its
    status."""
    if kind is ErrorMeaning.refused:
        return answers.after_refusal(pair).pair
    if is_no_post(pair, error):
        pair = replace(pair, intent=None)
    return replace(pair, status=PairStatus.failed) if pair.is_linked else pair


def is_no_post(pair: AppointmentPair, error: RemoteError) -> bool:
    """Whether a POST of this row was certainly not carried out, so that nobody has to be asked what became of it."""
    posts = pair.intent is not None and pair.intent.action is AppointmentAction.post_termin
    return posts and not isinstance(error, OutcomeUnknown)


def failure_columns(error: RemoteError, pair: AppointmentPair, said: str) -> dict[str, Any]:
    """What the row keeps of the error, and when it is tried again; `said` notices that it says something else."""
    failed = failures.of_remote(error)
    stored = Appointment.objects.filter(pk=pair.id or 0).values_list("retry_count", "wait_until").first() or (0, None)
    plan = failures.failure_plan(RetryState(*stored), failed)
    until = plan.state.next_retry_at or plan.state.auto_reset_at or timezone.now() + LOOKED_AT_AGAIN
    fault = {"error_kind": failed.kind, "fault": failed.fault}
    return {**fault, "retry_count": plan.state.count, "wait_until": until, "failed_as": said}


FINE: dict[str, Any] = {"error_kind": "", "fault": {}, "retry_count": 0, "wait_until": None, "failed_as": ""}
