"""What can be switched, in words: what each switch is called, and what happens then.

To extend: a row here for each of SWITCHES in admin/pages/switches.py, by the code that stands in its address.
"""

from collections.abc import Mapping

from django.utils.translation import gettext_lazy as _

from syncapp.core.appointments.policy import CalendarSide
from syncapp.core.guards import GuardKind
from syncapp.core.sides import Side
from syncapp.models import Mode
from syncapp.words import Words
from syncapp.words.actions.shapes import ActionWords


def _holding(label: Words, explanation: Words) -> ActionWords:
    return ActionWords(label=label, icon="edit_off", explanation=explanation)


def _resuming(label: Words) -> ActionWords:
    return ActionWords(label=label, icon="edit", explanation=_("What had to wait is written now."))


def _confirming(label: Words, explanation: Words) -> ActionWords:
    return ActionWords(label=label, icon="verified_user", explanation=explanation)


SWITCH_WORDS: Mapping[str, ActionWords] = {
    Mode.LIVE: ActionWords(
        label=_("Go live"),
        icon="bolt",
        explanation=_(
            "From now on changes are written to both systems. "
            "What was only planned, or had to wait, is carried out first; look at a few records before."
        ),
    ),
    Mode.SHADOW: ActionWords(
        label=_("Shadow mode"),
        icon="visibility",
        explanation=_("Both systems are read and everything is planned, but nothing is written any more."),
    ),
    Mode.PAUSED: ActionWords(
        label=_("Pause everything"),
        icon="pause_circle",
        explanation=_(
            "Runs finish the record they are at, then nothing is read or written. Webhooks are accepted and kept; "
            "no attempt is used up."
        ),
    ),
    f"hold_{Side.espocrm}": _holding(
        _("Stop the writes to EspoCRM"),
        _("Nothing at all is written to EspoCRM; what has to be written there waits."),
    ),
    f"hold_{Side.advoware}": _holding(
        _("Stop the writes to Advoware"),
        _("Nothing at all is written to Advoware; what has to be written there waits."),
    ),
    f"hold_{CalendarSide.google}": _holding(
        _("Stop the writes to Google"),
        _("Nothing at all is written to Google calendars; what has to be written there waits."),
    ),
    f"resume_{Side.espocrm}": _resuming(_("Resume the writes to EspoCRM")),
    f"resume_{Side.advoware}": _resuming(_("Resume the writes to Advoware")),
    f"resume_{CalendarSide.google}": _resuming(_("Resume the writes to Google")),
    f"guard_{GuardKind.REMOVALS}": _confirming(
        _("Confirm the removals"),
        _("Removals go through for an hour, and the records that were stopped start again."),
    ),
    f"guard_{GuardKind.CREATES}": _confirming(
        _("Confirm the creates"),
        _("Creates go through for an hour, and the records that were stopped start again."),
    ),
    f"guard_{GuardKind.CHILD_CREATES}": _confirming(
        _("Confirm the new addresses and accounts"),
        _("They go through for an hour, and the records that were stopped start again."),
    ),
}
