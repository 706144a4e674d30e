"""What the merge has to know of an entity's fields.

Purpose: the comparison, the base and the intents work on any table of fields; the entity's own table fits these
protocols without naming them (core/beteiligte/field_table.py does).
Invariant: nothing here names a field.
To extend: a question that the merge must ask of every entity's table is a member here.
"""

from collections.abc import Mapping, Sequence
from typing import Protocol

from syncapp.core.sides import Values


class Field(Protocol):
    """One field: its key among the values, and the group by which a policy may name it."""

    @property
    def key(self) -> str: ...

    @property
    def group(self) -> str: ...


class Fields(Protocol):
    """The fields of one entity, as they are mapped in this installation."""

    @property
    def rows(self) -> Sequence[Field]: ...

    @property
    def general_rows(self) -> Sequence[Field]:
        """Those that a company has too."""

    @property
    def versions(self) -> Mapping[str, str]:
        """For each field a short text that changes when its mapping does."""

    def row(self, key: str, /) -> Field: ...

    def is_company(self, values: Values, /) -> bool: ...

    def unmappable(self, values: Values, /) -> tuple[str, ...]:
        """Fields whose value has no counterpart on the other side."""
