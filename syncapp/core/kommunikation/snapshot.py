"""The contact points of one record: all that their plan is made from.

Invariant: frozen; nothing else has an influence on the plan. `items` or `entries` None: the key was missing from the
answer, which is not an empty list.
To extend: a further fact is a field of `Facts`, or of this class where the record's plan has a say in it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from syncapp.core.kommunikation.kinds import Medium
from syncapp.core.kommunikation.plan import plan
from syncapp.core.kommunikation.refusals import Refusals
from syncapp.core.kommunikation.shapes import ContactPlan, Entry, Facts, Item, KommPolicy, Link
from syncapp.core.parts import Around


@dataclass(frozen=True)
class KommunikationSnapshot:
    """Both lists, our links, and the rules.

    hash_in_espocrm, our_hash: the fingerprints of the last complete sync, as EspoCRM and our database hold them.
    refusals: what EspoCRM has refused in this run.
    """

    items: tuple[Item, ...] | None
    entries: tuple[Entry, ...] | None
    links: tuple[Link, ...] = ()
    hash_in_espocrm: str | None = None
    our_hash: str = ""
    facts: Facts = field(default_factory=Facts)
    policy: KommPolicy = field(default_factory=KommPolicy)
    refusals: Refusals = field(default_factory=Refusals)

    def plan(self, around: Around) -> ContactPlan:
        """What one run does to the contact points."""
        stale = self.links_are_stale(around)
        links: Sequence[Link] = () if stale else self.links
        # A record without contact points has no links either; our hash tells that a sync has seen them all.
        links_known = not stale and (bool(links) or bool(self.our_hash))
        return plan(
            items=self.items,
            entries=self.entries,
            links=links,
            stored_hash=self.hash_in_espocrm,
            direction=around.direction,
            facts=replace(
                self.facts,
                espo_untouched=around.espo_untouched,
                links_known=links_known,
                refused=self.refusals.left_out,
                max_phones=self.refusals.at_most(Medium.phone, self.facts.max_phones),
                max_emails=self.refusals.at_most(Medium.email, self.facts.max_emails),
            ),
            policy=self.policy,
        )

    def links_are_stale(self, around: Around) -> bool:
        """EspoCRM was synced after what our database remembers (yesterday's was restored): the markers know more.

        Links that were written since then count: the first write takes our hash away, and only success brings it back.
        """
        return around.stale_base and bool(self.our_hash)
