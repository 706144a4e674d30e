"""The two sides of a synced row, and the values that one of them holds.

Purpose: the words that every decision of the core is written in, whatever is synced.
Invariant: a value is text in its canonical form, or None where the side says that the field is empty; a field that the
side said nothing about is not among the values.
To extend: a third system that keeps the same rows is no third side: it is an entity of its own.
"""

from collections.abc import Mapping
from enum import StrEnum

from syncapp.core.systems import System

Values = Mapping[str, str | None]


class Side(StrEnum):
    """The two sides, named after their systems."""

    espocrm = System.ESPOCRM.value
    advoware = System.ADVOWARE.value

    @property
    def other(self) -> "Side":
        return Side.advoware if self is Side.espocrm else Side.espocrm
