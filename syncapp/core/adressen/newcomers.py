"""Rows 1 to 6: items and entries that nobody is linked to.

Invariant: what is equal is tied together and written nowhere; what is only similar is written nowhere until people have
said whether it is the same; only then is anything carried. The order of the rows is the order of `STAGES`.
To extend: a row is a function here with its place in that order.
"""

from collections.abc import Callable
from dataclasses import replace

from syncapp.core.adressen.knowledge import is_blocked
from syncapp.core.adressen.markers import named_item
from syncapp.core.adressen.pairs import use_again
from syncapp.core.adressen.plan_builder import AddressBuilder
from syncapp.core.adressen.shapes import Address, AddressEntry, AddressItem, AddressLink, Representation
from syncapp.core.child_lists.shapes import AliasOf, CaseCode, LinkState, Mention, PairLink
from syncapp.core.intents import Intent
from syncapp.core.sides import Side


def match_equal(builder: AddressBuilder) -> None:
    """Row 1: by number or marker first, then the lowest numbers of those that have not ended."""
    for own in (True, False):
        for item in builder.unlinked_items():
            equal = _equal_entries(builder, item)
            fits = _names if own else lambda _item, entry: not builder.sight.is_expired(entry.address)
            found = next((entry for entry in equal if fits(item, entry)), None)
            if found is not None:
                _tie(builder, item, found, with_bases=True)


def match_ended(builder: AddressBuilder) -> None:
    """Row 1, where nothing else is equal: a living entry is no double of an ended one."""
    for item in builder.unlinked_items():
        equal = _equal_entries(builder, item)
        if equal:
            _tie(builder, item, equal[0], with_bases=True)


def _equal_entries(builder: AddressBuilder, item: AddressItem) -> list[AddressEntry]:
    return [entry for entry in builder.unlinked_entries() if builder.sight.same(item.address, entry.address)]


def take_up(builder: AddressBuilder) -> None:
    """Row 1, of what waits to be deleted by hand: entered again, it is that entry, and a POST would double it. Further
    entries of the old item are free again, too."""
    for item in builder.unlinked_items():
        equal = [stone for stone in builder.stones if _stands_for(builder, stone, item)]
        for stone in equal:
            if stone.espo_id == equal[0].espo_id:
                builder.unbury(stone)
        entry = builder.entry_of(equal[0]) if equal else None
        if entry is not None:
            _tie(builder, item, entry, with_bases=True, late=equal[0].late)


def _stands_for(builder: AddressBuilder, stone: AddressLink, item: AddressItem) -> bool:
    """What has ended is what people were asked for; whoever enters it anew means a new one."""
    entry = builder.entry_of(stone)
    if entry is None or builder.sight.is_expired(entry.address):
        return False
    return builder.sight.same(item.address, entry.address)


def match_marked(builder: AddressBuilder) -> None:
    """Row 1 for a lost database: number or marker say that both belong together, nobody knows who changed."""
    if builder.links_known:
        return
    for item in builder.unlinked_items():
        named = [entry for entry in builder.unlinked_entries() if _names(item, entry)]
        if named:
            _tie(builder, item, named[0], with_bases=False)


def _names(item: AddressItem, entry: AddressEntry) -> bool:
    return item.entry_number == entry.id or named_item(entry.address.bemerkung) == item.espo_id


def _tie(
    builder: AddressBuilder,
    item: AddressItem,
    entry: AddressEntry,
    *,
    with_bases: bool,
    late: tuple[Intent, ...] = (),
) -> None:
    """late: writes to the entry, of a pair that it was in before, which may still land; of one that was offered, those
    that its link remembers."""
    before = builder.reused.get(entry.id)
    late = late or (before.late if before else ())
    builder.free_items.discard(item.espo_id)
    builder.free_entries.discard(entry.id)
    to_entry = tuple(one for one in late if one.side == Side.advoware)
    link = PairLink[Address](item.espo_id, entry.id, late=to_entry)
    if with_bases:
        link = replace(link, base_espo=item.address, base_advo=builder.visible(entry))
    else:
        builder.case(CaseCode.differs, 1, link, **builder.told(item.address, entry))
    builder.pair(link, item.address, waits=not with_bases)


def fill_field(builder: AddressBuilder) -> None:
    """Row 4 of an address field of the record that is empty at the first meeting: it takes the entry that is meant.

    Which one that is, all entries say: one that is another field's, or is asked about, is nobody's second address.
    """
    if builder.facts.representation is not Representation.field or not builder.facts.first_load:
        return
    # Which fields there are is known by their ids; an empty one is no item, so the wiring names them in `empty_fields`.
    entries = [entry for entry in builder.entries.values() if not builder.sight.is_expired(entry.address)]
    standard = [entry for entry in entries if entry.address.standard]
    meant = standard if len(standard) == 1 else entries if len(entries) == 1 else []
    free = [entry for entry in meant if entry.id in builder.free_entries]
    for espo_id, entry in zip(builder.facts.empty_fields, free, strict=False):
        builder.free_entries.discard(entry.id)
        if builder.carries_to(Side.espocrm):
            shown = builder.visible(entry)
            link, done = PairLink[Address](espo_id, entry.id), PairLink(espo_id, entry.id, shown, shown)
            builder.change_item(link, AddressItem(espo_id, Address()), shown.to_json(), done, 4)
        else:
            builder.owed = True


