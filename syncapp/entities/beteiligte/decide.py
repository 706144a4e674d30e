"""From a look to a decision: settle lost answers, judge what changed, validate what is about to be written.

Invariant: nothing here writes or calls a remote system (the legal forms are a kept fact); the same decision serves the
real run, the shadow, the preview and the dry run.
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from django.conf import settings

from syncapp.core.beteiligte.field_table import FieldMap, Side, Values
from syncapp.core.beteiligte.no_base import NOTHING_KNOWN, base_is_stale, no_base_signals
from syncapp.core.intents import Intent, Settled, settle
from syncapp.core.requests import Override
from syncapp.core.three_way_merge import Base, Comparison, NoBase, Policy, compare
from syncapp.entities.beteiligte.read import Snapshot
from syncapp.models import SyncRecord


@dataclass(frozen=True, slots=True)
class Decision:
    """What is to be done about the master data. `intents` are those that still wait for a proof."""

    comparison: Comparison
    base: Base
    intents: tuple[Intent, ...]
    late: frozenset[str] = frozenset()
    decided: frozenset[str] = frozenset()
    stale_base: bool = False
    espo_touched: bool = True
    arrived: tuple[str, ...] = field(default=())


def stored_base(record: SyncRecord) -> Base:
    return Base(espo=record.base_espo, advo=record.base_advo, versions=record.base_versions)


def base_columns(base: Base) -> dict[str, Any]:
    """The columns of the record that hold a base."""
    return {"base_espo": dict(base.espo), "base_advo": dict(base.advo), "base_versions": dict(base.versions)}


def policy_of(record: SyncRecord) -> Policy:
    """The conflict policy in force for a record: the settings, and what somebody ordered for this one run."""
    return Policy(
        scope=settings.SYNC_CONFLICT_SCOPE,
        by_group=settings.SYNC_CONFLICT_POLICY,
        override=Override(record.override) if record.override else None,
    )


def espo_marker(look: Snapshot) -> str | None:
    """What moves in EspoCRM with every write: the version, else the time of change."""
    if look.espo.version is not None:
        return str(look.espo.version)
    return None if look.espo.modified_at is None else look.espo.modified_at.isoformat()


def decide(*, record: SyncRecord, look: Snapshot, field_map: FieldMap, own_user_id: str) -> Decision:
    """Settle, then compare. Reads the record, changes nothing."""
    stale = base_is_stale(espo_last_sync=last_sync_in_espocrm(look), our_last_sync=our_last_sync(record))
    base = Base(espo={}, advo={}, versions={}) if stale else stored_base(record)
    advo, espo = _settle(record, look, base, field_map, stale=stale)
    late = dict.fromkeys(advo.late, Side.advoware) | dict.fromkeys(espo.late, Side.espocrm)
    decided = valid_decisions(record, look)
    no_base = signals(record, look, own_user_id)
    comparison = compare(
        espo=look.espo_values,
        advo=look.advo_values,
        base=espo.base,
        fieldmap=field_map,
        policy=policy_of(record),
        no_base=no_base,
        forced_conflicts=advo.conflicts | espo.conflicts,
        set_back=advo.set_back,
        late=late,
        decided=decided,
    )
    return Decision(
        comparison=comparison,
        base=espo.base,
        intents=(*advo.open, *espo.open),
        late=frozenset(late),
        decided=frozenset(decided),
        stale_base=stale,
        espo_touched=no_base.espo_touched,
        arrived=(*advo.arrived, *espo.arrived),
    )


def _settle(
    record: SyncRecord, look: Snapshot, base: Base, field_map: FieldMap, *, stale: bool
) -> tuple[Settled, Settled]:
    """Advoware's and EspoCRM's lost answers; what an older copy of our database remembers of them proves nothing."""
    intents = [] if stale else [Intent.from_json(item) for item in record.open_intents]
    superseded = [] if stale else [Intent.from_json(item) for item in record.superseded]

    def settled(side: Side, values: Values, marker: str | None, base: Base) -> Settled:
        return settle(
            side=side,
            intents=intents,
            superseded=superseded,
            values=values,
            marker_now=marker,
            base=base,
            versions=field_map.versions,
        )

    advo = settled(Side.advoware, look.advo_values, look.advo.row_id if look.advo else None, base)
    return advo, settled(Side.espocrm, look.espo_values, espo_marker(look), advo.base)


def our_last_sync(record: SyncRecord) -> datetime | None:
    """The latest sync that we know of, a PATCH whose answer was lost included."""
    return max((t for t in (record.last_synced_at, record.stamp_sent) if t is not None), default=None)


def last_sync_in_espocrm(look: Snapshot) -> datetime | None:
    """`advowareLastSync` as EspoCRM shows it, aware UTC; None if it holds none."""
    value = look.espo.attributes.get("advowareLastSync")
    try:
        return datetime.fromisoformat(str(value)).replace(tzinfo=UTC) if value else None
    except ValueError:
        return None


def signals(record: SyncRecord, look: Snapshot, own_user_id: str) -> NoBase:
    """Which side moved since the last sync, for fields without a base.

    EspoCRM's stamps of a record that was tied to another Beteiligter since speak of the one that it left.
    """
    relinked = record.last_synced_at is not None and not record.base_espo and not record.base_advo
    if relinked:
        return NOTHING_KNOWN
    return no_base_signals(
        modified_by_id=look.espo.modified_by_id,
        own_user_id=own_user_id,
        modified_at=look.espo.modified_at,
        last_sync=last_sync_in_espocrm(look),
        row_id=look.advo.row_id if look.advo else None,
        known_row_id=str(look.espo.attributes.get("advowareRowId") or "") or None,
        changed_at=look.advo.changed_at if look.advo else None,
        time_zone=settings.ADVOWARE_TIMEZONE,
    )


def valid_decisions(record: SyncRecord, look: Snapshot) -> dict[str, Side]:
    """Decisions of a person that hold: only for the very values that were shown."""
    return {
        name: Side(choice["keep"])
        for name, choice in record.decisions.items()
        if choice["espo"] == look.espo_values.get(name) and choice["advo"] == look.advo_values.get(name)
    }
