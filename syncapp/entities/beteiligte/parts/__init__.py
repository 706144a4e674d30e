"""The parts of a Beteiligter: child lists that are carried in the record's own run.

Invariant: the order is the order in which a run writes them. To extend: a folder that implements
entities/beteiligte/part.py, and a row here.
"""

from typing import Final

from syncapp.entities.beteiligte.part import Part
from syncapp.entities.beteiligte.parts.kommunikation.part import KommunikationPart

PARTS: Final[tuple[Part, ...]] = (KommunikationPart(),)


def part_named(name: str) -> Part | None:
    return next((part for part in PARTS if part.name == name), None)


def part_of(field: str) -> Part | None:
    """The part that a field of the conflict log or of the history belongs to; None: the record's own fields."""
    name, dot, _element = field.partition(".")
    return part_named(name) if dot else None
