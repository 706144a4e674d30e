"""From two answers and our row to the snapshot that the plan is made from.

Invariant: nothing is written or decided here; a remote system is asked only for what is kept for a day (the legal forms
where one is to be carried, our own user), and by parts that have lists of their own.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.utils import timezone

from syncapp.core.base import Base
from syncapp.core.beteiligte.field_table import FieldMap
from syncapp.core.beteiligte.snapshot import (
    AdvowareSide,
    EspocrmSide,
    PersonsChoice,
    RefusedValue,
    Rules,
    Snapshot,
    StoredState,
)
from syncapp.core.beteiligte.validation import Fault
from syncapp.core.echoes import LAST_SYNC
from syncapp.core.intents import Intent
from syncapp.core.requests import Override
from syncapp.core.sides import Side, Values
from syncapp.core.three_way_merge import Instead, Policy
from syncapp.engine import control as switches
from syncapp.entities.beteiligte.clients import Tools
from syncapp.entities.beteiligte.parts import PARTS
from syncapp.entities.beteiligte.probes import remote_metadata
from syncapp.models import Control, SyncRecord
from syncapp.remotes.advoware.beteiligte import AdvowareBeteiligter
from syncapp.remotes.espocrm.client import EspoEntity
from syncapp.remotes.http.exchange import LARGEST_NUMBER

NEITHER = "neither"  # beside the sides' names: in `decisions` of a record and `kept` of a conflict


@dataclass(frozen=True, slots=True)
class NewLink:
    """The betNr that counts from now on (None: it was taken away for another record), and who has lost it."""

    betnr: int | None
    taken_from: SyncRecord | None = None


@dataclass(frozen=True, slots=True)
class Both:
    """Both sides as they answered. `advo` None: not linked, or the betNr is another record's (`betnr_of_other`).

    link: what somebody has made of the betNr in EspoCRM, where that is not ours.
    """

    espo: EspoEntity
    advo: AdvowareBeteiligter | None = None
    link: NewLink | None = None
    betnr_of_other: str = ""


@dataclass(frozen=True, slots=True)
class EspoReading:
    """EspoCRM's record: all that a run has read that finds nothing, or no answer, on the other side."""

    espo: EspoEntity
    field_map: FieldMap
    control: Control

    @property
    def espo_values(self) -> Values:
        return self.field_map.read_espo(self.espo.attributes)

    @property
    def may_write(self) -> bool:
        names = names_for_pilot(self.espo, self.espo_values)
        return switches.writes_allowed(control=self.control, identity=self.espo.id, names=names)

    @property
    def columns(self) -> Mapping[str, Any]:
        """What pages, notices and a pilot need of EspoCRM's record; written however the run ends."""
        values = self.espo_values
        first = None if self.field_map.is_company(values) else values.get("vorname")
        return {
            "name": " ".join(part for part in (first, values.get("name")) if part)[:300],
            "assigned_user_id": self.espo.assigned_user_id or "",
            "espo_created_at": self.espo.created_at,
        }


@dataclass(frozen=True, slots=True)
class Reading(EspoReading):
    """Both sides, with the snapshot that the plan is made from."""

    advo: AdvowareBeteiligter | None
    snapshot: Snapshot

    @property
    def espo_values(self) -> Values:
        return self.snapshot.espo.values

    @property
    def advo_values(self) -> Values:
        return self.snapshot.advo.values if self.snapshot.advo else {}


def reading_of(row: SyncRecord, both: Both, *, tools: Tools, control: Control) -> Reading:
    """Everything that decides what a run would do now."""
    espo, advo, clients = both.espo, both.advo, tools.clients
    here, there = espocrm_side(espo, tools.field_map), advoware_side(advo, tools.field_map)
    names = names_for_pilot(espo, here.values)
    stored = stored_state(row)
    snapshot = Snapshot(
        espo=here,
        advo=there,
        stored=stored,
        rules=_rules(here, there, stored, tools, control),
        parts={part.name: part.read(row, espo=espo, advo=advo, clients=clients) for part in PARTS},
        may_write=switches.writes_allowed(control=control, identity=row.espo_id, names=names),
        betnr_of_other=both.betnr_of_other,
    )
    return Reading(espo, tools.field_map, control, advo, snapshot)


def names_for_pilot(espo: EspoEntity, values: Values) -> tuple[str, str]:
    """What the record is called, by which a pilot may choose it: as EspoCRM shows it, and as it is carried."""
    return str(espo.attributes.get("name") or ""), values.get("name") or ""


def is_in_pilot(espo: EspoEntity, field_map: FieldMap) -> bool:
    """Whether anything may be written for this record, by the names that EspoCRM shows now."""
    names = names_for_pilot(espo, field_map.read_espo(espo.attributes))
    return switches.in_pilot(identity=espo.id, names=names)


