"""A record as it is remembered, and while one system is away: the other side as it is now, beside what is remembered.

Invariant: GETs to the system that works only; nothing is compared or planned, since half of it may be old. What is last
known is marked with its time. Where the other system does not answer either, there is nothing to show beyond what is
stored. To extend: a part tells of its elements (`Part.known`, `Part.beside`).
"""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet

from syncapp.core.beteiligte.field_table import MAPPING
from syncapp.core.sides import Values
from syncapp.core.systems import SYSTEM_NAMES, System
from syncapp.entities.beteiligte.clients import configured_clients
from syncapp.entities.beteiligte.part import KnownLine
from syncapp.entities.beteiligte.parts import PARTS
from syncapp.entities.beteiligte.probes import remote_metadata
from syncapp.models import Conflict, SyncRecord
from syncapp.remotes.http.errors import RemoteError
from syncapp.words import sentences


@dataclass(frozen=True, slots=True)
class SideLine:
    """One field or element of a part: as the living side shows it, and as the lost one held it."""

    label: str
    espo: str | None
    advo: str | None


@dataclass(frozen=True, slots=True)
class OneSide:
    """`lost`: the system that is away; `known_at`: when it was last seen."""

    lost: System
    known_at: datetime | None
    lines: tuple[SideLine, ...]

    @property
    def lost_name(self) -> str:
        return SYSTEM_NAMES.get(self.lost, self.lost)


def stored_lines(record: SyncRecord, *, conflicts: Iterable[Conflict]) -> list[SideLine]:
    """Everything as both sides held it after the last sync; no system is asked. conflicts: those that are open."""
    espo, advo = _known(record, conflicts)
    rows = [row for row in MAPPING if row.key in espo or row.key in advo]
    lines = [_field(row.key, espo.get(row.key), advo.get(row.key)) for row in rows]
    return [*lines, *_elements(known_elements(record))]


def known_elements(record: SyncRecord) -> list[KnownLine]:
    """The linked elements of all parts."""
    return [line for part in PARTS for line in part.known(record)]


def one_side(record: SyncRecord, *, lost: Collection[str]) -> OneSide | None:
    """None where both are away, or the one that is left has nothing to show. Never raises for a remote trouble."""
    if len(set(lost)) != 1:
        return None
    system = System(next(iter(lost)))
    try:
        lines = _espocrm(record) if system is System.ADVOWARE else _advoware(record)
    except RemoteError:
        return None
    return None if lines is None else OneSide(system, record.last_check, tuple(lines))


def _espocrm(record: SyncRecord) -> list[SideLine]:
    """EspoCRM lives."""
    espo = configured_clients().espocrm.get(record.espo_id)
    values = remote_metadata.field_map().read_espo(espo.attributes)
    elements = _elements(line for part in PARTS for line in part.beside(record, espo=espo))
    return [*_fields(values, _known(record, open_of(record))[1]), *elements]


def _advoware(record: SyncRecord) -> list[SideLine] | None:
    """Advoware lives."""
    if record.betnr is None:
        return None
    advo = configured_clients().advoware.get(record.betnr)
    values = remote_metadata.field_map().read_advo(advo.raw)
    elements = _elements(line for part in PARTS for line in part.beside(record, advo=advo))
    return [*_fields(_known(record, open_of(record))[0], values), *elements]


def open_of(record: SyncRecord) -> QuerySet[Conflict]:
    return record.conflicts.filter(open=True)


def _known(record: SyncRecord, conflicts: Iterable[Conflict]) -> tuple[Values, Values]:
    """What each side held when it was last seen. Of a field that waits for a decision the base is no such value."""
    seen = [(one.field, one.espo, one.advo) for one in conflicts]
    espo = {field: value for field, value, _other in seen}
    advo = {field: value for field, _other, value in seen}
    return {**record.base_espo, **espo}, {**record.base_advo, **advo}


def _fields(espo: Values, advo: Values) -> Iterator[SideLine]:
    for row in remote_metadata.field_map().rows:
        yield _field(row.key, espo.get(row.key), advo.get(row.key))


def _field(key: str, espo: str | None, advo: str | None) -> SideLine:
    return SideLine(sentences.field_label(key), sentences.field_value(key, espo), sentences.field_value(key, advo))


def _elements(lines: Iterable[KnownLine]) -> Iterator[SideLine]:
    return (SideLine(sentences.line_label(line.what), line.espocrm, line.advoware) for line in lines)
