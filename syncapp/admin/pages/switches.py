"""The switches: live, shadow, paused; writes to one side; what a guard has stopped. Each with a page that asks first.

Invariant: the page that asks says what will happen and to how many; what is confirmed is what was shown there.
To extend: a switch is a row of SWITCHES and of SWITCH_WORDS (words/actions/switches.py).
"""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from syncapp.admin.pages import frame
from syncapp.core.appointments.policy import CalendarSide
from syncapp.core.faults.errors import ErrorKind
from syncapp.core.guards import GuardKind
from syncapp.core.sides import Side
from syncapp.core.states import WAITING, Status
from syncapp.core.systems import SYSTEM_NAMES
from syncapp.engine import control, guards
from syncapp.models import Alert, Control, Guard, Mode, OperatorLog, SyncRecord
from syncapp.operations.alerts import watch
from syncapp.operations.calendars import in_use
from syncapp.operations.previews import going_live
from syncapp.words import actor_words
from syncapp.words.actions.shapes import Worded
from syncapp.words.actions.switches import SWITCH_WORDS
from syncapp.words.plain_errors import PlainError


@dataclass(frozen=True, slots=True)
class Switch(Worded):
    """One thing that can be switched, and how it is done."""

    texts = SWITCH_WORDS

    grave: bool = False
    needs_reason: bool = True
    ends: bool = False  # it can end by itself
    permission: str = "syncapp.switch_mode"


SIDES: tuple[str, ...] = (*Side, CalendarSide.google)
SWITCHES: dict[str, Switch] = {
    switch.code: switch
    for switch in (
        Switch(Mode.LIVE.value, grave=True),
        Switch(Mode.SHADOW.value),
        Switch(Mode.PAUSED.value, ends=True),
        *(Switch(f"hold_{side}", ends=True) for side in SIDES),
        *(Switch(f"resume_{side}", needs_reason=False) for side in SIDES),
        *(Switch(f"guard_{sort}", grave=True, permission="syncapp.confirm_guard") for sort in GuardKind),
    )
}


@frame.shows("syncapp.view_control")
def switches(request: HttpRequest) -> HttpResponse:
    """How everything is switched now, and what can be switched."""
    now = control.switches()
    offered = [SWITCHES[code] for code in _offered(now.mode, now.held_sides)]
    return frame.page(
        request,
        "ops/switches.html",
        title=_("Switches"),
        control=now,
        held=[_held(now, side) for side in now.held_sides],
        offered=[switch for switch in offered if request.user.has_perm(switch.permission)],
        guards=_guards(),
        log=_log(),
    )


def _held(now: Control, side: str) -> str:
    return frame.with_end(SYSTEM_NAMES.get(side, side), now.held_end(side))


def _offered(mode: str, held: list[str]) -> list[str]:
    modes = [code for code in (Mode.LIVE, Mode.SHADOW, Mode.PAUSED) if code != mode or code == Mode.PAUSED]
    sides = [*Side, *([CalendarSide.google] if in_use() else [])]
    return [*modes, *(f"{'resume' if side in held else 'hold'}_{side}" for side in sides)]


def _guards() -> list[dict[str, Any]]:
    """Each guard with its limit, whether it has stopped something, and what."""
    rows = {row.sort: row for row in Guard.objects.all()}
    found = []
    for sort in GuardKind:
        blocked = SyncRecord.objects.filter(status=Status.FAILED, kind=ErrorKind.BLOCKED, fault__code=f"guard_{sort}")
        row = rows.get(sort)
        found.append(
            {
                "switch": SWITCHES[f"guard_{sort}"],
                "limit": guards.limits().of(sort),
                "row": row,
                "open": bool(row and row.open_until and row.open_until > timezone.now()),
                "number": blocked.count(),
                "sample": list(blocked.order_by("pk")[:5]),
            }
        )
    return found


def _log() -> list[Any]:
    codes = ["mode", "hold_side", "resume_side", "confirm_guard"]
    return list(OperatorLog.objects.filter(action__in=codes).order_by("-at")[:8])


@frame.asks()
def switch(request: HttpRequest, code: str) -> HttpResponse:
    """Ask, then switch."""
    row = SWITCHES.get(code)
    if row is None:
        raise Http404
    return frame.needs("syncapp.view_control", row.permission)(_switch)(request, row)


def _switch(request: HttpRequest, row: Switch) -> HttpResponse:
    if frame.is_sent(request):
        # What holds now comes first: the page that is shown with a fault is one of the present.
        _refuse_if_moved_on(request)
        _turn(request, row)
        frame.say(request, _("Switched: %(act)s.") % {"act": row.label})
        return frame.back_to("admin:ops_switches")
    waiting = going_live.waiting() if row.code == "live" else None
    sample = list(SyncRecord.objects.filter(status__in=WAITING)[:6]) if row.code == "live" else []
    return frame.page(
        request,
        "ops/switch.html",
        title=row.label,
        act=row,
        waiting=waiting,
        sample=sample,
        until=request.POST.get("until", ""),
        epoch=control.switches().epoch,
    )


def _refuse_if_moved_on(request: HttpRequest) -> None:
    """Something was switched, or has ended by itself, since the page was opened.

    The form that is shown anew may then be sent all the same.
    """
    now = control.switches()
    if request.POST.get("epoch", str(now.epoch)) == str(now.epoch):
        return
    template = _(
        "The switches are set otherwise by now (last by %(by)s): “%(mode)s”. If this is still right, send it again."
    )
    if now.held_sides:
        template = _(
            "The switches are set otherwise by now (last by %(by)s): “%(mode)s”, and nothing is written to %(sides)s. "
            "If this is still right, send it again."
        )
    sides = ", ".join(_held(now, side) for side in now.held_sides)
    raise PlainError(template % {"by": actor_words(now.by) or "–", "mode": Mode(now.mode).label, "sides": sides})


def _turn(request: HttpRequest, row: Switch) -> None:
    by, reason = request.user.get_username(), frame.reason_of(request, needed=row.needs_reason)
    until = frame.end_of(request) if row.ends else None
    word, _sign, rest = row.code.partition("_")
    if word == "guard":
        guards.confirm(sort=GuardKind(rest), by=by, reason=reason)
    elif word in ("hold", "resume"):
        control.hold_side(side=rest, held=word == "hold", by=by, reason=reason, until=until)
    else:
        control.set_mode(mode=row.code, by=by, reason=reason, until=until)


@frame.does("syncapp.switch_mode")
def acknowledge(request: HttpRequest, pk: int) -> HttpResponse:
    """Somebody has seen an alert; it stays open until it is over."""
    alert = get_object_or_404(Alert, pk=pk)
    if watch.acknowledge(alert=alert, user_id=frame.person(request).pk):
        frame.say(request, _("Noted that you have seen it. It goes away when it is over."))
    return HttpResponseRedirect(_where_from(request))


def _where_from(request: HttpRequest) -> str:
    """Back to the list of alerts, or to the landing page: nowhere else."""
    alerts = reverse("admin:syncapp_alert_changelist")
    return alerts if urlsplit(request.headers.get("referer", "")).path == alerts else reverse("admin:index")
