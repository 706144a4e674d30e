"""What a record carries beyond its master data, between the PUT in Advoware and the PATCH in EspoCRM.

Invariant: Advoware is written here, EspoCRM is not: its lists go out with the one PATCH of the run.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from syncapp.services.look import Look
from syncapp.services.notices import Tell
from syncapp.services.run import Run


@dataclass(frozen=True, slots=True)
class Carried:
    """Lists for the PATCH, the hash to store, columns to commit, and whether something is left for the next run."""

    komm_hash: str
    lists: Mapping[str, object] = field(default_factory=dict)
    columns: Mapping[str, Any] = field(default_factory=dict)
    wrote: bool = False
    left_over: bool = False
    notices: tuple[Tell, ...] = ()


def carry(run: Run, seen: Look, *, direction: str, created: bool = False) -> Carried:
    """Contact points are carried by the next release of this room; the hash stays what it was."""
    run.direction = direction
    return Carried(run.record.kommunikation_hash)
