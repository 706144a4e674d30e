"""What goes into an address plan: the address itself, item, entry, and what holds for this installation and run.

Invariant: texts are trimmed and never None; a flag of None means that this side does not say. To extend: a further
part of an address is a field of `Address`, a row of `fields.FIELDS`, and a place in one of the three groups below.
"""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import date
from enum import StrEnum

from syncapp.core.child_lists.shapes import ListFacts, ListPolicy, PairLink

# What a PUT of Advoware can write, apart from the letter block; what it cannot; and what is about the address.
MAIN = ("strasse", "plz", "ort")
FIXED = ("land", "postfach", "postfach_plz")
SIDE_FACTS = ("standard", "aktiv", "gueltig_von", "gueltig_bis", "bemerkung")
PLACE = MAIN + FIXED


@dataclass(frozen=True)
class Address:
    """One address. Dates are ISO days; `bemerkung` of an entry is the text as it stands there, marker included."""

    strasse: str = ""
    plz: str = ""
    ort: str = ""
    land: str = ""
    postfach: str = ""
    postfach_plz: str = ""
    anschrift: str = ""
    standard: bool | None = None
    aktiv: bool | None = None
    gueltig_von: str = ""
    gueltig_bis: str = ""
    bemerkung: str = ""

    @property
    def is_empty(self) -> bool:
        """Without street, code, city and Postfach; a country alone is no address."""
        return not any(getattr(self, name).strip() for name in PLACE if name != "land")

    def of(self, names: tuple[str, ...]) -> dict[str, object]:
        return {name: getattr(self, name) for name in names}

    @property
    def unit(self) -> str:
        """The place: a list's order is what tells its parts apart, so that a stored intent can be read again."""
        return json.dumps(list(self.of(PLACE).values()), ensure_ascii=False)

    def with_unit(self, text: str) -> "Address":
        return replace(self, **dict(zip(PLACE, json.loads(text), strict=True)))

    def with_place(self, other: "Address") -> "Address":
        """With the place of the other one: how a base is renewed in parts."""
        return replace(self, **other.of(PLACE))  # type: ignore[arg-type]

    def place_unlike(self, other: "Address") -> dict[str, object]:
        """The parts of the place that the other one lacks, or has otherwise."""
        return {name: value for name, value in self.of(PLACE).items() if value != getattr(other, name)}

    def told(self, prefix: str = "") -> dict[str, str]:
        """The parts of the place that are filled, as the parameters of a text for people."""
        return {f"{prefix}{name}": text for name in PLACE if (text := str(getattr(self, name)))}

    @property
    def street_line(self) -> str:
        """The street as Advoware has it: it knows one line."""
        return ", ".join(line.strip() for line in self.strasse.splitlines() if line.strip())

    @property
    def line(self) -> str:
        """All of the place in one line, as people write it on one."""
        street = self.street_line
        box = f"Postfach {self.postfach}" if self.postfach else ""
        if not street:
            return _joined(box, f"{self.postfach_plz or self.plz} {self.ort}", self.land)
        box += f" ({self.postfach_plz})" if box and self.postfach_plz else ""
        return _joined(street, f"{self.plz} {self.ort}", box, self.land)

    def to_text(self) -> str:
        """The place as one text from which it can be had again: for the conflict log."""
        return json.dumps(self.told(), ensure_ascii=False, sort_keys=True)

    @classmethod
    def from_text(cls, text: str | None) -> "Address | None":
        """None for what is no such text."""
        try:
            stored = json.loads(text or "")
        except ValueError:
            return None
        if not isinstance(stored, dict) or not all(isinstance(value, str) for value in stored.values()):
            return None
        return cls.from_json({name: value for name, value in stored.items() if name in PLACE})

    def as_agreed(self, held: "Address") -> "Address":
        """With the side facts that were not sent, or not kept, as they are held: what it says of them is EspoCRM's
        alone then, like a change of them (row 13), and not agreed on."""
        return replace(self, **{name: getattr(held, name) for name in SIDE_FACTS if self._asks_for(name, held)})

    def _asks_for(self, name: str, held: "Address") -> bool:
        own, other = getattr(self, name), getattr(held, name)
        if name in ("standard", "aktiv"):
            return bool(own is (name == "standard") and other is not own)
        return bool(own) and own.split() != other.split()

    def to_json(self) -> dict[str, object]:
        return {each.name: value for each in fields(self) if (value := getattr(self, each.name)) not in ("", None)}

    def filled(self) -> Collection[str]:
        return self.to_json().keys()

    @classmethod
    def from_json(cls, stored: Mapping[str, object]) -> "Address":
        known = {each.name for each in fields(cls)}
        return cls(**{name: value for name, value in stored.items() if name in known})  # type: ignore[arg-type]


def _joined(*parts: str) -> str:
    return ", ".join(text for part in parts if (text := part.strip()))


AddressLink = PairLink[Address]


@dataclass(frozen=True)
class AddressItem:
    """One address in EspoCRM. `entry_number`: what its own field says about Advoware's number, where it has one.
    `is_ours`: created by us."""

    espo_id: str
    address: Address
    entry_number: int | None = None
    version: str | None = None
    is_ours: bool = False


@dataclass(frozen=True)
class AddressEntry:
    """One address in Advoware."""

    id: int
    address: Address
    row_id: str | None = None


class Representation(StrEnum):
    entity = "entity"  # records of their own, any number
    field = "field"  # address fields of the parent: a fixed number, nothing created or deleted


class FixedChange(StrEnum):
    task = "task"
    as_new = "replace"


class Remove(StrEnum):
    task = "task"
    delete = "delete"


class LetterBlock(StrEnum):
    keep = "keep"
    lines = "lines"


class LandForm(StrEnum):
    as_read = "as_read"
    german = "german"
    iso2 = "iso2"
    text = "text"


@dataclass(frozen=True)
class AddressPolicy(ListPolicy):
    """The settings of this kind."""

    fixed_change: FixedChange = FixedChange.task
    remove: Remove = Remove.task
    letter_block: LetterBlock = LetterBlock.lines
    land_form: LandForm = LandForm.as_read
    carry_expired: bool = False


@dataclass(frozen=True)
class AddressFacts(ListFacts):
    """What the plan must know of this installation and this run.

    carried: the parts that EspoCRM has a field for. limits: longest text of a part there. plain: parts that refuse
    `<`, `>` and `=` there. empty_fields: address fields of the record that hold nothing (representation field).
    rewritten: items whose pair was written so often of late that it is left alone. land_spellings: what Advoware was
    read to call a country, by ISO code.
    """

    today: date
    home: str = "DE"
    carried: frozenset[str] = frozenset((*MAIN, "land", "postfach", "postfach_plz", "standard", "aktiv", "bemerkung"))
    limits: Mapping[str, int] = field(default_factory=dict)
    plain: frozenset[str] = frozenset()
    representation: Representation = Representation.entity
    empty_fields: tuple[str, ...] = ()
    rewritten: frozenset[str] = frozenset()
    land_spellings: Mapping[str, str] = field(default_factory=dict)
