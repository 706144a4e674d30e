"""What EspoCRM refused of a run's lists, and what is left out of the next PATCH for it.

Invariant: one bad contact point never blocks the rest, nor keeps a good one back that was suspected for it. Every
refusal leaves out more than the one before, so that trying again comes to an end: first the likeliest addition to the
named list, or what makes it too long; where nothing in it is new, the list.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from syncapp.core.kommunikation.answers import Accused
from syncapp.core.kommunikation.kinds import Medium


@dataclass(frozen=True, slots=True)
class Refusals:
    """accused: additions that were left out, in that order. lists: those that are refused without anything new.

    ignored: of those lists, the ones that EspoCRM did not refuse, but left as they were. most: how many it takes of
    each, where it has refused a list as too long: nothing is wrong with what does not fit.
    """

    accused: tuple[Accused, ...] = ()
    lists: frozenset[Medium] = frozenset()
    ignored: frozenset[Medium] = frozenset()
    most: Mapping[Medium, int] = field(default_factory=dict)

    @property
    def left_out(self) -> frozenset[tuple[int, str]]:
        """Entry id and tlf of every addition that stays out of this run's next PATCH."""
        return frozenset(one.addition for one in self.accused)

    def at_most(self, medium: Medium, assumed: int | None) -> int | None:
        """What EspoCRM has said in this run counts before what is assumed of it."""
        return self.most.get(medium, assumed)

    @property
    def unproven(self) -> frozenset[tuple[int, str]]:
        """Of these, what may be good: once the lists are through it has to be tried again.

        A list that is taken once its last suspect is out convicts that one alone.
        """
        last = {one.medium: one for one in self.accused}
        return frozenset(one.addition for one in self.accused if not one.certain and one is not last[one.medium])
