"""The columns that every table of search texts has.

Invariant: text and numbers say the same; `kept` makes both. To extend: a further table derives from this, is a row of
TABLES in the migration that makes its index, and is written in the transaction that changes what it speaks of.
"""

from collections.abc import Iterable, Sequence
from typing import Any, TypeVar

from django.db import models

from syncapp.core.finding import long_numbers
from syncapp.core.finding.folding import kept_line

LONGEST = 8000
PORTION = 500


class FoundByText(models.Model):
    """What something is found by, folded. Apart, so that a search reads a narrow table.

    numbers: of the same text, as core/finding/long_numbers.py spells them.
    """

    text = models.TextField()
    numbers = models.TextField(blank=True)

    class Meta:
        abstract = True


Found = TypeVar("Found", bound=FoundByText)


def put(rows: Sequence[Found]) -> int:
    """Write these, whatever stands there of the same things; how many."""
    if not rows:
        return 0
    table = type(rows[0])
    columns = [field.name for field in table._meta.concrete_fields if not field.primary_key]
    table._default_manager.bulk_create(
        rows, update_conflicts=True, update_fields=columns, unique_fields=["pk"], batch_size=PORTION
    )
    return len(rows)


def lines_of(parts: Iterable[str]) -> list[str]:
    """Each thing that something is found by, as it is kept."""
    return [line for line in dict.fromkeys(kept_line(part) for part in parts if part) if line]


def kept(lines: Iterable[str]) -> dict[str, Any]:
    """The columns of FoundByText for these lines."""
    text = "\n".join(lines)[:LONGEST]
    return {"text": text, "numbers": long_numbers.kept(text)}
