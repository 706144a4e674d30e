"""One act on many records: fixed when it is asked for, confirmed by a person, done by a worker, seen as it goes.

Invariant: the records are those that were shown and counted. A portion belongs to one worker, and `position` moves over
it when it is done; where a worker dies, another takes the portion after a while and does it again, which acts allow.
One log row for the whole.
To extend: an act on something else than records is a row of services/acts/others.py.
"""

import logging
import secrets
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import timedelta

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.db.models import Q
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from syncapp.models import BulkAct, BulkState, SyncRecord
from syncapp.services import doorbell
from syncapp.services.acts import ACTS, Act, Doing, Refused, carry_out, log_act
from syncapp.services.acts.others import OTHERS, Other

log = logging.getLogger("advosync.acts")

PORTION = 50
SLOW_PORTION = 5
# More than this is left to a worker; less is done before the answer.
AT_ONCE = 20
MOST = 100_000
STUCK = timedelta(minutes=2)
ASKED_FOR = timedelta(days=1)
JOB = "syncapp.jobs.do_bulk_acts"


def propose(*, code: str, ids: Sequence[int], user: AbstractBaseUser) -> BulkAct:
    """Fix what the act would be about; nothing happens until somebody confirms."""
    BulkAct.objects.filter(state=BulkState.ASKED, created_at__lt=timezone.now() - ASKED_FOR).delete()
    chosen = list(dict.fromkeys(ids))[:MOST]
    return BulkAct.objects.create(code=code, ids=chosen, total=len(chosen), actor=user.get_username(), user_id=user.pk)


def start(*, bulk: BulkAct, reason: str, actor: str) -> bool:
    """Confirmed: done at once where it is little, else handed to a worker. False if it was confirmed before."""
    now = timezone.now()
    started = BulkAct.objects.filter(pk=bulk.pk, state=BulkState.ASKED).update(
        state=BulkState.RUNNING, reason=reason, actor=actor, moved_at=now, language=translation.get_language() or "de"
    )
    if started != 1:
        return False
    if bulk.total <= AT_ONCE and not act_of(bulk.code).remote:
        work(bulk_id=bulk.pk)
    else:
        doorbell.ring([bulk.pk], queue_name="bulk", job=JOB)
    return True


def stop(*, bulk: BulkAct) -> bool:
    """End it after the portion that is under way."""
    stopped = BulkAct.objects.filter(pk=bulk.pk, state=BulkState.RUNNING).update(
        state=BulkState.STOPPED, ended_at=timezone.now()
    )
    if stopped:
        _write_log(BulkAct.objects.get(pk=bulk.pk))
    return bool(stopped)


def resume_stuck() -> int:
    """Enqueue what a lost job or a dead worker left lying; how many."""
    stuck = BulkAct.objects.filter(state=BulkState.RUNNING, moved_at__lt=timezone.now() - STUCK)
    ids = list(stuck.values_list("pk", flat=True))
    doorbell.ring(ids, queue_name="bulk", job=JOB)
    return len(ids)


def work(*, bulk_id: int, seen: Callable[[int], None] | None = None) -> int:
    """Go on until all is done or somebody stops it; how many records this call dealt with.

    seen: told after each portion how far the whole has come.
    """
    dealt = 0
    while True:
        bulk = BulkAct.objects.filter(pk=bulk_id, state=BulkState.RUNNING).first()
        if bulk is None:
            return dealt
        portion = bulk.ids[bulk.position : bulk.position + (SLOW_PORTION if act_of(bulk.code).remote else PORTION)]
        if not portion:
            _end(bulk)
            return dealt
        token = secrets.token_hex(16)
        if not _claim(bulk, token):
            return dealt  # another worker is at it
        with translation.override(bulk.language):
            done, refused = _deal_with(bulk, portion)
        if not _count(bulk, token, len(portion), done, refused):
            return dealt  # another worker took it for lost
        dealt += len(portion)
        if seen is not None:
            seen(bulk.position + len(portion))


def _claim(bulk: BulkAct, token: str) -> bool:
    now = timezone.now()
    free = Q(worker="") | Q(moved_at__lt=now - STUCK)
    mine = BulkAct.objects.filter(free, pk=bulk.pk, position=bulk.position, state=BulkState.RUNNING)
    return mine.update(worker=token, moved_at=now) == 1


def _deal_with(bulk: BulkAct, portion: list[int]) -> tuple[int, Counter[str]]:
    """Do it to each; how many were done, and why others were not."""
    source = "command" if bulk.user_id is None else "person"
    doing = Doing(actor=bulk.actor, reason=bulk.reason, user_id=bulk.user_id, source=source)
    refused: Counter[str] = Counter()
    touched: list[int] = []
    done = 0
    for target in portion:
        try:
            record_id = _one(bulk.code, target, doing)
        except Refused as refusal:
            refused[str(refusal)] += 1
        except Exception:
            log.exception("act_failed", extra={"act": bulk.code, "target": target})
            refused[_("An error in Advosync; the log has the details.")] += 1
        else:
            done += 1
            touched += [record_id] if record_id is not None else []
    if act_of(bulk.code).rings:
        doorbell.ring(touched, queue_name="bulk")
    return done, refused


def _one(code: str, target: int, doing: Doing) -> int | None:
    """Do it to one; the record that it was done to."""
    if code in OTHERS:
        return OTHERS[code].carry_out(target, doing)
    record = SyncRecord.objects.filter(pk=target).first()
    if record is None:
        raise Refused(_("The record is not there any more."))
    carry_out(ACTS[code], record=record, doing=doing)
    return record.pk


def act_of(code: str) -> Act | Other:
    """The row of an act on records or on something else."""
    return OTHERS[code] if code in OTHERS else ACTS[code]


@transaction.atomic
def _count(bulk: BulkAct, token: str, number: int, done: int, refused: Counter[str]) -> bool:
    row = BulkAct.objects.select_for_update().filter(pk=bulk.pk, worker=token).first()
    if row is None:
        return False
    BulkAct.objects.filter(pk=bulk.pk).update(
        position=row.position + number,
        done=row.done + done,
        refused=dict(Counter(row.refused) + refused),
        worker="",
        moved_at=timezone.now(),
    )
    return True


def _end(bulk: BulkAct) -> None:
    ended = BulkAct.objects.filter(Q(pk=bulk.pk), state=BulkState.RUNNING).update(
        state=BulkState.DONE, ended_at=timezone.now()
    )
    if ended:
        _write_log(BulkAct.objects.get(pk=bulk.pk))


def _write_log(bulk: BulkAct) -> None:
    doing = Doing(actor=bulk.actor, reason=bulk.reason)
    record = _only_record(bulk) if bulk.total == 1 else None
    with translation.override(bulk.language):
        parts = [_("%(count)s done") % {"count": bulk.done}]
        parts += [f"{number} × {reason}" for reason, number in bulk.refused.items()]
        log_act(doing=doing, action=bulk.code, record=record, result="; ".join(parts), count=bulk.total)


def _only_record(bulk: BulkAct) -> SyncRecord | None:
    target = bulk.ids[0]
    if bulk.code not in OTHERS:
        return SyncRecord.objects.filter(pk=target).first()
    row = OTHERS[bulk.code].model.objects.select_related("record").filter(pk=target).first()
    return row.record if row else None
