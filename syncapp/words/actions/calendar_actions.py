"""Acts on a calendar: what each is called and does, what has happened, and why it is not needed.

To extend: a row here for each of operations/calendars/actions.py.
"""

from collections.abc import Mapping

from django.utils.translation import gettext_lazy as _

from syncapp.words.actions.shapes import ActionWords

_PASS_REQUESTED = _("A pass is requested. What comes of it stands below under “Passes”.")

CALENDAR_ACTION_WORDS: Mapping[str, ActionWords] = {
    "pass_now": ActionWords(
        label=_("Pass now"),
        icon="sync",
        explanation=_("Both sides are compared at once, without waiting for the clock. Waiting times do not count."),
        done=_PASS_REQUESTED,
    ),
    "full_pass": ActionWords(
        label=_("Full pass"),
        icon="compare_arrows",
        explanation=_("Both calendars are read whole and compared appointment by appointment, as every night."),
        done=_PASS_REQUESTED,
    ),
    "release": ActionWords(
        label=_("Let it go on after all"),
        icon="approval",
        explanation=_(
            "What was stopped goes through in the next pass, once. Look into both calendars before you say yes."
        ),
        done=_("Released for the next pass, which is requested."),
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
        done=_("The calendar is live, and a full pass is requested."),
    ),
    "to_shadow": ActionWords(
        label=_("Back to shadow"),
        icon="visibility",
        explanation=_("Passes plan and write nothing, on either side. What is in Google stays there."),
        done=_("The calendar is in shadow: nothing is written."),
        already=_("The calendar is in shadow already."),
    ),
    "take_up": ActionWords(
        label=_("Sync again"),
        icon="restart_alt",
        explanation=_(
            "The calendar is synced again, in the mode that it had. It stays so, even where Advoware does not list the "
            "employee."
        ),
        done=_("The calendar is taken up again."),
        already=_("The calendar has not been set aside."),
    ),
    "switch_off": ActionWords(
        label=_("Switch off"),
        icon="power_settings_new",
        explanation=_("This calendar is left alone altogether. Nothing is deleted, in Google neither."),
        done=_("The calendar is off."),
        already=_("The calendar is off already."),
    ),
    "write_to_advoware": ActionWords(
        label=_("Allow writing to Advoware"),
        icon="edit",
        explanation=_(
            "What the employee enters or changes in Google goes to Advoware. Share again then, with the new right."
        ),
        done=_("From now on changes in Google go to Advoware."),
        already=_("This calendar writes to Advoware already."),
    ),
    "read_only": ActionWords(
        label=_("Stop writing to Advoware"),
        icon="edit_off",
        explanation=_("Google only shows. What somebody changes there is put back and told."),
        done=_("From now on nothing goes from Google to Advoware."),
        already=_("This calendar does not write to Advoware."),
    ),
    "anonymise": ActionWords(
        label=_("Without texts from now on"),
        icon="visibility_off",
        explanation=_(
            "Google shows day and time with a fixed word; subject, place and note go from all its appointments. "
            "In Advoware nothing changes."
        ),
        done=_("The texts go from Google with the next pass, which is requested."),
        already=_("This calendar shows no texts already."),
    ),
    "with_texts": ActionWords(
        label=_("With texts from now on"),
        icon="notes",
        explanation=_("Google shows subject, place and note of all its appointments. Google stores them then."),
        done=_("The texts come to Google with the next pass, which is requested."),
        already=_("This calendar shows texts already."),
    ),
    "pause": ActionWords(
        label=_("Pause this calendar"),
        icon="pause_circle",
        explanation=_("The calendar is left alone until somebody lets it go on. Nothing is lost meanwhile."),
        done=_("The calendar is paused."),
    ),
    "resume": ActionWords(
        label=_("End the pause"),
        icon="play_circle",
        explanation=_("The calendar is synced again, beginning with what was changed meanwhile."),
        done=_("The pause has ended, and a full pass is requested."),
    ),
    "release_lock": ActionWords(
        label=_("Release the calendar's lock"),
        icon="lock_open",
        explanation=_(
            "The pass that holds the calendar may write nothing more, and the next one takes over. What it has "
            "written already is checked."
        ),
        done=_("The lock is released."),
    ),
}
