"""All acts on a record, as one table: buttons, confirmation pages, rights and the bulk worker come from its rows.

Invariant: a code is never renamed (it stands in logs); every row has a right of models/casework.py and German words.
To extend: a row here, its function beside it, its right, and its tests by role (tests/admin/test_rights.py).
"""

from django.utils.translation import gettext_lazy as _

from syncapp.operations.actions import binding, holding, snoozing, syncing
from syncapp.operations.actions.shapes import RecordAction

ACTIONS: dict[str, RecordAction] = {
    act.code: act
    for act in (
        RecordAction(
            code="sync_now",
            right="sync_now",
            label=_("Sync now"),
            icon="sync",
            explanation=_(
                "A run is requested that reads both sides and carries what differs, field by field. "
                "Waiting times do not count. Nothing is overwritten that was not changed."
            ),
            plural=_("Sync now or try again"),
            again=(
                _("Try again"),
                _(
                    "A new attempt is requested, without waiting any longer. "
                    "The count of failed attempts starts at zero."
                ),
            ),
            why_not=syncing.why_not_run,
            carry_out=syncing.asking("sync_now"),
        ),
        RecordAction(
            code="resync",
            right="sync_now",
            label=_("Compare from scratch"),
            icon="compare_arrows",
            explanation=_(
                "Both sides are read whole, also where nothing seems to have moved. Fields still merge by what both "
                "sides held last; nobody's edit is overwritten without a conflict being logged."
            ),
            why_not=syncing.why_not_compare,
            carry_out=syncing.resync,
        ),
        RecordAction(
            code="release_lock",
            right="release_lock",
            label=_("Release the lock"),
            plural=_("Release the locks"),
            icon="lock_open",
            explanation=_(
                "The run that holds the record may write nothing more, and the next run takes over. If the first run "
                "is still at work, it stops before its next write; what it has already written is checked."
            ),
            why_not=holding.why_not_locked,
            carry_out=holding.release_lock,
        ),
        RecordAction(
            code="pause",
            right="hold_record",
            label=_("Pause this record"),
            plural=_("Pause these records"),
            icon="pause_circle",
            explanation=_("The record is left alone until somebody lets it go on. Changes meanwhile are remembered."),
            why_not=holding.why_not_free,
            carry_out=holding.pause,
            needs_reason=True,
            enqueues=False,
        ),
        RecordAction(
            code="ignore",
            right="hold_record",
            label=_("Ignore this record"),
            plural=_("Ignore these records"),
            icon="do_not_disturb_on",
            explanation=_(
                "The record is not synced any more and does not count among the errors. "
                "It can be brought back at any time."
            ),
            why_not=holding.why_not_free,
            carry_out=holding.ignore,
            needs_reason=True,
            enqueues=False,
        ),
        RecordAction(
            code="resume",
            right="hold_record",
            label=_("Let it go on"),
            plural=_("Let them go on"),
            icon="play_circle",
            explanation=_("The record is synced again, beginning with what was changed meanwhile."),
            why_not=holding.why_not_held,
            carry_out=holding.resume,
        ),
        RecordAction(
            code="snooze",
            right="hold_record",
            label=_("Snooze"),
            icon="snooze",
            explanation=_(
                "The record is not shown among what needs somebody until the day that you choose, or until it gets "
                "worse: another kind of error, another cause or another status. It is synced and tried again as "
                "always, and stays counted."
            ),
            why_not=snoozing.why_not_snooze,
            carry_out=snoozing.snooze,
            needs_reason=True,
            enqueues=False,
            asks="until",
        ),
        RecordAction(
            code="wake",
            right="hold_record",
            label=_("End the snoozing"),
            icon="notifications_active",
            explanation=_("The record is shown again among what needs somebody."),
            why_not=snoozing.why_not_snoozed,
            carry_out=snoozing.wake,
            enqueues=False,
        ),
        RecordAction(
            code="link",
            right="link_record",
            label=_("Link to betNr"),
            icon="link",
            explanation=_(
                "The record is tied to this Beteiligter. The next run compares both: equal values stay, empty ones are "
                "filled from the other side, and differing ones are settled by the conflict rule and logged."
            ),
            why_not=binding.why_not_link,
            carry_out=binding.link,
            many=False,
            grave=True,
        ),
        RecordAction(
            code="unlink",
            right="link_record",
            label=_("Unlink"),
            icon="link_off",
            explanation=_(
                "The betNr is removed from the record, here and in EspoCRM. Nothing is deleted in Advoware. The record "
                "is then left alone until somebody links it again or allows a create."
            ),
            why_not=binding.why_not_unlink,
            carry_out=binding.unlink,
            needs_reason=True,
            many=False,
            enqueues=False,
            grave=True,
            remote=True,
        ),
        RecordAction(
            code="create_after_all",
            right="create_in_advoware",
            label=_("Create after all"),
            icon="person_add",
            explanation=_(
                "A new Beteiligter is created in Advoware. Make sure that there is none yet: Advoware cannot delete, "
                "and a double would have to be tidied up by hand."
            ),
            why_not=binding.why_not_create,
            carry_out=binding.create_after_all,
            grave=True,
        ),
        RecordAction(
            code="everything_from_espocrm",
            right="take_one_side",
            label=_("Take everything from EspoCRM"),
            icon="arrow_forward",
            explanation=_(
                "Every field that differs is overwritten in Advoware with EspoCRM's value, once. "
                "The values that go are kept in the conflict log."
            ),
            why_not=syncing.why_not_linked,
            carry_out=syncing.take_espocrm,
            needs_reason=True,
            grave=True,
        ),
        RecordAction(
            code="everything_from_advoware",
            right="take_one_side",
            label=_("Take everything from Advoware"),
            icon="arrow_back",
            explanation=_(
                "Every field that differs is overwritten in EspoCRM with Advoware's value, once. "
                "The values that go are kept in the conflict log."
            ),
            why_not=syncing.why_not_linked,
            carry_out=syncing.take_advoware,
            needs_reason=True,
            grave=True,
        ),
    )
}
