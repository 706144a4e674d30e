"""An entity of EspoCRM whose records belong to ours: what its webhooks, its set-up and its examination must know.

Purpose: intake, sweep, setup_espocrm and doctor go through the rows of `CHILD_ENTITIES` and know none by name.
Invariant: what is kept of an element (`keeps`) is what may lie in the inbox; it is all that is judged (`says`).
To extend: a further list with an entity of its own is a `ChildEntity` in the folder of its part, and a row in
parts/__init__.py.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from syncapp.core.child_lists.fields import ChildField, ChildMap
from syncapp.core.child_lists.shapes import ItemStatus
from syncapp.entities.beteiligte.parts.child_lists.marks import STAMP, STATUS
from syncapp.models import ChildKind, ChildLink


@dataclass(frozen=True)
class ChildEntity:
    """`name`: in the addresses of webhooks. `fields`: the table that the entity is mapped by.

    keeps: what the inbox may hold of an element. says: from that, the values that are kept equal, by our own names.
    is_base: whether one such value is what a link holds of EspoCRM's side.
    """

    name: str
    kind: ChildKind
    fields: tuple[ChildField, ...]
    is_on: Callable[[], bool]
    entity_type: Callable[[], str]
    link_attribute: Callable[[], str]
    names: Callable[[Iterable[str] | None], ChildMap]
    keeps: Callable[[Mapping[str, Any], ChildMap], Mapping[str, Any]]
    says: Callable[[Mapping[str, Any], ChildMap], Mapping[str, object]]
    is_base: Callable[[str, object, ChildLink], bool]

    def parent_in(self, attributes: Mapping[str, Any]) -> str | None:
        """The id of the record that an element names; None where it names none."""
        value = attributes.get(self.link_attribute())
        return value if isinstance(value, str) and value else None

    def names_parent(self, attributes: Mapping[str, Any]) -> bool:
        """Whether the element speaks of its record at all, be it to say that there is none any more."""
        return self.link_attribute() in attributes


def asks_for_run(attributes: Mapping[str, Any]) -> bool:
    """A person or a formula says that the item differs; with our stamp it is we who said so."""
    return attributes.get(STATUS) == ItemStatus.unclean and STAMP not in attributes


def has_marks(attributes: Mapping[str, Any]) -> bool:
    return STATUS in attributes or STAMP in attributes


def carried_in(attributes: Mapping[str, Any], names: ChildMap) -> dict[str, object]:
    """Our fields that the element carries, as the field table reads them; what it does not carry it does not say."""
    said = names.read_espo(attributes)
    return {name: value for name, value in said.items() if names.attributes[name] in attributes}
