"""All acts on a calendar, as one table: buttons, confirmation pages and rights come from its rows.

Invariant: a code is never renamed (it stands in addresses); `carry_out` is one service call, which logs itself.
To extend: a row here, its words in words/actions/calendar_actions.py, and its test by role.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from syncapp.models import CalendarEmployee, CalendarMode
from syncapp.operations.actions import OfferedAction
from syncapp.operations.calendars import background, employees, passes
from syncapp.words import Words
from syncapp.words.actions.calendar_actions import CALENDAR_ACTION_WORDS


@dataclass(frozen=True, slots=True)
class CalendarAction(OfferedAction):
    """One act. `why_not` gives the sentence that refuses, or "". shows_plan: the page shows what a pass would do.

    carry_out: called with the row and its `action_context`; logs itself, or raises ActionRefused.
    in_background: the mass action that does it, where no page may wait for it; `carry_out` else.
    """

    texts = CALENDAR_ACTION_WORDS

    why_not: Callable[[CalendarEmployee], str]
    carry_out: Callable[..., object] | None = None
    in_background: str = ""
    shows_plan: bool = False


def _only(holds: Callable[[CalendarEmployee], object], otherwise: Words) -> Callable[[CalendarEmployee], str]:
    """Refuses, in these words, where that does not hold."""
    return lambda row: "" if holds(row) else str(otherwise)


def _why_not_run(row: CalendarEmployee) -> str:
    return gettext("The calendar is paused. End the pause first.") if row.hold else passes.why_left_alone(row)


def _why_not_live(row: CalendarEmployee) -> str:
    if row.mode == CalendarMode.LIVE:
        return gettext("The calendar is live already.")
    return "" if row.calendar_id else gettext("There is no calendar in Google yet: make and share it.")


def _choice(
    code: str, right: str, name: str, value: object, *, grave: bool = False, enqueues: bool = False
) -> CalendarAction:
    """Sets one choice of the calendar; refused where it is set so already."""
    why_not = _only(lambda row: getattr(row, name) != value, CALENDAR_ACTION_WORDS[code].already)
    carry_out = partial(employees.change, choices={name: value})
    return CalendarAction(code, right, why_not, carry_out, needs_reason=True, grave=grave, enqueues=enqueues)


_off = partial(employees.change, choices={"mode": CalendarMode.OFF})
_why_not_off = _only(
    lambda row: row.active and row.mode != CalendarMode.OFF, CALENDAR_ACTION_WORDS["switch_off"].already
)
_free = _only(lambda row: not row.hold, _("The calendar is paused already."))
_held = _only(lambda row: row.hold, _("The calendar is not paused."))
_locked = _only(lambda row: row.lease_token, _("No pass holds this calendar."))
_stopped = _only(lambda row: row.waits_for_person or row.planned.get("many_new"), _("Nothing holds this calendar."))
# What a pass then does is worth a look before.
_planned = partial(CalendarAction, needs_reason=True, grave=True, enqueues=True, shows_plan=True)
CALENDAR_ACTIONS: Mapping[str, CalendarAction] = {
    act.code: act
    for act in (
        CalendarAction("pass_now", "sync_now", _why_not_run, partial(passes.run_now, full=False), enqueues=True),
        CalendarAction("full_pass", "sync_now", _why_not_run, partial(passes.run_now, full=True), enqueues=True),
        _planned("release", "confirm_guard", _stopped, passes.release),
        CalendarAction("share", "manage_calendars", lambda row: "", in_background=background.SHARE),
        _planned(
            "go_live", "switch_mode", _why_not_live, partial(employees.change, choices={"mode": CalendarMode.LIVE})
        ),
        _choice("to_shadow", "switch_mode", "mode", CalendarMode.SHADOW),
        _choice("take_up", "manage_calendars", "active", True),
        CalendarAction("switch_off", "manage_calendars", _why_not_off, _off, needs_reason=True),
        _choice("write_to_advoware", "manage_calendars", "write_to_advoware", True, grave=True),
        _choice("read_only", "manage_calendars", "write_to_advoware", False),
        _choice("anonymise", "manage_calendars", "full_content", False, grave=True, enqueues=True),
        _choice("with_texts", "manage_calendars", "full_content", True, enqueues=True),
        CalendarAction("pause", "hold_record", _free, passes.pause, needs_reason=True),
        CalendarAction("resume", "hold_record", _held, passes.resume, enqueues=True),
        CalendarAction("release_lock", "release_lock", _locked, passes.release_lock),
    )
}
