"""What the pure models of addresses and of bank accounts have in common, and what tests ask of them.

To extend: another list derives from it, with its items and entries, its plan and its run.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from syncapp.core.child_lists.shapes import LinkState, PairLink
from syncapp.core.parts import Direction


@dataclass
class ListWorld:
    """`late`: writes that were sent, not answered, and have not arrived yet. `plans`: of the runs so far."""

    links: tuple[PairLink[Any], ...] = ()
    direction: Direction = Direction.both
    moved: int = 0
    late: list[Callable[[], object]] = field(default_factory=list)
    plans: list[Any] = field(default_factory=list)

    def run(self, faults: dict[int, str] | None = None) -> Any:
        raise NotImplementedError

    def _moved(self) -> str:
        self.moved += 1
        return str(self.moved)

    def land_late(self) -> None:
        landing, self.late = self.late, []
        for write in landing:
            write()

    def people_say_carry(self) -> None:
        """What a first load, or a crowd of new ones, has left waiting."""
        self.links = tuple(link for link in self.links if link.state is not LinkState.waiting)

    # --- what tests ask

    def rows(self) -> list[tuple[int, str]]:
        """The writes of the last plan: row and act."""
        return [(operation.row, str(operation.act)) for operation in self.plans[-1].operations]

    def cases(self) -> list[tuple[int, str]]:
        return [(case.row, str(case.code)) for case in self.plans[-1].cases]

    def mentions(self) -> list[tuple[int, str]]:
        return [(report.row, str(report.code)) for report in self.plans[-1].reports]

    def is_still(self) -> bool:
        """A further run writes nothing."""
        return bool(self.run().is_empty)
