"""What we know of each item and entry before anything is decided: settled writes, adopted creates, what is left free.

Invariant. A create is adopted only by something that was not there before it was sent and that nobody else is linked
to: by its marker or number, else by being the only one equal to what was sent. Not found, it is never sent to Advoware
again by itself; EspoCRM's list is complete, so there it is planned anew.
To extend: a further proof is a step of `_posted` (Advoware) or `_created` (EspoCRM).
"""

from collections.abc import Iterable
from dataclasses import replace
from functools import partial

from syncapp.core.adressen.markers import named_item
from syncapp.core.adressen.plan_builder import AddressBuilder
from syncapp.core.adressen.shapes import Address, AddressEntry, AddressItem, AddressLink
from syncapp.core.child_lists.shapes import CaseCode, LinkState, Mention, PendingCreate
from syncapp.core.sides import Side

UNKNOWN_OUTCOME = 22


def learn(builder: AddressBuilder, links: Iterable[AddressLink]) -> list[AddressLink]:
    """The pairs, aliases and tombstones to go through; the rest is laid out on the builder."""
    return builder.learned(links, adopted=partial(_adopt, builder), lay_out=partial(_lay_out, builder))


def settle(builder: AddressBuilder, link: AddressLink) -> tuple[AddressLink, frozenset[Side]]:
    """The link with what this look proved of earlier writes, and the sides that show a late one."""
    late: frozenset[Side] = frozenset()
    item, entry = builder.sides(link)
    if item:
        link, late = builder.settled(link, side=Side.espocrm, now=item.address, marker_now=item.version)
    if entry:
        shown = builder.visible(entry)
        link, there = builder.settled(link, side=Side.advoware, now=shown, marker_now=entry.row_id)
        late |= there
    return link, late


def _lay_out(builder: AddressBuilder, link: AddressLink) -> None:
    """Links that tie nothing together, kept only while they still say something."""
    item, entry = builder.sides(link)
    if link.state is LinkState.different:
        if item and entry and item.espo_id in builder.free_items and entry.id in builder.free_entries:
            builder.different.add((item.espo_id, entry.id))
            builder.keep(link)
        return
    waits = link.state is LinkState.waiting
    if item and item.espo_id in builder.free_items:
        if waits or builder.is_refused(link, Side.advoware, item.address):
            builder.waiting[item.espo_id] = link
    elif entry and entry.id in builder.free_entries:
        seen = builder.visible(entry)
        builder.waiting |= {entry.id: link} if waits or builder.is_refused(link, Side.espocrm, seen) else {}


def _adopt(builder: AddressBuilder, link: AddressLink, pending: PendingCreate[Address]) -> AddressLink | None:
    if pending.at is Side.advoware:
        entry = _posted(builder, link, pending)
        if entry is None:
            builder.keep(link)
            builder.case(CaseCode.outcome_unknown, UNKNOWN_OUTCOME, link, **pending.sent.told())
            return None
        builder.free_entries.discard(entry.id)
        sent = _as_sent(builder, pending, entry)
        link = replace(link, entry_id=entry.id, base_espo=pending.sent.as_agreed(sent), base_advo=sent, pending=None)
        if named_item(entry.address.bemerkung) != link.espo_id:
            builder.mention(Mention.remark_cut, UNKNOWN_OUTCOME, link)
        return link
    item = _created(builder, link, pending)
    if item is None:
        builder.release(link)
        return None
    builder.free_items.discard(item.espo_id)
    return replace(link, espo_id=item.espo_id, base_espo=pending.sent, base_advo=pending.sent, pending=None)


def _as_sent(builder: AddressBuilder, pending: PendingCreate[Address], entry: AddressEntry) -> Address:
    """What was sent is the base of both sides; what only Advoware decides (flags, dates) is as it stands there."""
    shown = builder.visible(entry)
    return replace(pending.sent.as_agreed(shown), standard=shown.standard, aktiv=shown.aktiv, bemerkung=shown.bemerkung)


def _posted(builder: AddressBuilder, link: AddressLink, pending: PendingCreate[Address]) -> AddressEntry | None:
    new = [builder.entries[number] for number in sorted(builder.free_entries) if str(number) not in pending.seen]
    marked = [entry for entry in new if named_item(entry.address.bemerkung) == link.espo_id]
    if marked:
        return marked[0]
    equal = [entry for entry in new if builder.sight.same(entry.address, pending.sent)]
    return equal[0] if len(equal) == 1 else None


def _created(builder: AddressBuilder, link: AddressLink, pending: PendingCreate[Address]) -> AddressItem | None:
    new = [builder.items[espo_id] for espo_id in sorted(builder.free_items) if espo_id not in pending.seen]
    numbered = [item for item in new if item.entry_number == link.entry_id]
    equal = [item for item in new if item.entry_number is None and builder.sight.same(item.address, pending.sent)]
    return next(iter(numbered + equal), None)


def is_blocked(builder: AddressBuilder, address: Address) -> bool:
    return any(builder.sight.same(address, create.sent) for create in builder.creates)
