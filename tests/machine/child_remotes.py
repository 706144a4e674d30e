"""The child lists of the one record in both systems, behind the clients' own interface; see remotes.py.

Invariant: EspoCRM's records of addresses and accounts have versions of their own; Advoware changes of an address what a
PUT can, of an account nothing, and deletes neither; a list may be shown to nobody.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from syncapp.remotes.advoware.beteiligte import AdvowareBeteiligter
from syncapp.remotes.advoware.children import Child, ChildList, children_in
from syncapp.remotes.espocrm.client import EspoEntity
from syncapp.remotes.http.errors import Misconfigured, NotFound, VersionConflict
from tests.machine.remotes import BOT, ESPO_ID, Advo, Espo, World, new_world

ADDRESS, ACCOUNT = "CAdressen", "CBankverbindungen"
LISTS = {ADDRESS: "adressen", ACCOUNT: "bankverbindungen"}
PATHS = {"Adressen": "adressen", "Bankverbindungen": "bankverbindungen"}
PREFIXES = ("billingAddress", "shippingAddress")
PARTS = {"strasse": "Street", "plz": "PostalCode", "ort": "City", "land": "Country"}
PUT_TAKES = frozenset({"strasse", "plz", "ort", "anschrift"})
TEXT, FLAG = {"type": "varchar"}, {"type": "bool"}
OWN = {"syncStatus": TEXT, "advowareLastSync": {"type": "datetime"}, "beteiligte": {"type": "link"}}
DEFINITIONS: Mapping[str, Mapping[str, Any]] = {
    ADDRESS: {
        **dict.fromkeys(("strasse", "plz", "ort", "land", "postfach", "postfachPLZ", "bemerkung"), TEXT),
        **{"istStandard": FLAG, "istAktiv": FLAG, "advowareAdresseId": {"type": "int"}, **OWN},
    },
    ACCOUNT: {
        **dict.fromkeys(("name", "iban", "bic", "kontoinhaber", "bankname", "advowareKontoId"), TEXT),
        **{"istStandard": FLAG, "istAktiv": FLAG, **OWN},
    },
}
NEW_ENTRY: Mapping[str, Mapping[str, Any]] = {
    "adressen": {
        **dict.fromkeys(("strasse", "plz", "ort", "land", "postfach", "postfachPLZ", "anschrift", "bemerkung")),
        **{"standardAnschrift": False, "gueltigVon": None, "gueltigBis": None},
    },
    "bankverbindungen": dict.fromkeys(("iban", "bic", "kontoinhaber", "bankname")),
}


@dataclass
class ChildWorld(World):
    """is_listed: whether Advoware shows its accounts; number_field: whether EspoCRM's entities have one."""

    items: dict[str, dict[str, dict[str, Any]]] = field(default_factory=lambda: {ADDRESS: {}, ACCOUNT: {}})
    entries: dict[str, dict[int, dict[str, Any]]] = field(
        default_factory=lambda: {"adressen": {}, "bankverbindungen": {}}
    )
    is_listed: bool = True
    number_field: bool = True
    hides_addresses: bool = False
    child_outbox: list[tuple[str, str, dict[str, Any]]] = field(default_factory=list)
    writes: int = 0

    def clients(self) -> tuple[Any, Any]:
        return ChildEspo(self), ChildAdvo(self)

    # --- EspoCRM's records, whoever writes them

    def add_item(self, entity: str, values: Mapping[str, Any], *, by: str) -> str:
        self.clock += 1
        espo_id = f"6b{self.clock:015x}"
        made = {"createdAt": self.time(), "createdById": by, "beteiligteId": ESPO_ID, "istAktiv": True}
        self.items[entity][espo_id] = {
            "id": espo_id,
            **dict.fromkeys(self.fields(entity)),
            "istStandard": False,
            **made,
        }
        self.items[entity][espo_id]["versionNumber"] = 0
        self.change_item(entity, espo_id, values, by=by, action="create")
        return espo_id

    def change_item(
        self, entity: str, espo_id: str, values: Mapping[str, Any], *, by: str, action: str = "update"
    ) -> None:
        held, known = self.items[entity][espo_id], self.fields(entity)
        changed = {name: value for name, value in values.items() if name in known and held.get(name) != value}
        held |= changed
        held |= {"modifiedAt": self.time(), "modifiedById": by, "versionNumber": held["versionNumber"] + 1}
        if changed or action == "create":
            shown = {**changed, "beteiligteId": ESPO_ID} if action == "create" else changed
            self.child_outbox.append((entity, action, {"id": espo_id, **shown}))

    def remove_item(self, entity: str, espo_id: str) -> None:
        del self.items[entity][espo_id]
        self.child_outbox.append((entity, "delete", {"id": espo_id}))

    def fields(self, entity: str) -> frozenset[str]:
        names = frozenset("beteiligteId" if name == "beteiligte" else name for name in DEFINITIONS[entity])
        return names if self.number_field else names - {"advowareAdresseId", "advowareKontoId"}

    # --- Advoware's entries, whoever writes them

    def add_entry(self, key: str, values: Mapping[str, Any]) -> int:
        self.clock += 1
        number = self.clock
        self.entries[key][number] = {**NEW_ENTRY[key], "id": number, "reihenfolgeIndex": number}
        self.change_entry(key, number, values)
        return number

    def change_entry(self, key: str, number: int, values: Mapping[str, Any]) -> None:
        self.clock += 1
        self.entries[key][number] |= {**values, "id": number, "rowId": f"row{self.clock}"}

    def shown(self) -> dict[str, Any]:
        """What a Beteiligter shows of them."""
        lists = {key: [dict(entry) for entry in found.values()] for key, found in self.entries.items()}
        hidden = {"adressen"} if self.hides_addresses else set()
        return {
            key: found for key, found in lists.items() if key not in hidden and (key == "adressen" or self.is_listed)
        }


