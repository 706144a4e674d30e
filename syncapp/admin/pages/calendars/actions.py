"""One act on one calendar: the page that says what will happen, the doing, and what really happened.

Invariant: as pages/one_action.py: the right is checked twice, nothing happens on GET.
"""

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone

from syncapp.admin.pages import frame
from syncapp.admin.pages.calendars import doors
from syncapp.entities.appointments.clients import SYSTEMS
from syncapp.models import CalendarEmployee
from syncapp.operations.actions import ActionRefused
from syncapp.operations.actions.bulk import many
from syncapp.operations.calendars.actions import CALENDAR_ACTIONS, CalendarAction
from syncapp.operations.monitoring.signs.disturbances import queue_held
from syncapp.words.plain_errors import PlainError


@doors.asks()
def single(request: HttpRequest, pk: int, code: str) -> HttpResponse:
    act = CALENDAR_ACTIONS.get(code)
    if act is None:
        raise Http404
    if not request.user.has_perm(act.permission):
        raise PermissionDenied
    row = get_object_or_404(CalendarEmployee, pk=pk)
    refusal = act.why_not(row)
    if request.method == "POST" and not refusal:
        return _do(request, act, row)
    return _ask(request, act, row, refusal)


def _ask(
    request: HttpRequest, act: CalendarAction, row: CalendarEmployee, refusal: str, fault: str = ""
) -> HttpResponse:
    return frame.page(
        request,
        "ops/calendars/confirm.html",
        title=act.label,
        act=act,
        row=row,
        refusal=refusal,
        fault=fault,
        obstacles=_in_the_way(act),
        reason=frame.reason_of(request),
    )


def _in_the_way(act: CalendarAction) -> list[str]:
    if act.enqueues:
        return frame.in_the_way(SYSTEMS)
    return queue_held(many.QUEUE, now=timezone.now()) if act.carry_out is None else []


def _do(request: HttpRequest, act: CalendarAction, row: CalendarEmployee) -> HttpResponse:
    reason = frame.reason_of(request)
    if act.needs_reason and not reason:
        return _ask(request, act, row, "", fault=str(frame.NO_REASON))
    if act.carry_out is None:
        return frame.hand_over(request, act.in_background, [row.pk])
    try:
        act.carry_out(row, action_context=frame.action_context(request, reason=reason))
    except (ActionRefused, PlainError) as refused:
        return _ask(request, act, row, "", fault=str(refused))
    if act.enqueues:
        frame.say_requested(request, act.done, systems=SYSTEMS)
    else:
        frame.say(request, act.done)
    return frame.back_to("admin:syncapp_calendaremployee_change", row.pk)
