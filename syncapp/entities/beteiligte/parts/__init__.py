"""The parts of a Beteiligter: child lists that are carried in the record's own run.

Invariant: the order is the order in which a run writes them. To extend: a folder that implements
entities/beteiligte/part.py, and a row here; where EspoCRM keeps the list in an entity of its own, a row of
CHILD_ENTITIES too.
"""

from typing import Any, Final

from syncapp.core.adressen.shapes import Address
from syncapp.core.bankverbindungen.shapes import Kept
from syncapp.core.child_lists.shapes import ChildPlan
from syncapp.core.kommunikation.plan import KommunikationSnapshot
from syncapp.core.kommunikation.shapes import ContactPlan
from syncapp.entities.beteiligte.part import Part
from syncapp.entities.beteiligte.parts.adressen.child_entity import CHILD_ENTITY as ADRESSEN
from syncapp.entities.beteiligte.parts.adressen.part import AdressenPart
from syncapp.entities.beteiligte.parts.bankverbindungen.child_entity import CHILD_ENTITY as BANKVERBINDUNGEN
from syncapp.entities.beteiligte.parts.bankverbindungen.part import BankPart
from syncapp.entities.beteiligte.parts.child_lists.child_entity import ChildEntity
from syncapp.entities.beteiligte.parts.child_lists.kind import ChildListKind
from syncapp.entities.beteiligte.parts.child_lists.part import ChildResult
from syncapp.entities.beteiligte.parts.child_lists.snapshot import ListSnapshot
from syncapp.entities.beteiligte.parts.kommunikation.outcome import KommunikationResult
from syncapp.entities.beteiligte.parts.kommunikation.part import KommunikationPart

# A snapshot, plan and result are found by the part's name, which says nothing of their type.
AnyPart = Part[Any, Any, Any]

# Each with what it makes and is handed, so that mypy holds its methods against one another.
KOMMUNIKATION_PART: Final[Part[KommunikationSnapshot, ContactPlan, KommunikationResult]] = KommunikationPart()
ADRESSEN_PART: Final[Part[ListSnapshot[Address], ChildPlan[Address], ChildResult[Address]]] = AdressenPart()
BANK_PART: Final[Part[ListSnapshot[Kept], ChildPlan[Kept], ChildResult[Kept]]] = BankPart()

PARTS: Final[tuple[AnyPart, ...]] = (KOMMUNIKATION_PART, ADRESSEN_PART, BANK_PART)
CHILD_LISTS: Final = tuple(part for part in PARTS if isinstance(part, ChildListKind))
CHILD_ENTITIES: Final[tuple[ChildEntity, ...]] = (ADRESSEN, BANKVERBINDUNGEN)
CHILD_NAMES: Final[tuple[str, ...]] = tuple(child.name for child in CHILD_ENTITIES)


def child_entities_in_use() -> tuple[ChildEntity, ...]:
    """Those that this installation keeps equal; none where nothing is switched on."""
    return tuple(child for child in CHILD_ENTITIES if child.is_on())


def part_named(name: str) -> AnyPart | None:
    return next((part for part in PARTS if part.name == name), None)


def part_of(field: str) -> AnyPart | None:
    """The part that a field of the conflict log or of the history belongs to; None: the record's own fields."""
    name, dot, _element = field.partition(".")
    return part_named(name) if dot else None
