"""Contact points as they are remembered: for pages that ask no system, or the one that is left.

Invariant: from the link rows and from what the living side shows; nothing is compared or planned, since half of it may
be old. To extend: what else a link remembers is a field of KnownLine.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from django.db.models import Prefetch, prefetch_related_objects

from syncapp.core.kommunikation.kinds import Medium
from syncapp.core.kommunikation.shapes import Entry, Item
from syncapp.entities.beteiligte.part import HandTask, KnownLine
from syncapp.entities.beteiligte.parts.kommunikation.reading import kinds
from syncapp.models import ContactLink, SyncRecord

NAME = "kommunikation"
TYPE_CORRECTED = "type_corrected"


def known_lines(row: SyncRecord) -> tuple[KnownLine, ...]:
    """Each linked contact point."""
    bases = ((link, _base(link)) for link in _links(row))
    return tuple(_known(link, base.get("espo"), base.get("advo")) for link, base in bases if base)


def beside_items(row: SyncRecord, items: tuple[Item, ...]) -> Iterator[KnownLine]:
    """EspoCRM lives: its items, each with what was last entered for it in Advoware."""
    left = _links(row)
    for item in items:
        link = next((one for one in left if _base(one).get("espo") == item.value), None)
        if link is not None:
            left.remove(link)
        yield KnownLine(item.medium, item.value, _base(link).get("advo"))
    yield from (_known(link, None, _base(link).get("advo")) for link in left if _base(link))


def beside_entries(row: SyncRecord, entries: tuple[Entry, ...]) -> Iterator[KnownLine]:
    """Advoware lives: its entries, each with what EspoCRM last held of it."""
    by_entry = {link.entry_id: link for link in _links(row)}
    for entry in entries:
        link = by_entry.pop(entry.id, None)
        if entry.tlf or _base(link):
            yield _known(link, _base(link).get("espo"), entry.tlf or None)
    yield from (_known(link, _base(link).get("espo"), None) for link in by_entry.values() if _base(link))


def open_type_changes(row: SyncRecord) -> Iterator[HandTask]:
    """Advoware does not let programs change a type: a person does it, and says so."""
    for link in _links(row):
        if link.type_change_told and link.entry_id is not None:
            params = {"type": link.type_change_told, "kind": str(link.komm_kz)}
            yield HandTask(NAME, TYPE_CORRECTED, link.entry_id, params, _base(link).get("espo"))


def type_corrected(row: SyncRecord, entry_id: int) -> int | None:
    """The kommKz that the entry has by now, for the next run to put into the marker; None: nobody changed its type."""
    link = ContactLink.objects.filter(record=row, entry_id=entry_id).exclude(type_change_told="").first()
    if link is None:
        return None
    komm_kz = kinds().new_komm_kz(Medium.phone, link.type_change_told)
    ContactLink.objects.filter(pk=link.pk).update(komm_kz=komm_kz, type_change_told="")
    return komm_kz


def _links(row: SyncRecord) -> list[ContactLink]:
    """Read once for each row that a page holds."""
    prefetch_related_objects([row], Prefetch("links", ContactLink.objects.order_by("entry_id")))
    return list(row.links.all())


def _known(link: ContactLink | None, espocrm: str | None, advoware: str | None) -> KnownLine:
    if link is None:
        return KnownLine("", espocrm, advoware)
    entry = "" if link.entry_id is None else str(link.entry_id)
    return KnownLine(
        _base(link).get("medium") or "", espocrm, advoware, entry, link.item_type, f"kommKz {link.komm_kz}"
    )


def _base(link: ContactLink | None) -> Mapping[str, Any]:
    """What both sides held of a contact point after the last sync; nothing where it is not linked."""
    return (link.base if link is not None else None) or {}
