"""Errors that are the same: failed records by kind and cause, the most first.

Invariant: the numbers are kept (models/record.py, RecordCount), and of each cause one record is looked at: a look costs
as much as there are causes, however many records have failed. To extend: see core/faults/causes.py.
"""

from collections import Counter as Tally
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from syncapp.core.states import FAILING
from syncapp.models import RecordCount, SyncRecord
from syncapp.words import sentences


@dataclass(frozen=True, slots=True)
class CauseGroup:
    """Records that fail for one reason; `example` the one that has for longest, whose sentence speaks for all."""

    kind: str
    cause: str
    number: int
    since: datetime | None
    example: SyncRecord

    @property
    def words(self) -> str:
        fault = self.example.fault
        return sentences.sentence({"code": fault["code"]} if self._of_points else fault)

    @property
    def explained(self) -> sentences.KindText:
        fault = self.example.fault
        return sentences.kind_text(self.kind, fault) if self._of_points else sentences.explained(self.kind, fault)

    @property
    def _of_points(self) -> bool:
        """Contact points are refused for reasons of their own in each record: there no example speaks for all."""
        return bool(sentences.refused_points(self.example.fault))


def numbers(of: Sequence[str]) -> dict[str, int]:
    """How many fail for each of these reasons."""
    rows = RecordCount.objects.sums("cause", status__in=FAILING, hold="", cause__in=of)
    return dict.fromkeys(of, 0) | dict(rows)


def groups() -> list[CauseGroup]:
    """Every kind and cause there is at the moment."""
    counts: Tally[tuple[str, str]] = Tally()
    oldest: dict[tuple[str, str], list[SyncRecord]] = {}
    for status, kind, cause, number in RecordCount.objects.sums("status", "kind", "cause", status__in=FAILING, hold=""):
        counts[kind, cause] += number
        oldest.setdefault((kind, cause), []).extend(_oldest(status, kind, cause))
    found = [
        CauseGroup(kind, cause, counts[kind, cause], example.dirty_since if cause else None, example)
        for (kind, cause), rows in oldest.items()
        for example in sorted(rows, key=_age)[:1]
    ]
    return sorted(found, key=lambda group: (-group.number, group.kind, group.cause))


def _oldest(status: str, kind: str, cause: str) -> "list[SyncRecord]":
    """The record that has failed so for longest, if there is one left, by the index `record_cause`; any of those whose
    fault says nothing, which are in no index by age."""
    rows = SyncRecord.objects.filter(status=status, kind=kind, hold="")
    if not cause:
        return list(rows.filter(cause__isnull=True).order_by()[:1])
    same = rows.filter(cause=cause)
    return list(same.filter(dirty_since__isnull=False).order_by("dirty_since")[:1]) or list(same.order_by()[:1])


def _age(record: SyncRecord) -> tuple[bool, float]:
    """Those of which it is known come first."""
    since = record.dirty_since
    return since is None, since.timestamp() if since else 0.0