class ChildEspo(Espo):
    """The record's own client, and those of the entities that belong to it."""

    world: ChildWorld

    def of_type(self, entity_type: str) -> "EspoItems":
        return EspoItems(self.world, entity_type)

    def metadata(self, key: str) -> object:
        entity = key.split(".")[1]
        if entity not in DEFINITIONS:
            return {}
        known = self.world.fields(entity)
        return {
            name: definition
            for name, definition in DEFINITIONS[entity].items()
            if definition["type"] == "link" or name in known
        }


class EspoItems:
    def __init__(self, world: ChildWorld, entity: str) -> None:
        self.world, self.entity = world, entity

    def with_observer(self, observer: object) -> "EspoItems":
        return self

    def children(self, *, link: str, parent_id: str) -> tuple[EspoEntity, ...]:
        def effect() -> tuple[EspoEntity, ...]:
            found = self.world.items[self.entity]
            return tuple(self._shown(espo_id) for espo_id in sorted(found) if found[espo_id][link] == parent_id)

        return self.world.call("espocrm", "GET", effect)  # type: ignore[no-any-return]

    def rows(self, ids: Sequence[str], *, select: Sequence[str]) -> Iterator[EspoEntity]:
        return iter([self._shown(espo_id) for espo_id in ids if espo_id in self.world.items[self.entity]])

    def create(self, attributes: Mapping[str, Any], *, skip_duplicate_check: bool = False) -> EspoEntity:
        def effect() -> EspoEntity:
            self.world.writes += 1
            return self._shown(self.world.add_item(self.entity, attributes, by=BOT))

        return self.world.call("espocrm", "POST", effect)  # type: ignore[no-any-return]

    def patch(self, record_id: str, attributes: Mapping[str, Any], *, version: int | None = None) -> EspoEntity:
        def effect() -> EspoEntity:
            held = self._held(record_id)
            if version is not None and version != held["versionNumber"]:
                raise VersionConflict(system="espocrm", operation="PATCH", status=409)
            assert version is not None or attributes.keys() <= {*OWN, "advowareAdresseId", "advowareKontoId"}
            self.world.writes += 1
            self.world.change_item(self.entity, record_id, attributes, by=BOT)
            return self._shown(record_id)

        return self.world.call("espocrm", "PATCH", effect)  # type: ignore[no-any-return]

    def delete(self, record_id: str) -> None:
        def effect() -> None:
            self._held(record_id)
            self.world.writes += 1
            self.world.remove_item(self.entity, record_id)

        self.world.call("espocrm", "DELETE", effect)

    def _held(self, record_id: str) -> dict[str, Any]:
        held = self.world.items[self.entity].get(record_id)
        if held is None:
            raise NotFound(system="espocrm", operation="PATCH", status=404)
        return held

    def _shown(self, record_id: str) -> EspoEntity:
        return EspoEntity(record_id, dict(self.world.items[self.entity][record_id]))


class ChildAdvo(Advo):
    world: ChildWorld

    def _shown(self, number: int) -> AdvowareBeteiligter:
        found = super()._shown(number)
        # A PUT of the whole has handed its lists back as read; Advoware keeps them elsewhere.
        own = {key: value for key, value in found.raw.items() if key not in self.world.entries}
        raw = {**own, **self.world.shown()}
        return AdvowareBeteiligter(number, found.row_id, raw, ())

    def children(self, bet_nr: int, which: ChildList) -> tuple[Child, ...]:
        raise Misconfigured(system="advoware", operation="GET", status=404)

    def create_child(self, bet_nr: int, which: ChildList, fields: Mapping[str, object]) -> Child:
        key = PATHS[which.path]

        def effect() -> Child:
            self.world.writes += 1
            return self._child(key, self.world.add_entry(key, fields), which)

        return self.world.call("advoware", "POST", effect)  # type: ignore[no-any-return]

    def update_child(self, bet_nr: int, which: ChildList, current: Child, changes: Mapping[str, object]) -> Child:
        key = PATHS[which.path]
        assert key == "adressen", "an account is never changed"

        def effect() -> Child:
            if current.id not in self.world.entries[key]:
                raise NotFound(system="advoware", operation="PUT", status=404)
            self.world.writes += 1
            # Everything but these is read-only, whatever the whole object says.
            body = {name: value for name, value in {**current.raw, **changes}.items() if name in PUT_TAKES}
            self.world.change_entry(key, current.id, body)
            return self._child(key, current.id, which)

        return self.world.call("advoware", "PUT", effect)  # type: ignore[no-any-return]

    def _child(self, key: str, number: int, which: ChildList) -> Child:
        listed = ChildList(which.path, key, which.number)
        (found,) = children_in({key: [dict(self.world.entries[key][number])]}, listed) or ()
        return found


def new_child_world() -> ChildWorld:
    """One record in EspoCRM that Advoware does not have, with an empty list on each side."""
    plain = new_world()
    world = ChildWorld(espo=plain.espo, clock=plain.clock)
    world.espo |= {f"{prefix}{part}": None for prefix in PREFIXES for part in PARTS.values()}
    return world
