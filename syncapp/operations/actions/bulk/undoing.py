"""Undoing an act on many: what it did and nobody has changed since is put back; the rest is counted with its reason.

Invariant: only what still bears the act's mark is touched (`held_by`, `decided_in`, `answered_in`, `Snooze.bulk`), so
whoever acted on one of them later keeps what they did. An undo is an act on many itself: question, progress, log row.
To extend: an act that can be undone is a row of UNDOES; its undo one of operations/actions/others.py.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Model, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from syncapp.models import BulkAction, BulkState, ChildCase, Conflict, Snooze, SyncRecord
from syncapp.operations.actions import child_cases, conflicts, holding
from syncapp.operations.actions.shapes import ActionContext, still_there

CHANGED_SINCE = gettext_lazy("Somebody has changed it since, or it is not there any more.")


@dataclass(frozen=True, slots=True)
class Undo:
    """How an act is undone: by which act, and what still bears its mark."""

    code: str
    marked: Callable[[BulkAction], "QuerySet[Any]"]


HOLD = Undo("undo_hold", lambda bulk: SyncRecord.objects.filter(held_by=bulk))
UNDOES: Mapping[str, Undo] = {
    "pause": HOLD,
    "ignore": HOLD,
    "snooze": Undo("undo_snooze", lambda bulk: Snooze.objects.filter(bulk=bulk)),
    "carry_waiting": Undo("undo_answers", lambda bulk: ChildCase.objects.filter(answered_in=bulk)),
    "decide_conflicts": Undo("undo_decisions", lambda bulk: Conflict.objects.filter(decided_in=bulk)),
}


def undoable(bulk: BulkAction) -> bool:
    """Whether something is left of it that can be put back."""
    if bulk.state not in (BulkState.DONE, BulkState.STOPPED) or bulk.code not in UNDOES:
        return False
    if BulkAction.objects.filter(undoes=bulk, state=BulkState.RUNNING).exists():
        return False
    return UNDOES[bulk.code].marked(bulk).exists()


def targets(bulk: BulkAction) -> tuple[list[int], dict[str, int]]:
    """What its undo is about, and {why not: how many} of what it did and what bears its mark no more."""
    ids = list(UNDOES[bulk.code].marked(bulk).order_by("pk").values_list("pk", flat=True))
    gone = bulk.done - len(ids)
    return ids, {str(CHANGED_SINCE): gone} if gone > 0 else {}


def _marked(model: type[Model], target: int, mark: str, action_context: ActionContext) -> Any:
    """The row, as long as it bears the mark of the act that is undone."""
    rows = model._default_manager.filter(**{mark: action_context.detail("undoes")})
    return still_there(rows, target, str(CHANGED_SINCE))


def let_go(target: int, action_context: ActionContext) -> int:
    record = _marked(SyncRecord, target, "held_by", action_context)
    holding.resume(record, action_context)
    return int(record.pk)


def take_back(target: int, action_context: ActionContext) -> int:
    conflict = _marked(Conflict, target, "decided_in", action_context)
    conflicts.take_back(conflict=conflict, action_context=action_context, logged=False)
    return int(conflict.record_id)


def open_again(target: int, action_context: ActionContext) -> None:
    case = _marked(ChildCase, target, "answered_in", action_context)
    child_cases.open_again(case=case, action_context=action_context, logged=False)


def wake(target: int, action_context: ActionContext) -> None:
    _marked(Snooze, target, "bulk", action_context).delete()


def carried_already(ids: Sequence[int]) -> Counter[str]:
    """Of these decisions, those that a run has carried; looked up, nothing is changed."""
    rows = Conflict.objects.filter(pk__in=ids).select_related("record")
    carried = sum(not conflicts.is_waiting(row, row.record) for row in rows)
    return Counter({_("A run has carried this decision already. The value that lost can be restored."): carried})
