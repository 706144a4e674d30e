"""What a record's plan asks of its parts: child lists and groups of fields that are carried in the same run.

Purpose: the plan of a record holds the plans of its parts without knowing what they are about.
Invariant: a part plans from its own snapshot and from `Around` alone, so that the same input gives the same plan in the
live run, the shadow, the preview and the drift report.
To extend: a new part is a snapshot with `plan`, and a plan that answers these questions; nothing here changes.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal, Protocol

from syncapp.core.sides import Side


class Obstacle(StrEnum):
    """Why what lost, of a part or in a field, cannot be brought back. Each has its sentence in words/obstacles.py."""

    NOT_SHOWN = "not_shown"  # EspoCRM does not answer the part for this record
    DELETION = "deletion"  # what lost was a deletion
    NO_ROOM = "no_room"  # EspoCRM has no way to hold the value
    PRESENT = "present"  # the value stands there
    EDITED = "edited"  # neither the value that won stands there nor the one that lost: somebody has edited it since
    NOT_LINKED = "not_linked"  # what it belonged to is not linked any more
    NOT_KEPT = "not_kept"  # only a part of the value may be kept, as of a bank account
    LINKED_ANEW = "linked_anew"  # it lost beside a Beteiligter that the record was tied to before
    OUTSIDE_PILOT = "outside_pilot"  # a pilot goes on that the record does not belong to


class Direction(StrEnum):
    """Which way the parts of a record are carried in one run."""

    both = "both"
    to_espocrm = "to_espocrm"
    to_advoware = "to_advoware"


@dataclass(frozen=True)
class Around:
    """What the master data's plan means for the parts.

    created: the Beteiligter is made by this run. stale_base: our database is older than EspoCRM's last sync.
    espo_untouched: nobody but us has written EspoCRM's record since the last sync.
    """

    direction: Direction = Direction.both
    created: bool = False
    stale_base: bool = False
    espo_untouched: bool = False


@dataclass(frozen=True)
class PlannedWrite:
    """One write to a remote system, in the order in which a run would make it.

    target: `record`, or the part's element (`kommunikation`, `kommunikation.17`). values: what is sent, by name.
    """

    side: Side
    act: Literal["create", "change"]
    target: str
    values: Mapping[str, object] = field(default_factory=dict)
    reason: str = ""


class PartPlan(Protocol):
    @property
    def is_empty(self) -> bool:
        """Whether neither side would be written."""

    @property
    def stopped(self) -> str | None:
        """Why nothing is planned: a list is missing, or empty for the first time."""

    def advoware_writes(self) -> tuple[PlannedWrite, ...]:
        """What Advoware is sent, in order."""

    def espocrm_writes(self) -> tuple[PlannedWrite, ...]:
        """What EspoCRM is sent beside the one PATCH: elements that are records of their own, in order."""

    def espocrm_values(self) -> Mapping[str, object]:
        """What the one PATCH carries for this part, by attribute."""

    def steps(self) -> tuple[str, ...]:
        """Each step by its name, also those that need no write of their own; no personal values."""


class PartSnapshot(Protocol):
    """What one part knows of both sides and of itself."""

    def plan(self, around: Around) -> PartPlan:
        """Pure: no I/O, no clock."""
