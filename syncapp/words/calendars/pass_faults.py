"""Why a calendar is not equal: what is said of each code that passes leave, where it comes from, and what to do.

Placeholders are the fault's `params`. To extend: a new code of entities/appointments or HoldReason is a row here, with
its German in locale/de; docs/CALENDAR.md renders the table.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from syncapp.core.appointments.plan_shapes import HoldReason
from syncapp.words import Words


@dataclass(frozen=True, slots=True)
class PassFault:
    what: Words
    cause: Words
    advice: Words


FAULTS: Mapping[str, PassFault] = {
    "no_calendar": PassFault(
        _("There is no calendar in Google yet: make and share it."),
        _("The calendar has not been made, or its making was stopped by Google's limit for new calendars."),
        _("Set the employee's Google address, then choose “Make and share the calendar”."),
    ),
    "calendar_gone": PassFault(
        _(
            "The calendar was deleted in Google, or is closed to the service account. Nothing was deleted in Advoware; "
            "let a new calendar be made."
        ),
        _("Somebody deleted the calendar in Google, or took away the right to change it."),
        _(
            "Restore it from Google's trash and choose “Pass now”, or have a new one made: “Make and share the "
            "calendar”. By itself it is looked at once a day."
        ),
    ),
    "calendar_not_chosen": PassFault(
        _("The setting CALENDAR_ONLY leaves this calendar out: it is not synced."),
        _("The installation begins with a few calendars, and this is none of them."),
        _("If it is to be synced, have its kuerzel added to CALENDAR_ONLY, or the setting emptied."),
    ),
    "calendar_set_aside": PassFault(
        _("Set aside: this calendar is not synced."),
        _("The employee has left, Advoware does not list them as active, or somebody has set the calendar aside."),
        _("If the calendar is to be synced all the same, choose “Sync again”."),
    ),
    "calendar_off": PassFault(
        _("The calendar is switched off. Switch it to shadow or live first."),
        _("Somebody has switched this calendar off."),
        _("Choose “Back to shadow” or “Go live”, if it is to be synced."),
    ),
    HoldReason.too_many_removals: PassFault(
        _(
            "{planned} of {of} appointments would be deleted at once. Nothing was deleted; look whether that is right, "
            "then release the calendar."
        ),
        _("A mass deletion on one side, a changed kuerzel, or a list that came back incomplete."),
        _("Look into Advoware and Google. If it is meant to be, choose “Let it go on after all”."),
    ),
    HoldReason.advoware_list_small: PassFault(
        _(
            "The list of Advoware lacks {planned} of {of} appointments. Nothing was deleted; look into Advoware, then "
            "release the calendar."
        ),
        _("A disturbance of Advoware, a changed kuerzel, or appointments that were really deleted."),
        _("Look into Advoware. If they are really gone, choose “Let it go on after all”."),
    ),
    HoldReason.google_list_small: PassFault(
        _(
            "The list of Google lacks {planned} of {of} appointments. Nothing was deleted; look into Google, then "
            "release the calendar."
        ),
        _("A calendar that was emptied, or an incomplete answer of Google."),
        _("Look into the Google calendar. If they are really gone, choose “Let it go on after all”."),
    ),
    "list_in_doubt": PassFault(
        _("The list of {side} lacks more than half of what it should hold: read again in a minute."),
        _("A disturbance over there, or many deletions at once."),
        _("Nothing for now: if it looks the same again, the calendar stops and asks."),
    ),
    "pass_not_finished": PassFault(
        _("Some appointments changed while they were being synced: tried again in a minute."),
        _("Appointments that were changed while the pass was going on, on both sides or by another pass."),
        _("Nothing: it is tried again by itself."),
    ),
    "pass_stopped": PassFault(
        _("The pass was stopped in the middle: what is left follows as soon as it may."),
        _("A restart, or somebody paused, switched to shadow or stopped the writes to a side meanwhile."),
        _("Nothing: it goes on by itself, after a pause when that is over."),
    ),
    "quota_exceeded": PassFault(
        _("Google takes no new appointments at the moment: tried again by itself, all else goes on."),
        _("Too many were made in a short time; Google does not say how many it allows."),
        _("Nothing: it goes on by itself. What is due next is made first."),
    ),
    "appointments_failed": PassFault(
        _("{count} appointments could not be synced; the others are equal."),
        _("What they contain, or a right that is missing. Each says so itself."),
        _("Look at the list of failed appointments of this calendar."),
    ),
}
