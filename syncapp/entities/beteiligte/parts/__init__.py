"""The parts of a Beteiligter: child lists that are carried in the record's own run.

Invariant: the order is the order in which a run writes them. To extend: a folder that implements
entities/beteiligte/part.py, and a row here.
"""

from typing import Any, Final

from syncapp.entities.beteiligte.part import Part
from syncapp.entities.beteiligte.parts.adressen.part import AdressenPart
from syncapp.entities.beteiligte.parts.bankverbindungen.part import BankPart
from syncapp.entities.beteiligte.parts.child_lists.kind import ChildListKind
from syncapp.entities.beteiligte.parts.kommunikation.part import KommunikationPart

# A snapshot, plan and result are found by the part's name, which says nothing of their type.
AnyPart = Part[Any, Any, Any]
AnyList = ChildListKind[Any]

PARTS: Final[tuple[AnyPart, ...]] = (KommunikationPart(), AdressenPart(), BankPart())
CHILD_LISTS: Final = tuple(part for part in PARTS if isinstance(part, ChildListKind))
CHILD_NAMES: Final[tuple[str, ...]] = tuple(child.name for child in CHILD_LISTS)


def child_entities_in_use() -> tuple[AnyList, ...]:
    """The lists that this installation keeps equal with an entity of EspoCRM; none where nothing is switched on."""
    return tuple(child for child in CHILD_LISTS if child.has_entity())


def part_named(name: str) -> AnyPart | None:
    return next((part for part in PARTS if part.name == name), None)


def part_of(field: str) -> AnyPart | None:
    """The part that a field of the conflict log or of the history belongs to; None: the record's own fields."""
    name, dot, _element = field.partition(".")
    return part_named(name) if dot else None
