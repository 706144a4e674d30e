"""Acts that make a record, or all that fails for one reason, quiet for a while, and loud again.

Invariant: nothing but attention changes: a snoozed record is synced, tried again and counted like any other.
What “worse” means, and that no alert about a loss looks here, is in operations/monitoring/quiet.py.
"""

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from syncapp.core.faults import causes
from syncapp.core.faults.errors import ErrorKind
from syncapp.core.states import DELETED, FAILING, Status
from syncapp.models import Snooze, SyncRecord
from syncapp.operations.actions.shapes import ActionContext, ActionRefused, log_action

LONGEST = timedelta(days=92)
# Something may have been lost or doubled: nobody may look away from that.
ALWAYS_LOUD = frozenset({ErrorKind.CREATE_OUTCOME_UNKNOWN})
SNOOZABLE = (*FAILING, Status.CONFLICT, *DELETED)


def why_not_snooze(record: SyncRecord, now: datetime) -> str:
    """What has failed, waits for a decision or is gone; what is still to be synced may be lost and stays loud."""
    if record.kind in ALWAYS_LOUD:
        return _("Something may have been lost or doubled here: it cannot be snoozed.")
    if record.status not in SNOOZABLE:
        return _("Only what has failed, waits for a decision or is gone on one side can be snoozed.")
    return ""


def why_not_snoozed(record: SyncRecord, now: datetime) -> str:
    return "" if hasattr(record, "snooze") else _("The record is not snoozed.")


def standing(record: SyncRecord) -> str:
    """How a record stands, as far as a snooze cares: another answer means that it got worse, or otherwise bad."""
    return "|".join((record.status, record.kind, causes.of(record.fault)))[: Snooze.SEEN_LONGEST]


def until_of(action_context: ActionContext) -> datetime | None:
    """The morning of the day that was chosen; None: only until it gets worse."""
    chosen = action_context.detail("until")
    if not chosen:
        return None
    try:
        day = date.fromisoformat(str(chosen))
    except ValueError:
        raise ActionRefused(_("Please choose the day as a date."), field="until") from None
    today = timezone.localdate()
    if not today < day <= today + LONGEST:
        told = _("Please choose a day from tomorrow on, at most three months away.")
        raise ActionRefused(told, field="until")
    return timezone.make_aware(datetime.combine(day, time.min))


def _keep(action_context: ActionContext, of: Mapping[str, Any], **seen: object) -> None:
    """One row of a record or of a cause, as it stands now."""
    said = {"until": until_of(action_context), "reason": action_context.reason, "by": action_context.actor}
    Snooze.objects.update_or_create(**of, defaults={**said, **seen, "at": timezone.now()})


@transaction.atomic
def snooze(record: SyncRecord, action_context: ActionContext) -> str:
    """Quiet until the day, or until the record stands otherwise than now. A second time: anew."""
    _keep(action_context, {"record": record}, seen=standing(record), bulk_id=action_context.bulk_id)
    return str(action_context.detail("until") or _("until it gets worse"))


def wake(record: SyncRecord, action_context: ActionContext) -> str:
    if not Snooze.objects.filter(record=record).delete()[0]:
        raise ActionRefused(_("The record is not snoozed."))
    return _("loud again")


@transaction.atomic
def snooze_cause(*, cause: str, number: int, action_context: ActionContext) -> None:
    """All that fails for this reason, until the day or until many more do."""
    _keep(action_context, {"cause": cause}, number=number)
    log_action(action_context=action_context, action="snooze_cause", result=cause, count=number)


@transaction.atomic
def wake_cause(*, cause: str, action_context: ActionContext) -> None:
    if not Snooze.objects.filter(cause=cause).delete()[0]:
        raise ActionRefused(_("It is not snoozed any more."))
    log_action(action_context=action_context, action="wake_cause", result=cause)
