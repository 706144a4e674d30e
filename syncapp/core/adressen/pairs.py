"""Rows 7 to 18 and 20: what is known on both sides, and what one side has lost.

Invariant: an address is one unit; it is never merged part by part, and never sent where a part that Advoware cannot
change would belong to another one (row 12). To extend: a row is a function named after what it does.
"""

from collections.abc import Sequence
from dataclasses import replace

from syncapp.core.adressen.knowledge import is_blocked, settle
from syncapp.core.adressen.plan_builder import AddressBuilder
from syncapp.core.adressen.shapes import (
    PLACE,
    SIDE_FACTS,
    Address,
    AddressEntry,
    AddressItem,
    AddressLink,
    FixedChange,
    Remove,
    Representation,
)
from syncapp.core.child_lists.shapes import AliasOf, CaseCode, LinkState, Mention
from syncapp.core.sides import Side


def follow_pair(builder: AddressBuilder, link: AddressLink, aliases: Sequence[AddressLink]) -> None:
    """`aliases`: those of this pair; one of them takes the place of a side that is gone."""
    link, late = settle(builder, link)
    item, entry = builder.sides(link)
    if item and entry:
        both_there(builder, link, item, entry, late)
    elif item:
        _entry_gone(builder, link, item, aliases)
    elif entry:
        _item_gone(builder, link, entry, aliases)
    else:
        _both_gone(builder, link, aliases)


# --- both sides are there


def both_there(
    builder: AddressBuilder,
    link: AddressLink,
    item: AddressItem,
    entry: AddressEntry,
    late: frozenset[Side] = frozenset(),
) -> None:
    link = _cleared(builder, replace(link, missing=False, state=LinkState.linked), item, entry)
    shown = builder.visible(entry)
    if builder.sight.same(item.address, entry.address):
        return _equal(builder, link, item, entry)
    if link.base_espo is None or link.base_advo is None:
        builder.case(CaseCode.differs, 1, link, **builder.told(item.address, entry))
        return builder.pair(link, item.address, waits=True)
    espo = Side.advoware in late or not builder.sight.same(item.address, link.base_espo)
    advo = Side.advoware not in late and not builder.sight.same(shown, link.base_advo)
    # Where both show a late write, EspoCRM's is none if it has been agreed on since: it is the newer value.
    agreed = Side.advoware in late and builder.sight.same(item.address, link.base_espo)
    if Side.espocrm in late and not agreed:
        espo, advo = False, True
    if espo:
        return _send(builder, link, item, entry, row=11 if advo else 8)
    if advo:
        return _take(builder, link, item, entry)
    _side_facts(builder, link, item, entry)
    if builder.is_refused(link, Side.advoware, item.address):
        builder.case(CaseCode.not_taken, 8, link)
        builder.aim(link, item.address, waits=True)


def _cleared(builder: AddressBuilder, link: AddressLink, item: AddressItem, entry: AddressEntry) -> AddressLink:
    """Without refusals and questions that the values of this look have settled."""
    refused = link.refused
    value = item.address if refused and refused.by is Side.advoware else builder.visible(entry)
    if refused and not builder.is_refused(link, refused.by, value):
        link = replace(link, refused=None)
    if link.letter_block and link.letter_block != entry.address.anschrift:
        link = replace(link, letter_block="")
    if link.letter_block:
        builder.case(CaseCode.letter_block, 8, link, anschrift=link.letter_block)
    return link


def _equal(builder: AddressBuilder, link: AddressLink, item: AddressItem, entry: AddressEntry) -> None:
    """Rows 7 and 10: the bases are what both sides hold now."""
    shown = builder.visible(entry)
    link = replace(
        link,
        base_espo=(link.base_espo or item.address).with_place(item.address),
        base_advo=(link.base_advo or shown).with_place(shown),
        # EspoCRM may have refused a date or a remark: that stays refused until it changes.
        refused=link.refused if builder.is_refused(link, Side.espocrm, shown) else None,
    )
    _side_facts(builder, link, item, entry)


