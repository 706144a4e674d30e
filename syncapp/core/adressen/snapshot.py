"""The addresses of one record: all that their plan is made from.

Invariant: frozen; nothing else has an influence on the plan. `items` or `entries` None: missing, which is not empty.
To extend: a further fact is a field of `AddressFacts`, or of this class where the record's plan has a say in it.
"""

from dataclasses import dataclass, field, replace

from syncapp.core.adressen.plan import AddressPlan, plan
from syncapp.core.adressen.shapes import AddressEntry, AddressFacts, AddressItem, AddressLink, AddressPolicy
from syncapp.core.child_lists.shapes import posts_without_answer
from syncapp.core.parts import Around


@dataclass(frozen=True)
class AddressSnapshot:
    items: tuple[AddressItem, ...] | None
    entries: tuple[AddressEntry, ...] | None
    facts: AddressFacts
    links: tuple[AddressLink, ...] = ()
    policy: AddressPolicy = field(default_factory=AddressPolicy)

    def plan(self, around: Around) -> AddressPlan:
        """What one run does to the addresses. A restored database of yesterday counts as a lost one."""
        stale = around.stale_base
        links = posts_without_answer(self.links) if stale else self.links
        return plan(
            # What was created by this run has no address yet, whether or not the answer shows the list.
            entries=self.entries or () if around.created else self.entries,
            items=self.items,
            links=links,
            facts=replace(self.facts, links_known=False if stale else None),
            direction=around.direction,
            policy=self.policy,
        )
