"""Acts on a record: what each is called, and what it does.

To extend: a row here for each of operations/actions/table.py.
"""

from collections.abc import Mapping

from django.utils.translation import gettext_lazy as _

from syncapp.core.requests import Hold
from syncapp.words import Words
from syncapp.words.actions.shapes import ActionWords

# What somebody who holds a record has done to it.
HELD_SOMEHOW = _("held")
HOLDS: Mapping[str, Words] = {
    Hold.PAUSED: _("paused"),
    Hold.IGNORED: _("ignored"),
    Hold.UNLINKED: _("unlinked"),
}
RECORD_ACTIONS: Mapping[str, ActionWords] = {
    "sync_now": ActionWords(
        label=_("Sync now"),
        icon="sync",
        explanation=_(
            "A run is requested that reads both sides and carries what differs, field by field. "
            "Waiting times do not count. Nothing is overwritten that was not changed."
        ),
        plural=_("Sync now or try again"),
        again=(
            _("Try again"),
            _("A new attempt is requested, without waiting any longer. The count of failed attempts starts at zero."),
        ),
    ),
    "resync": ActionWords(
        label=_("Compare from scratch"),
        icon="compare_arrows",
        explanation=_(
            "Both sides are read whole, also where nothing seems to have moved. Fields still merge by what both "
            "sides held last; nobody's edit is overwritten without a conflict being logged."
        ),
    ),
    "release_lock": ActionWords(
        label=_("Release the lock"),
        icon="lock_open",
        explanation=_(
            "The run that holds the record may write nothing more, and the next run takes over. If the first run "
            "is still at work, it stops before its next write; what it has already written is checked."
        ),
        plural=_("Release the locks"),
    ),
    "pause": ActionWords(
        label=_("Pause this record"),
        icon="pause_circle",
        explanation=_("The record is left alone until somebody lets it go on. Changes meanwhile are remembered."),
        plural=_("Pause these records"),
    ),
    "ignore": ActionWords(
        label=_("Ignore this record"),
        icon="do_not_disturb_on",
        explanation=_(
            "The record is not synced any more and does not count among the errors. It can be brought back at any time."
        ),
        plural=_("Ignore these records"),
    ),
    "resume": ActionWords(
        label=_("Let it go on"),
        icon="play_circle",
        explanation=_("The record is synced again, beginning with what was changed meanwhile."),
        plural=_("Let them go on"),
    ),
    "snooze": ActionWords(
        label=_("Snooze"),
        icon="snooze",
        explanation=_(
            "The record is not shown among what needs somebody until the day that you choose, or until it gets "
            "worse: another kind of error, another cause or another status. It is synced and tried again as "
            "always, and stays counted."
        ),
    ),
    "wake": ActionWords(
        label=_("End the snoozing"),
        icon="notifications_active",
        explanation=_("The record is shown again among what needs somebody."),
    ),
    "link": ActionWords(
        label=_("Link to betNr"),
        icon="link",
        explanation=_(
            "The record is tied to this Beteiligter. The next run compares both: equal values stay, empty ones are "
            "filled from the other side, and differing ones are settled by the conflict rule and logged."
        ),
    ),
    "unlink": ActionWords(
        label=_("Unlink"),
        icon="link_off",
        explanation=_(
            "The betNr is removed from the record, here and in EspoCRM. Nothing is deleted in Advoware. The record "
            "is then left alone until somebody links it again or allows a create."
        ),
    ),
    "create_after_all": ActionWords(
        label=_("Create after all"),
        icon="person_add",
        explanation=_(
            "A new Beteiligter is created in Advoware. Make sure that there is none yet: Advoware cannot delete, "
            "and a double would have to be tidied up by hand."
        ),
    ),
    "everything_from_espocrm": ActionWords(
        label=_("Take everything from EspoCRM"),
        icon="arrow_forward",
        explanation=_(
            "Every field that differs is overwritten in Advoware with EspoCRM's value, once. "
            "The values that go are kept in the conflict log."
        ),
    ),
    "everything_from_advoware": ActionWords(
        label=_("Take everything from Advoware"),
        icon="arrow_back",
        explanation=_(
            "Every field that differs is overwritten in EspoCRM with Advoware's value, once. "
            "The values that go are kept in the conflict log."
        ),
    ),
}