def _send(builder: AddressBuilder, link: AddressLink, item: AddressItem, entry: AddressEntry, *, row: int) -> None:
    """Rows 8, 11 and 12: EspoCRM's address goes to Advoware, if what cannot be changed there allows it."""
    if builder.sight.mixes(item.address, entry.address):
        return _by_hand(builder, link, item, entry)
    builder.aim(link, item.address, waits=True)
    if builder.would_refuse(link, Side.advoware, item.address):
        return builder.refuse(link, Side.advoware, item.address)
    if item.espo_id in builder.facts.rewritten:
        return _leave_alone(builder, link, item, row)
    if not builder.carries_to(Side.advoware):
        return builder.owe(row, link)
    if row == 11:
        builder.mention(Mention.lost_value, row, link, **builder.visible(entry).told())
    _tell_side_facts(builder, link, item, entry)
    # One write a link and run: what Advoware changed beside the address follows in the next.
    builder.owed = builder.owed or bool(_facts_to_take(builder, link, item, builder.visible(entry))[0])
    builder.put(link, item, entry, row)
    builder.aim(link, item.address)


def _leave_alone(builder: AddressBuilder, link: AddressLink, item: AddressItem, row: int) -> None:
    builder.case(CaseCode.rewritten, row, link, **item.address.told("espo_"))
    builder.keep(link)


def _by_hand(builder: AddressBuilder, link: AddressLink, item: AddressItem, entry: AddressEntry) -> None:
    if builder.policy.fixed_change is FixedChange.as_new and builder.carries_to(Side.advoware):
        builder.post(item, 12)
        return _entomb(builder, replace(link, espo_id=None), entry)
    builder.case(CaseCode.change_in_advoware, 12, link, **builder.told(item.address, entry))
    builder.pair(link, item.address, waits=True)


def _take(builder: AddressBuilder, link: AddressLink, item: AddressItem, entry: AddressEntry) -> None:
    """Row 9: the whole address of Advoware, in its spelling."""
    shown = builder.visible(entry)
    builder.aim(link, item.address, waits=True)
    if builder.would_refuse(link, Side.espocrm, shown):
        return builder.refuse(link, Side.espocrm, shown)
    if item.espo_id in builder.facts.rewritten:
        return _leave_alone(builder, link, item, 9)
    if not builder.carries_to(Side.espocrm):
        return builder.owe(9, link)
    done = replace(
        link,
        base_espo=(link.base_espo or shown).with_place(shown),
        base_advo=(link.base_advo or shown).with_place(shown),
    )
    facts, done = _facts_to_take(builder, done, item, shown)
    builder.change_item(link, item, {**shown.place_unlike(item.address), **facts}, done, 9)
    builder.aim(link, shown)


# --- side facts


def _side_facts(builder: AddressBuilder, link: AddressLink, item: AddressItem, entry: AddressEntry) -> None:
    """Flags, dates and remark: Advoware's go to EspoCRM (row 9); EspoCRM's are told once, the base stays (row 13)."""
    facts, done = _facts_to_take(builder, link, item, builder.visible(entry))
    _tell_side_facts(builder, link, item, entry)
    builder.aim(link, item.address)
    if not facts:
        return builder.keep(done)
    if builder.is_refused(link, Side.espocrm, builder.visible(entry)):
        return builder.refuse(link, Side.espocrm, builder.visible(entry))
    if not builder.carries_to(Side.espocrm):
        return builder.owe(9, link)
    builder.change_item(link, item, facts, done, 9)


def _facts_to_take(
    builder: AddressBuilder, link: AddressLink, item: AddressItem, shown: Address
) -> tuple[dict[str, object], AddressLink]:
    """What Advoware changed, and the link with it."""
    espo, advo = link.base_espo or item.address, link.base_advo or shown
    names = [name for name in SIDE_FACTS if name in builder.facts.carried]
    changed = [name for name in names if getattr(shown, name) != getattr(advo, name)]
    equal = [name for name in names if getattr(shown, name) == getattr(item.address, name)]
    taken = {name: getattr(shown, name) for name in changed if name not in equal}
    seen = {name: getattr(shown, name) for name in (*changed, *equal)}
    return taken, replace(link, base_espo=replace(espo, **seen), base_advo=replace(advo, **seen))