def espocrm_side(espo: EspoEntity, field_map: FieldMap) -> EspocrmSide:
    """EspoCRM's record as the plan wants it."""
    return EspocrmSide(
        values=field_map.read_espo(espo.attributes),
        marker=espo.marker,
        betnr=betnr_in(espo),
        betnr_is_no_number=bool(espo.attributes.get("betnr")) and betnr_in(espo) is None,
        betnr_is_hidden=is_betnr_hidden(espo),
        created_at=espo.created_at,
        modified_at=espo.modified_at,
        modified_by_id=espo.modified_by_id,
        status=str(espo.attributes.get("syncStatus") or "") or None,
        last_sync=last_sync_in_espocrm(espo),
        stamp=str(espo.attributes[LAST_SYNC] or "") if LAST_SYNC in espo.attributes else None,
        known_row_id=str(espo.attributes.get("advowareRowId") or "") or None,
    )


def betnr_in(espo: EspoEntity) -> int | None:
    """The betNr that EspoCRM shows; that it shows none is no word that there is none: see `is_betnr_hidden`."""
    value = espo.attributes.get("betnr")
    usable = isinstance(value, int) and not isinstance(value, bool) and 0 < value <= LARGEST_NUMBER
    return value if usable and isinstance(value, int) else None


def is_betnr_hidden(espo: EspoEntity) -> bool:
    """Whether EspoCRM's answer lacks the field, though the entity has it as far as anybody knows: hidden by a role."""
    if "betnr" in espo.attributes:
        return False
    fields = remote_metadata.entity_fields()
    return not fields or "betnr" in fields


def advoware_side(advo: AdvowareBeteiligter | None, field_map: FieldMap) -> AdvowareSide | None:
    """Advoware's Beteiligter as the plan wants it; None without one."""
    if advo is None:
        return None
    return AdvowareSide(advo.bet_nr, field_map.read_advo(advo.raw), advo.row_id, advo.changed_at)


def last_sync_in_espocrm(espo: EspoEntity) -> datetime | None:
    """`advowareLastSync` as EspoCRM shows it, aware UTC; None if it holds none."""
    value = espo.attributes.get(LAST_SYNC)
    try:
        return datetime.fromisoformat(str(value)).replace(tzinfo=UTC) if value else None
    except ValueError:
        return None


def stored_base(row: SyncRecord) -> Base:
    """What both sides held when they were last equal."""
    return Base(espo=row.base_espo, advo=row.base_advo, versions=row.base_versions)


def stored_state(row: SyncRecord) -> StoredState:
    """Our row, as core wants it."""
    return StoredState(
        betnr=row.betnr,
        base=stored_base(row),
        intents=tuple(Intent.from_json(item) for item in row.open_intents),
        superseded=tuple(Intent.from_json(item) for item in row.superseded),
        choices={
            name: PersonsChoice(_kept(choice), choice["espo"], choice["advo"]) for name, choice in row.decisions.items()
        },
        override=Override(row.override) if row.override else None,
        # A PATCH whose answer was lost included.
        last_sync=max((t for t in (row.last_synced_at, row.stamp_sent) if t is not None), default=None),
        espo_touched=row.espo_touched,
        forgotten=row.last_synced_at is not None and not row.base_espo and not row.base_advo,
        contacts_to_advoware=row.contacts_to_advoware,
        create_since=None if row.create_intent is None else str(row.create_intent["at"]),
        create_released=row.create_released,
        # A person who starts the record over has it sent again; within a run it counts at once.
        refused={
            name: RefusedValue(kept["value"], Fault.from_json(kept["fault"]))
            for name, kept in row.refused_values.items()
            if row.kind or (row.lease_token and kept["fence"] == row.fence)
        },
    )


def _kept(choice: Mapping[str, Any]) -> Side | Instead:
    """What a person wants to stand on both sides: one side's value, or one of their own."""
    return Instead(choice["value"]) if choice["keep"] == NEITHER else Side(choice["keep"])


def _rules(here: EspocrmSide, there: AdvowareSide | None, stored: StoredState, tools: Tools, control: Control) -> Rules:
    """The legal forms are asked for only where Advoware may be sent one."""
    wanted, clients = here.values.get("rechtsform"), tools.clients
    differs = bool(wanted) and (there is None or there.values.get("rechtsform") != wanted)
    may_be_sent = differs or "rechtsform" in stored.choices
    return Rules(
        field_map=tools.field_map,
        policy=Policy(scope=settings.SYNC_CONFLICT_SCOPE, by_group=settings.SYNC_CONFLICT_POLICY),
        own_user_id=remote_metadata.own_user_id(espocrm=clients.espocrm) if there else None,
        time_zone=settings.ADVOWARE_TIMEZONE,
        rechtsformen=remote_metadata.rechtsformen(advoware=clients.advoware) if may_be_sent else None,
        today=timezone.localdate(),
        live_since=control.live_since,
    )
