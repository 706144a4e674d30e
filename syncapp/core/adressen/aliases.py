"""Rows 5 and 6, second half: what stands twice on one side follows its pair.

Invariant: an alias writes only what its pair holds after this run; an edit of its own makes it new, and while the pair
waits for people the alias waits with it.
To extend: what makes a newcomer an alias is in `newcomers`; here only what becomes of one.
"""

from dataclasses import replace

from syncapp.core.adressen.knowledge import settle
from syncapp.core.adressen.plan_builder import AddressBuilder, Target
from syncapp.core.adressen.shapes import AddressEntry, AddressItem, AddressLink
from syncapp.core.child_lists.shapes import AliasOf, CaseCode, LinkState
from syncapp.core.sides import Side


def follow_alias(builder: AddressBuilder, link: AddressLink, pairs: dict[int, str], tombstones: set[str]) -> None:
    """`pairs`: the item of each entry that is a pair's after this run. `tombstones`: items that were deleted."""
    link, _ = settle(builder, link)
    if link.alias_of is AliasOf.entry:
        return _follow_by_entry(builder, link, tombstones)
    _follow_by_item(builder, link, pairs)


def _follow_by_entry(builder: AddressBuilder, link: AddressLink, tombstones: set[str]) -> None:
    entry = builder.entry_of(link)
    if entry is None:
        return
    target = builder.targets.get(link.espo_id or "")
    if link.espo_id in tombstones:
        return _deleted_with_pair(builder, link, entry)
    if target is None or _has_own_edit(builder, link, entry, target):
        builder.free_entries.add(entry.id)
        return
    builder.case(CaseCode.double, 5, link, **builder.visible(entry).told("advo_"))
    if target.waits or builder.sight.same(entry.address, target.address):
        return builder.keep(_renewed(builder, link, entry, target))
    _put(builder, link, entry, target)


def _put(builder: AddressBuilder, link: AddressLink, entry: AddressEntry, target: Target) -> None:
    if builder.sight.mixes(target.address, entry.address):
        builder.case(CaseCode.change_in_advoware, 12, link, **builder.told(target.address, entry))
        return builder.keep(link)
    not_taken = link.base_espo is not None and builder.sight.same(link.base_espo, target.address)
    if not_taken and builder.is_refused(link, Side.advoware, target.address):
        builder.case(CaseCode.not_taken, 5, link)
        return builder.keep(link)
    if builder.would_refuse(link, Side.advoware, target.address):
        return builder.refuse(link, Side.advoware, target.address)
    if not builder.carries_to(Side.advoware):
        return builder.owe(5, link)
    builder.put(replace(link, refused=None), AddressItem(link.espo_id or "", target.address), entry, 5)


def _deleted_with_pair(builder: AddressBuilder, link: AddressLink, entry: AddressEntry) -> None:
    """The item is gone: each of its entries waits for people, or none of them would be the last to go; but not one that
    somebody has changed since (row 15)."""
    stone = replace(link, state=LinkState.tombstone, alias_of=None)
    if stone.base_advo is not None and not builder.sight.same(builder.visible(entry), stone.base_advo):
        return builder.offer(stone, entry)
    if not builder.sight.is_expired(entry.address):
        builder.case(CaseCode.delete_in_advoware, 14, stone, **builder.visible(entry).told())
    builder.bury(stone)


def _has_own_edit(builder: AddressBuilder, link: AddressLink, entry: AddressEntry, target: Target) -> bool:
    if builder.sight.same(entry.address, target.address):
        return False
    return link.base_advo is None or not builder.sight.same(builder.visible(entry), link.base_advo)


def _renewed(builder: AddressBuilder, link: AddressLink, entry: AddressEntry, target: Target) -> AddressLink:
    shown = builder.visible(entry)
    if not builder.sight.same(shown, target.address):
        return link
    base_advo = (link.base_advo or shown).with_place(shown)
    return replace(link, base_espo=target.address, base_advo=base_advo, refused=None)


def _follow_by_item(builder: AddressBuilder, link: AddressLink, pairs: dict[int, str]) -> None:
    item = builder.items.get(link.espo_id or "")
    if item is None:
        return
    target = builder.targets.get("" if link.entry_id is None else pairs.get(link.entry_id, ""))
    if target is None or _item_has_own_edit(builder, link, item, target):
        builder.edited.add(item.espo_id)
        builder.free_items.add(item.espo_id)
        return
    builder.case(CaseCode.double, 6, link, **item.address.told("espo_"))
    if target.waits or builder.sight.same(item.address, target.address):
        if builder.sight.same(item.address, target.address):
            link = replace(link, base_espo=item.address, refused=None)
        return builder.keep(link)
    if builder.is_place_refused(link, target.address):
        return builder.refuse(link, Side.espocrm, target.address)
    if not builder.carries_to(Side.espocrm):
        return builder.owe(6, link)
    link = replace(link, refused=None)
    done = replace(link, base_espo=item.address.with_place(target.address), base_advo=target.address)
    builder.change_item(link, item, target.address.place_unlike(item.address), done, 6)


def _item_has_own_edit(builder: AddressBuilder, link: AddressLink, item: AddressItem, target: Target) -> bool:
    if builder.sight.same(item.address, target.address):
        return False
    return link.base_espo is None or not builder.sight.same(item.address, link.base_espo)
