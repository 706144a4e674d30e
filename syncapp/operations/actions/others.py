"""Acts on many things at once that are no records: a loser comes back, deletions are ticked off, what waits is carried.

Invariant: as in operations/actions/table.py; the ids that a row gets are of its `model`. To extend: a row of OTHERS, or
`register` from a package that stands above this one, as operations/calendars does.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from syncapp.models import ChildCase, Conflict, DeletionTask
from syncapp.operations.actions import child_cases, conflicts, tasks
from syncapp.operations.actions.shapes import ActionContext, ActionRefused, Target, Words


def _restore(target: int, action_context: ActionContext) -> int:
    conflict = Conflict.objects.select_related("record").filter(pk=target).first()
    if conflict is None:
        raise ActionRefused(_("The conflict is not there any more."))
    conflicts.restore(conflict=conflict, action_context=action_context)
    return conflict.record_id


def _tick_off(target: int, action_context: ActionContext) -> None:
    task = DeletionTask.objects.filter(pk=target).first()
    if task is None:
        raise ActionRefused(_("The task is not there any more."))
    tasks.tick_off(task=task, action_context=action_context, logged=False)


@dataclass(frozen=True, slots=True)
class Other:
    """An act on something else than a record. `model`: what the ids are of; `enqueues`: a run of the record follows.

    `carry_out` gives the record that it was done to, or a sentence that says what came of it. Without `model` it is
    about calendars, which have no record: `names` says then what the targets are, for the page and for the log.
    """

    code: str
    right: str
    label: Words
    explanation: Words
    model: type[Conflict] | type[DeletionTask] | type[ChildCase] | None
    carry_out: Callable[[Any, ActionContext], int | str | None]
    enqueues: bool = False
    remote: bool = False
    needs_reason: bool = False
    icon: str = "task_alt"
    grave: bool = False
    plural: Words = ""
    names: Callable[[Sequence[Target]], list[str]] | None = None

    @property
    def many_label(self) -> Words:
        return self.plural or self.label

    @property
    def about_calendars(self) -> bool:
        return self.model is None

    @property
    def permission(self) -> str:
        return f"syncapp.{self.right}"


OTHERS: dict[str, Other] = {
    other.code: other
    for other in (
        Other(
            code="restore_value",
            right="decide_conflict",
            label=gettext_lazy("Restore the value that lost"),
            plural=gettext_lazy("Restore the values that lost"),
            explanation=gettext_lazy(
                "The value that lost is written to EspoCRM and carried to Advoware by the next run, like any edit. "
                "The value that stands there now is overwritten."
            ),
            model=Conflict,
            carry_out=_restore,
            enqueues=True,
            remote=True,
            icon="history",
        ),
        Other(
            code="deletion_done",
            right="tick_off_deletion",
            label=gettext_lazy("Tick off as done"),
            explanation=gettext_lazy(
                "You confirm that these Beteiligte have been deleted by hand in Advoware. Nothing is deleted by this."
            ),
            model=DeletionTask,
            carry_out=_tick_off,
        ),
        Other(
            code="carry_waiting",
            right="settle_case",
            label=gettext_lazy("Carry what waits"),
            explanation=gettext_lazy(
                "Addresses and bank accounts that stand on one side alone and wait are entered on the other side by "
                "the next run. Tasks that ask something else are left out."
            ),
            model=ChildCase,
            carry_out=child_cases.carry_waiting,
            enqueues=True,
            icon="sync_alt",
        ),
    )
}


def register(*acts: Other) -> None:
    """Further rows; called while the apps are loaded."""
    OTHERS.update({act.code: act for act in acts})
