"""The snapshot of a record: all that its plan is made from.

Purpose: both sides as they were read, what our database holds of the record, and the rules of this installation.
Invariant: frozen and complete: whatever is not in here has no influence on what a run does.
To extend: a further fact is a field here, and a line where the entity reads it (entities/beteiligte/snapshot.py).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from syncapp.core.base import Base
from syncapp.core.beteiligte.field_table import FieldMap
from syncapp.core.beteiligte.validation import Fault
from syncapp.core.intents import Intent
from syncapp.core.parts import PartSnapshot
from syncapp.core.requests import Override
from syncapp.core.sides import Side, Values
from syncapp.core.three_way_merge import Instead, Policy


@dataclass(frozen=True)
class EspocrmSide:
    """EspoCRM's record. `marker` moves with every write there (version, else time of change); times are aware UTC.

    betnr_is_hidden: EspoCRM has the field and does not show it. status: its syncStatus. last_sync, known_row_id: what
    its bookkeeping says of the last sync, ours or an earlier system's. stamp: the same time as it is spelled there, ""
    for none yet; None: EspoCRM keeps none.
    """

    values: Values
    marker: str | None = None
    betnr: int | None = None
    betnr_is_no_number: bool = False
    betnr_is_hidden: bool = False
    created_at: datetime | None = None
    modified_at: datetime | None = None
    modified_by_id: str | None = None
    status: str | None = None
    last_sync: datetime | None = None
    stamp: str | None = None
    known_row_id: str | None = None


@dataclass(frozen=True)
class AdvowareSide:
    """Advoware's Beteiligter. `changed_at` is a clock time without zone."""

    bet_nr: int
    values: Values
    row_id: str | None = None
    changed_at: datetime | None = None


@dataclass(frozen=True)
class PersonsChoice:
    """A conflict that a person decided: it holds for the very values that were shown."""

    keep: Side | Instead
    espo: str | None
    advo: str | None

    def holds(self, *, espo: str | None, advo: str | None) -> bool:
        """Whether these are the values that were shown; a side that has the person's own value already goes along."""
        reached = (self.keep.value,) if isinstance(self.keep, Instead) else ()
        return espo in (self.espo, *reached) and advo in (self.advo, *reached)


@dataclass(frozen=True)
class RefusedValue:
    """A value of Advoware's that EspoCRM has refused, and what was said of it: it is not sent again as it is."""

    value: str | None
    fault: Fault


@dataclass(frozen=True)
class StoredState:
    """What our database holds of the record.

    last_sync: the latest sync that we know of. forgotten: it was synced once and lost its base by being linked anew.
    create_since: when a POST went out whose outcome nobody knows. espo_touched: whether EspoCRM's record had been
    edited since the last sync when we last wrote nothing but a status there; None: we did not, or it was synced since.
    """

    betnr: int | None = None
    base: Base = field(default_factory=Base)
    intents: tuple[Intent, ...] = ()
    superseded: tuple[Intent, ...] = ()
    choices: Mapping[str, PersonsChoice] = field(default_factory=dict)
    override: Override | None = None
    last_sync: datetime | None = None
    espo_touched: bool | None = None
    forgotten: bool = False
    contacts_to_advoware: bool = False
    create_since: str | None = None
    create_released: bool = False
    refused: Mapping[str, RefusedValue] = field(default_factory=dict)


@dataclass(frozen=True)
class Rules:
    """The rules of this installation. `rechtsformen` None: the list could not be read, or was not needed."""

    field_map: FieldMap
    policy: Policy = field(default_factory=Policy)
    own_user_id: str | None = None
    time_zone: str = "Europe/Berlin"
    rechtsformen: frozenset[str] | None = None
    today: date = date.max
    live_since: datetime | None = None


@dataclass(frozen=True)
class Snapshot:
    """Everything. `may_write` False: shadow mode, or outside the pilot. `betnr_of_other`: whose record has the betNr.

    `advo` None: the record is not linked, or its betNr belongs to another record.
    """

    espo: EspocrmSide
    advo: AdvowareSide | None
    stored: StoredState
    rules: Rules
    parts: Mapping[str, PartSnapshot] = field(default_factory=dict)
    may_write: bool = True
    betnr_of_other: str = ""
