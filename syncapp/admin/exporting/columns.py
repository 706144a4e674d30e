"""A column of an exported list: its head, and the plain cell of a row.

Invariant: a column of personal values says so, and is left out for those who may not see them. A row knows its viewer,
as in the list. To extend: a list names its columns as `export_columns`, in the order of the list.
"""

from collections.abc import Callable
from dataclasses import dataclass
from operator import attrgetter
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from syncapp.operations.exports.tables import Cell
from syncapp.words import Words


@dataclass(frozen=True, slots=True)
class ExportColumn:
    """`values`: holds what only those may see who have the right to personal values."""

    head: Words
    cell: Callable[[Any], Cell | Promise]
    values: bool = False


def record_columns(espo_id: Callable[[Any], str] = attrgetter("espo_id")) -> tuple[ExportColumn, ...]:
    """Of rows that belong to a record: whom they are about."""
    return (
        ExportColumn(_("name"), lambda row: row.record.name if row.record else "", values=True),
        ExportColumn(_("betNr"), lambda row: row.record.betnr if row.record else None),
        ExportColumn(_("EspoCRM id"), espo_id),
    )
