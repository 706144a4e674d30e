"""What a run has read of one child list: what the plan is made from, and what the writes go by.

Invariant: `lists` None says that this list is not kept equal here, or cannot be (`why`); then nothing is planned, and
nothing of what we know is touched. To extend: a further kind hands in its own snapshot of core.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Generic

from syncapp.core.child_lists.fields import ChildMap
from syncapp.core.child_lists.shapes import ChildPlan, PairLink, V
from syncapp.core.parts import Around
from syncapp.engine.runs.run import Failed
from syncapp.remotes.advoware.children import Child
from syncapp.remotes.espocrm.client import EspoEntity


@dataclass(frozen=True)
class ListSnapshot(Generic[V]):
    """children, records: both sides as they answered, by number and by id. trouble: why EspoCRM's list is missing.
    seen: a fingerprint of Advoware's list.

    record_fields: how each item that is a field of the record is written; empty where items are records.
    """

    name: str
    lists: Any = None
    names: ChildMap = field(default_factory=lambda: ChildMap(()))
    children: Mapping[int, Child] = field(default_factory=dict)
    records: Mapping[str, EspoEntity] = field(default_factory=dict)
    record_fields: Mapping[str, ChildMap] = field(default_factory=dict)
    seen: str = ""
    trouble: Failed | None = None
    why: str = ""
    params: Mapping[str, str] = field(default_factory=dict)

    def plan(self, around: Around) -> ChildPlan[V]:
        if self.lists is None:
            return ChildPlan[V](name=self.name)
        planned: ChildPlan[V] = self.lists.plan(around)
        return replace(planned, record_fields=self.record_fields)

    def if_readable(self) -> "ListSnapshot[V]":
        """Without lists to plan by where something says that they cannot be read (`why`); what stops them otherwise is
        said by itself."""
        return replace(self, lists=None) if self.why and self.trouble is None else self

    @property
    def links(self) -> tuple[PairLink[V], ...]:
        return () if self.lists is None else self.lists.links

    def with_links(self, links: tuple[PairLink[V], ...]) -> "ListSnapshot[V]":
        return replace(self, lists=replace(self.lists, links=links))
