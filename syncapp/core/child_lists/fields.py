"""Field maps of child lists: which attribute of EspoCRM, and which key of Advoware, holds which of our fields.

Purpose: one row a field; an installation's own names come from settings, and EspoCRM's metadata says which there are.
Invariant: past `read_espo` and `read_advo` texts are trimmed and never None, numbers in their place are their digits,
dates are ISO days, and a flag that a side does not say is None. What an installation has no attribute for is not
carried, and never written.
To extend: a field is a row; a further kind of value is a branch of `_read`.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from syncapp.core import values as normal
from syncapp.core.sides import Side

Kind = Literal["text", "flag", "day", "number"]
# Of the items, for a lost database; it is never compared.
OWN_NUMBER = "entry_number"
FLAGS: Mapping[str, bool] = {"true": True, "1": True, "false": False, "0": False}


@dataclass(frozen=True)
class ChildField:
    """`espo`: attributes to try, in this order. `needed`: without it the kind is not synced."""

    name: str
    advo: str
    espo: tuple[str, ...]
    kind: Kind = "text"
    needed: bool = False


class ChildMapError(ValueError):
    """The settings name a field that does not exist; the message names it."""


@dataclass(frozen=True)
class ChildMap:
    """The table resolved for one installation. `attributes` and `keys` by our own field names."""

    rows: tuple[ChildField, ...]
    attributes: Mapping[str, str] = field(default_factory=dict)
    keys: Mapping[str, str] = field(default_factory=dict)

    @property
    def missing(self) -> tuple[str, ...]:
        """Needed fields that EspoCRM has no attribute for: then the kind is not synced, and `doctor` says so."""
        return tuple(row.name for row in self.rows if row.needed and row.name not in self.attributes)

    @property
    def carried(self) -> frozenset[str]:
        return frozenset(self.attributes)

    @property
    def sources(self) -> Mapping[str, Mapping[str, str]]:
        """Where each field is read from, by side; kept with the bases that were read so."""
        return {Side.espocrm.value: dict(self.attributes), Side.advoware.value: dict(self.keys)}

    def moved(self, side: Side, before: Mapping[str, Mapping[str, str]]) -> Mapping[str, str]:
        """Our fields that are read from elsewhere than when `before` was kept, with where from it was then. What one
        side has no place for is not compared, wherever the other one reads it."""
        now, then = self.sources[side.value], before.get(side.value, {})
        compared = self.attributes.keys() & self.keys.keys()
        return {name: then[name] for name in now if name in compared and then.get(name, now[name]) != now[name]}

    def hidden_in(self, rows: Iterable[Mapping[str, object]], *, known: Iterable[str]) -> str:
        """The first attribute that a row of EspoCRM's does not show, though it is needed or one that the metadata name
        (`known`): hidden by a role, or gone since they were read. That is not an empty value. "": none."""
        named = frozenset(known)
        needed = [self.attributes[row.name] for row in self.rows if row.needed and row.name in self.attributes]
        others = [found for name, found in self.attributes.items() if found in named and name != OWN_NUMBER]
        return next((one for row in rows for one in (*needed, *others) if one not in row), "")

    def read_espo(self, attributes: Mapping[str, object]) -> dict[str, object]:
        return {
            row.name: _read(row.kind, attributes.get(self.attributes[row.name]))
            for row in self.rows
            if row.name in self.attributes
        }

    def read_advo(self, raw: Mapping[str, object]) -> dict[str, object]:
        return {row.name: _read(row.kind, raw.get(self.keys[row.name])) for row in self.rows if row.name in self.keys}

    def write_espo(self, values: Mapping[str, object]) -> dict[str, object]:
        """An emptied text or day goes as null, which EspoCRM keeps as that."""
        kinds = {row.name: row.kind for row in self.rows}
        return {
            self.attributes[name]: (value or None) if kinds[name] in ("text", "day") else value
            for name, value in values.items()
            if name in self.attributes
        }

    def write_advo(self, values: Mapping[str, object]) -> dict[str, object]:
        kinds = {row.name: row.kind for row in self.rows}
        return {
            self.keys[name]: f"{value}T00:00:00" if kinds[name] == "day" and value else value
            for name, value in values.items()
            if name in self.keys
        }


def resolved(
    rows: tuple[ChildField, ...],
    *,
    espo: Mapping[str, str] | None = None,
    advo: Mapping[str, str] | None = None,
    known: Iterable[str] | None = None,
    prefix: str = "",
) -> ChildMap:
    """`known`: the attributes that EspoCRM's metadata names; None: nobody has asked, so the first candidate counts.

    espo, advo: other names, by ours; an empty one leaves the field out. prefix: of an address field of the record.
    """
    espo, advo = espo or {}, advo or {}
    names = {row.name for row in rows}
    unknown = sorted((set(espo) | set(advo)) - names)
    if unknown:
        raise ChildMapError(f"{unknown[0]} is no field of this list; there are: {', '.join(sorted(names))}")
    present = None if known is None else frozenset(known)
    attributes = {row.name: found for row in rows if (found := _attribute(row, espo, present, prefix))}
    keys = {row.name: key for row in rows if (key := advo.get(row.name, row.advo))}
    return ChildMap(rows, attributes, keys)


def _attribute(row: ChildField, chosen: Mapping[str, str], present: frozenset[str] | None, prefix: str) -> str | None:
    if row.name in chosen:
        return chosen[row.name] or None
    candidates = tuple(f"{prefix}{name}" for name in row.espo)
    if present is None:
        return candidates[0] if candidates else None
    return next((name for name in candidates if name in present), None)


def _read(kind: Kind, value: object) -> object:
    if kind == "flag":
        return FLAGS.get(str(value).strip().lower())
    if kind == "number":
        return _number(value)
    if kind == "day":
        return _day(value)
    is_number = isinstance(value, int) and not isinstance(value, bool)
    return str(value).strip() if isinstance(value, str) or is_number else ""


def _day(value: object) -> str:
    """An ISO day; nothing for what is none, such as the empty date of .NET: an address that ends then never ends."""
    found = normal.date(value) if isinstance(value, str) else None
    return found if found and normal.is_real_date(found) else ""


def _number(value: object) -> int | None:
    if isinstance(value, str) and value.strip().isdecimal():
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) else None
