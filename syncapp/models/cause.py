"""The cause of a fault as the database makes it, beside the fault itself: what is the same is counted and found by it.

Invariant: what the database puts together is what core/faults/causes.py makes of a fault
(tests/operations/test_quiet.py), whoever writes the fault. To extend: see core/faults/causes.py.
"""

from typing import Any

from django.db.models import Case, Func, TextField, Value, When
from django.db.models.fields.json import KT
from django.db.models.functions import Cast, Coalesce, NullIf

from syncapp.core.faults import causes


class Joined(Func):
    """Texts one behind the other, none of them NULL. Django's Concat nests, with many too deep for SQLite."""

    template = "(%(expressions)s)"
    arg_joiner = " || "
    output_field = TextField()


def cause_of(column: str = "fault") -> Any:
    """The cause of the fault in this column; NULL where there is none."""
    pieces: list[Any] = []
    for path in causes.PATHS:
        key = KT(f"{column}__{'__'.join(map(str, path))}")
        # SQLite spells JSON's null as a word.
        piece = NullIf(Cast(key, TextField()), Value("null"))
        pieces += [Coalesce(piece, Value("")), Value(causes.SEPARATOR)]
    none = When(**{f"{column}__code__isnull": True}, then=Value(None))
    return Case(none, default=Joined(*pieces[:-1]), output_field=TextField())
