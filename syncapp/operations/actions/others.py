"""Acts on many things at once that are no records: a loser comes back, deletions are ticked off, what waits is carried.

Invariant: as in operations/actions/table.py; the ids that a row gets are of its `model`. To extend: a row of OTHERS, or
`register` from a package that stands above this one, as operations/calendars does; its words in
words/actions/other_actions.py.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import KW_ONLY, dataclass
from typing import Any

from django.utils.translation import gettext as _

from syncapp.core.sides import Side
from syncapp.models import ChildCase, Conflict, DeletionTask, Snooze, SyncRecord
from syncapp.operations.actions import child_cases, conflicts, tasks
from syncapp.operations.actions.bulk import undoing
from syncapp.operations.actions.shapes import ActionContext, ActionRefused, OfferedAction, Target, still_there
from syncapp.words.actions.other_actions import OTHER_ACTIONS


def _restore(target: int, action_context: ActionContext) -> int:
    rows = Conflict.objects.select_related("record")
    conflict = still_there(rows, target, _("The conflict is not there any more."))
    conflicts.restore(conflict=conflict, action_context=action_context)
    return conflict.record_id


def _decide(target: int, action_context: ActionContext) -> int:
    """By what was chosen for its field; a field for which nothing was chosen stays open."""
    conflict = still_there(Conflict.objects.all(), target, _("The conflict is not there any more."))
    keep = (action_context.detail("fields") or {}).get(conflict.field, "")
    if keep not in Side.__members__:
        raise ActionRefused(_("Nothing was chosen for this field."))
    conflicts.decide(conflict=conflict, keep=Side(keep), action_context=action_context, logged=False)
    return conflict.record_id


def _settled_already(ids: Sequence[int]) -> Counter[str]:
    settled = Conflict.objects.filter(pk__in=ids, open=False).count()
    return Counter({_("This conflict has been settled already."): settled})


def _tick_off(target: int, action_context: ActionContext) -> None:
    task = still_there(DeletionTask.objects.all(), target, _("The task is not there any more."))
    tasks.tick_off(task=task, action_context=action_context, logged=False)


@dataclass(frozen=True, slots=True)
class Other(OfferedAction):
    """An act on something else than a record. `model`: what the ids are of.

    `carry_out` gives the record that it was done to, or a sentence that says what came of it. Without `model` it is
    about calendars, which have no record: `names` says then what the targets are, for the page and for the log.
    left_out: {why: how many} of these ids it will not be done to, for the question. sees_values: only for those who may
    see personal values.
    """

    texts = OTHER_ACTIONS

    model: type[Conflict] | type[DeletionTask] | type[ChildCase] | type[Snooze] | type[SyncRecord] | None
    carry_out: Callable[[Any, ActionContext], int | str | None]
    _: KW_ONLY
    names: Callable[[Sequence[Target]], list[str]] | None = None
    sees_values: bool = False
    left_out: Callable[[Sequence[int]], Counter[str]] = lambda _ids: Counter()

    @property
    def about_calendars(self) -> bool:
        return self.model is None


OTHERS: dict[str, Other] = {
    other.code: other
    for other in (  # code, right, what the ids are of, what it does
        Other("restore_value", "decide_conflict", Conflict, _restore, enqueues=True, remote=True),
        Other(
            "decide_conflicts",
            "decide_conflict",
            Conflict,
            _decide,
            enqueues=True,
            asks="fields",
            sees_values=True,
            left_out=_settled_already,
        ),
        Other(
            "undo_decisions",
            "decide_conflict",
            Conflict,
            undoing.take_back,
            enqueues=True,
            left_out=undoing.carried_already,
        ),
        Other("undo_hold", "hold_record", SyncRecord, undoing.let_go, enqueues=True),
        Other("undo_answers", "settle_case", ChildCase, undoing.open_again),
        Other("undo_snooze", "hold_record", Snooze, undoing.wake),
        Other("deletion_done", "tick_off_deletion", DeletionTask, _tick_off),
        Other("carry_waiting", "settle_case", ChildCase, child_cases.carry_waiting, enqueues=True),
    )
}


def register(*acts: Other) -> None:
    """Further rows; called while the apps are loaded."""
    OTHERS.update({act.code: act for act in acts})