def _tell_side_facts(builder: AddressBuilder, link: AddressLink, item: AddressItem, entry: AddressEntry) -> None:
    espo, shown = link.base_espo or item.address, builder.visible(entry)
    wanted = [
        name
        for name in SIDE_FACTS
        if name in builder.facts.carried
        and getattr(item.address, name) != getattr(espo, name)
        and getattr(item.address, name) != getattr(shown, name)
        and getattr(shown, name) == getattr(link.base_advo or shown, name)
    ]
    if wanted:
        params = {name: str(getattr(item.address, name)) for name in wanted}
        builder.case(CaseCode.change_in_advoware, 13, link, **params)


# --- one side has lost it


def _both_gone(builder: AddressBuilder, link: AddressLink, aliases: Sequence[AddressLink]) -> None:
    """Row 18, unless a further entry of it still stands in Advoware: that one waits to be deleted by hand (row 14)."""
    heir = builder.heir(aliases, AliasOf.entry)
    entry = builder.entry_of(heir) if heir else None
    if not builder.proven_gone(link):
        builder.owed = True
        builder.keep(replace(link, missing=True))
        if heir is not None and heir.base_advo is not None:
            builder.aim(link, heir.base_advo, waits=True)
    elif heir is not None and entry is not None:
        _item_gone(builder, replace(link, entry_id=heir.entry_id, base_advo=heir.base_advo), entry, aliases)


def _item_gone(builder: AddressBuilder, link: AddressLink, entry: AddressEntry, aliases: Sequence[AddressLink]) -> None:
    """Rows 14 and 15: deleted in EspoCRM, which Advoware's API cannot follow."""
    heir = builder.heir(aliases, AliasOf.item)
    if heir is not None and heir.espo_id is not None:
        link = replace(link, espo_id=heir.espo_id, base_espo=heir.base_espo)
        return both_there(builder, link, builder.items[heir.espo_id], entry)
    shown = builder.visible(entry)
    if link.base_advo is not None and not builder.sight.same(shown, link.base_advo):
        builder.offer(link, entry)
        return _entomb_heir(builder, link, aliases)
    _entomb(builder, link, entry)


def _entomb_heir(builder: AddressBuilder, link: AddressLink, aliases: Sequence[AddressLink]) -> None:
    """What was deleted in EspoCRM stays deleted: the entry that still says it waits for people in the other's place."""
    for heir in aliases:
        entry = builder.entry_of(heir) if heir.alias_of is AliasOf.entry else None
        if entry and heir.base_advo and builder.sight.same(builder.visible(entry), heir.base_advo):
            link = replace(link, entry_id=heir.entry_id, base_advo=heir.base_advo, late=())
            return _entomb(builder, link, entry)


def use_again(builder: AddressBuilder, link: AddressLink, entry: AddressEntry) -> None:
    """Row 15, of an entry that is nobody else's."""
    if is_blocked(builder, entry.address):
        builder.owed = True
        return builder.keep(link)
    if builder.sight.is_unfit(Side.espocrm, builder.visible(entry)):
        return builder.refuse(link, Side.espocrm, builder.visible(entry))
    if not builder.carries_to(Side.espocrm):
        return builder.owe(15, link)
    if builder.facts.representation is Representation.field:
        builder.mention(Mention.only_in_advoware, 15, link)
        return builder.keep(replace(link, state=LinkState.tombstone, base_advo=builder.visible(entry)))
    builder.mention(Mention.used_again, 15, link, **builder.visible(entry).told())
    builder.create(entry, 15)


def _entomb(builder: AddressBuilder, link: AddressLink, entry: AddressEntry) -> None:
    """Row 14. The case closes when the entry has ended or is gone; the tombstone stays, so that nothing comes back."""
    new = link.state is LinkState.linked
    link = replace(
        link,
        state=LinkState.tombstone,
        base_advo=link.base_advo or builder.visible(entry),
        missing=False,
        sent=(),
        refused=None,
        letter_block="",
    )
    if not builder.sight.is_expired(entry.address):
        builder.case(CaseCode.delete_in_advoware, 14, link, **builder.visible(entry).told())
    if new:
        return builder.bury(link)
    builder.keep(link)


