"""Acts on many things at once that are no records: what each is called, and what it does.

To extend: a row here for each of operations/actions/others.py, and for each that operations/calendars registers there.
"""

from collections.abc import Mapping

from django.utils.translation import gettext_lazy as _

from syncapp.words.actions.shapes import ActionWords

OTHER_ACTIONS: Mapping[str, ActionWords] = {
    "restore_value": ActionWords(
        label=_("Restore the value that lost"),
        icon="history",
        explanation=_(
            "The value that lost is written to EspoCRM and carried to Advoware by the next run, like any edit. "
            "The value that was taken then is overwritten only if it still stands there: what somebody has entered "
            "since stays."
        ),
        plural=_("Restore the values that lost"),
    ),
    "decide_conflicts": ActionWords(
        label=_("Decide together"),
        icon="call_split",
        explanation=_(
            "The value of the side that you choose for the field is written to the other side by the next run. "
            "Where somebody has changed one of the values meanwhile, the choice does not count and the conflict "
            "stays open."
        ),
    ),
    "undo_decisions": ActionWords(
        label=_("Take the decisions back"),
        icon="undo",
        explanation=_(
            "The conflict is open again. What a run has carried already stays: the value that lost can be restored."
        ),
    ),
    "undo_hold": ActionWords(
        label=_("Undo the pause"),
        icon="undo",
        explanation=_("The record is synced again, beginning with what was changed meanwhile."),
        plural=_("Undo the pauses"),
    ),
    "undo_answers": ActionWords(
        label=_("Let it wait again"),
        icon="undo",
        explanation=_(
            "The address or bank account waits again until somebody says that it is to be carried. What a run has "
            "entered already stays."
        ),
    ),
    "undo_snooze": ActionWords(
        label=_("Undo the snoozing"),
        icon="undo",
        explanation=_("The record is loud again: it stands among the errors as before."),
    ),
    "deletion_done": ActionWords(
        label=_("Tick off as done"),
        icon="task_alt",
        explanation=_(
            "You confirm that these Beteiligte have been deleted by hand in Advoware. Nothing is deleted by this."
        ),
    ),
    "carry_waiting": ActionWords(
        label=_("Carry what waits"),
        icon="sync_alt",
        explanation=_(
            "Addresses and bank accounts that stand on one side alone and wait are entered on the other side by "
            "the next run. Tasks that ask something else are left out."
        ),
    ),
    # Of calendars; done by a worker, since they call Google.
    "share_calendar": ActionWords(
        label=_("Make and share the calendar"),
        icon="event_available",
        explanation=_(
            "Whatever of it is missing is done in Google: the calendar is made, shared with the employee's address "
            "without a mail, and the share is read back."
        ),
        plural=_("Make and share the calendars"),
    ),
    "clean_calendar": ActionWords(
        label=_("Clean up in Google"),
        icon="mop",
        explanation=_("What was shown as spare is removed in Google; each event is looked at once more."),
    ),
}
