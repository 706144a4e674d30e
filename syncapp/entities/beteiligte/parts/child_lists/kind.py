"""What each kind of child list says for itself; what they have in common asks it (part.py, writing.py, child_events).

Invariant: what the inbox keeps of an element (`keeps`) is all that is judged of it (`says`, `is_base`).
To extend: a further kind implements these in a folder of its own; what is usual stands here already.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Generic

from syncapp.core.child_lists.fields import ChildField, ChildMap
from syncapp.core.child_lists.shapes import ChildOperation, ChildPlan, ChildReport, PairLink, V
from syncapp.entities.beteiligte.clients import Clients, Context
from syncapp.entities.beteiligte.parts.child_lists.describing import LineSpelling
from syncapp.entities.beteiligte.parts.child_lists.reading import EspoList
from syncapp.entities.beteiligte.parts.child_lists.snapshot import ListSnapshot
from syncapp.models import ChildKind, ChildLink, SyncRecord
from syncapp.remotes.advoware.beteiligte import AdvowareBeteiligter
from syncapp.remotes.espocrm.client import EspoEntity

Tell = Callable[[ChildReport], None]


class ChildListKind(ABC, Generic[V]):
    name: str
    kind: ChildKind
    # What a link keeps of a side.
    value_type: type[V]
    spelling: LineSpelling[Any, V]
    # The row's column for what is known of the list as a whole (state.py).
    column: str
    # The table that EspoCRM's entity is mapped by.
    fields: tuple[ChildField, ...]

    @abstractmethod
    def is_on(self) -> bool: ...

    def has_entity(self) -> bool:
        """Whether the list is on and its items are records of their own in EspoCRM, with webhooks of their own."""
        return self.is_on()

    def is_readable(self) -> bool:
        """Whether Advoware's list can be read, so that a task closes by itself."""
        return True

    # --- items that are records of their own, and what an element of a webhook tells of one

    @abstractmethod
    def entity_type(self) -> str:
        """What EspoCRM calls them."""

    @abstractmethod
    def link_attribute(self) -> str:
        """Which of their attributes names the record."""

    @abstractmethod
    def names(self, known: Iterable[str] | None) -> ChildMap:
        """Their field map. known: the attributes that EspoCRM's metadata name, where they were read."""

    def parent_in(self, attributes: Mapping[str, Any]) -> str | None:
        """The id of the record that an element names; None where it names none."""
        value = attributes.get(self.link_attribute())
        return value if isinstance(value, str) and value else None

    def keeps(self, attributes: Mapping[str, Any], names: ChildMap) -> Mapping[str, Any]:
        """What the inbox may hold of an element."""
        return attributes

    def says(self, kept: Mapping[str, Any], names: ChildMap) -> dict[str, object]:
        """The values that are kept equal, by our own names; what an element does not carry it does not say."""
        said = names.read_espo(kept)
        return {name: value for name, value in said.items() if names.attributes[name] in kept}

    def is_base(self, name: str, value: object, link: ChildLink) -> bool:
        """Whether one such value is what the link holds of EspoCRM's side."""
        if name == "entry_number":
            return value is None or value == link.entry_id  # a match writes nothing, the number neither
        return link.base_espo is not None and value == self.said_of(self.value_type.from_json(link.base_espo), name)

    @abstractmethod
    def said_of(self, base: V, name: str) -> object:
        """A field of a base, as `says` would tell it."""

    # --- the run

    @abstractmethod
    def both_lists(
        self, row: SyncRecord, found: EspoList, names: ChildMap, advo: AdvowareBeteiligter | None, clients: Clients
    ) -> ListSnapshot[V]:
        """Both lists as they are; of EspoCRM's, `found`."""

    @abstractmethod
    def with_entries(self, before: ListSnapshot[V], advo: AdvowareBeteiligter) -> ListSnapshot[V]:
        """The same with Advoware's list as an answer shows it; one that shows less than was read shows nothing."""

    @abstractmethod
    def to_advoware(
        self, context: Context, snapshot: ListSnapshot[V], operation: ChildOperation[V], tell: Tell
    ) -> PairLink[V] | None:
        """One write there, and the link as its answer leaves it. tell: what else it shows. Raises RemoteError."""

    @abstractmethod
    def item_as_kept(self, entity: EspoEntity, snapshot: ListSnapshot[V]) -> V:
        """An item as EspoCRM shows it, in the form that a link keeps."""

    def log_losses(self, context: Context, snapshot: ListSnapshot[V], plan: ChildPlan[V]) -> None:
        """Into the conflict log what the plan is about to replace, before it is; nothing where people decide."""
        return None

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
