"""Acts on what people have to do: deletions by hand in Advoware, and cases with somebody who looks after them."""

from datetime import date

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from syncapp.models import Case, DeletionTask, SyncRecord
from syncapp.operations.actions.shapes import ActionContext, ActionRefused, log_action


@transaction.atomic
def tick_off(*, task: DeletionTask, action_context: ActionContext, logged: bool = True) -> None:
    """Somebody has deleted the Beteiligter by hand. `logged` False: the caller logs many at once."""
    done = DeletionTask.objects.filter(pk=task.pk, done_at__isnull=True).update(
        done_at=timezone.now(), done_by_id=action_context.user_id
    )
    if done != 1:
        raise ActionRefused(_("This deletion was ticked off already."))
    if logged:
        log_action(
            action_context=action_context, action="deletion_done", record=task.record, result=f"betNr {task.betnr}"
        )


@transaction.atomic
def untick(*, task: DeletionTask, action_context: ActionContext) -> None:
    """It was ticked off by mistake."""
    if task.used_by:
        raise ActionRefused(_("This deletion was withdrawn: the betNr belongs to another record now."))
    if DeletionTask.objects.filter(pk=task.pk, done_at__isnull=False).update(done_at=None, done_by=None) != 1:
        raise ActionRefused(_("This deletion is open already."))
    log_action(
        action_context=action_context, action="deletion_reopened", record=task.record, result=f"betNr {task.betnr}"
    )


def stamp(case: Case | None) -> str:
    """How a case stood when it was shown."""
    return case.changed_at.isoformat() if case else ""


@transaction.atomic
def keep_case(
    *,
    record: SyncRecord,
    assignee_id: int | None,
    due: date | None,
    note: str | None,
    action_context: ActionContext,
    seen: str | None = None,
) -> Case:
    """Who looks after a record, until when, and what is to be known. note: None leaves it; seen: the `stamp` that was
    shown: what somebody else has said since is not written over."""
    values = {"assignee_id": assignee_id, "due": due} | ({} if note is None else {"note": note})
    found = Case.objects.select_for_update().filter(record=record).first()
    stale = found is not None and seen is not None and seen != stamp(found)
    if stale and any(getattr(found, name) != value for name, value in values.items()):
        raise ActionRefused(
            _("Somebody else has changed this meanwhile: nothing was saved. Look at what stands here now, then save.")
        )
    values["changed_by"] = action_context.actor
    case, _created = Case.objects.update_or_create(record=record, defaults=values)
    log_action(action_context=action_context, action="case", record=record, result=str(case.assignee or "–"))
    return case
