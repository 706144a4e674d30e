"""The contact plan: what one run does to phones and e-mails, decided without I/O, clock or chance.

Purpose: `plan` is the one decision that the real run, the dry run, the preview and the tests share.
Invariant: the same input gives the same plan, whatever the order of the lists; one run settles everything, so that a
plan made from its result is empty. The snapshot is frozen, and nothing else has an influence.
To extend: rows belong into the stages; here only what holds for the plan as a whole. A further fact is a field of
`Facts`, or of the snapshot where the record's plan has a say in it.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from syncapp.core.kommunikation.advoware_side import bring_new_entries, put_back, remove_emptied, take_changed_values
from syncapp.core.kommunikation.espocrm_side import bring_new_items, follow_espocrm, follow_late
from syncapp.core.kommunikation.kinds import Medium, item_form
from syncapp.core.kommunikation.knowledge import Knowledge, keeps_extensions, learn, recognized, shown_items
from syncapp.core.kommunikation.planning.matching import match_equal_values
from syncapp.core.kommunikation.planning.plan_builder import PlanBuilder
from syncapp.core.kommunikation.refusals import Refusals
from syncapp.core.kommunikation.shapes import (
    VARIANT_ORDER,
    ContactPlan,
    Entry,
    Facts,
    Item,
    KommPolicy,
    Link,
    ListName,
    Operation,
    Stop,
)
from syncapp.core.parts import Around, Direction

# The order is the decision: each item and each entry is used by the first stage that has a row for it.
STAGES: tuple[Callable[[PlanBuilder], None], ...] = (
    match_equal_values,
    follow_late,
    take_changed_values,
    remove_emptied,
    follow_espocrm,
    bring_new_entries,
    bring_new_items,
)


@dataclass(frozen=True)
class KommunikationSnapshot:
    """Both lists, our links, and the rules. `items` or `entries` None: the key was missing, which is not an empty list.

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
        links = () if stale else self.links
        facts = replace(
            self.facts,
            espo_untouched=around.espo_untouched,
            # A record without contact points has no links either; our hash tells that a sync has seen them all.
            links_known=not stale and (bool(links) or bool(self.our_hash)),
            refused=self.refusals.left_out,
            max_phones=self.refusals.at_most(Medium.phone, self.facts.max_phones),
            max_emails=self.refusals.at_most(Medium.email, self.facts.max_emails),
        )
        return plan(replace(self, links=links, facts=facts), around.direction)

    def links_are_stale(self, around: Around) -> bool:
        """EspoCRM was synced after what our database remembers (yesterday's was restored): the markers know more.

        Links that were written since then count: the first write takes our hash away, and only success brings it back.
        """
        return around.stale_base and bool(self.our_hash)


def plan(snapshot: KommunikationSnapshot, direction: Direction = Direction.both) -> ContactPlan:
    """Decides everything."""
    items, entries, links = snapshot.items, snapshot.entries, snapshot.links
    if items is None or entries is None:
        return ContactPlan(stopped=Stop.missing_list, skipped=True)
    extensions = keeps_extensions(items=items, entries=entries, links=links, facts=snapshot.facts)
    facts = replace(snapshot.facts, extensions=extensions)
    # EspoCRM's hash: only whether there is one matters (a sync has been here before).
    knowledge = learn(entries=entries, links=links, facts=facts, stored_hash=snapshot.hash_in_espocrm, items=items)
    empty = suddenly_empty(items, entries, links, knowledge)
    if empty - facts.empty_seen:
        return ContactPlan(stopped=Stop.empty_list, skipped=True, empty_lists=empty)
    shown = shown_items(items, knowledge, facts.region)
    knowledge = recognized(knowledge, shown, facts)
    builder = PlanBuilder(shown=shown, knowledge=knowledge, direction=direction, facts=facts, policy=snapshot.policy)
    put_back(builder)
    for stage in STAGES:
        stage(builder)
    builder.finish()
    return replace(_written_out(builder), empty_lists=empty)


def suddenly_empty(
    items: Sequence[Item], entries: Sequence[Entry], links: Sequence[Link], knowledge: Knowledge
) -> frozenset[ListName]:
    """The lists that are empty although something of theirs was synced before."""
    # What was to be emptied and was not has been seen to be gone already.
    synced = {base.medium for base in knowledge.bases() if base.not_taken != ""}
    present = {item.medium for item in items}
    empty = {
        ListName.phones: Medium.phone in synced - present,
        ListName.emails: Medium.email in synced - present,
        ListName.entries: not entries and any(link.entry_id is not None for link in links),
    }
    return frozenset(name for name, is_empty in empty.items() if is_empty)


def _written_out(builder: PlanBuilder) -> ContactPlan:
    return ContactPlan(
        operations=tuple(sorted(builder.operations(), key=_order)),
        phones=_changed_list(builder, Medium.phone),
        emails=_changed_list(builder, Medium.email),
        reports=tuple(builder.reports),
        links_before=builder.links_before(),
        links_after=builder.links_after(),
        skipped=builder.skipped,
        new_late=any(known.new_late for known in builder.knowledge.entries),
    )


def _order(operation: Operation) -> tuple[int, bool, int]:
    return (VARIANT_ORDER[operation.variant], operation.entry_id is None, operation.entry_id or 0)


def _changed_list(builder: PlanBuilder, medium: Medium) -> tuple[Item, ...] | None:
    """The list that goes back: what EspoCRM showed, but for what an operation takes out or puts in by name."""
    touched = {item.medium for step in builder.steps for item in (*step.takes_out, *step.puts_in)}
    if medium not in touched:
        return None
    region = builder.facts.region
    items = sorted(builder.items_to_be(medium), key=lambda item: (item_form(medium, item.value, region), item.value))
    return _with_one_primary(items)


def _with_one_primary(items: Sequence[Item]) -> tuple[Item, ...]:
    primary = next((index for index, item in enumerate(items) if item.primary), 0)
    return tuple(replace(item, primary=index == primary) for index, item in enumerate(items))