def follow_tombstone(builder: AddressBuilder, link: AddressLink) -> None:
    link, late = settle(builder, link)
    item, entry = builder.sides(link)
    if entry is None:
        if not builder.proven_gone(link):
            builder.keep(replace(link, missing=True))
    elif item is not None:
        both_there(builder, link, item, entry, late)
    elif link.base_advo is not None and not builder.sight.same(builder.visible(entry), link.base_advo):
        builder.offer(link, entry)
    else:
        _entomb(builder, link, entry)


def _entry_gone(builder: AddressBuilder, link: AddressLink, item: AddressItem, aliases: Sequence[AddressLink]) -> None:
    """Rows 16 and 17, once a second look has proved it."""
    if not builder.proven_gone(link):
        builder.owed = True
        builder.mention(Mention.seen_once, 16, link)
        return builder.pair(replace(link, missing=True), item.address, waits=True)
    heir = builder.heir(aliases, AliasOf.entry)
    if heir is not None and heir.entry_id is not None:
        link = replace(link, entry_id=heir.entry_id, base_advo=heir.base_advo)
        return both_there(builder, link, item, builder.entries[heir.entry_id])
    if _is_edited(builder, link, item):
        return _send_as_new(builder, link, item)
    _remove(builder, link, item)


def _is_edited(builder: AddressBuilder, link: AddressLink, item: AddressItem) -> bool:
    base = link.base_espo
    if base is None:
        return False
    revived = "aktiv" in builder.facts.carried and base.aktiv is False and item.address.aktiv is True
    return revived or not builder.sight.same(item.address, base)


def _send_as_new(builder: AddressBuilder, link: AddressLink, item: AddressItem) -> None:
    """Row 17: EspoCRM's edit outlives the entry; the item is new again."""
    if not builder.carries_to(Side.advoware):
        builder.aim(link, item.address, waits=True)
        return builder.owe(17, link)
    builder.mention(Mention.sent_as_new, 17, link, **item.address.told())
    builder.free_items.add(item.espo_id)


def _remove(builder: AddressBuilder, link: AddressLink, item: AddressItem) -> None:
    """Row 16: as far as this installation lets an item end."""
    if not builder.carries_to(Side.espocrm):
        builder.aim(link, item.address, waits=True)
        return builder.owe(16, link)
    gone = replace(link, state=LinkState.gone, missing=True, sent=(), letter_block="")
    if link.base_advo is not None and builder.is_refused(link, Side.espocrm, link.base_advo):
        builder.aim(link, item.address, waits=True)
        return builder.refuse(gone, Side.espocrm, link.base_advo)
    if builder.facts.representation is Representation.field:
        values: dict[str, object] = {name: "" for name in PLACE if getattr(item.address, name)}
        emptied = replace(gone, base_espo=Address(), refused=None)
        return builder.change_item(gone, item, values, emptied, 16, removes=True)
    if "aktiv" in builder.facts.carried:
        if item.address.aktiv is False:
            return builder.keep(replace(gone, base_espo=item.address, refused=None))
        ended = replace(gone, base_espo=replace(link.base_espo or item.address, aktiv=False), refused=None)
        return builder.change_item(gone, item, {"aktiv": False}, ended, 16, removes=True)
    if builder.policy.remove is Remove.delete:
        return builder.delete_item(gone, 16)
    builder.case(CaseCode.gone_in_advoware, 16, link, **item.address.told())
    builder.keep(gone)


def follow_gone(builder: AddressBuilder, link: AddressLink) -> None:
    """The entry has left; the item says whether it is to come back."""
    item, entry = builder.sides(link)
    if item is None:
        return builder.release(link)
    if entry is not None:
        # It counts as ended until now, so that the item is put into use again.
        ended = "aktiv" in builder.facts.carried and link.base_advo is not None
        base = replace(link.base_advo, aktiv=False) if ended and link.base_advo else link.base_advo
        return both_there(builder, replace(link, base_advo=base), item, entry)
    if _is_edited(builder, link, item):
        return _send_as_new(builder, link, item)
    _remove(builder, link, item)
