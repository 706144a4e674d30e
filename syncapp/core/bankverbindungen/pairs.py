"""Rows 7 to 14: accounts that are known, and creates that nobody answered.

Invariant: EspoCRM cannot lead where nothing can be put: what it changed is told to people, and closes when Advoware's
list shows it (where that list can be read) or when they say it is done.
To extend: a row is a function named after what it does.
"""

from collections.abc import Sequence
from dataclasses import replace

from syncapp.core.bankverbindungen.plan_builder import AccountBuilder, fault_of
from syncapp.core.bankverbindungen.shapes import AccountLink, BankChange, BankEntry, BankItem, Kept
from syncapp.core.child_lists.shapes import AliasOf, CaseCode, LinkState, Mention, PendingCreate
from syncapp.core.sides import Side


def follow_pair(builder: AccountBuilder, link: AccountLink, aliases: Sequence[AccountLink]) -> None:
    link = _with_number(builder, link)
    item, entry = builder.sides(link)
    if item is not None:
        kept = builder.kept_of(item.account)
        link, late = builder.settled(link, side=Side.espocrm, now=kept, marker_now=item.version)
        # A late write of ours is older than what Advoware says now: that is carried once more.
        link = replace(link, base_espo=kept) if late else link
    if not builder.facts.readable:
        return _blind(builder, link, item)
    if item is None or not item.aktiv:
        return _item_ended(builder, link, item, entry, aliases)
    if entry is None:
        return _entry_gone(builder, link, item, aliases)
    _both_there(builder, replace(link, missing=False, state=LinkState.linked), item, entry)


def _with_number(builder: AccountBuilder, link: AccountLink) -> AccountLink:
    """What was known before the list could be read is found in it by its IBAN."""
    has_own = link.entry_id is not None and (link.entry_id >= 0 or link.entry_id in builder.entries)
    if has_own or link.base_advo is None:
        return link
    kept, entries = link.base_advo, (builder.entries[number] for number in sorted(builder.free_entries))
    found = next((entry for entry in entries if builder.is_iban_of(kept, entry.account)), None)
    if found is None:
        return link
    builder.free_entries.discard(found.id)
    return replace(link, entry_id=found.id)


def _both_there(builder: AccountBuilder, link: AccountLink, item: BankItem, entry: BankEntry) -> None:
    espo, advo = builder.kept_of(item.account), builder.kept_of(entry.account)
    if builder.same(item.account, entry.account):
        return builder.keep(replace(link, base_espo=espo, base_advo=advo, refused=None))
    espo_changed = not builder.is_kept(link.base_espo, item.account)
    advo_changed = not builder.is_kept(link.base_advo, entry.account)
    if espo_changed and advo_changed:
        builder.case(CaseCode.conflict, 9, link, espo=item.account.masked, advo=entry.account.masked)
        builder.keep(link)
    elif espo_changed:
        _by_hand(builder, link, item)
    elif advo_changed:
        _take(builder, link, item, entry)
    else:
        _as_it_was(builder, link, item)


def _as_it_was(builder: AccountBuilder, link: AccountLink, item: BankItem) -> None:
    """Nobody has changed anything; Advoware may not have taken the account as it was sent."""
    if builder.is_refused(link, Side.advoware, item.account):
        builder.case(CaseCode.not_taken, 2, link)
    builder.keep(link)


def _by_hand(builder: AccountBuilder, link: AccountLink, item: BankItem) -> None:
    """Row 7. Whatever people have chosen, one IBAN does not come to stand there twice: that is a change by hand."""
    fault = fault_of(item.account)
    if fault:
        return builder.refuse(link, 7, Side.advoware, item.account, fault)
    if builder.policy.change is BankChange.post and not builder.is_iban_of(link.base_advo, item.account):
        if not builder.carries_to(Side.advoware):
            return builder.owe(7, link)
        builder.post(item, 7)
        return entomb(builder, replace(link, espo_id=None, entry_id=_number_of(builder, link)))
    old = link.base_espo.tail if link.base_espo else "…"
    builder.case(CaseCode.change_in_advoware, 7, link, old=old, new=item.account.masked)
    builder.keep(link)


def _number_of(builder: AccountBuilder, link: AccountLink) -> int | None:
    """What tells a replaced account from others, also where nobody has read its number."""
    if link.entry_id is not None or link.base_advo is None:
        return link.entry_id
    return builder.facts.keeper.number_of(link.base_advo)


def _take(builder: AccountBuilder, link: AccountLink, item: BankItem, entry: BankEntry) -> None:
    """Row 8."""
    fault = fault_of(entry.account)
    if fault or builder.is_refused(link, Side.espocrm, entry.account):
        return builder.refuse(link, 8, Side.espocrm, entry.account, fault or "")
    if not builder.carries_to(Side.espocrm):
        return builder.owe(8, link)
    if item.account.key != entry.account.key:
        told = {"old": item.account.masked, "new": entry.account.masked}
        builder.mention(Mention.payment_changed, 8, link, **told)
    builder.take(replace(link, refused=None), item, entry)


