"""Acts on cases of addresses and bank accounts: a person's answer, or the word that something was done by hand.

Invariant: an answer counts for the case as it was shown (`stamp`), waits beside it, and is taken up by the next run
(core.child_lists.decisions), which plans and carries it like everything else; nothing is written to a system here.
To extend: a further answer is a row of that module, and words in words/child_lists/cases.py.
"""

import hashlib
import json
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from syncapp.core.child_lists.decisions import CaseAnswer, offered
from syncapp.core.child_lists.shapes import CaseCode, LinkState
from syncapp.core.states import Event
from syncapp.engine import job_queue
from syncapp.entities.beteiligte.parts import CHILD_LISTS
from syncapp.models import ChildCase, ChildLink, OperatorLog
from syncapp.operations.actions.shapes import ActionContext, ActionRefused, log_action, still_there
from syncapp.operations.actions.syncing import at_rest, request_run

LARGEST = 2**63 - 1


def is_on() -> bool:
    """Whether any list is kept equal at all; if none is, they cost no query."""
    return any(part.is_on() for part in CHILD_LISTS)


def is_readable(kind: str) -> bool:
    """Whether Advoware's list of this kind can be read, so that a task closes by itself."""
    return all(part.is_readable() for part in CHILD_LISTS if part.kind == kind)


def answers_to(case: ChildCase) -> tuple[CaseAnswer, ...]:
    """What a person may say now; nothing once it is closed or answered, or written by another version."""
    if case.closed_at is not None or case.done_at is not None or case.code not in CaseCode.__members__:
        return ()
    return offered(CaseCode(case.code), row=case.row, readable=is_readable(case.kind))


def answer_of(case: ChildCase) -> CaseAnswer | None:
    """What somebody has answered: the case says it until a run has carried it, then the log, as long as it is kept."""
    if case.done_at is None:
        return None
    said, about = case.answer, f"{case.kind}.{case.code}: "
    if not said:
        logged = OperatorLog.objects.filter(record_id=case.record_id, action="settle_case", at__gte=case.done_at)
        of_it = logged.filter(result__startswith=about).order_by("at").values_list("result", flat=True)
        said = (of_it.first() or "").removeprefix(about)
    return CaseAnswer(said) if said in CaseAnswer.__members__ else None


def needs_number(case: ChildCase, answer: CaseAnswer) -> bool:
    """“It is there” wants to know which entry, where entries can be read."""
    return answer is CaseAnswer.there and is_readable(case.kind)


def stamp(case: ChildCase) -> str:
    """What the case says, as a short text: an answer to something else does not count."""
    said = json.dumps([case.code, case.row, case.params], sort_keys=True, default=str)
    return hashlib.sha256(said.encode()).hexdigest()[:16]


@transaction.atomic
def settle(
    *,
    case: ChildCase,
    answer: CaseAnswer,
    seen: str,
    action_context: ActionContext,
    number: int = 0,
    enqueues: bool = True,
) -> bool:
    """Keep the answer and ask for the run that takes it up; whether it was. enqueues: not only asked for."""
    record = at_rest(case.record_id)
    now_there = ChildCase.objects.select_for_update().get(pk=case.pk)
    _may(now_there, answer, seen)
    if needs_number(now_there, answer):
        _free(now_there, number)
    carried = answer is not CaseAnswer.noted
    now_there.done_at, now_there.done_by = timezone.now(), action_context.actor
    now_there.answer = answer.value if carried else ""
    now_there.answer_entry = number if carried else 0
    now_there.answered_in_id = action_context.bulk_id
    now_there.save(update_fields=("done_at", "done_by", "answer", "answer_entry", "answered_in"))
    if carried:
        request_run(record, action_context, code=f"settled {case.code}", event=Event.CHANGED)
        if enqueues:
            transaction.on_commit(lambda: job_queue.enqueue_each([record.pk]))
    result = f"{case.kind}.{case.code}: {answer}"
    log_action(action_context=action_context, action="settle_case", record=record, result=result)
    return carried


def _may(case: ChildCase, answer: CaseAnswer, seen: str) -> None:
    if case.closed_at is not None and case.done_at is None:
        raise ActionRefused(_("This task has closed by itself: there is nothing to answer any more."))
    if case.done_at is not None:
        raise ActionRefused(_("Somebody has answered this already. Reload the page."))
    if stamp(case) != seen:
        raise ActionRefused(_("Something was changed meanwhile. Please look at what stands there now, then answer."))
    if answer not in answers_to(case):
        raise ActionRefused(_("This answer does not fit. Reload the page."))


def _free(case: ChildCase, number: int) -> None:
    """The entry that somebody has found must not belong to another item."""
    if not 0 < number <= LARGEST:
        raise ActionRefused(_("Please enter the number that the entry has in Advoware."), field="number")
    taken = ChildLink.objects.filter(
        record_id=case.record_id, kind=case.kind, entry_id=number, state=LinkState.linked, alias_of=""
    )
    if taken.exists():
        raise ActionRefused(_("This entry belongs to another one already. Please check the number."), field="number")


@transaction.atomic
def open_again(*, case: ChildCase, action_context: ActionContext, logged: bool = True) -> None:
    """What was said was a mistake: taken back while no run has taken it up, or while nothing was to be written."""
    record = at_rest(case.record_id)
    blank: dict[str, Any] = {"done_at": None, "done_by": "", "answer": "", "answer_entry": 0, "answered_in": None}
    if ChildCase.objects.filter(pk=case.pk, closed_at=None, done_at__isnull=False).update(**blank) != 1:
        raise ActionRefused(_("This task is open already, or has closed by itself."))
    if logged:
        result = f"{case.kind}.{case.code}"
        log_action(action_context=action_context, action="case_reopened", record=record, result=result)


def carry_waiting(target: int, action_context: ActionContext) -> int:
    """One of many: what a first load has left waiting is carried; the record whose run follows."""
    case = still_there(ChildCase.objects.all(), target, _("The task is not there any more."))
    settle(case=case, answer=CaseAnswer.carry, seen=stamp(case), action_context=action_context, enqueues=False)
    return case.record_id
