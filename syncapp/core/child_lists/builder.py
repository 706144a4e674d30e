"""The pieces while the plan of a child list is laid out, and what holds for the list as a whole.

Purpose: rows ask and settle here; `plan` writes it out in the order in which it will be carried out.
Invariant: each link given to `keep` or to an operation is in the plan once; a link that is given to neither is dropped.
To extend: a new kind of question is a method here, a new decision is not.
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Generic, Protocol, TypeVar

from syncapp.core.child_lists.settling import settled
from syncapp.core.child_lists.shapes import (
    ACT_ORDER,
    TIES,
    Act,
    AliasOf,
    CaseCode,
    ChildOperation,
    ChildPlan,
    ChildReport,
    ItemStatus,
    LinkState,
    ListFacts,
    ListPolicy,
    ListSide,
    Mention,
    OpenCase,
    PairLink,
    PendingCreate,
    V,
)
from syncapp.core.parts import Direction
from syncapp.core.sides import Side

FAILURES = frozenset({CaseCode.refused, CaseCode.outcome_unknown})


class AnyItem(Protocol):
    """An item, as far as it tells where it comes from."""

    @property
    def espo_id(self) -> str: ...
    @property
    def entry_number(self) -> int | None: ...
    @property
    def is_ours(self) -> bool: ...


Item = TypeVar("Item", bound=AnyItem)
Entry = TypeVar("Entry")


@dataclass
class Builder(Generic[V, Item, Entry]):
    items: dict[str, Item] = field(kw_only=True)
    entries: dict[int, Entry] = field(kw_only=True)
    facts: ListFacts = field(kw_only=True)
    policy: ListPolicy = field(kw_only=True)
    direction: Direction = field(kw_only=True)
    free_items: set[str] = field(default_factory=set)
    free_entries: set[int] = field(default_factory=set)
    waiting: dict[str | int, PairLink[V]] = field(default_factory=dict)
    posts: int = 0
    operations: list[ChildOperation[V]] = field(default_factory=list)
    kept: list[PairLink[V]] = field(default_factory=list)
    cases: list[OpenCase] = field(default_factory=list)
    reports: list[ChildReport] = field(default_factory=list)
    owed: bool = False
    buried: list[PairLink[V]] = field(default_factory=list)
    edited: set[str] = field(default_factory=set)

    def carries_to(self, side: Side) -> bool:
        """Whether this run carries changes to that side."""
        return self.direction in (Direction.both, f"to_{side}")

    @cached_property
    def in_use(self) -> Collection[str]:
        """The items that count as being there."""
        return self.items

    def release(self, link: PairLink[V]) -> None:
        """Its sides are new again, as far as they are there."""
        if link.espo_id in self.items:
            self.free_items.add(link.espo_id)
        if link.entry_id in self.entries:
            self.free_entries.add(link.entry_id)

    def learned(
        self,
        links: Iterable[PairLink[V]],
        *,
        adopted: Callable[[PairLink[V], PendingCreate[V]], PairLink[V] | None],
        lay_out: Callable[[PairLink[V]], None],
    ) -> list[PairLink[V]]:
        """The pairs, aliases and tombstones to go through, in order; what none of them ties is free from now on.

        adopted: the link of a create once that was found, None while it waits or is planned anew. lay_out: takes links
        that tie nothing together.
        """
        ordered = sorted(links, key=_order)
        self.free_items = set(self.items) - {link.espo_id for link in ordered if link.state in TIES}
        self.free_entries = set(self.entries) - {link.entry_id for link in ordered if link.state in TIES}
        found = []
        for link in ordered:
            known = adopted(link, link.pending) if link.pending else link
            if known is not None and known.state in TIES:
                found.append(known)
            elif known is not None:
                lay_out(known)
        return self._with_one_pair_an_item(found)

    def _with_one_pair_an_item(self, links: Iterable[PairLink[V]]) -> list[PairLink[V]]:
        """Of an item that is back, one of its tombstones becomes the pair again; the others are further entries of it.

        Two pairs of one item are nothing that can be stored: every run would fail.
        """

        def rank(link: PairLink[V]) -> tuple[bool, bool, bool, tuple[str, int]]:
            return (not link.is_pair, self.entry_of(link) is None, link.base_espo is None, link.key)

        taken: set[str] = set()
        found = []
        for link in sorted(links, key=rank):
            espo_id = link.espo_id
            if espo_id is not None and espo_id in self.in_use and link.is_tie:
                if espo_id in taken:
                    link = replace(link, state=LinkState.linked, alias_of=AliasOf.entry, missing=False)
                taken.add(espo_id)
            found.append(link)
        return sorted(found, key=_order)

    def sides(self, link: PairLink[V]) -> tuple[Item | None, Entry | None]:
        """What the link names on either side, as far as it is there."""
        return self.items.get(link.espo_id or ""), self.entry_of(link)

    def entry_of(self, link: PairLink[V]) -> Entry | None:
        """Its entry, as far as it is there. A place in an order may be 0, which is a number like any other."""
        return None if link.entry_id is None else self.entries.get(link.entry_id)

    def heir(self, aliases: Iterable[PairLink[V]], alias_of: AliasOf) -> PairLink[V] | None:
        """The alias that can take the place of a side that is gone."""
        return next(
            (
                alias
                for alias in aliases
                if alias.alias_of is alias_of
                and (alias.entry_id in self.entries if alias_of is AliasOf.entry else alias.espo_id in self.in_use)
            ),
            None,
        )

    def proven_gone(self, link: PairLink[V]) -> bool:
        """Whether this is the second look that does not show its entry."""
        return link.missing or ListSide.entries in self.facts.shrunk_seen

    def settled(
        self, link: PairLink[V], *, side: Side, now: V, marker_now: str | None
    ) -> tuple[PairLink[V], frozenset[Side]]:
        """The link with what this look proved of its writes to that side, and the side if it shows a late one."""
        link, late = settled(link, side=side, now=now, marker_now=marker_now, late_over=self.facts.late_over)
        return link, frozenset({side}) if late else frozenset()

    def unlinked_items(self) -> list[Item]:
        return [self.items[espo_id] for espo_id in sorted(self.free_items)]

    def unlinked_entries(self) -> list[Entry]:
        return [self.entries[entry_id] for entry_id in sorted(self.free_entries)]

    def keep(self, link: PairLink[V]) -> None:
        self.kept.append(link)

    def case(self, code: CaseCode, row: int, link: PairLink[V], **params: str) -> None:
        self.cases.append(OpenCase(code, row, link.espo_id, link.entry_id, params))

    def mention(self, code: Mention, row: int, link: PairLink[V], **params: str) -> None:
        self.reports.append(ChildReport(code, row, link.espo_id, link.entry_id, params))

    def put_off(self, row: int, link: PairLink[V]) -> None:
        """Left for a later run, such as one in the other direction."""
        self.owed = True
        self.mention(Mention.owed, row, link)

    def owe(self, row: int, link: PairLink[V]) -> None:
        """The same, and the link stays."""
        self.put_off(row, link)
        self.keep(link)

    @property
    def waits_at_first(self) -> bool:
        """Whether what stands on one side alone waits for people."""
        return self.facts.first_load and self.policy.only_match

    def wait(self, row: int, link: PairLink[V], **told: str) -> None:
        self.case(CaseCode.waiting, row, link, **told)
        self.keep(PairLink(link.espo_id, link.entry_id, state=LinkState.waiting))

    @property
    def creates(self) -> list[PendingCreate[V]]:
        """What was sent without an answer, or is about to be sent by this very run.

        On its account neither side is carried: once it is there, what is equal to it is tied to it, not sent again.
        """
        links = (*self.kept, *(operation.intent for operation in self.operations))
        return [link.pending for link in links if link.pending is not None]

    def add_post(self, row: int, espo_id: str, sent: V, *, held: V, values: Mapping[str, object]) -> None:
        """A create in Advoware. held: as it will stand there.

        The intent knows what was there before, so that it is found if its answer is lost.
        """
        seen = tuple(str(number) for number in sorted(self.entries))
        intent = PairLink(espo_id, None, pending=PendingCreate(Side.advoware, sent, seen))
        self.posts += 1
        self.operations.append(ChildOperation(row, Act.post_entry, intent, PairLink(espo_id, None, sent, held), values))

    def add_create(self, row: int, entry_id: int, value: V, values: Mapping[str, object]) -> None:
        """A create in EspoCRM."""
        intent = PairLink(None, entry_id, pending=PendingCreate(Side.espocrm, value, tuple(sorted(self.items))))
        done = PairLink(None, entry_id, value, value)
        self.operations.append(ChildOperation(row, Act.create_item, intent, done, values))

    @property
    def after(self) -> list[PairLink[V]]:
        """All links as they are once everything that is planned so far has succeeded."""
        return [*self.kept, *(operation.done for operation in self.operations if operation.done)]

    def without_heirs(self, aliases: Iterable[PairLink[V]]) -> list[PairLink[V]]:
        """Those still to be followed: one that has taken the place of a side that is gone may be the pair's by now, or
        what a replacement leaves."""
        tied = [link for link in self.after if link.is_tie]
        entries, items = {link.entry_id for link in tied}, {link.espo_id for link in tied}
        return [
            alias
            for alias in aliases
            if (alias.entry_id not in entries if alias.alias_of is AliasOf.entry else alias.espo_id not in items)
        ]

    def twin_of(self, item: Item) -> PairLink[V] | None:
        """The pair whose entry an item of our own making names: its create was answered too late, and was repeated.

        People copy records with their numbers, so it counts of ours alone, and only while nobody has edited it.
        """
        if not item.is_ours or item.entry_number is None or item.espo_id in self.edited:
            return None
        return next((link for link in self.after if link.is_pair and link.entry_id == item.entry_number), None)

    def bury(self, link: PairLink[V]) -> None:
        """A link that became a tombstone in this run: counts for the guard, though nothing is written."""
        self.buried.append(link)
        self.keep(link)

    @property
    def stones(self) -> list[PairLink[V]]:
        """The tombstones as far as this run has come, those of lower entries first."""
        found = (link for link in self.kept if link.state is LinkState.tombstone)
        return sorted(found, key=lambda link: (link.entry_id or 0, link.espo_id or ""))

    def unbury(self, stone: PairLink[V]) -> None:
        """Its account or address was entered again: nobody has to delete anything, and both of its sides are free."""
        self.kept.remove(stone)
        self.buried = [link for link in self.buried if link != stone]
        done = (CaseCode.delete_in_advoware, stone.espo_id, stone.entry_id)
        self.cases = [case for case in self.cases if (case.code, case.espo_id, case.entry_id) != done]
        self.release(stone)

    def plan(self, *, name: str, shrunk: frozenset[ListSide]) -> ChildPlan[V]:
        operations = tuple(sorted(self.operations, key=lambda one: (ACT_ORDER[one.act], one.intent.key)))
        kept = sorted(self.kept, key=lambda link: (link.key, link.state))
        return ChildPlan(
            name=name,
            operations=operations,
            cases=tuple(sorted(self.cases, key=lambda one: (one.code, one.espo_id or "", one.entry_id or 0))),
            reports=tuple(self.reports),
            kept=tuple(kept),
            owed=self.owed,
            shrunk=shrunk,
            removals=len(self.buried) + sum(one.removes for one in operations),
            states=self._states(),
        )

    def _states(self) -> Mapping[str, ItemStatus]:
        failed = {case.espo_id for case in self.cases if case.code in FAILURES}
        open_ = {case.espo_id for case in self.cases if case.is_told}
        open_ |= {report.espo_id for report in self.reports if report.code is Mention.owed}
        return {
            espo_id: ItemStatus.failed
            if espo_id in failed
            else ItemStatus.unclean
            if espo_id in open_
            else ItemStatus.clean
            for espo_id in sorted(self.items)
        }

    def shrunk_lists(self, links: Iterable[PairLink[V]]) -> frozenset[ListSide]:
        """Lists that are empty although pairs exist, or that have lost half of them (and more than one) at once."""
        pairs = [link for link in links if link.is_pair and link.espo_id is not None and link.entry_id is not None]
        lost = {
            ListSide.items: [link for link in pairs if link.espo_id not in self.items],
            ListSide.entries: [link for link in pairs if link.entry_id not in self.entries and not link.missing],
        }
        present = {ListSide.items: bool(self.items), ListSide.entries: bool(self.entries)}
        return frozenset(
            name
            for name, gone in lost.items()
            if gone and (not present[name] or (len(gone) > 1 and 2 * len(gone) >= len(pairs)))
        )


def _order(link: PairLink[V]) -> tuple[tuple[str, int], str, str]:
    return link.key, link.state, str(link.alias_of)
