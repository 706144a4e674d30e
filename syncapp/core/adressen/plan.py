"""The address plan: what one run does to the addresses of one record, decided without I/O, clock or chance.

Purpose: `AddressSnapshot.plan` is the one decision that the real run, the dry run, the preview and the tests share.
Invariant: the snapshot is frozen, and nothing else has an influence; the same one gives the same plan, whatever the
order of its lists. One run settles what it may settle, so that a plan made from its result writes nothing.
To extend: rows belong into `pairs`, `aliases` or `newcomers`, and into the table of the package; a further fact is a
field of `AddressFacts`, or of the snapshot where the record's plan has a say in it.
"""

from dataclasses import dataclass, field

from syncapp.core.adressen.aliases import follow_alias
from syncapp.core.adressen.knowledge import learn
from syncapp.core.adressen.newcomers import STAGES
from syncapp.core.adressen.pairs import follow_gone, follow_pair, follow_tombstone
from syncapp.core.adressen.plan_builder import AddressBuilder
from syncapp.core.adressen.shapes import Address, AddressEntry, AddressFacts, AddressItem, AddressLink, AddressPolicy
from syncapp.core.child_lists.shapes import ChildPlan, LinkState, ListStop, posts_without_answer
from syncapp.core.parts import Around

NAME = "adressen"
AddressPlan = ChildPlan[Address]


@dataclass(frozen=True)
class AddressSnapshot:
    """All that the plan is made from. `items` or `entries` None: the list was missing or unreadable, which is not an
    empty list."""

    items: tuple[AddressItem, ...] | None
    entries: tuple[AddressEntry, ...] | None
    facts: AddressFacts
    links: tuple[AddressLink, ...] = ()
    policy: AddressPolicy = field(default_factory=AddressPolicy)

    def plan(self, around: Around) -> AddressPlan:
        """What one run does to the addresses. A restored database of yesterday counts as a lost one."""
        links = posts_without_answer(self.links) if around.stale_base else self.links
        # What was created by this run has no address yet, whether or not the answer shows the list.
        entries = self.entries or () if around.created else self.entries
        if self.items is None or entries is None:
            return AddressPlan(name=NAME, kept=links, stopped=ListStop.missing_list, owed=True)
        builder = AddressBuilder(
            items={item.espo_id: item for item in self.items if not item.address.is_empty},
            entries={entry.id: entry for entry in entries if not entry.address.is_empty},
            facts=self.facts,
            policy=self.policy,
            direction=around.direction,
            links_known=bool(links) and not around.stale_base,
        )
        shrunk = builder.shrunk_lists(links)
        if shrunk - self.facts.shrunk_seen:
            return AddressPlan(name=NAME, kept=links, stopped=ListStop.shrunk_list, owed=True, shrunk=shrunk)
        _go_through(builder, learn(builder, links))
        for stage in STAGES:
            stage(builder)
        return builder.plan(name=NAME, shrunk=shrunk)


def _go_through(builder: AddressBuilder, links: list[AddressLink]) -> None:
    """Pairs first, so that their aliases know what to follow."""
    aliases = [link for link in links if link.alias_of is not None]
    for link in [link for link in links if link.alias_of is None]:
        if link.state is LinkState.tombstone:
            follow_tombstone(builder, link)
        elif link.state is LinkState.gone:
            follow_gone(builder, link)
        else:
            follow_pair(builder, link, [alias for alias in aliases if alias.repeats(link)])
    stones = {link.espo_id for link in builder.kept if link.state is LinkState.tombstone and link.espo_id}
    pairs = {
        link.entry_id: link.espo_id
        for link in builder.after
        if link.is_pair and link.entry_id is not None and link.espo_id
    }
    for alias in builder.without_heirs(aliases):
        follow_alias(builder, alias, pairs, stones)
