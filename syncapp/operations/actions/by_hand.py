"""What a person has done by hand in a remote system, and says so.

Invariant: nothing is changed under a run's hands: while a run holds the record what a part remembers is the run's, and
the person is asked to come back in a minute. To extend: a part's `hand_tasks`, and a row of words/hand_tasks.py.
"""

from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from syncapp.core.requests import Source
from syncapp.core.states import Event
from syncapp.engine import job_queue
from syncapp.engine.rows.requests import request_sync
from syncapp.entities.beteiligte.part import HandTask
from syncapp.entities.beteiligte.parts import PARTS, part_named
from syncapp.models import SyncRecord
from syncapp.operations.actions.shapes import ActionContext, ActionRefused, log_action
from syncapp.words.hand_tasks import HAND_TASKS, HandTaskText


@dataclass(frozen=True, slots=True)
class OpenHandTask:
    """One of them in words."""

    task: HandTask
    text: HandTaskText

    @property
    def told(self) -> str:
        return self.text.told(self.task.params)


def open_hand_tasks(record: SyncRecord) -> list[OpenHandTask]:
    """Everything about the record that only a person can do, part by part."""
    return [OpenHandTask(task, HAND_TASKS[task.code]) for part in PARTS for task in part.hand_tasks(record)]


def is_open(*, record: SyncRecord, part: str, code: str, entry_id: int) -> bool:
    """Whether it still waits for a person."""
    wanted = (part, code, entry_id)
    return any((one.task.part, one.task.code, one.task.entry_id) == wanted for one in open_hand_tasks(record))


@transaction.atomic
def done_by_hand(*, record: SyncRecord, part: str, code: str, entry_id: int, action_context: ActionContext) -> str:
    """Take the person's word for it and ask for a run; what was noted. ActionRefused where nobody waits for it."""
    locked = SyncRecord.objects.select_for_update().get(pk=record.pk)
    if locked.lease_token and locked.lease_expires and locked.lease_expires > timezone.now():
        raise ActionRefused(_("The record is being synced, or a program writes to it. Try again in a minute."))
    asked = part_named(part)
    noted = asked.hand_task_done(locked, code=code, entry_id=entry_id) if asked else ""
    if not noted:
        raise ActionRefused(str(HAND_TASKS[code].nothing_waits))
    request_sync(
        SyncRecord,
        record_id=locked.pk,
        event=Event.RESET,
        source=Source.PERSON,
        cause=action_context.cause(code),
    )
    log_action(action_context=action_context, action=code, record=locked, result=noted)
    job_queue.enqueue_each([locked.pk])
    return noted
