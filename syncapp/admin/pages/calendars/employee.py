"""The page of one calendar: how it stands, the coming weeks on both sides, what the next pass does, what happened.

Invariant: the page itself asks no remote system; what does is loaded after it, and says so when nobody answers.
"""

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone

from syncapp.admin.finding.numbers import number_in
from syncapp.admin.pages import frame
from syncapp.admin.pages.calendars import doors
from syncapp.core.states import AT_WORK, FAILING
from syncapp.entities.appointments import due_passes
from syncapp.entities.appointments.clients import SYSTEMS
from syncapp.models import CalendarEmployee, CalendarMode, CalendarPass, PairStatusChoice
from syncapp.operations.calendars import overview, passes, week
from syncapp.operations.calendars.actions import CALENDAR_ACTIONS
from syncapp.operations.calendars.drift import CalendarDrift
from syncapp.operations.calendars.sight import sight
from syncapp.words import html
from syncapp.words.calendars import cases, when
from syncapp.words.calendars.faults import explained, fault_words
from syncapp.words.calendars.looks import MARKS, SHARED_AS
from syncapp.words.calendars.pass_faults import PassFault
from syncapp.words.plain_errors import PlainError

WEEKS = 2
MOST_WEEKS_AWAY = 60
PASSES = 10
CHANGES = 20
WORDS = dict(PairStatusChoice.choices)
WAIT_FOR_SOMEBODY = {PairStatusChoice.ASK, PairStatusChoice.FAILED, PairStatusChoice.AWAITING_REMOVAL}


@doors.shows()
def page(request: HttpRequest, object_id: str) -> HttpResponse:
    """Everything that we know ourselves."""
    row = get_object_or_404(CalendarEmployee, pk=number_in(object_id))
    now = timezone.now()
    counts = overview.numbers([row]).get(row.pk, {})
    return frame.page(
        request,
        "ops/calendars/employee.html",
        title=row.name or row.kuerzel,
        row=row,
        fault=_fault(row),
        left_alone=passes.why_left_alone(row),
        moving=_moves(row),
        first_load=overview.first_load(row),
        obstacles=frame.in_the_way(SYSTEMS),
        next_pass=html.time_to_come(overview.next_pass(row, now=now), now=now),
        well=_all_equal(counts),
        # What the share lets the employee do, as Google showed it last.
        shared_as=SHARED_AS.get(row.shared_role, row.shared_role),
        counts=[
            (status, *cases.status_look(status), WORDS.get(status, status), number)
            for status, number in counts.items()
            if number
        ],
        planned=cases.counted(row.planned),
        passes=[_told(one) for one in row.attempts.order_by("-started_at")[:PASSES]],
        changes=row.changes.select_related("appointment").order_by("-at")[:CHANGES],
        **_actions(request, row),
        **_weeks(request, week.stored(row, monday=_monday(request), number=WEEKS)),
    )


@doors.shows()
def progress(request: HttpRequest, pk: int) -> HttpResponse:
    """How far the first load is; once it is over, the page is loaded anew."""
    row = get_object_or_404(CalendarEmployee, pk=pk)
    found = overview.first_load(row)
    if found is None:
        return HttpResponse(headers={"HX-Refresh": "true", "Cache-Control": "no-store"})
    return frame.part(request, "ops/calendars/parts/first_load.html", row=row, first_load=found)


def _beside(counts: Iterable[str]) -> dict[str, bool]:
    """Whether all appointments are equal, and whether some of them wait for somebody; others only cannot be carried."""
    return {"well": _all_equal(counts), "some_wait": not WAIT_FOR_SOMEBODY.isdisjoint(counts)}


def _all_equal(counts: Iterable[str]) -> bool:
    """Whether no appointment has another state."""
    return set(counts) <= {PairStatusChoice.OK}


def _fault(row: CalendarEmployee) -> PassFault | None:
    """What is wrong, or why no pass does anything, with what to do about it; a pause is told with its reason alone."""
    code = "" if row.hold else due_passes.left_alone(row)
    if code:
        return explained(row.kind, {"code": code, "params": {}})
    return explained(row.kind, row.fault) if row.status in FAILING or row.auto_reset_at else None


def _moves(row: CalendarEmployee) -> bool:
    """Whether a pass is to come at once; what a shadow has planned waits for another mode."""
    planned_only = row.mode == CalendarMode.SHADOW and row.deferred >= row.requested
    return row.status in AT_WORK and not planned_only


def _told(one: CalendarPass) -> tuple[CalendarPass, str, str]:
    """A pass, what it did, and what was wrong with it."""
    return one, ", ".join(cases.done_words(one.summary)), fault_words(one.kind, one.fault)


def _actions(request: HttpRequest, row: CalendarEmployee) -> dict[str, Any]:
    """What this visitor may do and what makes sense; the likeliest first."""
    fitting = [
        act for act in CALENDAR_ACTIONS.values() if request.user.has_perm(act.permission) and not act.why_not(row)
    ]
    wanted = _wanted(row)
    first = next((act for act in fitting if act.code == wanted), None)
    return {"first_act": first, "acts": [act for act in fitting if act is not first]}


def _wanted(row: CalendarEmployee) -> str:
    if row.hold:
        return "resume"
    if not row.active:
        return "take_up"
    if not row.calendar_id:
        return "share"
    if not CALENDAR_ACTIONS["release"].why_not(row):
        return "release"
    return "go_live" if row.mode == CalendarMode.SHADOW else "pass_now"


def _monday(request: HttpRequest) -> date:
    """The week that the address names, not further away than what is kept."""
    today = timezone.localdate()
    try:
        day = date.fromisoformat(request.GET.get("week", ""))
    except ValueError:
        day = today
    if abs((day - today).days) > MOST_WEEKS_AWAY * 7:
        day = today
    return week.monday_of(day)


def _weeks(request: HttpRequest, found: Iterable[week.SeenAppointment]) -> dict[str, Any]:
    monday = _monday(request)
    return {
        "weeks": week.weeks(found, monday=monday, number=WEEKS),
        "marks": MARKS,
        "today": timezone.localdate(),
        "monday": monday,
        "before": monday - week.WEEK,
        "after": monday + week.WEEK,
    }


@doors.shows()
def now(request: HttpRequest, pk: int) -> HttpResponse:
    """Both systems are asked now: the weeks as they are, and what the next pass does."""
    row = get_object_or_404(CalendarEmployee, pk=pk)
    try:
        seen = sight(row)
    except PlainError as trouble:
        return frame.part(request, "ops/calendars/parts/now.html", row=row, trouble=str(trouble))
    weeks = _weeks(request, seen.appointments) if seen.appointments else {}
    return frame.part(
        request,
        "ops/calendars/parts/now.html",
        row=row,
        drift=seen.drift,
        **_beside(overview.numbers([row]).get(row.pk, {})),
        left_alone=passes.why_left_alone(row),
        numbers=cases.counted(seen.drift.numbers),
        lines=_lines(seen.drift),
        bare="bare" in request.GET,
        **weeks,
    )


def _lines(drift: CalendarDrift) -> list[dict[str, object]]:
    return [
        {
            "fr_nr": line.fr_nr,
            "when": when.start_words(line.start),
            "what": ", ".join(str(cases.ACTIONS[step]) for step in line.steps),
            "why": cases.ROWS[line.row],
            "asked": [cases.QUESTIONS[code].question for code in line.questions],
        }
        for line in drift.lines
    ]
