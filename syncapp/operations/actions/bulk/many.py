"""One act on many records: fixed when it is asked for, confirmed by a person, done by a worker, seen as it goes.

Invariant: the records are those that were shown and counted. A portion belongs to one worker, and `position` moves over
it when it is done; where a worker dies, another takes the portion after a while and does it again, which acts allow.
One log row for the whole.
To extend: an act on something else than records is a row of operations/actions/others.py.
"""

import logging
import secrets
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.db.models import Q
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from syncapp.core.requests import QueueName, Source
from syncapp.engine import job_queue, queue_pauses
from syncapp.models import BulkAction, BulkState, OperatorLog, SyncRecord
from syncapp.operations.actions import ACTIONS, ActionContext, OfferedAction, carry_out, log_action
from syncapp.operations.actions.bulk import undoing
from syncapp.operations.actions.others import OTHERS
from syncapp.operations.actions.shapes import Target, still_there
from syncapp.words.plain_errors import PlainError

log = logging.getLogger("advosync.actions")

PORTION = 50
SLOW_PORTION = 5
# More than this is left to a worker; less is done before the answer.
AT_ONCE = 20
MOST = 100_000
LONGEST_TARGET = 200
STUCK = timedelta(minutes=2)
ASKED_FOR = timedelta(days=1)
JOB = "syncapp.jobs.do_bulk_actions"
QUEUE = QueueName.BULK


def propose(*, code: str, ids: Sequence[Target], user: AbstractBaseUser, **columns: Any) -> BulkAction:
    """Fix what the act would be about; nothing happens until somebody confirms."""
    BulkAction.objects.filter(state=BulkState.ASKED, created_at__lt=timezone.now() - ASKED_FOR).delete()
    chosen = list(dict.fromkeys(ids))[:MOST]
    return BulkAction.objects.create(
        code=code, ids=chosen, total=len(chosen), actor=user.get_username(), user_id=user.pk, **columns
    )


def propose_undo(*, bulk: BulkAction, user: AbstractBaseUser) -> BulkAction:
    """The act that undoes this one, with what cannot be undone counted from the start."""
    ids, refused = undoing.targets(bulk)
    code = undoing.UNDOES[bulk.code].code
    return propose(code=code, ids=ids, user=user, undoes=bulk, details={"undoes": bulk.pk}, refused=refused)


def start(*, bulk: BulkAction, reason: str, actor: str, details: Mapping[str, Any] | None = None) -> bool:
    """Confirmed: done at once where it is little, else handed to a worker. False if it was confirmed before."""
    now = timezone.now()
    started = BulkAction.objects.filter(pk=bulk.pk, state=BulkState.ASKED).update(
        state=BulkState.RUNNING,
        reason=reason,
        actor=actor,
        moved_at=now,
        language=translation.get_language() or "de",
        details={**bulk.details, **(details or {})},
    )
    if started != 1:
        return False
    if needs_a_worker(bulk):
        job_queue.enqueue([bulk.pk], queue_name=QUEUE, job=JOB)
    else:
        work(bulk_id=bulk.pk)
    return True


def needs_a_worker(bulk: BulkAction) -> bool:
    return bulk.total > AT_ONCE or act_of(bulk.code).remote


def stop(*, bulk: BulkAction) -> bool:
    """End it after the portion that is under way."""
    return _end(bulk, BulkState.STOPPED)


def resume_stuck() -> int:
    """Enqueue what a lost job or a dead worker left lying; how many."""
    stuck = BulkAction.objects.filter(state=BulkState.RUNNING, moved_at__lt=timezone.now() - STUCK)
    ids = list(stuck.values_list("pk", flat=True))
    job_queue.enqueue(ids, queue_name=QUEUE, job=JOB)
    return len(ids)


def work(*, bulk_id: int, seen: Callable[[int], None] | None = None, pausable: bool = False) -> int:
    """Go on until all is done or somebody stops it; how many records this call dealt with.

    seen: told after each portion how far the whole has come. pausable: stop before the next portion while the queue
    is paused; `resume_stuck` goes on afterwards.
    """
    dealt = 0
    while not (pausable and queue_pauses.is_paused(QUEUE)):
        bulk = BulkAction.objects.filter(pk=bulk_id, state=BulkState.RUNNING).first()
        if bulk is None or not is_known(bulk.code):
            return dealt
        portion = bulk.ids[bulk.position : bulk.position + (SLOW_PORTION if act_of(bulk.code).remote else PORTION)]
        if not portion:
            _end(bulk, BulkState.DONE)
            return dealt
        token = secrets.token_hex(16)
        if not _claim(bulk, token):
            return dealt  # another worker is at it
        with translation.override(bulk.language):
            came_to = _deal_with(bulk, portion)
        if not _count(bulk, token, len(portion), came_to):
            return dealt  # another worker took it for lost
        dealt += len(portion)
        if seen is not None:
            seen(bulk.position + len(portion))
    return dealt