def _item_ended(
    builder: AccountBuilder,
    link: AccountLink,
    item: BankItem | None,
    entry: BankEntry | None,
    aliases: Sequence[AccountLink],
) -> None:
    """Row 10: deleted or put out of use in EspoCRM; the account stays in Advoware until people delete it."""
    if entry is None:
        if not builder.proven_gone(link):
            builder.owed = True
            builder.keep(replace(link, missing=True))
        elif item is not None:
            builder.keep(replace(link, state=LinkState.gone, missing=True, sent=()))
        return
    heir = builder.heir(aliases, AliasOf.item)
    if heir is not None and heir.espo_id is not None:
        return _both_there(builder, replace(link, espo_id=heir.espo_id), builder.items[heir.espo_id], entry)
    entomb(builder, link)


def entomb(builder: AccountBuilder, link: AccountLink) -> None:
    tail = link.base_advo.tail if link.base_advo else "…"
    stone = replace(link, state=LinkState.tombstone, missing=False, sent=(), refused=None)
    builder.case(CaseCode.delete_in_advoware, 10, stone, account=tail)
    if link.state is LinkState.linked:
        return builder.bury(stone)
    builder.keep(stone)


def _entry_gone(builder: AccountBuilder, link: AccountLink, item: BankItem, aliases: Sequence[AccountLink]) -> None:
    """Row 11, once a second look has proved it. An item that was changed meanwhile is new again."""
    if not builder.proven_gone(link):
        builder.owed = True
        builder.mention(Mention.seen_once, 11, link)
        return builder.keep(replace(link, missing=True))
    heir = builder.heir(aliases, AliasOf.entry)
    if heir is not None and heir.entry_id is not None:
        moved = replace(link, entry_id=heir.entry_id, base_advo=heir.base_advo, missing=False)
        return _both_there(builder, moved, item, builder.entries[heir.entry_id])
    if not builder.is_kept(link.base_espo, item.account):
        builder.free_items.add(item.espo_id)
        return builder.mention(Mention.sent_as_new, 11, link, account=item.account.masked)
    if not builder.carries_to(Side.espocrm):
        return builder.owe(11, link)
    if builder.is_end_refused(link):
        builder.case(CaseCode.refused, 11, link, by=str(Side.espocrm), field="", account=item.account.masked)
        return builder.keep(link)
    if builder.facts.has_active:
        return builder.end_item(link)
    builder.case(CaseCode.gone_in_advoware, 11, link, account=item.account.masked)
    builder.keep(replace(link, state=LinkState.gone, missing=True, sent=()))


def follow_gone(builder: AccountBuilder, link: AccountLink) -> None:
    """The entry has left. The item is new again when it is put into use, or changed."""
    item, entry = builder.sides(link)
    if item is None or entry is not None:
        builder.release(link)
    elif not builder.is_kept(link.base_espo, item.account) or (builder.facts.has_active and item.aktiv):
        builder.free_items.add(item.espo_id)
    else:
        if not builder.facts.has_active:
            builder.case(CaseCode.gone_in_advoware, 11, link, account=item.account.masked)
        builder.keep(link)


# --- where Advoware's list cannot be read


def _blind(builder: AccountBuilder, link: AccountLink, item: BankItem | None) -> None:
    """Rows 7 and 10 without a list: only people can say that it is done."""
    if item is None or not item.aktiv:
        return entomb(builder, link)
    link = replace(link, state=LinkState.linked)
    if builder.is_kept(link.base_espo, item.account):
        return _as_it_was(builder, link, item)
    _by_hand(builder, link, item)


# --- creates under way


def follow_pending(builder: AccountBuilder, link: AccountLink, pending: PendingCreate[Kept]) -> AccountLink | None:
    """Rows 13 and 14. The link once it is adopted; None while it waits, or where it is planned anew."""
    if pending.at is Side.espocrm:
        return _created(builder, link, pending)
    new = [builder.entries[number] for number in sorted(builder.free_entries) if str(number) not in pending.seen]
    found = next((entry for entry in new if builder.is_iban_of(pending.sent, entry.account)), None)
    if found is None:
        row = 13 if builder.facts.readable else 14
        builder.case(CaseCode.outcome_unknown, row, link, account=pending.sent.tail)
        builder.keep(link)
        return None
    builder.free_entries.discard(found.id)
    return replace(link, entry_id=found.id, base_espo=pending.sent, base_advo=pending.sent, pending=None)


def _created(builder: AccountBuilder, link: AccountLink, pending: PendingCreate[Kept]) -> AccountLink | None:
    new = [builder.items[espo_id] for espo_id in sorted(builder.free_items) if espo_id not in pending.seen]
    fits = (one for one in new if one.entry_number == link.entry_id or builder.is_iban_of(pending.sent, one.account))
    found = next(fits, None)
    if found is None:
        builder.release(link)
        return None
    builder.free_items.discard(found.espo_id)
    return replace(link, espo_id=found.espo_id, base_espo=pending.sent, base_advo=pending.sent, pending=None)
