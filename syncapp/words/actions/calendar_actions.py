"""Acts on a calendar: what each is called and does, what has happened, and why it is not needed.

To extend: a row here for each of operations/calendars/actions.py.
"""

from collections.abc import Mapping

from django.utils.translation import gettext_lazy as _

from syncapp.words import Words
from syncapp.words.actions.shapes import ActionWords

_PASS_REQUESTED = _("A pass is requested. What comes of it stands below under “Passes”.")

CALENDAR_ACTION_WORDS: Mapping[str, ActionWords] = {
    "pass_now": ActionWords(
        label=_("Pass now"),
        icon="sync",
        explanation=_("Both sides are compared at once, without waiting for the clock. Waiting times do not count."),
    ),
    "full_pass": ActionWords(
        label=_("Full pass"),
        icon="compare_arrows",
        explanation=_("Both calendars are read whole and compared appointment by appointment, as every night."),
    ),
    "release": ActionWords(
        label=_("Let it go on after all"),
        icon="approval",
        explanation=_(
            "What was stopped goes through in the next pass, once. Look into both calendars before you say yes."
        ),
    ),
    "share": ActionWords(
        label=_("Make and share the calendar"),
        icon="event_available",
        explanation=_(
            "Whatever of it is missing is done in Google now: the calendar is made, shared with the employee's "
            "address without a mail, and the share is read back."
        ),
    ),
    "go_live": ActionWords(
        label=_("Go live"),
        icon="bolt",
        explanation=_("From now on passes write. What the first one does is shown below."),
    ),
    "to_shadow": ActionWords(
        label=_("Back to shadow"),
        icon="visibility",
        explanation=_("Passes plan and write nothing, on either side. What is in Google stays there."),
    ),
    "switch_off": ActionWords(
        label=_("Switch off"),
        icon="power_settings_new",
        explanation=_("This calendar is left alone altogether. Nothing is deleted, in Google neither."),
    ),
    "write_to_advoware": ActionWords(
        label=_("Allow writing to Advoware"),
        icon="edit",
        explanation=_(
            "What the employee enters or changes in Google goes to Advoware. Share again then, with the new right."
        ),
    ),
    "read_only": ActionWords(
        label=_("Stop writing to Advoware"),
        icon="edit_off",
        explanation=_("Google only shows. What somebody changes there is put back and told."),
    ),
    "anonymise": ActionWords(
        label=_("Without texts from now on"),
        icon="visibility_off",
        explanation=_(
            "Google shows day and time with a fixed word; subject, place and note go from all its appointments. "
            "In Advoware nothing changes."
        ),
    ),
    "with_texts": ActionWords(
        label=_("With texts from now on"),
        icon="notes",
        explanation=_("Google shows subject, place and note of all its appointments. Google stores them then."),
    ),
    "pause": ActionWords(
        label=_("Pause this calendar"),
        icon="pause_circle",
        explanation=_("The calendar is left alone until somebody lets it go on. Nothing is lost meanwhile."),
    ),
    "resume": ActionWords(
        label=_("End the pause"),
        icon="play_circle",
        explanation=_("The calendar is synced again, beginning with what was changed meanwhile."),
    ),
    "release_lock": ActionWords(
        label=_("Release the calendar's lock"),
        icon="lock_open",
        explanation=_(
            "The pass that holds the calendar may write nothing more, and the next one takes over. What it has "
            "written already is checked."
        ),
    ),
}
# What has happened then.
DONE: Mapping[str, Words] = {
    "pass_now": _PASS_REQUESTED,
    "full_pass": _PASS_REQUESTED,
    "release": _("Released for the next pass, which is requested."),
    "go_live": _("The calendar is live, and a full pass is requested."),
    "to_shadow": _("The calendar is in shadow: nothing is written."),
    "switch_off": _("The calendar is off."),
    "write_to_advoware": _("From now on changes in Google go to Advoware."),
    "read_only": _("From now on nothing goes from Google to Advoware."),
    "anonymise": _("The texts go from Google with the next pass, which is requested."),
    "with_texts": _("The texts come to Google with the next pass, which is requested."),
    "pause": _("The calendar is paused."),
    "resume": _("The pause has ended, and a full pass is requested."),
    "release_lock": _("The lock is released."),
}
# Why there is nothing to do.
ALREADY: Mapping[str, Words] = {
    "to_shadow": _("The calendar is in shadow already."),
    "switch_off": _("The calendar is off already."),
    "write_to_advoware": _("This calendar writes to Advoware already."),
    "read_only": _("This calendar does not write to Advoware."),
    "anonymise": _("This calendar shows no texts already."),
    "with_texts": _("This calendar shows texts already."),
}
