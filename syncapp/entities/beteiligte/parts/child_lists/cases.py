"""The tasks of a child list in a run: which are news, which are a failure of the record, and how they are committed.

Invariant: a task is told once, and again when its text changes. One that a plan no longer names is closed, one that it
names again unchanged is left as it is. To extend: a task that fails the record is a row of FAILURES, with its words.
"""

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from syncapp.core.child_lists.decisions import CaseAnswer, Decision
from syncapp.core.child_lists.shapes import CaseCode, OpenCase
from syncapp.core.faults.errors import ErrorKind
from syncapp.engine.runs.run import Failed
from syncapp.models import ChildCase, ChildKind, SyncRecord

# Of an element that was refused, or whose create nobody answered.
FAILURES: Mapping[CaseCode, str] = {
    CaseCode.refused: "child_refused",
    CaseCode.outcome_unknown: "child_outcome_unknown",
}
OPEN_CASES = "child_cases_open"
# Of a case that says something else than before: nobody has done or answered that.
UNANSWERED: Mapping[str, Any] = {"done_at": None, "done_by": "", "answer": "", "answer_entry": 0}


def open_cases(row: SyncRecord, kind: ChildKind) -> "QuerySet[ChildCase]":
    return ChildCase.objects.filter(record_id=row.pk, kind=kind, closed_at=None)


def decisions_of(row: SyncRecord, kind: ChildKind) -> tuple[Decision, ...]:
    """The answers of people that wait for the next plan; `store.keep_links` uses them up."""
    answered = open_cases(row, kind).exclude(answer="").order_by("pk")
    return tuple(
        Decision(CaseCode(one.code), CaseAnswer(one.answer), one.espo_id, one.entry_id, one.answer_entry, one.params)
        for one in answered
    )


def untold(row: SyncRecord, kind: ChildKind, cases: Iterable[OpenCase]) -> tuple[OpenCase, ...]:
    """Those that people have not been told of, or not with this text."""
    told = {_key(one): one.params for one in open_cases(row, kind)}
    return tuple(case for case in cases if case.is_told and told.get(_key(case)) != dict(case.params))


def failure_of(row: SyncRecord, kind: ChildKind, cases: Collection[OpenCase]) -> Failed | None:
    """Why the record fails for them, if it does.

    Other tasks are a failure by the setting alone, until they are ticked off; the record is then looked at again like
    every one that waits for a correction.
    """
    numbers = {name: sum(case.code is code for case in cases) for code, name in FAILURES.items()}
    if settings.CHILD_CASES_KEEP_DIRTY:
        numbers[OPEN_CASES] = sum(case.is_told for case in cases) - _ticked_off(row, kind, cases)
    for name, number in numbers.items():
        if number:
            return Failed(ErrorKind.VALIDATION, name, {"kind": str(kind), "number": number})
    return None


@transaction.atomic(savepoint=False)
def keep_cases(row: SyncRecord, kind: ChildKind, cases: Iterable[OpenCase], *, told: Iterable[OpenCase] = ()) -> None:
    """Open, renewed and closed as the plan says. told: what people hear of with this very commit."""
    now, news = timezone.now(), {_key(case) for case in told}
    held = {_key(one): one for one in open_cases(row, kind)}
    for key, case in {_key(case): case for case in cases}.items():
        known = held.pop(key, None)
        said = {"params": dict(case.params), "row": case.row, "told_at": now if key in news else None}
        if known is None:
            named = dict(zip(("code", "espo_id", "entry_id"), key, strict=True))
            ChildCase.objects.create(record_id=row.pk, kind=kind, opened_at=now, **named, **said)
        elif known.params != said["params"]:
            ChildCase.objects.filter(pk=known.pk).update(**said, **UNANSWERED)
    if held:
        ChildCase.objects.filter(pk__in=[one.pk for one in held.values()]).update(closed_at=now)


def _ticked_off(row: SyncRecord, kind: ChildKind, cases: Iterable[OpenCase]) -> int:
    done = {_key(one): one.params for one in open_cases(row, kind).exclude(done_at=None)}
    return sum(case.is_told and done.get(_key(case)) == dict(case.params) for case in cases)


def _key(case: OpenCase | ChildCase) -> tuple[str, str, int]:
    """One open task has one key."""
    return (str(case.code), case.espo_id or "", case.entry_id or 0)
