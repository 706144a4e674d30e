"""What each kind of child list says for itself; what they have in common asks it (part.py, writing.py).

Invariant: nothing here does anything. To extend: a further kind implements these in a folder of its own.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from typing import Any, Generic

from syncapp.core.child_lists.settling import Codec
from syncapp.core.child_lists.shapes import ChildOperation, ChildPlan, PairLink, V
from syncapp.entities.beteiligte.clients import Clients, Context
from syncapp.entities.beteiligte.parts.child_lists.describing import LineSpelling
from syncapp.entities.beteiligte.parts.child_lists.snapshot import ListSnapshot
from syncapp.entities.beteiligte.parts.child_lists.store import ValueShape
from syncapp.models import ChildKind, SyncRecord
from syncapp.remotes.advoware.beteiligte import AdvowareBeteiligter
from syncapp.remotes.espocrm.client import EspoEntity


class ChildListKind(ABC, Generic[V]):
    name: str
    kind: ChildKind
    shape: ValueShape[V]
    codec: Codec[V]
    spelling: LineSpelling[Any, V]
    # The row's column for what is known of the list as a whole (state.py).
    column: str

    @abstractmethod
    def is_on(self) -> bool: ...

    def is_readable(self) -> bool:
        """Whether Advoware's list can be read, so that a task closes by itself."""
        return True

    @abstractmethod
    def entity_type(self) -> str:
        """What EspoCRM calls the items, where they are records of their own."""

    @abstractmethod
    def link_attribute(self) -> str:
        """Which of their attributes names the record."""

    @abstractmethod
    def read_lists(
        self, row: SyncRecord, *, espo: EspoEntity, advo: AdvowareBeteiligter | None, clients: Clients
    ) -> ListSnapshot[V]:
        """Both lists as they are, for a list that is on."""

    @abstractmethod
    def with_entries(self, before: ListSnapshot[V], advo: AdvowareBeteiligter) -> ListSnapshot[V]:
        """The same with Advoware's list as an answer shows it; one that shows less than was read shows nothing."""

    @abstractmethod
    def to_advoware(
        self, context: Context, snapshot: ListSnapshot[V], operation: ChildOperation[V]
    ) -> PairLink[V] | None:
        """One write there, and the link as its answer leaves it. Raises RemoteError."""

    @abstractmethod
    def item_as_kept(self, entity: EspoEntity, snapshot: ListSnapshot[V]) -> V:
        """An item as EspoCRM shows it, in the form that a link keeps."""

    @abstractmethod
    def log_losses(self, context: Context, snapshot: ListSnapshot[V], plan: ChildPlan[V]) -> None:
        """Into the conflict log what the plan is about to replace, before it is."""

    @abstractmethod
    def shown(self, snapshot: ListSnapshot[V]) -> tuple[Mapping[str, Any], Mapping[int, Any]]:
        """Items and entries as a page shows them, by id and by number."""

    @abstractmethod
    def as_kept(self, snapshot: ListSnapshot[V]) -> tuple[Mapping[str, V], Mapping[int, V]]:
        """Items and entries as a link would keep them, by id and by number."""

    @abstractmethod
    def words_of(self, value: V) -> Iterable[str]:
        """What a record is found by."""

    @abstractmethod
    def fingerprint(self, advo: AdvowareBeteiligter) -> str | None:
        """Of Advoware's list as it stands there; None if it does not show one."""

    @abstractmethod
    def visible_entries(self, advo: AdvowareBeteiligter) -> Mapping[int, V] | None:
        """Its entries by number, as a link keeps them; None if it does not show them."""
