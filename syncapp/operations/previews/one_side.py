"""A record while one system is away: the other side as it is now, and of the lost one what was last known of it.

Invariant: GETs to the system that works only; nothing is compared or planned, since half of it may be old. What is last
known is marked with its time. Where the other system does not answer either, there is nothing to show beyond what is
stored. To extend: what else both sides hold is a further tuple of lines.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from syncapp.core.sides import Values
from syncapp.core.systems import System
from syncapp.entities.beteiligte.clients import configured_clients
from syncapp.entities.beteiligte.parts.kommunikation.reading import entries_of, items_of
from syncapp.entities.beteiligte.probes import remote_metadata
from syncapp.models import ContactLink, SyncRecord
from syncapp.remotes.http.errors import RemoteError
from syncapp.words import sentences


@dataclass(frozen=True, slots=True)
class SideLine:
    """One field or contact point: as the living side shows it, and as the lost one held it."""

    label: str
    espo: str | None
    advo: str | None


@dataclass(frozen=True, slots=True)
class OneSide:
    """`lost`: the system that is away; `known_at`: when it was last seen."""

    lost: System
    known_at: datetime | None
    fields: tuple[SideLine, ...]
    contacts: tuple[SideLine, ...]

    @property
    def lost_name(self) -> str:
        return sentences.SYSTEMS.get(self.lost, self.lost)


def one_side(record: SyncRecord, *, lost: Collection[str]) -> OneSide | None:
    """None where both are away, or the one that is left has nothing to show. Never raises for a remote trouble."""
    if len(set(lost)) != 1:
        return None
    system = System(next(iter(lost)))
    links = list(record.links.order_by("entry_id"))
    try:
        seen = _espocrm(record, links) if system is System.ADVOWARE else _advoware(record, links)
    except RemoteError:
        return None
    if seen is None:
        return None
    fields, contacts = seen
    return OneSide(system, record.last_check, tuple(fields), tuple(contacts))


Seen = tuple[Sequence[SideLine], Sequence[SideLine]]


def _espocrm(record: SyncRecord, links: Sequence[ContactLink]) -> Seen:
    """EspoCRM lives: its items, each with what was last entered for it in Advoware."""
    attributes = configured_clients().espocrm.get(record.espo_id).attributes
    values = remote_metadata.field_map().read_espo(attributes)
    left = list(links)
    contacts = []
    for item in items_of(attributes) or ():
        link = next((one for one in left if _base(one).get("espo") == item.value), None)
        if link is not None:
            left.remove(link)
        contacts.append(SideLine(_medium(item.medium), item.value, _base(link).get("advo")))
    contacts += [SideLine(_medium(base.get("medium")), None, base.get("advo")) for base in map(_base, left) if base]
    return list(_fields(values, record.base_advo, living=System.ESPOCRM)), contacts


def _advoware(record: SyncRecord, links: Sequence[ContactLink]) -> Seen | None:
    """Advoware lives: its entries, each with what EspoCRM last held of it."""
    if record.betnr is None:
        return None
    found = configured_clients().advoware.get(record.betnr)
    values = remote_metadata.field_map().read_advo(found.raw)
    by_entry = {link.entry_id: link for link in links}
    contacts = []
    for entry in entries_of(found.kommunikation) or ():
        base = _base(by_entry.pop(entry.id, None))
        if entry.tlf or base:
            contacts.append(SideLine(_medium(base.get("medium")), base.get("espo"), entry.tlf or None))
    left = [base for base in map(_base, by_entry.values()) if base]
    contacts += [SideLine(_medium(base.get("medium")), base.get("espo"), None) for base in left]
    return list(_fields(values, record.base_espo, living=System.ADVOWARE)), contacts


def _base(link: ContactLink | None) -> Mapping[str, Any]:
    """What both sides held of a contact point after the last sync; nothing where it is not linked."""
    return (link.base if link is not None else None) or {}


def _fields(values: Values, known: Values, *, living: System) -> Iterator[SideLine]:
    for row in remote_metadata.field_map().rows:
        now, last = (sentences.field_value(row.key, side.get(row.key)) for side in (values, known))
        espo, advo = (now, last) if living is System.ESPOCRM else (last, now)
        yield SideLine(sentences.field_label(row.key), espo, advo)


def _medium(medium: object) -> str:
    return str(sentences.LISTS.get(str(medium), _("contact point")))
