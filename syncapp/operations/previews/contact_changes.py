"""The contact points of a forecast, value by value: for the file that a person checks line by line.

Invariant: says what the plan says, and holds personal values; nothing of it goes to logs or to JSON.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from syncapp.core.kommunikation import ContactPlan, Item
from syncapp.entities.beteiligte.parts.kommunikation.reading import entries_of, items_of
from syncapp.entities.beteiligte.read import Snapshot


@dataclass(frozen=True, slots=True)
class Change:
    """One value that would be carried or held. `where`: to_advoware, to_espocrm or hold."""

    field: str
    espo: str | None
    advo: str | None
    where: str
    case: str


def contact_changes(plan: ContactPlan, look: Snapshot) -> tuple[Change, ...]:
    """What each entry of Advoware and each list of EspoCRM would become."""
    return (*_to_advoware(plan, look), *_to_espocrm(plan, look))


def _to_advoware(plan: ContactPlan, look: Snapshot) -> Iterator[Change]:
    held = {entry.id: entry.tlf for entry in entries_of(look.advo.kommunikation if look.advo else None) or ()}
    for step in plan.operations:
        if step.write is not None:
            now = held.get(step.entry_id) if step.entry_id is not None else None
            yield Change(_medium(step.write.tlf or now), step.write.tlf, now, "to_advoware", step.variant)


def _to_espocrm(plan: ContactPlan, look: Snapshot) -> Iterator[Change]:
    before = _items(look)
    for medium, after in (("phone", plan.phones), ("email", plan.emails)):
        if after is None:
            continue
        had = {item.value for item in before if item.medium == medium}
        will = {item.value for item in after}
        yield from (Change(medium, None, value, "to_espocrm", "added") for value in sorted(will - had))
        yield from (Change(medium, value, None, "to_espocrm", "removed") for value in sorted(had - will))


def _items(look: Snapshot) -> tuple[Item, ...]:
    attributes: Mapping[str, object] = look.espo.attributes
    return items_of(attributes) or ()


def _medium(value: str | None) -> str:
    return "email" if "@" in (value or "") else "phone"
