"""All acts on a record, as one table: buttons, confirmation pages, rights and the bulk worker come from its rows.

Invariant: a code is never renamed (it stands in logs); every row has a right of models/casework.py and German words.
To extend: a row here, its words in words/actions/record_actions.py, its function beside it, its right, and its tests by
role (tests/admin/test_rights.py).
"""

from syncapp.operations.actions import binding, holding, snoozing, syncing
from syncapp.operations.actions.shapes import RecordAction

ACTIONS: dict[str, RecordAction] = {
    act.code: act
    for act in (
        RecordAction(
            code="sync_now",
            right="sync_now",
            why_not=syncing.why_not_run,
            carry_out=syncing.requesting_run("sync_now"),
        ),
        RecordAction(
            code="resync",
            right="sync_now",
            why_not=syncing.why_not_compare,
            carry_out=syncing.resync,
        ),
        RecordAction(
            code="release_lock",
            right="release_lock",
            why_not=holding.why_not_locked,
            carry_out=holding.release_lock,
        ),
        RecordAction(
            code="pause",
            right="hold_record",
            why_not=holding.why_not_free,
            carry_out=holding.pause,
            needs_reason=True,
            enqueues=False,
        ),
        RecordAction(
            code="ignore",
            right="hold_record",
            why_not=holding.why_not_free,
            carry_out=holding.ignore,
            needs_reason=True,
            enqueues=False,
        ),
        RecordAction(
            code="resume",
            right="hold_record",
            why_not=holding.why_not_held,
            carry_out=holding.resume,
        ),
        RecordAction(
            code="snooze",
            right="hold_record",
            why_not=snoozing.why_not_snooze,
            carry_out=snoozing.snooze,
            needs_reason=True,
            enqueues=False,
            asks="until",
        ),
        RecordAction(
            code="wake",
            right="hold_record",
            why_not=snoozing.why_not_snoozed,
            carry_out=snoozing.wake,
            enqueues=False,
        ),
        RecordAction(
            code="link",
            right="link_record",
            why_not=binding.why_not_link,
            carry_out=binding.link,
            many=False,
            grave=True,
        ),
        RecordAction(
            code="unlink",
            right="link_record",
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
            why_not=binding.why_not_create,
            carry_out=binding.create_after_all,
            grave=True,
        ),
        RecordAction(
            code="everything_from_espocrm",
            right="take_one_side",
            why_not=syncing.why_not_linked,
            carry_out=syncing.take_espocrm,
            needs_reason=True,
            grave=True,
        ),
        RecordAction(
            code="everything_from_advoware",
            right="take_one_side",
            why_not=syncing.why_not_linked,
            carry_out=syncing.take_advoware,
            needs_reason=True,
            grave=True,
        ),
    )
}