def _claim(bulk: BulkAction, token: str) -> bool:
    now = timezone.now()
    free = Q(worker="") | Q(moved_at__lt=now - STUCK)
    mine = BulkAction.objects.filter(free, pk=bulk.pk, position=bulk.position, state=BulkState.RUNNING)
    return mine.update(worker=token, moved_at=now) == 1


@dataclass(slots=True)
class _Tally:
    """What became of a portion. said: what came of those that were done, where the act says so."""

    done: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    said: Counter[str] = field(default_factory=Counter)
    touched: list[int] = field(default_factory=list)

    def add(self, came_of_it: int | str | None) -> None:
        self.done += 1
        if isinstance(came_of_it, str):
            self.said[came_of_it] += 1
        elif came_of_it is not None:
            self.touched.append(came_of_it)


def _deal_with(bulk: BulkAction, portion: list[Target]) -> _Tally:
    """Do it to each; how many were done, and why others were not."""
    source = Source.COMMAND if bulk.user_id is None else Source.PERSON
    action_context = ActionContext(
        actor=bulk.actor, reason=bulk.reason, user_id=bulk.user_id, source=source, bulk_id=bulk.pk, details=bulk.details
    )
    tally = _Tally()
    for target in portion:
        try:
            tally.add(_one(bulk.code, target, action_context))
        except PlainError as refusal:
            tally.refused[str(refusal)] += 1
        except Exception:
            log.exception("action_failed", extra={"act": bulk.code, "target": target})
            tally.refused[_("An error in Advosync; the log has the details.")] += 1
    if act_of(bulk.code).enqueues:
        SyncRecord.objects.filter(pk__in=tally.touched).update(asked_by=bulk)
        job_queue.enqueue(tally.touched, queue_name=QUEUE)
    return tally


def _one(code: str, target: Target, action_context: ActionContext) -> int | str | None:
    """Do it to one; the record that it was done to, or what came of it."""
    if code in OTHERS:
        return OTHERS[code].carry_out(target, action_context)
    record = still_there(SyncRecord.objects.all(), target, _("The record is not there any more."))
    carry_out(ACTIONS[code], record=record, action_context=action_context)
    return record.pk


def is_known(code: str) -> bool:
    """Whether this version has the act; while an update is rolled out, a row may be another one's."""
    return code in OTHERS or code in ACTIONS


def act_of(code: str) -> OfferedAction:
    """The row of an act on records, or on something else."""
    return OTHERS[code] if code in OTHERS else ACTIONS[code]


@transaction.atomic
def _count(bulk: BulkAction, token: str, number: int, tally: _Tally) -> bool:
    row = BulkAction.objects.select_for_update().filter(pk=bulk.pk, worker=token).first()
    if row is None:
        return False
    BulkAction.objects.filter(pk=bulk.pk).update(
        position=row.position + number,
        done=row.done + tally.done,
        refused=dict(Counter(row.refused) + tally.refused),
        said=dict(Counter(row.said) + tally.said),
        worker="",
        moved_at=timezone.now(),
    )
    return True


def _end(bulk: BulkAction, state: BulkState) -> bool:
    """Once, whoever comes first; whether it was this call."""
    running = BulkAction.objects.filter(pk=bulk.pk, state=BulkState.RUNNING)
    ended = running.update(state=state, ended_at=timezone.now()) == 1
    if ended:
        _write_log(BulkAction.objects.get(pk=bulk.pk))
    return ended


def _write_log(bulk: BulkAction) -> None:
    action_context = ActionContext(actor=bulk.actor, reason=bulk.reason)
    record = _only_record(bulk) if bulk.total == 1 else None
    with translation.override(bulk.language):
        template = _("%(count)s requested") if act_of(bulk.code).enqueues else _("%(count)s done")
        parts = [template % {"count": bulk.done}]
        parts += [f"{number} × {reason}" for reason, number in bulk.refused.items()]
        row = log_action(
            action_context=action_context, action=bulk.code, record=record, result="; ".join(parts), count=bulk.total
        )
        OperatorLog.objects.filter(pk=row.pk, target="").update(target=", ".join(names_of(bulk))[:LONGEST_TARGET])


def names_of(bulk: BulkAction) -> list[str]:
    """What its targets are called, where they have no record."""
    names = OTHERS[bulk.code].names if bulk.code in OTHERS else None
    return names(bulk.ids) if names else []


def _only_record(bulk: BulkAction) -> SyncRecord | None:
    target = bulk.ids[0]
    if bulk.code not in OTHERS:
        return SyncRecord.objects.filter(pk=target).first()
    model = OTHERS[bulk.code].model
    row = model._default_manager.filter(pk=target).first() if model else None
    return row if isinstance(row, SyncRecord) else getattr(row, "record", None)
