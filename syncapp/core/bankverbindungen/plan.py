"""The plan of bank accounts: what one run does to the accounts of one record, without I/O, clock or chance.

Purpose: `plan` is the one decision that the real run, the dry run, the preview and the tests share.
Invariant: the same input gives the same plan, whatever the order of the lists; a plan made from its result writes
nothing. Nothing in it but `Operation.values` holds an account's number.
To extend: rows belong into `pairs` or `newcomers`, and into the table of the package.
"""

from collections.abc import Iterable, Sequence

from syncapp.core.bankverbindungen.newcomers import STAGES, follow_alias
from syncapp.core.bankverbindungen.pairs import follow_gone, follow_pair, follow_pending
from syncapp.core.bankverbindungen.plan_builder import AccountBuilder
from syncapp.core.bankverbindungen.shapes import FIELDS, AccountLink, BankEntry, BankFacts, BankItem, BankPolicy, Kept
from syncapp.core.child_lists.shapes import TIES, ChildPlan, LinkState, ListSide, ListStop, Mention, PairLink
from syncapp.core.parts import Direction
from syncapp.core.sides import Side

NAME = "bankverbindungen"
BankPlan = ChildPlan[Kept]


def plan(
    *,
    items: Sequence[BankItem] | None,
    entries: Sequence[BankEntry] | None,
    links: Sequence[AccountLink],
    facts: BankFacts,
    direction: Direction = Direction.both,
    policy: BankPolicy | None = None,
) -> BankPlan:
    """Decides everything. None: the list was missing, which is not an empty one; a list that is not readable is not
    looked at."""
    if items is None or (entries is None and facts.readable):
        return BankPlan(name=NAME, kept=tuple(links), stopped=ListStop.missing_list, owed=True)
    builder = AccountBuilder(
        items={item.espo_id: item for item in items if item.account.key},
        entries={entry.id: entry for entry in entries or ()} if facts.readable else {},
        facts=facts,
        policy=policy or BankPolicy(),
        direction=direction,
    )
    shrunk = builder.shrunk_lists(links)
    shrunk -= set() if facts.readable else {ListSide.entries}
    if shrunk - facts.shrunk_seen:
        return BankPlan(name=NAME, kept=tuple(links), stopped=ListStop.shrunk_list, owed=True, shrunk=shrunk)
    _go_through(builder, _learn(builder, links))
    for stage in STAGES:
        stage(builder)
    _mention_nameless(builder, items)
    return builder.plan(name=NAME, shrunk=shrunk)


def _mention_nameless(builder: AccountBuilder, items: Iterable[BankItem]) -> None:
    """Items in use that say something and have no IBAN: not carried, and named. Row 10 has those that lost theirs."""
    known = {link.espo_id for link in builder.kept}
    for item in sorted(items, key=lambda item: item.espo_id):
        says_something = any(item.account.normal(name) for name in FIELDS)
        if item.aktiv and says_something and not item.account.key and item.espo_id not in known:
            builder.mention(Mention.only_in_espocrm, 2, PairLink[Kept](item.espo_id, None), field="iban")


def _learn(builder: AccountBuilder, links: Sequence[AccountLink]) -> list[AccountLink]:
    found = []
    for link in builder.in_order(links):
        known = follow_pending(builder, link)
        if known is not None and known.state in TIES:
            found.append(known)
        elif known is not None:
            _lay_out(builder, known)
    return found


def _lay_out(builder: AccountBuilder, link: AccountLink) -> None:
    """Links that tie nothing together, kept only while they still say something."""
    item, entry = builder.sides(link)
    says_itself = link.state in (LinkState.waiting, LinkState.assumed, LinkState.allowed)
    if item and item.espo_id in builder.free_items:
        if says_itself or builder.is_refused(link, Side.advoware, item.account):
            builder.waiting[item.espo_id] = link
    elif entry and entry.id in builder.free_entries:
        kept = says_itself or builder.is_refused(link, Side.espocrm, entry.account)
        builder.waiting |= {entry.id: link} if kept else {}


def _go_through(builder: AccountBuilder, links: list[AccountLink]) -> None:
    in_use = {espo_id for espo_id, item in builder.items.items() if item.aktiv}
    links = builder.with_one_pair_an_item(links, in_use=in_use)
    aliases = [link for link in links if link.alias_of is not None]
    for link in [link for link in links if link.alias_of is None]:
        if link.state is LinkState.gone and builder.facts.readable:
            follow_gone(builder, link)
        else:
            follow_pair(builder, link, [alias for alias in aliases if alias.repeats(link)])
    for alias in builder.without_heirs(aliases):
        follow_alias(builder, alias)
