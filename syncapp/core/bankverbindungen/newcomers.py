"""Rows 1 to 6: accounts that nobody is linked to.

Invariant: the IBAN decides. Where Advoware's list cannot be read, nothing is sent that people, or the setting, have not
allowed: a double would be certain at the first load.
To extend: a row is a function here with its place in `STAGES`.
"""

from collections.abc import Callable
from dataclasses import replace

from syncapp.core.bankverbindungen.pairs import entomb
from syncapp.core.bankverbindungen.plan_builder import AccountBuilder, fault_of
from syncapp.core.bankverbindungen.shapes import Account, AccountLink, BankEntry, BankItem, Kept
from syncapp.core.child_lists.shapes import Act, AliasOf, CaseCode, LinkState, Mention, PairLink
from syncapp.core.sides import Side


def match(builder: AccountBuilder) -> None:
    """Row 1. Those in use come first; each side keeps what else it says of the account."""
    for item in sorted(builder.unlinked_items(), key=lambda item: (not item.aktiv, item.espo_id)):
        equal = [entry for entry in builder.unlinked_entries() if entry.account.key == item.account.key]
        if not equal:
            continue
        builder.free_items.discard(item.espo_id)
        builder.free_entries.discard(equal[0].id)
        bases = (builder.kept_of(item.account), builder.kept_of(equal[0].account))
        builder.keep(PairLink(item.espo_id, equal[0].id, *bases))


def take_up(builder: AccountBuilder) -> None:
    """Row 1, of what waits to be deleted by hand: entered again, in use, it is that account, and a POST would double
    it. Further entries of the old one are free again, too."""
    for item in builder.unlinked_items():
        equal = [stone for stone in builder.stones if item.aktiv and _stands_for(builder, stone, item)]
        if not equal:
            continue
        for stone in equal:
            if stone.espo_id == equal[0].espo_id:
                builder.unbury(stone)
        entry = builder.entry_of(equal[0])
        builder.free_items.discard(item.espo_id)
        builder.free_entries -= {entry.id} if entry else set()
        base = equal[0].base_advo if entry is None else builder.kept_of(entry.account)
        builder.keep(PairLink(item.espo_id, equal[0].entry_id, builder.kept_of(item.account), base))


def _stands_for(builder: AccountBuilder, stone: AccountLink, item: BankItem) -> bool:
    """Whether Advoware still has this account; where nobody can read that, as long as nobody has said it is deleted."""
    entry = builder.entry_of(stone)
    if builder.facts.readable:
        return entry is not None and entry.account.key == item.account.key
    return builder.is_iban_of(stone.base_advo, item.account)


def alias(builder: AccountBuilder) -> None:
    """Row 6: the same IBAN twice on one side is one pair; the others are shown, and written nowhere."""
    for entry in builder.unlinked_entries():
        owner = _owner(builder, entry.account)
        if owner is not None:
            builder.free_entries.discard(entry.id)
            kept = builder.kept_of(entry.account)
            _keep_alias(builder, PairLink(owner.espo_id, entry.id, None, kept, alias_of=AliasOf.entry))
    for item in builder.unlinked_items():
        owner = _owner(builder, item.account) or builder.twin_of(item)
        if owner is not None:
            builder.free_items.discard(item.espo_id)
            kept = builder.kept_of(item.account)
            _keep_alias(builder, PairLink(item.espo_id, owner.entry_id, kept, alias_of=AliasOf.item))


def _keep_alias(builder: AccountBuilder, link: AccountLink) -> None:
    espo, advo = link.base_espo, link.base_advo
    told = {side: kept.tail for side, kept in (("espo", espo), ("advo", advo)) if kept is not None}
    builder.case(CaseCode.double, 6, link, **told)
    builder.keep(link)


def _owner(builder: AccountBuilder, account: Account) -> AccountLink | None:
    """The pair that this account stands for a second time, by what its sides hold now."""
    if not account.key:
        return None
    pairs = sorted(_pairs_of(builder, account), key=lambda link: link.key)
    return next((link for link in pairs if link.pending is None), None)


def _pairs_of(builder: AccountBuilder, account: Account) -> list[AccountLink]:
    """The pairs, also those whose create nobody has answered, that have this IBAN once this run is over."""
    return [link for link in builder.after if link.is_pair and account.key in _held(builder, link)]


def _held(builder: AccountBuilder, pair: AccountLink) -> set[str]:
    """Its IBANs once this run is over: two where its sides wait for people."""
    item, entry = builder.sides(pair)
    taken = {one.espo_id for one in builder.operations if one.act is Act.put_item}
    sides = (entry,) if entry is not None and pair.espo_id in taken else (item, entry)
    return {side.account.key for side in sides if side is not None}


def follow_alias(builder: AccountBuilder, link: AccountLink) -> None:
    """An alias stays one while its pair has this IBAN and nobody edits it; then it is new."""
    if link.alias_of is AliasOf.entry:
        return _follow_entry(builder, link)
    item = builder.items.get(link.espo_id or "")
    if item is None:
        return
    # Where no list can be read, a pair has no number: then the IBAN has to say which it is.
    pairs = [one for one in _pairs_of(builder, item.account) if link.entry_id in (None, one.entry_id)]
    if (pairs or builder.twin_of(item)) and builder.is_kept(link.base_espo, item.account):
        return _keep_alias(builder, link)
    builder.edited.add(item.espo_id)
    builder.free_items.add(item.espo_id)


