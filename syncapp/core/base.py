"""The base: what each side held after the last successful sync, kept per side.

Purpose: the ancestor of the three-way comparison, as our record stores it.
Invariant: one side's values are only ever compared with that same side's base; a field whose mapping has changed since
has no base, whatever is stored.
To extend: a further part is a column of the record, and needs a default, since old rows lack it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from syncapp.core.fields import Fields
from syncapp.core.sides import Side, Values


@dataclass(frozen=True)
class Base:
    """What each side held after the last sync, per field, with the version of the mapping it was read by."""

    espo: Values = field(default_factory=dict)
    advo: Values = field(default_factory=dict)
    versions: Mapping[str, str] = field(default_factory=dict)

    def holds(self, key: str, fieldmap: Fields) -> bool:
        """Whether there is a base for the field, read by the mapping as it is now."""
        return key in self.espo and key in self.advo and self.versions.get(key) == fieldmap.versions[key]

    def touched_without(self, key: str, signals: "NoBase") -> tuple[bool, bool]:
        """Which side counts as changed, EspoCRM and Advoware, in a field that has no base.

        Where other fields have been synced and this one never, what the last sync left behind says nothing of it.
        """
        known = self.espo.keys() & self.advo.keys()
        return (True, True) if known and key not in known else signals.touched

    def of(self, side: Side) -> Values:
        return self.espo if side == Side.espocrm else self.advo

    def moved(self, held: Mapping[str, tuple[str | None, str | None]], versions: Mapping[str, str]) -> "Base":
        """With what EspoCRM and Advoware hold of these fields."""
        espo, advo = ({key: both[place] for key, both in held.items()} for place in (0, 1))
        return Base({**self.espo, **espo}, {**self.advo, **advo}, {**self.versions, **versions})


@dataclass(frozen=True)
class NoBase:
    """Which side changed since the last sync, as far as anything outside our database tells."""

    espo_touched: bool
    advo_touched: bool
    never_synced: bool = False

    @property
    def touched(self) -> tuple[bool, bool]:
        """EspoCRM, Advoware; before the first sync both count as changed."""
        return (True, True) if self.never_synced else (self.espo_touched, self.advo_touched)


def matches_base(values: Values, *, side: Side, base: Base, fieldmap: Fields) -> bool:
    """Whether a read (such as a list row) shows every compared field of that side as its base has it."""
    rows = fieldmap.general_rows if fieldmap.is_company(values) else fieldmap.rows
    return all(
        row.key in values and base.holds(row.key, fieldmap) and values[row.key] == base.of(side)[row.key]
        for row in rows
    )


@dataclass(frozen=True)
class NotTaken:
    """A field that the target ignored, shortened or re-spelled."""

    field: str
    sent: str | None
    kept: str | None


def not_taken(sent: Values, answer: Values) -> tuple[NotTaken, ...]:
    """What the answer to a write shows differently from what was sent; a key it lacks says nothing."""
    return tuple(
        NotTaken(key, value, answer[key]) for key, value in sent.items() if key in answer and answer[key] != value
    )
