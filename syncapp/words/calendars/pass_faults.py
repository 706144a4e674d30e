"""Why a calendar is not equal, in words: the codes that passes leave; see sentences.py, which reads this table.

Placeholders are the fault's `params`. To extend: a new code of entities/appointments or HoldReason is a row here.
"""

from collections.abc import Mapping

from django.utils.translation import gettext_lazy as _

from syncapp.words import Words

CALENDAR_CODES: Mapping[str, Words] = {
    "no_calendar": _("There is no calendar in Google yet: make and share it."),
    "calendar_gone": _(
        "The calendar was deleted in Google, or is closed to the service account. Nothing was deleted in Advoware; let "
        "a new calendar be made."
    ),
    "calendar_not_chosen": _("The setting CALENDAR_ONLY leaves this calendar out: it is not synced."),
    "calendar_set_aside": _("Set aside: not in Advoware's list of employees any more."),
    "calendar_off": _("The calendar is switched off. Switch it to shadow or live first."),
    "list_in_doubt": _("The list of {side} lacks more than half of what it should hold: read again in a minute."),
    "advoware_list_small": _(
        "The list of Advoware lacks {planned} of {of} appointments. Nothing was deleted; look into Advoware, then "
        "release the calendar."
    ),
    "google_list_small": _(
        "The list of Google lacks {planned} of {of} appointments. Nothing was deleted; look into Google, then release "
        "the calendar."
    ),
    "too_many_removals": _(
        "{planned} of {of} appointments would be deleted at once. Nothing was deleted; look whether that is right, "
        "then release the calendar."
    ),
    "pass_not_finished": _("Some appointments changed while they were being synced: tried again in a minute."),
    "pass_stopped": _("The pass was stopped in the middle: what is left follows as soon as it may."),
    "quota_exceeded": _("Google takes no new appointments at the moment: tried again by itself, all else goes on."),
    "appointments_failed": _("{count} appointments could not be synced; the others are equal."),
}
