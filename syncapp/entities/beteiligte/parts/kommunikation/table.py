"""Both sides' contact points next to each other, with what is known of each and what the next run makes of it.

Purpose: the record's page. Codes and plain values, no words: those belong to whoever shows them.
Invariant: no remote call and no write; the plan is the one that a run would make of the same look.
To extend: a new thing to know of an entry is a field of ContactLine and a line in `_line`.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from django.conf import settings

from syncapp.core.kommunikation import (
    KOMM_KINDS,
    ONLY_IN_ADVOWARE,
    ContactPlan,
    Entry,
    Item,
    Line,
    Link,
    Medium,
    PostEntry,
    Report,
    ReportCode,
    markers,
)
from syncapp.core.kommunikation.kinds import Form, form_of, item_form
from syncapp.entities.beteiligte.decide import Decision
from syncapp.entities.beteiligte.parts.kommunikation.reading import contact_plan, entries_of, items_of
from syncapp.entities.beteiligte.parts.kommunikation.store import stored_links
from syncapp.entities.beteiligte.read import Snapshot
from syncapp.models import SyncRecord

NAMES = {kind.komm_kz: kind.name for kind in KOMM_KINDS}


class MarkerState(StrEnum):
    none = "none"  # no marker of ours
    right = "right"  # names the value that the entry holds
    other = "other"  # names another value: the entry was changed, or copied
    slot = "slot"  # the entry was emptied by the sync and may be filled again
    not_kept = "not_kept"  # Advoware shortened the remark: our link serves instead


class LinkState(StrEnum):
    none = "none"  # never seen by a sync
    known = "known"  # seen, but not synced: a slot, or something that stands only in Advoware
    synced = "synced"  # belongs to an item; `base` is what both sides held at the last sync
    alias = "alias"  # one more entry of an item, which follows it
    under_way = "under_way"  # a write whose answer is still to be settled


@dataclass(frozen=True, slots=True)
class ContactLine:
    """An item in EspoCRM and the entry in Advoware that belongs to it, or one of them alone.

    komm_kz, komm_name: the entry's, as the sync understands it; 0 and "" where there is none. only_in_advoware: why
    the entry is not carried to EspoCRM. planned: what the next run does, in order; empty: it stays as it is.
    """

    item: Item | None = None
    entry: Entry | None = None
    komm_kz: int = 0
    komm_name: str = ""
    marker: MarkerState = MarkerState.none
    user_text: str = ""
    link: LinkState = LinkState.none
    base_espo: str | None = None
    base_advo: str | None = None
    only_in_advoware: ReportCode | None = None
    reports: tuple[Report, ...] = ()
    planned: tuple[Line, ...] = ()


def contact_table(*, record: SyncRecord, look: Snapshot, decision: Decision | None) -> tuple[ContactLine, ...]:
    """What this look shows, line by line: items in EspoCRM's order, each with its entries, then the entries left.

    None as decision: the Beteiligter is still to be created, and there are no entries to compare with.
    """
    items = items_of(look.espo.attributes) or ()
    entries = entries_of(look.advo.kommunikation if look.advo else ()) or ()
    plan = contact_plan(record=record, look=look, decision=decision)
    links = {link.entry_id: link for link in stored_links(record)}
    return tuple(_lines(items, entries, plan, links))


def _lines(
    items: Sequence[Item], entries: Sequence[Entry], plan: ContactPlan, links: Mapping[int | None, Link]
) -> Iterator[ContactLine]:
    owners = {entry.id: _item_of(entry, links.get(entry.id), items) for entry in entries}
    by_plan = {link.entry_id: link.base.espo for link in plan.links_after if link.base}
    for item in items:
        mine = [entry for entry in entries if owners[entry.id] == item]
        if not mine:
            # No entry is spelled like it, but the plan knows one that means it, is empty, or has lost its item.
            free = (entry for entry in entries if owners[entry.id] is None)
            mine = [entry for entry in free if by_plan.get(entry.id) == item.value][:1]
            owners |= {entry.id: item for entry in mine}
        yield from [_line(item, entry, plan, links) for entry in mine] or [_item_alone(item, plan)]
    for entry in entries:
        if owners[entry.id] is None:
            yield _line(None, entry, plan, links)


def _item_of(entry: Entry, link: Link | None, items: Sequence[Item]) -> Item | None:
    """The item that the entry holds now; else the one that it held at the last sync."""
    held = (_as_item(entry.tlf), form_of(entry.tlf, settings.PHONE_REGION))
    base = link.base.form if link and link.base else None
    by_form = {_form(item): item for item in items}
    return next((by_form[form] for form in (*held, base) if form in by_form), None)


def _form(item: Item) -> Form:
    return item_form(item.medium, item.value, settings.PHONE_REGION)


def _as_item(tlf: str | None) -> Form | None:
    """The form in which EspoCRM would hold it, where it keeps extensions."""
    return form_of(tlf, settings.PHONE_REGION, extensions=True)


def _line(item: Item | None, entry: Entry, plan: ContactPlan, links: Mapping[int | None, Link]) -> ContactLine:
    link = links.get(entry.id)
    komm_kz = _komm_kz(entry, plan, link)
    reports = tuple(report for report in plan.reports if report.entry_id == entry.id)
    return ContactLine(
        item=item,
        entry=entry,
        komm_kz=komm_kz,
        komm_name=NAMES.get(komm_kz, ""),
        marker=_marker_state(entry, link),
        user_text=markers.strip(entry.bemerkung),
        link=_link_state(link),
        base_espo=link.base.espo if link and link.base else None,
        base_advo=link.base.advo if link and link.base else None,
        only_in_advoware=next((report.code for report in reports if report.code in ONLY_IN_ADVOWARE), None),
        reports=reports,
        planned=tuple(line for line in plan.describe() if line.entry_id == entry.id),
    )


def _komm_kz(entry: Entry, plan: ContactPlan, link: Link | None) -> int:
    """As the plan has settled it; where there is no plan, the link's or what the marker says."""
    settled = next((one for one in plan.links_before if one.entry_id == entry.id), link)
    found = markers.parse(entry.bemerkung).found
    return settled.komm_kz if settled else found.komm_kz if found else entry.komm_kz or 0


def _marker_state(entry: Entry, link: Link | None) -> MarkerState:
    marks, region = markers.parse(entry.bemerkung), settings.PHONE_REGION
    if marks.marker:
        same = form_of(marks.marker.value, region) == form_of(entry.tlf, region)
        return MarkerState.right if same else MarkerState.other
    if marks.slot:
        return MarkerState.slot
    return MarkerState.not_kept if link and link.refused_remark else MarkerState.none


def _link_state(link: Link | None) -> LinkState:
    if link is None:
        return LinkState.none
    if link.pending:
        return LinkState.under_way
    if link.base is None:
        return LinkState.known
    return LinkState.alias if link.alias else LinkState.synced


def _item_alone(item: Item, plan: ContactPlan) -> ContactLine:
    """An item without an entry is new, or has to go: only the lists as they will be tell."""
    return ContactLine(item=item, planned=tuple(_plan_of_item(item, plan)))


def _plan_of_item(item: Item, plan: ContactPlan) -> Iterator[Line]:
    for operation in plan.operations:
        if isinstance(operation.write, PostEntry) and _as_item(operation.write.tlf) == _form(item):
            yield Line(operation.variant, None, operation.what)
    after = plan.phones if item.medium is Medium.phone else plan.emails
    if after is not None and item.value not in {one.value for one in after}:
        removal = next((op for op in plan.operations if item in op.takes_out), None)
        if removal:
            yield Line(removal.variant, None, removal.what)