def _follow_entry(builder: AccountBuilder, link: AccountLink) -> None:
    entry = builder.entry_of(link)
    if entry is None:
        return
    of_item = (_held(builder, one) for one in builder.after if one.is_pair and one.espo_id == link.espo_id)
    # A pair that shows neither side waits for a second look, and so does what stands for it.
    if any(entry.account.key in held or not held for held in of_item) and builder.is_kept(
        link.base_advo, entry.account
    ):
        return _keep_alias(builder, link)
    if _ended_with_pair(builder, link, entry):
        item = builder.items.get(link.espo_id or "")
        is_replaced = item is not None and item.aktiv  # then it is that of another pair by now
        return entomb(builder, replace(link, alias_of=None, espo_id=None if is_replaced else link.espo_id))
    builder.free_entries.add(entry.id)


def _ended_with_pair(builder: AccountBuilder, link: AccountLink, entry: BankEntry) -> bool:
    """Deleted, put out of use or replaced in EspoCRM: each of its entries waits for people, or it would be back by the
    next."""
    item = builder.items.get(link.espo_id or "")
    buried = {stone.account.key for one in builder.buried if (stone := builder.entry_of(one))}
    is_ended = item is None or not item.aktiv or entry.account.key in buried
    return is_ended and builder.is_kept(link.base_advo, entry.account) and _owner(builder, entry.account) is None


def bring(builder: AccountBuilder) -> None:
    """Row 5. What EspoCRM would refuse stays in Advoware alone."""
    for entry in builder.unlinked_entries():
        link = builder.waiting.get(entry.id) or PairLink[Kept](None, entry.id)
        fault = fault_of(entry.account)
        if fault:
            builder.mention(Mention.wrong_in_advoware, 5, link, field=fault)
        elif _is_blocked(builder, entry.account):
            builder.owed = True
        elif builder.is_refused(link, Side.espocrm, entry.account):
            builder.refuse(link, 5, Side.espocrm, entry.account, "")
        elif link.state is LinkState.waiting or builder.waits_at_first:
            builder.wait(5, link, advo=entry.account.masked)
        elif not builder.carries_to(Side.espocrm):
            builder.put_off(5, link)
        else:
            builder.create(entry)


def add(builder: AccountBuilder) -> None:
    """Rows 2, 3 and 4."""
    row = 2 if builder.facts.readable else 3
    for item in builder.unlinked_items():
        link = builder.waiting.get(item.espo_id) or PairLink[Kept](item.espo_id, None)
        if not item.aktiv:
            _remember(builder, link)
        elif not _holds(builder, item, link, row):
            builder.post(item, row)


def _remember(builder: AccountBuilder, link: AccountLink) -> None:
    """Out of use, and found by the first look without a list: it may stand there, and is asked about once in use."""
    if link.state is LinkState.assumed or (builder.facts.first_load and not builder.facts.readable):
        builder.keep(replace(link, state=LinkState.assumed))


def _holds(builder: AccountBuilder, item: BankItem, link: AccountLink, row: int) -> bool:
    """Whether something keeps the account from being sent; what that is has then been said."""
    fault = fault_of(item.account)
    if fault or builder.is_refused(link, Side.advoware, item.account):
        builder.refuse(replace(link, state=LinkState.refused), row, Side.advoware, item.account, fault or "")
    elif _is_blocked(builder, item.account):
        builder.put_off(row, link)
    elif not builder.facts.readable and not _is_allowed(builder, item, link):
        pass
    elif link.state is LinkState.waiting or (builder.waits_at_first and builder.facts.readable):
        builder.wait(row, link, espo=item.account.masked)
    elif not builder.carries_to(Side.advoware):
        builder.put_off(row, link)
        if link.state is LinkState.allowed:
            builder.keep(link)
    elif builder.posts >= builder.policy.max_posts:
        builder.wait(row, link, espo=item.account.masked)
    else:
        return False
    return True


def _is_allowed(builder: AccountBuilder, item: BankItem, link: AccountLink) -> bool:
    """Row 3: by a person, or by the setting for what is newer than the day of switching on.

    An item that bears a number of Advoware's, and all that the first look at a record finds (also the first one after
    our database was lost), may stand there already: a double would be certain.
    """
    if link.state is LinkState.allowed:
        return True
    known = item.is_old or item.entry_number is not None or builder.facts.first_load
    if link.state is LinkState.assumed or known:
        builder.case(CaseCode.assumed_known, 3, link, account=item.account.masked)
        builder.keep(replace(link, state=LinkState.assumed))
        return False
    if builder.policy.blind_post or link.state is LinkState.waiting:
        return True
    builder.case(CaseCode.allow_post, 3, link, account=item.account.masked)
    return False


def _is_blocked(builder: AccountBuilder, account: Account) -> bool:
    return any(builder.is_iban_of(create.sent, account) for create in builder.creates)


STAGES: tuple[Callable[[AccountBuilder], None], ...] = (match, take_up, alias, bring, add)
