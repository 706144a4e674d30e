"""Both sides of a child list next to each other, with what the plan makes of each element. For a page and a file.

Invariant: codes and plain values, no words, no decision: everything comes from what was read and from the plan made of
it; what `text` shows may stand anywhere, what `whole` shows needs a right of its own.
To extend: a further thing to show of an element is a field of PartLine.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from syncapp.core.child_lists.shapes import (
    Act,
    AliasOf,
    ChildOperation,
    ChildPlan,
    ChildReport,
    LinkState,
    Mention,
    OpenCase,
    PairLink,
    V,
)
from syncapp.core.sides import Side
from syncapp.entities.beteiligte.part import PartChange, PartLine

# Of each element, by the numbers of its sides: step, report and cases of its line.
Said = dict[tuple[str, int], dict[str, Any]]
# What a side shows now: it may be more than links keep of it (an account).
S = TypeVar("S")
# Where several things are told of one element, the first of these says most.
TOLD_FIRST = (
    Mention.lost_value,
    Mention.used_again,
    Mention.sent_as_new,
    Mention.payment_changed,
    Mention.seen_once,
    Mention.only_in_advoware,
    Mention.wrong_in_advoware,
    Mention.only_in_espocrm,
    Mention.expired,
    Mention.remark_cut,
    Mention.owed,
)


@dataclass(frozen=True)
class LineSpelling(Generic[S, V]):
    """How this kind is written on a page: an element in part, what a link keeps of it (fit for the history, too: an
    account masked), and an element in full."""

    text: Callable[[S], str]
    kept: Callable[[V], str]
    whole: Callable[[S], str] | None = None

    def of(self, value: S | None) -> str | None:
        return None if value is None else self.text(value)

    def in_full(self, value: S | None) -> str | None:
        return None if value is None or self.whole is None else self.whole(value)

    def of_base(self, value: V | None) -> str | None:
        return None if value is None else self.kept(value)


def entry_at(entries: Mapping[int, S], number: int | None) -> S | None:
    """The entry of that number, which may be 0."""
    return None if number is None else entries.get(number)


def lines_of(
    items: Mapping[str, S], entries: Mapping[int, S], plan: ChildPlan[V], spelling: LineSpelling[S, V]
) -> Iterator[PartLine]:
    """Pairs and what follows them first, then what stands on one side alone; what nobody has any more is left out."""
    said = _said(plan)
    seen: set[tuple[str, int]] = set()
    for link in sorted(plan.links_before, key=lambda link: (not link.is_pair, link.key, str(link.alias_of))):
        item, entry = items.get(link.espo_id or ""), entry_at(entries, link.entry_id)
        if link.key in seen or (item is None and entry is None):
            continue
        seen.add(link.key)
        yield _line(link, item, entry, said, spelling)
    items_seen, entries_seen = {key[0] for key in seen}, {key[1] for key in seen}
    for espo_id, entry_id in filter(all, map(_key, plan.cases)):
        # Asked about together, and tied by nothing yet.
        if espo_id in items and entry_id in entries and not (espo_id in items_seen or entry_id in entries_seen):
            items_seen.add(espo_id)
            entries_seen.add(entry_id)
            yield _line(PairLink[V](espo_id, entry_id), items[espo_id], entries[entry_id], said, spelling)
    for espo_id in sorted(espo_id for espo_id in set(items) - items_seen if spelling.of(items[espo_id])):
        yield _line(PairLink[V](espo_id, None), items[espo_id], None, said, spelling)
    for number in sorted(number for number in set(entries) - entries_seen if spelling.of(entries[number])):
        yield _line(PairLink[V](None, number), None, entries[number], said, spelling)


def changes_of(
    items: Mapping[str, S], entries: Mapping[int, S], plan: ChildPlan[V], spelling: LineSpelling[S, V]
) -> Iterator[PartChange]:
    """What each write would put in place of what stands there."""
    for operation in plan.operations:
        item, entry = (
            spelling.of(items.get(operation.espo_id or "")),
            spelling.of(entry_at(entries, operation.entry_id)),
        )
        after = _after(operation, spelling)
        to_espocrm = operation.side is Side.espocrm
        yield PartChange(
            what=plan.name,
            espocrm=item if to_espocrm else after,
            advoware=after if to_espocrm else entry,
            to=operation.side,
            step=str(operation.act),
        )


def _after(operation: ChildOperation[V], spelling: LineSpelling[S, V]) -> str | None:
    if operation.act is Act.delete_item or operation.done is None:
        return None
    base = operation.done.base_espo if operation.side is Side.espocrm else operation.done.base_advo
    return spelling.of_base(base)


def _said(plan: ChildPlan[V]) -> Said:
    """What a plan says of each element, by the numbers of its sides."""
    said: Said = defaultdict(dict)
    for operation in plan.operations:
        said[operation.intent.key]["step"] = str(operation.act)
    for report in sorted(plan.reports, key=lambda one: TOLD_FIRST.index(one.code), reverse=True):
        said[_key(report)]["report"] = str(report.code)
    for case in plan.cases:
        said[_key(case)]["cases"] = (*said[_key(case)].get("cases", ()), str(case.code))
    return said


def _key(about: OpenCase | ChildReport) -> tuple[str, int]:
    return (about.espo_id or "", about.entry_id or 0)


def _line(link: PairLink[V], item: S | None, entry: S | None, said: Said, spelling: LineSpelling[S, V]) -> PartLine:
    return PartLine(
        espocrm=spelling.of(item),
        advoware=spelling.of(entry),
        base_espocrm=spelling.of_base(link.base_espo),
        base_advoware=spelling.of_base(link.base_advo),
        **said.get(link.key, {}),
        state=_state(link),
        whole_espocrm=spelling.in_full(item),
        whole_advoware=spelling.in_full(entry),
    )


def _state(link: PairLink[V]) -> str:
    if link.alias_of is not None:
        return "double_entry" if link.alias_of is AliasOf.entry else "double_item"
    return "" if link.state is LinkState.linked else str(link.state)
