"""One act on one calendar: the page that says what will happen, the doing, and what really happened.

Invariant: as pages/one_action.py: the right is checked twice, nothing happens on GET.
"""

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone

from syncapp.admin.pages import frame
from syncapp.admin.pages.calendars import doors
from syncapp.entities.appointments.clients import SYSTEMS
from syncapp.models import CalendarEmployee
from syncapp.operations.actions import ActionRefused
from syncapp.operations.actions.bulk import many
from syncapp.operations.calendars.actions import CALENDAR_ACTIONS, CalendarAction
from syncapp.operations.monitoring.signs.disturbances import queue_held

PAGE = "admin:syncapp_calendaremployee_change"


@doors.asks()
def single(request: HttpRequest, pk: int, code: str) -> HttpResponse:
    act = CALENDAR_ACTIONS.get(code)
    if act is None:
        raise Http404
    if not request.user.has_perm(act.permission):
        raise PermissionDenied
    row = get_object_or_404(CalendarEmployee, pk=pk)
    # What was refused once is shown with its form again, to be put right.
    refusal = "" if frame.fault_of(request) else act.why_not(row)
    if frame.is_sent(request):
        if refusal:
            raise ActionRefused(refusal)
        return _do(request, act, row)
    return frame.page(
        request,
        "ops/calendars/confirm.html",
        title=act.label,
        about=row.name or row.kuerzel,
        act=act,
        row=row,
        refusal=refusal,
        obstacles=_in_the_way(act),
        cancel=reverse(PAGE, args=[row.pk]),
    )


def _in_the_way(act: CalendarAction) -> list[str]:
    if act.enqueues:
        return frame.in_the_way(SYSTEMS)
    return queue_held(many.QUEUE, now=timezone.now()) if act.carry_out is None else []


def _do(request: HttpRequest, act: CalendarAction, row: CalendarEmployee) -> HttpResponse:
    reason = frame.reason_of(request, needed=act.needs_reason)
    if act.carry_out is None:
        return frame.hand_over(request, act.in_background, [row.pk])
    act.carry_out(row, action_context=frame.action_context(request, reason=reason))
    if act.enqueues:
        frame.say_requested(request, act.words.done, systems=SYSTEMS)
    else:
        frame.say(request, act.words.done)
    return frame.back_to(PAGE, row.pk)
