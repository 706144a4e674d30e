"""All acts on a record, as one table: buttons, confirmation pages, rights and the bulk worker come from its rows.

Invariant: a code is never renamed (it stands in logs); every row has a right of models/casework.py and German words.
To extend: a row here, its words in words/actions/record_actions.py, its function beside it, its right, and its tests by
role (tests/admin/test_rights.py).
"""

from syncapp.operations.actions import binding, holding, snoozing, syncing
from syncapp.operations.actions.shapes import RecordAction

ACTIONS: dict[str, RecordAction] = {
    act.code: act
    for act in (  # code, right, why it cannot be done, what it does
        RecordAction("sync_now", "sync_now", syncing.why_not_run, syncing.requesting_run("sync_now")),
        RecordAction("resync", "sync_now", syncing.why_not_compare, syncing.resync),
        RecordAction("release_lock", "release_lock", holding.why_not_locked, holding.release_lock),
        RecordAction("pause", "hold_record", holding.why_not_free, holding.pause, needs_reason=True, enqueues=False),
        RecordAction("ignore", "hold_record", holding.why_not_free, holding.ignore, needs_reason=True, enqueues=False),
        RecordAction("resume", "hold_record", holding.why_not_held, holding.resume),
        RecordAction(
            "snooze",
            "hold_record",
            snoozing.why_not_snooze,
            snoozing.snooze,
            needs_reason=True,
            enqueues=False,
            asks="until",
        ),
        RecordAction("wake", "hold_record", snoozing.why_not_snoozed, snoozing.wake, enqueues=False),
        RecordAction("link", "link_record", binding.why_not_link, binding.link, many=False, grave=True),
        RecordAction(
            "unlink",
            "link_record",
            binding.why_not_unlink,
            binding.unlink,
            needs_reason=True,
            many=False,
            enqueues=False,
            grave=True,
            remote=True,
        ),
        RecordAction(
            "create_after_all", "create_in_advoware", binding.why_not_create, binding.create_after_all, grave=True
        ),
        RecordAction(
            "everything_from_espocrm",
            "take_one_side",
            syncing.why_not_linked,
            syncing.take_espocrm,
            needs_reason=True,
            grave=True,
        ),
        RecordAction(
            "everything_from_advoware",
            "take_one_side",
            syncing.why_not_linked,
            syncing.take_advoware,
            needs_reason=True,
            grave=True,
        ),
    )
}
