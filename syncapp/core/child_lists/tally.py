"""What a plan says of a child list in numbers: for previews of many records, above all before the first load.

Invariant: counted from the plan and the links that were there before it; nothing is decided anew.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from enum import StrEnum

from syncapp.core.child_lists.shapes import Act, CaseCode, ChildPlan, LinkState, PairLink, V


class ListCount(StrEnum):
    """What becomes of items and entries; the order is that of a summary."""

    matched = "matched"
    similar = "similar"
    only_in_espocrm = "only_in_espocrm"
    only_in_advoware = "only_in_advoware"
    double = "double"
    stopped = "stopped"


def tally(before: Iterable[PairLink[V]], plan: ChildPlan[V]) -> Mapping[ListCount, int]:
    """How many of each; what is linked already counts nowhere, and neither does a zero."""
    known = {link.key for link in before}
    news = [link for link in plan.kept if link.key not in known]
    waiting = [link for link in plan.kept if link.state is LinkState.waiting]
    acts = Counter(operation.act for operation in plan.operations)
    found = {
        ListCount.matched: sum(link.is_pair and link.espo_id is not None and bool(link.entry_id) for link in news),
        ListCount.similar: sum(case.code is CaseCode.same_or_different for case in plan.cases),
        ListCount.only_in_espocrm: acts[Act.post_entry] + sum(link.entry_id is None for link in waiting),
        ListCount.only_in_advoware: acts[Act.create_item] + sum(link.espo_id is None for link in waiting),
        ListCount.double: sum(link.alias_of is not None for link in news),
        ListCount.stopped: int(plan.stopped is not None),
    }
    return {code: number for code, number in found.items() if number}
