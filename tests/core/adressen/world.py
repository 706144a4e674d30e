"""A pure model of both systems' addresses, and a run over it that can be cut, refused, or answered into the void.

Advoware: a POST takes everything, a PUT the main part and the letter block, nothing is deleted by a program.
EspoCRM: everything is written, deletion included. `writes` counts what either system was asked to do.
"""

from dataclasses import dataclass, field, replace
from datetime import date

from syncapp.core.adressen.plan import AddressPlan, AddressSnapshot
from syncapp.core.adressen.shapes import (
    Address,
    AddressEntry,
    AddressFacts,
    AddressItem,
    AddressLink,
    AddressPolicy,
)
from syncapp.core.adressen.sight import Sight
from syncapp.core.child_lists import answers
from syncapp.core.child_lists.shapes import Act, ChildOperation
from syncapp.core.parts import Around
from syncapp.core.sides import Side
from tests.core.child_lists.world import ListWorld

TODAY = date(2026, 11, 28)
PUT_TAKES = ("strasse", "plz", "ort", "anschrift")


class Crash(Exception):
    """The worker died: nothing of this run is committed any more."""


@dataclass
class World(ListWorld):
    """`faults`: by number of the write in this run, what becomes of it (see `FAULTS`)."""

    items: dict[str, AddressItem] = field(default_factory=dict)
    entries: dict[int, AddressEntry] = field(default_factory=dict)
    facts: AddressFacts = field(default_factory=lambda: AddressFacts(today=TODAY))
    policy: AddressPolicy = field(default_factory=lambda: AddressPolicy(only_match=False))
    number_field: bool = True
    remark_max: int | None = None
    post_drops: tuple[str, ...] = ()
    next_entry: int = 1
    next_item: int = 1
    writes: list[tuple[int, Act]] = field(default_factory=list)

    # --- people

    def item(self, strasse: str = "", **parts: object) -> str:
        espo_id = f"i{self.next_item}"
        self.next_item += 1
        self.items[espo_id] = AddressItem(
            espo_id, self._in_espo(Address(strasse=strasse, **parts)), version=self._moved()
        )
        return espo_id

    def entry(self, strasse: str = "", **parts: object) -> int:
        number = self.next_entry
        self.next_entry += 1
        self.entries[number] = AddressEntry(number, Address(strasse=strasse, **parts), self._moved())
        return number

    def edit_item(self, espo_id: str, **parts: object) -> None:
        item = self.items[espo_id]
        self.items[espo_id] = replace(item, address=replace(item.address, **parts), version=self._moved())

    def edit_entry(self, number: int, **parts: object) -> None:
        entry = self.entries[number]
        self.entries[number] = replace(entry, address=replace(entry.address, **parts), row_id=self._moved())

    def _in_espo(self, address: Address) -> Address:
        if "aktiv" in self.facts.carried and address.aktiv is None:
            address = replace(address, aktiv=True)
        if "standard" in self.facts.carried and address.standard is None:
            address = replace(address, standard=False)
        return address

    # --- a run

    def plan(self) -> AddressPlan:
        entries = tuple(self._read(entry) for entry in self.entries.values())
        lists = AddressSnapshot(tuple(self.items.values()), entries, self.facts, self.links, self.policy)
        return lists.plan(Around(self.direction))

    def _read(self, entry: AddressEntry) -> AddressEntry:
        return replace(entry, address=replace(entry.address, standard=bool(entry.address.standard)))

    def run(self, faults: dict[int, str] | None = None) -> AddressPlan:
        faults = faults or {}
        made = self.plan()
        self.plans.append(made)
        self.links = made.links_before
        outcomes = {}
        for place, operation in enumerate(made.operations):
            try:
                outcomes[place] = self._carry_out(operation, faults.get(place, ""))
            except Crash:
                return made
        self.links = answers.final_links(made, outcomes)
        self.facts = replace(self.facts, shrunk_seen=made.shrunk)
        return made

    def _carry_out(self, operation: ChildOperation[Address], fault: str) -> AddressLink | None:
        """refused: 400. lost: done, and not answered. late: not answered, lands later. cut: done, then a crash."""
        if fault == "refused":
            return answers.after_refusal(operation)
        if fault == "dead":
            raise Crash
        self.writes.append((operation.row, operation.act))
        if fault == "late":
            self.late.append(lambda: self._write(operation))
            return operation.intent
        number = self._write(operation)
        if fault == "cut":
            raise Crash
        return operation.intent if fault in ("lost", "gone") else self._answered(operation, number)

    def _write(self, operation: ChildOperation[Address]) -> str | int | None:
        values = dict(operation.values)
        if operation.act is Act.post_entry:
            return self._post(Address.from_json(values))
        if operation.act is Act.put_entry:
            if operation.entry_id in self.entries:
                assert set(values) <= set(PUT_TAKES)
                self.edit_entry(operation.entry_id, **values)
            return operation.entry_id
        if operation.act is Act.create_item:
            number = values.pop("entry_number")
            espo_id = self.item(**Address.from_json(values).__dict__)
            if self.number_field:
                self.items[espo_id] = replace(self.items[espo_id], entry_number=number)
            return espo_id
        if operation.act is Act.put_item:
            if operation.espo_id in self.items:
                self.edit_item(operation.espo_id, **values)
            return operation.espo_id
        self.items.pop(operation.espo_id, None)
        return None

    def _post(self, address: Address) -> int:
        remark = address.bemerkung[: self.remark_max] if self.remark_max is not None else address.bemerkung
        kept = {name: value for name, value in address.__dict__.items() if name not in self.post_drops}
        return self.entry(**{**kept, "bemerkung": remark})

    def _answered(self, operation: ChildOperation[Address], number: object) -> AddressLink | None:
        if operation.side is Side.advoware:
            entry = self.entries.get(number)
            shown = Sight(self.facts).visible(self._read(entry)) if entry else None
            row_id = entry.row_id if entry else None
            same = Sight(self.facts).same
            return answers.after_advoware(operation, entry_id=number, shown=shown, row_id=row_id, same=same)
        item = self.items.get(number)
        shown = item.address if item else None
        version = item.version if item else None
        return answers.after_espocrm(operation, espo_id=str(number), shown=shown, version=version)

    # --- what tests ask

    def lose_database(self) -> None:
        self.links = ()

    def streets(self) -> tuple[list[str], list[str]]:
        espo = sorted(item.address.strasse for item in self.items.values())
        return espo, sorted(entry.address.strasse for entry in self.entries.values())
