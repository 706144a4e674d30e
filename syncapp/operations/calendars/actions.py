"""All acts on a calendar, as one table: buttons, confirmation pages and rights come from its rows.

Invariant: a code is never renamed (it stands in addresses); `carry_out` is one service call, which logs itself, and its
answer says what really happened. To extend: a row here, its German words, and its test by role.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from syncapp.core.faults.errors import WAITS_FOR_PERSON
from syncapp.core.states import Status
from syncapp.models import CalendarEmployee, CalendarMode
from syncapp.operations.actions import ActionContext, OfferedAction
from syncapp.operations.calendars import background, employees, passes
from syncapp.words import Words

CarryOut = Callable[[CalendarEmployee, ActionContext], str]


@dataclass(frozen=True, slots=True)
class CalendarAction(OfferedAction):
    """One act. `why_not` gives the sentence that refuses, or "". shows_plan: the page shows what a pass would do.

    in_background: the mass action that does it, where no page may wait for it; `carry_out` else.
    """

    why_not: Callable[[CalendarEmployee], str]
    carry_out: CarryOut | None = None
    in_background: str = ""
    shows_plan: bool = False


def _never_refused(row: CalendarEmployee) -> str:
    return ""


def _why_not_run(row: CalendarEmployee) -> str:
    return gettext("The calendar is paused. End the pause first.") if row.hold else passes.why_left_alone(row)


def _why_not_free(row: CalendarEmployee) -> str:
    return gettext("The calendar is paused already.") if row.hold else ""


def _why_not_held(row: CalendarEmployee) -> str:
    return "" if row.hold else gettext("The calendar is not paused.")


def _why_not_stopped(row: CalendarEmployee) -> str:
    stopped = row.status == Status.FAILED and row.kind in WAITS_FOR_PERSON
    return "" if stopped or row.planned.get("many_new") else gettext("Nothing holds this calendar.")


def _why_not_locked(row: CalendarEmployee) -> str:
    return "" if row.lease_token else gettext("No pass holds this calendar.")


def _why_not_live(row: CalendarEmployee) -> str:
    if row.mode == CalendarMode.LIVE:
        return gettext("The calendar is live already.")
    return "" if row.calendar_id else gettext("There is no calendar in Google yet: make and share it.")


def _refused_where(name: str, value: object, said: Words) -> Callable[[CalendarEmployee], str]:
    return lambda row: str(said) if getattr(row, name) == value else ""


def _service_call(act: Callable[..., object], said: Words, *args: Any, **how: Any) -> CarryOut:
    """One service call, and the sentence that says what has happened."""

    def carry_out(row: CalendarEmployee, action_context: ActionContext) -> str:
        act(row, *args, action_context=action_context, **how)
        return str(said)

    return carry_out


def _changing(said: Words, **choices: Any) -> CarryOut:
    return _service_call(employees.change, said, choices)


PASS_REQUESTED = _("A pass is requested. What comes of it stands below under “Passes”.")


CALENDAR_ACTIONS: Mapping[str, CalendarAction] = {
    act.code: act
    for act in (
        CalendarAction(
            "pass_now",
            "sync_now",
            _("Pass now"),
            "sync",
            _("Both sides are compared at once, without waiting for the clock. Waiting times do not count."),
            _why_not_run,
            _service_call(passes.run_now, PASS_REQUESTED, full=False),
            enqueues=True,
        ),
        CalendarAction(
            "full_pass",
            "sync_now",
            _("Full pass"),
            "compare_arrows",
            _("Both calendars are read whole and compared appointment by appointment, as every night."),
            _why_not_run,
            _service_call(passes.run_now, PASS_REQUESTED, full=True),
            enqueues=True,
        ),
        CalendarAction(
            "release",
            "confirm_guard",
            _("Let it go on after all"),
            "approval",
            _("What was stopped goes through in the next pass, once. Look into both calendars before you say yes."),
            _why_not_stopped,
            _service_call(passes.release, _("Released for the next pass, which is requested.")),
            needs_reason=True,
            grave=True,
            enqueues=True,
            shows_plan=True,
        ),
        CalendarAction(
            "share",
            "manage_calendars",
            _("Make and share the calendar"),
            "event_available",
            _(
                "Whatever of it is missing is done in Google now: the calendar is made, shared with the employee's "
                "address without a mail, and the share is read back."
            ),
            _never_refused,
            in_background=background.SHARE,
        ),
        CalendarAction(
            "go_live",
            "switch_mode",
            _("Go live"),
            "bolt",
            _("From now on passes write. What the first one does is shown below."),
            _why_not_live,
            _changing(_("The calendar is live, and a full pass is requested."), mode=CalendarMode.LIVE),
            needs_reason=True,
            grave=True,
            enqueues=True,
            shows_plan=True,
        ),
        CalendarAction(
            "to_shadow",
            "switch_mode",
            _("Back to shadow"),
            "visibility",
            _("Passes plan and write nothing, on either side. What is in Google stays there."),
            _refused_where("mode", CalendarMode.SHADOW, _("The calendar is in shadow already.")),
            _changing(_("The calendar is in shadow: nothing is written."), mode=CalendarMode.SHADOW),
            needs_reason=True,
        ),
        CalendarAction(
            "switch_off",
            "manage_calendars",
            _("Switch off"),
            "power_settings_new",
            _("This calendar is left alone altogether. Nothing is deleted, in Google neither."),
            _refused_where("mode", CalendarMode.OFF, _("The calendar is off already.")),
            _changing(_("The calendar is off."), mode=CalendarMode.OFF),
            needs_reason=True,
        ),
        CalendarAction(
            "write_to_advoware",
            "manage_calendars",
            _("Allow writing to Advoware"),
            "edit",
            _("What the employee enters or changes in Google goes to Advoware. Share again then, with the new right."),
            _refused_where("write_to_advoware", True, _("This calendar writes to Advoware already.")),
            _changing(_("From now on changes in Google go to Advoware."), write_to_advoware=True),
            needs_reason=True,
            grave=True,
        ),
        CalendarAction(
            "read_only",
            "manage_calendars",
            _("Stop writing to Advoware"),
            "edit_off",
            _("Google only shows. What somebody changes there is put back and told."),
            _refused_where("write_to_advoware", False, _("This calendar does not write to Advoware.")),
            _changing(_("From now on nothing goes from Google to Advoware."), write_to_advoware=False),
            needs_reason=True,
        ),
        CalendarAction(
            "anonymise",
            "manage_calendars",
            _("Without texts from now on"),
            "visibility_off",
            _(
                "Google shows day and time with a fixed word; subject, place and note go from all its appointments. "
                "In Advoware nothing changes."
            ),
            _refused_where("full_content", False, _("This calendar shows no texts already.")),
            _changing(_("The texts go from Google with the next pass, which is requested."), full_content=False),
            needs_reason=True,
            grave=True,
            enqueues=True,
        ),
        CalendarAction(
            "with_texts",
            "manage_calendars",
            _("With texts from now on"),
            "notes",
            _("Google shows subject, place and note of all its appointments. Google stores them then."),
            _refused_where("full_content", True, _("This calendar shows texts already.")),
            _changing(_("The texts come to Google with the next pass, which is requested."), full_content=True),
            needs_reason=True,
            enqueues=True,
        ),
        CalendarAction(
            "pause",
            "hold_record",
            _("Pause this calendar"),
            "pause_circle",
            _("The calendar is left alone until somebody lets it go on. Nothing is lost meanwhile."),
            _why_not_free,
            _service_call(passes.pause, _("The calendar is paused.")),
            needs_reason=True,
        ),
        CalendarAction(
            "resume",
            "hold_record",
            _("End the pause"),
            "play_circle",
            _("The calendar is synced again, beginning with what was changed meanwhile."),
            _why_not_held,
            _service_call(passes.resume, _("The pause has ended, and a full pass is requested.")),
            enqueues=True,
        ),
        CalendarAction(
            "release_lock",
            "release_lock",
            _("Release the calendar's lock"),
            "lock_open",
            _(
                "The pass that holds the calendar may write nothing more, and the next one takes over. What it has "
                "written already is checked."
            ),
            _why_not_locked,
            _service_call(passes.release_lock, _("The lock is released.")),
        ),
    )
}
