"""The plan of bank accounts: what one run does to the accounts of one record, without I/O, clock or chance.

Purpose: `BankSnapshot.plan` is the one decision that the real run, the dry run, the preview and the tests share.
Invariant: the snapshot is frozen, and nothing else has an influence; the same one gives the same plan, whatever the
order of its lists; a plan made from its result writes nothing. Nothing in it but `Operation.values` holds an account's
number.
To extend: rows belong into `pairs` or `newcomers`, and into the table of the package; a further fact is a field of
`BankFacts`, or of the snapshot where the record's plan has a say in it.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import partial

from syncapp.core.bankverbindungen.newcomers import STAGES, follow_alias
from syncapp.core.bankverbindungen.pairs import follow_gone, follow_pair, follow_pending
from syncapp.core.bankverbindungen.plan_builder import AccountBuilder
from syncapp.core.bankverbindungen.shapes import FIELDS, AccountLink, BankEntry, BankFacts, BankItem, BankPolicy, Kept
from syncapp.core.child_lists.shapes import (
    ChildPlan,
    LinkState,
    ListSide,
    ListStop,
    Mention,
    PairLink,
    posts_without_answer,
)
from syncapp.core.parts import Around
from syncapp.core.sides import Side

NAME = "bankverbindungen"
BankPlan = ChildPlan[Kept]


@dataclass(frozen=True)
class BankSnapshot:
    """All that the plan is made from. `items` or `entries` None: the list was missing, which is not an empty one; where
    Advoware's is not readable, it is not looked at."""

    items: tuple[BankItem, ...] | None
    entries: tuple[BankEntry, ...] | None
    facts: BankFacts
    links: tuple[AccountLink, ...] = ()
    policy: BankPolicy = field(default_factory=BankPolicy)

    def plan(self, around: Around) -> BankPlan:
        """What one run does to the accounts. Without a list to read, links are all there is, however old they are."""
        readable = self.facts.readable
        links = posts_without_answer(self.links) if around.stale_base and readable else self.links
        # What was created by this run has no account yet, whether or not the answer shows the list.
        entries = self.entries or () if around.created or not readable else self.entries
        if self.items is None or entries is None:
            return BankPlan(name=NAME, kept=links, stopped=ListStop.missing_list, owed=True)
        builder = AccountBuilder(
            items={item.espo_id: item for item in self.items if item.account.key},
            entries={entry.id: entry for entry in entries if readable},
            facts=self.facts,
            policy=self.policy,
            direction=around.direction,
        )
        shrunk = builder.shrunk_lists(links) - (set() if readable else {ListSide.entries})
        if shrunk - self.facts.shrunk_seen:
            return BankPlan(name=NAME, kept=links, stopped=ListStop.shrunk_list, owed=True, shrunk=shrunk)
        known = builder.learned(links, adopted=partial(follow_pending, builder), lay_out=partial(_lay_out, builder))
        _go_through(builder, known)
        for stage in STAGES:
            stage(builder)
        _mention_nameless(builder, self.items)
        return builder.plan(name=NAME, shrunk=shrunk)


def _mention_nameless(builder: AccountBuilder, items: Iterable[BankItem]) -> None:
    """Items in use that say something and have no IBAN: not carried, and named. Row 10 has those that lost theirs."""
    known = {link.espo_id for link in builder.kept}
    for item in sorted(items, key=lambda item: item.espo_id):
        says_something = any(item.account.normal(name) for name in FIELDS)
        if item.aktiv and says_something and not item.account.key and item.espo_id not in known:
            builder.mention(Mention.only_in_espocrm, 2, PairLink[Kept](item.espo_id, None), field="iban")


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
    aliases = [link for link in links if link.alias_of is not None]
    for link in [link for link in links if link.alias_of is None]:
        if link.state is LinkState.gone and builder.facts.readable:
            follow_gone(builder, link)
        else:
            follow_pair(builder, link, [alias for alias in aliases if alias.repeats(link)])
    for alias in builder.without_heirs(aliases):
        follow_alias(builder, alias)