def hold_similar(builder: AddressBuilder) -> None:
    """Row 2: people are asked; neither side is written."""
    for item in builder.unlinked_items():
        similar = [
            entry
            for entry in builder.unlinked_entries()
            if builder.sight.similar(item.address, entry.address)
            and (item.espo_id, entry.id) not in builder.different
            and not _ended(builder, entry)
        ]
        if not similar:
            continue
        entry = similar[0]
        builder.free_items.discard(item.espo_id)
        builder.free_entries.discard(entry.id)
        link = PairLink[Address](item.espo_id, entry.id)
        builder.case(CaseCode.same_or_different, 2, link, **builder.told(item.address, entry))


def alias_entries(builder: AddressBuilder) -> None:
    """Row 5: the entry stands for the item of a pair, a second time."""
    for entry in builder.unlinked_entries():
        owner = _pair_like(builder, entry.address)
        if owner is None:
            continue
        builder.free_entries.discard(entry.id)
        shown = builder.visible(entry)
        link = PairLink(owner.espo_id, entry.id, shown, shown, alias_of=AliasOf.entry)
        builder.case(CaseCode.double, 5, link, **shown.told("advo_"))
        builder.keep(link)


def alias_items(builder: AddressBuilder) -> None:
    """Row 6: the item stands for the entry of a pair, a second time."""
    for item in builder.unlinked_items():
        owner = _pair_like(builder, item.address) or builder.twin_of(item)
        if owner is None:
            continue
        builder.free_items.discard(item.espo_id)
        link = PairLink(item.espo_id, owner.entry_id, item.address, item.address, alias_of=AliasOf.item)
        builder.case(CaseCode.double, 6, link, **item.address.told("espo_"))
        builder.keep(link)


def _pair_like(builder: AddressBuilder, address: Address) -> AddressLink | None:
    """The pair whose item or entry is this address, as this run leaves it."""
    pairs = [link for link in builder.after if link.is_pair and link.espo_id and link.entry_id is not None]
    for link in sorted(pairs, key=lambda link: link.key):
        target = builder.targets.get(link.espo_id or "")
        entry = builder.entry_of(link)
        held = [target.address] if target else []
        held += [entry.address] if entry and target and target.waits else []
        if any(builder.sight.same(address, one) for one in held):
            return link
    return None


def bring_used_again(builder: AddressBuilder) -> None:
    """Row 15, once no other row has taken the entry."""
    for entry in [entry for entry in builder.unlinked_entries() if entry.id in builder.reused]:
        builder.free_entries.discard(entry.id)
        use_again(builder, builder.reused[entry.id], entry)


def bring_entries(builder: AddressBuilder) -> None:
    """Row 4. Ended entries, and those that EspoCRM has no place for, stay in Advoware alone."""
    for entry in builder.unlinked_entries():
        link = builder.waiting.get(entry.id) or PairLink[Address](None, entry.id)
        shown = builder.visible(entry)
        if _ended(builder, entry):
            builder.mention(Mention.expired, 4, link)
        elif is_blocked(builder, entry.address):
            builder.owed = True
        elif builder.facts.representation is Representation.field:
            builder.mention(Mention.only_in_advoware, 4, link)
        elif builder.would_refuse(link, Side.espocrm, shown):
            builder.refuse(replace(link, state=LinkState.refused), Side.espocrm, shown)
        elif link.state is LinkState.waiting or builder.waits_at_first:
            builder.wait(4, link, **shown.told("advo_"))
        elif not builder.carries_to(Side.espocrm):
            builder.put_off(4, link)
        else:
            builder.create(entry, 4)


def add_items(builder: AddressBuilder) -> None:
    """Row 3. More than a handful at once waits for people, and so does all of a first load that only matches."""
    for item in builder.unlinked_items():
        link = builder.waiting.get(item.espo_id) or PairLink[Address](item.espo_id, None)
        if is_blocked(builder, item.address):
            builder.put_off(22, link)
        elif builder.would_refuse(link, Side.advoware, item.address):
            builder.refuse(replace(link, state=LinkState.refused), Side.advoware, item.address)
        elif link.state is LinkState.waiting or builder.waits_at_first:
            builder.wait(3, link, **item.address.told("espo_"))
        elif not builder.carries_to(Side.advoware):
            builder.put_off(3, link)
        elif builder.posts >= builder.policy.max_posts:
            builder.wait(3, link, **item.address.told("espo_"))
        else:
            builder.post(item, 3)


def _ended(builder: AddressBuilder, entry: AddressEntry) -> bool:
    return not builder.policy.carry_expired and builder.sight.is_expired(entry.address)


STAGES: tuple[Callable[[AddressBuilder], None], ...] = (
    match_equal,
    take_up,
    match_ended,
    match_marked,
    hold_similar,
    alias_entries,
    alias_items,
    fill_field,
    bring_used_again,
    bring_entries,
    add_items,
)
