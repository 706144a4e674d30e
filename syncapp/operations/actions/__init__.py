"""What a person does to records, from the admin or the command line. One row an act, one log row each time.

    shapes       OfferedAction, RecordAction, ActionContext, ActionRefused: what every act is made of
    table        ACTIONS: every act on a record with its right, its words and its function
    syncing      run now, compare from scratch, everything from one side
    binding      create after all, link, unlink
    holding      pause, ignore, resume, release the lock
    snoozing     be quiet about a record or a cause for a while
    conflicts    decide for a side or for another value, take back, restore
    by_hand      what people have entered in Advoware themselves
    child_cases  tasks about addresses and bank accounts
    tasks        deletions done by hand, cases
    others       acts on many conflicts or tasks
    systems      ask a disturbed system now
    bulk/        one act on many, in the background, with progress and what came of it; undoing it

Invariant: every act names who acts; nothing here calls a remote system inside a transaction; what cannot be done is
refused with a sentence that says what to do instead.
"""

from django.utils import timezone

from syncapp.engine import job_queue
from syncapp.models import SyncRecord
from syncapp.operations.actions.shapes import ActionContext, ActionRefused, OfferedAction, RecordAction, log_action
from syncapp.operations.actions.table import ACTIONS

__all__ = [
    "ACTIONS",
    "ActionContext",
    "ActionRefused",
    "OfferedAction",
    "RecordAction",
    "carry_out",
    "log_action",
    "perform",
]


def perform(*, code: str, record: SyncRecord, action_context: ActionContext) -> str:
    """One act on one record, with its log row, and a job where a run is asked for. Raises ActionRefused."""
    act = ACTIONS[code]
    result = carry_out(act, record=record, action_context=action_context)
    log_action(action_context=action_context, action=code, record=record, result=result)
    if act.enqueues:
        job_queue.enqueue_each([record.pk])
    return result


def carry_out(act: RecordAction, *, record: SyncRecord, action_context: ActionContext) -> str:
    """The act alone; the caller logs and enqueues."""
    refusal = act.why_not(record, timezone.now())
    if refusal:
        raise ActionRefused(refusal)
    return act.carry_out(record, action_context)
