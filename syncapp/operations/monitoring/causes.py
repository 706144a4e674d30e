"""Errors that are the same: failed records by kind and cause, the most first.

Invariant: what the database puts together is what core/faults/causes.py makes of a fault
(tests/operations/test_quiet.py). Only failed records are looked through. To extend: see core/faults/causes.py.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Case, Count, F, Func, Min, QuerySet, TextField, Value, When
from django.db.models.fields.json import KT
from django.db.models.functions import Cast, Coalesce, NullIf

from syncapp.core.faults import causes
from syncapp.core.states import FAILING
from syncapp.models import SyncRecord
from syncapp.words import sentences


class Joined(Func):
    """Texts one behind the other, none of them NULL. Django's Concat nests, with many too deep for SQLite."""

    template = "(%(expressions)s)"
    arg_joiner = " || "
    output_field = TextField()


@dataclass(frozen=True, slots=True)
class CauseGroup:
    """Records that fail for one reason; `example` one of them, whose sentence speaks for all."""

    kind: str
    cause: str
    number: int
    since: datetime | None
    example: SyncRecord

    @property
    def words(self) -> str:
        return sentences.sentence(self.example.fault)


def cause_of() -> Any:
    """The cause of a record's fault, put together by the database."""
    pieces: list[Any] = []
    for path in causes.PATHS:
        key = KT(f"fault__{'__'.join(map(str, path))}")
        # SQLite spells JSON's null as a word.
        piece = NullIf(Cast(key, TextField()), Value("null"))
        pieces += [Coalesce(piece, Value("")), Value(causes.SEPARATOR)]
    none = When(fault__code__isnull=True, then=Value(""))
    return Case(none, default=Joined(*pieces[:-1]), output_field=TextField())


def failing() -> "QuerySet[Any]":
    """Failed records that nobody holds, with their cause."""
    return SyncRecord.objects.filter(status__in=FAILING, hold="").annotate(cause=cause_of())


def numbers(of: Sequence[str]) -> dict[str, int]:
    """How many fail for each of these reasons."""
    rows = failing().filter(cause__in=of).order_by().values_list("cause").annotate(Count("pk"))
    return dict.fromkeys(of, 0) | dict(rows)


def groups() -> list[CauseGroup]:
    """Every kind and cause there is at the moment."""
    rows = failing().order_by().values("kind", "cause").annotate(number=Count("pk"), since=Min("dirty_since"))
    found = list(rows.annotate(example=Min("pk")).order_by(F("number").desc(), "kind", "cause"))
    examples = SyncRecord.objects.in_bulk([row["example"] for row in found])
    return [
        CauseGroup(row["kind"], row["cause"], row["number"], row["since"], examples[row["example"]])
        for row in found
        if row["example"] in examples
    ]
