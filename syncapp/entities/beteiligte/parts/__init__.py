"""The parts of a Beteiligter: child lists that are carried in the record's own run.

Invariant: the order is the order in which a run writes them. To extend: a folder that implements
entities/beteiligte/part.py, and a row here.
"""

from typing import Final

from syncapp.entities.beteiligte.part import Part
from syncapp.entities.beteiligte.parts.adressen.part import AdressenPart
from syncapp.entities.beteiligte.parts.bankverbindungen.part import BankPart
from syncapp.entities.beteiligte.parts.kommunikation.part import KommunikationPart

PARTS: Final[tuple[Part, ...]] = (KommunikationPart(), AdressenPart(), BankPart())
